package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// View looks into the ledger of a state directory without holding it: it takes
// no lock, writes nothing and keeps no run from going on. It sees what has been
// committed when it asks, so two answers may be of two moments while a run is
// under way. Safe for concurrent use.
type View struct {
	ledger *Ledger // its writer is nil
	held   bool    // a live process holds the directory
}

// OpenReadOnly opens the ledger of a state directory to look into, also while
// another process holds it. Errors: one that wraps fs.ErrNotExist when there
// is no ledger yet; *CorruptError when the file is none, or is a newer
// muster's; syscall.EACCES where the directory cannot be written: SQLite needs
// a file of its own beside a ledger to read it (https://www.sqlite.org/wal.html#readonly).
// The file's integrity is not checked, which would take as long as reading it all.
func OpenReadOnly(dir string) (*View, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("ledger: open: %w", err)
	}
	l := &Ledger{path: filepath.Join(dir, fileName)}
	if _, err := os.Stat(l.path); err != nil {
		return nil, fmt.Errorf("ledger: open: %w", err)
	}
	if err := l.openReadOnly(); err != nil {
		if l.reader != nil {
			err = errors.Join(err, l.reader.Close())
		}
		return nil, l.explain("open", err)
	}
	return &View{ledger: l, held: isHeld(filepath.Join(dir, lockName))}, nil
}

func (l *Ledger) openReadOnly() (err error) {
	// mode=ro: whatever is asked of the connection, it cannot write.
	if l.reader, err = dial(l.path, url.Values{"mode": {"ro"}}, readerPragmas(usualReader), 1); err != nil {
		return err
	}
	version, err := l.recognise(l.reader, len(migrations()))
	if err != nil {
		return err
	}
	if version == 0 {
		return fmt.Errorf("%s is empty: %w", l.path, fs.ErrNotExist)
	}
	return l.loadSalt()
}

// Close gives back what the view holds.
func (v *View) Close() error { return v.ledger.explain("close", v.ledger.reader.Close()) }

// Runs lists every run, newest first. One that was under way when its process
// died is shown as interrupted, which the next Open makes it.
func (v *View) Runs() ([]RunInfo, error) {
	runs, err := v.ledger.Runs()
	for i := range runs {
		if runs[i].State == RunRunning && !v.held {
			runs[i].State = RunInterrupted
		}
	}
	return runs, err
}

// Key is Ledger.Key.
func (v *View) Key(kind string, value []byte) KeyHash { return v.ledger.Key(kind, value) }

// Trace is Ledger.Trace.
func (v *View) Trace(orgID string, key KeyHash) ([]Trace, error) { return v.ledger.Trace(orgID, key) }

// TraceRow is the Trace of one ordinal of a run. ErrNoRun: there is none of this ID.
func (v *View) TraceRow(run string, ordinal int64) ([]Trace, error) {
	r, err := v.ledger.Find(run)
	if err != nil {
		return nil, err
	}
	return r.Trace(ordinal)
}
