package lookup

import (
	"context"
	"slices"
	"time"

	"muster/pipeline/kustomer"
)

const (
	// fewestLate is below how many wanted nothing is listed: the others would have to be searched, too.
	fewestLate = 4
	// fewestHeld is the same for those of whom something is known already: the list's silence is all that is missing.
	fewestHeld = 2
	// worth is how many of those wanted a page must have shown for the next one to be read whatever lies behind it.
	worth = 5
	// readAhead is how many pages are read at a time for those who are expected to be wanted next: each reading that
	// begins anew shows some again.
	readAhead = 16
	// settling is how long after the moment it bears a write is taken to show in lists.
	settling = 5 * time.Second
)

// landed reads those whom muster itself wrote so lately that the index cannot be asked, as the list comes to them: rows
// of one file stand in it in their order, so that a run of many reads it once.
func (s *sitting) landed(ctx context.Context, idx []int) error {
	left, coming := s.remembered(idx), s.toCome(len(idx))
	asked := s.late(len(left))
	if len(left) < fewestHeld || s.free() {
		return nil
	}
	before, ahead, asking := len(left), 0, false
	whole, err := s.cover(ctx, covering{from: s.writtenFrom(left)}, func(pages int) bool {
		left = s.told(left, false)
		dense := before-len(left) >= worth
		if before = len(left); before > 0 {
			asking = dense || pages < max(len(left), asked, coming)
			return asking
		}
		ahead++
		return asking && ahead <= min(readAhead, coming/kustomer.MaxListed)
	})
	if whole {
		s.remembered(left) // also what was read for somebody else
	}
	return err
}

// late counts those who were wanted of late and not known, and says how many that makes in this run: so many are as
// good as sure to be asked for again.
func (r *Reader) late(n int) (all int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wantedLate += n
	return r.wantedLate
}

// writtenFrom is from when on, by the org's clock, a list tells of those whom muster wrote.
func (s *sitting) writtenFrom(idx []int) (from time.Time) {
	for _, i := range idx {
		w := &s.wanted[i]
		at := w.Landed
		if !w.Earliest.IsZero() {
			at = w.Earliest
		}
		if horizon := s.At.Add(-IndexLag); at.Before(horizon) && !s.inOrder {
			at = horizon // who was written before is searched
		}
		if from.IsZero() || at.Before(from) {
			from = at
		}
	}
	from = from.Add(min(s.skew(), 0))
	s.updates.mu.Lock()
	defer s.updates.mu.Unlock()
	if begun := from.Add(-settling); s.updates.covers(begun) {
		return begun
	}
	return from.Add(-Clocks)
}

// remembered takes those of idx of whom the list has told before, and returns the others.
func (s *sitting) remembered(idx []int) (left []int) {
	s.updates.mu.Lock()
	defer s.updates.mu.Unlock()
	return s.told(idx, false)
}

// told takes those of idx of whom the list has told, and returns the others; whole: it was read to its end just now, so
// that it is of this moment. The lock is held.
func (s *sitting) told(idx []int, whole bool) (left []int) {
	u := &s.updates
	for _, i := range idx {
		w := &s.wanted[i]
		one := u.by[w.ID]
		if keys := w.finding(); w.ID == "" && len(keys) > 0 {
			if one = u.owner(keys[0]); one != nil && !u.has(one, keys[0]) {
				one = nil
			}
		}
		if one == nil || one.text == nil || s.precedes(one, w) || !whole && one.seen.Before(s.At.Add(-IndexLag)) {
			left = append(left, i)
			continue
		}
		s.Found[i], s.Fresh[i] = one.customer(), whole || !one.seen.Before(s.At)
	}
	return left
}

// precedes says whether what the list has told is of before a write that is known of.
func (s *sitting) precedes(one *update, w *Wanted) bool {
	if w.Above > 0 && !w.Since.IsZero() {
		return one.bare.Rev <= w.Above
	}
	return !w.Since.IsZero() && one.at.Before(w.Since.Add(min(s.skew(), 0)-settling))
}

// current reads what must be of this moment. Where a list of all that was updated lately is cheaper than one look each,
// it says which of them have not been: their state is that of the index. Of those a search has told already; the others
// are returned, to be searched.
func (s *sitting) current(ctx context.Context, idx []int) (settled []int, err error) {
	if len(idx) < s.fewest(idx) || s.free() && s.wanted[idx[0]].Since.IsZero() {
		return nil, nil
	}
	if idx, err = s.standing(ctx, idx); err != nil || len(idx) < s.fewest(idx) {
		return nil, err
	}
	left := idx
	if !slices.ContainsFunc(idx, func(i int) bool { return s.wanted[i].Since.IsZero() }) {
		return nil, s.written(ctx, idx)
	}
	c := covering{from: s.since(idx), age: s.wanted[idx[0]].Age}
	for _, i := range idx {
		c.age = min(c.age, s.wanted[i].Age)
	}
	s.shows = c.from
	whole, err := s.cover(ctx, c, func(pages int) bool {
		left = s.shown(left)
		return pages+s.outlay(left) < len(left)
	})
	if err != nil || !whole {
		return nil, err
	}
	s.updates.mu.Lock()
	defer s.updates.mu.Unlock()
	for _, i := range s.told(left, true) {
		switch w := &s.wanted[i]; {
		case s.updates.by[w.ID] != nil: // named, and let go
		case w.Held != nil:
			s.Found[i], s.Fresh[i] = w.Held, true
		case w.Since.IsZero():
			settled = append(settled, i)
		}
	}
	return settled, nil
}

