package deliver

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
	"muster/schema"
)

// lookUp asks the org for each record by its keys: the only evidence there is for what is in doubt,
// and the way to the customer that holds a taken identity.
func (p *inFlight) lookUp(ctx context.Context, idx []int) {
	if !p.opened(ctx, idx) {
		return
	}
	var asked []int
	for _, i := range idx {
		if p.states[i].sent && p.inDoubt(i) && !p.findable(i) {
			p.unknown(i, "it has no key to look it up by")
			continue
		}
		asked = append(asked, i)
	}
	if err := p.Halt.Away(); err != nil {
		for _, i := range asked {
			p.lookedUp(ctx, i, nil, true, err)
		}
		return
	}
	p.pendOthers(kustomer.Detached(ctx), asked)
	s, err := p.Readings.Sit(kustomer.Detached(ctx), p.wanted(asked))
	for k, i := range asked {
		switch {
		case s.Found[k] != nil:
			p.states[i].seen = s.At
			p.lookedUp(ctx, i, s.Found[k], s.Fresh[k], nil)
		case err != nil && !s.Fresh[k]:
			p.lookedUp(ctx, i, nil, true, err)
		default:
			p.lookedUp(ctx, i, nil, true, errMissing)
		}
	}
}

// pendOthers asks for the jobs in which other runs left records.
func (p *inFlight) pendOthers(ctx context.Context, idx []int) {
	known := map[string]bool{} // whether it is under way
	for _, i := range idx {
		e, doubt := &p.states[i], p.batch.Records[i].Doubt
		if doubt == nil || e.asked {
			continue
		}
		for _, job := range strings.Fields(doubt.Jobs) {
			if _, asked := known[job]; !asked {
				known[job] = p.underWay(ctx, job)
			}
			e.pending = e.pending || known[job]
		}
	}
}

// findable says whether a record in doubt can be asked for.
func (p *inFlight) findable(i int) bool {
	return p.states[i].id != "" || len(p.doubtKeys(i)) > 0
}

