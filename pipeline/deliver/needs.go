package deliver

import (
	"cmp"
	"time"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
)

// Needs is what the rows of an import are going to need, as far as the ledger tells before anything is sent.
type Needs struct {
	lookup.Demand
	Sent   int  // customers that are made or changed
	Load   Load // the records of other kinds that are
	Unsure int  // records of which that is told only once they are read, linked or folded

	bytes    int       // of Sent
	last     time.Time // when the one before was written
	backward int       // how many were written before the one before them
}

// batches are how many it takes to send them.
func (f *Needs) batches() int {
	return max((f.Sent+kustomer.MaxItems-1)/kustomer.MaxItems, (f.bytes+kustomer.MaxBody-1)/kustomer.MaxBody)
}

// Cost is what all of it comes to: reading, and for each batch one request to submit it and one to read its results.
func (f *Needs) Cost(b kustomer.Budget) lookup.Cost {
	c := f.Demand.Cost(b)
	c.Requests += 2*f.batches() + int(f.Load.Requests())
	return c
}

// Whom is the demand.
func (f *Needs) Whom() lookup.Demand {
	d := f.Demand
	d.Together, d.InOrder = kustomer.MaxItems, f.backward*20 <= f.Early+f.Late
	return d
}

// written counts one whom muster wrote.
func (f *Needs) written(at, horizon time.Time) {
	if at.After(horizon) {
		f.Late++
	} else {
		f.Early++
	}
	if at.Before(f.last) {
		f.backward++
	}
	f.last = at
}

// Foresee adds what the rows of a block will need to what is foreseen. It asks the ledger as [Identifier.Identify]
// does, and takes nothing from it. Horizon is since when a write is too late for a search to be believed.
func (d *Identifier) Foresee(f *Needs, w *block.Block, inputs []*bind.Input, horizon time.Time) error {
	from := d.next
	d.next += int64(len(w.Rows))
	assigned, err := d.run.Assigned(from, d.next)
	if err != nil {
		return err
	}
	var records []*block.Record
	for i := range w.Rows {
		begun := len(assigned) > 0 && assigned[0].Ordinal == from+int64(i)
		settled := begun && assigned[0].Settled != nil
		if begun {
			assigned = assigned[1:]
		}
		verdict, judged, err := d.Verdicts.At(from + int64(i))
		if err != nil {
			return err
		}
		if w.Rows[i].Status == outcome.Unsent && !settled && !(judged && !verdict.Stays()) {
			records = append(records, d.Record(w, i, from+int64(i), &verdict, inputs))
		}
	}
	return d.weigh(f, records, horizon)
}

// weigh adds what records will need.
func (d *Identifier) weigh(f *Needs, records []*block.Record, horizon time.Time) error {
	known, err := d.known(records)
	if err != nil {
		return err
	}
	for i, r := range records {
		found := known[i].Found
		switch {
		case found && known[i].Hash == r.Hash && !d.Full:
			continue
		case r.Table.Kind != nil && found:
			f.Load.Changes(r.Table.Kind)
			continue
		case r.Table.Kind != nil:
			f.Load.Makes(r.Table.Kind, r.Ordinal, len(r.Payload), r.Ended())
			continue
		case !isCustomer(r):
		case (r.Table.Links || r.Table.Folds()) && (found || r.Named):
			f.Unsure++
			continue
		case found && d.Full:
			f.written(r.Landed, horizon)
			f.Unsure++
			continue
		case found:
			f.written(r.Landed, horizon)
		case r.Named:
			f.Named, f.Unsure = f.Named+1, f.Unsure+1
			continue
		case d.verb == Update:
			f.Sought, f.Unsure = f.Sought+1, f.Unsure+1
			continue
		}
		f.Sent++
		f.bytes += kustomer.Item{Ref: clientRef(r), ID: cmp.Or(r.CustomerID, known[i].CustomerID),
			Payload: r.Payload}.Size() + stampSize
	}
	return nil
}

// Again has the rows come from the first once more.
func (d *Identifier) Again() error {
	d.next = 0
	return d.Verdicts.Again()
}
