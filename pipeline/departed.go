package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
)

// ID names the org as the ledger does.
func (o *Org) ID() string { return o.orgID() }

// Departed does to customers what a job says of those who are no longer in its file. Both acts may be repeated: a customer
// who is tagged or gone already is left as it is, so an interrupted act is simply begun again.
type Departed struct {
	Org *Org
	Now func() time.Time
}

// Tag puts a tag on customers, beside those they have. It returns how many have it now; a customer who is not there any
// more is passed over, and so is one whose tags the org gives as ids, since writing the tag would take them off.
func (d Departed) Tag(ctx context.Context, ids []string, tag string) (done int, err error) {
	wanted := make([]Wanted, len(ids))
	for i := range ids {
		wanted[i] = Wanted{ID: ids[i], Fresh: true}
	}
	customers, err := NewReadings(d.Org.Client.Viewer, d.Now).Read(ctx, wanted)
	if err != nil {
		return 0, fmt.Errorf("read who is to be tagged: %w", err)
	}
	payload, err := json.Marshal(map[string][]string{"tags": {tag}})
	if err != nil {
		return 0, err
	}
	for _, c := range customers {
		if c == nil {
			continue
		}
		var have []string
		if json.Unmarshal(c.Attributes["tags"], &have) == nil && slices.Contains(have, tag) {
			done++
			continue
		}
		change, err := customer.Differ(payload, c, nil)
		if err != nil || change.Note != "" {
			continue
		}
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if _, err := d.Org.Client.Update(kustomer.Detached(ctx), c.ID, change.Update); err != nil {
			return done, fmt.Errorf("tag who is not in the file any more: %w", err)
		}
		done++
	}
	return done, nil
}

// Delete deletes customers and returns how many are gone.
func (d Departed) Delete(ctx context.Context, ids []string) (done int, err error) {
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		err := d.Org.Client.Delete(kustomer.Detached(ctx), id)
		if err != nil && kustomer.VerdictOf(err) != kustomer.NotFound {
			return done, fmt.Errorf("delete who is not in the file any more: %w", err)
		}
		done++
	}
	return done, nil
}
