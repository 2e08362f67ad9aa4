package deliver

import (
	"bytes"
	"slices"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/dedupe"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
)

// Identifier is the stage that knows which row is which customer: duplicates of earlier rows, records
// the ledger has landed before, records this run or an earlier one left unfinished. It belongs to
// one goroutine; blocks come to it in the order of the input.
type Identifier struct {
	Ledger   *ledger.Ledger
	run      *ledger.Run
	orgID    string
	verb     Verb
	Full     bool // what landed before is read again, unchanged or not
	Verdicts *dedupe.Verdicts
	doubts   map[ledger.KeyHash]ledger.Doubt // keys that other runs left in doubt
	open     map[int64]*openBatch            // by Seq: what the run we take up again had begun
	Batcher  Batcher
	Plan     *Planned // nil: none is carried out
	Waiting  *Waiting // the row to which those behind it may belong; nil where no mapping folds

	next int64 // ordinal of the next row
}

// openBatch gathers the records of a batch that was begun before.
type openBatch struct {
	ledger *ledger.OpenBatch
	batch  *Batch
	absent int // items whose row is not fit to be sent any more
}

// NewIdentifier loads what the ledger holds of unfinished work; that is bounded by the uploads in
// flight when earlier runs ended.
func NewIdentifier(l *ledger.Ledger, run *ledger.Run, orgID string, verb Verb, verdicts *dedupe.Verdicts) (*Identifier,
	error) {
	d := &Identifier{Ledger: l, run: run, orgID: orgID, verb: verb, Verdicts: verdicts,
		doubts: map[ledger.KeyHash]ledger.Doubt{}, open: map[int64]*openBatch{}}
	doubts, err := l.Doubts(orgID, run.ID())
	if err != nil {
		return nil, err
	}
	for _, doubt := range doubts {
		d.doubts[doubt.Key] = doubt
	}
	batches, err := run.OpenBatches()
	if err != nil {
		return nil, err
	}
	for i := range batches {
		d.open[batches[i].Seq] = &openBatch{ledger: &batches[i],
			batch: &Batch{Seq: batches[i].Seq, Intent: ToFinish, Open: &batches[i]}}
	}
	return d, nil
}

// Identify sends each row of a block on: rows that need no request become outcomes, the others go
// to batches. Both slices are the receiver's.
func (d *Identifier) Identify(w *block.Block, inputs []*bind.Input) (outcomes []block.Outcome, batches []*Batch,
	err error) {
	from := d.next
	d.next += int64(len(w.Rows))
	assigned, err := d.run.Assigned(from, d.next)
	if err != nil {
		return nil, nil, err
	}
	records, err := d.sift(w, from, inputs, &assigned, &outcomes, &batches)
	if err != nil {
		return nil, nil, err
	}
	return outcomes, batches, d.dispatch(records, &outcomes, &batches)
}

// dispatch sends records on whose fate is open.
func (d *Identifier) dispatch(records []*block.Record, outcomes *[]block.Outcome, batches *[]*Batch) error {
	known, err := d.known(records)
	if err != nil {
		return err
	}
	for i, r := range records {
		d.send(r, known[i], outcomes, batches)
	}
	return nil
}

// known is what the ledger has of each record. Those that will be read are told when they were written last.
func (d *Identifier) known(records []*block.Record) ([]ledger.Known, error) {
	marks := make([]ledger.KeyHash, len(records))
	for i, r := range records {
		marks[i] = r.Mark
	}
	known, err := d.Ledger.Known(d.orgID, marks)
	if err != nil {
		return nil, err
	}
	return known, d.landed(records, known)
}

// landed tells records that will be read when they were written last.
func (d *Identifier) landed(records []*block.Record, known []ledger.Known) error {
	var read []*block.Record
	var marks []ledger.KeyHash
	for i, r := range records {
		if known[i].Found && (d.Full || known[i].Hash != r.Hash) {
			read, marks = append(read, r), append(marks, r.Mark)
		}
	}
	times, err := d.Ledger.Landed(d.orgID, marks)
	if err != nil {
		return err
	}
	for i, r := range read {
		r.Landed = times[i]
	}
	return nil
}

// sift takes out the rows whose end is known or that belong to batches begun before, and makes
// records of the others.
func (d *Identifier) sift(w *block.Block, from int64, inputs []*bind.Input, assigned *[]ledger.Assigned,
	outcomes *[]block.Outcome, batches *[]*Batch) ([]*block.Record, error) {
	var records []*block.Record
	for i := range w.Rows {
		ordinal := from + int64(i)
		var before *ledger.Assigned
		if a := *assigned; len(a) > 0 && a[0].Ordinal == ordinal {
			before, *assigned = &a[0], a[1:]
		}
		verdict, judged, err := d.Verdicts.At(ordinal)
		if err != nil {
			return nil, err
		}
		entry, err := d.Plan.at(ordinal)
		if err != nil {
			return nil, err
		}
		switch {
		case w.Rows[i].Status != outcome.Unsent || w.Rows[i].Held || (judged && !verdict.Stays() && before == nil):
			*outcomes = append(*outcomes, d.Unfit(w, i, ordinal, &verdict, judged, before, inputs, batches))
		case w.Table.Folds():
			records = d.release(d.Waiting, records, outcomes, batches)
			d.Waiting = &Waiting{d.Record(w, i, ordinal, &verdict, inputs), before}
			d.Waiting.Record.Planned = entry
		case before != nil && before.Settled != nil:
			r := d.Record(w, i, ordinal, &verdict, inputs)
			s := before.Settled
			*outcomes = append(*outcomes, r.Outcome(outcome.ParseStatus(s.Status), s.CustomerID, s.Code, "", s.Detail))
		case before != nil:
			r := d.Record(w, i, ordinal, &verdict, inputs)
			r.Planned = entry
			d.gather(r, before, batches)
		default:
			r := d.Record(w, i, ordinal, &verdict, inputs)
			r.Planned = entry
			records = append(records, r)
		}
	}
	return records, nil
}

