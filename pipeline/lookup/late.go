package lookup

import (
	"context"
	"slices"
	"sync"
	"time"

	"muster/pipeline/kustomer"
)

const (
	// fewestLate is below how many wanted nothing is listed: the others would have to be searched, too.
	fewestLate = 4
	// fewestHeld is the same for those of whom a search has told already: the list's silence is all that is missing.
	fewestHeld = 2
	// settling is how long after the moment it bears a write is taken to show in lists for sure: the next one begins that much earlier
	// than the last ended, or by the minute that clocks may differ, where few have been written to in it.
	settling = 5 * time.Second
	few      = kustomer.MaxListed / 2
	// mostLate bounds what is remembered of lists, some 100 bytes each.
	mostLate = 50_000
)

// late is what lists have told in this run of who was updated lately, so that each goes on where the last one ended.
type late struct {
	listing sync.Mutex // held while a list is read; of the fields below only begun is anybody else's
	from    time.Time  // they tell of everything from here, by the org's clock; zero: of nothing
	until   time.Time  // to here
	ids     map[string]time.Time
	begun   int64 // lists
	whole   int64 // the last one that came to its end
}

// lately reads what the index cannot be asked for. Where a list of all that was updated lately is cheaper
// than one look each, it says which of them have not been: their state is that of the index. Of those a search
// has told already; the others are returned, to be searched.
func (s *sitting) lately(ctx context.Context, idx []int) (settled []int, err error) {
	if len(idx) < s.fewest(idx) || s.free() && s.wanted[idx[0]].Since.IsZero() {
		return nil, nil
	}
	if idx, err = s.standing(ctx, idx); err != nil || len(idx) < s.fewest(idx) {
		return nil, err
	}
	left := idx
	whole, err := s.listed(ctx, s.since(idx), len(idx), func(page *kustomer.Found, more int) bool {
		before := left
		left = s.take(left, page.Customers)
		for _, i := range before {
			s.Fresh[i] = s.Found[i] != nil
		}
		return more+s.outlay(left) < len(left)
	})
	if err != nil || !whole {
		return nil, err
	}
	for _, i := range s.silent(left) {
		switch w := &s.wanted[i]; {
		case w.Held != nil:
			s.Found[i], s.Fresh[i] = w.Held, true
		case w.Since.IsZero():
			settled = append(settled, i)
		}
	}
	return settled, nil
}

// standing finds those of idx in a list of all who were last updated when a search has shown them to be, where that is shorter than the
// list of all that was updated lately, in which stands what this run itself has written. Who is there has not been written to since.
func (s *sitting) standing(ctx context.Context, idx []int) (left []int, err error) {
	if s.fewest(idx) > fewestHeld {
		return idx, nil
	}
	var q kustomer.Query
	for _, i := range idx {
		at := s.wanted[i].Held.UpdatedAt
		if q.From.IsZero() || at.Before(q.From) {
			q.From = at
		}
		if !at.Before(q.To) {
			q.To = at.Add(time.Millisecond) // what moments of the org are made of
		}
	}
	pages := s.repeats()
	if q.From.IsZero() || pages == 0 || s.crowded(q, 0) {
		return idx, nil
	}
	left = idx
	_, err = s.walk(ctx, q, true, pages, func(page *kustomer.Found, more int) bool {
		left = s.take(left, page.Customers)
		if more >= pages {
			s.note(q, page.Total)
			return false
		}
		return len(left) > 0
	})
	for _, i := range idx {
		s.Fresh[i] = s.Fresh[i] || s.Found[i] != nil
	}
	return left, err
}

// repeats is how many whole pages of the next list have been read before, at most.
func (r *Reader) repeats() int {
	l := &r.late
	l.listing.Lock()
	defer l.listing.Unlock()
	return l.after(l.again()) / kustomer.MaxListed
}

