package undo

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/lanes"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/progress"
	"muster/pipeline/report"
	"muster/pipeline/trust"
)

// undoer does what a Planner has worked out. Each customer is read again, at the source, in the moment
// before it is written to and in the moment after: what is read is the evidence of what became of it.
type undoer struct {
	*Planner
	client *kustomer.Client
	book   *ledger.Run // the undo's own
	halt   *lanes.Halt
	lines  *report.UndoRows
	dir    string

	planned int64 // customers of the plan
}

// batchesAtOnce is how many batches are under way at a time. The client's budget holds them back as one, so that more
// would only make each slower, and what was read of its customers older.
const batchesAtOnce = 3

// undoer begins the run that takes the other back, or goes on with it, and ends the other for good, so that
// nobody takes it up again in the middle of this.
func (p *Planner) undoer(client *kustomer.Client) (u *undoer, err error) {
	planned := p.result
	started := p.Now().UTC()
	u = &undoer{Planner: p, client: client, planned: planned.Customers}
	u.book, err = p.ledger.Begin(ledger.RunInfo{ID: ledger.NewRunID(started), Command: "undo", OrgID: p.info.OrgID,
		Org:         p.ReadOnly.Name,
		Fingerprint: ledger.UndoFingerprint(p.Run), Version: p.Version, Started: started, Stamp: kustomer.Stamp(started)})
	if err != nil {
		return nil, err
	}
	if err := p.ledger.Abandon(p.Run); err != nil {
		return nil, err
	}
	if p.book, err = p.ledger.Find(p.Run); err != nil { // as it is now
		return nil, err
	}
	if u.book.Resumed() {
		p.Progress.Say("taking up run " + u.book.ID() + " where its evidence ends")
	}
	u.dir = filepath.Join(p.State, "runs", u.book.ID())
	if err := trust.MkdirAll(u.dir); err != nil {
		return nil, fmt.Errorf("make the run's directory: %w", err)
	}
	p.result = &report.Undo{Muster: planned.Muster, Run: u.book.ID(), Undoes: p.Run, Line: planned.Line, Org: planned.Org,
		Started: started}
	u.lines, err = report.CreateUndoRows(u.dir, p.redact)
	return u, err
}

// run goes through all rows of the run that is taken back.
func (u *undoer) run(replay *pipeline.Replay) (*report.Undo, error) {
	inTurn := progress.NewInTurn(u.Progress)
	defer inTurn.Close()
	u.Progress = inTurn
	graceful, release := kustomer.Graceful(u.ctx, u.Grace, func() {
		inTurn.Say(fmt.Sprintf("stopping: what has begun is waited for, %s at most. A second signal ends muster at once",
			u.Grace))
	})
	defer release()
	ctx, cancel := context.WithCancel(graceful)
	defer cancel()
	outer := u.ctx
	u.ctx, u.halt = ctx, &lanes.Halt{Cancel: cancel}
	u.Progress.Phase("undo", u.planned)
	err := u.inRounds(replay)
	u.Progress.Done()
	if err == nil && u.halt.Err() == nil && ctx.Err() == nil {
		err = u.companies(kustomer.Detached(ctx))
	}
	err = errors.Join(u.halt.Err(), err, u.lines.Close())
	return u.finish(outer, err)
}

// take brings the rows of a batch to their ends, as far as they can be brought.
func (u *undoer) take(b *batch) {
	a := &undoing{undoer: u, batch: b, seq: b.number + 1}
	if b.err = a.takeUp(); b.err != nil {
		u.halt.Stop(b.err)
		return
	}
	for tries := 0; tries < deliver.MaxTries && a.step(); {
		if !a.late {
			tries++
		}
	}
	if err := a.close(); err != nil {
		u.halt.Stop(err)
	}
}

// tell writes the ends of a batch down; batches come in the order of the rows.
func (u *undoer) tell(b *batch) error {
	for _, t := range b.rows {
		u.result.Count(&t.row)
		if err := u.lines.Add(&t.row); err != nil {
			u.halt.Stop(err)
			return err
		}
	}
	u.Progress.Step(u.result.Customers)
	return nil
}

