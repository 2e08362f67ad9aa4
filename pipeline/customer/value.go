package customer

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"muster/pipeline/kustomer"
)

// object is a JSON object, its members as they came.
type object = map[string]json.RawMessage

// matches compares two values of a field as the org would take them for the same: nothing and nothing; numbers as
// numbers; what a name in At says is a moment as moments; of objects what was sent of them; lists whatever their order.
// An entry of a customer's own lists is not for here.
func matches(field string, sent, have json.RawMessage) bool {
	sent, have = bytes.TrimSpace(sent), bytes.TrimSpace(have)
	switch {
	case IsNothing(sent) || IsNothing(have):
		return IsNothing(sent) && IsNothing(have)
	case sent[0] == '{':
		return sameObject(sent, have)
	case sent[0] == '[':
		return sameSet(field, sent, have)
	case same(sent, have):
		return true
	}
	return strings.HasSuffix(field, "At") && sameInstant(text(sent), text(have))
}

func sameObject(sent, have json.RawMessage) bool {
	var s, h object
	if json.Unmarshal(sent, &s) != nil || json.Unmarshal(have, &h) != nil {
		return false
	}
	for name, value := range s {
		if !matches(name, value, h[name]) {
			return false
		}
	}
	return true
}

func sameSet(field string, sent, have json.RawMessage) bool {
	var s, h []json.RawMessage
	if json.Unmarshal(sent, &s) != nil || json.Unmarshal(have, &h) != nil || len(s) != len(h) {
		return false
	}
	for _, one := range s {
		at := slices.IndexFunc(h, func(other json.RawMessage) bool { return matches(field, one, other) })
		if at < 0 {
			return false
		}
		h = slices.Delete(h, at, at+1)
	}
	return true
}

// same compares two values as they are. An org keeps numbers as doubles, so two that are one double are the same to it.
func same(a, b json.RawMessage) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y) // == panics on objects and lists
}

// SameText says whether a value is a text.
func SameText(value json.RawMessage, text string) bool {
	quoted, _ := json.Marshal(text)
	return same(value, quoted)
}

// SameMoment says whether a value is a moment, to the millisecond.
func SameMoment(value json.RawMessage, moment string) bool { return sameInstant(text(value), moment) }

// sameInstant compares moments to the millisecond, which is all that Kustomer keeps; a date without a
// time is its midnight in UTC.
func sameInstant(a, b string) bool {
	m, err := instant(a)
	n, err2 := instant(b)
	return err == nil && err2 == nil && m.Truncate(time.Millisecond).Equal(n.Truncate(time.Millisecond))
}

func instant(s string) (time.Time, error) {
	if len(s) == len(time.DateOnly) {
		return time.Parse(time.DateOnly, s)
	}
	return time.Parse(time.RFC3339, s)
}

// IsNull says whether a value is null or not there.
func IsNull(value json.RawMessage) bool {
	return len(value) == 0 || string(bytes.TrimSpace(value)) == "null"
}

// IsNothing says whether a value is as good as nothing: an org shows an empty list where there is none.
func IsNothing(value json.RawMessage) bool {
	switch string(bytes.TrimSpace(value)) {
	case "", "null", "[]", "{}", `""`:
		return true
	}
	return false
}

// isMasked says whether a text has been hidden from this key: Kustomer masks sensitive attributes
// (https://developer.kustomer.com/docs/concepts/custom-attributes), with which signs is not documented.
func isMasked(value json.RawMessage) bool {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return false
	}
	return strings.Contains(s, "***") || strings.Contains(s, "•••")
}

// IsObjectID says whether a text has the form of an id of Kustomer's.
func IsObjectID(s string) bool {
	if len(s) != 24 {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(have string) bool { return strings.EqualFold(have, s) })
}

// Has says whether a customer has everything that a payload says of one field.
func Has(c *kustomer.Customer, field string, value json.RawMessage) bool {
	var d Difference
	due, err := d.field(field, value, c, "")
	return err == nil && due == nil && len(d.Untold) == 0
}

// SameValue compares what was sent as a field or a custom attribute with what is there.
func SameValue(field string, sent, have json.RawMessage) bool { return matches(field, sent, have) }
