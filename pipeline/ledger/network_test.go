package ledger

import "testing"

// Disks of other machines are told from those of this one.
func TestNetworkDisks(t *testing.T) {
	for kind, want := range map[string]bool{"nfs": true, "nfs4": true, "cifs": true, "smb3": true, "9p": true,
		"ceph": true, "fuse.sshfs": true, "fuse.s3fs": true,
		"fuse.rclone": true, "fuse.gcsfuse": true, "fuse.juicefs": true, "fuse.davfs2": true,
		"": false, "ext4": false, "xfs": false, "btrfs": false, "tmpfs": false, "overlay": false, "fuseblk": false,
		"virtiofs": false, "fuse.mergerfs": false,
		"fuse.gocryptfs": false, "fuse.fuse-overlayfs": false} {
		if networked(kind) != want {
			t.Errorf("%q: %v", kind, !want)
		}
	}
	if disk := onNetwork(t.TempDir()); disk != "" {
		t.Errorf("this machine's own disk is %q", disk)
	}
}
