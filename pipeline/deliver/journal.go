package deliver

import (
	"context"
	"encoding/json"
	"time"

	"muster/pipeline/block"
	"muster/pipeline/kustomer"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
)

// The delivery of records of any kind but customers: companies, KObjects, conversations, messages, notes. Their states
// are those of customers (see doc.go), and so is the journal: intent before each request, jobs taken up by their ids,
// evidence by reference or by a look at the org. Their own is: one identity, the external id; references, for which ids
// must be known first; and a look before they are made, since an org may take a second one of an external id.

// prepared takes the records that cannot be sent out of a batch of which nothing has begun: those whose references lead
// nowhere. held are their outcomes. false: the org could not be asked, and all records have their ends.
func (p *inFlight) prepared(ctx context.Context, k *object.Kind) (held []block.Outcome, ok bool) {
	left := p.begun || p.batch.Intent == ToLookUp // a request for them may have
	list, err := p.Kinds.resolve(kustomer.Detached(ctx), k, p.batch.Records)
	if err != nil {
		for i := range p.states {
			p.states[i].sent = left
		}
		p.unsent(p.all())
		p.Halt.Stop(err)
		return nil, false
	}
	var kept []*block.Record
	var states []recordState
	for i, r := range p.batch.Records {
		one := &list[i]
		if one.code != "" && !left {
			held = append(held, r.Outcome(outcome.Unsent, "", one.code, one.column, one.detail))
			continue
		}
		p.states[i].payload, p.states[i].lacking = one.payload, one
		kept, states = append(kept, r), append(states, p.states[i])
	}
	if !left {
		p.batch.Records, p.states = kept, states
	}
	return held, true
}

// stepKind is step for a batch of any kind but customers.
func (p *inFlight) stepKind(ctx context.Context, k *object.Kind) bool {
	if left := p.in(indeterminate, taken); len(left) > 0 {
		p.findAll(ctx, k, left)
		return true
	}
	if left := p.in(existing); len(left) > 0 {
		if left = p.complete(left); len(left) > 0 {
			p.amendAll(ctx, k, left)
		}
		return true
	}
	if left := p.in(fresh); len(left) > 0 {
		if left = p.absent(ctx, k, left); len(left) > 0 {
			p.makeAll(ctx, k, left)
		}
		return true
	}
	return false
}

// absent are those of idx that the org is known not to have; the others are existing.
func (p *inFlight) absent(ctx context.Context, k *object.Kind, idx []int) (left []int) {
	var unasked []int
	for _, i := range idx {
		if p.states[i].asked {
			left = append(left, i)
		} else {
			unasked = append(unasked, i)
		}
	}
	if len(unasked) == 0 {
		return left
	}
	if p.stopped(ctx) {
		p.unsent(unasked)
		return left
	}
	names := make([]string, len(unasked))
	for n, i := range unasked {
		names[n] = externalIDOf(p.batch.Records[i])
	}
	ids, err := p.Kinds.present(kustomer.Detached(ctx), k, names)
	if err != nil {
		p.unsent(unasked)
		p.Halt.Stop(err)
		return left
	}
	for n, i := range unasked {
		e := &p.states[i]
		e.asked = true
		switch {
		case ids[n] != "":
			e.phase, e.id = existing, ids[n]
		case p.Verb == Update:
			p.reject(i, "kustomer.not_found", "", "externalId")
		default:
			left = append(left, i)
		}
	}
	return left
}

// makeAll sends new records: in bulk, and by itself one of which jobs have told nothing before.
func (p *inFlight) makeAll(ctx context.Context, k *object.Kind, idx []int) {
	var bulk []int
	var items []kustomer.Item
	size := 1
	flush := func() {
		if len(bulk) > 0 {
			p.send(ctx, "create", bulk, items, p.Kinds.reffed(k, p.Client.BulkCreateRecords))
		}
		bulk, items, size = nil, nil, 1
	}
	for _, i := range p.attachAll(ctx, k, p.admitted(p.Creates, true, p.complete(idx))) {
		item := kustomer.Item{Ref: clientRef(p.batch.Records[i]), Payload: p.newPayload(k, i)}
		if p.states[i].tries >= MaxTries-1 || item.Size() >= kustomer.MaxBody {
			p.makeAlone(ctx, k, i)
			continue
		}
		if size+item.Size() > kustomer.MaxBody {
			flush()
		}
		bulk, items, size = append(bulk, i), append(items, item), size+item.Size()
	}
	flush()
}

