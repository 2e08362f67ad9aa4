package export

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
)

// way is how records are read.
type way string

const (
	unbegun   way = ""
	walking   way = "walk"    // customers, by the list of them in the order of their updates
	listing   way = "list"    // the pages of a list
	archiving way = "archive" // a search among those that were not updated for two years
	searching way = "search"  // a search in the order of updates
)

// listPages is how many pages of a list every org shows: that lists show more is not documented
// (https://developer.kustomer.com/docs/concepts/pagination).
const listPages = 100

var (
	// ErrCut is that the org's list ended before all it had was shown.
	ErrCut = errors.New("the org's list ended in the middle")
	// ErrCrowded is that more records than a search shows were updated in one moment.
	ErrCrowded = errors.New("the org has more records of one moment than a search shows")
	// ErrUnshown is that the search has not shown as many records as the org says it has.
	ErrUnshown = errors.New("the org's search has not shown all the records that its list counts")
)

// Read reads to the end, page by page, from where the last one has ended. It never writes to the org.
func (f *File) Read(ctx context.Context, see func(records int64, total int)) error {
	f.see = see
	if f.state.Ended {
		return nil
	}
	err := f.read(ctx)
	if err == nil {
		f.state.Ended = true
		err = f.keep()
	}
	return err
}

func (f *File) read(ctx context.Context) error {
	k := object.Called(f.Kind)
	if k == nil {
		return f.walk(ctx)
	}
	if f.state.Way == unbegun {
		if err := f.choose(ctx, k); err != nil {
			return err
		}
	}
	if f.state.Way == listing {
		return f.list(ctx, k)
	}
	return f.search(ctx, k)
}

// walk reads customers: their list can be asked for by time, so that it has no end before all are shown, and it is of
// this moment.
func (f *File) walk(ctx context.Context) error {
	var failed error
	whole, err := lookup.Walk(ctx, f.Viewer, f.state.From, func(page []*kustomer.Customer, total int) bool {
		next := f.state
		next.Way = walking
		for _, c := range page {
			if next.From = c.UpdatedAt; c.Company != "" {
				c.Attributes["company"] = []byte(strconv.Quote(c.Company))
			}
		}
		failed = f.take(ctx, page, total, next)
		return failed == nil && ctx.Err() == nil
	})
	switch {
	case failed != nil:
		return failed
	case err != nil:
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case !whole:
		return ErrCut
	}
	return nil
}

// choose takes the list where it shows all that it counts: it is of this moment. A search is behind.
func (f *File) choose(ctx context.Context, k *object.Kind) error {
	f.state.Way = listing
	_, total, more, err := f.Viewer.Page(ctx, k.Path, page(1, kustomer.MaxListed))
	if err != nil {
		if tooMuch(err) {
			f.state.Way, err = archiving, nil
		}
		return err
	}
	if pages := cmp.Or(f.Pages, listPages); more && total > pages*kustomer.MaxListed {
		found, _, _, err := f.Viewer.Page(ctx, k.Path, page(pages+1, kustomer.MaxListed))
		switch kustomer.VerdictOf(err) {
		case 0:
			if len(found) > 0 {
				return nil
			}
		case kustomer.Refused, kustomer.NotFound:
		default:
			return err
		}
		f.state.Way = archiving
	}
	return nil
}

// tooMuch says whether a list failed as one does that the org gives in one piece, and that is too long for that.
func tooMuch(err error) bool { return kustomer.VerdictOf(err) == kustomer.InDoubt }

func page(n, size int) url.Values {
	return url.Values{"page": {strconv.Itoa(n)}, "pageSize": {strconv.Itoa(size)}}
}

// list reads the pages of a list.
func (f *File) list(ctx context.Context, k *object.Kind) error {
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		next := f.state
		next.Page++
		found, total, more, err := f.Viewer.Page(ctx, k.Path, page(next.Page, kustomer.MaxListed))
		if err != nil {
			return err
		}
		if err := f.take(ctx, comparable(found), total, next); err != nil {
			return err
		}
		switch {
		case more && len(found) > 0:
		case total > 0 && f.Records < int64(total) && next.Page >= cmp.Or(f.Pages, listPages):
			return ErrCut
		default:
			return nil
		}
	}
}

// search reads by time, each page from the last moment of the one before: what was updated two years ago from the
// archive, then the rest. It is held against what the list counts.
func (f *File) search(ctx context.Context, k *object.Kind) error {
	context := k.Name
	if klass, is := strings.CutPrefix(k.Name, object.KObject); is {
		context = "kobject_" + klass
	}
	if f.state.Way == archiving {
		err := f.window(ctx, context)
		switch kustomer.VerdictOf(err) {
		case 0:
			if err != nil {
				return err
			}
		case kustomer.Forbidden, kustomer.Unauthorized, kustomer.NotFound, kustomer.Refused: // it cannot be asked
		default:
			return err
		}
		f.state.Way, f.state.From = searching, time.Time{}
	}
	for waited := time.Duration(0); ; waited += indexWait {
		if err := f.window(ctx, context); err != nil {
			return err
		}
		_, total, _, err := f.Viewer.Page(ctx, k.Path, page(1, 1))
		switch {
		case err != nil:
			return err
		case total < 0 || f.Records >= int64(total):
			return nil
		case waited >= mostIndexWait:
			return ErrUnshown
		}
		f.Viewer.Waiting("the org's search index to show what was written last", indexWait, mostIndexWait-waited)
		if err := f.Sleep(ctx, indexWait); err != nil {
			return err
		}
	}
}

// The index is behind what was written, how far is not documented: what was written just now shows a little later.
const (
	indexWait     = 15 * time.Second
	mostIndexWait = 3 * time.Minute
)

// window reads one search to its end.
func (f *File) window(ctx context.Context, context string) error {
	for n := 1; ; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		found, total, err := f.Viewer.SearchUpdated(ctx, context, f.state.Way == archiving, f.state.From, n)
		if err != nil {
			return err
		}
		next := f.state
		if len(found) > 0 {
			next.From = found[len(found)-1].UpdatedAt
		}
		moved := next.From.After(f.state.From)
		if err := f.take(ctx, comparable(found), total, next); err != nil {
			return err
		}
		switch {
		case len(found) < kustomer.MaxFound:
			return nil
		case moved:
			n = 1
		case n == kustomer.MostSearched:
			return ErrCrowded
		default:
			n++ // one moment is more than a page
		}
	}
}
