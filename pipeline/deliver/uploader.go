package deliver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/lanes"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
)

// Uploader brings batches to their end. It is safe for concurrent use: each batch is one call.
type Uploader struct {
	Client   *kustomer.Client
	Readings *lookup.Reader
	Run      *ledger.Run
	Verb     Verb
	Clashes  OnConflict
	Stamp    string // importedAt of what this run creates: the moment it began
	Patience time.Duration
	Grace    time.Duration // how long what has begun may take once the context is done
	Begun    *lanes.UnderWay
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error
	Halt     *lanes.Halt
	Pace     *Pace
	Limiter  *lanes.Limiter
	Seq      *lanes.Sequence

	Kinds  *Kinds  // of records that are no customers
	Canary *Canary // nil: none
	// Backup is told of records as they are before a request changes them; k is nil for customers. nil: nobody.
	Backup           func(k *object.Kind, before []*kustomer.Customer) error
	Limits           *Limits
	Creates, Updates *lanes.Quota
	judged           judged
	Wary             lanes.Wary // of the goroutine that takes outcomes
}

// phase is how far one record of a batch has come.
type phase uint8

const (
	fresh         phase = iota // may be sent: nothing of it is under way
	indeterminate              // a request for it was begun and has no evidence yet
	taken                      // the org says that one of its identities belongs to a customer
	existing                   // the org has the customer; what to write is in end.write
	ended                      // its outcome is certain, or all that can be had
)

// recordState is what is known of one record of a batch.
type recordState struct {
	phase    phase
	status   outcome.Status
	id       string
	code     string
	detail   string
	column   string
	payload  []byte              // the record's, without the identities of other customers; nil: the whole record's
	omitted  []customer.Identity // what payload leaves out
	left     string              // the same for people
	write    []byte              // existing: the payload of the update; nil: still to be read and compared
	stale    bool                // existing: what was read of it may be old, and a list of it must change
	held     *kustomer.Customer  // stale: what was read
	seen     time.Time           // when it was
	image    ledger.Image        // of the customer before write
	before   *kustomer.Customer  // the whole of it, where a backup is written
	tries    int                 // requests begun for it
	stayOpen bool                // the ledger keeps it open: the next run goes on from here
	updating bool                // the request in doubt is an update
	asked    bool                // the org has been asked for it
	sent     bool                // a request that writes it has left, whatever came of it
	begun    time.Time           // when the last one did; zero: not known
	pending  bool                // the org has accepted it in a job that has not come to its end
	charged  *lanes.Quota        // it was taken from, and what it comes to is not known
	lacking  *resolved           // what its references came to
	record   *kustomer.Record    // existing, of any kind but customers: what was read of it; nil: nothing lately
	attached []byte              // its attachments as the org has them; nil: none were brought into it
	waits    int                 // minutes it has waited for a limit of its customer
}

// inFlight is one batch under way.
type inFlight struct {
	*Uploader
	batch  *Batch
	states []recordState
	begun  bool          // the ledger has the batch
	pause  time.Duration // of any kind but customers: what the next step has to wait
}

// MaxTries is how many requests may be begun for one record. A record is sent again only after a
// keyed look-up found nothing; more than three rounds of that mean the org itself contradicts itself.
const MaxTries = 3

// Upload brings every record of b to an outcome; the outcomes are in the order of b.Records. Once a
// request is begun it is left to finish, whatever becomes of ctx; when ctx is done before any is
// begun the records are unsent.
func (u *Uploader) Upload(ctx context.Context, b *Batch) []block.Outcome {
	p := &inFlight{Uploader: u, batch: b, states: make([]recordState, len(b.Records))}
	defer p.settleCharges() // also when we panic: others wait for what a quota still has
	kind := b.kind()
	var held []block.Outcome
	if kind != nil && b.Intent != Abandoned {
		p.begun = b.Intent == ToFinish
		var ok bool
		if held, ok = p.prepared(ctx, kind); !ok || len(b.Records) == 0 {
			return append(held, p.close()...)
		}
	}
	switch b.Intent {
	case ToFinish:
		p.begun = true
		p.takeUp(ctx)
	case Abandoned:
		p.begun = true
		for i := range p.states {
			p.unknown(i, "an earlier process began to send it, and this one ended before it could ask")
		}
	case ToLookUp:
		for i, r := range b.Records {
			p.states[i] = recordState{phase: indeterminate, sent: true, begun: r.Doubt.At, payload: p.states[i].payload,
				lacking: p.states[i].lacking}
		}
	case ToCreate:
		if u.Verb == Update && !b.conversations() && kind == nil {
			p.mark(p.all(), indeterminate) // only who is found may be written
		}
	case ToUpdate:
		for i, r := range b.Records {
			p.states[i] = recordState{phase: existing, id: r.CustomerID, stale: r.Planned != nil, payload: p.states[i].payload,
				lacking: p.states[i].lacking}
			if r.Planned != nil && b.conversations() {
				p.states[i].phase = indeterminate // is it still what the plan was made for?
			}
		}
	}
	for left := 2*MaxTries + 2; left > 0 && p.step(ctx); left-- {
		if p.pause > 0 {
			left++ // to wait is no try
			p.wait(ctx)
		}
	}
	return append(held, p.close()...)
}