// fewest is how many of idx there must be for a list.
func (s *sitting) fewest(idx []int) int {
	if slices.ContainsFunc(idx, func(i int) bool { return s.wanted[i].Held == nil }) {
		return fewestLate
	}
	return fewestHeld
}

// outlay is about how many requests it takes to know those whom a list does not name; who was just written to will be named.
func (s *sitting) outlay(idx []int) int {
	bare := 0
	for _, i := range idx {
		if s.wanted[i].Held == nil && s.wanted[i].Since.IsZero() {
			bare++
		}
	}
	if s.mayLook() {
		return searches(bare)
	}
	return bare
}

// since is from when on, by the org's clock, a list must tell of updates for all of idx.
func (s *sitting) since(idx []int) time.Time {
	var first time.Time
	for _, i := range idx {
		w := &s.wanted[i]
		from := s.At.Add(-indexLag)
		switch {
		case w.Held != nil:
			from = w.Seen.Add(-indexLag)
		case !w.Since.IsZero():
			from = w.Since
		}
		if first.IsZero() || from.Before(first) {
			first = from
		}
	}
	return first.Add(min(s.skew(), 0) - Clocks)
}

// listed goes through all who were updated since a moment, or on from where the last list ended, as long as see wants more. whole: what
// is remembered now tells of everything until after listed was called.
func (r *Reader) listed(ctx context.Context, from time.Time, most int, see func(page *kustomer.Found, more int) bool) (whole bool, err error) {
	l := &r.late
	called := r.listings(0)
	l.listing.Lock()
	defer l.listing.Unlock()
	known := !l.from.IsZero() && !l.from.After(from)
	if known && l.whole > called {
		return true, nil // read for somebody else while we waited
	}
	q := kustomer.Query{From: from}
	if known {
		q.From = l.again()
	} else {
		l.from, l.until, l.ids = from, from, map[string]time.Time{}
	}
	this := r.listings(1)
	whole, err = r.walk(ctx, q, true, most, func(page *kustomer.Found, more int) bool {
		l.note(page)
		return see(page, more)
	})
	if whole {
		l.whole = this
	}
	l.forget(from)
	return whole, err
}

// listings counts n more of them and says how many there are.
func (r *Reader) listings(n int64) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late.begun += n
	return r.late.begun
}

// again is where the next list begins.
func (l *late) again() time.Time {
	if from := l.until.Add(-Clocks); l.after(from) <= few {
		return from
	}
	return l.until.Add(-settling)
}

// after is how many are known to have been written to from a moment on.
func (l *late) after(from time.Time) (n int) {
	for _, at := range l.ids {
		if !at.Before(from) {
			n++
		}
	}
	return n
}

// note takes a page in.
func (l *late) note(page *kustomer.Found) {
	for _, c := range page.Customers {
		l.ids[c.ID] = c.UpdatedAt
		if c.UpdatedAt.After(l.until) {
			l.until = c.UpdatedAt
		}
	}
}

// forget lets go of what nobody will ask for after the one who asked from this moment on, and of everything where that is too much.
func (l *late) forget(from time.Time) {
	if len(l.ids) < mostLate/10 {
		return
	}
	from = from.Add(-Clocks)
	for id, at := range l.ids {
		if at.Before(from) {
			delete(l.ids, id)
		}
	}
	if from.After(l.from) {
		l.from = from
	}
	if len(l.ids) > mostLate {
		l.from = time.Time{}
	}
}

// silent are those of idx whom no list of this run has named, as far as their ids are known.
func (s *sitting) silent(idx []int) (unnamed []int) {
	for _, i := range idx {
		if w := &s.wanted[i]; !s.named(w.ID) {
			unnamed = append(unnamed, i)
		}
	}
	return unnamed
}

// named says whether a list of this run has named a customer.
func (r *Reader) named(id string) bool {
	r.late.listing.Lock()
	defer r.late.listing.Unlock()
	_, named := r.late.ids[id]
	return named
}
