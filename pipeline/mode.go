package pipeline

import (
	"context"

	"muster/pipeline/block"
	"muster/pipeline/ledger"
	"muster/pipeline/report"
)

// A Mode is what a run is for: a check, an import, a plan. The run asks it at each step of its way. [Check] is the
// simplest; a mode that differs from it in little embeds it.
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
