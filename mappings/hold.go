package mappings

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"

	"muster/pipeline/spelling"
)

// constraints are the mapping's own rules, bound to the columns of a file. Immutable.
type constraints struct {
	strip bool
	all   []heldRow
}

// A heldRow is a constraint bound to the columns of a file.
type heldRow struct {
	*constraint
	columns []int // -1: the file has none
	when    formulaCells
	formula formulaCells
	read    *conversion // of range: what makes a number or a date of a cell
	// of unique: the names of its columns, so that two mappings that ask the same ask it of each other's rows
	sign string
}

// bindRules finds the columns of the mapping's own rules, once those are known that go somewhere: to be asked something
// makes no column known. nil: there are no rules.
func (b *binder) bindRules() *constraints {
	m := b.mapping
	if len(m.constraints) == 0 {
		return nil
	}
	held := &constraints{strip: b.base.strip}
	for i := range m.constraints {
		c := &m.constraints[i]
		h := heldRow{constraint: c}
		what := fmt.Sprintf("the rule in line %d", c.line)
		for _, name := range c.columns {
			h.columns = append(h.columns, b.findColumn(name, what))
			h.sign += spelling.Fold(name) + "\x00"
		}
		if c.when != nil {
			h.when = b.cellsOf(c.when, what)
		}
		if c.formula != nil {
			h.formula = b.cellsOf(c.formula, what)
			h.columns = append(h.columns, firstOf(h.formula.columns))
		}
		if c.code == codeRuleRange && h.columns[0] >= 0 {
			h.read = b.rangeReading(c, h.columns[0])
		}
		held.all = append(held.all, h)
	}
	return held
}

// rangeReading is how the cells of a column become numbers or dates that can be compared: as the column is read where
// it goes to a place of that kind, else as the mapping reads columns of which nothing is said.
func (b *binder) rangeReading(c *constraint, column int) *conversion {
	how := b.base
	for i := range b.bindings {
		if b.bindings[i].column == column {
			how = b.bindings[i].manners
		}
	}
	how.rewriting = rewriting{}
	if c.min.date+c.max.date == "" {
		return newConversion(asNumber, how)
	}
	if shown, is := b.options.Layouts[b.columns[column]]; is && how.layout == nil && shown.Pattern != "" {
		how.layout, _ = compileLayout(shown.Pattern)
	}
	return newConversion(asDate, how)
}

// hold makes problems of what a row does not hold to. It looks at the cells of the row that was mapped last.
func (p *Plan) hold(rec *Record) {
	for i := range p.rules.all {
		h := &p.rules.all[i]
		if h.constraint.when != nil {
			asked, err := h.when.run(rec, rec.row, rec.rowKinds, p.rules.strip)
			if err != nil {
				h.failed(rec, firstOf(h.when.columns), err)
				continue
			}
			if asked != true {
				continue
			}
		}
		switch {
		case h.unique >= 0 || h.lookup: // other rows, and other files, say
		case h.constraint.formula != nil:
			holds, err := h.formula.run(rec, rec.row, rec.rowKinds, p.rules.strip)
			if err != nil {
				h.failed(rec, h.columns[0], err)
			} else if holds != true {
				h.broken(rec)
			}
		case !h.holds(rec, p.rules.strip):
			h.broken(rec)
		}
	}
}

// broken notes that a row does not hold to a rule.
func (h *heldRow) broken(rec *Record) {
	rec.Problems = append(rec.Problems, h.problem())
}

func (h *heldRow) problem() Problem {
	return Problem{Column: h.columns[0], Code: h.code, Detail: h.expected, Warning: h.warns}
}

// failed notes that a rule's expression cannot be worked out.
func (h *heldRow) failed(rec *Record, column int, err error) {
	rec.Problems = append(rec.Problems, Problem{Column: column, Code: codeDerived, Warning: h.warns,
		Detail: fmt.Sprintf("%s, in the rule in line %d of the mapping", err, h.line)})
}

// text is what a row has in a column that a rule looks at; false: nothing.
func (h *heldRow) text(rec *Record, column int, strip bool) ([]byte, bool) {
	if column < 0 {
		return nil, false
	}
	text, kind := cell(rec.row, rec.rowKinds, column)
	if kind == 0 || kind == ' ' || kind == 'n' {
		return nil, false
	}
	if strip {
		text = Unprotect(text)
	}
	return text, true
}

