package pipeline

import (
	"muster/pipeline/ledger"
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
