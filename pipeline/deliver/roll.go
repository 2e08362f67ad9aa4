package deliver

import (
	"context"
	"encoding/hex"
	"sync"

	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
)

// No record of a kind is made before it is known that the org has none of its external id: whether an org refuses the
// second is not documented. Where the org has few records of the kind they are listed once, else each is asked for by
// itself, or twenty in one search.

// roll are the records of a kind that an org had when the run came to them.
type roll struct {
	mu    sync.Mutex
	taken bool
	each  bool // there are too many of them: each is asked for
	ids   map[ledger.KeyHash][12]byte
}

// mostRolled bounds how many records are listed: of 60 bytes each.
const mostRolled = 100_000

// rollOf lists the records of a kind, once.
func (s *Kinds) rollOf(ctx context.Context, k *object.Kind) (*roll, error) {
	s.mu.Lock()
	if s.rolls == nil {
		s.rolls = map[string]*roll{}
	}
	r := s.rolls[k.Name]
	if r == nil {
		r = &roll{}
		s.rolls[k.Name] = r
	}
	s.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken {
		return r, nil
	}
	most := s.Rows
	if k.Searched != "" {
		most /= kustomer.MaxConditions
	}
	ids, pages := map[ledger.KeyHash][12]byte{}, int64(0)
	whole, err := s.Viewer.EachRecord(ctx, k.Path, nil, func(page []*kustomer.Record, total int) bool {
		for _, one := range page {
			if id := one.Text("externalId"); id != "" && !one.Deleted() {
				ids[MarkOf(s.Ledger, k.Name, "externalId", id)] = packed(one.ID)
			}
		}
		pages++
		return len(ids) <= mostRolled && (int64(total)/kustomer.MaxListed <= most && pages <= most || total >= 0 &&
			total <= kustomer.MaxListed)
	})
	switch kustomer.VerdictOf(err) {
	case 0:
	case kustomer.Forbidden, kustomer.Unauthorized, kustomer.NotFound, kustomer.Refused:
		whole = false // a list may need a role that a look-up does not
	default:
		return nil, err
	}
	r.taken, r.each = true, !whole
	if whole {
		r.ids = ids
	}
	return r, nil
}

func packed(id string) (b [12]byte) {
	raw, err := hex.DecodeString(id)
	if err == nil {
		copy(b[:], raw)
	}
	return b
}

// present are the ids of the records of a kind that the org has of external ids, "" where it has none.
func (s *Kinds) present(ctx context.Context, k *object.Kind, externalIDs []string) ([]string, error) {
	r, err := s.rollOf(ctx, k)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(externalIDs))
	if !r.each {
		for i, one := range externalIDs {
			if id, there := r.ids[MarkOf(s.Ledger, k.Name, "externalId", one)]; there {
				ids[i] = hex.EncodeToString(id[:])
			}
		}
		return ids, nil
	}
	if k.Searched == "" {
		return ids, lookup.AtATime(len(ids), func(i int) error {
			one, err := s.byExternalID(ctx, k, externalIDs[i])
			if one != nil {
				ids[i] = one.ID
			}
			return err
		})
	}
	groups := (len(ids) + kustomer.MaxConditions - 1) / kustomer.MaxConditions
	return ids, lookup.AtATime(groups, func(g int) error {
		from := g * kustomer.MaxConditions
		some := externalIDs[from:min(from+kustomer.MaxConditions, len(ids))]
		found, err := s.Viewer.SearchRecords(ctx, k.Name, k.Searched, some)
		for _, one := range found {
			for i, wanted := range some {
				if one.Text("externalId") == wanted && !one.Deleted() {
					ids[from+i] = one.ID
				}
			}
		}
		return err
	})
}

// byExternalID reads one record by its external id where the org has a way of it; nil: there is none.
func (s *Kinds) byExternalID(ctx context.Context, k *object.Kind, externalID string) (*kustomer.Record, error) {
	if k.By == object.ByQuery {
		found, err := s.Viewer.CompaniesByExternalID(ctx, externalID)
		if err != nil || len(found) == 0 {
			return nil, orGone(err)
		}
		return s.byID(ctx, k, found[0].ID)
	}
	one, err := s.Viewer.RecordBy(ctx, k.Path, externalID)
	if err != nil {
		return nil, orGone(err)
	}
	return one, nil
}

// byID reads one record by its id; nil: there is none, or it is deleted.
func (s *Kinds) byID(ctx context.Context, k *object.Kind, id string) (*kustomer.Record, error) {
	one, err := s.Viewer.Record(ctx, k.Path, id)
	if err != nil || one.Deleted() {
		return nil, orGone(err)
	}
	return one, nil
}

// ByIDs reads records by their ids, several in a request where the org takes that; nil where there is none.
func (s *Kinds) ByIDs(ctx context.Context, k *object.Kind, ids []string) ([]*kustomer.Record, error) {
	found := make([]*kustomer.Record, len(ids))
	if k.Name != "conversation" {
		return found, lookup.AtATime(len(ids), func(i int) (err error) {
			found[i], err = s.byID(ctx, k, ids[i])
			return err
		})
	}
	groups := (len(ids) + kustomer.MostIDs - 1) / kustomer.MostIDs
	return found, lookup.AtATime(groups, func(g int) error {
		from := g * kustomer.MostIDs
		some := ids[from:min(from+kustomer.MostIDs, len(ids))]
		all, err := s.Viewer.RecordsOf(ctx, k.Path, some)
		for _, one := range all {
			for i, id := range some {
				if one.ID == id && !one.Deleted() {
					found[from+i] = one
				}
			}
		}
		return orGone(err)
	})
}

// listed shows all records of a kind where there are few enough of them for it to cost less than to ask for n by
// themselves. Who comes while a list is read waits for the next, which is for all who wait. whole: it has shown them
// all.
func (s *Kinds) listed(ctx context.Context, k *object.Kind, n int, each func(*kustomer.Record)) (whole bool,
	err error) {
	l := s.listOf(k)
	mine := &listener{n: n, each: each}
	l.mu.Lock()
	l.waiting = append(l.waiting, mine)
	l.mu.Unlock()
	l.reading.Lock()
	defer l.reading.Unlock()
	if mine.served {
		return mine.whole, mine.err
	}
	l.mu.Lock()
	all := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	pages, wanted := 0, 0
	for _, one := range all {
		wanted += one.n
	}
	whole, err = s.Viewer.EachRecord(ctx, k.Path, nil, func(page []*kustomer.Record, total int) bool {
		for _, record := range page {
			for _, one := range all {
				if !record.Deleted() {
					one.each(record)
				}
			}
		}
		pages++
		return total/kustomer.MaxListed < wanted && pages < wanted
	})
	err = orGone(err)
	for _, one := range all {
		one.served, one.whole, one.err = true, whole, err
	}
	return whole, err
}

// list is that of the records of a kind, which several batches read together.
type list struct {
	reading sync.Mutex // held while it is read
	mu      sync.Mutex
	waiting []*listener
}

// listener is a batch that waits for a list. What became of it is written under list.reading.
type listener struct {
	n             int
	each          func(*kustomer.Record)
	served, whole bool
	err           error
}

func (s *Kinds) listOf(k *object.Kind) *list {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists == nil {
		s.lists = map[string]*list{}
	}
	if s.lists[k.Name] == nil {
		s.lists[k.Name] = &list{}
	}
	return s.lists[k.Name]
}