// undoing is a batch under way.
type undoing struct {
	*undoer
	*batch
	seq   int64
	begun bool // the ledger has the batch
	whole bool // the ledger has its end

	read time.Time // when its customers began to be read
	late bool      // that was too long ago to delete more of them
}

// takeUp looks up what an earlier execution has done of the batch.
func (a *undoing) takeUp() error {
	last := len(a.rows) - 1
	earlier, err := a.book.Assigned(a.rows[0].ordinal, a.rows[last].ordinal+1)
	if err != nil || len(earlier) == 0 {
		return err
	}
	if len(earlier) != len(a.rows) || earlier[0].Seq != a.seq {
		return fmt.Errorf("batch %d of run %s is not about these rows: %w", a.seq, a.book.ID(), bind.ErrInputChanged)
	}
	a.begun = true
	for i := range earlier {
		if earlier[i].Settled != nil {
			a.rows[i].settled(earlier[i].Settled)
			a.whole = true
		}
	}
	return nil
}

// step reads who is not done, judges them, and does what is to be done; false: nothing is.
func (a *undoing) step() bool {
	if a.whole || a.stopped() {
		return false
	}
	a.read, a.late = a.Now(), false
	if err := a.judgeAll(kustomer.Detached(a.ctx), a.batch, true); err != nil {
		a.halt.Stop(err)
		return false
	}
	var deletions, restorations []int
	for i, t := range a.rows {
		switch t.act {
		case toDelete:
			deletions = append(deletions, i)
		case toRestore:
			restorations = append(restorations, i)
		}
	}
	a.deleteAll(deletions)
	if k := a.kind(); k != nil {
		a.restoreKind(k, restorations)
	} else {
		a.restore(restorations)
	}
	return len(deletions)+len(restorations) > 0
}

func (a *undoing) stopped() bool { return a.ctx.Err() != nil || a.halt.Err() != nil }

// intend commits what is about to be asked of the org for some rows (law 3); false: it must not be asked.
func (a *undoing) intend(verb string, idx []int) (n int, ok bool) {
	if len(idx) == 0 || a.stopped() {
		return 0, false
	}
	q := ledger.Request{Verb: verb, Items: idx, Undoes: verb != "look"}
	h := sha256.New()
	for _, i := range idx {
		h.Write([]byte(a.rows[i].row.CustomerID))
		h.Write(a.rows[i].write)
	}
	copy(q.Payload[:], h.Sum(nil))
	var err error
	if a.begun {
		n, err = a.book.Again(a.seq, q)
	} else {
		items := make([]ledger.Item, len(a.rows))
		for i, t := range a.rows {
			items[i] = ledger.Item{Ordinal: t.ordinal, Key: t.key, Hash: t.hash}
		}
		n, err = a.book.Intend(ledger.Batch{Seq: a.seq, Items: items}, q)
		a.begun = err == nil
	}
	if err != nil {
		a.halt.Stop(err)
	}
	return n, err == nil
}

const (
	// freshFor is how old a reading may be when a customer is deleted: what somebody did since is lost with the customer.
	freshFor = 10 * time.Second
	// deletedTogether is how many are deleted before the time is looked at, and for how many an intent is noted.
	deletedTogether = 10
)

// deleteAll deletes customers as long as what was read of them is fresh; the rest is read again.
func (a *undoing) deleteAll(idx []int) {
	first := true
	for some := range slices.Chunk(idx, deletedTogether) {
		if a.late = !first && a.Now().Sub(a.read) > freshFor; a.late {
			return
		}
		a.delete(some)
		first = false
	}
}

