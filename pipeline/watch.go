package pipeline

import (
	"muster/pipeline/block"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/profile"
)

// Watch looks on while an import surveys its input, and may keep it from sending. Its methods are called from one
// goroutine.
type Watch interface {
	// Row is told of each row read, in the order of the input: by which key the ledger knows its customer, zero where the
	// row gives none. sure is false for a row that is invalid in a way that leaves open whose it is.
	Row(key ledger.KeyHash, sure bool) error
	// Surveyed is told what the whole input is like before anything is sent. Its error ends the run, every row unsent;
	// a *GuardError ends it with exit code 5.
	Surveyed(s *Survey) error
}

// Survey is what the first pass of an import saw.
type Survey struct {
	Run      string
	Rows     int64
	Fit      int64 // rows that are neither invalid nor left out
	Invalid  int64
	Profiles []profile.Table // one for each table, in the order they were read
}

// surveyed gives the watch the last word on the survey.
func (r *run) surveyed(reconciler *Reconciler, seen *profile.Tables) error {
	return r.config.Watch.Surveyed(&Survey{Run: r.id, Rows: r.read, Fit: r.fit, Invalid: reconciler.count(outcome.Invalid), Profiles: seen.Ended()})
}

// tell names the customers of a block's rows to the watch, as the ledger would.
func (r *run) tell(w *block.Block) error {
	if r.config.Watch == nil {
		return nil
	}
	for i := range w.Rows {
		row := &w.Rows[i]
		var key ledger.KeyHash
		named := row.Lead.Value.To > row.Lead.Value.From
		if named {
			key = r.ledger.Key(row.Lead.Kind.String(), w.Arena[row.Lead.Value.From:row.Lead.Value.To])
		}
		if err := r.config.Watch.Row(key, row.Status != outcome.Invalid || named && w.Table.Leads(row.Lead.Kind.String())); err != nil {
			return err
		}
	}
	return nil
}
