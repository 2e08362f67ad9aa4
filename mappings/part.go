package mappings

import "muster/pipeline/unseen"

// A step is one thing that Map does with every row: fill one value, or make the items of one rule.
type step struct {
	part  part
	item  *item
	opens bool // the first step of its list
	group bool // the part's column is named as an object whose members have columns of their own
}

// hollow holds such a column to what it can be: nothing, or an object without members.
func (f *feed) hollow(rec *Record) {
	text, kind := cell(rec.row, rec.rowKinds, f.column)
	s := scanner{text: text}
	if kind == 0 || kind == ' ' || kind == 'n' || kind == '{' && s.take('{') && s.take('}') && s.end() {
		return
	}
	rec.problem(f.column, membersWanted)
}

var membersWanted = &fault{codeJSON, "an object, so that each of its members is a column"}

// A part is one value of a record or item, and the feeds it can come from.
type part struct {
	feed    feed   // the first
	more    []feed // those after it
	combine combine
	glue    string // between joined texts
	plain   bool   // glue needs no escaping
	main    bool   // of an item: the value that each cell, or each piece of a cell, gives anew
	flag    bool   // of an item: filled alone, it makes none
}

// A feed is one source of a value: a column and how its cells are read, or a constant.
type feed struct {
	column int // -1: fixed
	slot   int
	other  int // slot of names where slot takes codes, -1: there is no such choice
	read   *conversion
	null   bool   // null clears what Kustomer has
	clear  bool   // a blank cell does so, too
	lists  bool   // a JSON array is a value here; the schema says which attributes hold lists
	fixed  *Value // a constant's value
}

// run appends the part's value and reports whether it did. item is the position in the list, -1
// outside lists.
func (p *part) run(rec *Record, item int) bool {
	if p.more != nil {
		return p.runAll(rec, item)
	}
	return p.feed.run(rec, item)
}

// runAll lets every feed of a part have its turn, as its rule says.
func (p *part) runAll(rec *Record, item int) bool {
	start := len(rec.Values)
	found := p.feed.run(rec, item)
	for i := range p.more {
		if found && p.combine == combineFirst {
			return true
		}
		found = p.more[i].run(rec, item) || found
	}
	if p.combine == combineJoin && len(rec.Values) > start+1 {
		p.join(rec, start)
	}
	return found
}

// join makes one text of the values from start on. A null among texts is nothing.
func (p *part) join(rec *Record, start int) {
	from := len(rec.buffer)
	joined := rec.Values[start]
	joined.plain = p.plain
	pieces := 0
	for _, v := range rec.Values[start:] {
		if v.Kind != '"' {
			continue
		}
		if pieces++; pieces > 1 {
			rec.buffer = append(rec.buffer, p.glue...)
		} else {
			joined.Slot, joined.Column = v.Slot, v.Column
		}
		rec.buffer = append(rec.buffer, v.Text...)
		joined.Kind, joined.plain = '"', joined.plain && v.plain
	}
	if pieces > 0 {
		joined.Text = rec.buffer[from:len(rec.buffer):len(rec.buffer)]
	}
	rec.Values = append(rec.Values[:start], joined)
}

// cell is the trimmed text of a column and its kind: 0 absent, ' ' blank.
func cell(cells [][]byte, kinds []byte, column int) (text []byte, kind byte) {
	if column >= len(cells) {
		return nil, 0
	}
	text, kind = cells[column], '"'
	if column < len(kinds) {
		kind = kinds[column]
	}
	if kind == '"' {
		if len(text) > 0 && unseen.AtEdges(text) {
			text = unseen.Trim(text)
		}
		if len(text) == 0 {
			kind = ' '
		}
	}
	return text, kind
}

// run appends the value of the feed's cell, or a problem, or nothing when it is blank or absent. Most cells are text
// that is ready: they are done with here.
func (f *feed) run(rec *Record, item int) bool {
	if f.column < 0 {
		v := rec.extend()
		*v = *f.fixed
		v.Item = item
		return true
	}
	if f.column < len(rec.row) && (rec.rowKinds == nil || f.column < len(rec.rowKinds) && rec.rowKinds[f.column] == '"') {
		text := rec.row[f.column]
		if len(text) == 0 && !f.clear {
			return false
		}
		if len(text) > 0 && !unseen.AtEdges(text) {
			return f.take(rec, text, item)
		}
	}
	text, kind := cell(rec.row, rec.rowKinds, f.column)
	if kind == ' ' && f.clear {
		kind = 'n'
	}
	return f.put(rec, text, kind, item)
}

// put appends the value of one text, or a problem, or nothing when it is blank or absent.
func (f *feed) put(rec *Record, text []byte, kind byte, item int) bool {
	read := f.read
	switch kind {
	case '"':
		return f.take(rec, text, item)
	case 0, ' ':
		return false
	case 'n':
		if f.null {
			rec.Values = append(rec.Values, Value{Slot: f.slot, Column: f.column, Kind: 'n', plain: true, Item: item,
				Text: nullText})
		}
		return f.null
	case '0', 't':
		if !isLiteral(text, kind) {
			rec.problem(f.column, brokenJSON)
			return false
		}
	case '[':
		if f.lists {
			read = asItIs
		}
	}
	return f.convert(rec, read, text, kind, item)
}

// take appends the value of a text that is not blank, or a problem. A text that is ready for a code is one, so it never
// goes to the other slot.
func (f *feed) take(rec *Record, text []byte, item int) bool {
	if read := f.read; read.ready != nil && read.ready(text) {
		v := rec.extend()
		v.Slot, v.Column, v.Item = f.slot, f.column, item
		v.Kind, v.plain, v.Text = read.kind, true, text
		return true
	}
	return f.convert(rec, f.read, text, '"', item)
}

// convert appends the value that read makes of a text, or its problem.
func (f *feed) convert(rec *Record, read *conversion, text []byte, kind byte, item int) bool {
	v := rec.extend()
	v.Slot, v.Column, v.Item = f.slot, f.column, item
	v.Kind, v.plain, v.Text = kind, false, text
	fault := read.run(read, v, rec)
	if fault != nil && fault != nothing && kind == '"' && unseen.In(text) {
		v.Kind, v.plain, v.Text = kind, false, rec.compared(text)
		fault = read.run(read, v, rec)
	}
	if fault != nil {
		rec.Values = rec.Values[:len(rec.Values)-1]
		if fault != nothing {
			rec.problem(f.column, fault)
			return false
		}
		return f.clear && f.put(rec, nil, 'n', item)
	}
	if f.other >= 0 && !isCode(v.Text) {
		v.Slot = f.other
	}
	return true
}

// compared is a text without what cannot be seen in it.
func (r *Record) compared(text []byte) []byte {
	start := len(r.buffer)
	r.buffer = unseen.Append(r.buffer, text)
	return r.buffer[start:len(r.buffer):len(r.buffer)]
}

var asItIs = newConversion(asIs, manners{})

// extend adds a value that still holds what it last held: setting its fields one by one costs half of
// what copying a whole Value does, and this is done for every cell.
func (r *Record) extend() *Value {
	n := len(r.Values)
	if n == cap(r.Values) {
		r.Values = append(r.Values, Value{})
	}
	r.Values = r.Values[:n+1]
	return &r.Values[n]
}

// isLiteral holds numbers, true and false to what their kind says they are.
func isLiteral(text []byte, kind byte) bool {
	if kind == 't' {
		return string(text) == "true" || string(text) == "false"
	}
	return len(text) > 0 && jsonNumber(text) == len(text)
}
