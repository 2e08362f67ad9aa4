package schema

import (
	"math"
	"strings"
)

// A Shape is the schema bound to the places a plan fills, once for each plan: a rule for each slot, and for each object
// and list around them what the schema says of it as a whole. Once its constants are fixed (see Fix) it is immutable
// and safe for concurrent use.
type Shape struct {
	slots  []slot
	groups []group // the record itself first, every group after the one it stands in
	words  int     // how many words of marks a Proof needs
	texts  int     // how many texts it needs to keep
	opaque bool    // the record as a whole is for the judge
}

// A slot is one of the plan's places.
type slot struct {
	shortcut // of its rule

	// Copies of what Add needs of the group.
	group int
	// what Add is told of the first item: 0, -1 outside lists, nothing Add is ever told where there may be none
	first int
	items int    // items that may be; 0: the value is for the judge
	word  int    // of the first item's marks, the one that holds the property's
	width int    // words of one item
	bit   uint64 // the property's mark
	keeps bool   // items must differ, so texts are kept
	kept  int    // where the first item's is
	texts int    // texts of one item

	rule     *Rule // nil: the value is for the judge
	path     string
	property int // which of the group's properties; 0 where the slot is a list's item itself
}

// A group is an object at a fixed place (the record, custom, sentiment), or a list with its items (emails, tags). A
// Proof has one mark for each property of each item; an object counts as one item.
type group struct {
	path       string // "", "custom", "emails[]"
	parent     int    // the object it stands in, -1 for the record
	property   int    // which of the parent's properties it is
	isList     bool
	properties []string // of the object, or of each item, as slots or groups fill them
	required   []string
	minProps   int
	maxProps   int
	minItems   int
	maxItems   int // 1 for an object
	unique     bool
	asks       bool // its values alone do not say that it is as the schema wants it
	counts     bool // it asks how many properties there are
	matters    bool // it asks, or an object around it does

	word  int      // where its marks begin
	width int      // words of one item
	must  []uint64 // the marks of the properties that are required
	own   int      // the word of the parent's marks that holds its own
	bit   uint64   // its own mark in it
	text  int      // where its texts begin, if items must differ
}

const (
	// manyItems bounds the lists that a Proof can hold where the schema sets no limit, or a higher one. Longer ones go to
	// the judge.
	manyItems = 32
	unlimited = 1 << 30
)

// Shape binds the schema to paths, the places of the plan's slots in slot order: "name", "custom.vipBool", "tags[]",
// "emails[].email". A path may stand there more than once: two values for one place are then for the judge. So are
// values at places deeper than a list's items ("a[].b.c"), and values of a list, item or object as a whole ("emails",
// "emails[]") where other paths name parts of it.
func (v *Validator) Shape(paths []string) *Shape {
	s := &Shape{}
	fields, always, isObject := v.doc.follow(v.doc.root)
	if !isObject {
		fields = map[string]any{}
	}
	s.opaque = v.doc.draft < 6 || !isObject && !always || !isReadableContainer(fields, false)
	s.groups = []group{newGroup("", -1, 0, fields, nil)}
	overlapping := overlaps(paths)
	for _, path := range paths {
		if overlapping[path] {
			s.slots = append(s.slots, slot{path: path})
			continue
		}
		s.slots = append(s.slots, v.slot(s, path))
	}
	s.layOut()
	return s
}

// Fix says that every value of a slot is this one: where its rule proves it, no record needs to ask again. Call it
// before the first NewProof.
func (s *Shape) Fix(slot int, kind byte, text []byte) {
	if b := &s.slots[slot]; b.items > 0 && b.rule.Proves(kind, text) {
		b.shortcut = shortcut{kind, 0, math.MaxInt, nil}
	}
}

