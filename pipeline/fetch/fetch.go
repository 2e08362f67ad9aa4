package fetch

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

	"muster/pipeline/config"
	"muster/pipeline/parallel"
	"muster/pipeline/trust"
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
	Secret func(ctx context.Context, s config.Secret) (string, error)
	HTTP   *http.Client
	Idle   time.Duration // how long a place may bring next to nothing; 0: a minute
	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) error
	Hidden []string // variables of the environment that commands are not given
	// Landed says which files have landed, of a feed of changes, all of whose other files are fetched; nil: it is none.
	Landed func(e Entry) bool
	// Waits hears what is waited for, from two seconds on, and for how long at most; nil: nobody does.
	Waits func(what string, most time.Duration)
	Moved func(host string) // hears of each host that an address leads to and that nobody named; nil: nobody does
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

// Fetched is what was fetched and has not been put in its place, so that what was fetched before is still there. A file
// that is local is in its place already.
type Fetched struct {
	Listed []Entry // every file that fits, in the source's order

	into  string
	local bool
	files []File
}

// Remote says whether the files of a source must be fetched.
func Remote(s *config.Source) bool { return len(s.Command) > 0 || strings.Contains(s.From, "://") }

// Fetch brings the newest file that fits a source, or all that do, oldest first, and tells whether they are the ones
// that were taken last, or of a feed of changes whether all have landed: then there is nothing to place. The error is
// an *Error, or that of ctx, or a secret's.
func (f *Fetcher) Fetch(ctx context.Context, s *config.Source, last []Entry) (got *Fetched, same bool, err error) {
	if f.Idle == 0 {
		f.Idle = idle
	}
	at, err := f.place(ctx, s)
	if err != nil {
		return nil, false, err
	}
	defer at.close()
	listed, entries, err := f.settled(ctx, at, s)
	if err != nil {
		return nil, false, err
	}
	local, isLocal := at.(*folder)
	got = &Fetched{Listed: listed, into: f.Into, local: isLocal}
	if len(entries) == 0 || !isLocal && len(last) > 0 && slices.EqualFunc(entries, last, sameEntry) {
		return got, true, nil
	}
	for i, e := range entries {
		if isLocal {
			got.files = append(got.files, File{e, local.path(e.Name)})
			continue
		}
		var before Entry
		if len(entries) == len(last) {
			before = last[i]
		}
		file, err := f.fetch(ctx, at, s, e, before)
		if err != nil {
			got.Drop()
			if errors.Is(err, errSame) {
				return &Fetched{Listed: listed, local: isLocal}, true, nil
			}
			return nil, false, err
		}
		got.files = append(got.files, file)
	}
	return got, false, nil
}

// Place puts what was fetched in its place, over what has the same name there. Whoever reads that must have been kept
// out.
func (g *Fetched) Place() (files []File, err error) {
	for _, file := range g.files {
		if !g.local {
			into := filepath.Join(g.into, tame(file.Name))
			if err := os.Rename(file.Path, into); err != nil {
				return nil, fmt.Errorf("fetch %s: %w", file.Name, err)
			}
			file.Path = into
		}
		files = append(files, file)
	}
	return files, nil
}

// Drop removes what was fetched and not placed.
func (g *Fetched) Drop() {
	if g == nil || g.local {
		return
	}
	for _, file := range g.files {
		os.Remove(file.Path) // it may stand in its place by now
	}
}

// sameEntry says whether two entries are surely the same file.
func sameEntry(a, b Entry) bool {
	return a.Name == b.Name && a.Size == b.Size && a.Tag == b.Tag && a.Modified.Equal(b.Modified) &&
		(a.Tag != "" || !a.Modified.IsZero())
}

