package deliver

import (
	"context"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
)

// Conversations are told apart by their ids alone, and describing one twice leaves it as describing it once does: so
// they are sent without being read first, and what is in doubt is read and, where it must be, sent again.

// stepOn is step for a batch of conversations.
func (p *inFlight) stepOn(ctx context.Context) bool {
	if left := p.in(indeterminate, taken); len(left) > 0 {
		p.reread(ctx, left)
		return true
	}
	if left := p.in(fresh, existing); len(left) > 0 {
		p.describe(ctx, left)
		return true
	}
	p.whyRefused(ctx)
	return false
}

// describe sends what conversations are described with, in bulk; one of which jobs have told nothing before goes by the
// single endpoint, whose answer is its own evidence.
func (p *inFlight) describe(ctx context.Context, idx []int) {
	var bulk []int
	var items []kustomer.Item
	for _, i := range p.admitted(p.Updates, false, idx) {
		if p.states[i].tries >= MaxTries-1 {
			p.describeAlone(ctx, i)
			continue
		}
		r := p.batch.Records[i]
		bulk, items = append(bulk, i), append(items, kustomer.Item{Ref: clientRef(r), ID: r.CustomerID, Payload: r.Payload})
	}
	if len(bulk) > 0 {
		p.send(ctx, "describe", bulk, items, p.Client.BulkUpdateConversations)
	}
}

// whyRefused tells conversations that are not there from those that are refused for their values: with which words
// either is answered is not documented.
func (p *inFlight) whyRefused(ctx context.Context) {
	for i := range p.states {
		if e := &p.states[i]; e.phase == ended && e.code == "kustomer.refused" && !e.stayOpen {
			p.isThere(ctx, i)
		}
	}
}

func (p *inFlight) isThere(ctx context.Context, i int) {
	err := p.Halt.Err() // an org that could not be asked is not asked for each
	if err == nil {
		_, err = p.Client.Conversation(kustomer.Detached(ctx), p.batch.Records[i].CustomerID)
	}
	switch {
	case kustomer.VerdictOf(err) == kustomer.NotFound:
		p.noConversation(i)
	case err != nil:
		p.unknown(i, "it was refused, and the org could not be asked whether it has the conversation")
		p.Halt.Lost(err)
	}
}

func (p *inFlight) noConversation(i int) { p.reject(i, "kustomer.no_conversation", "", "id") }

func (p *inFlight) describeAlone(ctx context.Context, i int) {
	if p.stopped(ctx) {
		p.unsent([]int{i})
		return
	}
	r := p.batch.Records[i]
	n, err := p.intend("single-describe", []int{i}, [][]byte{r.Payload})
	if err != nil {
		p.unsent([]int{i})
		return
	}
	p.states[i].tries++
	began := p.Now()
	c, err := p.Client.UpdateConversation(ctx, r.CustomerID, r.Payload)
	p.sent([]int{i}, began, err)
	if err == nil && c.ID != r.CustomerID { // not the answer to this
		err = &kustomer.Error{Verdict: kustomer.InDoubt, Act: "describe"}
	}
	switch kustomer.VerdictOf(err) {
	case 0:
		p.done(i, outcome.Updated, r.CustomerID)
	case kustomer.NotFound:
		p.answered(n, notedRefused)
		p.noConversation(i)
	default:
		p.failed(ctx, n, []int{i}, err, nil)
	}
}

// reread asks the org for conversations that are in doubt: what one holds is the evidence of what became of the
// request.
func (p *inFlight) reread(ctx context.Context, idx []int) {
	if !p.opened(ctx, idx) {
		return
	}
	held := make([]*kustomer.Conversation, len(idx))
	told := make([]bool, len(idx)) // whether it is there
	lost := p.Halt.Away()
	if lost == nil {
		lost = lookup.AtATime(len(idx), func(k int) (err error) {
			held[k], err = p.Readings.Conversation(kustomer.Detached(ctx), p.batch.Records[idx[k]].CustomerID)
			told[k] = err == nil
			return err
		})
	}
	for k, i := range idx {
		r, e := p.batch.Records[i], &p.states[i]
		c := held[k]
		e.asked = true
		switch {
		case !told[k]:
			p.unknown(i, "a request for it was begun and the org could not be asked what became of it")
			p.Halt.Lost(lost)
		case c == nil && r.Planned != nil && e.tries == 0:
			p.leave(i, "", "the conversation is gone")
		case c == nil:
			p.noConversation(i)
		case customer.Covers(AsCustomer(c), r.Payload, nil) &&
			(e.tries > 0 || r.Planned == nil && p.batch.Intent != ToCreate):
			p.done(i, outcome.Updated, r.CustomerID)
		case r.Planned != nil && customer.State(AsCustomer(c)) != r.Planned.State:
			p.leave(i, r.CustomerID, "somebody has changed the conversation since"+p.begunWords(i))
		case e.pending:
			p.unknown(i, stillUnderWay)
		case e.tries >= MaxTries:
			p.unknown(i, "several requests for it came to nothing")
		default:
			e.phase = fresh
		}
	}
}

// begunWords say of a row that is left alone that a request for it was begun.
func (p *inFlight) begunWords(i int) string {
	if p.states[i].tries == 0 {
		return ""
	}
	return ", and whether a request that was begun had come before is not known"
}

// AsCustomer lets a conversation be compared as customers are: by its attributes.
func AsCustomer(c *kustomer.Conversation) *kustomer.Customer {
	return &kustomer.Customer{ID: c.ID, Rev: c.Rev, UpdatedAt: c.UpdatedAt, Attributes: c.Attributes}
}