// complete are those of idx of which it is known what they belong to; the others are held, or unknown where a request
// for them has left before.
func (p *inFlight) complete(idx []int) (left []int) {
	for _, i := range idx {
		e := &p.states[i]
		switch one := e.lacking; {
		case one == nil || one.code == "":
			left = append(left, i)
		case e.sent:
			p.unknown(i, "a request for it was begun, and now "+one.detail)
			e.column = one.column
		default:
			e.phase, e.status, e.code, e.detail, e.column = ended, outcome.Unsent, one.code, one.detail, one.column
		}
	}
	return left
}

// newPayload is what a create says of a record: all but what only an update takes, when it was imported, and what a
// message must say and the row does not.
func (p *inFlight) newPayload(k *object.Kind, i int) []byte {
	var body Object
	if json.Unmarshal(p.states[i].payload, &body) != nil {
		return p.states[i].payload
	}
	for _, f := range k.Fields {
		if f.When == object.OnLater {
			delete(body, f.Name)
		}
	}
	set := func(name string, value json.RawMessage) {
		if body[name] == nil {
			body[name] = value
		}
	}
	if attached := p.states[i].attached; attached != nil {
		body[object.Attachments] = attached
	}
	stamp, _ := json.Marshal(p.Stamp) // a text always marshals
	set("importedAt", stamp)
	if k.Name == "message" {
		set("app", json.RawMessage(`"muster"`))
		if sent := body["sentAt"]; sent != nil {
			set("createdAt", sent) // which of the two orders the messages of a conversation is not documented
		}
	}
	text, _ := json.Marshal(body) // what was JSON is JSON again
	return text
}

// makeAlone sends one record by itself. Its answer is the evidence.
func (p *inFlight) makeAlone(ctx context.Context, k *object.Kind, i int) {
	payload := p.newPayload(k, i)
	var made *kustomer.Record
	n, err, begun := p.single(ctx, "create", i, payload, func() (answers bool, err error) {
		made, err = p.Client.CreateRecord(ctx, k.Path, payload)
		return err == nil && made.Text("externalId") == externalIDOf(p.batch.Records[i]), err
	})
	if !begun {
		return
	}
	switch kustomer.VerdictOf(err) {
	case 0:
		p.done(i, outcome.Created, made.ID)
	case kustomer.Conflict:
		p.answered(n, notedRefused)
		p.states[i].phase = taken
	default:
		p.failed(ctx, n, []int{i}, err, nil)
	}
}

// kindEvidence moves a record on by its result in a job; false: the result proves nothing.
func (p *inFlight) kindEvidence(i int, r *kustomer.Result) bool {
	e := &p.states[i]
	switch {
	case r.Status == "created" && r.ObjectID != "":
		p.done(i, outcome.Created, r.ObjectID)
	case r.Status == "updated" && r.ObjectID != "":
		p.done(i, outcome.Updated, r.ObjectID)
	case r.Status != "error":
		return false
	case r.Throttled && e.waits < mostWaits:
		// The limit on new records of one customer: nothing of it was made, and a minute later it may be.
		e.waits++
		e.tries--
		e.phase, e.asked = fresh, true
		if e.updating {
			e.phase = existing
		}
		p.pause = time.Minute
	case r.Duplicate && !e.updating:
		e.phase = taken
	default:
		p.reject(i, "kustomer.refused", r.Error, r.Parameter)
	}
	return true
}

// wait lets the time pass that the last step asked for. A run that ends does not wait.
func (p *inFlight) wait(ctx context.Context) {
	pause := p.pause
	p.pause = 0
	if !p.stopped(ctx) {
		p.Client.Waiting("the org's limit of updates of one record", pause, pause)
		_ = p.Sleep(ctx, pause) // that the run ends is seen before the next request
	}
}

// mostWaits is how many minutes one record waits for the limit of its customer: some thousand records of one customer.
const mostWaits = 60

// keep has a backup hold the records of a request that changes them.
func (p *inFlight) keep(idx []int, changes bool) error {
	if p.Backup == nil || !changes {
		return nil
	}
	var before []*kustomer.Customer
	for _, i := range idx {
		before = append(before, p.states[i].before)
	}
	return p.Backup(p.batch.kind(), before)
}
