package nightly

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"muster/pipeline"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
)

// Departed does to customers what a job says of those who are no longer in its file. Both acts may be repeated: a
// customer who is tagged or gone already is left as it is, so an interrupted act is simply begun again.
type Departed struct {
	org      *pipeline.Org
	readings *lookup.Reader
}

// NewDeparted acts on customers of an org.
func NewDeparted(o *pipeline.Org, now func() time.Time) *Departed {
	return &Departed{org: o, readings: lookup.New(o.Client.Viewer, now)}
}

// Tag puts a tag on customers, beside those they have. It returns how many have it now; a customer who is not there any
// more is passed over, and so is one whose tags have no names that this key can read, since writing the tag would take
// them off: left says how many those are.
func (d *Departed) Tag(ctx context.Context, ids []string, tag string) (done, left int, err error) {
	wanted := make([]lookup.Wanted, len(ids))
	for i := range ids {
		wanted[i] = lookup.Wanted{ID: ids[i], Fresh: true}
	}
	customers, err := d.readings.Read(ctx, wanted)
	if err == nil {
		customers, err = d.readings.Named(ctx, customers, func(int) bool { return true })
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read who is to be tagged: %w", err)
	}
	payload, err := json.Marshal(map[string][]string{"tags": {tag}})
	if err != nil {
		return 0, 0, err
	}
	for _, c := range customers {
		if c == nil {
			continue
		}
		change, err := customer.Differ(payload, c, nil)
		switch {
		case err != nil || len(change.Untold) > 0:
			left++
			continue
		case change.Empty:
			done++
			continue
		}
		if err := ctx.Err(); err != nil {
			return done, left, err
		}
		if _, err := d.org.Client.Update(kustomer.Detached(ctx), c.ID, change.Update); err != nil {
			return done, left, fmt.Errorf("tag who is not in the file any more: %w", err)
		}
		done++
	}
	return done, left, nil
}

// Delete deletes customers and returns how many are gone.
func (d *Departed) Delete(ctx context.Context, ids []string) (done int, err error) {
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		err := d.org.Client.Delete(kustomer.Detached(ctx), id)
		if err != nil && kustomer.VerdictOf(err) != kustomer.NotFound {
			return done, fmt.Errorf("delete who is not in the file any more: %w", err)
		}
		done++
	}
	return done, nil
}
