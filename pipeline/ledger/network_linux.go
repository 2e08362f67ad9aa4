package ledger

import (
	"bufio"
	"os"
	"strings"
	"syscall"
)

// magics are the numbers of file systems by which statfs(2) tells them; those of FUSE are looked up by name.
func magics() map[uint32]string {
	return map[uint32]string{0x6969: "nfs", 0xff534d42: "cifs", 0xfe534d42: "smb3", 0x517b: "smbfs", 0x564c: "ncpfs",
		0x5346414f: "afs", 0x6b414653: "afs",
		0x00c36400: "ceph", 0x0bd00bd0: "lustre", 0x01021997: "9p", 0x73757245: "coda", 0xaad7aaea: "panfs",
		0x19830326: "beegfs", 0x786f4256: "vboxsf", 0xbacbacbc: "vmhgfs"}
}

const magicFUSE = 0x65735546

// onNetwork is the file system of a directory where it is another machine's, else "". A directory about which nothing
// can be found out is this machine's.
func onNetwork(dir string) string {
	var about syscall.Statfs_t
	if syscall.Statfs(dir, &about) != nil {
		return ""
	}
	kind := magics()[uint32(about.Type)]
	if uint32(about.Type) == magicFUSE {
		kind = mounted(dir)
	}
	if networked(kind) {
		return kind
	}
	return ""
}

// mounted is what the kernel calls the file system on which a directory is: proc(5), mountinfo.
func mounted(dir string) (kind string) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	defer file.Close()
	longest := -1
	for lines := bufio.NewScanner(file); lines.Scan(); {
		head, tail, parted := strings.Cut(lines.Text(), " - ")
		fields, kinds := strings.Fields(head), strings.Fields(tail)
		if !parted || len(fields) < 5 || len(kinds) == 0 {
			continue
		}
		point := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(fields[4])
		if (dir == point || strings.HasPrefix(dir, strings.TrimSuffix(point, "/")+"/")) && len(point) >= longest {
			longest, kind = len(point), kinds[0] // the later of two at one place is on top
		}
	}
	return kind
}
