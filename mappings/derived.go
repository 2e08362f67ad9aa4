package mappings

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/spelling"
	"muster/pipeline/yamlfile"
)

// A derivation is a value that is worked out of a row's cells: by a template, or by an expression. It is a
// column of its own behind those of the file, so that whatever a column can do it can do, too.
type derivation struct {
	column   string // its name among the columns
	template []piece
	formula  *formula
	line     int // in the mapping file
}

// A piece of a template is a text, or the name of a column.
type piece struct {
	text   string
	column bool
}

// readDerived reads derived: for each target a template, or keys and values with expr: or template:.
func (p *parser) readDerived(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		p.Mistake(n, `write a line for each, like  name: "{First Name} {Last Name}"`,
			"derived must have keys and values, this is %s", yamlfile.Describe(n))
		return
	}
	p.Members(n, "", func(key, value *yaml.Node) {
		values := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			values = value.Content
		}
		for _, one := range values {
			p.readDerivation(key, one)
		}
	})
}

func (p *parser) readDerivation(key, n *yaml.Node) {
	d := derivation{column: "derived " + key.Value, line: n.Line}
	for i := 2; slices.ContainsFunc(p.mapping.derivations, func(o derivation) bool { return o.column == d.column }); i++ {
		d.column = fmt.Sprintf("derived %s %d", key.Value, i)
	}
	options := &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Column: n.Column,
		Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "to"}, key}}
	what := "derived " + key.Value
	var template, formula *yaml.Node
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch name, value := n.Content[i], n.Content[i+1]; name.Value {
			case "expr":
				formula = value
			case "template":
				template = value
			case "to":
				p.Mistake(name, "take it off", "%s: its key says where it goes", what)
			default:
				options.Content = append(options.Content, name, value)
			}
		}
	default:
		template = n
	}
	switch {
	case template != nil && formula != nil:
		p.Mistake(formula, "keep one of them", "%s has both a template and an expr", what)
		return
	case formula != nil:
		if d.formula = p.readFormula(formula, what, false); d.formula == nil {
			return
		}
	case template != nil:
		if d.template = p.readTemplate(template, what); d.template == nil {
			return
		}
	default:
		p.Mistake(n, `write template: "{First Name} {Last Name}", or expr: and an expression`,
			"%s does not say what it is made of", what)
		return
	}
	before := len(p.mapping.entries)
	p.readEntry(d.column, options)
	for i := range p.mapping.entries[before:] {
		p.mapping.entries[before+i].optional = true
	}
	p.mapping.derivations = append(p.mapping.derivations, d)
}

// readTemplate reads a text with columns' names between braces; {{ and }} are braces.
func (p *parser) readTemplate(n *yaml.Node, what string) []piece {
	text, ok := p.text(n, what)
	if !ok {
		return nil
	}
	var pieces []piece
	var plain strings.Builder
	names := 0
	for rest := text; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "}}"):
			plain.WriteByte(rest[0])
			rest = rest[2:]
		case rest[0] == '}':
			p.Mistake(n, "write }} for a brace", "%s has a } without its {", what)
			return nil
		case rest[0] == '{':
			name, after, closed := strings.Cut(rest[1:], "}")
			if !closed || strings.TrimSpace(name) == "" {
				p.Mistake(n, "write {First Name}, or {{ for a brace", "%s has a { without a column's name and }", what)
				return nil
			}
			pieces = append(pieces, piece{text: plain.String()}, piece{text: strings.TrimSpace(name), column: true})
			plain.Reset()
			names++
			rest = after
		default:
			plain.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	if names == 0 {
		p.Mistake(n, "name a column between braces, or set it under constants:", "%s names no column", what)
		return nil
	}
	return append(pieces, piece{text: plain.String()})
}

// extras are what a plan works out before it maps a row.
type extras struct {
	width   int // of the file's own columns
	strip   bool
	skips   []formulaCells
	lines   []int // of skips, in the mapping
	works   []work
	sources []int // by derived column: the first of the file's columns that it reads, -1 none
}

// A work makes the cell of one derived column.
type work struct {
	pieces  []piece
	columns []int // by piece; -1: a text, or the file has no such column
	formula *formulaCells
	line    int
}

// extend gives the columns with the derived ones behind them.
func (m *Mapping) extend(columns []string) []string {
	all := slices.Clip(columns)
	for _, d := range m.derivations {
		all = append(all, d.column)
	}
	return all
}

// bindExtras finds the columns of derived values and of filters. They count as known. nil: there are none.
func (b *binder) bindExtras() *extras {
	m := b.mapping
	if len(m.derivations) == 0 && len(m.skips) == 0 {
		return nil
	}
	x := &extras{width: b.width, strip: b.base.strip}
	for _, s := range m.skips {
		x.skips = append(x.skips, b.cellsOf(s.formula, "skip"))
		x.lines = append(x.lines, s.line)
	}
	for _, d := range m.derivations {
		w := work{pieces: d.template, line: d.line}
		source := -1
		if d.formula != nil {
			f := b.cellsOf(d.formula, d.column)
			w.formula = &f
			w.columns = f.columns
		} else {
			for _, one := range d.template {
				column := -1
				if one.column {
					column = b.findColumn(one.text, d.column)
				}
				w.columns = append(w.columns, column)
			}
		}
		for _, column := range w.columns {
			if column >= 0 && source < 0 {
				source = column
			}
		}
		x.works, x.sources = append(x.works, w), append(x.sources, source)
	}
	return x
}

func (b *binder) cellsOf(f *formula, what string) formulaCells {
	bound := formulaCells{formula: f}
	for _, name := range f.names {
		bound.columns = append(bound.columns, b.findColumn(name, what))
	}
	return bound
}

