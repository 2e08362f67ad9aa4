package customer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/kustomer"
)

// A Difference is what a row would change of a customer.
type Difference struct {
	Update []byte   // the payload
	Lists  bool     // it replaces a list
	Empty  bool     // the customer has everything; what is Untold apart
	Untold []string // fields that cannot be compared with what the customer has, and so are not written
}

// Differ makes the update of a customer from a row: only what the customer has not. Lists are joined with
// what it has, since an update replaces them, and the company it is linked to is named again, since an
// update that omits it un-links it. Of custom attributes the row's are written together when one differs:
// it is not documented whether an update keeps those it does not name. writes are the fields that the mapping
// treats in another way. An error names the list that would grow too long.
func Differ(payload []byte, c *kustomer.Customer, writes map[string]string) (d Difference, err error) {
	var row object
	if err := json.Unmarshal(Due(payload, c, writes), &row); err != nil {
		return d, errors.New("the record is not a JSON object")
	}
	moved := object{}
	for field := range row {
		if IsMoved(field) {
			moved[field] = row[field]
			delete(row, field)
		}
	}
	for field, value := range row {
		due, err := d.field(field, value, c, writes[field])
		if err != nil {
			return d, err
		}
		if row[field] = due; due == nil {
			delete(row, field)
		}
	}
	d.Empty = len(row) == 0
	slices.Sort(d.Untold)
	if !d.Empty {
		for field, value := range moved {
			row[field] = value
		}
	}
	if _, named := row["company"]; !named && c.Company != "" {
		row["company"], _ = json.Marshal(c.Company)
	}
	d.Update, err = json.Marshal(row)
	return d, err
}

// IsMoved says whether a field says nothing of the customer that could be compared: a revision is what an update
// expects, and lastActivityAt is set to the moment of every write by Kustomer itself.
func IsMoved(field string) bool { return field == "rev" || field == "lastActivityAt" }

// field is what is to be written of one field, nil nothing.
func (d *Difference) field(field string, value json.RawMessage, c *kustomer.Customer, word string) (json.RawMessage,
	error) {
	have := valueOf(c, field)
	if field == "tags" {
		return d.tags(value, c, word)
	}
	if l := lists[field]; l != nil {
		if due, whole, err := d.list(l, value, c, word); whole {
			return due, err
		}
	}
	var m matcher
	if m.field(field, value, have); len(m.Gaps) == 0 && len(m.Veiled) == 0 {
		return nil, nil
	}
	if field == "sentiment" {
		return joinObjects(have, value), nil
	}
	return value, nil
}

// list is what is to be written of a list; whole: it and the row's are lists.
func (d *Difference) list(l *mappings.List, value json.RawMessage, c *kustomer.Customer,
	word string) (due json.RawMessage, whole bool, err error) {
	change, ok := changeOf(l, value, c, word)
	switch {
	case !ok:
		return nil, false, nil
	case change.nothing():
		return nil, true, nil
	case len(change.have) > 0 && slices.ContainsFunc(change.have, isMaskedEntry):
		d.Untold = append(d.Untold, l.Name) // what is hidden would be written back as stars
		return nil, true, nil
	}
	d.Lists = true
	joined, err := change.joined()
	if err != nil {
		return nil, true, err
	}
	if joined == nil {
		joined = []object{} // all are taken off
	}
	due, err = json.Marshal(joined)
	return due, true, err
}

// changeOf is what a row does to a list; false where one of both is none.
func changeOf(l *mappings.List, sent json.RawMessage, c *kustomer.Customer, word string) (*listChange, bool) {
	if l == nil || IsNull(sent) {
		return nil, false
	}
	change := &listChange{list: l, word: word, own: c.Attributes["externalId"]}
	ours, one := entriesOf(sent)
	theirs, both := entriesOf(c.Attributes[l.Name])
	change.sent, change.have = ours, theirs
	return change, one && both
}

// joinObjects lays the members of one object over those of another.
func joinObjects(have, sent json.RawMessage) json.RawMessage {
	var theirs, own object
	if json.Unmarshal(have, &theirs) != nil || json.Unmarshal(sent, &own) != nil || own == nil {
		return sent
	}
	for name, value := range theirs {
		if _, named := own[name]; !named {
			own[name] = value
		}
	}
	joined, _ := json.Marshal(own) // of what was decoded
	return joined
}

// valueOf is what a customer has in a field.
func valueOf(c *kustomer.Customer, field string) json.RawMessage {
	have := c.Attributes[field]
	if field == "company" && c.Company != "" {
		have, _ = json.Marshal(c.Company)
	}
	return have
}

// tags is what is to be written of tags: they are joined, unless the row's take the place of the customer's.
func (d *Difference) tags(value json.RawMessage, c *kustomer.Customer, word string) (json.RawMessage, error) {
	var sent []string
	if json.Unmarshal(value, &sent) != nil {
		return value, nil
	}
	have, known := tagsOf(c)
	if !known {
		d.Untold = append(d.Untold, "tags")
		return nil, nil
	}
	over := word == mappings.WriteOver
	lacking := slices.DeleteFunc(slices.Clone(sent), func(t string) bool { return hasTag(c, have, t) })
	if surplus := over && slices.ContainsFunc(have, func(t string) bool {
		return !hasTag(c, sent, t)
	}); len(lacking) == 0 && !surplus {
		return nil, nil
	}
	d.Lists = true
	due := append(slices.Clone(have), lacking...)
	if over {
		due = sent
	}
	if len(due) > mappings.MostTags {
		return nil, fmt.Errorf("tags would hold %d entries together with what the customer has; %d are allowed", len(due),
			mappings.MostTags)
	}
	return json.Marshal(due)
}

// tagsOf are the names of a customer's tags; false where only ids of them are known.
func tagsOf(c *kustomer.Customer) (names []string, known bool) {
	_ = json.Unmarshal(c.Attributes["tags"], &names) // none: no tags
	return names, c.TagIDs != nil || !slices.ContainsFunc(names, IsObjectID)
}

// OpaqueTags says whether a customer's tags are known by their ids alone.
func OpaqueTags(c *kustomer.Customer) bool {
	_, known := tagsOf(c)
	return !known
}

// hasTag says whether a tag is among others. Whether capitals make a difference is not documented: they do in an org
// that has two tags which differ in nothing else.
func hasTag(c *kustomer.Customer, tags []string, tag string) bool {
	return slices.ContainsFunc(tags, func(t string) bool {
		return t == tag || !c.TagsByCase && strings.EqualFold(t, tag)
	})
}
