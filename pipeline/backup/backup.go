// Package backup writes records as they are before a run changes them: each is on the disk before its first update
// leaves, in a file that an import takes to bring back what it says.
package backup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/export"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/report"
)

// Options say where a backup goes, and of which org it is.
type Options struct {
	Path     string // as it was given; of the file, or of the folder that has one for each kind
	From     string // the folder from which it is meant
	Run      string // the run's id, {run} in Path
	Resumed  bool   // the run goes on with the files that it began
	Viewer   *kustomer.Viewer
	Org      string // its id
	Readings *lookup.Reader
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error
	Say      func(line string) // to the person
}

// Backup is that of one run. Its methods may be called at once by several goroutines, and on nil, which keeps nothing.
type Backup struct {
	Options
	folder bool

	mu    sync.Mutex // held while records are written
	files map[string]*export.File
}

// New begins the backup of what an import of the inputs changes. The error is a [outcome.UsageError] where it cannot be
// written as it was asked for.
func New(o Options, inputs []*bind.Input) (*Backup, error) {
	given := o.Path
	o.Path = bind.From(o.From, strings.ReplaceAll(given, "{run}", o.Run))
	b := &Backup{Options: o, files: map[string]*export.File{}}
	var kinds []string
	for _, in := range inputs {
		if slices.ContainsFunc(in.Table.Sheets, (*bind.Table).IsConversation) {
			return nil, &outcome.UsageError{Err: fmt.Errorf("%s describes conversations that are there, of which no backup is "+
				"written: leave out --backup; muster undo takes it back", in.Name)}
		}
		if kind := in.Kind(); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	written := slices.Contains(export.Formats(), strings.ToLower(filepath.Ext(b.Path)))
	switch b.folder = len(kinds) > 1; {
	case b.folder && written:
		return nil, &outcome.UsageError{Err: fmt.Errorf("--backup %s is one file, and records of %d kinds come: name a folder",
			given, len(kinds))}
	case !b.folder && !written:
		return nil, &outcome.UsageError{Err: fmt.Errorf("--backup %s does not end in .csv, .xlsx or .ndjson", given)}
	}
	for _, kind := range kinds {
		if _, err := os.Lstat(b.of(kind)); err == nil && !b.Resumed {
			return nil, &outcome.UsageError{Err: fmt.Errorf("%s is there already: name another with --backup; {run} in its name "+
				"is the run's id", b.of(kind))}
		}
	}
	if err := os.MkdirAll(filepath.Dir(b.of(kinds[0])), 0o700); err != nil {
		return nil, fmt.Errorf("write the backup: %w", err)
	}
	return b, nil
}

// of is the file of a kind.
func (b *Backup) of(kind string) string {
	if !b.folder {
		return b.Path
	}
	return filepath.Join(b.Path, kind+".csv")
}

// Keep writes records of a kind, as they are. Of one that was written before that stands.
func (b *Backup) Keep(ctx context.Context, k *object.Kind, before []*kustomer.Customer) error {
	kind := mappings.Customers
	if k != nil {
		kind = k.Name
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.files[kind]
	if f == nil {
		c := export.Config{Viewer: b.Viewer, Readings: b.Readings, Org: b.Org, Kind: kind, Whole: true,
			Beside: bind.MappingBeside(b.of(kind)), Now: b.Now, Sleep: b.Sleep}
		var err error
		if k == nil || k.Klass != "" {
			klass := kind
			if k != nil {
				klass = k.Klass
			}
			if c.Klass, err = bind.ReadKlass(ctx, c.Viewer, klass); err != nil {
				return fmt.Errorf("write the backup: %w", err)
			}
		}
		if f, err = export.Open(c, b.of(kind)); err != nil {
			return fmt.Errorf("write the backup: %w", err)
		}
		b.files[kind] = f
	}
	if err := f.Keep(ctx, before); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	return nil
}

// Write makes the files of what was kept.
func (b *Backup) Write() (files []report.File, err error) {
	if b == nil {
		return nil, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, kind := range slices.Sorted(maps.Keys(b.files)) {
		f := b.files[kind]
		written, failed := f.Write()
		if err = errors.Join(err, failed); failed != nil {
			continue
		}
		b.Say(fmt.Sprintf("%s holds %s as they were; importing it brings that back", f.Path,
			printable.Counted(int(written.Records), kind)))
		files = append(files, report.File{Kind: "backup", Path: f.Path})
	}
	return files, err
}

// End gives back what is kept beside the files. whole: the run has ended, and nothing more comes; else it goes on with
// that.
func (b *Backup) End(whole bool) (err error) {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.files {
		if whole {
			err = errors.Join(err, f.Remove())
		} else {
			err = errors.Join(err, f.Close())
		}
	}
	b.files = nil
	return err
}