// Unfit is the outcome of a row that is not to be sent.
func (d *Identifier) Unfit(w *block.Block, i int, ordinal int64, verdict *dedupe.Verdict, judged bool,
	before *ledger.Assigned,
	inputs []*bind.Input, batches *[]*Batch) block.Outcome {
	o := w.Outcome(i, ordinal)
	o.Own()
	switch {
	case before != nil && before.Settled != nil:
		o.Status, o.CustomerID = outcome.ParseStatus(before.Settled.Status), before.Settled.CustomerID
	case before != nil:
		// It was fit when an earlier process began to send it, and is no more: the mapping or the
		// org's attributes changed. What became of the request cannot be asked without its key.
		o.Status = outcome.Unknown
		o.Problems = append(o.Problems, outcome.Problem{Code: "kustomer.no_evidence", Column: -1,
			Detail: "a request for it was begun before the row became invalid"})
		d.absent(before.Seq, batches)
	case judged:
		d.judge(&o, w, i, verdict, inputs)
	}
	return o
}

// gather puts a record back into the batch it was begun with, and hands the batch on once it is
// whole again.
func (d *Identifier) gather(r *block.Record, a *ledger.Assigned, batches *[]*Batch) {
	o := d.open[a.Seq]
	o.batch.Records = append(o.batch.Records, r)
	o.batch.Indexes = append(o.batch.Indexes, a.Index)
	d.whole(a.Seq, batches)
}

func (d *Identifier) absent(seq int64, batches *[]*Batch) {
	if o := d.open[seq]; o != nil {
		o.absent++
		d.whole(seq, batches)
	}
}

func (d *Identifier) whole(seq int64, batches *[]*Batch) {
	o := d.open[seq]
	if len(o.batch.Records)+o.absent == len(o.ledger.Items) {
		if len(o.batch.Records) > 0 {
			*batches = append(*batches, o.batch)
		}
		delete(d.open, seq)
	}
}

// send decides what a record is sent for.
func (d *Identifier) send(r *block.Record, known ledger.Known, outcomes *[]block.Outcome, batches *[]*Batch) {
	intent := ToCreate
	doubt, inDoubt := d.doubts[r.Mark]
	switch {
	case inDoubt && len(r.Keys) == 0:
		*outcomes = append(*outcomes, r.Outcome(outcome.Unknown, "", "kustomer.no_evidence", "",
			"an earlier run began to send this row, and it has no key to look it up by"))
		return
	case inDoubt:
		r.Doubt, intent = &doubt, ToLookUp // also a row that landed before: the request in doubt may have changed it since
	case r.Planned != nil:
		planned, done := carryOut(r, known.Found)
		if done != nil {
			*outcomes = append(*outcomes, *done)
			return
		}
		intent = planned
	case known.Found && known.Hash == r.Hash && !d.Full:
		*outcomes = append(*outcomes, r.Outcome(outcome.Unchanged, known.CustomerID, "", "",
			"landed before, and the row is the same"))
		return
	case r.Named:
		intent = ToUpdate
	case known.Found && !r.Table.IsConversation():
		r.CustomerID, intent = known.CustomerID, ToUpdate
	}
	if full := d.Batcher.Add(r, intent); full != nil {
		*batches = append(*batches, full)
	}
}

// Flush ends the stage: batches that are not full, and those begun before whose rows were not all
// read again because the run is ending.
func (d *Identifier) Flush() []*Batch {
	rest := d.Batcher.Flush()
	for _, o := range d.open {
		if len(o.batch.Records) > 0 {
			o.batch.Intent = Abandoned
			rest = append(rest, o.batch)
		}
	}
	return rest
}

// Record copies one row out of the block, with what is known of it that has not kept it back.
func (d *Identifier) Record(w *block.Block, i int, ordinal int64, v *dedupe.Verdict,
	inputs []*bind.Input) *block.Record {
	row, checked := &w.Parsed.Rows[i], &w.Rows[i]
	r := &block.Record{Ordinal: ordinal, Table: w.Table, Line: row.Line, Number: row.Number,
		Key: bytes.Clone(w.Key(checked)), Cells: bind.Clone(row.Cells), Payload: bytes.Clone(w.Payload(checked))}
	r.Noted = append(slices.Clone(w.Found(checked)), block.Repeats(v, w.Table, inputs)...)
	r.Hash = RecordHash(r.Payload)
	if w.Table.IsConversation() {
		r.AsConversation()
	}
	if w.Table.Named {
		r.AsNamed()
	}
	for _, k := range w.Keys[checked.Keys.From:checked.Keys.To] {
		r.Keys = append(r.Keys, customer.Identity{Kind: k.Kind.String(), Value: string(w.Arena[k.Value.From:k.Value.To])})
	}
	if len(r.Keys) > 0 {
		r.Mark = MarkOf(d.Ledger, w.Table.Realm(), r.Keys[0].Kind, r.Keys[0].Value)
	} else {
		r.Mark = d.Ledger.Key("content", []byte(contentKey(r.Hash)))
	}
	return r
}
