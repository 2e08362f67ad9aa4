package pipeline

import (
	"fmt"
	"slices"

	"muster/pipeline/customer"
	"muster/pipeline/dedupe"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
)

// Some files have several rows for a customer: the customer, then further addresses or numbers. Where the mapping
// says fold: true, rows that follow each other and are one customer become one record: lists are appended, and of
// single values the first row that has one gives it. Each row keeps its own line in the books: the first has the
// record's outcome, the others are duplicates that name it. A row of the same customer that stands elsewhere is
// not folded, and says so as a problem: nothing of it is sent.

// A folding is how a duplicate stands to the rows before it.
type folding uint8

const (
	foldNot   folding = iota // the mapping does not fold: the duplicate stays one
	foldInto                 // it is part of the record of the row that it follows
	foldApart                // it does not follow the row that it belongs to
)

// foldRun is the rows of one customer that stand together. It belongs to one goroutine.
type foldRun struct {
	first, last int64
	barred      int64 // the last duplicate that is not folded: what follows it belongs to no record
}

// follows says whether a duplicate is the next of the rows that stand together, and counts it to them.
func (g *foldRun) follows(t dedupe.Duplicate) bool {
	if t.First < g.first || t.First > g.last || t.Ordinal != g.last+1 {
		return false
	}
	g.last = t.Ordinal
	return true
}

// takes says how a duplicate stands to the rows before it, of which only the duplicates are known.
func (g *foldRun) takes(t dedupe.Duplicate, folds bool) folding {
	switch {
	case !folds:
		g.barred = t.Ordinal
		return foldNot
	case g.follows(t):
		return foldInto
	case t.Ordinal == t.First+1 && t.First != g.barred:
		g.first, g.last = t.First, t.Ordinal
		return foldInto
	}
	g.barred = t.Ordinal
	return foldApart
}

// folds says whether rows of one customer are folded into one record.
func (t *Table) folds() bool { return t.binder.mapping.Fold }

// word says of a duplicate what became of what it holds.
func (o *Outcome) word(f folding, line int64, place string) {
	switch f {
	case foldInto:
		o.Detail = fmt.Sprintf("folded into the record of line %d of %s", line, place)
	case foldApart:
		o.Problems = []outcome.Problem{{Code: "identity.apart", Column: -1, Detail: fmt.Sprintf("its customer is in line %d of %s", line, place)}}
	}
}

// waiting is a row whose record may grow still.
type waiting struct {
	record *Record
	before *ledger.Assigned
	run    foldRun
}

// fold adds a row to the record that waits; an error says why it cannot, and the record is as it was.
func (d *Identifier) fold(r *Record) error {
	first := d.waiting.record
	grown, err := customer.Fold(first.Payload, r.Payload)
	if err != nil {
		return err
	}
	first.Payload, first.Hash = grown, recordHash(grown)
	for _, key := range r.Keys {
		if !slices.Contains(first.Keys, key) {
			first.Keys = append(first.Keys, key)
		}
	}
	return nil
}

// duplicate is the outcome of a duplicate; where the mapping folds, what it holds goes into the record that waits.
func (d *Identifier) duplicate(o *Outcome, w *work, i int, t dedupe.Duplicate, inputs []*Input) {
	how := foldNot
	if w.table.folds() && !t.Conflict {
		how = foldApart
		if d.waiting != nil && d.waiting.run.follows(t) {
			how = foldInto
		}
	}
	o.duplicateOf(t, inputs, how)
	if how != foldInto {
		return
	}
	if err := d.fold(d.record(w, i, o.Ordinal)); err != nil {
		o.Detail = ""
		o.Problems = []outcome.Problem{{Code: "identity.merge", Column: -1, Detail: err.Error()}}
	}
}

// Last ends the row that waits for others of its customer: it is sent, or unsent where the input was not read to
// its end, since what belongs to it may not have been read.
func (d *Identifier) Last(complete bool) (outcomes []Outcome, batches []*Batch, err error) {
	held := d.waiting
	if d.waiting = nil; held == nil {
		return nil, nil, nil
	}
	switch {
	case complete:
	case held.before == nil:
		return []Outcome{held.record.outcome(outcome.Unsent, "", "", "", "")}, nil, nil
	case held.before.Settled == nil:
		d.absent(held.before.Seq, &batches)
		return []Outcome{held.record.outcome(outcome.Unknown, "", "kustomer.no_evidence", "", "a request for it was begun, and the rows that belong to it could not be read again")}, batches, nil
	}
	records := d.release(held, nil, &outcomes, &batches)
	return outcomes, batches, d.dispatch(records, &outcomes, &batches)
}

// release goes on with a row that waited.
func (d *Identifier) release(held *waiting, records []*Record, outcomes *[]Outcome, batches *[]*Batch) []*Record {
	switch {
	case held == nil:
	case held.before != nil && held.before.Settled != nil:
		s := held.before.Settled
		*outcomes = append(*outcomes, held.record.outcome(outcome.ParseStatus(s.Status), s.CustomerID, s.Code, "", s.Detail))
	case held.before != nil:
		d.gather(held.record, held.before, batches)
	default:
		records = append(records, held.record)
	}
	return records
}