// holds says whether a row's cell holds to a rule. A blank one holds to all but required.
func (h *heldRow) holds(rec *Record, strip bool) bool {
	text, some := h.text(rec, h.columns[0], strip)
	switch {
	case !some:
		return h.code != codeRuleRequired
	case h.pattern != nil:
		return h.pattern.Match(text)
	case h.words != nil:
		return h.words[string(text)]
	case h.code == codeRuleLength:
		n := float64(units(text))
		return (h.min.text == "" || n >= h.min.number) && (h.max.text == "" || n <= h.max.number)
	case h.read != nil:
		return h.within(rec, text)
	}
	return true
}

// units is the length of a text as Kustomer counts it.
func units(text []byte) (n int) {
	for _, r := range string(text) {
		n += utf16.RuneLen(r)
	}
	return n
}

// within says whether a cell is a number, or a date, of a range.
func (h *heldRow) within(rec *Record, text []byte) bool {
	start := len(rec.buffer)
	defer func() { rec.buffer = rec.buffer[:start] }()
	v := Value{Kind: '"', Text: text}
	if h.read.run(h.read, &v, rec) != nil {
		return false
	}
	if date := h.min.date + h.max.date; date != "" {
		return (h.min.date == "" || string(v.Text) >= h.min.date) && (h.max.date == "" || string(v.Text) <= h.max.date)
	}
	n, err := strconv.ParseFloat(string(v.Text), 64)
	return err == nil && (h.min.text == "" || n >= h.min.number) && (h.max.text == "" || n <= h.max.number)
}

// Rules is how many rules of its own the mapping has.
func (p *Plan) Rules() int {
	if p.rules == nil {
		return 0
	}
	return len(p.rules.all)
}

// AppendUnique appends what must differ from row to row by a rule, of the row that was mapped last, and says whether
// the rule is one of these and the row is asked: it is where none of the rule's cells is blank. Capitals make no
// difference.
func (p *Plan) AppendUnique(dst []byte, rule int, rec *Record) (_ []byte, asked bool) {
	h := &p.rules.all[rule]
	if h.unique < 0 || !p.asks(h, rec) {
		return dst, false
	}
	dst = append(dst, h.sign...)
	for _, column := range h.columns {
		text, some := h.text(rec, column, p.rules.strip)
		if !some {
			return dst, false
		}
		dst = append(append(dst, bytes.ToLower(text)...), 0)
	}
	return dst, true
}

// asks says whether a rule is asked of the row that was mapped last. An expression that fails has made a problem of the
// row.
func (p *Plan) asks(h *heldRow, rec *Record) bool {
	if h.constraint.when == nil {
		return true
	}
	asked, err := h.when.run(rec, rec.row, rec.rowKinds, p.rules.strip)
	return err == nil && asked == true
}

// Unique is the number of a rule among those by which values differ, -1: it is none of them.
func (p *Plan) Unique(rule int) int { return p.rules.all[rule].unique }

// UniqueRule is the problem of a row that has the same as another by such a rule, and the columns of the rule. Detail
// is what the mapping says of it, "" nothing.
func (p *Plan) UniqueRule(unique int) (problem Problem, columns []int) {
	for i := range p.rules.all {
		if h := &p.rules.all[i]; h.unique == unique {
			return h.problem(), h.columns
		}
	}
	return Problem{Column: -1}, nil
}

// Lacking is the problem of a row whose value another file lacks, by the number of the rule; false: the row is not
// asked.
func (p *Plan) Lacking(rule int, rec *Record) (Problem, bool) {
	h := &p.rules.all[rule-1]
	return h.problem(), p.asks(h, rec)
}

// KeyColumn is the column by which a second file is joined in, or looked up; -1 none.
func (j *Join) KeyColumn(columns []string) int {
	if at := slices.Index(columns, j.Own); at >= 0 || j.Rule == 0 {
		return at
	}
	return slices.IndexFunc(columns, func(name string) bool { return spelling.Fold(name) == spelling.Fold(j.Own) })
}
