package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
)

// lookUp asks the org for each record by its keys: the only evidence there is for what is in doubt,
// and the way to the customer that holds a taken identity.
func (p *parcel) lookUp(ctx context.Context, idx []int) {
	if !p.begun {
		if p.stopped(ctx) {
			p.unsent(idx)
			return
		}
		n, err := p.intend("look-up", idx, nil)
		if err != nil {
			p.unsent(idx)
			return
		}
		p.answered(n, "nothing was written")
	}
	for _, i := range idx {
		p.lookUpOne(context.WithoutCancel(ctx), i)
	}
}

func (p *parcel) lookUpOne(ctx context.Context, i int) {
	r, e := p.batch.Records[i], &p.ends[i]
	c, err := p.find(ctx, r)
	switch {
	case err == nil:
		p.found(i, c)
	case kustomer.VerdictOf(err) != kustomer.NotFound:
		p.unknown(i, "a request for it was begun and the org could not be asked what became of it")
		if p.halt.Err() == nil {
			p.halt.Stop(err)
		}
	case e.phase == taken:
		p.reject(i, "kustomer.duplicate", "another customer holds one of its identities, and none of its keys finds that customer", "")
	case p.verb == Update:
		p.reject(i, "kustomer.not_found", "", "")
	case len(r.Keys) == 0:
		p.unknown(i, "it has no key to look it up by")
	case e.tries >= maxTries:
		p.unknown(i, fmt.Sprintf("%d requests for it came to nothing", e.tries))
	default:
		// Nobody has its identities. Should the lost request still be applied one day, the org's
		// own uniqueness refuses the second of the two.
		e.phase = fresh
	}
}

// find looks a record up by its match keys in their order. The error's verdict is NotFound when
// none of them finds a customer; a blank key is not among them.
func (p *parcel) find(ctx context.Context, r *Record) (*kustomer.Customer, error) {
	var missing error = &kustomer.Error{Verdict: kustomer.NotFound, Act: "look-up"}
	for _, kind := range r.Table.Plan.MatchKeys() {
		for _, key := range r.Keys {
			if key.Kind != kind {
				continue
			}
			c, err := p.client.Lookup(ctx, key.Kind, key.Value)
			if err == nil || kustomer.VerdictOf(err) != kustomer.NotFound {
				return c, err
			}
			missing = err
		}
	}
	return nil, missing
}

// found decides what a customer that holds one of the record's keys means.
func (p *parcel) found(i int, c *kustomer.Customer) {
	r, e := p.batch.Records[i], &p.ends[i]
	switch {
	case e.tries > 0 && !e.updating && p.ours(r, c):
		p.done(i, Created, c.ID)
	case p.verb == Create:
		p.reject(i, "kustomer.exists", "it is customer "+c.ID, "")
	case covers(c, r.Payload):
		status := Unchanged
		if e.updating {
			status = Updated
		}
		p.done(i, status, c.ID)
	case e.tries >= maxTries:
		p.unknown(i, fmt.Sprintf("%d requests for it came to nothing", e.tries))
	default:
		p.toWrite(i, c)
	}
}

// toWrite prepares the update of an existing customer.
func (p *parcel) toWrite(i int, c *kustomer.Customer) {
	merged, note, err := merge(p.batch.Records[i].Payload, c)
	if err != nil {
		p.reject(i, "identity.merge", err.Error(), "")
		return
	}
	e := &p.ends[i]
	e.phase, e.id, e.write, e.detail = existing, c.ID, merged, note
}

// ours says whether this run created the customer: it carries our stamp, the moment the run began
// to the millisecond, or, where the row brings its own importedAt, exactly what we sent.
func (p *parcel) ours(r *Record, c *kustomer.Customer) bool {
	if r.Table.stamped {
		return sameMoment(c.Attributes["importedAt"], p.stamp)
	}
	return c.Rev <= 1 && covers(c, r.Payload)
}

// stamped is the payload with importedAt set to the moment the run began, unless the row brings its
// own. It is what tells a customer of ours from one that was there before.
func (p *parcel) stamped(r *Record) []byte {
	if !r.Table.stamped {
		return r.Payload
	}
	return stampPayload(r.Payload, p.stamp)
}

// stampSize is how many bytes the stamp adds.
const stampSize = len(`"importedAt":"2006-01-02T15:04:05.000Z",`)

func stampPayload(payload []byte, stamp string) []byte {
	out := make([]byte, 0, len(payload)+stampSize)
	out = append(out, `{"importedAt":"`...)
	out = append(out, stamp...)
	out = append(out, '"')
	if rest := bytes.TrimSpace(payload[1:]); len(rest) > 1 {
		out = append(out, ',')
	}
	return append(out, payload[1:]...)
}

