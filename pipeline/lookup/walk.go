package lookup

import (
	"cmp"
	"context"
	"time"

	"muster/pipeline/kustomer"
)

// pages goes through all customers of a search, page by page, as long as see wants more, and most pages at most. more
// is how many pages there are yet. whole: it came to the end.
func (r *Reader) pages(ctx context.Context, q kustomer.Query, most int,
	see func(page *kustomer.Found, more int) bool) (whole bool, err error) {
	for range min(most, kustomer.MostSearched) {
		page, err := r.page(ctx, q, searching)
		if err != nil || page == nil {
			return false, err
		}
		more, ended := left(page, max(q.Page-1, 0)*kustomer.MaxFound, kustomer.MaxFound)
		if !see(page, more) || ended || len(page.Customers) == 0 {
			return ended, nil
		}
		q.Page = max(q.Page, 1) + 1
	}
	return false, nil
}

// left is how many pages of a size lie behind one that begins at a place.
func left(page *kustomer.Found, at, size int) (more int, ended bool) {
	over := page.Total - at - page.Shown
	if page.Total < 0 {
		over = size // unsaid: at least one page more, if this one is full
	}
	if page.Shown < size || over <= 0 {
		return 0, true
	}
	return (over + size - 1) / size, false
}

// place is a customer's in a list.
type place struct {
	id string
	at time.Time
}

// walk goes through all customers of a list as pages does. The list's silence is taken for evidence, so that each page
// begins with somebody whom the one before has shown, at the same place: who moves to the end while it is read makes
// everybody behind move up, and pages by number alone would lose one. It has come to the end once as many were shown as
// there were at first: who is behind them was written to since, perhaps by the run itself.
func (r *Reader) walk(ctx context.Context, q kustomer.Query, see func(page *kustomer.Found, more int) bool) (whole bool,
	err error) {
	w := walker{q: q, once: true, goal: -1}
	return w.through(func(q kustomer.Query) (*kustomer.Found, error) { return r.page(ctx, q, listing) }, see)
}

// Walk shows all customers that were updated at a moment or later, the oldest update first, as long as see wants more;
// total is how many there were from where the page begins. One may be shown twice, as it was or changed. whole: it came
// to the end. The error is the request's.
func Walk(ctx context.Context, v *kustomer.Viewer, from time.Time, see func(page []*kustomer.Customer,
	total int) bool) (whole bool, err error) {
	w := walker{q: kustomer.Query{From: from}, goal: -1}
	return w.through(func(q kustomer.Query) (*kustomer.Found, error) { return v.List(ctx, q) },
		func(page *kustomer.Found, _ int) bool { return see(page.Customers, page.Total) })
}

// walker is where a walk through a list stands.
type walker struct {
	q     kustomer.Query // of the page that comes
	once  bool           // who was written to since it began need not be shown
	shown []place        // from the query's From on
	goal  int            // so many are still to be shown; below 0: not known
}

func (w *walker) through(ask func(kustomer.Query) (*kustomer.Found, error), see func(page *kustomer.Found,
	more int) bool) (whole bool, err error) {
	for {
		page, more, ended, err := w.step(ask)
		if err != nil || page == nil {
			return false, err
		}
		if !see(page, more) || ended {
			return ended, nil
		}
	}
}

// step asks for the page that comes, nil where there is no way to it. more is how many pages there are behind it, none
// where it has ended.
func (w *walker) step(ask func(kustomer.Query) (*kustomer.Found, error)) (page *kustomer.Found, more int, ended bool,
	err error) {
	var at int
	for {
		if page, err = ask(w.q); err != nil || page == nil {
			return nil, 0, false, err
		}
		at = max(w.q.Page-1, 0) * cmp.Or(w.q.Size, kustomer.MaxListed)
		if at >= len(w.shown) || begins(page, w.shown[at]) {
			break
		}
		w.q.From, w.q.Page, w.q.Size = w.shown[len(w.shown)-1].at, 0, 0
		w.shown, w.goal = nil, -1
	}
	more, ended = left(page, at, cmp.Or(w.q.Size, kustomer.MaxListed))
	if w.goal < 0 && page.Total >= 0 {
		w.goal = max(page.Total-at, 0)
	}
	if w.goal -= page.Shown - max(len(w.shown)-at, 0); w.once && page.Total >= 0 && w.goal <= 0 {
		more, ended = 0, true
	}
	if len(page.Customers) == 0 {
		return page, more, true, nil
	}
	if at > len(w.shown) || page.Shown > len(page.Customers) { // the places before it are not known, or not those of all
		at, w.shown = 0, nil
	}
	w.shown = w.shown[:min(at, len(w.shown))]
	for _, c := range page.Customers {
		w.shown = append(w.shown, place{c.ID, c.UpdatedAt})
	}
	w.q, w.shown = next(w.q, w.shown)
	return page, more, ended, nil
}

func begins(page *kustomer.Found, at place) bool {
	return len(page.Customers) > 0 && page.Customers[0].ID == at.id && page.Customers[0].UpdatedAt.Equal(at.at)
}

const (
	// fewAtOnce is of how many customers of one moment a list is begun anew with that moment, since they are shown again.
	fewAtOnce = 3
	// smallest is the smallest page that is asked for to begin it close to the end of the one before.
	smallest = 60
)

// next is the query of the page behind those that were shown, and who of those stand in its list.
func next(q kustomer.Query, shown []place) (kustomer.Query, []place) {
	last := shown[len(shown)-1].at
	same := 1
	for same < len(shown) && shown[len(shown)-1-same].at.Equal(last) {
		same++
	}
	if last.After(q.From) && (same <= fewAtOnce || len(shown) > 10*kustomer.MaxListed) {
		q.From, q.Page, q.Size = last, 0, 0
		return q, shown[len(shown)-same:]
	}
	best := 0
	for size := min(kustomer.MaxListed, len(shown)-1); size >= min(smallest, len(shown)-1) && size > 0; size-- {
		before := (len(shown) - 1) / size
		if gain := (before+1)*size - len(shown); gain > best {
			best, q.Page, q.Size = gain, before+1, size
		}
	}
	if best == 0 { // one moment is all there is
		q.Page, q.Size = max(q.Page, 1)+1, 0
	}
	return q, shown
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

// Employers are the companies of all customers that were updated since a moment, by the list of them: to link a
// customer to a company is to update it, and no search of customers by their company is documented but that of the
// archive. whole: they are all of them.
func (r *Reader) Employers(ctx context.Context, since time.Time) (companies map[string]bool, whole bool, err error) {
	companies = map[string]bool{}
	q := kustomer.Query{From: since.Add(min(r.skew(), 0) - Clocks)}
	pages := 0
	whole, err = r.walk(ctx, q, func(page *kustomer.Found, _ int) bool {
		for _, c := range page.Customers {
			companies[c.Company] = true
		}
		pages++
		return pages < mostEmployed
	})
	return companies, whole, err
}

// mostEmployed bounds how many pages of customers are read to learn whose companies they are: 100,000 customers.
const mostEmployed = 1000
