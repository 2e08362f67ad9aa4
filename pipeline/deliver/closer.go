package deliver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
)

// Closer ends conversations whose rows say that they ended, once their messages are there: a message that comes in
// opens a conversation that is done, and when one ended can only be said of one that is there. What the run has not
// written itself is read before it is ended; what no result proves is read behind it. No journal is needed: to end one
// twice is to end it once. It belongs to one goroutine.
type Closer struct {
	Client   *kustomer.Client
	Kinds    *Kinds
	Patience time.Duration
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error

	Reopened bool  // the run has brought messages, which may have opened what was done
	Closed   int64 // conversations that it ended

	kind    *object.Kind
	records []*block.Record
	ids     []string
	wanted  []Object
	written []bool // by this run
}

// LeftOpen is the code of a conversation that could not be ended.
const LeftOpen = "kustomer.left_open"

// Add takes a conversation that was made or found, by its id; written: this run made or changed it. Where it makes a
// hundred they are ended; the outcomes are of those that could not be.
func (c *Closer) Add(ctx context.Context, r *block.Record, id string, written bool) ([]block.Outcome, error) {
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
	if len(ending) == 0 || written && !c.Reopened && len(ending) == 1 && ending["status"] != nil {
		return nil, nil // it is as it was written
	}
	c.kind = r.Table.Kind
	c.records, c.ids, c.wanted = append(c.records, r), append(c.ids, id), append(c.wanted, ending)
	c.written = append(c.written, written)
	if len(c.ids) < kustomer.MaxItems {
		return nil, nil
	}
	return c.Flush(ctx)
}

// Flush ends those that are waiting.
func (c *Closer) Flush(ctx context.Context) (left []block.Outcome, err error) {
	records, ids, wanted, written := c.records, c.ids, c.wanted, c.written
	c.records, c.ids, c.wanted, c.written = nil, nil, nil, nil
	if len(ids) == 0 {
		return nil, nil
	}
	var open, unread []int
	for i := range ids {
		if written[i] {
			open = append(open, i)
		} else {
			unread = append(unread, i)
		}
	}
	found, err := c.open(ctx, unread, ids, wanted)
	if open = append(open, found...); err != nil || len(open) == 0 {
		return nil, err
	}
	items := make([]kustomer.Item, len(open))
	refs := map[string]string{} // of items that no result has proven yet, by id
	for n, i := range open {
		items[n] = kustomer.Item{Ref: fmt.Sprintf("end-%d", records[i].Ordinal), ID: ids[i]}
		items[n].Payload, _ = json.Marshal(wanted[i]) // of what was decoded
		refs[ids[i]] = items[n].Ref
	}
	if err := c.end(ctx, items, refs); err != nil {
		return nil, err
	}
	unproven := slices.DeleteFunc(slices.Clone(open), func(i int) bool { return refs[ids[i]] == "" })
	still, err := c.open(kustomer.Detached(ctx), unproven, ids, wanted)
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
// stands alone, which is then found open. Items that a result proves are taken out of refs. The error is that no
// request can be made.
func (c *Closer) end(ctx context.Context, items []kustomer.Item, refs map[string]string) error {
	job, err := c.Client.BulkUpdateRecords(ctx, c.kind.Bulk, items)
	switch kustomer.VerdictOf(err) {
	case 0:
		c.await(kustomer.Detached(ctx), job, refs)
	case kustomer.InDoubt:
	case kustomer.NotBegun, kustomer.Unauthorized, kustomer.Forbidden, kustomer.Throttled:
		return err
	default:
		middle := len(items) / 2
		if middle == 0 {
			return nil
		}
		if err := c.end(ctx, items[:middle], refs); err != nil {
			return err
		}
		return c.end(ctx, items[middle:], refs)
	}
	return nil
}

// open are those of some places whose conversations are not as their rows end them.
func (c *Closer) open(ctx context.Context, some []int, ids []string, wanted []Object) (open []int, err error) {
	asked := make([]string, len(some))
	for n, i := range some {
		asked[n] = ids[i]
	}
	found, err := c.Kinds.ByIDs(ctx, c.kind, asked)
	if err != nil {
		return nil, err
	}
	for n, one := range found {
		if one == nil {
			continue // it was deleted since
		}
		for name, value := range wanted[some[n]] {
			if !customer.SameValue(name, value, one.Attributes[name]) {
				open = append(open, some[n])
				break
			}
		}
	}
	return open, nil
}

// await reads the results of a job until it ends, or patience does.
func (c *Closer) await(ctx context.Context, job string, refs map[string]string) {
	begun := c.Now()
	deadline := begun.Add(c.Patience)
	for wait := FirstLook; c.Now().Before(deadline); wait = min(wait*3/2, Longest) {
		c.Client.Waiting("conversations to be ended", c.Now().Sub(begun), c.Patience)
		if c.Sleep(ctx, wait) != nil {
			return
		}
		results, err := c.Client.Results(ctx, job)
		for _, r := range results.Items {
			if r.Status == "updated" && refs[r.ObjectID] == r.Ref {
				delete(refs, r.ObjectID)
			}
		}
		if err == nil && results.Complete {
			return
		}
		if v := kustomer.VerdictOf(err); v == kustomer.Unauthorized || v == kustomer.Forbidden {
			return
		}
	}
}