// place opens the place of a source.
func (f *Fetcher) place(ctx context.Context, s *config.Source) (place, error) {
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

// settled is every file that fits, and those to take, once nobody has written to these for as long as the source asks.
func (f *Fetcher) settled(ctx context.Context, at place, s *config.Source) (listed, chosen []Entry, err error) {
	var before []Entry
	for range looks {
		if listed, err = f.listed(ctx, at); err != nil {
			return nil, nil, err
		}
		if len(listed) == 0 {
			return nil, nil, fault(Absent, "no file fits %s", Shown(s.From))
		}
		chosen = f.choose(listed, s)
		youngest := newest(chosen)
		age := f.Now().Sub(youngest)
		if youngest.IsZero() || age >= s.Stable || slices.Equal(chosen, before) {
			return listed, chosen, nil
		}
		before = chosen
		// A clock that is behind the place's gives a negative age: then looking twice must do.
		f.waits("files that may still be written to", looks*s.Stable)
		if err := f.Sleep(ctx, min(s.Stable, max(s.Stable-age, time.Second))); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, fault(Unstable, "%s is still being written to", before[len(before)-1].Name)
}

// choose puts what is listed in the source's order and says which of them are to be taken.
func (f *Fetcher) choose(listed []Entry, s *config.Source) []Entry {
	slices.SortFunc(listed, func(a, b Entry) int {
		if s.ByName {
			return cmp.Compare(a.Name, b.Name)
		}
		return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.Name, b.Name))
	})
	switch {
	case f.Landed != nil:
		return slices.DeleteFunc(slices.Clone(listed), f.Landed)
	case s.All:
		return listed
	default:
		return listed[len(listed)-1:]
	}
}

// newest is when the youngest of them was changed.
func newest(entries []Entry) (at time.Time) {
	for _, e := range entries {
		if e.Modified.After(at) {
			at = e.Modified
		}
	}
	return at
}

// tries is how often a place that does not answer is asked.
const tries = 3

// listed lists a place, more than once where it does not answer.
func (f *Fetcher) listed(ctx context.Context, at place) (found []Entry, err error) {
	err = f.again(ctx, func() error {
		found, err = f.look(ctx, at)
		return err
	})
	return found, err
}

// again does what a place may fail at up to three times, a few seconds apart.
func (f *Fetcher) again(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		stop := parallel.Overdue(told, func() { f.waits("the place where the job's files are", 0) })
		err := do()
		stop()
		var why *Error
		if err == nil || try == tries || !errors.As(err, &why) || why.Fault != Unreachable {
			return err
		}
		pause := time.Duration(try*try) * 5 * time.Second
		f.waits("the place where the job's files are, which did not answer: it is asked again", pause)
		if stopped := f.Sleep(ctx, pause); stopped != nil {
			return stopped
		}
	}
}

// told is from when on a wait is told.
const told = 2 * time.Second

func (f *Fetcher) waits(what string, most time.Duration) {
	if f.Waits != nil {
		f.Waits(what, most)
	}
}

// partName is how the name of a file begins that is being fetched.
const partName = ".part-"

// fetch brings one file, whole or not at all, under a name of its own.
func (f *Fetcher) fetch(ctx context.Context, at place, s *config.Source, e, last Entry) (file File, err error) {
	if err := trust.Unlinked(filepath.Dir(f.Into)); err != nil {
		return File{}, fmt.Errorf("make the folder for fetched files: %w", err)
	}
	if err := trust.MkdirAll(f.Into); err != nil {
		return File{}, fmt.Errorf("make the folder for fetched files: %w", err)
	}
	part, err := os.CreateTemp(f.Into, partName+"*") // CreateTemp's mode is 0600
	if err != nil {
		return File{}, fmt.Errorf("fetch %s: %w", e.Name, err)
	}
	defer func() {
		if part.Close(); err != nil {
			os.Remove(part.Name())
		}
	}()
	var got Entry
	err = f.again(ctx, func() error {
		if _, err := part.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := part.Truncate(0); err != nil {
			return err
		}
		got, err = f.bring(ctx, at, s, e, last, part)
		return err
	})
	if err == nil {
		err = part.Sync()
	}
	if err != nil {
		return File{}, err
	}
	return File{got, part.Name()}, nil
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

// fetching is how old a part may be that somebody is still fetching: one that stalls is given up far sooner.
const fetching = time.Hour

// Sweep removes what was fetched before and is not among the files that are kept, nor under way.
func Sweep(into string, keep []string) error {
	entries, err := os.ReadDir(into)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		info, gone := e.Info()
		underWay := gone == nil && strings.HasPrefix(e.Name(), partName) && time.Since(info.ModTime()) < fetching
		if path := filepath.Join(into, e.Name()); !underWay && !slices.Contains(keep, path) {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}
