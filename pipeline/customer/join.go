package customer

import (
	"encoding/json"
	"fmt"
	"slices"

	"muster/mappings"
)

// listChange is what a row does to a list of a customer.
type listChange struct {
	list *mappings.List
	have []object // the customer's
	sent []object // the row's
	word string   // one of the mapping's Write words, "" they are added
	own  json.RawMessage
}

// goes says whether an entry of the customer's is replaced by the row: of all entries where the list is overwritten, of
// those of the row's types where it is replaced by type.
func (c *listChange) goes(entry object) bool {
	switch c.word {
	case mappings.WriteOver:
	case mappings.WriteReplace:
		kind := text(entry["type"])
		if kind == "" || !slices.ContainsFunc(c.sent, func(s object) bool { return text(s["type"]) == kind }) {
			return false
		}
	default:
		return false
	}
	return !isMirror(c.list, entry, c.own) && !c.named(entry)
}

// named says whether the row names an entry of the customer's.
func (c *listChange) named(entry object) bool {
	return slices.ContainsFunc(c.sent, func(s object) bool { return held(c.list, []object{entry}, s) == 0 })
}

// lacking are the row's entries that the customer has not, or not with all that the row says.
func (c *listChange) lacking() (lacking []object) {
	for _, s := range c.sent {
		at := held(c.list, c.have, s)
		if at < 0 || !saysAll(c.list, c.have[at], c.plain(s)) {
			lacking = append(lacking, s)
		}
	}
	return lacking
}

// plain is an entry without what the org decides: whether the external id itself is verified.
func (c *listChange) plain(entry object) object {
	if entry["verified"] == nil || !isMirror(c.list, entry, c.own) {
		return entry
	}
	plain := object{}
	for name, value := range entry {
		if name != "verified" {
			plain[name] = value
		}
	}
	return plain
}

// nothing says whether the list is as the row wants it.
func (c *listChange) nothing() bool {
	return len(c.lacking()) == 0 && !slices.ContainsFunc(c.have, c.goes)
}

// joined is the list as it is to be written. What the row does not replace stays; an entry that the row names again
// takes what the row says and keeps the rest.
func (c *listChange) joined() ([]object, error) {
	var joined []object
	for _, item := range c.have {
		if c.goes(item) {
			continue
		}
		kept := writable(c.list, item)
		// An org may have an entry twice, told apart by what cannot be written; twice it refuses it.
		at := slices.IndexFunc(joined, func(other object) bool { return isSame(c.list, other, kept) })
		if at < 0 {
			joined = append(joined, kept)
			continue
		}
		for name, value := range kept {
			if IsNothing(joined[at][name]) {
				joined[at][name] = value
			}
		}
	}
	for _, item := range c.sent {
		at := held(c.list, joined, item)
		if at < 0 {
			at = grows(c.list, joined, item)
		}
		if at < 0 {
			joined = append(joined, item)
			continue
		}
		for name, value := range item {
			if len(c.list.Keys) > 0 || !IsNull(value) {
				joined[at][name] = value
			}
		}
	}
	if len(joined) > c.list.Most {
		return nil, fmt.Errorf("%s would hold %d items together with what the customer has; %d are allowed", c.list.Name,
			len(joined), c.list.Most)
	}
	return joined, nil
}