// layOut gives every mark and text its place, once all properties are known.
func (s *Shape) layOut() {
	for i := range s.groups {
		g := &s.groups[i]
		for _, name := range g.required {
			g.index(name)
		}
		g.width = max(1, (len(g.properties)+63)/64) // the record may have none
		g.must = make([]uint64, g.width)
		for _, name := range g.required {
			property := g.index(name)
			g.must[property/64] |= 1 << (property % 64)
		}
		g.word, s.words = s.words, s.words+g.maxItems*g.width
		if g.parent >= 0 {
			g.own, g.bit = s.groups[g.parent].word+g.property/64, 1<<(g.property%64)
		}
		g.counts = g.minProps > 0 || g.maxProps < len(g.properties)
		g.asks = g.isList || g.counts || len(g.required) > 0
		g.matters = g.asks || g.parent >= 0 && s.groups[g.parent].matters
		if g.unique {
			g.text, s.texts = s.texts, s.texts+g.maxItems*len(g.properties)
		}
	}
	for i := range s.slots {
		b := &s.slots[i]
		g := &s.groups[b.group]
		b.shortcut = b.rule.shortcut()
		b.word, b.bit, b.width = g.word+b.property/64, 1<<(b.property%64), g.width
		if g.unique {
			b.keeps, b.kept, b.texts = true, g.text+b.property, len(g.properties)
		}
		if b.rule != nil {
			b.items = g.maxItems
		}
		switch {
		case b.items == 0:
			b.first = math.MinInt
		case !g.isList:
			b.first = -1
		}
	}
}

// overlaps finds the paths that other paths lead into. A value for one of them is for the judge; a record
// that has none there is what the other paths say it is.
func overlaps(paths []string) map[string]bool {
	whole := map[string]bool{}
	for _, path := range paths {
		whole[path] = true
	}
	found := map[string]bool{}
	for _, path := range paths {
		for i := 1; i < len(path); i++ {
			if (path[i] == '.' || path[i] == '[') && whole[path[:i]] {
				found[path[:i]] = true
			}
		}
	}
	return found
}

// slot binds one path and adds the groups it stands in.
func (v *Validator) slot(s *Shape, path string) slot {
	bound, t := slot{path: path}, v.resolve(path)
	if s.opaque || t.opaque {
		return bound
	}
	last := len(t.names) - 1
	at, prefix := 0, ""
	for i, name := range t.names[:last] {
		next := t.names[i+1]
		switch {
		case name == "[]" && (next == "[]" || i < last-1):
			return bound
		case name == "[]":
			continue // the group of the list is that of its items
		case next == "[]" && i+1 == last:
			at = s.group(prefix+name+"[]", at, name, t.containers[i+1], nil)
		case next == "[]":
			at = s.group(prefix+name+"[]", at, name, t.containers[i+1], t.containers[i+2])
		default:
			at = s.group(prefix+name, at, name, t.containers[i+1], nil)
			prefix += name + "."
		}
	}
	bound.rule = v.rule(t)
	bound.group = at
	bound.property = s.groups[at].index(t.names[last])
	return bound
}

// group finds a group by its path, or adds it.
func (s *Shape) group(path string, parent int, name string, fields, item map[string]any) int {
	for i := range s.groups {
		if s.groups[i].path == path {
			return i
		}
	}
	index := s.groups[parent].index(name)
	s.groups = append(s.groups, newGroup(path, parent, index, fields, item))
	return len(s.groups) - 1
}

// newGroup reads what a schema says of an object; or, when path ends in [], of a list, and of its items when those are
// objects.
func newGroup(path string, parent, index int, fields, item map[string]any) group {
	g := group{path: path, parent: parent, property: index, maxItems: 1, maxProps: unlimited}
	if strings.HasSuffix(path, "[]") {
		g.isList = true
		g.minItems = countOr(fields["minItems"], 0)
		g.maxItems = min(countOr(fields["maxItems"], manyItems), manyItems)
		g.unique = fields["uniqueItems"] == true
		fields = item
	}
	g.minProps, g.maxProps = countOr(fields["minProperties"], 0), countOr(fields["maxProperties"], unlimited)
	names, _ := fields["required"].([]any)
	for _, name := range names {
		text, _ := name.(string)
		g.required = append(g.required, text)
	}
	return g
}

// index finds a property, or adds it.
func (g *group) index(name string) int {
	for i := range g.properties {
		if g.properties[i] == name {
			return i
		}
	}
	g.properties = append(g.properties, name)
	return len(g.properties) - 1
}

func countOr(value any, otherwise int) int {
	if n, ok := count(value); ok {
		return n
	}
	return otherwise
}
