package trust

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Open opens a file of muster's own, such as one in the state directory, as os.OpenFile does, but never by way of a
// link that stands in its place: what is written there would land where the link leads. The error is then a *Stranger.
func Open(path string, flag int, mode os.FileMode) (*os.File, error) {
	if NoFollow == 0 && isLink(path) {
		return nil, linked(path)
	}
	file, err := os.OpenFile(path, flag|NoFollow, mode)
	if err != nil && isLink(path) {
		return nil, linked(path)
	}
	return file, err
}

// Create opens a file of muster's own to be written and read, emptied and of mode 0600, by no link.
func Create(path string) (*os.File, error) {
	file, err := Open(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	if err := file.Chmod(0o600); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func linked(path string) error {
	return &Stranger{path, "is a link, and muster makes none: what is written there would land elsewhere",
		"see where it leads (ls -l), then remove it: rm"}
}

// Unlinked says why a place must not be written to: a *Stranger where a link stands there. Databases open their files
// themselves, so they are asked before.
func Unlinked(paths ...string) error {
	for _, path := range paths {
		if isLink(path) {
			return linked(path)
		}
	}
	return nil
}

// MkdirAll makes a directory of muster's own, mode 0700, and those above it, unless a link stands in its place.
func MkdirAll(path string) error {
	if err := Unlinked(path); err != nil {
		return err
	}
	return os.MkdirAll(path, 0o700)
}

// ErrTooLong: a file has more bytes than it may.
var ErrTooLong = errors.New("it is longer than such a file can be")

// Read reads a regular file of at most most bytes. A pipe or a device is refused: it may never end.
func Read(path string, most int64) ([]byte, error) {
	file, err := OpenAny(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return ReadOpen(file, most)
}

// OpenAny opens what somebody named, to be read, links followed. It does not wait for whoever writes to a pipe.
func OpenAny(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDONLY|nonblock, 0) }

// textLimit bounds a file of rules that people write; a mapping may have 1 MB, and says so itself.
const textLimit = 4 << 20

// textPatience is how long whoever writes to a pipe may take for such a file.
const textPatience = 30 * time.Second

// ReadText reads a file of rules that somebody named or that lies beside an input, such as a mapping. It may be a pipe,
// as <(…) is, that brings it soon. A device is refused: it may never end.
func ReadText(path string) ([]byte, error) {
	file, err := OpenAny(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode()&os.ModeNamedPipe == 0 {
		return ReadOpen(file, textLimit)
	}
	if err := file.SetReadDeadline(time.Now().Add(textPatience)); err != nil {
		return nil, err
	}
	return atMost(file, textLimit)
}

// ReadOpen is Read for a file that is open.
func ReadOpen(file *os.File, most int64) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &os.PathError{Op: "read", Path: file.Name(),
			Err: errors.New("it is no file but a pipe, a device or a directory")}
	}
	return atMost(file, most)
}

func atMost(file *os.File, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(text)) > most {
		err = &os.PathError{Op: "read", Path: file.Name(), Err: ErrTooLong}
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}

// WriteWhole writes a file of mode 0600 in one step: afterwards it is all there, or not at all. A link that stands in
// its place is replaced, never followed.
func WriteWhole(path string, text []byte) error {
	return Replace(path, 0o600, func(file *os.File) error {
		_, err := file.Write(text)
		return err
	})
}

// Replace is WriteWhole for what is written bit by bit, and for another mode. When write fails, what stood there stays
// as it was.
func Replace(path string, mode os.FileMode, write func(*os.File) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // CreateTemp's mode is 0600
	if err != nil {
		return err
	}
	err = write(file)
	if err == nil && mode != 0o600 {
		err = file.Chmod(mode)
	}
	if err == nil {
		err = file.Sync() // before the rename, or a crash could leave an empty file under the final name
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// Below says whether a path leads to a regular file below a directory, links followed.
func Below(directory, path string) error {
	whole, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	if directory, err = filepath.EvalSymlinks(directory); err != nil {
		return err
	}
	if directory, err = filepath.Abs(directory); err != nil {
		return err
	}
	if whole, err = filepath.Abs(whole); err != nil {
		return err
	}
	inside, err := filepath.Rel(directory, whole)
	if err != nil || !filepath.IsLocal(inside) {
		return fmt.Errorf("%s is not below %s", path, directory)
	}
	info, err := os.Stat(whole)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", path)
	}
	return err
}
