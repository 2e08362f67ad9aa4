package deliver

import (
	"context"
	"fmt"
	"sync"
	"time"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
)

// CanarySteps are how many records the first batches of an import carry that nobody has tried before: each is read back
// and compared before anything more is sent.
var CanarySteps = [...]int{1, 10, 100}

// CanaryError says that the first customers of an import are not as they were sent, and the rest was not sent. Exit
// code 8.
type CanaryError struct {
	Wrong, Of int
	Field     string // the first that differs; "" the customer is not there
	Line      int64  // of its row
}

func (e *CanaryError) Error() string {
	field := e.Field
	if field == "" {
		field = "the customer as a whole"
	}
	return fmt.Sprintf("the canary: %d of the first %d customers read back are not as they were sent (%s, line %d); "+
		"the rest was not sent", e.Wrong, e.Of, field, e.Line)
}

// Canary has the batches of a run wait for those few that are tried first. Safe for concurrent use.
type Canary struct {
	compare *customer.Comparer
	passed  func() error // told when every step has been proven

	mu   sync.Mutex
	told sync.Cond
	done int // steps behind us
}

// NewCanary begins with the first step; proven is called once all have been passed.
func NewCanary(passed func() error) *Canary {
	c := &Canary{compare: customer.NewComparer(), passed: passed}
	c.told.L = &c.mu
	return c
}

// wait lets a batch go once the steps before it are done. Those were handed out before it, so somebody has them.
func (c *Canary) wait(b *Batch) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.done < b.After {
		c.told.Wait()
	}
}

// end lets those go that wait for a batch.
func (c *Canary) end(b *Batch) {
	if c == nil || !b.Canary {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	c.told.Broadcast()
}

// try uploads a batch; one of the canary's is read back, and a difference stops the run.
func (u *Uploader) try(ctx context.Context, b *Batch) []block.Outcome {
	defer u.Canary.end(b)
	began := u.Now()
	outcomes := u.Upload(ctx, b)
	if u.Canary == nil || !b.Canary || u.Halt.Err() != nil {
		return outcomes
	}
	err := u.Canary.prove(ctx, u.Readings, b, outcomes, began)
	if err == nil && b.After == len(CanarySteps)-1 {
		err = u.Canary.passed()
	}
	if err != nil {
		u.Halt.Stop(err)
	}
	return outcomes
}

// prove reads the customers of a batch that was begun at a moment back and compares them with what was sent.
func (c *Canary) prove(ctx context.Context, readings *lookup.Reader, b *Batch, outcomes []block.Outcome,
	began time.Time) error {
	var wanted []lookup.Wanted
	var records []*block.Record
	var made []bool
	for i, o := range outcomes {
		if (o.Status == outcome.Created || o.Status == outcome.Updated) && o.CustomerID != "" {
			wanted = append(wanted, lookup.Wanted{ID: o.CustomerID, Keys: b.Records[i].Keys, Fresh: true, Since: began})
			records, made = append(records, b.Records[i]), append(made, o.Status == outcome.Created)
		}
	}
	found, err := readings.Read(kustomer.Detached(ctx), wanted)
	if err == nil {
		found, err = readings.Named(kustomer.Detached(ctx), found,
			func(i int) bool { return lookup.Tagged(records[i].Payload) })
	}
	if err != nil {
		return err
	}
	verdict := CanaryError{Of: len(records)}
	for i, r := range records {
		field, wrong := "", found[i] == nil
		if !wrong {
			held, err := c.compare.Landed(r.Payload, found[i], r.Table.Plan.Writes(), made[i])
			if err != nil {
				return err
			}
			if wrong = len(held.Gaps) > 0; wrong {
				field = held.Gaps[0].Field
			}
		}
		if !wrong {
			continue
		}
		if verdict.Wrong++; verdict.Wrong == 1 {
			verdict.Field, verdict.Line = field, r.Line
		}
	}
	if verdict.Wrong > 0 {
		return &verdict
	}
	return nil
}