// Guarded is Upload with a panic of ours turned into rows without evidence: the ledger has them
// open, and the run stops. The panic's text may hold a value, so it is dropped.
func (u *Uploader) Guarded(ctx context.Context, b *Batch) (outcomes []block.Outcome) {
	records := b.Records
	defer func() {
		if recover() == nil {
			return
		}
		u.Halt.Stop(&parallel.InternalError{At: parallel.Panicked()})
		outcomes = outcomes[:0]
		for _, r := range records {
			outcomes = append(outcomes, r.Outcome(outcome.Unknown, "", "run.internal", "", ""))
		}
	}()
	u.Canary.wait(b)
	u.Limiter.Enter()
	defer u.Limiter.Leave()
	u.Begun.Add(1, len(b.Records))
	defer u.Begun.Add(-1, -len(b.Records))
	return u.try(ctx, b)
}

// step moves every record that can be moved one phase on, and says whether any was.
func (p *inFlight) step(ctx context.Context) bool {
	p.settleCharges()
	if p.batch.conversations() {
		return p.stepOn(ctx)
	}
	if k := p.batch.kind(); k != nil {
		return p.stepKind(ctx, k)
	}
	if left := p.in(indeterminate, taken); len(left) > 0 {
		p.lookUp(ctx, left)
		return true
	}
	if left := p.in(existing); len(left) > 0 {
		p.update(ctx, left)
		return true
	}
	if left := p.in(fresh); len(left) > 0 {
		if left = p.unnamed(left); len(left) > 0 {
			p.create(ctx, left)
		}
		return true
	}
	return false
}

// close settles the batch in the ledger, where nothing of it is left open, and tells the outcomes.
func (p *inFlight) close() []block.Outcome {
	p.settleCharges()
	settled := make([]ledger.Settled, len(p.states))
	outcomes := make([]block.Outcome, len(p.states))
	// A batch begun before whose rows are not all here stays open: there is no end to write for the rest.
	whole := p.begun && (p.batch.Open == nil || len(p.states) == len(p.batch.Open.Items))
	for i := range p.states {
		e := &p.states[i]
		if e.phase != ended {
			p.unknown(i, "the org's answers contradict each other")
		}
		whole = whole && !e.stayOpen
		settled[i] = ledger.Settled{Status: e.status.String(), CustomerID: e.id, Code: e.code, Detail: e.detail}
		outcomes[i] = p.outcome(i)
		p.Kinds.Meet(p.batch.Records[i], e.id)
	}
	if err := p.judged.add(p.Limits, p.states); err != nil {
		p.Halt.Stop(err)
	}
	if whole {
		if err := p.Run.Settle(p.batch.Seq, p.inLedgerOrder(settled)); err != nil {
			p.Halt.Stop(err)
		}
	}
	return outcomes
}

// inLedgerOrder puts what is said of records into the order of the ledger's items.
func (p *inFlight) inLedgerOrder(s []ledger.Settled) []ledger.Settled {
	if p.batch.Open == nil {
		return s
	}
	ordered := make([]ledger.Settled, len(s))
	for i, at := range p.batch.Indexes {
		ordered[at] = s[i]
	}
	return ordered
}

func (p *inFlight) outcome(i int) block.Outcome {
	r, e := p.batch.Records[i], &p.states[i]
	return r.Outcome(e.status, e.id, e.code, e.column, e.detail)
}

func (p *inFlight) all() []int {
	all := make([]int, len(p.states))
	for i := range all {
		all[i] = i
	}
	return all
}

func (p *inFlight) in(phases ...phase) []int {
	var found []int
	for i := range p.states {
		for _, ph := range phases {
			if p.states[i].phase == ph {
				found = append(found, i)
			}
		}
	}
	return found
}

func (p *inFlight) mark(idx []int, ph phase) {
	for _, i := range idx {
		p.states[i].phase = ph
	}
}

