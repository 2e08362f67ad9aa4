package mappings

import (
	"bytes"

	"muster/pipeline/unseen"
)

// mostMembers bounds the members of any item; locations have the most.
const mostMembers = 16

// runJSON makes items of a JSON array of texts or objects, or of one object.
func (it *item) runJSON(p *Plan, rec *Record, text []byte, kind byte) {
	if it.shared {
		rec.problem(it.column, oneWanted)
		return
	}
	s := scanner{text: text}
	problems := len(rec.Problems)
	if kind == '{' {
		k, object := s.value(0)
		if k != '{' || !s.end() {
			rec.problem(it.column, brokenJSON)
			return
		}
		it.addObject(p, rec, object)
		return
	}
	check := scanner{text: text}
	if k, _ := check.value(0); k != '[' || !check.end() {
		rec.problem(it.column, brokenJSON)
		return
	}
	s.take('[')
	for s.next() != ']' && len(rec.Problems) == problems {
		k, element := s.value(1)
		it.addElement(p, rec, element, k)
		s.take(',')
	}
}

// jsonIn is the kind of the JSON array or object that a text is, 0 where it is none: a cell of a table holds a whole
// list so. No address, number or tag begins as they do.
func jsonIn(text []byte) (kind byte) {
	if c := text[0]; c != '[' && c != '{' { // nearly all: this much is inlined
		return 0
	}
	return wholeJSON(text)
}

// wholeJSON is the kind of the JSON value that a text is, 0 where it is none.
func wholeJSON(text []byte) (kind byte) {
	s := scanner{text: text}
	if kind, _ = s.value(0); !s.end() {
		return 0
	}
	return kind
}

// addElement makes an item of one element of an array; null is none.
func (it *item) addElement(p *Plan, rec *Record, text []byte, kind byte) {
	switch kind {
	case 'n':
	case '{':
		if it.pick != "" {
			it.addPicked(p, rec, text)
			return
		}
		it.addObject(p, rec, text)
	case '"', '0', 't':
		if !it.texts {
			rec.problem(it.column, objectWanted)
			return
		}
		if kind == '"' {
			if text = unseen.Trim(unescape(text, rec)); len(text) == 0 {
				return
			}
		}
		it.add(p, rec, text, kind)
	default:
		rec.problem(it.column, elementWanted)
	}
}

var elementWanted = &fault{codeJSON, "a list of texts or objects, without lists inside it"}

// addObject makes an item of a JSON object of which the scanner has made sure. Where it has members
// that such items don't have, it goes as it is, and the schema says which.
func (it *item) addObject(p *Plan, rec *Record, object []byte) {
	var texts [mostMembers][]byte
	var kinds [mostMembers]byte
	if it.members == nil {
		rec.problem(it.column, textWanted)
		return
	}
	known, twice := it.readMembers(rec, object, &texts, &kinds)
	switch {
	case twice:
		rec.problem(it.column, memberTwice)
		return
	case !known:
		raw, _ := compact(object, rec)
		start := len(rec.Values)
		rec.Values = append(rec.Values, Value{Slot: it.raw, Column: it.column, Kind: '{', Item: rec.items, Text: raw})
		it.settle(p, rec, start)
		return
	}
	start, problems := len(rec.Values), len(rec.Problems)
	filled := false
	for i := range it.members {
		if kinds[i] == 0 || !it.members[i].put(rec, texts[i], kinds[i], rec.items) {
			if c := it.constant(p, i); c != nil && kinds[i] == 0 {
				c.run(rec, rec.items)
			}
			continue
		}
		filled = true
	}
	if !filled || len(rec.Problems) > problems {
		rec.Values = rec.Values[:start]
		return
	}
	it.settle(p, rec, start)
}

var (
	oneWanted   = &fault{codeJSON, "one value, as other columns belong to the same item"}
	textWanted  = &fault{codeJSON, "a list of texts"}
	memberTwice = &fault{codeJSON, "an object that has each member once"}
)

// constant is the feed of what the mapping itself says of a member, nil when it says nothing.
func (it *item) constant(p *Plan, member int) *feed {
	for i := range it.parts {
		if f := &it.parts[i].feed; f.column < 0 && p.places[f.slot].member == member {
			return f
		}
	}
	return nil
}

// readMembers sorts the members of an object into the order of the field. known is false when it has
// one that the field has not; twice is true when one stands there again.
func (it *item) readMembers(rec *Record, object []byte, texts *[mostMembers][]byte, kinds *[mostMembers]byte) (known,
	twice bool) {
	s := scanner{text: object}
	s.take('{')
	known = true
	for s.next() != '}' && !s.broken {
		name := unescape(s.member(), rec)
		kind, text := s.value(1)
		s.take(',')
		i := it.memberNamed(name)
		if i < 0 {
			known = false
			continue
		}
		if kinds[i] != 0 {
			return known, true
		}
		if kind == '"' {
			if text = unseen.Trim(unescape(text, rec)); len(text) == 0 {
				kind = ' '
			}
		}
		texts[i], kinds[i] = text, kind
	}
	return known, false
}

func (it *item) memberNamed(name []byte) int {
	for i := range it.field.members {
		if bytes.Equal(name, []byte(it.field.members[i].name)) {
			return i
		}
	}
	return -1
}
