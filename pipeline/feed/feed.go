package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muster/pipeline/project"
)

// Entry is a file as its place describes it. Two equal entries that say a time or an ETag are the same file.
type Entry struct {
	Name     string    `json:"name"` // without its folder
	Size     int64     `json:"size"` // -1: not known
	Modified time.Time `json:"modified,omitzero"`
	Tag      string    `json:"tag,omitempty"` // ETag
}

// File is a file to read.
type File struct {
	Entry
	Path string
}

// Fetcher takes files from their places.
type Fetcher struct {
	Folder func(name string) string // from where local names are meant
	Into   string                   // folder for what is fetched; made when needed
	Secret func(ctx context.Context, s project.Secret) (string, error)
	HTTP   *http.Client
	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) error
	Hidden []string          // variables of the environment that commands are not given
	Moved  func(host string) // hears of each host that an address leads to and that nobody named; nil: nobody does
}

// Fault says what kind of failure an error is.
type Fault int

// The faults.
const (
	Absent      Fault = iota + 1 // no file fits
	Unreachable                  // the place does not answer, or breaks off
	Denied                       // it does not let us in
	Unstable                     // somebody keeps writing to the file
	Failed                       // the command failed
)

// Error is why a file could not be taken.
type Error struct {
	Fault Fault
	Err   error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap is Err.
func (e *Error) Unwrap() error { return e.Err }

func fault(f Fault, format string, args ...any) error {
	return &Error{f, fmt.Errorf(format, args...)}
}

// place is where files are.
type place interface {
	// list is the files that fit the source's pattern, in no order.
	list(ctx context.Context) ([]Entry, error)
	// fetch writes one of them to w. It returns the entry as the answer described it, and errSame where it is last.
	fetch(ctx context.Context, e, last Entry, w io.Writer) (Entry, error)
	close()
}

// errSame: the file is the one that was taken last.
var errSame = errors.New("the same file as last time")

// Take takes the newest file that fits a source, or all that do, oldest first, and tells whether they are the ones that
// were taken last: then files is empty. The error is an *Error, or that of ctx, or a secret's.
func (f *Fetcher) Take(ctx context.Context, s *project.Source, last []Entry) (files []File, same bool, err error) {
	at, err := f.place(ctx, s)
	if err != nil {
		return nil, false, err
	}
	defer at.close()
	entries, err := f.settled(ctx, at, s)
	if err != nil {
		return nil, false, err
	}
	local, isLocal := at.(*folder)
	if !isLocal && len(last) > 0 && slices.EqualFunc(entries, last, sameEntry) {
		return nil, true, nil
	}
	for i, e := range entries {
		if isLocal {
			files = append(files, File{e, local.path(e.Name)})
			continue
		}
		var before Entry
		if len(entries) == len(last) {
			before = last[i]
		}
		file, err := f.fetch(ctx, at, e, before)
		if errors.Is(err, errSame) {
			return nil, true, nil
		}
		if err != nil {
			return nil, false, err
		}
		files = append(files, file)
	}
	return files, false, nil
}

// sameEntry says whether two entries are surely the same file.
func sameEntry(a, b Entry) bool {
	return a.Name == b.Name && a.Size == b.Size && a.Tag == b.Tag && a.Modified.Equal(b.Modified) && (a.Tag != "" || !a.Modified.IsZero())
}

// place opens the place of a source.
func (f *Fetcher) place(ctx context.Context, s *project.Source) (place, error) {
	scheme, _, remote := strings.Cut(s.From, "://")
	switch {
	case len(s.Command) > 0:
		return &command{words: s.Command, into: f.Into, dir: f.Folder("."), hidden: f.Hidden}, nil
	case !remote:
		return &folder{pattern: f.Folder(s.From)}, nil
	case scheme == "http" || scheme == "https":
		return f.web(ctx, s)
	case scheme == "sftp":
		return f.sftp(ctx, s)
	case scheme == "az":
		return f.blobs(ctx, s)
	default:
		return f.store(ctx, s)
	}
}

// looks is how often a file that keeps changing is looked at before it is given up.
const looks = 30

// settled is the files to take, once nobody has written to them for as long as the source asks.
func (f *Fetcher) settled(ctx context.Context, at place, s *project.Source) ([]Entry, error) {
	var before []Entry
	for range looks {
		found, err := f.listed(ctx, at)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fault(Absent, "no file fits %s", Shown(s.From))
		}
		slices.SortFunc(found, func(a, b Entry) int { return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.Name, b.Name)) })
		if !s.All {
			found = found[len(found)-1:]
		}
		youngest := found[len(found)-1].Modified
		age := f.Now().Sub(youngest)
		if youngest.IsZero() || age >= s.Stable || slices.Equal(found, before) {
			return found, nil
		}
		before = found
		// A clock that is behind the place's gives a negative age: then looking twice must do.
		if err := f.Sleep(ctx, min(s.Stable, max(s.Stable-age, time.Second))); err != nil {
			return nil, err
		}
	}
	return nil, fault(Unstable, "%s is still being written to", before[len(before)-1].Name)
}

