package night

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"muster/pipeline"
	"muster/pipeline/ledger"
	"muster/pipeline/project"
	"muster/pipeline/trust"
)

// hold takes the state directory for the night. While another run holds it the project's policy says what to do: skip is
// then true, or err is a *ledger.LockedError. A run whose process died holds nothing: the lock is the kernel's.
func (n *Night) hold(ctx context.Context) (skip bool, err error) {
	o := n.Project.Overlap
	began := n.Now()
	for {
		n.ledger, err = ledger.Open(n.State)
		var locked *ledger.LockedError
		if err == nil {
			n.ledger.Clock(n.Now)
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

// overlapped ends a night that could not begin. Nothing is remembered in the ledger, which another run holds; that people
// were told is noted in a file beside it, once for each run that stood in the way.
func (n *Night) overlapped(ctx context.Context, jobs []*project.Job, err error) (*Outcome, error) {
	var locked *ledger.LockedError
	if err != nil && !errors.As(err, &locked) {
		return nil, err
	}
	out := &Outcome{}
	at := n.Now().UTC()
	for _, job := range jobs {
		r := &Result{Job: job.Name, Began: at, Ended: at, State: "skipped"}
		if err != nil {
			r.fail(err)
		} else {
			r.Says = []string{"another run is under way"}
		}
		r.Meaning = pipeline.ExitMeaning(r.ExitCode)
		out.Jobs = append(out.Jobs, r)
	}
	out.settle()
	if err != nil && n.firstTime(locked) {
		for _, r := range out.Jobs {
			n.tell(ctx, r, message(n, r, state{}))
		}
	}
	return out, nil
}

// inTheWay is the note of overlapped.
type inTheWay struct {
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

func (n *Night) overlapNote() string { return filepath.Join(n.State, "overlap.json") }

// firstTime says whether nobody was told of this holder yet, and notes that they are now.
func (n *Night) firstTime(locked *ledger.LockedError) bool {
	now := inTheWay{locked.PID, locked.Since.UTC()}
	var before inTheWay
	if text, err := trust.Read(n.overlapNote(), 1<<10); err == nil && json.Unmarshal(text, &before) == nil && before == now {
		return false
	}
	text, err := json.Marshal(now)
	if err == nil {
		err = trust.WriteWhole(n.overlapNote(), append(text, '\n'))
	}
	if err != nil {
		n.Log.Warn("cannot note who was told", "error", err)
	}
	return true
}

// stoodInTheWay says whether people were told of an overlap since the last night, and forgets it.
func (n *Night) stoodInTheWay() bool {
	err := os.Remove(n.overlapNote())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		n.Log.Warn("cannot take a note away", "error", err)
	}
	return err == nil
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
