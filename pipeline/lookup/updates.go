package lookup

import (
	"context"
	"encoding/json"
	"hash/maphash"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
)

const (
	// mostUpdates bounds what is remembered of lists, some 400 bytes each, and mostKept the bytes of those customers that
	// are kept whole.
	mostUpdates = 50_000
	mostKept    = 24 << 20
)

// updates is what the org's own list has told in this run: everybody who was updated from one moment to another, by the
// org's clock. All who read share it, so that each goes on where another has ended.
type updates struct {
	begun atomic.Int64 // lists
	last  atomic.Int64 // pages that the last one took

	mu    sync.Mutex // held while a list is read; guards what follows
	whole int64      // the last list that came to the end
	at    time.Time  // when that was begun, by our clock
	from  time.Time  // zero: nothing is remembered
	until time.Time  // as far as was read
	ended bool       // that was the end
	by    map[string]*update
	byKey map[uint64]string // hashes of identities: whose they are
	kept  []*update         // of customers that are kept, the oldest reading first
	bytes int               // of their texts
	seed  maphash.Seed
}

// update is one customer as the list has told of it last.
type update struct {
	at   time.Time // by the org's clock
	seen time.Time // when the list told of it, by ours
	keys []uint64

	bare  kustomer.Customer // without its attributes
	text  []byte            // which these are; nil: let go, or gone
	taken bool              // somebody has had it
}

// customer is the customer as the list has told of it.
func (one *update) customer() *kustomer.Customer {
	c := one.bare
	if json.Unmarshal(one.text, &c.Attributes) != nil {
		return nil // note made it: it is an object
	}
	one.taken = true
	return &c
}

// covering is what a list is to tell.
type covering struct {
	from  time.Time     // by the org's clock
	age   time.Duration // so long ago at most it was read
	ahead bool          // only of who has been updated since the last list: no silence is asked for
}

// cover has the list tell of everybody who was updated from a moment on until now, as long as more says that the pages
// that are left are worth it. whole: it does, and what is remembered is of a moment after the call. more is called with
// the lock held, for the first time before anything is read.
func (r *Reader) cover(ctx context.Context, c covering, more func(pages int) bool) (whole bool, err error) {
	u := &r.updates
	called := u.begun.Load()
	u.mu.Lock()
	defer u.mu.Unlock()
	if now := r.now(); u.covers(c.from) && (u.whole > called || u.whole > 0 && c.age > 0 && now.Sub(u.at) < c.age) {
		return true, nil // read for somebody else while we waited, or just now
	}
	if !more(0) {
		return false, nil
	}
	this, at := u.begun.Add(1), r.now()
	u.last.Store(0)
	see := func(page *kustomer.Found, pages int) bool {
		u.last.Add(1)
		u.note(page, r.now())
		return more(pages)
	}
	if whole, err = r.extend(ctx, c, see); whole && !c.ahead {
		u.whole, u.at = this, at
	}
	u.forget()
	return whole, err
}

// extend reads what lies before that which is remembered, and then what lies behind.
func (r *Reader) extend(ctx context.Context, c covering, see func(*kustomer.Found, int) bool) (whole bool, err error) {
	u, from := &r.updates, c.from
	switch {
	case u.from.IsZero():
		u.from, u.until, u.ended = from, from, false
		u.by, u.byKey, u.seed = map[string]*update{}, map[uint64]string{}, maphash.MakeSeed()
	case !u.covers(from):
		if whole, err = r.walk(ctx, kustomer.Query{From: from, To: u.from}, see); err != nil || !whole {
			return false, err
		}
		u.from = from
	}
	if u.ended && !c.ahead {
		whole, err = r.goOn(ctx, see)
	} else {
		whole, err = r.walk(ctx, kustomer.Query{From: u.until}, see)
	}
	u.ended = whole
	return whole, err
}

// goOn reads on where the list has ended, beginning a minute before: a write may bear a moment before the one at which
// it shows. What is known of that minute is passed over where it is as it was.
func (r *Reader) goOn(ctx context.Context, see func(*kustomer.Found, int) bool) (whole bool, err error) {
	u := &r.updates
	start, known := u.back()
	for skip := (known - 1) / kustomer.MaxListed; skip > 0; skip-- {
		var hidden map[string]bool // those known who stand before the first that is shown; nil: it is not where it stood
		stopped := false
		q := kustomer.Query{From: start, Page: skip + 1}
		whole, err = r.walk(ctx, q, func(page *kustomer.Found, pages int) bool {
			if hidden == nil {
				if hidden = u.before(start, page.Customers); hidden == nil {
					return false
				}
			}
			for _, c := range page.Customers {
				delete(hidden, c.ID)
			}
			stopped = !see(page, pages)
			return !stopped
		})
		if err != nil || stopped || whole && len(hidden) == skip*kustomer.MaxListed {
			return whole, err
		}
		if hidden != nil {
			break // others are among them than those who are known
		}
	}
	left := u.since(start)
	whole, err = r.walk(ctx, kustomer.Query{From: start}, func(page *kustomer.Found, pages int) bool {
		for _, c := range page.Customers {
			delete(left, c.ID)
		}
		return see(page, pages)
	})
	if whole {
		for _, one := range left { // deleted, it seems
			u.bytes -= len(one.text)
			one.text = nil
		}
	}
	return whole, err
}