// delete deletes customers one by one: in bulk the org names no rows in its results, so that each would have to
// be read afterwards, which costs as many requests as the deletions whose own answer is the evidence.
func (a *undoing) delete(idx []int) {
	n, ok := a.intend("delete", idx)
	if !ok {
		return
	}
	certain := true
	for _, i := range idx {
		if a.stopped() {
			break
		}
		t := a.rows[i]
		t.sent = true
		err := a.deleteOne(kustomer.Detached(a.ctx), t)
		switch verdict := kustomer.VerdictOf(err); verdict {
		case 0:
			t.end(report.ListDeleted, "", "")
		case kustomer.NotFound:
			t.end(report.ListDeleted, whyGone, "")
		default:
			certain = certain && verdict != kustomer.InDoubt
			a.refused(t, err)
		}
	}
	if certain {
		a.answered(n, "each was answered")
	}
}

// refused notes what the org says against a request; what it says of all rows ends the run.
func (a *undoing) refused(t *takenRow, err error) {
	switch kustomer.VerdictOf(err) {
	case kustomer.InDoubt:
	case kustomer.Unauthorized, kustomer.Forbidden, kustomer.Throttled, kustomer.NotBegun:
		t.sent = false
		a.halt.Stop(err)
	default:
		t.refused = "without a reason"
		if e, is := err.(*kustomer.Error); is {
			t.refused = deliver.Refusal(e)
		}
	}
}

func (a *undoing) answered(n int, note string) {
	if err := a.book.Answer(a.seq, n, note); err != nil {
		a.halt.Stop(err)
	}
}

// close settles the batch in the ledger where every row of it has come to its end.
func (a *undoing) close() error {
	if a.whole {
		return nil
	}
	settled := make([]ledger.Settled, len(a.rows))
	open := false
	for i, t := range a.rows {
		if !t.done {
			list, reason := report.ListLeft, ""
			if t.sent {
				list, reason = report.ListUnknown, whyNoEnd
				if a.stopped() {
					reason = "it was stopped before it could be asked"
				}
			}
			t.row.List, t.row.Reason = list, reason
		}
		open = open || !t.done || t.row.List == report.ListUnknown
		settled[i] = t.settledAs()
	}
	if open {
		return nil // the same command goes on here
	}
	if !a.begun {
		all := make([]int, len(a.rows))
		for i := range all {
			all[i] = i
		}
		if n, ok := a.intend("look", all); ok {
			a.answered(n, "nothing was written")
		}
		if !a.begun {
			return nil
		}
	}
	return a.book.Settle(a.seq, settled)
}

// finish ends the undo's run and words the answer.
func (u *undoer) finish(ctx context.Context, cause error) (*report.Undo, error) {
	s := u.result
	if rest := u.planned - s.Customers; rest > 0 {
		s.Customers, s.Left = s.Customers+rest, s.Left+rest
	}
	s.Settle(u.planned)
	if cause == nil {
		cause = u.book.Unlearn()
	}
	state := ledger.RunFinished
	s.ExitCode = exitCode(s)
	switch {
	case ctx.Err() != nil:
		s.Stopped, s.ExitCode, state, cause = "interrupted", exit.BySignal(ctx), ledger.RunInterrupted, nil
	case cause != nil:
		s.Stopped, s.ExitCode, state = outcome.OneLine(cause), exit.Code(cause), ledger.RunFailed
	case s.ExitCode == exit.Unproven || s.Left > 0:
		s.ExitCode, state = exit.Unproven, ledger.RunFailed
	}
	s.Ended, s.Requests, s.Exit = u.Now().UTC(), u.client.Budget().Requests, exit.Meaning(s.ExitCode)
	asJSON := filepath.Join(u.dir, "undo.json")
	s.Files = []report.File{{Kind: "customers", Path: u.lines.Path()}, {Kind: "report", Path: asJSON}}
	if state != ledger.RunFinished && u.Again != "" {
		s.Next = []report.Next{{Command: u.Again, Why: "goes on where this ended; nothing is done twice"}}
	}
	counts := map[string]int64{report.ListDeleted: s.Deleted, report.ListRestored: s.Restored, report.ListKept: s.Kept,
		report.ListFailed: s.Failed, report.ListUnknown: s.Unknown, report.ListLeft: s.Left}
	return s, errors.Join(cause, report.WriteUndo(asJSON, s), u.book.Finish(state, s.Customers, counts))
}
