package deliver

import (
	"context"
	"sync"
	"time"

	"muster/pipeline/kustomer"
	"muster/pipeline/outcome"
)

// create sends records as new customers. A record without identities goes by the single endpoint,
// whose answer is its own evidence, and so does one of which jobs have told nothing before.
func (p *inFlight) create(ctx context.Context, idx []int) {
	var bulk []int
	var items []kustomer.Item
	for _, i := range p.admitted(p.Creates, true, idx) {
		r := p.batch.Records[i]
		if len(r.Keys) == 0 || p.states[i].tries >= MaxTries-1 {
			p.createAlone(ctx, i)
			continue
		}
		bulk, items = append(bulk, i), append(items, kustomer.Item{Ref: clientRef(r), Payload: p.stamped(r)})
	}
	if len(bulk) > 0 {
		p.send(ctx, "create", bulk, items, p.Client.BulkCreate)
	}
}

// send carries one bulk request through: intent, request, answer. What is refused as a whole is
// halved until the guilty record stands alone.
func (p *inFlight) send(ctx context.Context, verb string, idx []int, items []kustomer.Item,
	request func(context.Context, []kustomer.Item) (string, error)) {
	if p.stopped(ctx) {
		p.unsent(idx)
		return
	}
	payloads := make([][]byte, len(items))
	for k := range items {
		payloads[k] = items[k].Payload
	}
	n, err := p.intend(verb, idx, payloads)
	if err != nil {
		p.unsent(idx)
		return
	}
	for _, i := range idx {
		p.states[i].tries++
		p.states[i].updating = verb == "update"
	}
	began := p.Now()
	job, err := request(ctx, items)
	p.heard()
	p.sent(idx, began, err)
	if err == nil {
		p.mark(idx, indeterminate)
		if err := p.Run.Accept(p.batch.Seq, n, job); err != nil {
			p.Halt.Stop(err)
		}
		if k := p.batch.kind(); k != nil && verb == "create" && p.Kinds.withoutRefs(k) {
			p.awaitUnnamed(ctx, k, n, job, idx)
		} else {
			p.await(ctx, n, job, idx)
		}
		return
	}
	p.failed(ctx, n, idx, err, func(picks []int) {
		part, some := make([]int, len(picks)), make([]kustomer.Item, len(picks))
		for k, at := range picks {
			part[k], some[k] = idx[at], items[at]
		}
		p.send(ctx, verb, part, some, request)
	})
}

// heard tells the limiter how the org took the requests of late.
func (p *inFlight) heard() {
	b := p.Client.Budget()
	p.Limiter.Heard(b.Answer, b.Troubled+b.Throttled)
}

// notedRefused is how the ledger remembers a request that was refused as a whole.
const notedRefused = "refused"

// failed deals with a request that ended without a job. again sends those of idx that stand at the
// given places once more.
func (p *inFlight) failed(ctx context.Context, n int, idx []int, err error, again func(picks []int)) {
	switch verdict := kustomer.VerdictOf(err); verdict {
	case kustomer.InDoubt:
		p.mark(idx, indeterminate)
		return
	case kustomer.NotBegun:
		p.answered(n, "not begun")
		for _, i := range idx {
			p.states[i].tries--
		}
		p.unsent(idx)
		if ctx.Err() == nil {
			p.Halt.Stop(err)
		}
	case kustomer.Unauthorized, kustomer.Forbidden:
		p.answered(n, notedRefused)
		p.holdBack(idx, "kustomer.unauthorized", "the key was refused before the rows were looked at")
		p.Halt.Stop(err)
	case kustomer.Throttled:
		p.answered(n, notedRefused)
		p.holdBack(idx, "kustomer.throttled", "no request was left in the org's budget")
		p.Halt.Stop(err)
	default:
		p.answered(n, notedRefused)
		p.halve(idx, err, again)
	}
}

// halve narrows a whole-request refusal down to the records that earn it: at most about
// 2·log2(100)+1 requests for each. Where the answer names the record, that one is tried alone; when
// it is refused the rest goes together, else the answer's word is worth nothing and halves decide.
func (p *inFlight) halve(idx []int, err error, again func(picks []int)) {
	e, _ := err.(*kustomer.Error)
	if len(idx) == 1 {
		code := "kustomer.refused"
		if e.Verdict == kustomer.TooLarge {
			code = "kustomer.too_large"
		}
		p.reject(idx[0], code, Refusal(e), e.Parameter)
		return
	}
	for _, i := range idx {
		p.states[i].tries--
	}
	rest := make([]int, len(idx))
	for k := range rest {
		rest[k] = k
	}
	if len(e.Items) > 0 && e.Items[0] < len(idx) {
		named := e.Items[0]
		again([]int{named})
		rest = append(rest[:named], rest[named+1:]...)
		if p.states[idx[named]].status == outcome.Rejected {
			again(rest)
			return
		}
	}
	middle := (len(rest) + 1) / 2
	again(rest[:middle])
	if middle < len(rest) {
		again(rest[middle:])
	}
}

// Refusal words what the org answered; kustomer.Error holds no value of the row.
func Refusal(e *kustomer.Error) string {
	words := e.Title
	if words == "" {
		words = "refused without a reason"
	}
	if e.Parameter != "" {
		words += ": " + e.Parameter
	}
	return words
}

