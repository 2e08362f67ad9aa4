package lookup

import (
	"context"
	"sync"
	"time"

	"muster/pipeline/kustomer"
)

const (
	// pagesAhead is how many pages are read ahead of the last one that had somebody who was wanted, and remembered behind
	// it: groups of rows come side by side, and not in their order.
	pagesAhead = 64
	// pagesTried is after how many pages that show few of those who are wanted the list is given up.
	pagesTried = 16
	// fewestAlong is below how many wanted by their ids the list is not begun.
	fewestAlong = 10
)

// along is the list of all customers, read as the rows of a file come that stand in its order, as those of an export
// do: a page then has a hundred of them, and a search finds twenty.
type along struct {
	mu      sync.Mutex // held while a page is read; guards what follows
	walk    *walker    // nil: not begun
	ended   bool       // or given up
	by      map[string]paged
	pages   []listed // that are remembered, the oldest first
	read    int      // pages
	reached int      // the last page that had somebody who was wanted
	taken   int      // customers
}

// paged is a customer and the page that showed it.
type paged struct {
	*kustomer.Customer
	page int
	seen time.Time
}

// listed is who of a page is remembered.
type listed struct {
	page int
	ids  []string
}

// follow reads on in the list of all customers for those of idx that a file names by their ids, as long as it goes on
// showing them. It returns the others.
func (s *sitting) follow(ctx context.Context, idx []int) (left []int, err error) {
	a := &s.along
	a.mu.Lock()
	defer a.mu.Unlock()
	var named []int
	for _, i := range idx {
		if w := &s.wanted[i]; w.ID != "" && w.Landed.IsZero() {
			named = append(named, i)
		} else {
			left = append(left, i)
		}
	}
	if a.ended && len(a.by) == 0 || a.walk == nil && len(named) < fewestAlong {
		return idx, nil
	}
	for named = s.takeAlong(named); len(named) > 0 && a.worth(); named = s.takeAlong(named) {
		if a.walk == nil {
			a.walk, a.by = &walker{q: kustomer.Query{From: beginning()}, once: true, goal: -1}, map[string]paged{}
		}
		page, _, ended, err := a.walk.step(func(q kustomer.Query) (*kustomer.Found, error) { return s.page(ctx, q, listing) })
		if err != nil {
			return nil, err
		}
		if a.ended = ended || page == nil; page != nil {
			a.note(page, s.now())
		}
	}
	return append(left, named...), nil
}

// worth says whether another page is. Where the list has shown few of those who were wanted, in its first pages or in
// all, it is given up.
func (a *along) worth() bool {
	if a.read > pagesTried+searches(a.taken) {
		a.ended, a.by, a.pages = true, nil, nil
	}
	return !a.ended && a.read-a.reached < pagesAhead
}

// takeAlong takes those of idx who are remembered, and returns the others.
func (s *sitting) takeAlong(idx []int) (left []int) {
	a := &s.along
	for _, i := range idx {
		one, is := a.by[s.wanted[i].ID]
		if !is || one.seen.Before(s.At.Add(-IndexLag)) {
			left = append(left, i)
			continue
		}
		s.Found[i], s.Fresh[i] = one.Customer, !one.seen.Before(s.At)
		delete(a.by, one.ID)
		a.reached, a.taken = max(a.reached, one.page), a.taken+1
	}
	return left
}

// note takes a page in, and lets go of those that are as far behind as the list is ahead.
func (a *along) note(page *kustomer.Found, now time.Time) {
	a.read++
	one := listed{page: a.read}
	for _, c := range page.Customers {
		a.by[c.ID] = paged{c, a.read, now}
		one.ids = append(one.ids, c.ID)
	}
	a.pages = append(a.pages, one)
	for len(a.pages) > 0 && a.pages[0].page < a.reached-pagesAhead {
		for _, id := range a.pages[0].ids {
			if a.by[id].page == a.pages[0].page {
				delete(a.by, id)
			}
		}
		a.pages = a.pages[1:]
	}
}
