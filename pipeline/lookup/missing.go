package lookup

import (
	"context"
	"slices"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
)

type identity = customer.Identity

// fewestMissing is below how many of whom no search has told each is asked for by itself.
const fewestMissing = 3

// finding are the keys by which the org finds a customer.
func (w *Wanted) finding() (keys []identity) {
	for _, key := range w.Keys {
		if Finds(key.Kind) {
			keys = append(keys, key)
		}
	}
	return keys
}

// missing proves of those whom a search has not shown by their first key that the org has none of them: neither the
// search shows one by the other keys, nor has the list told of one that was updated within the index's lag, nor is one
// in the archive. Who cannot be proven to be missing is left, to be asked for.
func (s *sitting) missing(ctx context.Context) error {
	idx := s.sought()
	keys := 0
	for _, i := range idx {
		keys += len(s.wanted[i].finding())
	}
	if len(idx) < fewestMissing || !s.mayLook() {
		return nil
	}
	if err := s.otherKeys(ctx, idx); err != nil {
		return err
	}
	from := s.At.Add(-IndexLag + min(s.skew(), 0) - Clocks)
	asked := s.late(keys)
	whole, err := s.cover(ctx, covering{from: from}, func(pages int) bool { return pages < max(keys, asked) })
	if err != nil || !whole {
		return err
	}
	gone := slices.DeleteFunc(idx, func(i int) bool { return !s.untold(i) })
	return s.archived(ctx, gone)
}

// sought are those who were searched by their first key and not shown, and can be searched by the others.
func (s *sitting) sought() (idx []int) {
	for i := range s.wanted {
		w := &s.wanted[i]
		if s.Found[i] == nil && w.ID == "" && !w.Doubt && s.silent[i] == 1 &&
			!slices.ContainsFunc(w.finding(), unsearchable) {
			idx = append(idx, i)
		}
	}
	return idx
}

func unsearchable(key identity) bool {
	return key.Kind == "id" || key.Kind == "phone" && !searchable(key.Value)
}

// otherKeys searches for those of idx by the keys behind the first, in their order.
func (s *sitting) otherKeys(ctx context.Context, idx []int) error {
	for k := 1; ; k++ {
		rest := slices.DeleteFunc(slices.Clone(idx), func(i int) bool {
			return s.silent[i] != k ||
				len(s.wanted[i].finding()) <= k
		})
		if len(rest) == 0 {
			return nil
		}
		for some := range slices.Chunk(rest, kustomer.MaxConditions) {
			if err := s.searchBy(ctx, k, some); err != nil {
				return err
			}
		}
	}
}

// searchBy searches for some by their key k, and counts of whom the search tells nothing.
func (s *sitting) searchBy(ctx context.Context, k int, some []int) error {
	q := kustomer.Query{Size: 5 * kustomer.MaxConditions}
	for _, i := range some {
		key := s.wanted[i].finding()[k]
		q.Any = append(q.Any, kustomer.Condition{Kind: key.Kind, Value: key.Value})
	}
	page, err := s.page(ctx, q, searching)
	if err != nil || page == nil {
		return err
	}
	owners := ownersOf(page.Customers)
	for _, i := range some {
		key := s.wanted[i].finding()[k]
		switch c, shown := owners[Normal(key.Kind, key.Value)]; {
		case c != nil:
			s.Found[i] = c
		case !shown && page.Shown < q.Size:
			s.silent[i] = k + 1
		default:
			s.silent[i] = 0 // two have it, or more than a page shows
		}
	}
	return nil
}

// ownersOf says whose the identities of some customers are; nil: of two.
func ownersOf(customers []*kustomer.Customer) map[identity]*kustomer.Customer {
	owners := map[identity]*kustomer.Customer{}
	for _, c := range customers {
		for _, key := range IdentitiesOf(c) {
			if other, taken := owners[key]; taken && (other == nil || other.ID != c.ID) {
				owners[key] = nil
				continue
			}
			owners[key] = c
		}
	}
	return owners
}

// untold says whether neither the search nor the list has told of one by any of its keys. One of whom the list has told
// is as it was told there; who cannot be had from there is left, to be asked for.
func (s *sitting) untold(i int) bool {
	u := &s.updates
	u.mu.Lock()
	defer u.mu.Unlock()
	w, found := &s.wanted[i], s.Found[i]
	for k, key := range w.finding() {
		if one := u.owner(key); one != nil {
			s.Found[i] = nil
			if one.text != nil && u.has(one, key) {
				s.Found[i], s.Fresh[i] = one.customer(), true
			}
			return false
		}
		if found != nil && k == s.silent[i] {
			if u.by[found.ID] != nil { // and the list tells that the key is hers no more
				s.Found[i] = nil
			}
			return false
		}
	}
	return found == nil && s.silent[i] == len(w.finding())
}

// archived proves of those of idx who are not in the archive that they are missing.
func (s *sitting) archived(ctx context.Context, idx []int) error {
	state, err := s.archiveOf(ctx)
	switch {
	case err != nil || state == closed:
		return err
	case state == empty:
		for _, i := range idx {
			s.Fresh[i] = true
		}
		return nil
	}
	var keys []kustomer.Condition
	var of []int
	for _, i := range idx {
		for _, key := range s.wanted[i].finding() {
			keys, of = append(keys, kustomer.Condition{Kind: key.Kind, Value: key.Value}), append(of, i)
		}
	}
	unproven := map[int]bool{}
	for from := 0; from < len(keys); from += kustomer.MaxConditions {
		to := min(from+kustomer.MaxConditions, len(keys))
		page, err := s.page(ctx, kustomer.Query{Any: keys[from:to], Size: 5 * kustomer.MaxConditions}, searchingArchive)
		if err != nil {
			return err
		}
		var owners map[identity]*kustomer.Customer
		if page != nil {
			owners = ownersOf(page.Customers)
		}
		for n := from; n < to; n++ {
			_, there := owners[Normal(keys[n].Kind, keys[n].Value)]
			if there || page == nil || page.Shown >= 5*kustomer.MaxConditions {
				unproven[of[n]] = true
			}
		}
	}
	for _, i := range idx {
		s.Fresh[i] = !unproven[i]
	}
	return nil
}

// archiveOf says what the org has of those whom the search does not look back to; asked once a run.
func (r *Reader) archiveOf(ctx context.Context) (archive, error) {
	r.archiving.Lock()
	defer r.archiving.Unlock()
	if r.archive == unasked {
		page, err := r.page(ctx, kustomer.Query{Size: 1}, searchingArchive)
		switch {
		case err != nil:
			return closed, err
		case page == nil:
			r.archive = closed
		case page.Shown == 0 && page.Total <= 0:
			r.archive = empty
		default:
			r.archive = peopled
		}
	}
	return r.archive, nil
}

// Owners says for each identity which customer of the org has it, nil none. An identity of a kind by which the org
// finds nobody has no owner.
func (r *Reader) Owners(ctx context.Context, keys []customer.Identity) ([]*kustomer.Customer, error) {
	wanted := make([]Wanted, len(keys))
	for i := range keys {
		wanted[i] = Wanted{Keys: keys[i : i+1]}
	}
	return r.Read(ctx, wanted)
}