// findColumn is the file's column of a name, -1 when it has none, which is a mistake unless columns may be missing.
func (b *binder) findColumn(name, what string) int {
	column := slices.Index(b.columns[:b.width], name)
	if column < 0 {
		column = slices.IndexFunc(b.columns[:b.width], func(c string) bool { return spelling.Fold(c) == spelling.Fold(name) })
	}
	if column >= 0 {
		b.taken[column] = true
	} else if b.options.Missing == onError {
		fix := "name a column of the file"
		if near := b.nearest(name, b.columns[:b.width]); near != "" {
			fix = fmt.Sprintf("it has %q", near)
		}
		b.mistake(Missing, "", fix, []string{name}, "the file has no column %q, which %s names", name, what)
	}
	return column
}

// finish gives the slots of derived columns the column that their values come from.
func (x *extras) finish(p *Plan) {
	for i := range p.Slots {
		p.Slots[i].Column = x.source(p.Slots[i].Column)
	}
}

func (x *extras) source(column int) int {
	if column < x.width {
		return column
	}
	return x.sources[column-x.width]
}

// skip is true for a row that an expression leaves out, or fails on: then the record has a problem.
func (x *extras) skip(rec *Record, cells [][]byte, kinds []byte) bool {
	for i := range x.skips {
		s := &x.skips[i]
		got, err := s.run(rec, cells, kinds, x.strip)
		if err != nil {
			rec.problem(firstOf(s.columns), &fault{codeDerived,
				fmt.Sprintf("%s, in skip in line %d of the mapping", err, x.lines[i])})
			return true
		}
		if got == true {
			rec.Skipped = true
			return true
		}
	}
	return false
}

func firstOf(columns []int) int {
	for _, c := range columns {
		if c >= 0 {
			return c
		}
	}
	return -1
}

// work gives the row's cells with the derived ones behind them.
func (x *extras) work(rec *Record, cells [][]byte, kinds []byte) ([][]byte, []byte) {
	rec.cells, rec.kinds = rec.cells[:0], rec.kinds[:0]
	for i := range x.width {
		if i >= len(cells) {
			rec.cells, rec.kinds = append(rec.cells, nil), append(rec.kinds, 0)
			continue
		}
		kind := byte('"')
		if i < len(kinds) {
			kind = kinds[i]
		}
		rec.cells, rec.kinds = append(rec.cells, cells[i]), append(rec.kinds, kind)
	}
	own, sorts := rec.cells[:x.width], rec.kinds[:x.width]
	for i := range x.works {
		w := &x.works[i]
		text, kind := w.make(rec, own, sorts, x, x.width+i)
		rec.cells, rec.kinds = append(rec.cells, text), append(rec.kinds, kind)
	}
	return rec.cells, rec.kinds
}

// make works the cell of one column out. Where that fails the record has a problem and the cell is absent.
func (w *work) make(rec *Record, cells [][]byte, kinds []byte, x *extras, column int) (text []byte, kind byte) {
	var err error
	start := len(rec.buffer)
	if w.formula == nil {
		kind = w.fill(rec, cells, kinds, x.strip)
	} else {
		var got any
		if got, err = w.formula.run(rec, cells, kinds, x.strip); err == nil {
			rec.buffer, kind, err = literalOf(rec.buffer, got)
		}
	}
	if err == nil && len(rec.buffer)-start > longestText {
		err = &formulaError{"the text grows too long"}
	}
	if err != nil {
		rec.problem(column, &fault{codeDerived, fmt.Sprintf("%s, in line %d of the mapping", err, w.line)})
		rec.buffer, kind = rec.buffer[:start], 0
	}
	return rec.buffer[start:len(rec.buffer):len(rec.buffer)], kind
}

// fill writes a template into the record's buffer. Cells that are blank take the space beside them along; where
// all are, there is no value.
func (w *work) fill(rec *Record, cells [][]byte, kinds []byte, strip bool) (kind byte) {
	start := len(rec.buffer)
	for i, one := range w.pieces {
		if !one.column {
			rec.appendSpaced(start, []byte(one.text))
			continue
		}
		text, sort := []byte(nil), byte(0)
		if w.columns[i] >= 0 {
			text, sort = cell(cells, kinds, w.columns[i])
		}
		if sort == 0 || sort == ' ' || sort == 'n' {
			continue
		}
		if strip {
			text = Unprotect(text)
		}
		rec.buffer, kind = append(rec.buffer, text...), '"'
	}
	return kind
}

// appendSpaced adds a text of a template; no two spaces come to stand beside each other.
func (r *Record) appendSpaced(start int, text []byte) {
	if len(text) > 0 && text[0] == ' ' && (len(r.buffer) == start || r.buffer[len(r.buffer)-1] == ' ') {
		text = text[1:]
	}
	r.buffer = append(r.buffer, text...)
}

// trace gives values and problems of derived columns the column that they come from.
func (x *extras) trace(rec *Record) {
	for i := range rec.Values {
		rec.Values[i].Column = x.source(rec.Values[i].Column)
	}
	for i := range rec.Problems {
		rec.Problems[i].Column = x.source(rec.Problems[i].Column)
	}
}

func appendFloat(dst []byte, v float64) []byte { return strconv.AppendFloat(dst, v, 'f', -1, 64) }

// literalList writes a list of texts, numbers and truths as a JSON array.
func literalList(dst []byte, got any) (text []byte, kind byte, err error) {
	switch got.(type) {
	case []any, []string:
	default:
		return dst, 0, &formulaError{"the result is neither text, number, yes or no nor a list"}
	}
	encoded, err := json.Marshal(got)
	if err != nil {
		return dst, 0, &formulaError{"the result is no list of plain values"}
	}
	return append(dst, encoded...), '[', nil
}
