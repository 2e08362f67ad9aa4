package pipeline

import (
	"context"

	"muster/pipeline/block"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/report"
)

// A Mode is what a run is for: a check, an import, a plan. The run asks it at each step of its way. [Check] is the simplest; a
// mode that differs from it in little embeds it.
type Mode interface {
	// Admit refuses what it cannot be done with, before any row is read, and gets the org ready for the inputs.
	Admit(ctx context.Context, r *Running) error
	// Open opens what the run keeps: its directory, and its part of the ledger.
	Open(r *Running) error
	// Look is shown each block that the survey has checked, and how many rows came before it.
	Look(r *Running, w *block.Block, before int64) error
	// Begun is what an earlier process has made of rows of the survey by their ordinals, in their order.
	Begun(from, to int64) ([]ledger.Assigned, error)
	// Gate is told what the survey learned. Its error ends the run: nothing follows, every row unsent.
	Gate(s *Survey) error
	// Twice says whether the input is gone through a second time behind the gate.
	Twice() bool
	// Second goes through the input a second time. Each row that was read has its outcome added to the run.
	Second(ctx context.Context, r *Running) error
	// Report fills in what it alone knows. cause is why the run ended early, nil it did not; the error is one more cause.
	Report(r *Running, s *report.Summary, cause error) error
	// Faulty is how many rows it found that would be refused, beyond those that are refused by now.
	Faulty() int64
	// Next names the commands that make sense now: those before all others, and those behind.
	Next(r *Running, s *report.Summary) (first, last []report.Next)
	// End is told the end that the report tells.
	End(ctx context.Context, r *Running, s *report.Summary, cause error) error
	// Close gives back what was opened.
	Close() error
}

// modeOf is a check where no org is named, an import else.
func modeOf(c *Config) Mode {
	if c.Org == nil {
		return Check{}
	}
	return &importing{config: c, org: c.Org}
}

// Check is the mode of a run that sends nothing and opens no connection.
type Check struct{}

// Admit refuses nothing.
func (Check) Admit(context.Context, *Running) error { return nil }

// Open makes the run's directory.
func (Check) Open(r *Running) error { return r.makeDirectory() }

// Look notes how fast the rows are read.
func (Check) Look(r *Running, w *block.Block, before int64) error {
	r.throughput.beat(r.Config.Now(), before+int64(len(w.Rows)), 0)
	return nil
}

// Begun is nothing: no process before this one sent anything.
func (Check) Begun(int64, int64) ([]ledger.Assigned, error) { return nil, nil }

// Gate is open.
func (Check) Gate(*Survey) error { return nil }

// Twice is false: the survey is all there is.
func (Check) Twice() bool { return false }

// Second is never called.
func (Check) Second(context.Context, *Running) error { return nil }

// Report words the rows that are fit.
func (Check) Report(_ *Running, s *report.Summary, _ error) error {
	s.Statuses[outcome.Unsent].Meaning = "ready: would be imported; a check sends nothing"
	return nil
}

// Faulty is none.
func (Check) Faulty() int64 { return 0 }

// Next is an import into the built-in org, where nothing speaks against it.
func (Check) Next(r *Running, _ *report.Summary) (first, last []report.Next) {
	c := r.Config
	if len(c.Files) == 0 || r.roll.count(outcome.Unsent) == 0 || undamaged(r.Survey.Damages) != nil || len(r.Survey.Columns.Unsure) > 0 {
		return nil, nil
	}
	return nil, []report.Next{{Command: "muster import " + printable.Files(c.Files) + " --to sandbox" + sourceFlags(&c.Source) + c.rulesFlags(true) + r.making() + c.stateFlag(),
		Why: "tries it on the built-in org"}}
}

// End keeps nothing.
func (Check) End(context.Context, *Running, *report.Summary, error) error { return nil }

// Close has nothing to give back.
func (Check) Close() error { return nil }
