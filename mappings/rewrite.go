package mappings

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/spelling"
	"muster/pipeline/yamlfile"
)

// A rewriting is what happens to the text of a cell, or of each piece of it, before it is read.
type rewriting struct {
	values    map[string]string // by the folded text; a value that is blank counts as a blank cell
	otherwise *string           // for texts that values does not have; nil: they stay
	trim      string            // characters that are taken off both ends
	prefix    string            // put before texts that do not begin with it
	clears    [][]byte          // texts that clear, capitals aside
	strip     bool              // an apostrophe goes that only keeps spreadsheets from reading a number
}

func (r *rewriting) idle() bool {
	return r.values == nil && r.trim == "" && r.prefix == "" && r.clears == nil && !r.strip
}

// nothing is the fault of a value that counts as a blank cell: no problem comes of it.
var nothing = &fault{}

// readRewritten rewrites a text, then reads it.
func readRewritten(c *conversion, v *Value, rec *Record) *fault {
	w := c.rewriting
	if v.Kind == '"' && w.strip {
		v.Text = Unprotect(v.Text)
	}
	if w.clears != nil && v.Kind == '"' && w.clearing(v.Text) {
		if !c.clears {
			return nothing
		}
		v.Kind, v.plain, v.Text = 'n', true, nullText
		return nil
	}
	if w.trim != "" && v.Kind == '"' {
		if v.Text = bytes.Trim(v.Text, w.trim); len(v.Text) == 0 {
			return nothing
		}
	}
	if w.values != nil && (v.Kind == '"' || v.Kind == '0' || v.Kind == 't') {
		to, ok := w.values[spelling.Fold(string(v.Text))]
		if !ok && w.otherwise != nil {
			to, ok = *w.otherwise, true
		}
		if ok && to == "" {
			return nothing
		}
		if ok {
			start := len(rec.buffer)
			rec.buffer = append(rec.buffer, to...)
			v.Kind, v.Text = '"', rec.buffer[start:len(rec.buffer):len(rec.buffer)]
		}
	}
	if w.prefix != "" && (v.Kind == '"' || v.Kind == '0') && !bytes.HasPrefix(v.Text, []byte(w.prefix)) {
		start := len(rec.buffer)
		rec.buffer = append(append(rec.buffer, w.prefix...), v.Text...)
		v.Kind, v.Text = '"', rec.buffer[start:len(rec.buffer):len(rec.buffer)]
	}
	return c.inner(c, v, rec)
}

// Unprotect takes off the apostrophe before a digit or one of + - = @. Before letters it belongs to the text.
func Unprotect(b []byte) []byte {
	if len(b) > 1 && b[0] == '\'' && (isDigit(b[1]) || bytes.IndexByte([]byte("+-=@"), b[1]) >= 0) {
		return b[1:]
	}
	return b
}

// readValues reads values: what each text of a column stands for.
func (p *parser) readValues(n *yaml.Node, to *rewriting) {
	if n.Kind != yaml.MappingNode {
		p.Mistake(n, "write a line for each, like  Gold member: gold", "values must have keys and values, this is %s",
			yamlfile.Describe(n))
		return
	}
	to.values = map[string]string{}
	p.Members(n, "", func(key, value *yaml.Node) {
		text := ""
		if value.Kind != yaml.ScalarNode || value.Tag != "!!null" {
			var ok bool
			if text, ok = p.text(value, "a value"); !ok {
				return
			}
		}
		if _, twice := to.values[spelling.Fold(key.Value)]; twice {
			p.Mistake(key, "", "%q stands here twice, capitals and spaces aside", key.Value)
		}
		to.values[spelling.Fold(key.Value)] = strings.TrimSpace(text)
	})
}

func (p *parser) readOtherwise(n *yaml.Node, to *rewriting) {
	text := ""
	if n.Kind != yaml.ScalarNode || n.Tag != "!!null" {
		var ok bool
		if text, ok = p.text(n, "otherwise"); !ok {
			return
		}
	}
	text = strings.TrimSpace(text)
	to.otherwise = &text
}

func (p *parser) readApostrophes(n *yaml.Node) {
	word := ""
	p.choice(n, "apostrophes", &word, "keep", "strip", "defused")
	p.mapping.manners.strip, p.mapping.Defused = word == "strip", word == "defused"
}

// addPicked makes an item of the one member of an object that the mapping picks; an object without
// it makes none.
func (it *item) addPicked(p *Plan, rec *Record, object []byte) {
	s := scanner{text: object}
	s.take('{')
	for s.next() != '}' && !s.broken {
		name := unescape(s.member(), rec)
		kind, text := s.value(1)
		s.take(',')
		if string(name) != it.pick {
			continue
		}
		if kind == '{' {
			rec.problem(it.column, elementWanted)
			return
		}
		it.addElement(p, rec, text, kind)
		return
	}
}
