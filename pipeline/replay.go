package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"muster/pipeline/block"
	"muster/pipeline/link"
	"muster/pipeline/outcome"
	"muster/pipeline/progress"
	"muster/pipeline/report"
)

// ReplayConfig says which run's rows are gone through again.
type ReplayConfig struct {
	Run      string // its id
	State    string
	ReadOnly *ReadOnlyOrg      // for the attributes and companies that the rows name
	Now      func() time.Time  // nil: the clock
	Progress progress.Reporter // nil: nobody watches
}

// Replay goes through the rows of a run of the past. It writes nothing and sends nothing.
type Replay struct {
	run    *Running
	linker *link.Linker
}

// ErrEnough ends a [Replay.Rows] early: its sink returns it, and so does Rows.
var ErrEnough = errors.New("enough")

// Reopen opens the inputs of a run again. The error wraps [bind.ErrInputChanged] where they or their mappings are not
// what they were, and is a *UsageError where the run read standard input.
func Reopen(ctx context.Context, c ReplayConfig) (*Replay, error) {
	settings, err := LoadSettings(c.State, c.Run)
	if err == nil {
		err = settings.Unchanged()
	}
	if err != nil {
		return nil, err
	}
	config := settings.Config
	for _, f := range config.Files {
		if f == "-" {
			return nil, &outcome.UsageError{Err: errors.New("the run read standard input, which cannot be read again: what " +
				"was sent cannot be worked out")}
		}
	}
	config.State, config.ReadOnly, config.Annotate, config.RejectsBook, config.Now, config.Progress = c.State, c.ReadOnly,
		false, false, c.Now, c.Progress
	config = config.withDefaults()
	r, err := understand(ctx, &config, Check{})
	if err != nil {
		return nil, err
	}
	if err := r.settleDates(context.Background()); err != nil {
		r.close()
		return nil, err
	}
	return &Replay{run: r, linker: link.New(c.ReadOnly.Viewer)}, nil
}

// Rows hands every row of the input to sink, from the first, as [Running.Rows] does.
func (p *Replay) Rows(ctx context.Context, sink func(*block.Block) error) error {
	return p.run.Rows(ctx, Stretch{}, p.linker, sink)
}

// Close closes the inputs. A nil Replay has none.
func (p *Replay) Close() {
	if p != nil {
		p.run.close()
	}
}

// ReadOutcomes has the outcomes of a run read, which has a line for each row in the order of the input. The error is a
// *UsageError where the run kept none.
func ReadOutcomes(state, run string, read func(*report.Outcomes) error) error {
	file, err := os.Open(filepath.Join(state, "runs", run, "outcomes.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return &outcome.UsageError{Err: fmt.Errorf("run %s has no outcomes.csv: it is not known which customers it says "+
			"it has landed", run)}
	}
	if err != nil {
		return fmt.Errorf("read the run's outcomes: %w", err)
	}
	defer file.Close()
	return read(report.NewOutcomes(file))
}
