package trust

import (
	"fmt"
	"io/fs"
	"os"
)

// A Stranger is why a file or directory is not believed: somebody else owns it, or may change it.
type Stranger struct {
	Path string
	Says string
	Fix  string // the command that mends it, or what to do
}

func (s *Stranger) Error() string { return s.Path + " " + s.Says }

// others is the bit by which everybody may write, group that by which a group may.
const (
	others fs.FileMode = 0o002
	group  fs.FileMode = 0o020
)

// judge says why nobody should believe what is there, nil where nobody else can have written it. A group that is its
// owner's own, as many systems give every user, is no stranger.
func judge(path string, info fs.FileInfo) error {
	uid, gid, known := ownerOf(info)
	if !known {
		return nil
	}
	me := os.Geteuid()
	switch mode := info.Mode(); {
	case uid != me && uid != 0:
		return &Stranger{path, fmt.Sprintf("belongs to another user (id %d)", uid), `work as that user, or make it yours: sudo chown "$(id -un)"`}
	case mode&others != 0:
		return &Stranger{path, "may be written to by everybody", "chmod go-w"}
	case mode&group != 0 && gid != uid && gid != 0:
		return &Stranger{path, fmt.Sprintf("may be written to by a group (id %d)", gid), "chmod g-w"}
	}
	return nil
}

// Readable says whether others than its owner may read an open file.
func Readable(file *os.File) bool {
	info, err := file.Stat()
	if err != nil {
		return false
	}
	uid, gid, known := ownerOf(info)
	return known && (info.Mode()&0o004 != 0 || info.Mode()&0o040 != 0 && gid != uid && gid != 0)
}

// Owned says why an open file is not believed: a *Stranger, or what the system said. nil: it is the user's own, or the system's.
func Owned(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return judge(file.Name(), info)
}

// Folder says why a file in a folder may be replaced by somebody else: a *Stranger. Where the folder is sticky, as /tmp
// is, each may replace only what is their own.
func Folder(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode()&fs.ModeSticky != 0 {
		return err
	}
	return judge(path, info)
}

// Directory says why muster must not keep anything in a directory: a *Stranger where others own it or may write to it.
// One that is not there is nobody's yet.
func Directory(path string) error {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return nil // whoever opens it says what is wrong
	}
	return judge(path, info)
}
