package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
)

// update writes records to the customers they are. What each customer has is read first, since an
// update replaces lists and un-links the company it does not name
// (https://developer.kustomer.com/kustomer-api-docs/reference/updatecustomer).
func (p *inFlight) update(ctx context.Context, idx []int) {
	p.read(ctx, p.unread(idx))
	p.read(ctx, p.unread(idx)) // now those whose lists change, which the first reading has shown
	var ready []int
	for _, i := range idx {
		if p.states[i].phase == existing && p.states[i].write != nil {
			ready = append(ready, i)
		}
	}
	p.write(ctx, p.admitted(p.Updates, false, ready))
}

// write sends updates in as few requests as they fit in.
func (p *inFlight) write(ctx context.Context, ready []int) {
	var bulk []int
	var items []kustomer.Item
	size := 1
	flush := func() {
		switch len(bulk) {
		case 0:
		case 1: // one request instead of a job's two, and its answer is the evidence
			p.updateAlone(ctx, bulk[0])
		default:
			p.send(ctx, "update", bulk, items, p.Client.BulkUpdate)
		}
		bulk, items, size = nil, nil, 1
	}
	for _, i := range ready {
		e := &p.states[i]
		item := kustomer.Item{Ref: clientRef(p.batch.Records[i]), ID: e.id, Payload: e.write}
		if AloneOnly(e.write) || item.Size() >= kustomer.MaxBody || e.tries >= MaxTries-1 {
			p.updateAlone(ctx, i)
			continue
		}
		if size+item.Size() > kustomer.MaxBody {
			flush()
		}
		bulk, items, size = append(bulk, i), append(items, item), size+item.Size()
	}
	flush()
}

// unread are those of idx of which it is not known yet what to write.
func (p *inFlight) unread(idx []int) []int {
	var unread []int
	for _, i := range idx {
		if p.states[i].phase == existing && p.states[i].write == nil {
			unread = append(unread, i)
		}
	}
	return unread
}

// read fetches customers that are known by their ids and holds the rows against them.
func (p *inFlight) read(ctx context.Context, idx []int) {
	if len(idx) == 0 {
		return
	}
	if p.stopped(ctx) {
		p.unsent(idx)
		return
	}
	s, err := p.Readings.Sit(kustomer.Detached(ctx), p.wanted(idx))
	if err != nil {
		p.unsent(idx)
		p.Halt.Stop(err)
		return
	}
	for k, i := range idx {
		if s.Found[k] == nil {
			p.states[i].id, p.states[i].phase = "", indeterminate // deleted since: it may live on under another id
			continue
		}
		p.states[i].seen = s.At
		p.found(ctx, i, s.Found[k], s.Fresh[k])
	}
}

// wanted are the customers of records as Readings takes them.
func (p *inFlight) wanted(idx []int) []lookup.Wanted {
	wanted := make([]lookup.Wanted, len(idx))
	for k, i := range idx {
		r, e := p.batch.Records[i], &p.states[i]
		wanted[k] = lookup.Wanted{ID: e.id, Keys: r.MatchKeys(), Landed: r.Landed, Fresh: e.stale, Held: e.held, Seen: e.seen}
		if e.id != "" {
			wanted[k].Keys = r.Keys
		}
		if e.phase == indeterminate && p.inDoubt(i) {
			wanted[k] = lookup.Wanted{ID: e.id, Keys: p.doubtKeys(i), Landed: e.begun, Doubt: true,
				Makes: e.tries > 0 && !e.updating && p.Verb != Update && r.Planned == nil}
		}
	}
	return wanted
}

// hold keeps what was read of a customer until it is known whether anybody has written to it since.
func (e *recordState) hold(c *kustomer.Customer) { e.write, e.stale, e.held = nil, true, c }

// toWrite prepares the update of an existing customer: what of the row it has not. A list is replaced by
// an update, so it is joined with no other than the list of this moment.
func (p *inFlight) toWrite(i int, c *kustomer.Customer, current bool) {
	e := &p.states[i]
	r := p.batch.Records[i]
	d, err := customer.Differ(p.payload(i), c, r.Table.Plan.Writes())
	if err != nil {
		p.reject(i, "identity.merge", err.Error(), "")
		return
	}
	code, field := Untold(&d)
	if d.Empty && code != "" {
		p.reject(i, code, "", field)
		if e.updating {
			e.status, e.id = outcome.Updated, c.ID
		}
		return
	}
	e.phase, e.id = existing, c.ID
	rev := Expected(p.payload(i))
	if (d.Lists || rev > 0) && !current {
		e.hold(c)
		return
	}
	if rev > 0 && rev != c.Rev && !e.updating {
		p.reject(i, StaleRev, StaleWords(rev, c.Rev), "rev")
		return
	}
	e.write, e.detail, e.code, e.column = d.Update, e.left, code, field
	if p.Backup != nil {
		e.before = c
	}
	e.image = ledger.Image{CustomerID: c.ID, Rev: c.Rev, Before: customer.Writable(c), Update: d.Update}
}

// Untold is the code of what of a row cannot be written since what the customer has there cannot be told, and the
// field; "" nothing.
func Untold(d *customer.Difference) (code, field string) {
	switch {
	case len(d.Untold) == 0:
		return "", ""
	case slices.Contains(d.Untold, "tags"):
		return "kustomer.tags", "tags"
	}
	return "kustomer.masked", d.Untold[0]
}

// StaleRev is the code of a row that expects another revision of its customer than the org has.
const StaleRev = "kustomer.stale_rev"

// StaleWords says that a row expects another revision than the org has.
func StaleWords(row, org int64) string {
	return fmt.Sprintf("the row expects revision %d, and the customer is at %d", row, org)
}

// Expected is the revision that a record expects of its customer, 0 none.
func Expected(payload []byte) int64 {
	if !bytes.Contains(payload, []byte(`"rev":`)) {
		return 0
	}
	var row struct{ Rev float64 }
	_ = json.Unmarshal(payload, &row) // a record is an object; what is no number expects nothing
	return int64(row.Rev)
}

// Object is a JSON object, its members as they came.
type Object = map[string]json.RawMessage
