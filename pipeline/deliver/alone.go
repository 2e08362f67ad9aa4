package deliver

import (
	"context"
	"encoding/json"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/outcome"
)

// single carries one request about one record through: intent, request, answer. n is the request in the ledger; an
// answer that is not to it leaves it in doubt. begun is false where the run ends before: the record has its outcome
// then.
func (p *inFlight) single(ctx context.Context, verb string, i int, payload []byte,
	request func() (answers bool, err error)) (n int, err error, begun bool) {
	if p.stopped(ctx) {
		p.unsent([]int{i})
		return 0, nil, false
	}
	n, err = p.intend("single-"+verb, []int{i}, [][]byte{payload})
	if err != nil {
		p.unsent([]int{i})
		return n, err, false
	}
	e := &p.states[i]
	e.tries++
	e.updating = verb == "update"
	began := p.Now()
	answers, err := request()
	p.sent([]int{i}, began, err)
	if err == nil && !answers {
		err = &kustomer.Error{Verdict: kustomer.InDoubt, Act: verb}
	}
	return n, err, true
}

// createAlone sends one record by itself. Its answer is the evidence; without one nobody can ever
// tell of a record without keys, so such a row stays unknown and is not sent again.
func (p *inFlight) createAlone(ctx context.Context, i int) {
	payload := p.stamped(p.batch.Records[i])
	var c *kustomer.Customer
	n, err, begun := p.single(ctx, "create", i, payload, func() (answers bool, err error) {
		c, err = p.Client.Create(ctx, payload)
		return err == nil && isAnswerTo(p.batch.Records[i], c), err
	})
	if !begun {
		return
	}
	verdict := kustomer.VerdictOf(err)
	switch {
	case verdict == 0:
		p.done(i, outcome.Created, c.ID)
	case len(p.batch.Records[i].Keys) == 0 && verdict == kustomer.InDoubt:
		p.unknown(i, "the request ended without an answer, and the row has no key to look it up by")
	case verdict == kustomer.Conflict || verdict == kustomer.Refused && len(p.batch.Records[i].Keys) > 0:
		p.answered(n, notedRefused)
		p.refusedCreate(ctx, i, err)
	default:
		p.failed(ctx, n, []int{i}, err, nil)
	}
}

// isAnswerTo says whether the customer in an answer is the record's: it has its first identity. One
// without any has at least a revision, as all customers have.
func isAnswerTo(r *block.Record, c *kustomer.Customer) bool {
	if len(r.Keys) == 0 {
		return c.Rev > 0
	}
	var row Object
	if json.Unmarshal(r.Payload, &row) != nil {
		return false
	}
	field := map[string]string{"externalId": "externalId", "email": "emails", "phone": "phones"}[r.Keys[0].Kind]
	return field == "" && c.Rev > 0 || customer.Has(c, field, row[field])
}

// refusedCreate tells a record that is refused because a customer holds one of its keys from one that
// is refused for its values: with which status either is answered is not documented
// (https://developer.kustomer.com/docs/concepts/errors).
func (p *inFlight) refusedCreate(ctx context.Context, i int, err error) {
	_, failure := p.find(kustomer.Detached(ctx), p.batch.Records[i])
	switch {
	case failure == nil || kustomer.VerdictOf(err) == kustomer.Conflict:
		p.states[i].phase = taken
	case kustomer.VerdictOf(failure) == kustomer.NotFound:
		p.halve([]int{i}, err, nil)
	default:
		p.unasked(i, failure)
	}
}

// updateAlone writes what the bulk endpoint ignores: whatsapps and instagramIds are not among its
// fields (https://developer.kustomer.com/api/core-resources/bulk-batch-update-customers).
func (p *inFlight) updateAlone(ctx context.Context, i int) {
	e := &p.states[i]
	n, err, begun := p.single(ctx, "update", i, e.write, func() (bool, error) {
		c, err := p.Client.Update(ctx, e.id, e.write)
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
		e.id, e.write, e.phase = "", nil, indeterminate // deleted since: it may live on under another id
	case kustomer.Conflict:
		p.answered(n, notedRefused)
		p.conflict(ctx, i, "", "")
	case kustomer.Refused:
		p.answered(n, notedRefused)
		p.refusedUpdate(ctx, i, err)
	default:
		p.failed(ctx, n, []int{i}, err, nil)
	}
}

// refusedUpdate tells an update that is refused for another customer's identity from one that is
// refused for its values; the status does not.
func (p *inFlight) refusedUpdate(ctx context.Context, i int, err error) {
	own := p.states[i].id
	for _, key := range p.keys(i) {
		c, failure := p.Client.Lookup(kustomer.Detached(ctx), key.Kind, key.Value)
		switch {
		case failure == nil && c.ID != own:
			p.conflict(ctx, i, "", "")
			return
		case failure != nil && kustomer.VerdictOf(failure) != kustomer.NotFound:
			p.unasked(i, failure)
			return
		}
	}
	p.halve([]int{i}, err, nil)
}

// AloneOnly says whether a payload holds what only the single endpoint takes.
func AloneOnly(payload []byte) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) != nil {
		return false
	}
	return fields["whatsapps"] != nil || fields["instagramIds"] != nil
}
