package schema

import (
	"bytes"
	"math/bits"
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
	unsure bool
	ended  bool
	values int      // added
	marks  []uint64 // by group, item and property: the record has it
	texts  []value  // by group, item and property, where items must differ
	failed []failure
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

// value is one value of the record.
type value struct {
	kind byte
	text []byte
}

// NewProof makes the scratch space for records of this shape: a few kilobytes.
func (s *Shape) NewProof() *Proof {
	return &Proof{shape: s, marks: make([]uint64, s.words), texts: make([]value, s.texts)}
}

// Begin forgets the record before.
func (p *Proof) Begin() {
	clear(p.marks)
	p.unsure, p.ended = p.shape.opaque, false
	p.values = 0
	p.failed = p.failed[:0]
}

// Add takes one value of the record. slot is the index into the paths of Shape; item the position in its list, counted from
// 0 without gaps, -1 outside lists; kind and text as for Rule.Proves. text must stay as it is until End and Findings are done.
func (p *Proof) Add(slot, item int, kind byte, text []byte) {
	if p.unsure {
		return
	}
	if uint(slot) >= uint(len(p.shape.slots)) {
		p.unsure = true
		return
	}
	s := &p.shape.slots[slot]
	position := item - s.first
	if uint(position) >= uint(s.items) {
		p.unsure = true
		return
	}
	if kind != '"' || len(text) < s.least || len(text) > s.most {
		fails, sure := s.rule.check(kind, text)
		p.unsure = !sure
		if fails != 0 {
			p.failed = append(p.failed, failure{slot, item, fails})
		}
	}
	p.marks[s.word+position*s.width] |= s.bit
	p.values++
	if s.text >= 0 {
		p.texts[s.text+position*s.texts] = value{kind, text}
	}
}

// End gives the verdict over all values added since Begin: the values themselves, the number of items in each list, that no
// two of them are equal, required fields of each item, the number of properties. It does not allocate.
func (p *Proof) End() Verdict {
	if !p.ended && !p.unsure {
		p.unsure = !p.holds()
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

// holds reports whether the objects and lists of the record satisfy what the schema says of each as a whole.
func (p *Proof) holds() bool {
	marks := 0
	for i := len(p.shape.groups) - 1; i >= 0; i-- { // the one a group stands in comes before it
		g := &p.shape.groups[i]
		items, marked, ok := p.items(g)
		if items == 0 && i > 0 {
			continue
		}
		if !ok || items < g.minItems || g.unique && items > 1 && !p.differ(g, items) {
			return false
		}
		marks += marked
		if i > 0 { // it is a property itself, which no value stands for
			p.marks[g.own] |= g.bit
			marks--
		}
	}
	return marks == p.values // else two values were for one place, or some lie beyond a gap in a list
}

// items counts the items of a group up to the first that has no marks, and all their marks; ok: they satisfy what the schema
// says of the group's object or of each item.
func (p *Proof) items(g *group) (items, marked int, ok bool) {
	for at := g.word; items < g.maxItems; items++ {
		count, missing := 0, uint64(0)
		for i, must := range g.must {
			word := p.marks[at+i]
			count += bits.OnesCount64(word)
			missing |= must &^ word
		}
		at += g.width
		if count == 0 && g.parent >= 0 {
			break
		}
		if missing != 0 || count < g.minProps || count > g.maxProps {
			return items, marked, false
		}
		marked += count
	}
	return items, marked, true
}

// Proves is End() == Proven.
func (p *Proof) Proves() bool { return p.End() == Proven }

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
	for i := range g.properties {
		word, bit := g.word+i/64, uint64(1)<<(i%64)
		hasA, hasB := p.marks[word+a*g.width]&bit != 0, p.marks[word+b*g.width]&bit != 0
		if hasA != hasB {
			return true
		}
		if hasA && unequal(p.texts[g.text+a*len(g.properties)+i], p.texts[g.text+b*len(g.properties)+i]) {
			return true
		}
	}
	return false
}

// unequal reports whether two values certainly differ. Two spellings may be one number, and two texts of invalid UTF-8 one text.
func unequal(a, b value) bool {
	switch a.kind {
	case b.kind:
		return a.kind != '0' && !bytes.Equal(a.text, b.text) && utf8.Valid(a.text) && utf8.Valid(b.text)
	case 't', 'f':
		return b.kind != 't' && b.kind != 'f'
	}
	return true
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
