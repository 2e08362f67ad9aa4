package pipeline

import (
	"muster/pipeline/dedupe"
	"muster/pipeline/deliver"
	"muster/pipeline/ledger"
	"muster/pipeline/profile"
	"muster/pipeline/report"
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

// Survey is what the first pass learned of the input.
type Survey struct {
	Run     string
	Rows    int64
	Ended   bool  // it came to the end of the input
	Fit     int64 // rows that are neither invalid nor left out
	Invalid int64
	// Customers are those of Fit that are customers, or conversations that are described; Load is that of the others,
	// of an import.
	Customers int64
	Load      deliver.Load
	Profiles  []profile.Table  // one for each table, in the order they were read
	Damages   []report.Damage  // of columns, the worst first
	Moved     *report.Moved    // the first row that holds the header in another order; nil: there is none
	Verdicts  *dedupe.Verdicts // of rows that are not the first of their customer; nil: there are none
	Columns   *report.Columns  // what becomes of each
}
