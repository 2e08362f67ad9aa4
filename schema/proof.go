package schema

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Proof goes over the values of one record after the other and says of each record what the judge would say, as far as
// that is certain. It is scratch space: one goroutine owns it and uses it again and again.
//
//	proof.Begin()
//	for i := range rec.Values { proof.Add(slot, item, kind, text) }
//	switch proof.End() {
//	case schema.Proven: // nothing more to do
//	case schema.Found:  // findings = proof.Findings(findings[:0])
//	case schema.Unsure: // build the payload, ask Validate
//	}
//
// The record is taken to be an object that holds the values added and the objects and lists around them, nothing else.
type Proof struct {
	shape  *Shape
	record uint32 // number of the record; what earlier ones left in lists, items and cells is void
	unsure bool
	ended  bool
	failed []failure
	groups []tally // by group: its items
	items  []tally // by group and item: its properties
	cells  []cell  // by group, item and property
}

// A Verdict is what the compiled rules can say of a record.
type Verdict uint8

const (
	Unsure Verdict = iota // the judge must look at the payload
	Proven                // certainly valid: the judge would find nothing
	Found                 // certainly invalid: Findings gives what the judge would find
)

// failure is a value that fails its rule.
type failure struct {
	slot, item int
	fails      failed
}

// tally counts what a record has of something.
type tally struct {
	record   uint32
	seen     int // items of a group: the highest position + 1; properties of an item
	required int // properties of an item that the schema requires
}

// cell is one value, kept where items must differ.
type cell struct {
	record uint32
	kind   byte
	text   []byte
}

// NewProof makes the scratch space for records of this shape: a few hundred bytes for each slot.
func (s *Shape) NewProof() *Proof {
	return &Proof{
		shape:  s,
		groups: make([]tally, len(s.groups)),
		items:  make([]tally, len(s.groups)*manyItems),
		cells:  make([]cell, s.cells),
	}
}

// Begin forgets the record before.
func (p *Proof) Begin() {
	p.record++
	if p.record == 0 { // after 2³² records the numbers begin again
		clear(p.groups)
		clear(p.items)
		clear(p.cells)
		p.record = 1
	}
	p.unsure, p.ended = p.shape.opaque, false
	p.failed = p.failed[:0]
	p.item(0, 0)
}

// Add takes one value of the record. slot is the index into the paths of Shape; item the position in its list, counted from
// 0 without gaps, -1 outside lists; kind and text as for Rule.Proves. text must stay as it is until End and Findings are done.
func (p *Proof) Add(slot, item int, kind byte, text []byte) {
	if p.unsure {
		return
	}
	p.unsure = !p.add(slot, item, kind, text)
}

// add reports whether the value could be taken into account.
func (p *Proof) add(slot, item int, kind byte, text []byte) bool {
	if uint(slot) >= uint(len(p.shape.slots)) {
		return false
	}
	s := &p.shape.slots[slot]
	if s.rule == nil {
		return false
	}
	fails, sure := s.rule.check(kind, text)
	if !sure {
		return false
	}
	if fails != 0 {
		p.failed = append(p.failed, failure{slot, item, fails})
	}
	g := &p.shape.groups[s.group]
	if !g.isList {
		if item >= 0 {
			return false
		}
		item = 0
	} else if uint(item) >= uint(g.maxItems) {
		return false
	}
	c := &p.cells[g.base+item*len(g.properties)+s.property]
	if c.record == p.record {
		return false // two values for one place
	}
	c.record = p.record
	if g.unique {
		c.kind, c.text = kind, text
		if kind == 'f' {
			c.kind = 't'
		}
	}
	t := p.item(s.group, item)
	t.seen++
	if g.properties[s.property].required {
		t.required++
	}
	return true
}

// item is the tally of one item of a group in this record.
func (p *Proof) item(group, item int) *tally {
	g := &p.groups[group]
	if g.record != p.record {
		*g = tally{record: p.record}
	}
	g.seen = max(g.seen, item+1)
	t := &p.items[group*manyItems+item]
	if t.record != p.record {
		*t = tally{record: p.record}
	}
	return t
}

// End gives the verdict over all values added since Begin: the values themselves, the number of items in each list, that no
// two of them are equal, required fields of each item, the number of properties. It does not allocate.
func (p *Proof) End() Verdict {
	// A group is a property of the one it stands in, and that one always comes first.
	for i := len(p.shape.groups) - 1; i >= 0 && !p.unsure && !p.ended; i-- {
		g := &p.shape.groups[i]
		if p.groups[i].record != p.record {
			continue
		}
		p.unsure = !p.holds(i, g)
		if g.parent >= 0 {
			t := p.item(g.parent, 0)
			t.seen++
			if p.shape.groups[g.parent].properties[g.property].required {
				t.required++
			}
		}
	}
	p.ended = true
	switch {
	case p.unsure:
		return Unsure
	case len(p.failed) > 0:
		return Found
	}
	return Proven
}

// Proves is End() == Proven.
func (p *Proof) Proves() bool { return p.End() == Proven }

// holds reports whether a group that the record has satisfies what the schema says of it as a whole.
func (p *Proof) holds(index int, g *group) bool {
	count := p.groups[index].seen
	if g.isList && count < g.minItems {
		return false
	}
	for item := range count {
		t := &p.items[index*manyItems+item]
		if t.record != p.record || t.required < g.required || t.seen < g.minProps || t.seen > g.maxProps {
			return false
		}
	}
	return !g.unique || p.differ(g, count)
}

// differ reports whether no two items are certainly, or possibly, equal.
func (p *Proof) differ(g *group, count int) bool {
	for a := 1; a < count; a++ {
		for b := range a {
			if !p.differs(g, a, b) {
				return false
			}
		}
	}
	return true
}

func (p *Proof) differs(g *group, a, b int) bool {
	width := len(g.properties)
	cellsA, cellsB := p.cells[g.base+a*width:][:width], p.cells[g.base+b*width:][:width]
	for i := range cellsA {
		a, b := &cellsA[i], &cellsB[i]
		hasA, hasB := a.record == p.record, b.record == p.record
		if hasA != hasB || hasA && a.kind != b.kind {
			return true
		}
		// Two spellings may be one number, and two texts of invalid UTF-8 one text.
		if hasA && a.kind != '0' && !bytes.Equal(a.text, b.text) && utf8.Valid(a.text) && utf8.Valid(b.text) {
			return true
		}
	}
	return false
}

// Findings appends what is wrong with the record after End said Found: the findings, and the order, that Validate would
// give for its payload.
func (p *Proof) Findings(dst []Finding) []Finding {
	start := len(dst)
	for _, failure := range p.failed {
		rule := p.shape.slots[failure.slot].rule
		for i := range rule.findings {
			if failure.fails&(1<<i) == 0 {
				continue
			}
			f := rule.findings[i]
			if failure.item >= 0 {
				f.Path = strings.Replace(f.Path, "[]", "."+strconv.Itoa(failure.item), 1)
			}
			dst = append(dst, f)
		}
	}
	return dst[:start+len(tidy(dst[start:]))]
}
