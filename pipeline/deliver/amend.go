package deliver

import (
	"context"
	"encoding/json"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
)

// amendAll writes records to those that the org has: what of a row one has not. What each has is read first.
func (p *inFlight) amendAll(ctx context.Context, k *object.Kind, idx []int) {
	var unread []int
	for _, i := range idx {
		if p.states[i].write == nil {
			unread = append(unread, i)
		}
	}
	p.compareAll(ctx, k, unread)
	var ready []int
	for _, i := range idx {
		if p.states[i].phase == existing && p.states[i].write != nil {
			ready = append(ready, i)
		}
	}
	p.writeAll(ctx, k, p.admitted(p.Updates, false, ready))
}

// compareAll reads what the org has of records, and says what is to be written.
func (p *inFlight) compareAll(ctx context.Context, k *object.Kind, idx []int) {
	var ids []string
	var asked []int
	for _, i := range idx {
		if e := &p.states[i]; e.record == nil {
			ids, asked = append(ids, e.id), append(asked, i)
		}
	}
	if len(asked) > 0 {
		if p.stopped(ctx) {
			p.unsent(idx)
			return
		}
		found, err := p.Kinds.ByIDs(kustomer.Detached(ctx), k, ids)
		if err != nil {
			p.unsent(idx)
			p.Halt.Stop(err)
			return
		}
		for n, i := range asked {
			p.states[i].record = found[n]
		}
	}
	for _, i := range idx {
		p.compare(ctx, k, i)
	}
}

// compare holds one record against what the org has.
func (p *inFlight) compare(ctx context.Context, k *object.Kind, i int) {
	r, e := p.batch.Records[i], &p.states[i]
	have := e.record
	e.record = nil // a later look must be a new one
	switch {
	case p.overtaken(k, i, have):
		return
	case have == nil && e.updating:
		p.reject(i, "kustomer.not_found", "it was deleted since", "externalId")
		return
	case have == nil: // deleted since: it may be made anew, unless the org has another of its external id
		e.phase, e.id = fresh, ""
		if p.Verb == Update {
			p.reject(i, "kustomer.not_found", "", "externalId")
		}
		return
	case p.Verb == Create && !e.updating && have.Text("externalId") == externalIDOf(r):
		p.reject(i, "kustomer.exists", "it is "+have.ID, "")
		return
	}
	d, err := p.Kinds.differ(kustomer.Detached(ctx), k, r, e.payload, have)
	switch {
	case err != nil:
		p.untagged(i, err)
	case d.update != nil && p.edited(k, i, have):
		p.leave(i, have.ID, "somebody has changed it since")
	case d.wrong:
		p.reject(i, d.code, d.detail, d.column)
	case d.update == nil && e.updating:
		p.done(i, outcome.Updated, have.ID)
		e.code, e.column = d.code, d.column
	case d.update == nil:
		p.done(i, outcome.Unchanged, have.ID)
		if e.code, e.column = d.code, d.column; d.code != "" {
			e.status = outcome.Rejected
		}
	case e.tries >= MaxTries:
		p.unknown(i, "several requests for it came to nothing")
	default:
		e.id, e.write, e.code, e.column = have.ID, d.update, d.code, d.column
		if p.Backup != nil {
			e.before = Comparable(have)
		}
		e.image = ledger.Image{CustomerID: have.ID, Rev: have.Rev, Before: WritableOf(k, have), Update: d.update}
	}
}

// difference is what a record says otherwise than the org has it.
type difference struct {
	update       []byte // nil: nothing that could be written
	code, column string // of what it goes without
	detail       string
	wrong        bool // nothing of it may be written, for code
}

// differ holds a record against the one that the org has. The error is that of an org that could not be asked for the
// names of its tags.
func (s *Kinds) differ(ctx context.Context, k *object.Kind, r *block.Record, payload []byte,
	have *kustomer.Record) (d difference, err error) {
	if have.Text("externalId") != externalIDOf(r) {
		return difference{wrong: true, code: "identity.conflict", column: "externalId",
			detail: "the org has " + k.Name + " " + have.ID + " under another external id by now"}, nil
	}
	c, err := s.Readings.NamedFor(ctx, asKind(have), payload)
	if err != nil {
		return d, err
	}
	later, fixed := s.later(k, payload, have)
	found, err := customer.Differ(later, c, r.Table.Plan.Writes())
	if err != nil {
		return difference{wrong: true, code: "identity.merge", detail: err.Error()}, nil
	}
	if d.code, d.column = Untold(&found); d.code == "" && fixed != "" {
		d.code, d.column = "kustomer.fixed", fixed
	}
	if !found.Empty {
		d.update = found.Update
	}
	return d, nil
}

