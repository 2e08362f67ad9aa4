package lanes

import (
	"fmt"

	"muster/pipeline/block"
	"muster/pipeline/outcome"
)

// Wary slows a run down at the first sign of something new: while the first rows are sent, a code that
// was not met before leaves one lane open until some more batches have come back.
type Wary struct{ met map[string]bool }

const (
	waryRows    = 20000 // the rows in which a new code counts as a surprise: the first two hundred batches
	WaryBatches = 5     // sent one by one after a surprise
)

// Look says in words what is new among outcomes, "" nothing.
func (w *Wary) Look(some []block.Outcome, rows int64) string {
	if rows > waryRows {
		return ""
	}
	for i := range some {
		o := &some[i]
		if (o.Status != outcome.Rejected && o.Status != outcome.Unknown) || len(o.Problems) == 0 ||
			w.met[o.Problems[0].Code] {
			continue
		}
		if w.met == nil {
			w.met = map[string]bool{}
		}
		w.met[o.Problems[0].Code] = true
		return fmt.Sprintf("%s for the first time (line %d): the next %d batches go one by one", o.Problems[0].Code, o.Line,
			WaryBatches)
	}
	return ""
}
