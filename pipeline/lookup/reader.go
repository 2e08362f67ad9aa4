package lookup

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/parallel"
)

// AtOnce is how many groups of customers are read at a time by who reads nothing else.
const AtOnce = 4

// Wanted is one customer to be read: by its id where it is known, else by the first of its keys that finds one.
type Wanted struct {
	ID     string              // 24 hex digits; "": by Keys
	Keys   []customer.Identity // in the order of the match keys; with an ID, by what a search may find it
	Landed time.Time           // when muster itself last wrote it; zero: not known to have been written lately
	// Earliest: it was not written before this, and Landed is the latest that it can have been; zero: Landed is when it
	// was
	Earliest time.Time
	Fresh    bool // must be as the org has it at this moment, never as the search's index remembers it
	// a request for it may have been applied since Landed, or whenever where that is zero: only the org itself can tell
	// that it was not
	Doubt  bool
	Makes  bool      // Doubt: the request makes it, so that without it the org would not know of it
	Behind time.Time // Doubt: a moment before the request, by the org's own clock; zero: not known

	// Fresh: what was searched at Seen, which is as the org has it unless somebody wrote to it since; nil: nothing
	Held  *kustomer.Customer
	Seen  time.Time
	Since time.Time     // Fresh: it was written at this moment or later; zero: whenever
	Above int64         // with Since: the revision that it had before; zero: not known
	Age   time.Duration // Fresh: a reading of so long ago is one of this moment
}

// Reader reads customers of an org at the least cost in requests. It holds a Viewer: it cannot write.
// Safe for concurrent use.
//
// What was written within the index's lag, and what must be fresh, is read by a list of all that was updated lately,
// which all who read share, or one by one where that is cheaper: whom the list does not name is as a search shows it.
// The rest is searched: by twenty keys at a time, or in pages of five hundred where those who are wanted lie close
// together in time; of an org with few customers the list of all is read instead. Who is missing from the search, from
// that list and from the archive is not there. Where the key may not search, the search fails, or the org states no
// limit, each is asked for by itself.
type Reader struct {
	org *kustomer.Viewer
	now func() time.Time

	mu      sync.Mutex
	begun   int64
	recent  int64     // customers asked for by themselves since they were written within the index's lag
	barred  bool      // the key may not search
	resting time.Time // no search before: the last one failed
	crowd   crowd     // of a search
	stood   crowd     // of a list of those who stand as they were read
	updates updates

	counting sync.Mutex // held while the org's customers are counted; guards what follows
	people   int        // how many it has, and one; uncounted, tooMany
	spared   int        // searches that a list of all would have spared
	listed   bool       // all were listed once

	along along

	archiving sync.Mutex // held while it is asked for
	archive   archive

	wantedLate int  // so many were wanted whom the list would have told of
	coming     int  // so many are expected to be
	inOrder    bool // of those whom muster wrote before the index's lag the list tells, too
	tags       tagNames
	tagsOf     string // the memo's name
}

// archive is what is known of those whom nobody updated for two years.
type archive uint8

const (
	unasked archive = iota
	closed          // it cannot be searched
	empty
	peopled
)

// crowd is a stretch of time in which too many customers were updated to look through them.
type crowd struct {
	q     kustomer.Query
	total int
}

// New reads through v. now is the clock that Wanted.Landed is of.
func New(v *kustomer.Viewer, now func() time.Time) *Reader {
	return &Reader{org: v, now: now}
}

// Requests is how many requests it has begun; one that was tried again counts once.
func (r *Reader) Requests() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.begun
}

// Singly is how many customers were asked for by themselves since they were written too lately for a search to be
// believed, and whether all are since the key may not search.
func (r *Reader) Singly() (recent int64, barred bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recent, r.barred
}

func (r *Reader) singly(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recent += int64(n)
}

