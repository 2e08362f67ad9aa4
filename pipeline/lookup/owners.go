package lookup

import (
	"context"
	"slices"
	"time"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
)

// Owners says for each identity which customer of the org has it, nil none. They are searched for by twenty at a time, and the
// search is believed in what it does not show, too, except where its page was too short: what was written within its lag may be
// missed. Where nothing may be searched each is asked for by itself. An identity of a kind by which the org finds nobody has
// no owner.
func (r *Reader) Owners(ctx context.Context, keys []customer.Identity) ([]*kustomer.Customer, error) {
	owners := make([]*kustomer.Customer, len(keys))
	var searched, asked []int
	for i, key := range keys {
		switch {
		case !Finds(key.Kind):
		case key.Kind == "id" || key.Kind == "phone" && !searchable(key.Value):
			asked = append(asked, i)
		default:
			searched = append(searched, i)
		}
	}
	for some := range slices.Chunk(searched, kustomer.MaxConditions) {
		left, err := r.owned(ctx, keys, some, owners)
		if err != nil {
			return nil, err
		}
		asked = append(asked, left...)
	}
	for _, i := range asked {
		var err error
		if owners[i], err = r.ask(ctx, &Wanted{Keys: keys[i : i+1]}); err != nil {
			return nil, err
		}
	}
	return owners, nil
}

// owned searches for the owners of some identities at once and returns those of which that tells nothing.
func (r *Reader) owned(ctx context.Context, keys []customer.Identity, some []int, owners []*kustomer.Customer) (left []int, err error) {
	if len(some) == 1 {
		return some, nil // a look at the customer itself costs no more
	}
	q := kustomer.Query{Size: 5 * kustomer.MaxConditions}
	for _, i := range some {
		q.Any = append(q.Any, kustomer.Condition{Kind: keys[i].Kind, Value: keys[i].Value})
	}
	page, err := r.page(ctx, q, false)
	if err != nil || page == nil {
		return some, err
	}
	has := map[customer.Identity]*kustomer.Customer{}
	for _, c := range page.Customers {
		for _, key := range IdentitiesOf(c) {
			has[key] = c
		}
	}
	for _, i := range some {
		if owners[i] = has[Normal(keys[i].Kind, keys[i].Value)]; owners[i] == nil && page.Shown >= q.Size {
			left = append(left, i)
		}
	}
	return left, nil
}

// Conversation reads one conversation, nil where the org has none of this id.
func (r *Reader) Conversation(ctx context.Context, id string) (*kustomer.Conversation, error) {
	r.begin()
	c, err := r.org.Conversation(ctx, id)
	if kustomer.VerdictOf(err) == kustomer.NotFound {
		return nil, nil
	}
	return c, err
}

// Employers are the companies of all customers that were updated since a moment, by the list of them: to link a customer to a company
// is to update it, and no search of customers by their company is documented but that of the archive. whole: they are all of them.
func (r *Reader) Employers(ctx context.Context, since time.Time) (companies map[string]bool, whole bool, err error) {
	s := &sitting{Reader: r}
	companies = map[string]bool{}
	q := kustomer.Query{From: since.Add(min(r.skew(), 0) - Clocks)}
	whole, err = s.walk(ctx, q, true, mostEmployed, func(page *kustomer.Found, _ int) bool {
		for _, c := range page.Customers {
			companies[c.Company] = true
		}
		return true
	})
	return companies, whole, err
}

// mostEmployed bounds how many pages of customers are read to learn whose companies they are: 100,000 customers.
const mostEmployed = 1000