// asKind lets a record be compared as customers are: by its attributes.
func asKind(r *kustomer.Record) *kustomer.Customer {
	return &kustomer.Customer{ID: r.ID, Rev: r.Rev, UpdatedAt: r.UpdatedAt, Attributes: r.Attributes}
}

// later is what of a record an update takes, and the first field that only a create takes and that is not as the org
// has it. When a record was imported, and dates that the key may not set, are no difference.
func (s *Kinds) later(k *object.Kind, payload []byte, have *kustomer.Record) (body []byte, fixed string) {
	var fields Object
	if json.Unmarshal(payload, &fields) != nil {
		return payload, ""
	}
	for _, f := range k.Fields {
		sent := fields[f.Name]
		if sent == nil || f.When != object.OnMade && f.Name != "importedAt" && f.Name != "createdAt" &&
			f.Name != "conversation" {
			continue
		}
		delete(fields, f.Name)
		held := have.Attributes[f.Name]
		if f.Name == object.Attachments {
			sent, held = namesOfFiles(sent), namesOfFiles(held)
		}
		if id := have.Related[f.Name]; id != "" {
			held, _ = json.Marshal(id) // a text always marshals
		}
		if f.Name != "importedAt" && f.Name != "createdAt" && !customer.SameValue(f.Name, sent, held) && fixed == "" {
			fixed = f.Name
		}
	}
	delete(fields, "createdBy")
	body, _ = json.Marshal(fields) // what was JSON is JSON again
	return body, fixed
}

// WritableOf is what of a record can be written back, as a JSON object: what it takes to undo an update.
func WritableOf(k *object.Kind, r *kustomer.Record) []byte {
	before := Object{}
	keep := func(name string) {
		if value := r.Attributes[name]; !customer.IsNull(value) {
			before[name] = customer.WritableValue(name, value)
		}
	}
	for _, f := range k.Fields {
		if f.When != object.OnMade {
			keep(f.Name)
		}
	}
	for _, ref := range k.References {
		if ref.Many { // the others are set when the record is made
			keep(ref.Field)
		}
	}
	text, _ := json.Marshal(before) // of what was decoded
	return text
}

// writeAll sends updates in as few requests as they fit in.
func (p *inFlight) writeAll(ctx context.Context, k *object.Kind, ready []int) {
	var bulk []int
	var items []kustomer.Item
	size := 1
	flush := func() {
		switch {
		case len(bulk) == 0:
		case len(bulk) == 1, !k.ClientRef: // one request instead of a job's two, and its answer is the evidence
			for _, i := range bulk {
				p.writeAlone(ctx, k, i)
			}
		default:
			p.send(ctx, "update", bulk, items, p.Kinds.reffed(k, p.Client.BulkUpdateRecords))
		}
		bulk, items, size = nil, nil, 1
	}
	for _, i := range ready {
		e := &p.states[i]
		item := kustomer.Item{Ref: clientRef(p.batch.Records[i]), ID: e.id, Payload: e.write}
		if item.Size() >= kustomer.MaxBody || e.tries >= MaxTries-1 {
			p.writeAlone(ctx, k, i)
			continue
		}
		if size+item.Size() > kustomer.MaxBody || len(bulk) == kustomer.MaxItems {
			flush()
		}
		bulk, items, size = append(bulk, i), append(items, item), size+item.Size()
	}
	flush()
}

// writeAlone changes one record by itself. Its answer is the evidence.
func (p *inFlight) writeAlone(ctx context.Context, k *object.Kind, i int) {
	e := &p.states[i]
	n, err, begun := p.single(ctx, "update", i, e.write, func() (bool, error) {
		c, err := p.Client.UpdateRecord(ctx, MethodOf(k), k.Path, e.id, e.write)
		return err == nil && c.ID == e.id, err
	})
	if !begun {
		return
	}
	switch kustomer.VerdictOf(err) {
	case 0:
		p.done(i, outcome.Updated, e.id)
	case kustomer.NotFound:
		p.answered(n, notedRefused)
		p.reject(i, "kustomer.not_found", "it was deleted since", "externalId")
	default:
		p.failed(ctx, n, []int{i}, err, nil)
	}
}
