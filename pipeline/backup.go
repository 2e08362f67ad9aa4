package pipeline

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

// backup writes records as they are before a run changes them: each is on the disk before its first update leaves.
type backup struct {
	path     string // of the file, or of the folder that has one for each kind
	folder   bool
	resumed  bool
	readings *lookup.Reader
	org      *Org
	config   *Config

	mu    sync.Mutex // held while records are written
	files map[string]*export.File
}

// openBackup begins the backup that the run was told to write; nil: none.
func (m *importing) openBackup(r *Running, readings *lookup.Reader) (*backup, error) {
	if m.config.Backup == "" {
		return nil, nil
	}
	b := &backup{path: bind.From(m.config.Directory, strings.ReplaceAll(m.config.Backup, "{run}", r.Run)),
		resumed: m.book.Resumed(), readings: readings, org: m.org, config: m.config, files: map[string]*export.File{}}
	var kinds []string
	for _, in := range r.Inputs {
		if slices.ContainsFunc(in.Table.Sheets, (*bind.Table).IsConversation) {
			return nil, &outcome.UsageError{Err: fmt.Errorf("%s describes conversations that are there, of which no backup is "+
				"written: leave out --backup; muster undo takes it back", in.Name)}
		}
		if kind := in.Kind(); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	written := slices.Contains(export.Formats(), strings.ToLower(filepath.Ext(b.path)))
	switch b.folder = len(kinds) > 1; {
	case b.folder && written:
		return nil, &outcome.UsageError{Err: fmt.Errorf("--backup %s is one file, and records of %d kinds come: name a folder",
			m.config.Backup, len(kinds))}
	case !b.folder && !written:
		return nil, &outcome.UsageError{Err: fmt.Errorf("--backup %s does not end in .csv, .xlsx or .ndjson", m.config.Backup)}
	}
	for _, kind := range kinds {
		if _, err := os.Lstat(b.of(kind)); err == nil && !b.resumed {
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
func (b *backup) of(kind string) string {
	if !b.folder {
		return b.path
	}
	return filepath.Join(b.path, kind+".csv")
}

// keep writes records of a kind, as they are. Of one that was written before that stands.
func (b *backup) keep(ctx context.Context, k *object.Kind, before []*kustomer.Customer) error {
	kind := mappings.Customers
	if k != nil {
		kind = k.Name
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.files[kind]
	if f == nil {
		c := export.Config{Viewer: b.org.Client.Viewer, Readings: b.readings, Org: b.org.ID(), Kind: kind, Whole: true,
			Beside: bind.MappingBeside(b.of(kind)), Now: b.config.Now, Sleep: b.config.Sleep}
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

// write makes the files of what was kept.
func (b *backup) write() (files []report.File, err error) {
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
		b.config.Progress.Say(fmt.Sprintf("%s holds %s as they were; importing it brings that back", f.Path,
			printable.Counted(int(written.Records), kind)))
		files = append(files, report.File{Kind: "backup", Path: f.Path})
	}
	return files, err
}

// end gives back what is kept beside the files. whole: the run has ended, and nothing more comes; else it goes on with
// that.
func (b *backup) end(whole bool) (err error) {
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
