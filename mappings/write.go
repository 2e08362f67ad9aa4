package mappings

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What an update does to a field that the customer may have already: the words of write:.
const (
	WriteOver    = "overwrite" // the row's value takes the place of the customer's; of a list, all of it
	WriteIfEmpty = "if-empty"  // only where the customer has nothing there
	WriteNever   = "never"     // only when the customer is created
	WriteAppend  = "append"    // lists: the row's items are added to the customer's
	WriteReplace = "replace"   // lists whose items have types: the row's take the place of the customer's of their types
)

var writeWords = []string{WriteOver, WriteIfEmpty, WriteNever, WriteAppend, WriteReplace}

// Writes are the fields that an update treats in another way than usual, each with one of the Write words:
// by "name", "emails", "custom.vipStr". Usual is that lists are appended to, and all else written over. It is
// nil where everything is as usual, and belongs to the plan.
func (p *Plan) Writes() map[string]string { return p.writes }

// blanking is what a blank cell does.
type blanking uint8

const (
	blankAsMapping blanking = iota
	blankIgnored
	blankClears
)

// readBlank reads blank: at the top of a mapping, or of a column.
func (p *parser) readBlank(n *yaml.Node, to *blanking) {
	var word string
	p.choice(n, "blank", &word, Ignore, onClear)
	switch word {
	case Ignore:
		*to = blankIgnored
	case onClear:
		*to = blankClears
	}
}

// readClear reads the texts that clear a field, as #N/A or NULL. Capitals make no difference.
func (p *parser) readClear(n *yaml.Node, to *rewriting) {
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	for _, one := range nodes {
		switch text := strings.TrimSpace(one.Value); { // NULL without quotes is a text, too
		case one.Kind != yaml.ScalarNode:
			p.text(one, "a text that clears")
		case text == "":
			p.Mistake(one, "for blank cells write  blank: clear", "a text that clears is blank")
		default:
			to.clears = append(to.clears, []byte(text))
		}
	}
}

// clearing is true for a text that clears.
func (r *rewriting) clearing(text []byte) bool {
	return slices.ContainsFunc(r.clears, func(c []byte) bool { return bytes.EqualFold(c, text) })
}

// readWrite reads write: at the top: one word for all fields, or one for each.
func (p *parser) readWrite(n *yaml.Node) {
	m := p.mapping
	if n.Kind != yaml.MappingNode {
		p.choice(n, "write", &m.write, writeWords...)
		return
	}
	m.writes = map[string]string{}
	p.Members(n, "", func(key, value *yaml.Node) {
		t, err := p.mapping.fields.parseTarget(key.Value)
		if err != nil && key.Value != "sentiment" {
			p.Mistake(key, err.fix, "%s", err.message)
			return
		}
		if t.field.shape == custom && t.name == "" {
			p.Mistake(key, "write custom.<name>", "write does not name the attribute")
			return
		}
		m.writes[t.whole()] = p.writeOf(value, t)
	})
}

// writeOf reads what an update does to a target.
func (p *parser) writeOf(n *yaml.Node, t target) (word string) {
	if p.choice(n, "write", &word, writeWords...); word == WriteAppend && t.field.shape != list && t.field.shape != words {
		p.Mistake(n, "write overwrite, if-empty or never", "%s holds one value, so nothing can be appended", t.field.label())
	} else if word == WriteReplace && !t.field.typed() {
		p.Mistake(n, "write overwrite, append, if-empty or never",
			"the entries of %s have no type, by which they could be replaced", t.field.label())
	}
	return word
}

// whole is the field of a target that is written as one: a list, an object, or one attribute.
func (t target) whole() string {
	if t.field.shape == custom {
		return t.field.name + "." + t.name
	}
	if t.field.called != "" {
		return targetHead(t.field.called)
	}
	return t.field.name
}

// bindWrites finds how each field of the plan is written.
func (b *binder) bindWrites() map[string]string {
	writes := maps.Clone(b.mapping.writes)
	by := map[string]int{} // the column that said so
	set := func(path, word string) {
		if writes == nil {
			writes = map[string]string{}
		}
		writes[path] = word
	}
	for _, one := range b.bindings {
		path := one.target.whole()
		if one.write == "" {
			continue
		}
		other, said := by[path]
		if word, stated := writes[path]; stated && word != one.write {
			columns := []string{b.columns[one.column]}
			where := "write:"
			if said {
				columns, where = append(columns, b.columns[other]), b.name(other)
			}
			b.mistake(Invalid, path, "say it once for "+path, columns, "%s says write: %s of %s, %s says %s", b.name(one.column),
				one.write, path, where, word)
		}
		by[path] = one.column
		set(path, one.write)
	}
	for _, one := range b.bindings {
		path := one.target.whole()
		listed := one.target.field.shape == list || one.target.field.shape == words
		word := b.mapping.write
		fits := word != WriteAppend && word != WriteReplace || word == WriteAppend && listed || word == WriteReplace &&
			one.target.field.typed()
		if word != "" && writes[path] == "" && fits {
			set(path, word)
		}
		if usual := writes[path]; usual == WriteAppend && listed || usual == WriteOver && !listed {
			delete(writes, path)
		}
	}
	if len(writes) == 0 {
		return nil
	}
	return writes
}

// emptied is a list that a blank cell of one of its columns empties: in the payload it stands as [].
type emptied struct {
	field   *field
	columns []int
}

// emptied are the lists that blank cells empty: those of which a row has all entries, where blank cells clear.
func (b *binder) emptied(writes map[string]string) (all []emptied) {
	for _, one := range b.bindings {
		t := one.target
		listed := (t.field.shape == list || t.field.shape == words) && t.member < 0 && t.label == ""
		if !listed || one.column < 0 || one.manners.blank != blankClears || writes[t.whole()] != WriteOver {
			continue
		}
		at := slices.IndexFunc(all, func(e emptied) bool { return e.field == t.field })
		if at < 0 {
			at, all = len(all), append(all, emptied{field: t.field})
		}
		all[at].columns = append(all[at].columns, one.column)
	}
	return all
}

// appendEmpty appends the lists that are there to be emptied: of which the row has a blank cell, and no entry.
func (p *Plan) appendEmpty(dst []byte, rec *Record) []byte {
	for _, e := range p.empty {
		if !slices.ContainsFunc(e.columns, func(column int) bool {
			text, kind := cell(rec.row, rec.rowKinds, column)
			return kind == ' ' || kind == 'n' || string(text) == "[]"
		}) || slices.ContainsFunc(rec.Values, func(v Value) bool { return p.places[v.Slot].field == e.field }) {
			continue
		}
		if len(dst) > 0 && dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(append(dst, quoteKey(e.field.name)...), "[]"...)
	}
	return dst
}
