package deliver

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
)

// Closer ends conversations whose rows say that they ended, once their messages are there: a message that comes in
// opens a conversation that is done, and when one ended can only be said of one that is there. What each is, is read
// before anything is written and again behind it, so nothing is written blindly and no journal is needed: to end one
// twice is to end it once. It belongs to one goroutine.
type Closer struct {
	Client   *kustomer.Client
	Kinds    *Kinds
	Patience time.Duration
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error

	kind    *object.Kind
	records []*block.Record
	ids     []string
	wanted  []Object
	Closed  int64 // conversations that it ended
}

// LeftOpen is the code of a conversation that could not be ended.
const LeftOpen = "kustomer.left_open"

// Add takes a conversation that was made or found, by its id. Where it makes a hundred they are ended; the outcomes are
// of those that could not be.
func (c *Closer) Add(ctx context.Context, r *block.Record, id string) ([]block.Outcome, error) {
	var body Object
	if json.Unmarshal(r.Payload, &body) != nil {
		return nil, nil // the checker made it: it is an object
	}
	ending := Object{}
	for _, f := range r.Table.Kind.Fields {
		if value := body[f.Name]; value != nil && f.When == object.OnLater {
			ending[f.Name] = value
		}
	}
	if textOf(body, "status") == "done" || len(ending) > 0 {
		ending["status"] = json.RawMessage(`"done"`)
	}
	if len(ending) == 0 {
		return nil, nil
	}
	c.kind = r.Table.Kind
	c.records, c.ids, c.wanted = append(c.records, r), append(c.ids, id), append(c.wanted, ending)
	if len(c.ids) < kustomer.MaxItems {
		return nil, nil
	}
	return c.Flush(ctx)
}

// Flush ends those that are waiting.
func (c *Closer) Flush(ctx context.Context) (left []block.Outcome, err error) {
	records, ids, wanted := c.records, c.ids, c.wanted
	c.records, c.ids, c.wanted = nil, nil, nil
	if len(ids) == 0 {
		return nil, nil
	}
	open, err := c.open(ctx, ids, wanted)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	items := make([]kustomer.Item, len(open))
	for n, i := range open {
		items[n] = kustomer.Item{Ref: fmt.Sprintf("end-%d", records[i].Ordinal), ID: ids[i]}
		items[n].Payload, _ = json.Marshal(wanted[i]) // of what was decoded
	}
	if err := c.end(ctx, items); err != nil {
		return nil, err
	}
	still, err := c.open(kustomer.Detached(ctx), ids, wanted)
	if err != nil {
		return nil, err
	}
	for _, i := range still {
		left = append(left, records[i].Outcome(outcome.Rejected, ids[i], LeftOpen, "status", ""))
	}
	c.Closed += int64(len(open) - len(still))
	return left, nil
}

// end sends one request and waits for its job. What is refused as a whole is halved until the guilty conversation
// stands alone, which is then found open. The error is that no request can be made.
func (c *Closer) end(ctx context.Context, items []kustomer.Item) error {
	job, err := c.Client.BulkUpdateRecords(ctx, c.kind.Bulk, items)
	switch kustomer.VerdictOf(err) {
	case 0:
		c.await(kustomer.Detached(ctx), job)
	case kustomer.InDoubt:
	case kustomer.NotBegun, kustomer.Unauthorized, kustomer.Forbidden, kustomer.Throttled:
		return err
	default:
		middle := len(items) / 2
		if middle == 0 {
			return nil
		}
		if err := c.end(ctx, items[:middle]); err != nil {
			return err
		}
		return c.end(ctx, items[middle:])
	}
	return nil
}

// open are the places of conversations that are not as their rows end them.
func (c *Closer) open(ctx context.Context, ids []string, wanted []Object) (open []int, err error) {
	found, err := c.Kinds.ByIDs(ctx, c.kind, ids)
	if err != nil {
		return nil, err
	}
	for i, one := range found {
		if one == nil {
			continue // it was deleted since
		}
		for name, value := range wanted[i] {
			if !customer.SameValue(name, value, one.Attributes[name]) {
				open = append(open, i)
				break
			}
		}
	}
	return open, nil
}

// await waits for a job to end, or for patience to.
func (c *Closer) await(ctx context.Context, job string) {
	deadline := c.Now().Add(c.Patience)
	for wait := FirstLook; c.Now().Before(deadline); wait = min(wait*3/2, Longest) {
		if c.Sleep(ctx, wait) != nil {
			return
		}
		state, err := c.Client.Job(ctx, job)
		if err == nil && state.Done() {
			return
		}
		if v := kustomer.VerdictOf(err); v == kustomer.Unauthorized || v == kustomer.Forbidden {
			return
		}
	}
}