// covers says whether everything is remembered from a moment on to where was read.
func (u *updates) covers(from time.Time) bool { return !u.from.IsZero() && !from.Before(u.from) }

// back is from when on the list is gone on with, and how many are known who were updated last from then on: a few more
// than a number of whole pages, so that few of them are shown again.
func (u *updates) back() (start time.Time, known int) {
	times := make([]time.Time, 0, len(u.by))
	for _, one := range u.by {
		times = append(times, one.at)
	}
	slices.SortFunc(times, func(a, b time.Time) int { return b.Compare(a) })
	start = u.until.Add(-Clocks)
	if start.Before(u.from) {
		start = u.from
	}
	after := func() int { return sort.Search(len(times), func(i int) bool { return times[i].Before(start) }) }
	known = after()
	if more := known + (kustomer.MaxListed+1-known%kustomer.MaxListed)%kustomer.MaxListed; more <= len(times) &&
		!times[more-1].Before(u.from) {
		start = times[more-1]
		known = after()
	}
	return start, known
}

// since are those known, by id, who were updated last from a moment on.
func (u *updates) since(from time.Time) map[string]*update {
	some := map[string]*update{}
	for id, one := range u.by {
		if !one.at.Before(from) {
			some[id] = one
		}
	}
	return some
}

// before are those known, from a moment on, who stand before the first of a page; nil where that one is not where it
// stood.
func (u *updates) before(from time.Time, page []*kustomer.Customer) map[string]bool {
	if len(page) == 0 {
		return nil
	}
	first := page[0]
	if one := u.by[first.ID]; one == nil || !one.at.Equal(first.UpdatedAt) {
		return nil
	}
	some := map[string]bool{}
	for id, one := range u.by {
		if !one.at.Before(from) && !one.at.After(first.UpdatedAt) {
			some[id] = true
		}
	}
	return some
}

// note takes a page in.
func (u *updates) note(page *kustomer.Found, now time.Time) {
	for _, c := range page.Customers {
		u.drop(c.ID)
		one := &update{at: c.UpdatedAt, seen: now, bare: *c}
		one.bare.Attributes = nil
		one.text, _ = json.Marshal(c.Attributes) // as they came
		for _, key := range IdentitiesOf(c) {
			h := u.hash(key)
			one.keys = append(one.keys, h)
			u.byKey[h] = c.ID
		}
		u.by[c.ID] = one
		u.kept, u.bytes = append(u.kept, one), u.bytes+len(one.text)
		if c.UpdatedAt.After(u.until) {
			u.until = c.UpdatedAt
		}
	}
	if u.bytes > mostKept {
		u.shed(func(one *update) bool { return one.taken })
		u.shed(func(*update) bool { return u.bytes > mostKept/2 })
	}
}

// shed lets customers go, the oldest readings first.
func (u *updates) shed(which func(*update) bool) {
	kept := u.kept[:0]
	for _, one := range u.kept {
		if one.text != nil && !which(one) {
			kept = append(kept, one)
			continue
		}
		u.bytes -= len(one.text)
		one.text = nil
	}
	clear(u.kept[len(kept):])
	u.kept = kept
}

func (u *updates) drop(id string) {
	one := u.by[id]
	if one == nil {
		return
	}
	u.bytes -= len(one.text)
	one.text = nil
	for _, h := range one.keys {
		if u.byKey[h] == id {
			delete(u.byKey, h)
		}
	}
	delete(u.by, id)
}

// forget lets go of the older half where too many are remembered.
func (u *updates) forget() {
	if len(u.by) <= mostUpdates {
		return
	}
	times := make([]time.Time, 0, len(u.by))
	for _, one := range u.by {
		times = append(times, one.at)
	}
	slices.SortFunc(times, time.Time.Compare)
	from := times[len(times)/2]
	for id, one := range u.by {
		if one.at.Before(from) {
			u.drop(id)
		}
	}
	if from.After(u.from) {
		u.from = from
	}
}

func (u *updates) hash(key customer.Identity) uint64 {
	var h maphash.Hash
	h.SetSeed(u.seed)
	_, _ = h.WriteString(key.Kind) // never fails
	_ = h.WriteByte(0)
	_, _ = h.WriteString(key.Value)
	return h.Sum64()
}

// owner is of whom the list has told that an identity is hers, nil nobody.
func (u *updates) owner(key customer.Identity) *update {
	if u.from.IsZero() {
		return nil
	}
	if key.Kind == "id" {
		return u.by[key.Value]
	}
	return u.by[u.byKey[u.hash(Normal(key.Kind, key.Value))]]
}

// has says whether a customer, as the list has told of it, has an identity.
func (u *updates) has(one *update, key customer.Identity) bool {
	return key.Kind == "id" || slices.Contains(one.keys, u.hash(Normal(key.Kind, key.Value)))
}

// named says whether the list has told in this run that a customer was updated at a moment or later, by the org's
// clock.
func (r *Reader) named(id string, since time.Time) bool {
	r.updates.mu.Lock()
	defer r.updates.mu.Unlock()
	one := r.updates.by[id]
	return one != nil && !one.at.Before(since)
}
