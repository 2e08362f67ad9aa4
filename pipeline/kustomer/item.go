package kustomer

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// Limits of one bulk request.
const (
	// MaxItems is Kustomer's documented limit: https://developer.kustomer.com/docs/guides/bulk-operations
	MaxItems = 100
	// MaxBody is in bytes: 90 % of the 100 kB above which
	// https://developer.kustomer.com/kustomer-api-docs/reference/errors announces 413.
	MaxBody = 90_000
	// maxRef is in characters, documented at https://developer.kustomer.com/api/core-resources/bulk-create-customers
	maxRef = 255
)

// Item is one record of a bulk request.
type Item struct {
	// comes back with the item's result: at most 255 characters, unique in the request; or empty in all its items
	Ref     string
	ID      string // the customer's id; BulkUpdate only
	Payload []byte // a JSON object without _clientRef and id; read, never kept or changed
}

// Size is how many bytes the item adds to a bulk body, _clientRef, id and the comma after it included; a body is one
// byte longer than the sum of its items' sizes.
func (i Item) Size() int {
	n := len(bytes.TrimSpace(i.Payload)) + 1
	members := 0
	if i.Ref != "" {
		n += len(`"_clientRef":`) + len(quoted(i.Ref))
		members++
	}
	if i.ID != "" {
		n += len(`"id":`) + len(quoted(i.ID))
		members++
	}
	if members > 0 && i.empty() {
		members--
	}
	return n + members
}

// empty reports an object without members, after which no comma goes.
func (i Item) empty() bool {
	p := bytes.TrimSpace(i.Payload)
	return len(p) >= 2 && len(bytes.TrimSpace(p[1:len(p)-1])) == 0
}

// appendTo writes the item. Ref and id come last, so that they win over members of the same name in the payload.
func (i Item) appendTo(dst []byte) []byte {
	p := bytes.TrimSpace(i.Payload)
	dst = append(dst, p[:len(p)-1]...)
	comma := !i.empty()
	member := func(name, value string) {
		if value == "" {
			return
		}
		if comma {
			dst = append(dst, ',')
		}
		dst = append(append(append(append(dst, '"'), name...), `":`...), quoted(value)...)
		comma = true
	}
	member("_clientRef", i.Ref)
	member("id", i.ID)
	return append(dst, '}')
}

// quoted is s as a JSON string.
func quoted(s string) []byte {
	b, _ := json.Marshal(s) // a string always marshals
	return b
}

var (
	errNoItems   = errors.New("there are no items")
	errNotObject = errors.New("an item's payload is not a JSON object")
	errRefs      = errors.New("items' refs must be all there or all empty, unique, and at most 255 characters")
	errNoID      = errors.New("the customer's id is missing")
	errTooMany   = errors.New("more items than one request may hold")
	errTooBig    = errors.New("the body is larger than one request may be")
)

// bulkBody is the body of a bulk request, or the *Error that stands for refusing it here.
func bulkBody(items []Item, update bool) ([]byte, *Error) {
	if len(items) == 0 {
		return nil, &Error{Verdict: NotBegun, Err: errNoItems}
	}
	if len(items) > MaxItems {
		return nil, &Error{Verdict: TooLarge, Err: errTooMany}
	}
	size := 1
	refs := make(map[string]bool, len(items))
	for n, i := range items {
		if err := i.check(update, refs, items[0].Ref != ""); err != nil {
			return nil, &Error{Verdict: NotBegun, Items: []int{n}, Err: err}
		}
		size += i.Size()
	}
	if size > MaxBody {
		return nil, &Error{Verdict: TooLarge, Err: errTooBig}
	}
	body := make([]byte, 0, size)
	for n, i := range items {
		body = append(body, "[,"[min(n, 1)])
		body = i.appendTo(body)
	}
	return append(body, ']'), nil
}

func (i Item) check(update bool, refs map[string]bool, wantRef bool) error {
	if p := bytes.TrimSpace(i.Payload); !isObject(p) || !json.Valid(p) {
		return errNotObject
	}
	if update && i.ID == "" {
		return errNoID
	}
	if (i.Ref != "") != wantRef || refs[i.Ref] || utf8.RuneCountInString(i.Ref) > maxRef {
		return errRefs
	}
	if wantRef {
		refs[i.Ref] = true
	}
	return nil
}
