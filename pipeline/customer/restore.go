package customer

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/kustomer"
)

// ErrUnsure: what was sent cannot be worked out any more.
var ErrUnsure = errors.New("what was sent is not known")

// LeftBy is a customer as an update left it, and the external id it had. merged: custom attributes that the
// update does not name are kept.
func LeftBy(before, update []byte, merged bool) (left []byte, prior string, err error) {
	var had, said object
	if json.Unmarshal(before, &had) != nil || json.Unmarshal(update, &said) != nil {
		return nil, "", ErrUnsure
	}
	_ = json.Unmarshal(had["externalId"], &prior) // none: ""
	for field, value := range said {
		if field == "custom" && merged {
			var theirs, own object
			_ = json.Unmarshal(had[field], &theirs) // none: it had no attributes
			if json.Unmarshal(value, &own) == nil && theirs != nil {
				maps.Copy(theirs, own)
				value, _ = json.Marshal(theirs)
			}
		}
		had[field] = value
	}
	left, err = json.Marshal(had)
	return left, prior, err
}

// Strays are the writable fields of a customer that are not as expected, in either direction. What an org does
// to values is no difference (see Comparer). prior is an external id whose mirror may have stayed.
func (r *Comparer) Strays(expected []byte, c *kustomer.Customer, prior string) ([]string, error) {
	var want, have object
	if json.Unmarshal(expected, &want) != nil || json.Unmarshal(Writable(c), &have) != nil {
		return nil, ErrUnsure
	}
	unmirror(want, have, prior)
	for _, of := range [...]object{want, have} {
		delete(of, "importedAt") // Kustomer's own, and not everybody may set it
		delete(of, "createdAt")
		delete(of, "rev")
		maps.DeleteFunc(of, func(_ string, value json.RawMessage) bool { return IsNothing(value) })
	}
	strays, err := strayTags(want["tags"], have["tags"], c)
	if err != nil {
		return nil, err
	}
	delete(want, "tags")
	delete(have, "tags")
	payload, err := json.Marshal(want)
	if err != nil {
		return nil, ErrUnsure
	}
	found, err := r.Compare(payload, &kustomer.Customer{ID: c.ID, Company: c.Company, Attributes: have}, nil)
	if err != nil {
		return nil, err
	}
	for _, gap := range found.Gaps {
		strays = append(strays, gap.Field)
	}
	strays = append(strays, found.Extra...)
	for field, l := range lists {
		strays = append(strays, addedParts(l, want[field], have[field])...)
	}
	slices.Sort(strays)
	return slices.Compact(strays), nil
}

// unmirror takes the external ids that only mirror the external id out of both lists.
func unmirror(want, have object, prior string) {
	own, _ := json.Marshal(prior)
	for _, of := range [...]object{want, have} {
		var items []object
		if json.Unmarshal(of["externalIds"], &items) != nil {
			continue
		}
		items = slices.DeleteFunc(items, func(item object) bool {
			return same(item["externalId"], want["externalId"]) || prior != "" && same(item["externalId"], own)
		})
		of["externalIds"], _ = json.Marshal(items)
	}
}

// strayTags compares tags as a set: names with names, ids with ids. Those of one form say nothing of the other but how
// many there are.
func strayTags(want, have json.RawMessage, c *kustomer.Customer) ([]string, error) {
	var sent, held []string
	_ = json.Unmarshal(want, &sent) // none: no tags
	_ = json.Unmarshal(have, &held)
	switch {
	case len(sent) != len(held):
		return []string{"tags"}, nil
	case len(sent) == 0:
		return nil, nil
	}
	if ids := slices.ContainsFunc(sent, IsObjectID); ids && c.TagIDs != nil {
		held = c.TagIDs
	} else if ids != slices.ContainsFunc(held, IsObjectID) {
		return nil, ErrUnsure
	}
	if slices.ContainsFunc(sent, func(t string) bool { return !hasTag(c, held, t) }) {
		return []string{"tags"}, nil
	}
	return nil, nil
}

// addedParts are what entries of a list say that was not expected of them. That an entry is not verified an
// org says by itself.
func addedParts(l *mappings.List, want, have json.RawMessage) (parts []string) {
	sent, ok := entriesOf(want)
	theirs, also := entriesOf(have)
	if !ok || !also {
		return nil
	}
	for _, item := range sent {
		at := held(l, theirs, item)
		if at < 0 {
			continue // Compare tells
		}
		for name, value := range theirs[at] {
			if _, expected := item[name]; !expected && !IsNothing(value) && string(value) != "false" {
				parts = append(parts, l.Name+"."+name)
			}
		}
	}
	return parts
}

// valueBefore is what clears a field or makes it what it was; nil for one that cannot be cleared.
func valueBefore(field string, before json.RawMessage) json.RawMessage {
	isList := lists[field] != nil
	switch {
	case !IsNull(before):
		return before
	case isList || field == "tags":
		return json.RawMessage("[]")
	case field == "importedAt" || field == "createdAt" || field == "rev" || field == "sentiment":
		return nil // not nullable (Kustomer's OpenAPI document, Core Resources 1.0)
	default:
		return json.RawMessage("null")
	}
}

// customBefore are the custom attributes to be written: those that the run wrote, and those that its update
// made an org drop.
func customBefore(wrote object, before, have json.RawMessage) object {
	var old, now object
	_ = json.Unmarshal(before, &old) // none: it had no attributes
	_ = json.Unmarshal(have, &now)
	restored := object{}
	for name := range wrote {
		if restored[name] = old[name]; IsNull(old[name]) {
			restored[name] = json.RawMessage("null")
		}
	}
	for name, value := range old {
		if IsNull(now[name]) {
			restored[name] = value
		}
	}
	return restored
}

// hidesAny says whether any value, at whatever depth, is hidden from the key.
func hidesAny(value any) bool {
	switch v := value.(type) {
	case object:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), func(one json.RawMessage) bool { return hidesAny(one) })
	case json.RawMessage:
		var group object
		var list []json.RawMessage
		switch {
		case json.Unmarshal(v, &group) == nil:
			return hidesAny(group)
		case json.Unmarshal(v, &list) == nil:
			return slices.ContainsFunc(list, func(one json.RawMessage) bool { return hidesAny(one) })
		}
		return isMasked(v)
	}
	return false
}

// Restoration is the update that makes a customer what it was before updates, of the fields that they
// wrote; nil where a value is hidden.
func Restoration(first []byte, updates [][]byte, c *kustomer.Customer) []byte {
	var before, have object
	if json.Unmarshal(first, &before) != nil || json.Unmarshal(Writable(c), &have) != nil {
		return nil
	}
	write, custom := object{}, object{}
	for _, update := range updates {
		var said, own object
		if json.Unmarshal(update, &said) != nil {
			return nil
		}
		_ = json.Unmarshal(said["custom"], &own) // none: it wrote no custom attribute
		maps.Copy(custom, own)
		delete(said, "custom")
		for field := range said {
			if value := valueBefore(field, before[field]); value != nil {
				write[field] = value
			}
		}
	}
	if restored := customBefore(custom, before["custom"], have["custom"]); len(restored) > 0 {
		write["custom"], _ = json.Marshal(restored)
	}
	if _, named := write["company"]; !named && c.Company != "" {
		write["company"], _ = json.Marshal(c.Company) // or it would be un-linked
	}
	if c.Rev > 0 {
		write["rev"], _ = json.Marshal(c.Rev) // refused where somebody writes at this moment
	}
	payload, err := json.Marshal(write)
	if err != nil || strings.Contains(string(payload), "***") && hidesAny(write) {
		return nil
	}
	return payload
}