// Kustomer names no polling interval and promises no time; these bounds keep polls cheap.
const (
	FirstLook = 100 * time.Millisecond // before anything is known of the org's speed
	Longest   = 10 * time.Second
	soonest   = 10 * time.Millisecond
)

// bulkEnd is what people are told a job is waited for.
const bulkEnd = "a bulk operation of the org to end"

// await reads a job's results until every record of it has one, the job is complete, or patience
// ends. Records without a result are left indeterminate; those of a job that has not come to its end are pending.
func (p *inFlight) await(ctx context.Context, n int, job string, idx []int) {
	end := kustomer.Detached(ctx)
	wait, begun := p.Pace.guess(), p.Now()
	deadline := begun.Add(p.Patience)
	for looks := 1; ; looks++ {
		p.Client.Waiting(bulkEnd, p.Now().Sub(begun), p.Patience)
		if p.Sleep(end, wait) != nil {
			p.pend(end, job, idx)
			return
		}
		results, err := p.Client.Results(end, job)
		if err != nil && p.unreadable(err, idx) {
			return
		}
		left := p.apply(ctx, idx, results.Items)
		if left == 0 || err == nil && results.Complete && !p.goesOn(end, job) {
			if looks == 1 {
				p.Pace.learn(false)
			}
			p.answered(n, "results")
			return
		}
		// Half of the grace is for the job, the other for a look at what it has left open.
		if half := p.Now().Add(p.Grace / 2); ctx.Err() != nil && deadline.After(half) {
			deadline = half
		}
		if p.Now().After(deadline) {
			p.pend(end, job, idx)
			return
		}
		if looks == 1 {
			p.Pace.learn(true)
		}
		wait = min(wait*3/2, Longest)
	}
}

// pend notes that a job may yet carry out what is indeterminate of idx, unless the org says that the job is over, or
// knows none of its name.
func (p *inFlight) pend(ctx context.Context, job string, idx []int) {
	if !p.underWay(ctx, job) {
		return
	}
	for _, i := range idx {
		p.states[i].pending = p.states[i].phase == indeterminate
	}
}

// goesOn says whether a job of which every batch that is listed is complete says of itself that it is not: there may be
// more.
func (p *inFlight) goesOn(ctx context.Context, job string) bool {
	state, err := p.Client.Job(ctx, job)
	return err == nil && !state.Done()
}

// underWay says whether a job may not have come to its end. Of one that cannot be asked for it is taken that it has
// not.
func (p *inFlight) underWay(ctx context.Context, job string) bool {
	state, err := p.Client.Job(ctx, job)
	return !state.Done() && kustomer.VerdictOf(err) != kustomer.NotFound
}

// unreadable says whether waiting any longer for results is in vain, and ends the run if so.
func (p *inFlight) unreadable(err error, idx []int) bool {
	switch kustomer.VerdictOf(err) {
	case kustomer.Unauthorized, kustomer.Forbidden:
		for _, i := range idx {
			p.unknown(i, "the key was refused while the results were awaited")
		}
		p.Halt.Stop(err)
		return true
	default:
		return false // a job just submitted may answer 404 for a moment; the rest may pass too
	}
}

// apply takes results as evidence and returns how many records still have none. A result counts
// only with our reference and an object id; two that contradict each other are no evidence.
func (p *inFlight) apply(ctx context.Context, idx []int, results []kustomer.Result) (left int) {
	byRef := make(map[string]*kustomer.Result, len(results))
	torn := map[string]bool{}
	for k := range results {
		r := &results[k]
		if other, seen := byRef[r.Ref]; seen && (other.ObjectID != r.ObjectID || (other.Error == "") != (r.Error == "")) {
			torn[r.Ref] = true
		}
		byRef[r.Ref] = r
	}
	for _, i := range idx {
		if p.states[i].phase != indeterminate {
			continue
		}
		ref := clientRef(p.batch.Records[i])
		if r := byRef[ref]; r == nil || torn[ref] || !p.evidence(ctx, i, r) {
			left++
		}
	}
	return left
}

// evidence moves a record on by its result; false: the result proves nothing.
func (p *inFlight) evidence(ctx context.Context, i int, r *kustomer.Result) bool {
	if p.batch.kind() != nil {
		return p.kindEvidence(i, r)
	}
	switch {
	case r.Status == "created" && r.ObjectID != "":
		p.done(i, outcome.Created, r.ObjectID)
	case r.Status == "updated" && r.ObjectID != "":
		p.done(i, outcome.Updated, r.ObjectID)
	case r.Status == "error" && r.Duplicate && p.states[i].updating:
		p.conflict(ctx, i, r.Error, r.Parameter)
	case r.Status == "error" && r.Duplicate:
		p.states[i].phase = taken
	case r.Status == "error":
		p.reject(i, "kustomer.refused", r.Error, r.Parameter)
	default:
		return false
	}
	return true
}

// Pace learns how long jobs take, so that most are read once. Shared by all uploads.
type Pace struct {
	mu   sync.Mutex
	wait time.Duration
}

// guess is how long to wait before the first look at a job.
func (p *Pace) guess() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wait == 0 {
		p.wait = FirstLook
	}
	return p.wait
}

// learn moves the guess: a little down when the first look found everything, well up when it came
// too early. At rest about one look in twenty is too early, which costs a request; waiting costs
// only time, and other jobs travel meanwhile.
func (p *Pace) learn(early bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if early {
		p.wait = min(p.wait*7/5, Longest)
	} else {
		p.wait = max(p.wait*49/50, soonest)
	}
}
