package pipeline

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"muster/pipeline/kustomer"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// Why customers are in their lists.
const (
	whyGone      = "gone already"
	whyTaken     = "taken back before"
	whyNever     = "it never landed"
	whyBefore    = "as before already"
	whyEdited    = "edited since"
	whyTalked    = "it has conversations since"
	whyLater     = "changed again by a later run"
	whyDescribed = "what conversations were described with is not taken back"
	whyNoImage   = "what it was like before is not kept"
	whyUnsure    = "it cannot be told whether it was edited since"
	whyHidden    = "what it was like before is hidden from this key"
	whyNoLook    = "it is not known whether it landed, and it cannot be looked up"
	whyRefused   = "the org refused"
	whyNotTaken  = "the org took it and does not have it as it was before"
	whyNoEnd     = "the org's answers contradict each other"
)

// undoJudge decides what is to be done to a customer as it is now. It does nothing itself.
type undoJudge struct {
	compare *Comparer
	stamp   string // importedAt of what the run made
}

// needs says whether a customer must be read to judge a row; one without is ended.
func (j *undoJudge) needs(t *takenRow) bool {
	switch {
	case t.was == outcome.Updated.String() && len(t.images) == 0:
		t.end(report.ListKept, whyNoImage, "")
	case t.row.CustomerID == "" && !slices.ContainsFunc(t.keys, func(k Identity) bool { return mayLookUp(k.Kind) }):
		t.end(report.ListUnknown, whyNoLook, "")
	}
	return !t.done
}

// look judges a row by its customer, nil when there is none.
func (j *undoJudge) look(t *takenRow, c *kustomer.Customer) {
	t.act = toLeave
	switch {
	case c == nil && t.sent:
		t.end(report.ListDeleted, "", "")
	case c == nil && t.row.CustomerID == "":
		t.end(report.ListDeleted, whyNever, "")
	case c == nil:
		t.end(report.ListDeleted, whyGone, "")
	case len(t.images) > 0 && t.was != outcome.Created.String():
		j.changed(t, c)
	case t.row.CustomerID == "" && !sameMoment(c.Attributes["importedAt"], j.stamp):
		t.end(report.ListDeleted, whyNever, "") // who has its key was not made by this run
	default:
		t.row.CustomerID = c.ID
		j.made(t, c)
	}
}

// made judges a customer that the run made.
func (j *undoJudge) made(t *takenRow, c *kustomer.Customer) {
	edits, err := []string(nil), error(nil)
	if c.Rev != 1 { // nobody has written to it since it was made
		if t.payload == nil {
			err = errUnsure
		} else {
			edits, err = j.strays(t.payload, c, "")
		}
	}
	switch {
	case t.later != "":
		t.end(report.ListKept, whyLater, t.later)
	case hasConversations(c):
		t.end(report.ListKept, whyTalked, "")
	case err != nil:
		t.end(report.ListKept, whyUnsure, "")
	case len(edits) > 0:
		t.end(report.ListKept, whyEdited, strings.Join(edits, " "))
	case t.refused != "":
		t.end(report.ListFailed, whyRefused, t.refused)
	default:
		t.act = toDelete
	}
}

// errUnsure: what was sent cannot be worked out any more.
var errUnsure = errors.New("what was sent is not known")

// hasConversations says whether somebody has talked with the customer: to delete it would delete that.
func hasConversations(c *kustomer.Customer) bool {
	var counts struct{ All float64 }
	return json.Unmarshal(c.Attributes["conversationCounts"], &counts) == nil && counts.All > 0
}

// changed judges a customer that the run changed.
func (j *undoJudge) changed(t *takenRow, c *kustomer.Customer) {
	before := t.images[0].Before
	strays, err := j.strays(before, c, "")
	switch {
	case err != nil:
		t.end(report.ListKept, whyUnsure, "")
		return
	case len(strays) == 0 && t.sent:
		t.end(report.ListRestored, "", "")
		return
	case len(strays) == 0:
		t.end(report.ListRestored, whyBefore, "")
		return
	case t.later != "":
		t.end(report.ListKept, whyLater, t.later)
		return
	}
	edits, err := j.editsSince(t, c)
	switch {
	case err != nil:
		t.end(report.ListKept, whyUnsure, "")
	case len(edits) > 0 && t.sent && t.refused == "":
		t.end(report.ListFailed, whyNotTaken, strings.Join(strays, " "))
	case len(edits) > 0:
		t.end(report.ListKept, whyEdited, strings.Join(edits, " "))
	case t.refused != "":
		t.end(report.ListFailed, whyRefused, t.refused)
	default:
		if t.write = restoration(t, c); t.write == nil {
			t.end(report.ListKept, whyHidden, "")
			return
		}
		t.act = toRestore
	}
}