// doubtKeys are by what a record in doubt is asked for. A create leaves a customer with all of the record's keys, or
// none, so one key tells; if the org has another of them it refuses the next create and says so. Where nothing may be
// created, where an update may be what gave the customer the first key, or after a second doubt each is tried.
func (p *inFlight) doubtKeys(i int) []customer.Identity {
	r, e := p.batch.Records[i], &p.states[i]
	var keys []customer.Identity
	for _, key := range append(r.MatchKeys(), r.Keys...) {
		if lookup.Finds(key.Kind) && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if len(keys) > 1 && p.Verb != Update && !e.updating && e.tries < MaxTries-1 && r.Planned == nil {
		keys = keys[:1]
	}
	return keys
}

// opened has the ledger know the batch before the org is asked for its records; false: none of them is asked for.
func (p *inFlight) opened(ctx context.Context, idx []int) bool {
	if p.begun {
		return true
	}
	if p.stopped(ctx) {
		p.unsent(idx)
		return false
	}
	n, err := p.intend("look-up", idx, nil)
	if err != nil {
		p.unsent(idx)
		return false
	}
	p.answered(n, "nothing was written")
	return true
}

// inDoubt says whether a request for a record may have been applied at any moment from now on, so that
// only a look at the org itself is evidence.
func (p *inFlight) inDoubt(i int) bool {
	return p.states[i].phase != taken && (p.states[i].tries > 0 || p.batch.Intent != ToCreate)
}

// stillUnderWay is why a record is not sent again of which the org shows nothing.
const stillUnderWay = "the org accepted it, and its job has not come to an end"

// errMissing is that none of a record's keys finds a customer.
var errMissing error = &kustomer.Error{Verdict: kustomer.NotFound, Act: "look-up"}

// lookedUp decides what the answer of the org about a record means; current: it is of this moment.
func (p *inFlight) lookedUp(ctx context.Context, i int, c *kustomer.Customer, current bool, err error) {
	r, e := p.batch.Records[i], &p.states[i]
	e.asked = true
	switch {
	case err == nil:
		p.found(ctx, i, c, current)
	case kustomer.VerdictOf(err) != kustomer.NotFound:
		p.unknown(i, "a request for it was begun and the org could not be asked what became of it")
		p.Halt.Lost(err)
	case p.inDoubt(i) && e.updating && e.id != "" && e.payload == nil:
		e.id = "" // deleted since: it may live on under another id
	case e.pending:
		p.unknown(i, stillUnderWay)
	case e.phase == taken:
		p.clash(i, "kustomer.duplicate", "another customer holds one of its identities, and none of its keys finds that "+
			"customer; it may be one that was deleted, whose identities an org may keep reserved", "")
	case r.Planned != nil && r.Planned.Act == report.ActUpdate && e.tries == 0:
		p.leave(i, "", "the customer is gone")
	case r.Named:
		p.reject(i, "kustomer.not_found", "", schema.OwnID)
	case p.Verb == Update:
		p.reject(i, "kustomer.not_found", "", "")
	case e.tries >= MaxTries:
		p.unknown(i, fmt.Sprintf("%d requests for it came to nothing", e.tries))
	default:
		// Nobody has its identities. Should the lost request still be applied one day, the org's
		// own uniqueness refuses the second of the two.
		e.phase, e.payload, e.omitted = fresh, nil, nil
	}
}

// find looks a record up by its match keys in their order. The error's verdict is NotFound when
// none of them finds a customer; a blank key is not among them.
func (p *inFlight) find(ctx context.Context, r *block.Record) (*kustomer.Customer, error) {
	missing := errMissing
	for _, key := range r.MatchKeys() {
		c, err := p.Client.Lookup(ctx, key.Kind, key.Value)
		if err == nil || kustomer.VerdictOf(err) != kustomer.NotFound {
			return c, err
		}
		missing = err
	}
	return nil, missing
}

// found decides what a customer that holds one of the record's keys means; current: it is as the org
// has it at this moment, not as the search remembers it.
func (p *inFlight) found(ctx context.Context, i int, c *kustomer.Customer, current bool) {
	r, e := p.batch.Records[i], &p.states[i]
	c, err := p.Readings.NamedFor(kustomer.Detached(ctx), c, p.payload(i))
	if err != nil {
		p.untagged(i, err)
		return
	}
	switch {
	case r.IsOther(c):
		p.clash(i, "identity.conflict", OtherID(c), schema.OwnID)
	case e.tries > 0 && !e.updating && e.payload == nil && p.ours(r, c):
		p.done(i, outcome.Created, c.ID)
	case (r.Planned == nil || r.Planned.Act == report.ActCreate) && p.outdated(i, c):
	case p.Verb == Create:
		p.reject(i, "kustomer.exists", "it is customer "+c.ID, "")
	case e.payload == nil && OtherwiseNamed(r, c):
		p.otherName(ctx, i, c)
	case customer.Covers(c, p.payload(i), r.Table.Plan.Writes()):
		status := outcome.Unchanged
		if e.updating {
			status = outcome.Updated
		}
		p.done(i, status, c.ID)
	case e.tries >= MaxTries:
		p.unknown(i, fmt.Sprintf("%d requests for it came to nothing", e.tries))
	case r.Planned != nil && !current:
		e.phase, e.id = existing, c.ID
		e.hold(c) // what the search remembers is not what the plan is held against
	case p.outdated(i, c):
	default:
		p.toWrite(i, c, current)
	}
}

// untagged ends a record whose customer has tags that the org could not be asked the names of. The next run goes on
// with it.
func (p *inFlight) untagged(i int, err error) {
	if p.states[i].tries > 0 {
		p.unknown(i, "the org could not be asked for the names of its customer's tags")
	} else {
		p.unsent([]int{i})
	}
	if p.Halt.Err() == nil {
		p.Halt.Stop(err)
	}
}

// ours says whether this run created the customer: it carries our stamp, the moment the run began
// to the millisecond, or, where the row brings its own importedAt, exactly what we sent.
func (p *inFlight) ours(r *block.Record, c *kustomer.Customer) bool {
	if r.Table.Stamped {
		return customer.SameMoment(c.Attributes["importedAt"], p.Stamp)
	}
	return c.Rev <= 1 && customer.Covers(c, r.Payload, nil)
}

// stamped is the payload with importedAt set to the moment the run began, unless the row brings its
// own. It is what tells a customer of ours from one that was there before.
func (p *inFlight) stamped(r *block.Record) []byte {
	if !r.Table.Stamped {
		return r.Payload
	}
	return stampPayload(r.Payload, p.Stamp)
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

// takeUp goes on with a batch that an earlier process began: what it asked is resolved by job id
// where one is known, and by look-up where none is, before anything is sent.
func (p *inFlight) takeUp(ctx context.Context) {
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

// keptPayload is the payload of a record whose references were resolved; of customers none is kept.
func (p *inFlight) keptPayload(i int) []byte {
	if p.batch.kind() == nil {
		return nil
	}
	return p.states[i].payload
}

func (p *inFlight) takeUpRequest(ctx context.Context, q ledger.OpenRequest, idx []int) {
	if q.State == ledger.RequestAnswered && q.JobID == "" {
		p.mark(idx, fresh) // it was refused as a whole, never begun, or resolved
		if q.Verb == "look-up" || q.Verb == "update" || q.Verb == "single-update" {
			p.mark(idx, indeterminate)
		}
		for _, i := range idx {
			p.states[i].sent = p.states[i].sent || q.Note == notedRefused
		}
		return
	}
	for _, i := range idx {
		p.states[i] = recordState{payload: p.keptPayload(i), lacking: p.states[i].lacking, phase: indeterminate, tries: 1,
			updating: q.Verb == "update" || q.Verb == "single-update", sent: true, begun: q.IntendedAt}
	}
	if q.State == ledger.RequestAnswered {
		q.N = 0 // its results were read, and the process ended before the batch did: read them again
	}
	if q.JobID != "" {
		p.await(ctx, q.N, q.JobID, idx)
	}
}
