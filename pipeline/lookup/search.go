package lookup

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
)

const (
	// IndexLag is how long after a write the search is not believed. How far its index is behind is not
	// documented; a workflow of a Kustomer employee waits one minute
	// (https://github.com/nick-johnson-kustomer/bulkUpdateKObjects). This is ten times that.
	IndexLag = 10 * time.Minute
	// Clocks is how far the org's clock and ours may differ.
	Clocks = time.Minute
	// fewest is below how many wanted no page of others is asked for: three searches of twenty find
	// sixty, and such a page may turn out to be in vain.
	fewest = 3*kustomer.MaxConditions + 1
)

// Answer is what one look at the org has shown; it is complete once Look has returned.
type sitting struct {
	*Reader
	wanted []Wanted
	Found  []*kustomer.Customer
	Fresh  []bool    // what was found, or its not being found, is of this moment
	At     time.Time // when it began
	shows  time.Time // from when on, by the org's clock, a list has shown who was updated
	silent []int     // of how many of its finding keys, in their order, the search tells nothing
}

// search finds what it can through the index.
func (s *sitting) search(ctx context.Context, idx []int) error {
	idx = slices.DeleteFunc(idx, func(i int) bool { return len(s.condition(i)) == 0 })
	for _, group := range s.bytime(idx) {
		left, err := s.browse(ctx, group)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(left, kustomer.MaxConditions) {
			if len(some) == 1 {
				break // a look at the customer itself costs no more
			}
			q := kustomer.Query{Size: 5 * kustomer.MaxConditions}
			for _, i := range some {
				q.Any = append(q.Any, s.condition(i)...)
			}
			page, err := s.page(ctx, q, searching)
			if err != nil {
				return err
			}
			if page != nil {
				left := s.take(some, page.Customers)
				s.unseen(left, page, q.Size)
			}
		}
	}
	return nil
}

// unseen notes that a search has told nothing of some by their first key, unless it has not told all.
func (s *sitting) unseen(some []int, page *kustomer.Found, size int) {
	if page.Shown >= size {
		return
	}
	owners := ownersOf(page.Customers)
	for _, i := range some {
		if keys := s.wanted[i].finding(); len(keys) > 0 {
			if _, shown := owners[Normal(keys[0].Kind, keys[0].Value)]; !shown {
				s.silent[i] = 1
			}
		}
	}
}

// condition is by what a wanted customer is searched: the key by which it would be looked up first.
func (s *sitting) condition(i int) []kustomer.Condition {
	for _, key := range s.wanted[i].Keys {
		if key.Kind == "phone" && !searchable(key.Value) {
			return nil
		}
		if Finds(key.Kind) && key.Kind != "id" {
			return []kustomer.Condition{{Kind: key.Kind, Value: key.Value}}
		}
	}
	return nil
}

// skew is how far the org's clock is ahead of ours.
func (r *Reader) skew() time.Duration { return r.org.Budget().Skew }