// Read returns one customer for each wanted, nil where the org has none. Order is that of wanted, which
// is not kept. Two that are the same customer share it. Error: the first request that failed; what a
// search fails at is asked for in another way.
func (r *Reader) Read(ctx context.Context, wanted []Wanted) ([]*kustomer.Customer, error) {
	s, err := r.Sit(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return s.Found, nil
}

// Sit is Read, with how fresh each reading is. With an error it returns what was read before it: of those that are
// fresh and not found the org has none.
func (r *Reader) Sit(ctx context.Context, wanted []Wanted) (*sitting, error) {
	s := &sitting{Reader: r, wanted: wanted, Found: make([]*kustomer.Customer, len(wanted)),
		Fresh:  make([]bool, len(wanted)),
		silent: make([]int, len(wanted)), At: r.now()}
	var doubts, lately, early, now, indexed []int
	horizon := s.At.Add(-IndexLag)
	for i := range wanted {
		w := &wanted[i]
		switch {
		case w.Doubt && w.Landed.IsZero():
		case w.Doubt && w.Landed.After(horizon) && w.Makes:
			doubts = append(doubts, i)
		case w.Fresh || w.Doubt && w.Landed.After(horizon): // an update that the list does not tell of was not applied
			now = append(now, i)
		case w.Landed.After(horizon):
			lately = append(lately, i)
		case s.inOrder && !w.Landed.IsZero():
			early = append(early, i)
		default:
			indexed = append(indexed, i)
		}
	}
	if err := errors.Join(s.doubted(ctx, doubts), s.landed(ctx, append(lately, early...))); err != nil {
		return s, err
	}
	for _, i := range early {
		if s.Found[i] == nil {
			indexed = append(indexed, i)
		}
	}
	settled, err := s.current(ctx, now)
	if err != nil {
		return s, err
	}
	if indexed, err = s.follow(ctx, indexed); err != nil {
		return s, err
	}
	if indexed, err = s.entire(ctx, indexed); err != nil {
		return s, err
	}
	if err := s.search(ctx, append(indexed, settled...)); err != nil {
		return s, err
	}
	s.settle(settled)
	if err := s.missing(ctx); err != nil {
		return s, err
	}
	var unseen []int
	recent := 0
	for i := range wanted {
		if s.Found[i] == nil && !s.Fresh[i] {
			unseen = append(unseen, i)
			if wanted[i].Landed.After(horizon) {
				recent++
			}
		}
	}
	r.singly(recent)
	return s, AtATime(len(unseen), func(k int) error {
		i := unseen[k]
		c, err := r.ask(ctx, &wanted[i])
		s.Found[i], s.Fresh[i] = c, err == nil
		return err
	})
}

// settle holds what a search has shown of those of whom no list has told before to be of this moment.
func (s *sitting) settle(settled []int) {
	for _, i := range settled {
		switch c := s.Found[i]; {
		case c == nil:
		case s.named(c.ID, s.shows):
			s.Found[i] = nil // only its search has told who it is, and a list before has named it
		default:
			s.Fresh[i] = true
		}
	}
}

// asking is how many customers one caller asks for at a time: as many hide the time that each takes, and none of the
// client's connections is waited for by more than one.
const asking = 8

// AtATime does n things, a few at a time, and begins no more of them after one has failed. The error is the first in
// their order.
func AtATime(n int, do func(k int) error) error {
	if n == 1 {
		return do(0)
	}
	type one struct {
		k   int
		err error
	}
	var failed atomic.Bool
	return parallel.Ordered(min(asking, n), func(send func(*one) bool) error {
		for k := 0; k < n && send(&one{k: k}); k++ {
		}
		return nil
	}, parallel.Each(func(o *one) {
		if failed.Load() {
			return
		}
		if o.err = do(o.k); o.err != nil {
			failed.Store(true)
		}
	}), func(o *one) error { return o.err })
}

// ask reads one customer by its id, or by its keys in their order; nil when there is none.
func (r *Reader) ask(ctx context.Context, w *Wanted) (*kustomer.Customer, error) {
	if w.ID != "" {
		r.begin()
		return orNone(r.org.Customer(ctx, w.ID))
	}
	for _, key := range w.Keys {
		if !Finds(key.Kind) {
			continue
		}
		r.begin()
		if c, err := orNone(r.org.Lookup(ctx, key.Kind, key.Value)); c != nil || err != nil {
			return c, err
		}
	}
	return nil, nil
}

// orNone makes nil of a customer that is not there.
func orNone(c *kustomer.Customer, err error) (*kustomer.Customer, error) {
	if kustomer.VerdictOf(err) == kustomer.NotFound {
		return nil, nil
	}
	return c, err
}

func (r *Reader) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun++
}

// rest is for how long nothing is searched after a search failed for another reason than its role.
const rest = time.Minute

// way is how a page of customers is asked for.
type way uint8

const (
	searching way = iota
	searchingArchive
	listing
)

// page asks for one page of customers; nil when that way is closed. The error is one that
// no other request would escape, either.
func (r *Reader) page(ctx context.Context, q kustomer.Query, by way) (*kustomer.Found, error) {
	if by != listing && !r.mayLook() {
		return nil, nil
	}
	r.begin()
	page, err := [...]func(context.Context, kustomer.Query) (*kustomer.Found, error){r.org.Search, r.org.Archive,
		r.org.List}[by](ctx, q)
	switch kustomer.VerdictOf(err) {
	case 0:
		return page, nil
	case kustomer.NotBegun:
		return nil, err
	case kustomer.Forbidden, kustomer.Unauthorized, kustomer.NotFound:
		r.shun(by, true)
	default:
		r.shun(by, false)
	}
	return nil, nil
}

// free says that requests cost nothing: the org has answered and states no limit, as one on this machine
// may. Searches have a limit of their own all the same.
func (r *Reader) free() bool {
	b := r.org.Budget()
	return b.Requests > 0 && b.Granted == 0
}

// mayLook says whether a search is worth a try.
func (r *Reader) mayLook() bool {
	if r.free() {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.barred && !r.now().Before(r.resting)
}

// shun remembers a search that came to nothing; a list, or the archive, is of no harm to the next.
func (r *Reader) shun(by way, forGood bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if by != searching {
		return
	}
	r.barred = r.barred || forGood
	r.resting = r.now().Add(rest)
}

// Finds says whether the org finds a customer by this kind of identity.
func Finds(kind string) bool {
	return kind == "externalId" || kind == "email" || kind == "phone" || kind == "id"
}