func (p *inFlight) done(i int, s outcome.Status, id string) {
	p.states[i].phase, p.states[i].status, p.states[i].id = ended, s, id
}

func (p *inFlight) reject(i int, code, detail, column string) {
	e := &p.states[i]
	e.phase, e.status, e.code, e.detail, e.column = ended, outcome.Rejected, code, detail, column
}

// unknown ends a record without evidence. The ledger keeps it open: the next run asks again.
func (p *inFlight) unknown(i int, detail string) {
	e := &p.states[i]
	e.phase, e.status, e.code, e.detail, e.stayOpen = ended, outcome.Unknown, "kustomer.no_evidence", detail, true
}

// sent notes that a request for records has left, unless it is known that it has not.
func (p *inFlight) sent(idx []int, began time.Time, err error) {
	if failure, is := err.(*kustomer.Error); is && failure.Status == 0 && failure.Verdict != kustomer.InDoubt {
		return
	}
	for _, i := range idx {
		p.states[i].sent, p.states[i].begun = true, began
	}
}

// unsent ends records that are not sent because the run ends. One of which a request has left before, in this run
// or another, is unknown: nobody can say any more that nothing of it was begun.
func (p *inFlight) unsent(idx []int) {
	for _, i := range idx {
		e := &p.states[i]
		if e.sent {
			p.unknown(i, "it was sent, and the run ended before all was known that became of it")
			continue
		}
		e.phase, e.status, e.stayOpen = ended, outcome.Unsent, true
	}
}

// holdBack ends records whose request the org refused without looking at them (a wrong key, a
// missing role, no budget left): nothing was applied, and the next run sends them again.
func (p *inFlight) holdBack(idx []int, code, detail string) {
	for _, i := range idx {
		p.reject(i, code, detail, "")
		p.states[i].stayOpen = true
	}
}

// stopped says whether no further request may be begun.
func (p *inFlight) stopped(ctx context.Context) bool {
	return ctx.Err() != nil || p.Halt.Err() != nil
}

// intend commits the intent of one request before it is begun (law 3).
func (p *inFlight) intend(verb string, idx []int, payloads [][]byte) (n int, err error) {
	h := sha256.New()
	for _, b := range payloads {
		h.Write(b)
	}
	q := ledger.Request{Verb: verb, Items: p.ledgerIndexes(idx)}
	copy(q.Payload[:], h.Sum(nil))
	if verb == "update" || verb == "single-update" {
		for k, i := range idx {
			image := p.states[i].image
			image.Index = q.Items[k]
			q.Images = append(q.Images, image)
		}
	}
	if err := p.keep(idx, len(q.Images) > 0); err != nil {
		p.Halt.Stop(err)
		return 0, err
	}
	if p.begun {
		n, err = p.Run.Again(p.batch.Seq, q)
	} else {
		p.batch.Seq = p.Seq.Take()
		n, err = p.Run.Intend(p.batch.ledgerBatch(), q)
		p.begun = err == nil
	}
	if err != nil {
		p.Halt.Stop(err)
	}
	return n, err
}

func (p *inFlight) ledgerIndexes(idx []int) []int {
	if p.batch.Open == nil {
		return idx
	}
	at := make([]int, len(idx))
	for k, i := range idx {
		at[k] = p.batch.Indexes[i]
	}
	return at
}

// answered notes in the ledger that a request is in doubt no more; 0 is one of which it knows.
func (p *inFlight) answered(n int, note string) {
	if n == 0 {
		return
	}
	if err := p.Run.Answer(p.batch.Seq, n, note); err != nil {
		p.Halt.Stop(err)
	}
}

func (b *Batch) ledgerBatch() ledger.Batch {
	items := make([]ledger.Item, len(b.Records))
	for i, r := range b.Records {
		items[i] = ledger.Item{Ordinal: r.Ordinal, Key: r.Mark, Hash: r.Hash}
	}
	return ledger.Batch{Seq: b.Seq, Items: items}
}

// clientRef names a row in requests and results: deterministic, and no part of it is the row's.
func clientRef(r *block.Record) string {
	return "row-" + strconv.FormatInt(r.Ordinal, 10)
}

// RecordHash is what the ledger compares to know a record that has not changed.
func RecordHash(payload []byte) (h ledger.RecordHash) {
	sum := sha256.Sum256(payload)
	copy(h[:], sum[:])
	return h
}

// contentKey is what a record without any identity is known by: its content.
func contentKey(h ledger.RecordHash) string { return hex.EncodeToString(h[:]) }
