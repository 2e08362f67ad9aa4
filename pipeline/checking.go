package pipeline

import (
	"context"
	"slices"

	"muster/pipeline/block"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/report"
)

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
	if len(c.Files) == 0 || r.roll.count(outcome.Unsent) == 0 || undamaged(r.Survey.Damages) != nil ||
		len(r.Survey.Columns.Unsure) > 0 {
		return nil, nil
	}
	why := "tries it on the built-in org"
	if slices.Contains(c.Files, "-") {
		why += "; give it the same rows on standard input"
	}
	return nil, []report.Next{{Command: "muster import " + printable.Files(c.Files) + " --to sandbox" +
		sourceFlags(&c.Source) + c.rulesFlags(true) + r.making() + c.stateFlag(), Why: why}}
}

// End keeps nothing.
func (Check) End(context.Context, *Running, *report.Summary, error) error { return nil }

// Close has nothing to give back.
func (Check) Close() error { return nil }
