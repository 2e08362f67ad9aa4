package customer

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// object is a JSON object, its members as they came.
type object = map[string]json.RawMessage

// matches compares two values as the org would take them for the same.
func matches(field string, sent, have json.RawMessage) bool {
	if isCompound(sent) || isCompound(have) {
		return isCompound(sent) && Contains(have, sent)
	}
	if Same(sent, have) {
		return true
	}
	var s, h string
	if json.Unmarshal(sent, &s) != nil || json.Unmarshal(have, &h) != nil {
		return false
	}
	if field == "phone" || strings.HasSuffix(field, ".phone") {
		return digits(s) == digits(h) && digits(s) != ""
	}
	return sameInstant(s, h)
}

func isCompound(value json.RawMessage) bool {
	value = bytes.TrimSpace(value)
	return len(value) > 0 && (value[0] == '{' || value[0] == '[')
}

// Contains says whether what is there holds everything that was sent: the same scalar, every item
// of a list, every field of an object. null is held by nothing being there.
func Contains(have, sent json.RawMessage) bool {
	sent = bytes.TrimSpace(sent)
	switch {
	case IsNull(sent):
		return IsNull(have)
	case sent[0] == '{':
		var h, s object
		if json.Unmarshal(have, &h) != nil || json.Unmarshal(sent, &s) != nil {
			return false
		}
		for name, value := range s {
			if !Contains(h[name], value) {
				return false
			}
		}
		return true
	case sent[0] == '[':
		return containsItems(have, sent)
	default:
		return Same(have, sent)
	}
}

func containsItems(have, sent json.RawMessage) bool {
	var h, s []json.RawMessage
	if json.Unmarshal(have, &h) != nil || json.Unmarshal(sent, &s) != nil {
		return false
	}
	for _, item := range s {
		held := false
		for _, candidate := range h {
			held = held || Contains(candidate, item)
		}
		if !held {
			return false
		}
	}
	return true
}

// Same compares two scalars as the org would: letter case apart for strings (e-mail addresses come
// back folded), as moments where both are date-times, as numbers where both are numbers.
func Same(a, b json.RawMessage) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	s, isString := x.(string)
	t, bothStrings := y.(string)
	if !isString || !bothStrings {
		return reflect.DeepEqual(x, y) // == panics on objects and lists
	}
	if s == t {
		return true
	}
	m, err := time.Parse(time.RFC3339, s)
	n, err2 := time.Parse(time.RFC3339, t)
	if err == nil && err2 == nil {
		return m.Equal(n)
	}
	return strings.Contains(s, "@") && strings.EqualFold(s, t)
}

// SameText says whether a value is a text, as the org would compare it.
func SameText(value json.RawMessage, text string) bool {
	quoted, _ := json.Marshal(text)
	return Same(value, quoted)
}

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

// digits are the figures of a phone number.
func digits(s string) string {
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
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
	for _, have := range list {
		if strings.EqualFold(have, s) {
			return true
		}
	}
	return false
}