// createAlone sends one record without identities by itself. Its answer is the evidence; without
// one nobody can ever tell, so the row stays unknown and is not sent again.
func (p *parcel) createAlone(ctx context.Context, i int) {
	if p.stopped(ctx) {
		p.unsent([]int{i})
		return
	}
	payload := p.stamped(p.batch.Records[i])
	n, err := p.intend("single-create", []int{i}, [][]byte{payload})
	if err != nil {
		p.unsent([]int{i})
		return
	}
	p.ends[i].tries++
	c, err := p.client.Create(ctx, payload)
	switch kustomer.VerdictOf(err) {
	case 0:
		p.done(i, Created, c.ID)
	case kustomer.InDoubt:
		p.unknown(i, "the request ended without an answer, and the row has no key to look it up by")
	default:
		p.failed(ctx, n, []int{i}, err, nil)
	}
}

// takeUp goes on with a batch that an earlier process began: what it asked is resolved by job id
// where one is known, and by look-up where none is, before anything is sent.
func (p *parcel) takeUp(ctx context.Context) {
	at := make(map[int]int, len(p.batch.Indexes)) // index in the ledger → index here
	for i, l := range p.batch.Indexes {
		at[l] = i
	}
	for _, q := range p.batch.Open.Requests {
		var idx []int
		for _, l := range q.Items {
			if i, here := at[l]; here {
				idx = append(idx, i)
			}
		}
		p.takeUpRequest(ctx, q, idx)
	}
}

func (p *parcel) takeUpRequest(ctx context.Context, q ledger.OpenRequest, idx []int) {
	if q.State == ledger.RequestAnswered && q.JobID == "" {
		p.mark(idx, fresh) // it was refused as a whole, never begun, or resolved
		if q.Verb == "look-up" || q.Verb == "update" || q.Verb == "single-update" {
			p.mark(idx, doubtful)
		}
		return
	}
	for _, i := range idx {
		p.ends[i] = end{phase: doubtful, tries: 1, updating: q.Verb == "update" || q.Verb == "single-update"}
	}
	if q.State == ledger.RequestAnswered {
		q.N = 0 // its results were read, and the process ended before the batch did: read them again
	}
	if q.JobID != "" {
		p.await(ctx, q.N, q.JobID, idx)
	}
}

// conflict names the customers that a record's identities belong to. It is called when the org
// refuses an update because an identity is another customer's.
func (p *parcel) conflict(i int) {
	r := p.batch.Records[i]
	owners := []string{}
	for _, key := range r.Keys {
		c, err := p.client.Lookup(context.Background(), key.Kind, key.Value)
		if err == nil {
			owners = append(owners, key.Kind+" → "+c.ID)
		}
	}
	p.reject(i, "identity.conflict", strings.Join(owners, ", "), "")
}

// update writes records to the customers they are. What each customer has is read first, since an
// update replaces lists and un-links the company it does not name
// (https://developer.kustomer.com/kustomer-api-docs/reference/updatecustomer).
func (p *parcel) update(ctx context.Context, idx []int) {
	var ready []int
	for _, i := range idx {
		if p.ends[i].write == nil {
			if p.stopped(ctx) {
				p.unsent([]int{i})
				continue
			}
			p.read(context.WithoutCancel(ctx), i)
		}
		if p.ends[i].phase == existing && p.ends[i].write != nil {
			ready = append(ready, i)
		}
	}
	var bulk []int
	var items []kustomer.Item
	size := 1
	flush := func() {
		if len(bulk) > 0 {
			p.send(ctx, "update", bulk, items, p.client.BulkUpdate)
		}
		bulk, items, size = nil, nil, 1
	}
	for _, i := range ready {
		e := &p.ends[i]
		item := kustomer.Item{Ref: clientRef(p.batch.Records[i]), ID: e.id, Payload: e.write}
		if aloneOnly(e.write) || item.Size() >= kustomer.MaxBody {
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

// read fetches a customer the ledger knows and merges the row into it.
func (p *parcel) read(ctx context.Context, i int) {
	e := &p.ends[i]
	c, err := p.client.Customer(ctx, e.id)
	switch kustomer.VerdictOf(err) {
	case 0:
		p.found(i, c)
	case kustomer.NotFound:
		e.id, e.phase = "", doubtful // deleted since: it may live on under another id
	default:
		p.unsent([]int{i})
		p.halt.Stop(err)
	}
}

// updateAlone writes what the bulk endpoint ignores: whatsapps and instagramIds are not among its
// fields (https://developer.kustomer.com/api/core-resources/bulk-batch-update-customers).
func (p *parcel) updateAlone(ctx context.Context, i int) {
	if p.stopped(ctx) {
		p.unsent([]int{i})
		return
	}
	e := &p.ends[i]
	n, err := p.intend("single-update", []int{i}, [][]byte{e.write})
	if err != nil {
		p.unsent([]int{i})
		return
	}
	e.tries++
	e.updating = true
	_, err = p.client.Update(ctx, e.id, e.write)
	switch kustomer.VerdictOf(err) {
	case 0:
		p.done(i, Updated, e.id)
	case kustomer.Conflict:
		p.answered(n, "refused")
		p.conflict(i)
	default:
		p.failed(ctx, n, []int{i}, err, nil)
	}
}

// aloneOnly says whether a payload holds what only the single endpoint takes.
func aloneOnly(payload []byte) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) != nil {
		return false
	}
	return fields["whatsapps"] != nil || fields["instagramIds"] != nil
}
