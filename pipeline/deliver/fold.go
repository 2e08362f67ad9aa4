package deliver

import (
	"slices"

	"muster/pipeline/bind"
	"muster/pipeline/block"
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

// Waiting is a row whose record may grow still.
type Waiting struct {
	Record *block.Record
	before *ledger.Assigned
}

// fold adds a row to the record that waits; an error says why it cannot, and the record is as it was.
func (d *Identifier) fold(r *block.Record) error {
	first := d.Waiting.Record
	grown, err := customer.Fold(first.Payload, r.Payload)
	if err != nil {
		return err
	}
	first.Payload, first.Hash = grown, RecordHash(grown)
	for _, key := range r.Keys {
		if !slices.Contains(first.Keys, key) {
			first.Keys = append(first.Keys, key)
		}
	}
	return nil
}

// judge is the outcome of a row that is not the first of its customer; where it is folded, what it holds goes into the
// record that waits.
func (d *Identifier) judge(o *block.Outcome, w *block.Block, i int, v *dedupe.Verdict, inputs []*bind.Input) {
	if v.Relation == dedupe.Folded && (d.Waiting == nil || d.Waiting.Record.Ordinal != v.First.Ordinal) {
		v.Relation = dedupe.Apart // the row that it belongs to is not sent
	}
	o.Judge(v, inputs)
	if v.Relation == dedupe.Folded {
		if err := d.fold(d.Record(w, i, o.Ordinal, v, inputs)); err != nil {
			o.Status, o.Detail, o.Differs = outcome.Invalid, "", nil
			o.Problems = []outcome.Problem{{Code: "identity.merge", Column: -1, Detail: err.Error()}}
		}
	}
	if o.Status == outcome.Invalid {
		o.Cells = bind.Clone(w.Parsed.Rows[i].Cells)
	}
}

// Last ends the row that waits for others of its customer: it is sent, or unsent where the input was not read to
// its end, since what belongs to it may not have been read.
func (d *Identifier) Last(complete bool) (outcomes []block.Outcome, batches []*Batch, err error) {
	held := d.Waiting
	if d.Waiting = nil; held == nil {
		return nil, nil, nil
	}
	switch {
	case complete:
	case held.before == nil:
		return []block.Outcome{held.Record.Outcome(outcome.Unsent, "", "", "", "")}, nil, nil
	case held.before.Settled == nil:
		d.absent(held.before.Seq, &batches)
		return []block.Outcome{held.Record.Outcome(outcome.Unknown, "", "kustomer.no_evidence", "",
			"a request for it was begun, and the rows that belong to it could not be read again")}, batches, nil
	}
	records := d.release(held, nil, &outcomes, &batches)
	return outcomes, batches, d.dispatch(records, &outcomes, &batches)
}

// release goes on with a row that waited.
func (d *Identifier) release(held *Waiting, records []*block.Record, outcomes *[]block.Outcome,
	batches *[]*Batch) []*block.Record {
	switch {
	case held == nil:
	case held.before != nil && held.before.Settled != nil:
		s := held.before.Settled
		*outcomes = append(*outcomes, held.Record.Outcome(outcome.ParseStatus(s.Status), s.CustomerID, s.Code, "", s.Detail))
	case held.before != nil:
		d.gather(held.Record, held.before, batches)
	default:
		records = append(records, held.Record)
	}
	return records
}
