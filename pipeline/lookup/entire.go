package lookup

import (
	"context"
	"time"

	"muster/pipeline/kustomer"
)

// mostEntire is how many customers an org may have for all of them to be listed: as many are remembered, with room for
// those who come.
const mostEntire = mostUpdates / 2

// worthCounting is after how many searches it is worth a request to know how many customers the org has.
const worthCounting = 7

// beginning is before any customer of any org was updated.
func beginning() time.Time { return time.Unix(0, 0) }

// entire reads the list of all customers where that is no longer than the searches for those of whom nothing is known
// have come to in this run: an org grants few searches a minute, and one that is empty, or is being tried, has nobody
// to search for. Whom the list names is known, and who is not in it is not there. The others of idx are returned.
func (s *sitting) entire(ctx context.Context, idx []int) (left []int, err error) {
	keys := 0
	for _, i := range idx {
		switch w := &s.wanted[i]; {
		case w.ID == "":
			keys += len(w.finding())
		case w.Landed.IsZero():
			keys++ // it is searched by one of them
		}
	}
	if keys < fewestLate || !s.mayLook() {
		return idx, nil
	}
	if worth, err := s.worthListing(ctx, searches(keys)); err != nil || !worth {
		return idx, err
	}
	if idx = s.remembered(idx); len(idx) == 0 {
		return nil, nil
	}
	whole, err := s.cover(ctx, covering{from: beginning()}, func(int) bool { return true })
	if err != nil || !whole {
		return idx, err
	}
	u := &s.updates
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, i := range idx {
		if !s.known(i) {
			left = append(left, i)
		}
	}
	return left, nil
}

// known takes one as the list of all customers tells of it; false: the list cannot tell. The lock is held.
func (s *sitting) known(i int) bool {
	w := &s.wanted[i]
	keys := w.finding()
	if w.ID != "" && !w.Landed.IsZero() {
		return false // who landed together is found together
	}
	if w.ID != "" {
		keys = []identity{{Kind: "id", Value: w.ID}}
	}
	if len(keys) == 0 {
		return false
	}
	for _, key := range keys {
		one := s.updates.owner(key)
		if one == nil {
			continue
		}
		if one.text == nil || !s.updates.has(one, key) {
			return false // let go, or found by another's hash
		}
		s.Found[i], s.Fresh[i] = one.customer(), true
		return true
	}
	s.Fresh[i] = true // it is not there
	return true
}

// worthListing says whether all customers are to be listed, after so many searches more.
func (r *Reader) worthListing(ctx context.Context, searches int) (bool, error) {
	r.counting.Lock()
	defer r.counting.Unlock()
	if r.spared += searches; r.spared < worthCounting {
		return false, nil
	}
	if err := r.count(ctx); err != nil {
		return false, err
	}
	if r.people == tooMany || r.people/kustomer.MaxListed > price(r.spared, r.org.Budget()) {
		return false, nil
	}
	r.updates.mu.Lock()
	defer r.updates.mu.Unlock()
	if r.listed && !r.updates.covers(beginning()) {
		r.people = tooMany // more came than are remembered
		return false, nil
	}
	r.listed = true
	return true, nil
}

// count asks how many customers the org has, once. The lock of counting is held.
func (r *Reader) count(ctx context.Context) error {
	if r.people != uncounted {
		return nil
	}
	page, err := r.page(ctx, kustomer.Query{Size: 1}, listing)
	switch {
	case err != nil:
		return err
	case page == nil || page.Total < 0 || page.Total > mostEntire:
		r.people = tooMany
	default:
		r.people = page.Total + 1
	}
	return nil
}

const (
	uncounted = 0
	tooMany   = -1
)
