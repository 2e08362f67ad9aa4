package block

import (
	"muster/pipeline/bind"
	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
	"muster/pipeline/profile"
	"muster/pipeline/source"
)

// Block is one block of rows on its way through the stages: the bytes the reader cut, the rows
// parsed from them, and what was found. One goroutine owns it at a time; it goes round and round,
// so nothing in it may be kept beyond the end of the way.
type Block struct {
	Seq    int64 // position in the order of reading
	Input  int   // index of the input
	Reader source.Reader
	Chunk  source.Chunk
	Parsed source.Block

	Table  *bind.Table
	Rows   []Row
	Arena  []byte // payloads, report keys and lines of all rows
	Said   []byte // lines of outcomes.csv
	Hashes []dedupe.Hash
	Ruled  []dedupe.Hash // of what must differ from row to row by rules of the mapping; of the first pass only

	First     int64          // ordinal of the block's first row; of a pass that compares, as what follows
	Shares    []dedupe.Share // of the block's rows
	Portraits []dedupe.Row   // of the rows that have some
	Gone      bool           // one of them is not there any more

	Keys     []KeySpan
	Problems []outcome.Problem
	Profile  profile.Tally // of the block's rows; of the first pass only
	Open     bool          // see openDates; of the first pass only
}

// Row is what the checker found of one row; spans point into the work's buffers.
type Row struct {
	Status  outcome.Status // Unsent: fit to be sent; Invalid; Skipped
	Payload Span           // arena; empty unless the checker was asked for payloads
	Key     Span           // arena: the row's key in reports
	// said: its line in outcomes.csv; empty unless a row encoder has written it, and so the next two
	Said     Span
	Noted    Span    // arena: its lines in problems.csv
	Reject   Span    // arena: its line in the rejects
	Lead     KeySpan // the identity by which the ledger knows its customer; empty: it has none, or nobody watches
	Hashes   Span    // hashes: its identities
	Ruled    Span    // ruled: of what must differ
	Keys     Span    // keys: its identities with their values; empty unless asked for payloads
	Problems Span    // problems
	Held     bool    // fit, and not to be sent: its company could not be asked for
	Size     int     // bytes of the payload; 0 unless the checker was asked for sizes
	Ends     bool    // the same: it is a conversation that has ended
	Promised Span    // arena: in a plan, the company that would be made for it; empty: none
}

// KeySpan is one identity of a row, its value in the arena.
type KeySpan struct {
	Kind  dedupe.Kind
	Value Span
}

// Span is a stretch of one of the block's buffers.
type Span struct{ From, To int }

// Reset empties it for another chunk of an input; its buffers are kept.
func (w *Block) Reset(input int, r source.Reader) {
	w.Input, w.Reader, w.Table = input, r, nil
	w.Rows, w.Arena, w.Said, w.Problems = w.Rows[:0], w.Arena[:0], w.Said[:0], w.Problems[:0]
	w.Hashes, w.Ruled, w.Keys = w.Hashes[:0], w.Ruled[:0], w.Keys[:0]
	w.Profile.Reset()
}

// Payload is the JSON object of a row; the block's own.
func (w *Block) Payload(r *Row) []byte { return w.Arena[r.Payload.From:r.Payload.To] }

// Key is how reports call a row; the block's own.
func (w *Block) Key(r *Row) []byte { return w.Arena[r.Key.From:r.Key.To] }

// Found are the problems of a row; the block's own.
func (w *Block) Found(r *Row) []outcome.Problem {
	return w.Problems[r.Problems.From:r.Problems.To]
}

// Outcome is what the checks alone say of a row: invalid, skipped, or fit and unsent so far.
func (w *Block) Outcome(i int, ordinal int64) Outcome {
	row, checked := &w.Parsed.Rows[i], &w.Rows[i]
	o := Outcome{Ordinal: ordinal, Table: w.Table, Line: row.Line, Number: row.Number,
		Key: w.Key(checked), Status: checked.Status, Problems: w.Found(checked)}
	if checked.Status == outcome.Invalid || checked.Problems.To > checked.Problems.From {
		o.Cells = row.Cells
	}
	return o
}