// tries is how often a place that does not answer is asked.
const tries = 3

// listed lists a place, more than once where it does not answer.
func (f *Fetcher) listed(ctx context.Context, at place) (found []Entry, err error) {
	err = f.again(ctx, func() error {
		found, err = at.list(ctx)
		return err
	})
	return found, err
}

// again does what a place may fail at up to three times, a few seconds apart.
func (f *Fetcher) again(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		var why *Error
		if err == nil || try == tries || !errors.As(err, &why) || why.Fault != Unreachable {
			return err
		}
		if stopped := f.Sleep(ctx, time.Duration(try*try)*5*time.Second); stopped != nil {
			return stopped
		}
	}
}

// fetch brings one file: it is there whole, or not at all.
func (f *Fetcher) fetch(ctx context.Context, at place, e, last Entry) (File, error) {
	if err := os.MkdirAll(f.Into, 0o700); err != nil {
		return File{}, fmt.Errorf("make the folder for fetched files: %w", err)
	}
	part, err := os.CreateTemp(f.Into, ".part-*") // CreateTemp's mode is 0600
	if err != nil {
		return File{}, fmt.Errorf("fetch %s: %w", e.Name, err)
	}
	defer os.Remove(part.Name())
	defer part.Close()
	var got Entry
	err = f.again(ctx, func() error {
		if _, err := part.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := part.Truncate(0); err != nil {
			return err
		}
		got, err = at.fetch(ctx, e, last, part)
		return err
	})
	if err == nil {
		err = part.Sync()
	}
	if err != nil {
		return File{}, err
	}
	into := filepath.Join(f.Into, tame(got.Name))
	if err := os.Rename(part.Name(), into); err != nil {
		return File{}, fmt.Errorf("fetch %s: %w", e.Name, err)
	}
	return File{got, into}, nil
}

// tame is a name from elsewhere as one of a file here.
func tame(name string) string {
	name = strings.Map(func(c rune) rune {
		if c < ' ' || strings.ContainsRune(`/\:*?"<>|`, c) {
			return '_'
		}
		return c
	}, path.Base(name))
	if name = strings.TrimLeft(name, "."); name == "" {
		return "feed"
	}
	return name
}

// Shown is a source without what may be a secret in it: the query of an address, and who asks.
func Shown(from string) string {
	scheme, rest, remote := strings.Cut(from, "://")
	if !remote {
		return from
	}
	rest, _, _ = strings.Cut(rest, "?")
	host, below, _ := strings.Cut(rest, "/")
	return scheme + "://" + host[strings.LastIndex(host, "@")+1:] + "/" + below
}

// Sweep removes what was fetched before and is not among the files that are kept.
func Sweep(into string, keep []string) error {
	entries, err := os.ReadDir(into)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if path := filepath.Join(into, e.Name()); !slices.Contains(keep, path) {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}
