package deliver

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
)

// What became of a record of any kind but customers is asked of the org itself, where no result tells it.

// findAll asks the org for records that are in doubt, or of which it says that it has them.
func (p *inFlight) findAll(ctx context.Context, k *object.Kind, idx []int) {
	if !p.opened(ctx, idx) {
		return
	}
	p.pendOthers(kustomer.Detached(ctx), idx)
	err := p.Halt.Away()
	var found []*kustomer.Record
	if err == nil {
		found, err = p.live(kustomer.Detached(ctx), k, idx)
	}
	for n, i := range idx {
		e := &p.states[i]
		e.asked = true
		switch {
		case err != nil:
			p.unknown(i, "a request for it was begun and the org could not be asked what became of it")
			p.Halt.Lost(err)
		case found[n] != nil:
			p.seen(k, i, found[n])
		case e.updating && e.id != "":
			p.reject(i, "kustomer.not_found", "it was deleted since", "externalId")
		case e.pending:
			p.unknown(i, stillUnderWay)
		case e.phase == indeterminate && p.mayCome(i, found) && !p.stopped(ctx):
			p.pause = max(p.pause, p.quiet()/4)
		case e.phase == taken:
			p.reject(i, "kustomer.duplicate", "the org says that it has it, and shows none", "externalId")
		case p.Verb == Update:
			p.reject(i, "kustomer.not_found", "", "externalId")
		case e.tries >= MaxTries:
			p.unknown(i, "several requests for it came to nothing")
		default:
			e.phase = fresh
		}
	}
}

// awaitUnnamed waits for a job whose results name no record of ours: those of it that the org shows under their
// external ids are there. The job itself is asked for only where some are not shown.
func (p *inFlight) awaitUnnamed(ctx context.Context, k *object.Kind, n int, job string, idx []int) {
	end := kustomer.Detached(ctx)
	wait, begun, over := p.Pace.guess(), p.Now(), false
	deadline := begun.Add(p.Patience)
	for looks := 1; ; looks++ {
		p.Client.Waiting(bulkEnd, p.Now().Sub(begun), p.Patience)
		if p.Sleep(end, wait) != nil {
			p.pend(end, job, idx)
			return
		}
		idx = p.unseen(end, k, idx)
		if len(idx) == 0 || over { // what was refused is never shown, and is sent again by itself
			p.Pace.learn(looks > 1 && len(idx) == 0)
			p.answered(n, "looked for")
			return
		}
		if half := p.Now().Add(p.Grace / 2); ctx.Err() != nil && deadline.After(half) {
			deadline = half
		}
		if p.Now().After(deadline) {
			p.pend(end, job, idx)
			return
		}
		over, wait = !p.underWay(end, job), min(wait*3/2, Longest)
	}
}

// unseen are those of idx that the org does not show; the others move on.
func (p *inFlight) unseen(ctx context.Context, k *object.Kind, idx []int) (left []int) {
	found, err := p.live(ctx, k, idx)
	if err != nil {
		return idx // a later look may be answered
	}
	for n, i := range idx {
		if found[n] == nil {
			left = append(left, i)
			continue
		}
		p.states[i].asked = true
		p.seen(k, i, found[n])
	}
	return left
}

// longestQuiet is how long a request whose answer was lost is given to show in the org. Nothing but time tells that it
// never came, and of an org that takes a second record of an external id none may be sent before.
const longestQuiet = 30 * time.Second

func (p *inFlight) quiet() time.Duration { return min(p.Patience/2, longestQuiet) }

// mayCome says whether a request in doubt may yet be carried out: it was just begun, or others of its batch show.
func (p *inFlight) mayCome(i int, found []*kustomer.Record) bool {
	e, limit := &p.states[i], p.quiet()
	if slices.ContainsFunc(found, func(r *kustomer.Record) bool { return r != nil }) {
		limit = p.Patience
	}
	return !e.begun.IsZero() && p.Now().Sub(e.begun) < limit
}

// seen decides what a record that the org shows means for one that is in doubt.
func (p *inFlight) seen(k *object.Kind, i int, c *kustomer.Record) {
	e := &p.states[i]
	if e.tries > 0 && !e.updating && p.oursToo(k, i, c) {
		p.done(i, outcome.Created, c.ID)
		return
	}
	e.phase, e.id, e.write = existing, c.ID, nil
	e.record = c
}

// oursToo says whether this run made a record: it carries the moment the run began, or the one that its row brings, and
// nobody has changed it since.
func (p *inFlight) oursToo(k *object.Kind, i int, c *kustomer.Record) bool {
	var body Object
	if json.Unmarshal(p.newPayload(k, i), &body) != nil {
		return false
	}
	return customer.SameMoment(c.Attributes["importedAt"], textOf(body, "importedAt")) &&
		(p.batch.Records[i].Table.Stamped || c.Rev <= 1)
}

// live reads records as the org has them at this moment, by their ids, their external ids, or among those of their
// conversation.
func (p *inFlight) live(ctx context.Context, k *object.Kind, idx []int) ([]*kustomer.Record, error) {
	found := make([]*kustomer.Record, len(idx))
	var byName []int // places in idx
	var ids []string
	var known []int
	for n, i := range idx {
		if id := p.states[i].id; id != "" {
			ids, known = append(ids, id), append(known, n)
		} else {
			byName = append(byName, n)
		}
	}
	some, err := p.Kinds.ByIDs(ctx, k, ids)
	if err != nil {
		return nil, err
	}
	for n, at := range known {
		found[at] = some[n]
	}
	if len(byName) == 0 {
		return found, nil
	}
	name := func(at int) string { return externalIDOf(p.batch.Records[idx[at]]) }
	if k.By == object.NoLookup {
		return found, p.liveOf(ctx, k, idx, byName, found)
	}
	if !k.ClientRef && len(byName) > 1 {
		whole, err := p.Kinds.listed(ctx, k, len(byName), func(one *kustomer.Record) {
			for _, at := range byName {
				if one.Text("externalId") == name(at) {
					found[at] = one
				}
			}
		})
		if err != nil || whole {
			return found, err
		}
	}
	return found, lookup.AtATime(len(byName), func(n int) (err error) {
		found[byName[n]], err = p.Kinds.byExternalID(ctx, k, name(byName[n]))
		return err
	})
}

// liveOf finds messages or notes among those of their conversations.
func (p *inFlight) liveOf(ctx context.Context, k *object.Kind, idx, byName []int, found []*kustomer.Record) error {
	of := map[string][]int{}
	for _, at := range byName {
		var body Object
		_ = json.Unmarshal(p.states[idx[at]].payload, &body)
		if conversation := textOf(body, "conversation"); conversation != "" { // "": the org does not have it any more
			of[conversation] = append(of[conversation], at)
		}
	}
	var conversations []string
	for one := range of {
		conversations = append(conversations, one)
	}
	slices.Sort(conversations)
	return lookup.AtATime(len(conversations), func(n int) error {
		path := "/v1/conversations/" + conversations[n] + "/" + k.Many
		_, err := p.Client.EachRecord(ctx, path, nil, func(page []*kustomer.Record, _ int) bool {
			for _, one := range page {
				for _, at := range of[conversations[n]] {
					if one.Text("externalId") == externalIDOf(p.batch.Records[idx[at]]) && !one.Deleted() {
						found[at] = one
					}
				}
			}
			return true
		})
		return orGone(err)
	})
}
