package pipeline

import (
	"muster/pipeline/bind"
	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
	"muster/pipeline/profile"
	"muster/pipeline/source"
)

// work is one block of rows on its way through the stages: the bytes the reader cut, the rows
// parsed from them, and what was found. One goroutine owns it at a time; it goes round and round,
// so nothing in it may be kept beyond the end of the way.
type work struct {
	seq    int64 // position in the order of reading
	input  int   // index of the input
	reader source.Reader
	chunk  source.Chunk
	block  source.Block

	table  *bind.Table
	rows   []checkedRow
	arena  []byte // payloads, report keys and lines of all rows
	said   []byte // lines of outcomes.csv
	hashes []dedupe.Hash

	first     int64          // ordinal of the block's first row; of a pass that compares, as what follows
	shares    []dedupe.Share // of the block's rows
	portraits []dedupe.Row   // of the rows that have some
	gone      bool           // one of them is not there any more

	keys     []keySpan
	problems []outcome.Problem
	profile  profile.Tally // of the block's rows; of the first pass only
	open     bool          // see openDates; of the first pass only
}

// checkedRow is what the checker found of one row; spans point into the work's buffers.
type checkedRow struct {
	status   outcome.Status // Unsent: fit to be sent; Invalid; Skipped
	payload  span           // arena; empty unless the checker was asked for payloads
	key      span           // arena: the row's key in reports
	said     span           // said: its line in outcomes.csv; empty unless a clerk has written it, and so the next two
	noted    span           // arena: its lines in problems.csv
	reject   span           // arena: its line in the rejects
	lead     keySpan        // the identity by which the ledger knows its customer; empty: it has none, or nobody watches
	hashes   span           // hashes: its identities
	keys     span           // keys: its identities with their values; empty unless asked for payloads
	problems span           // problems
	held     bool           // fit, and not to be sent: its company could not be asked for
	promised span           // arena: in a plan, the company that would be made for it; empty: none
}

// keySpan is one identity of a row, its value in the arena.
type keySpan struct {
	kind  dedupe.Kind
	value span
}

type span struct{ from, to int }

func (w *work) reset(input int, r source.Reader) {
	w.input, w.reader, w.table = input, r, nil
	w.rows, w.arena, w.said, w.problems = w.rows[:0], w.arena[:0], w.said[:0], w.problems[:0]
	w.hashes, w.keys = w.hashes[:0], w.keys[:0]
	w.profile.Reset()
}

func (w *work) payload(r *checkedRow) []byte { return w.arena[r.payload.from:r.payload.to] }

func (w *work) key(r *checkedRow) []byte { return w.arena[r.key.from:r.key.to] }

func (w *work) found(r *checkedRow) []outcome.Problem {
	return w.problems[r.problems.from:r.problems.to]
}

// outcome is what the checks alone say of a row: invalid, skipped, or fit and unsent so far.
func (w *work) outcome(i int, ordinal int64) Outcome {
	row, checked := &w.block.Rows[i], &w.rows[i]
	o := Outcome{Ordinal: ordinal, Table: w.table, Line: row.Line, Number: row.Number,
		Key: w.key(checked), Status: checked.status, Problems: w.found(checked)}
	if checked.status == outcome.Invalid || checked.problems.to > checked.problems.from {
		o.Cells = row.Cells
	}
	return o
}
