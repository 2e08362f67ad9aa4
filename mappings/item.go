package mappings

import (
	"bytes"

	"muster/pipeline/unseen"
)

// An item is one rule that makes items of a list: from one cell (E-mail: emails), from the pieces of
// one cell, from a JSON array or object, or from several columns together (locations[home].*).
type item struct {
	field *field
	parts []part    // in the order of the members
	same  []itemKey // what tells two items apart; none: all of them
	most  int       // items that the list can hold
	full  *fault

	column  int    // of a rule that takes whole cells, -1: none
	texts   bool   // such a cell may be plain text; else only JSON objects will do
	pick    string // member that stands for an object in an array, "" none
	split   []byte // between the pieces of a cell, empty: there is but one
	members []feed // how the members of a JSON object are read
	raw     int    // slot of a JSON object with other members
	shared  bool   // other columns fill the same item
	always  bool   // constants alone make the item
}

// An itemKey is a member that tells two items apart, and how.
type itemKey struct {
	member int
	form   Form
}

// run makes the items of one row.
func (it *item) run(p *Plan, rec *Record) {
	if it.column < 0 {
		it.add(p, rec, nil, ' ')
		return
	}
	text, kind := cell(rec.row, rec.rowKinds, it.column)
	switch kind {
	case '[', '{':
		it.runJSON(p, rec, text, kind)
	case '"':
		if held := jsonIn(text); held != 0 {
			it.runJSON(p, rec, text, held)
		} else if !it.texts {
			rec.problem(it.column, objectWanted)
		} else if len(it.split) > 0 {
			it.runPieces(p, rec, text)
		} else {
			it.add(p, rec, text, kind)
		}
	case '0', 't':
		if !it.texts {
			rec.problem(it.column, objectWanted)
			return
		}
		it.add(p, rec, text, kind)
	default:
		if len(it.parts) > 1 {
			it.add(p, rec, nil, ' ')
		}
	}
}

var objectWanted = &fault{codeJSON, "a JSON object, or columns for its members"}

// runPieces makes an item of each piece of a cell.
func (it *item) runPieces(p *Plan, rec *Record, text []byte) {
	problems := len(rec.Problems)
	for more := true; more; {
		var piece []byte
		piece, text, more = bytes.Cut(text, it.split)
		if len(piece) > 0 && unseen.AtEdges(piece) {
			piece = unseen.Trim(piece)
		}
		if len(piece) == 0 {
			continue
		}
		it.add(p, rec, piece, '"')
		if len(rec.Problems) > problems {
			return // one problem of a cell says it
		}
	}
}

// add makes one item; text and kind are the main value where the rule takes whole cells. It is left
// out when no cell but flags filled it, or when it doubles an earlier one.
func (it *item) add(p *Plan, rec *Record, text []byte, kind byte) {
	start, problems, filled := len(rec.Values), len(rec.Problems), it.always
	for i := range it.parts {
		part := &it.parts[i]
		switch {
		case !part.main && part.feed.column < 0 && part.more == nil:
			part.feed.run(rec, rec.items) // a constant fills nothing
		case part.main:
			if part.feed.put(rec, text, kind, rec.items) {
				filled = true
			}
		case part.run(rec, rec.items) && !part.flag && rec.Values[len(rec.Values)-1].Column >= 0:
			filled = true
		}
	}
	if !filled || len(rec.Problems) > problems && p.spoils(rec.Problems[problems:]) {
		rec.Values = rec.Values[:start]
		return
	}
	it.settle(p, rec, start)
}

// settle ends the item that begins at start: it merges into an earlier one of the same customer's
// address, number or name, or counts.
func (it *item) settle(p *Plan, rec *Record, start int) {
	if rec.items > 0 {
		if from, to := it.double(p, rec, start); to > from {
			it.merge(p, rec, start, from, to)
			return
		}
	}
	if rec.items == it.most {
		rec.problem(rec.source(start), it.full)
		rec.Values = rec.Values[:start]
		return
	}
	rec.items++
}

// source is the first column among the values from start on.
func (r *Record) source(start int) int {
	for _, v := range r.Values[start:] {
		if v.Column >= 0 {
			return v.Column
		}
	}
	return -1
}

// double finds the earlier item of this list that the item from start on repeats, as a range of
// values; it is empty when there is none.
func (it *item) double(p *Plan, rec *Record, start int) (from, to int) {
	for from = rec.opening; from < start; from = to {
		to = from + 1
		for to < start && rec.Values[to].Item == rec.Values[from].Item {
			to++
		}
		if it.equal(p, rec.Values[from:to], rec.Values[start:]) {
			return from, to
		}
	}
	return 0, 0
}

func (it *item) equal(p *Plan, a, b []Value) bool {
	if a[0].Kind == '{' || b[0].Kind == '{' || it.same == nil {
		if len(a) != len(b) {
			return false
		}
		for i := range a {
			if p.places[a[i].Slot].member != p.places[b[i].Slot].member || a[i].Kind != b[i].Kind ||
				!bytes.Equal(a[i].Text, b[i].Text) {
				return false
			}
		}
		return true
	}
	known := false
	for _, key := range it.same {
		x, y := p.find(a, key.member), p.find(b, key.member)
		if (x == nil) != (y == nil) {
			return false
		}
		if x == nil {
			continue
		}
		if known = true; !key.form.equal(x.Text, y.Text) {
			return false
		}
	}
	return known
}

// find is the value of a member among those of one item, nil when it has none.
func (p *Plan) find(values []Value, member int) *Value {
	for i := range values {
		if p.places[values[i].Slot].member == member {
			return &values[i]
		}
	}
	return nil
}

// merge adds what the item from start on knows more than its earlier double, the values between from
// and to, and takes the item away. What both know, the earlier one knows better: it comes first in
// the mapping.
func (it *item) merge(p *Plan, rec *Record, start, from, to int) {
	rec.spare = append(rec.spare[:0], rec.Values[start:]...)
	rec.Values = rec.Values[:start]
	number := rec.Values[from].Item
	for _, v := range rec.spare {
		if v.Kind == '{' || p.find(rec.Values[from:to], p.places[v.Slot].member) != nil {
			continue
		}
		at := from
		for at < to && p.places[rec.Values[at].Slot].member < p.places[v.Slot].member {
			at++
		}
		v.Item = number
		rec.Values = append(rec.Values, Value{})
		copy(rec.Values[at+1:], rec.Values[at:])
		rec.Values[at] = v
		to++
	}
}
