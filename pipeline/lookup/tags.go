package lookup

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
)

// RoleTagRead lets a key ask for the names of tags.
const RoleTagRead = "org.permission.tag.read"

const (
	// tagsKept is how long the names of tags are believed that an earlier run asked for.
	tagsKept = time.Hour
	// mostInVain is how often a run asks again for names that the org does not tell.
	mostInVain = 3
)

// tagNames are the names of an org's tags by their ids, asked for when the first customer is met whose tags must be
// compared.
type tagNames struct {
	mu     sync.Mutex // held while they are asked for
	memo   tagMemo    // nil: nothing is remembered beyond the run
	opened bool       // memo was read
	names  map[string]string
	vain   map[string]bool // ids that the org does not tell the names of
	tries  int             // in vain
	barred bool            // the key may not read them, or the org has none of this
}

// tagMemo keeps the names from one run to the next.
type tagMemo interface {
	Memo(name string) ([]byte, error)
	Remember(name string, value []byte) error
}

// rememberedTags is what a memo holds.
type rememberedTags struct {
	At    time.Time         `json:"at"`
	Names map[string]string `json:"names"`
}

// KeepTags has the names of tags kept from one run to the next.
func (r *Reader) KeepTags(memo tagMemo, orgID string) *Reader {
	r.tags.memo, r.tagsOf = memo, "tags "+orgID
	return r
}

// Named gives those customers the names of their tags in place of ids whose tags are to be compared. One whose tags
// have no known name is as it was, and so is everyone where the key may not ask for names. The customers given are left
// as they are.
func (r *Reader) Named(ctx context.Context, customers []*kustomer.Customer,
	compared func(i int) bool) ([]*kustomer.Customer, error) {
	var ids []string
	opaque := func(i int) bool { return customers[i] != nil && compared(i) && customer.OpaqueTags(customers[i]) }
	for i, c := range customers {
		if opaque(i) {
			ids = append(ids, tagIDs(c)...)
		}
	}
	if len(ids) == 0 {
		return customers, nil
	}
	t := &r.tags
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := r.learnTags(ctx, ids); err != nil {
		return nil, err
	}
	named, byCase := slices.Clone(customers), t.byCase()
	for i, c := range named {
		if opaque(i) {
			named[i] = t.name(c, byCase)
		}
	}
	return named, nil
}

// Tagged says whether a payload names tags.
func Tagged(payload []byte) bool { return bytes.Contains(payload, []byte(`"tags":`)) }

// NamedFor is Named of one customer that a payload is compared with.
func (r *Reader) NamedFor(ctx context.Context, c *kustomer.Customer, payload []byte) (*kustomer.Customer, error) {
	named, err := r.Named(ctx, []*kustomer.Customer{c}, func(int) bool { return Tagged(payload) })
	if err != nil {
		return nil, err
	}
	return named[0], nil
}

func tagIDs(c *kustomer.Customer) (ids []string) {
	_ = json.Unmarshal(c.Attributes["tags"], &ids) // none: no tags
	return ids
}

// name is a customer with the names of its tags, or itself.
func (t *tagNames) name(c *kustomer.Customer, byCase bool) *kustomer.Customer {
	ids := tagIDs(c)
	names := make([]string, len(ids))
	for i, id := range ids {
		if names[i] = t.names[id]; names[i] == "" {
			return c
		}
	}
	other := *c
	other.Attributes = maps.Clone(c.Attributes)
	other.Attributes["tags"], _ = json.Marshal(names) // texts always marshal
	other.TagIDs, other.TagsByCase = ids, byCase
	return &other
}

// byCase says whether the org has tags that differ in their capitals alone.
func (t *tagNames) byCase() bool {
	folded := make(map[string]bool, len(t.names))
	for _, name := range t.names {
		low := strings.ToLower(name)
		if folded[low] {
			return true
		}
		folded[low] = true
	}
	return false
}

// unnamed says whether there is an id whose name is worth asking for.
func (t *tagNames) unnamed(ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return t.names[id] == "" && !t.vain[id] })
}

// learnTags asks for names where one of ids has none. mu is held.
func (r *Reader) learnTags(ctx context.Context, ids []string) error {
	t := &r.tags
	if !t.opened {
		t.opened, t.names, t.vain = true, map[string]string{}, map[string]bool{}
		r.recallTags()
	}
	if t.barred || t.tries >= mostInVain || !t.unnamed(ids) {
		return nil
	}
	for _, deleted := range []bool{false, true} {
		if deleted && !t.unnamed(ids) {
			break
		}
		r.begin()
		some, err := r.org.Tags(ctx, deleted)
		switch kustomer.VerdictOf(err) {
		case 0:
		case kustomer.Forbidden, kustomer.Unauthorized, kustomer.NotFound, kustomer.Refused:
			t.barred = !deleted
			return nil
		default:
			return err
		}
		if !deleted {
			clear(t.names) // what was renamed, too
		}
		for _, one := range some {
			t.names[one.ID] = one.Name
		}
	}
	if t.unnamed(ids) {
		t.tries++
	}
	for _, id := range ids {
		t.vain[id] = t.names[id] == ""
	}
	return r.rememberTags()
}

func (r *Reader) recallTags() {
	if r.tags.memo == nil {
		return
	}
	text, err := r.tags.memo.Memo(r.tagsOf)
	var kept rememberedTags
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.Names == nil {
		return // the org is asked
	}
	if age := r.now().Sub(kept.At); age >= 0 && age < tagsKept {
		r.tags.names = kept.Names
	}
}

func (r *Reader) rememberTags() error {
	if r.tags.memo == nil {
		return nil
	}
	text, err := json.Marshal(rememberedTags{r.now().UTC(), r.tags.names})
	if err != nil || len(text) > 1<<20 { // more than a memo holds: the next run asks
		return err
	}
	return r.tags.memo.Remember(r.tagsOf, text)
}