// written reads those who were written to a moment ago, and so stand at the end of the list.
func (s *sitting) written(ctx context.Context, left []int) error {
	_, err := s.cover(ctx, covering{from: s.since(left), ahead: true}, func(pages int) bool {
		left = s.shown(left)
		return len(left) > 0 && pages < len(left)
	})
	s.updates.mu.Lock()
	defer s.updates.mu.Unlock()
	s.shown(left) // also what was read for somebody else
	return err
}

// standing finds those of idx in a list of all who were last updated when a reading has shown them to be, where that is
// shorter than the list of all that was updated lately, in which stands what this run itself has written. Who is there
// has not been written to since.
func (s *sitting) standing(ctx context.Context, idx []int) (left []int, err error) {
	if s.fewest(idx) > fewestHeld || s.updates.last.Load() < 2 {
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
	if q.From.IsZero() || s.scattered(q) {
		return idx, nil
	}
	left = idx
	_, err = s.walk(ctx, q, func(page *kustomer.Found, more int) bool {
		left = s.take(left, page.Customers)
		if len(left) > 0 && more >= int(s.updates.last.Load()) {
			s.note(&s.stood, q, page.Total)
			return false
		}
		return len(left) > 0
	})
	for _, i := range idx {
		s.Fresh[i] = s.Fresh[i] || s.Found[i] != nil
	}
	return left, err
}

// scattered says whether those who stand as they were read lie so far apart that the list of what was updated lately is
// shorter.
func (s *sitting) scattered(q kustomer.Query) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stood.within(q.To.Sub(q.From), s.now()) > kustomer.MaxListed*int(s.updates.last.Load())
}

// shown takes those of idx of whom the list has told since the sitting began, or since a write that shows. The lock is
// held.
func (s *sitting) shown(idx []int) (left []int) {
	for _, i := range idx {
		since := s.At
		if w := &s.wanted[i]; w.Above > 0 && !w.Since.IsZero() {
			since = w.Since
		}
		if one := s.updates.by[s.wanted[i].ID]; one == nil || one.seen.Before(since) || len(s.told([]int{i}, false)) > 0 {
			left = append(left, i)
		}
	}
	return left
}

// fewest is how many of idx there must be for a list.
func (s *sitting) fewest(idx []int) int {
	if slices.ContainsFunc(idx, func(i int) bool { return s.wanted[i].Held == nil }) {
		return fewestLate
	}
	return fewestHeld
}

// outlay is about how many requests it takes to know those whom a list does not name; who was just written to will be
// named.
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
		from := s.At.Add(-IndexLag)
		switch {
		case w.Held != nil:
			from = w.Seen.Add(-IndexLag)
		case !w.Since.IsZero():
			from = w.Since
		}
		if first.IsZero() || from.Before(first) {
			first = from
		}
	}
	return first.Add(min(s.skew(), 0) - Clocks)
}

// doubted reads those for whom a request was begun of which nobody knows what became. Had it been applied, a list of
// all that was updated since would tell.
func (s *sitting) doubted(ctx context.Context, idx []int) error {
	if len(idx) < fewestHeld || s.free() {
		return nil
	}
	var from time.Time
	for _, i := range idx {
		w := &s.wanted[i]
		at := w.Behind
		if at.IsZero() {
			at = w.Landed.Add(min(s.skew(), 0) - Clocks)
			if w.Makes { // should the clocks differ by more, the org refuses the second of the two
				at = w.Landed.Add(min(s.skew(), 0) - settling)
			}
		}
		if from.IsZero() || at.Before(from) {
			from = at
		}
	}
	left := idx
	whole, err := s.cover(ctx, covering{from: from}, func(pages int) bool {
		left = s.shown(left)
		return len(left) > 0 && pages < len(left)
	})
	if err != nil || !whole {
		return err
	}
	s.updates.mu.Lock()
	defer s.updates.mu.Unlock()
	for _, i := range s.told(left, true) {
		w := &s.wanted[i]
		named := s.updates.by[w.ID] != nil || slices.ContainsFunc(w.finding(),
			func(key identity) bool { return s.updates.owner(key) != nil })
		s.Fresh[i] = w.Makes && !named // it is not there
	}
	return nil
}