// editsSince are the fields that are not as the run left them: as each of its updates made of what it had
// read, an org being free to keep the custom attributes that an update does not name or to drop them.
func (j *undoJudge) editsSince(t *takenRow, c *kustomer.Customer) (edits []string, err error) {
	last := &t.images[len(t.images)-1]
	if len(t.images) == 1 && t.was == outcome.Updated.String() && last.Rev > 0 && c.Rev == last.Rev+1 && !t.sent {
		return nil, nil // nobody but this run has written to it since it was read
	}
	for i := len(t.images) - 1; i >= 0; i-- {
		k := &t.images[i]
		for _, merged := range [...]bool{true, false} {
			left, prior, err := leftBy(k.Before, k.Update, merged)
			if err != nil {
				return nil, err
			}
			strays, err := j.strays(left, c, prior)
			if err != nil || len(strays) == 0 {
				return nil, err
			}
			if edits == nil {
				edits = strays
			}
		}
	}
	return edits, nil
}

// leftBy is a customer as an update left it, and the external id it had. merged: custom attributes that the
// update does not name are kept.
func leftBy(before, update []byte, merged bool) (left []byte, prior string, err error) {
	var had, said object
	if json.Unmarshal(before, &had) != nil || json.Unmarshal(update, &said) != nil {
		return nil, "", errUnsure
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

// strays are the writable fields of a customer that are not as expected, in either direction. What an org does
// to values is no difference (see Comparer). prior is an external id whose mirror may have stayed.
func (j *undoJudge) strays(expected []byte, c *kustomer.Customer, prior string) ([]string, error) {
	var want, have object
	if json.Unmarshal(expected, &want) != nil || json.Unmarshal(writableOf(c), &have) != nil {
		return nil, errUnsure
	}
	unmirror(want, have, prior)
	for _, of := range [...]object{want, have} {
		delete(of, "importedAt") // Kustomer's own, and not everybody may set it
		delete(of, "createdAt")
		delete(of, "rev")
		maps.DeleteFunc(of, func(_ string, value json.RawMessage) bool { return isNothing(value) })
	}
	strays := strayTags(want["tags"], have["tags"])
	delete(want, "tags")
	delete(have, "tags")
	payload, err := json.Marshal(want)
	if err != nil {
		return nil, errUnsure
	}
	found, err := j.compare.Compare(payload, &kustomer.Customer{ID: c.ID, Company: c.Company, Attributes: have})
	if err != nil {
		return nil, err
	}
	for _, gap := range found.Gaps {
		strays = append(strays, gap.Field)
	}
	strays = append(strays, found.Extra...)
	for field := range listFields {
		strays = append(strays, addedParts(field, want[field], have[field])...)
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

// strayTags compares tags as a set. Names and ids say nothing of each other but how many there are.
func strayTags(want, have json.RawMessage) []string {
	var sent, held []string
	_ = json.Unmarshal(want, &sent) // none: no tags
	_ = json.Unmarshal(have, &held)
	astray := len(sent) != len(held)
	if opaqueTags(want) == opaqueTags(have) {
		for _, tag := range sent {
			astray = astray || !containsFold(held, tag)
		}
	}
	if astray {
		return []string{"tags"}
	}
	return nil
}

// addedParts are what entries of a list say that was not expected of them. That an entry is not verified an
// org says by itself.
func addedParts(field string, want, have json.RawMessage) (parts []string) {
	var sent, held []object
	if json.Unmarshal(want, &sent) != nil || json.Unmarshal(have, &held) != nil {
		return nil
	}
	for _, item := range sent {
		at := slices.IndexFunc(held, func(h object) bool { return sameEntry(field, listFields[field].key, item, h) })
		if at < 0 {
			continue // Compare tells
		}
		for name, value := range held[at] {
			if _, expected := item[name]; !expected && !isNothing(value) && string(value) != "false" {
				parts = append(parts, field+"."+name)
			}
		}
	}
	return parts
}

// restoration is the update that makes a customer what it was before the run, of the fields that the run
// wrote; nil where a value is hidden.
func restoration(t *takenRow, c *kustomer.Customer) []byte {
	var before, have object
	if json.Unmarshal(t.images[0].Before, &before) != nil || json.Unmarshal(writableOf(c), &have) != nil {
		return nil
	}
	write, custom := object{}, object{}
	for i := range t.images {
		var said, own object
		if json.Unmarshal(t.images[i].Update, &said) != nil {
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

// valueBefore is what clears a field or makes it what it was; nil for one that cannot be cleared.
func valueBefore(field string, before json.RawMessage) json.RawMessage {
	_, isList := listFields[field]
	switch {
	case !isNull(before):
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
		if restored[name] = old[name]; isNull(old[name]) {
			restored[name] = json.RawMessage("null")
		}
	}
	for name, value := range old {
		if isNull(now[name]) {
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
