package nightly

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"muster/pipeline/history"
	"muster/pipeline/ledger"
	"muster/pipeline/printable"
)

// hold takes the state directory for the night. While another run holds it the project's policy says what to do: skip
// is then true, or err is a *ledger.LockedError. A run whose process died holds nothing: the lock is the kernel's.
func (n *orgNight) hold(ctx context.Context) (skip bool, err error) {
	o := n.Project.Overlap
	began := n.Now()
	for {
		open := ledger.Open
		if n.crowded() {
			open = ledger.OpenSmall
		}
		n.ledger, err = open(n.state)
		var locked *ledger.LockedError
		if err == nil {
			n.ledger.Clock(n.Now)
			if copied := n.ledger.Before(); copied != "" {
				n.Log.Info("the ledger was brought to the version of this muster; an older one refuses it", "way_back",
					"muster restore "+printable.Word(copied)+" --state "+printable.Word(n.state))
			}
		}
		if !errors.As(err, &locked) {
			return false, err
		}
		waited := n.Now().Sub(began)
		switch {
		case o.Policy == "skip":
			n.Log.Info("another run is under way: skipped", "pid", locked.PID)
			return true, nil
		case o.Policy != "wait" || waited >= o.Wait:
			return false, err
		}
		if waited == 0 {
			n.Log.Info("another run is under way: waiting", "pid", locked.PID, "at_most", o.Wait.String())
		}
		if err := n.Sleep(ctx, min(overlapLook, o.Wait-waited)); err != nil {
			return false, err
		}
	}
}

// overlapLook is how often the lock is tried while the night waits: seldom enough to cost nothing.
const overlapLook = 5 * time.Second

// backUp copies the ledger before anything is done, where the project says so. A backup that fails is worth a word and
// no night.
func (n *orgNight) backUp() {
	b := n.Project.Backup
	if b.To == "" {
		return
	}
	view, err := ledger.OpenReadOnly(n.state)
	if err == nil {
		var path string
		var gone []string
		path, gone, err = view.BackupInto(n.backups(), n.Now(), b.Keep)
		if err = errors.Join(err, view.Close()); err == nil {
			n.Log.Info("the ledger is backed up", "file", path, "removed", len(gone))
		}
	}
	if err != nil {
		n.Log.Warn("the ledger is not backed up", "error", err)
	}
}

// backups is the folder of the org's backups.
func (n *orgNight) backups() string {
	return filepath.Join(n.Project.Path(n.Project.Backup.To), n.org.Label)
}

// tidy removes what has been kept long enough.
func (n *orgNight) tidy() {
	keep := n.Project.Retention.Runs
	if keep == 0 {
		return
	}
	switch t, err := history.Tidy(n.ledger, n.state, n.Now().Add(-keep)); {
	case err != nil:
		n.Log.Warn("old runs stay", "error", err)
	case len(t.Runs) > 0:
		n.Log.Info("old runs are gone", "runs", len(t.Runs), "batches", t.Batches)
	}
}

// AcceptDrift takes what the guard held back last as what the job's file is like from now on. It returns what it was;
// nothing where no file is held back.
func AcceptDrift(state, job string) ([]Finding, error) {
	l, err := ledger.Open(state)
	if err != nil {
		return nil, err
	}
	m, err := recall(l.Memo, job)
	var found []Finding
	if err == nil && m.Stopped != nil {
		found = m.Stopped.Findings
		m.accept()
		err = m.keep(l, job)
	}
	if err = errors.Join(err, l.Close()); err != nil {
		return nil, fmt.Errorf("accept the drift: %w", err)
	}
	return found, nil
}
