package schema

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Proof goes over the values of one record after the other and says of each record what the judge would say, as far
// as that is certain. It is scratch space: one goroutine owns it and uses it again and again.
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
	slots  []slot // of the shape
	unsure bool
	ended  bool
	items  []int    // by list: how many items the record has, where that is more than one
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
	return &Proof{shape: s, slots: s.slots, items: make([]int, len(s.groups)), marks: make([]uint64, s.words),
		texts: make([]value, s.texts)}
}

// Begin forgets the record before.
func (p *Proof) Begin() {
	clear(p.marks)
	clear(p.items)
	p.unsure, p.ended = p.shape.opaque, false
	p.failed = p.failed[:0]
}

// Add takes one value of the record. slot is the index into the paths of Shape; item the position in its list, counted
// from 0 without gaps, -1 outside lists; kind and text as for Rule.Proves. text must stay as it is until End and
// Findings are done.
func (p *Proof) Add(slot, item int, kind byte, text []byte) {
	if uint(slot) >= uint(len(p.slots)) {
		p.unsure = true
		return
	}
	s := &p.slots[slot]
	word, kept := s.word, s.kept
	if item != s.first {
		at := item - s.first
		if uint(at) >= uint(s.items) {
			p.unsure = true
			return
		}
		p.items[s.group] = max(p.items[s.group], at+1)
		word, kept = word+at*s.width, kept+at*s.texts
	}
	if mark := &p.marks[word]; *mark&s.bit == 0 {
		*mark |= s.bit
	} else {
		p.unsure = true // two values for one place
	}
	if s.keeps {
		p.texts[kept] = value{kind, text}
	}
	if kind == s.kind && len(text) >= s.least && len(text) <= s.most {
		if s.also == nil || s.also(text) {
			return
		}
	}
	p.check(slot, item, kind, text)
}

// check holds a value that no short cut proves to the whole of its rule.
func (p *Proof) check(slot, item int, kind byte, text []byte) {
	fails, sure := p.slots[slot].rule.check(kind, text)
	p.unsure = p.unsure || !sure
	if fails != 0 {
		p.failed = append(p.failed, failure{slot, item, fails})
	}
}

// End gives the verdict over all values added since Begin: the values themselves, the number of items in each list,
// that no two of them are equal, required fields of each item, the number of properties. It does not allocate.
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
	for i := len(p.shape.groups) - 1; i >= 0; i-- { // the one a group stands in comes before it
		g := &p.shape.groups[i]
		items := p.items[i]
		if !g.matters || items == 0 && i > 0 && !p.has(g) {
			continue
		}
		if i > 0 { // it is a property itself, which no value stands for
			p.marks[g.own] |= g.bit
		}
		if g.asks && !p.satisfies(g, max(1, items)) {
			return false
		}
	}
	return true
}

// has reports whether the record has a group's object, or the first item of its list.
func (p *Proof) has(g *group) bool {
	for _, word := range p.marks[g.word : g.word+g.width] {
		if word != 0 {
			return true
		}
	}
	return false
}

// satisfies reports whether an object, or a list of so many items, is as the schema wants it.
func (p *Proof) satisfies(g *group, items int) bool {
	if items < g.minItems {
		return false
	}
	for at := g.word; at < g.word+items*g.width; at += g.width {
		some := uint64(0)
		for i, must := range g.must {
			word := p.marks[at+i]
			some |= word
			if must&^word != 0 {
				return false
			}
		}
		if g.isList && some == 0 || g.counts && !g.bears(p.marks[at:at+g.width]) {
			return false // a gap, or too few or too many properties
		}
	}
	return !g.unique || items < 2 || p.differ(g, items)
}

// bears reports whether an object may have as many properties as it has marks.
func (g *group) bears(marks []uint64) bool {
	count := 0
	for _, word := range marks {
		count += bits.OnesCount64(word)
	}
	return count >= g.minProps && count <= g.maxProps
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

// unequal reports whether two values certainly differ. Two spellings may be one number, and two texts of invalid UTF-8
// one text.
func unequal(a, b value) bool {
	switch a.kind {
	case b.kind:
		return a.kind != '0' && unequalTexts(a.text, b.text)
	case 't', 'f':
		return b.kind != 't' && b.kind != 'f'
	}
	return true
}

// unequalTexts looks for the first byte in which two texts differ. Where each has an ASCII character there, or its end,
// they differ however the rest is read; elsewhere they do if both are valid.
func unequalTexts(a, b []byte) bool {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n == len(a) && n == len(b) {
		return false
	}
	if (n == len(a) || a[n] < utf8.RuneSelf) && (n == len(b) || b[n] < utf8.RuneSelf) {
		return true
	}
	return utf8.Valid(a) && utf8.Valid(b)
}

// Findings appends what is wrong with the record after End said Found: the findings, and the order, that Validate would
// give for its payload.
func (p *Proof) Findings(dst []Finding) []Finding {
	start := len(dst)
	for _, failure := range p.failed {
		rule := p.slots[failure.slot].rule
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