// searchable says whether the search takes a phone number: ^\+?[1-9]\d{1,14}$ (Kustomer's OpenAPI
// document, Core Resources 1.0).
func searchable(phone string) bool {
	digits := strings.TrimPrefix(phone, "+")
	return len(digits) >= 2 && len(digits) <= 15 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

// bytime parts the wanted into those that landed close together, those of an unknown time being one part.
func (s *sitting) bytime(idx []int) [][]int {
	slices.SortFunc(idx, func(a, b int) int { return s.wanted[a].Landed.Compare(s.wanted[b].Landed) })
	var groups [][]int
	for k, i := range idx {
		at := s.wanted[i].Landed
		if k == 0 || at.Sub(s.wanted[idx[k-1]].Landed) > IndexLag {
			groups = append(groups, nil)
		}
		last := &groups[len(groups)-1]
		*last = append(*last, i)
	}
	return groups
}

// browse goes through everything the index holds of the time in which the group landed, as long as that is
// cheaper than to search for each. It returns who was not found.
func (s *sitting) browse(ctx context.Context, group []int) (left []int, err error) {
	var q kustomer.Query
	if first := s.wanted[group[0]].Landed; !first.IsZero() {
		// A job may take long, and what it wrote is younger than the request by as much.
		skew := s.skew()
		q.From = first.Add(min(skew, 0) - Clocks)
		q.To = s.wanted[group[len(group)-1]].Landed.Add(max(skew, 0) + IndexLag)
	}
	doubted := func(i int) bool { return s.wanted[i].Doubt } // it may not be there at all
	if len(group) < fewest || slices.ContainsFunc(group, doubted) ||
		s.among(q) > kustomer.MaxFound*searches(len(group)) {
		return group, nil
	}
	left = group
	_, err = s.pages(ctx, q, searches(len(group)), func(page *kustomer.Found, more int) bool {
		left = s.take(left, page.Customers)
		if more < searches(len(left)) {
			return true
		}
		if more > 0 {
			s.note(&s.crowd, q, page.Total)
		}
		return false
	})
	return left, err
}

// searches is how many searches by key n customers take.
func searches(n int) int { return pagesOf(n, kustomer.MaxConditions) }

// among is how many customers a query leads through at least, as far as those tell who are known to lie in a stretch of
// time that it shares.
func (r *Reader) among(q kustomer.Query) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.crowd.within(overlap(q, r.crowd.q, r.now()), r.now())
}

// within is how many customers there are in some time, if they lie as close together as in the crowd.
func (c *crowd) within(some time.Duration, now time.Time) int {
	if c.total == 0 {
		return 0
	}
	whole := max(overlap(c.q, c.q, now), time.Millisecond)
	return int(float64(c.total) * some.Seconds() / whole.Seconds())
}

// overlap is for how long two queries look at the same time.
func overlap(a, b kustomer.Query, now time.Time) time.Duration {
	from, to := a.From, now
	if b.From.After(from) {
		from = b.From
	}
	for _, q := range []kustomer.Query{a, b} {
		if !q.To.IsZero() && q.To.Before(to) {
			to = q.To
		}
	}
	return max(to.Sub(from), 0)
}

func (r *Reader) note(c *crowd, q kustomer.Query, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*c = crowd{q, total}
}

// take gives the customers to those of idx who want them, and returns who is left. One is wanted by
// its id, or else by the first of its keys; when two customers have that key, neither is taken.
func (s *sitting) take(idx []int, customers []*kustomer.Customer) (left []int) {
	byID, byKey := make(map[string]*kustomer.Customer, len(customers)), ownersOf(customers)
	for _, c := range customers {
		byID[c.ID] = c
	}
	for _, i := range idx {
		w := &s.wanted[i]
		c := byID[w.ID]
		if x := s.condition(i); w.ID == "" && len(x) > 0 {
			c = byKey[Normal(x[0].Kind, x[0].Value)]
		}
		if c == nil {
			left = append(left, i)
			continue
		}
		s.Found[i] = c
	}
	return left
}

// IdentitiesOf are a customer's external ids, e-mail addresses and phone numbers, as they are compared.
func IdentitiesOf(c *kustomer.Customer) []customer.Identity {
	var all []customer.Identity
	add := func(kind, value string) {
		if one := Normal(kind, value); value != "" && !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	var own string
	_ = json.Unmarshal(c.Attributes["externalId"], &own)
	add("externalId", own)
	for field, kind := range map[string]string{"externalIds": "externalId", "emails": "email", "phones": "phone"} {
		var items []map[string]json.RawMessage
		_ = json.Unmarshal(c.Attributes[field], &items)
		for _, item := range items {
			var value string
			_ = json.Unmarshal(item[kind], &value)
			add(kind, value)
		}
	}
	return all
}

// Normal is an identity as it is compared.
func Normal(kind, value string) customer.Identity {
	return customer.Identity{Kind: kind, Value: customer.Normal(kind, value)}
}
