package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/check"
	"muster/pipeline/dedupe"
	"muster/pipeline/ledger"
	"muster/pipeline/report"
	"muster/pipeline/report/workbook"
	"muster/pipeline/trust"
)

// Running is a run under way, as its mode sees it: its inputs, its place on disk, and what it has learned.
type Running struct {
	Config  *Config
	Inputs  []*bind.Input
	Run     string // its id
	Dir     string // of its reports
	Started time.Time
	Survey  *Survey // of the whole input, once its end is reached

	mode       Mode
	kinds      *bind.Kinds
	seeds      *dedupe.Seeds
	identity   []byte           // digest of the mappings, for the fingerprint
	roll       *Reconciler      // of the pass under way
	books      []*workbook.Book // to be given back with the problems on their cells; nil: not asked for
	throughput throughput
	unreadable []string // files of the run that cannot be read back
	steps      []report.Step
}

// step does a step of the run, and notes when it was done.
func (r *Running) step(name string, do func() error) error {
	began := r.Config.Now().UTC()
	err := do()
	r.steps = append(r.steps, report.Step{Name: name, Began: began, Ended: r.Config.Now().UTC(), Failed: err != nil})
	return err
}

// acts is what the second pass does.
func (r *Running) acts() string {
	if r.Config.Org == nil {
		return "plan"
	}
	return "send"
}

// understand opens the inputs and binds them to their mappings, and nothing else.
func understand(ctx context.Context, c *Config, m Mode) (r *Running, err error) {
	started := c.Now().UTC()
	r = &Running{Config: c, mode: m, Run: ledger.NewRunID(started), Started: started,
		Survey: &Survey{Columns: &report.Columns{}}, seeds: dedupe.NewSeeds(), kinds: bind.NewKinds(ctx, c.binding())}
	if err := stateDirectory(c.State); err != nil {
		return nil, err
	}
	if r.Inputs, r.identity, err = bind.Open(ctx, c.binding(), r.kinds); err != nil {
		return nil, err
	}
	return r, nil
}

// stateDirectory makes the state directory where it is not there, and refuses one that somebody else may change, or in
// which a link stands where muster keeps reports.
func stateDirectory(path string) error {
	err := trust.State(path)
	if err == nil {
		err = trust.Unlinked(filepath.Join(path, "runs"), filepath.Join(path, "guesses"), filepath.Join(path, "feeds"))
	}
	if err != nil {
		return fmt.Errorf("make the state directory: %w", err)
	}
	return nil
}

// makeDirectory makes the run's directory.
func (r *Running) makeDirectory() error {
	r.Dir = filepath.Join(r.Config.State, "runs", r.Run)
	if err := trust.MkdirAll(r.Dir); err != nil {
		return fmt.Errorf("make the run's directory: %w", err)
	}
	return nil
}

func (r *Running) close() {
	bind.Close(r.Inputs)
	r.Survey.Verdicts.Close()
	r.mode.Close()
}

// Counted ends a second pass: the rows that were read are counted, and inputs that were changed meanwhile are named.
func (r *Running) Counted() (err error) {
	for _, in := range r.Inputs {
		r.roll.read += in.Rows
		err = errors.Join(err, in.Unchanged())
	}
	return err
}

// Add takes the outcome of a row in the second pass. It keeps nothing of it.
func (r *Running) Add(o *block.Outcome) error { return r.roll.Add(o) }

// Outcomes is how many rows have their outcome in this pass.
func (r *Running) Outcomes() int64 { return r.roll.rows }

func (r *Running) closeReaders() {
	for _, in := range r.Inputs {
		in.Close()
	}
}

// reconciler begins the reports of a pass, and what is counted of the inputs, anew.
func (r *Running) reconciler() (*Reconciler, error) {
	files, err := report.Create(r.Dir, r.Config.reports())
	if err != nil {
		return nil, err
	}
	for _, in := range r.Inputs {
		in.Rows, in.Read, in.Blank = 0, nil, nil
	}
	reconciler := newReconciler(files, check.NewEncoder(r.Config.Redact))
	if r.books = r.workbooks(); r.Config.Annotate && r.books == nil {
		if reconciler.annotated, err = report.Annotate(r.Dir, r.Config.reports()); err != nil {
			return nil, err
		}
	}
	return reconciler, nil
}

// phase begins the reading phase of progress.
func (r *Running) phase(name string) {
	total := int64(0)
	for _, in := range r.Inputs {
		total += in.Size
		for line := range strings.Lines(in.Described) {
			r.Config.Progress.Say(strings.TrimSuffix(line, "\n"))
		}
		in.Described = "" // once is enough
	}
	r.Config.Progress.Phase(name, total)
}

// bytesBefore gives a function that says how many bytes have been read when an input is under way.
func (r *Running) bytesBefore() func(input int) int64 {
	return func(input int) int64 {
		done := int64(0)
		for _, in := range r.Inputs[:input] {
			done += in.Size
		}
		if reader := r.Inputs[input].Reader; reader != nil {
			done += reader.Offset()
		}
		return done
	}
}
