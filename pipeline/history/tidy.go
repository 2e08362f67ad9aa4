package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"muster/pipeline/ledger"
)

// Tidied is what Tidy removed.
type Tidied struct {
	Runs    []string `json:"runs"`    // whose directories went
	Batches int64    `json:"batches"` // of the ledger
}

// Tidy removes the directories of runs that ended before a moment, and what the ledger has of their single rows. Runs
// that are not finished stay whole, and so does what the ledger knows of who is who. l is the ledger of the state
// directory.
func Tidy(l *ledger.Ledger, state string, before time.Time) (*Tidied, error) {
	t := &Tidied{Runs: []string{}}
	infos, err := l.Runs()
	if err != nil {
		return nil, err
	}
	known := map[string]ledger.RunInfo{}
	for _, info := range infos {
		known[info.ID] = info
	}
	entries, err := os.ReadDir(filepath.Join(state, "runs"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	for _, e := range entries {
		info, imported := known[e.Name()]
		old := imported && info.State == ledger.RunFinished && info.Ended.Before(before)
		if !imported {
			// A check: nothing says when it ended but its directory.
			at, err := e.Info()
			old = err == nil && e.IsDir() && at.ModTime().Before(before)
		}
		if !old {
			continue
		}
		if err := os.RemoveAll(filepath.Join(state, "runs", e.Name())); err != nil {
			return t, fmt.Errorf("remove an old run: %w", err)
		}
		t.Runs = append(t.Runs, e.Name())
	}
	t.Batches, err = l.Compact(before)
	return t, err
}
