package undo

import (
	"encoding/json"
	"slices"
	"strings"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
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

// judge decides what is to be done to a customer as it is now. It does nothing itself.
type judge struct {
	compare *customer.Comparer
	stamp   string // importedAt of what the run made
}

// needs says whether a customer must be read to judge a row; one without is ended.
func (j *judge) needs(t *takenRow) bool {
	switch {
	case t.was == outcome.Updated.String() && len(t.images) == 0:
		t.end(report.ListKept, whyNoImage, "")
	case t.row.CustomerID == "" && !slices.ContainsFunc(t.keys,
		func(k customer.Identity) bool { return lookup.Finds(k.Kind) }):
		t.end(report.ListUnknown, whyNoLook, "")
	}
	return !t.done
}

// look judges a row by its customer, nil when there is none.
func (j *judge) look(t *takenRow, c *kustomer.Customer) {
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
	case t.row.CustomerID == "" && !customer.SameMoment(c.Attributes["importedAt"], j.stamp):
		t.end(report.ListDeleted, whyNever, "") // who has its key was not made by this run
	default:
		t.row.CustomerID = c.ID
		j.made(t, c)
	}
}

// made judges a customer that the run made.
func (j *judge) made(t *takenRow, c *kustomer.Customer) {
	edits, err := []string(nil), error(nil)
	if c.Rev != 1 { // nobody has written to it since it was made
		if t.payload == nil {
			err = customer.ErrUnsure
		} else {
			edits, err = j.compare.Strays(t.payload, c, "")
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

// hasConversations says whether somebody has talked with the customer: to delete it would delete that.
func hasConversations(c *kustomer.Customer) bool {
	var counts struct{ All float64 }
	return json.Unmarshal(c.Attributes["conversationCounts"], &counts) == nil && counts.All > 0
}

// changed judges a customer that the run changed.
func (j *judge) changed(t *takenRow, c *kustomer.Customer) {
	before := t.images[0].Before
	strays, err := j.compare.Strays(before, c, "")
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
		if t.write = t.restoration(c); t.write == nil {
			t.end(report.ListKept, whyHidden, "")
			return
		}
		t.act, t.rev = toRestore, c.Rev
	}
}

// editsSince are the fields that are not as the run left them: as each of its updates made of what it had
// read, an org being free to keep the custom attributes that an update does not name or to drop them.
func (j *judge) editsSince(t *takenRow, c *kustomer.Customer) (edits []string, err error) {
	last := &t.images[len(t.images)-1]
	if len(t.images) == 1 && t.was == outcome.Updated.String() && last.Rev > 0 && c.Rev == last.Rev+1 && !t.sent {
		return nil, nil // nobody but this run has written to it since it was read
	}
	for i := len(t.images) - 1; i >= 0; i-- {
		k := &t.images[i]
		for _, merged := range [...]bool{true, false} {
			left, prior, err := customer.LeftBy(k.Before, k.Update, merged)
			if err != nil {
				return nil, err
			}
			strays, err := j.compare.Strays(left, c, prior)
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

// restoration is the update that takes back what the run wrote; nil where what was there is hidden from the key.
func (t *takenRow) restoration(c *kustomer.Customer) []byte {
	updates := make([][]byte, len(t.images))
	for i := range t.images {
		updates[i] = t.images[i].Update
	}
	return customer.Restoration(t.images[0].Before, updates, c)
}
