package ledger

import (
	"fmt"
	"strings"
)

// NetworkError says that a state directory is on a disk that other machines have, too. A lock there holds nobody else
// back for sure, and what SQLite shares between processes in memory is not shared: a ledger would come to harm in
// silence (https://www.sqlite.org/useovernet.html). Nothing was begun.
type NetworkError struct {
	Dir  string
	Disk string // nfs4, cifs, fuse.sshfs …
}

// Error says which directory, and why it cannot hold a ledger.
func (e *NetworkError) Error() string {
	return fmt.Sprintf("%s is on a network disk (%s), where locks do not hold: a ledger there would be damaged", e.Dir,
		e.Disk)
}

// networked are the names of file systems that are another machine's, as /proc/self/mountinfo has them.
func networked(kind string) bool {
	switch kind {
	case "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "lustre", "9p", "coda", "glusterfs", "beegfs",
		"panfs", "davfs", "prl_fs", "vboxsf", "vmhgfs":
		return true
	}
	below, fuse := strings.CutPrefix(kind, "fuse.")
	return fuse && !local(below)
}

// local says of a file system in user space that it only shows in another way what is on this machine.
func local(kind string) bool {
	switch kind {
	case "ntfs-3g", "exfat", "ext2", "fuse2fs", "apfs-fuse", "zfs", "mergerfs", "bindfs", "unionfs", "unionfs-fuse",
		"fuse-overlayfs", "overlayfs", "lxcfs",
		"encfs", "gocryptfs", "cryfs", "securefs", "veracrypt", "grpcfuse", "osxfs", "virtiofs", "portal", "squashfuse":
		return true
	}
	return false
}
