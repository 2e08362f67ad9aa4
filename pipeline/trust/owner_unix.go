//go:build unix

package trust

import (
	"io/fs"
	"os"
	"syscall"
)

// NoFollow has a link refused that stands where a file is opened. nonblock keeps a pipe from holding up whoever opens
// it.
const (
	NoFollow = syscall.O_NOFOLLOW
	nonblock = syscall.O_NONBLOCK
)

func ownerOf(info fs.FileInfo) (uid, gid int, known bool) {
	stat, is := info.Sys().(*syscall.Stat_t)
	if !is {
		return 0, 0, false
	}
	return int(stat.Uid), int(stat.Gid), true
}

// isLink says whether opening failed for a link that stands there.
func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}
