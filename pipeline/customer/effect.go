package customer

import (
	"encoding/json"
	"slices"

	"muster/mappings"
)

// Effect is what an update does to the entries of a list.
type Effect struct{ Added, Changed, Kept, Removed int64 }

// EffectOf is what becomes of a list, or of tags; false where the field is none.
func EffectOf(field string, before, after json.RawMessage) (e Effect, ok bool) {
	if field == "tags" {
		return tagEffect(before, after), true
	}
	l := lists[field]
	if l == nil {
		return e, false
	}
	theirs, one := entriesOf(before)
	left, both := entriesOf(after)
	if !one || !both {
		return e, false
	}
	e.Added = int64(len(left))
	for _, item := range theirs {
		at := standsAt(l, left, item)
		if at < 0 {
			e.Removed++
			continue
		}
		e.Added--
		if saysAll(l, item, left[at]) {
			e.Kept++
		} else {
			e.Changed++
		}
		left = slices.Delete(left, at, at+1)
	}
	return e, true
}

// standsAt is where an entry has stayed: as it was, or with more to it; -1 nowhere.
func standsAt(l *mappings.List, left []object, item object) int {
	as := slices.IndexFunc(left, func(other object) bool { return isSame(l, other, item) })
	if as < 0 && len(l.Keys) == 0 {
		as = held(l, left, item)
	}
	return as
}

func tagEffect(before, after json.RawMessage) (e Effect) {
	var theirs, left []string
	_ = json.Unmarshal(before, &theirs) // none: no tags
	_ = json.Unmarshal(after, &left)
	e.Added = int64(len(left))
	for _, tag := range theirs {
		if containsFold(left, tag) {
			e.Kept, e.Added = e.Kept+1, e.Added-1
		} else {
			e.Removed++
		}
	}
	return e
}
