package sandbox

import (
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"unicode/utf8"
)

// maxDepth is how deep a body may nest. The deepest valid one has six levels.
const maxDepth = 64

var errJSON = errors.New("not JSON")

// tree is a parsed JSON text: its values in the order they begin, each knowing where the next one after it stands.
// One slice for a whole request: a job of 100 customers has some 6,000 values.
type tree struct {
	text  []byte
	nodes []node
}

type node struct {
	kind    byte // n null, t true, f false, 0 number, " text, [ list, { group
	escaped bool // a text with a backslash in it
	from    uint32
	to      uint32 // text[from:to] is the value as written
	next    uint32 // index of the first node that is not inside this one
	count   uint32 // items of a list, members of a group
}

// value is one value of a tree. The zero value is no value.
type value struct {
	*tree
	at uint32
}

// parse reads one JSON value with nothing but space around it. The tree keeps text. It is stricter than
// encoding/json in two ways: text must be UTF-8, and nesting ends at maxDepth.
func parse(text []byte) (value, error) {
	if !utf8.Valid(text) {
		return value{}, errJSON
	}
	p := parser{tree: &tree{text: text, nodes: make([]node, 0, 16+len(text)/12)}}
	at, ok := p.value(p.space(0), maxDepth)
	if !ok || p.space(at) != len(text) {
		return value{}, errJSON
	}
	return value{tree: p.tree}, nil
}

func (v value) node() *node   { return &v.nodes[v.at] }
func (v value) exists() bool  { return v.tree != nil }
func (v value) kind() byte    { return v.node().kind }
func (v value) len() int      { return int(v.node().count) }
func (v value) isNull() bool  { return v.kind() == 'n' }
func (v value) isTrue() bool  { return v.exists() && v.kind() == 't' }
func (v value) raw() []byte   { n := v.node(); return v.text[n.from:n.to] }
func (v value) isGroup() bool { return v.exists() && v.kind() == '{' }
func (v value) isList() bool  { return v.exists() && v.kind() == '[' }

// bytes is the content of a text without quotes and escapes. It aliases the tree unless there are escapes.
func (v value) bytes() []byte {
	n := v.node()
	if !n.escaped {
		return v.text[n.from+1 : n.to-1]
	}
	var s string
	if err := json.Unmarshal(v.text[n.from:n.to], &s); err != nil {
		return nil // cannot be: the parser has seen every escape
	}
	return []byte(s)
}

// string is the content of a text, and "" of anything else.
func (v value) string() string {
	if !v.exists() || v.kind() != '"' {
		return ""
	}
	return string(v.bytes())
}

// float is the value of a number. Numbers beyond float64 are infinite.
func (v value) float() float64 {
	f, _ := strconv.ParseFloat(string(v.raw()), 64)
	return f
}

// items yields the items of a list.
func (v value) items() iter.Seq2[int, value] {
	return func(yield func(int, value) bool) {
		n := v.node()
		for i, at := 0, v.at+1; at < n.next; i, at = i+1, v.nodes[at].next {
			if !yield(i, value{v.tree, at}) {
				return
			}
		}
	}
}

// members yields the members of a group: the name, a text, and the value.
func (v value) members() iter.Seq2[value, value] {
	return func(yield func(value, value) bool) {
		n := v.node()
		for at := v.at + 1; at < n.next; at = v.nodes[at+1].next {
			if !yield(value{v.tree, at}, value{v.tree, at + 1}) {
				return
			}
		}
	}
}

// get is the member of a group by its name, or no value.
func (v value) get(name string) value {
	if !v.isGroup() {
		return value{}
	}
	var found value
	for key, member := range v.members() {
		if string(key.bytes()) == name {
			found = member
		}
	}
	return found
}

// equal reports whether two values are the same to JSON Schema: members in any order, numbers by their value.
func (v value) equal(w value) bool {
	if v.kind() != w.kind() || v.len() != w.len() {
		return false
	}
	switch v.kind() {
	case '"':
		return string(v.bytes()) == string(w.bytes())
	case '0':
		return v.float() == w.float()
	case '[':
		for i, item := range v.items() {
			if !item.equal(w.item(i)) {
				return false
			}
		}
	case '{':
		for name, member := range v.members() {
			other := w.get(string(name.bytes()))
			if !other.exists() || !member.equal(other) {
				return false
			}
		}
	}
	return true
}

// item is the item of a list at an index below its len.
func (v value) item(index int) value {
	at := v.at + 1
	for range index {
		at = v.nodes[at].next
	}
	return value{v.tree, at}
}
