package trust

import (
	"errors"
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
		return &Stranger{path, fmt.Sprintf("belongs to another user (id %d)", uid),
			`work as that user, or make it yours: sudo chown "$(id -un)"`}
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

// Owned says why an open file is not believed: a *Stranger where somebody else owns it or its folder, or may write to
// either, or what the system said. Where the folder is sticky, as /tmp is, each may replace only what is their own.
func Owned(file *os.File, folder string) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	above, err := os.Stat(folder)
	if err != nil {
		return err
	}
	if err = judge(file.Name(), info); err == nil && above.Mode()&fs.ModeSticky == 0 {
		err = judge(folder, above)
	}
	if err != nil && modeless(folder) {
		return nil
	}
	return err
}

// State makes a directory of muster's own, mode 0700, where it is not there. Where it is, others must neither own it
// nor may write to it, else the error is a *Stranger: what they lay there would be believed, and a link of theirs
// followed.
func State(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err = judge(path, info); err != nil && info.Mode()&(others|group) != 0 && modeless(path) {
		return nil
	}
	return err
}

// modeless says whether a file system keeps no modes, as those of Windows do on Linux: all files there look as if
// everybody may write to them, and no command changes that.
func modeless(directory string) bool {
	probe, err := os.CreateTemp(directory, ".probe-*") // CreateTemp's mode is 0600
	if err != nil {
		return false
	}
	info, err := probe.Stat()
	return errors.Join(err, probe.Close(), os.Remove(probe.Name())) == nil && info.Mode()&(others|group) != 0
}
