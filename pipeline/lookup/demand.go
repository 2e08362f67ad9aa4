package lookup

import (
	"context"
	"math"

	"muster/pipeline/kustomer"
)

// Demand is whom a run is going to want, as far as its ledger tells before it begins.
type Demand struct {
	Late      int  // customers whom muster itself wrote within the index's lag
	LateAmong int  // so many it wrote then in all
	Early     int  // those whom it wrote before
	Among     int  // so many it wrote in all
	InOrder   bool // both are wanted in the order in which they were written
	Named     int  // those whom a file names by their ids, in the order of the list as an export does
	Sought    int  // others, of whom keys are known
	Together  int  // so many are wanted at a time
	Customers int  // so many the org has; 0: not known
}

// Cost is what requests for reading come to.
type Cost struct {
	Requests int // all of them
	Searches int // those of which an org grants fewer
}

// fewSearches are as many as an org lets through in half a minute or so, of its 100 a minute: more are weighed by the
// time that they take.
const fewSearches = 30

// price is what searches cost, in requests that an org lets through in the time that they take.
func price(searches int, b kustomer.Budget) int {
	weight := 1.0
	if b.Searches > 0 {
		weight = min(max(1, b.Granted/b.Searches), 10)
	}
	return min(searches, fewSearches) + int(float64(max(0, searches-fewSearches))*weight)
}

// Cost is what it takes to read them: the cheapest of the ways that a sitting has.
func (d Demand) Cost(b kustomer.Budget) (c Cost) {
	if d.Early > 0 && d.inOrder(b) {
		c.Requests = pagesOf(d.Among, kustomer.MaxListed)
	} else {
		c.Requests, c.Searches = min(d.Late, pagesOf(d.LateAmong, kustomer.MaxListed)), d.indexed(d.Early)
	}
	if d.entire(b) {
		c.Requests += pagesOf(d.Customers, kustomer.MaxListed)
	} else {
		c.Searches += searches(d.Sought)
	}
	c.Requests += c.Searches + pagesOf(d.Named, kustomer.MaxListed)
	return c
}

// inOrder says whether those whom muster wrote before the index's lag, or will have written then once they are wanted,
// are read by the list, which tells of them in the order in which they were written: all are remembered, or it goes on
// as they are wanted.
func (d Demand) inOrder(b kustomer.Budget) bool {
	return (d.InOrder || d.Among <= mostUpdates) && pagesOf(d.Among, kustomer.MaxListed) <
		max(price(d.indexed(d.Early), b), d.Late)
}

// entire says whether who is sought is read by the list of all customers.
func (d Demand) entire(b kustomer.Budget) bool {
	return d.Customers > 0 && d.Customers <= mostEntire &&
		pagesOf(d.Customers, kustomer.MaxListed) < price(searches(d.Sought), b)
}

// indexed is how many searches it takes to find n of those whom muster wrote.
func (d Demand) indexed(n int) int {
	together := max(d.Together, 1)
	sittings, rest := n/together, n%together
	cost := sittings*d.sitting(together) + d.sitting(rest)
	if together >= fewest && n >= fewest && searches(together) < pagesOf(d.Among, kustomer.MaxFound) {
		cost++ // the page that shows that no other is worth it
	}
	return cost
}

// sitting is the same for n who are wanted together.
func (d Demand) sitting(n int) int {
	if n < fewest {
		return searches(n)
	}
	return min(searches(n), pagesOf(d.Among, kustomer.MaxFound))
}

func pagesOf(n, size int) int { return (n + size - 1) / size }

// Expect has the reader know whom a run is going to want: what is read for one is remembered for the others. It returns
// the demand with how many customers the org has, where that bears on what is cheapest.
func (r *Reader) Expect(ctx context.Context, d Demand) (Demand, error) {
	if searches(d.Sought) >= worthCounting {
		r.counting.Lock()
		defer r.counting.Unlock()
		if err := r.count(ctx); err != nil {
			return d, err
		}
		r.spared += searches(d.Sought)
		d.Customers = math.MaxInt32
		if r.people != tooMany {
			d.Customers = r.people
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inOrder = d.inOrder(r.org.Budget())
	if r.coming = d.Late; r.inOrder {
		r.coming += d.Early
	}
	return d, nil
}

// toCome takes n off those who are expected to be wanted of those whom muster wrote, and says how many are left.
func (r *Reader) toCome(n int) (left int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.coming = max(0, r.coming-n)
	return r.coming
}
