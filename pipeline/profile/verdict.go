package profile

import (
	"cmp"
	"fmt"
	"slices"

	"muster/pipeline/bind"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// The codes of columns.
const (
	columnZeros        = "column.zeros"
	columnScientific   = "column.scientific"
	columnDecimal      = "column.decimal"
	columnRounded      = "column.rounded"
	columnSerials      = "column.serials"
	columnApostrophes  = "column.apostrophes"
	columnMojibake     = "column.mojibake"
	columnErrors       = "column.errors"
	columnPlaceholders = "column.placeholders"
	columnConstant     = "column.constant"
	columnEmpty        = "column.empty"
)

// How many rows it takes before a column of one value says something, and how many placeholders before they are more
// than a slip.
const (
	constantRows     = 20
	placeholderCells = 3
)

// AcceptableDamage is every code that --accept-damage may name: those for which an import stops.
func AcceptableDamage() []string {
	return []string{columnZeros, columnRounded, columnApostrophes, columnMojibake, columnErrors, columnPlaceholders,
		columnConstant, columnShared}
}

// What becomes of a run with a damaged column.
const (
	Stops          = "stops"    // an import ends before anything is sent
	damageAccepted = "accepted" // it would, but the user said that it may go on
	damageWarns    = "warns"
	damageRows     = "rows" // the rows concerned are invalid, one by one
	damageNoted    = "noted"
)

// finding is one kind of damage to one column.
type finding struct {
	code   string
	n, of  int64
	detail string
	places []place
}

// Judged puts together what all checkers saw, and judges it. inputs are called by their names; accepts says which codes
// may pass.
func Judged(all []*Detector, inputs []*bind.Input, accepts func(code string) bool) []report.Damage {
	var list []report.Damage
	for _, t := range mergeTables(all) {
		for i := range t.seen {
			c := &t.seen[i]
			if c.role == roleNone {
				continue
			}
			for _, f := range c.findings(t.rows, t.table.Binder.Mapping.StripsApostrophes()) {
				if f.code == columnEmpty && t.table.Header.Format == "vcard" {
					continue // its columns are always the same
				}
				list = append(list, t.judge(i, f, inputs[t.input].Name, accepts))
			}
		}
	}
	return list
}

// WorstFirst sorts findings by what they mean for the run.
func WorstFirst(list []report.Damage) []report.Damage {
	weight := func(d *report.Damage) int {
		return slices.Index([]string{Stops, damageRows, damageAccepted, damageWarns, damageNoted}, d.Verdict)
	}
	slices.SortStableFunc(list, func(a, b report.Damage) int { return cmp.Compare(weight(&a), weight(&b)) })
	return list
}

// mergeTables adds up what the checkers saw of each table.
func mergeTables(all []*Detector) []*seenTable {
	var tables []*seenTable
	for _, d := range all {
		for _, t := range d.tables {
			n := slices.IndexFunc(tables, func(one *seenTable) bool {
				return one.input == t.input && one.table.Header.Sheet == t.table.Header.Sheet
			})
			if n < 0 {
				tables = append(tables, t)
				continue
			}
			tables[n].merge(t)
		}
	}
	slices.SortStableFunc(tables, func(a, b *seenTable) int { return cmp.Compare(a.input, b.input) })
	return tables
}

func (t *seenTable) merge(other *seenTable) {
	t.rows += other.rows
	if len(other.seen) > len(t.seen) {
		t.table = other.table
		for _, c := range other.seen[len(t.seen):] {
			t.seen = append(t.seen, seenColumn{role: c.role})
		}
	}
	for i := range other.seen {
		t.seen[i].merge(&other.seen[i])
	}
}

func (c *seenColumn) merge(other *seenColumn) {
	switch {
	case other.filled == 0:
	case c.filled == 0:
		c.varied, c.sample = other.varied, other.sample
	case other.varied || c.varied || string(other.sample) != string(c.sample):
		c.varied = true
	}
	c.filled += other.filled
	c.long += other.long
	c.dates += other.dates
	c.floats.merge(&other.floats)
	for i := range c.signs {
		c.signs[i].merge(&other.signs[i])
	}
	for i := range c.plain {
		c.led[i] += other.led[i]
		c.plain[i].merge(&other.plain[i])
	}
}

// findings is what the signs of a column add up to. rows are those of its table.
func (c *seenColumn) findings(rows int64, strips bool) (list []finding) {
	found := func(code string, s *sightings, detail string) {
		list = append(list, finding{code: code, n: s.n, of: c.filled, detail: detail, places: s.places()})
	}
	if s, detail := c.lostZeros(); s.n > 0 {
		found(columnZeros, &s, detail)
	}
	if s := &c.signs[signScientific]; s.n > 0 {
		found(columnScientific, s, "written as 1.23E+12 is")
	}
	if s := &c.signs[signDecimal]; s.n > 0 {
		found(columnDecimal, s, "written as 12345.0 is")
	}
	if s, detail := c.rounded(); s.n > 0 {
		found(columnRounded, s, detail)
	}
	if s := &c.signs[signSerial]; s.n > 0 && c.dates > 0 &&
		(c.role == roleDate || c.dates >= s.n && (s.n+c.dates)*10 >= c.filled*9) {
		found(columnSerials, s, fmt.Sprintf("numbers of five digits among %d dates", c.dates))
	} else if c.role == roleDate && s.n > 0 && s.n*10 >= c.filled*9 {
		found(columnSerials, s, "numbers of five digits where dates belong")
	}
	if s := &c.signs[signApostrophe]; s.n > 0 && !strips {
		found(columnApostrophes, s, "an apostrophe before a number")
	}
	if s := &c.signs[signMojibake]; s.n > 0 {
		found(columnMojibake, s, "characters that come of reading UTF-8 as Windows-1252 or that as ISO-8859-1, or that "+
			"were lost")
	}
	if s := &c.signs[signError]; s.n > 0 {
		found(columnErrors, s, "an error of a spreadsheet, or the number signs of a column too narrow")
	}
	if s := &c.signs[signPlaceholder]; s.n >= placeholderCells {
		found(columnPlaceholders, s, "one digit over and over, digits in their order, or an address that nobody has")
	}
	switch {
	case rows > 0 && c.filled == 0:
		list = append(list, finding{code: columnEmpty, n: rows, of: rows})
	case rows >= constantRows && c.filled == rows && !c.varied:
		list = append(list, finding{code: columnConstant, n: rows, of: rows})
	}
	return list
}

// lostZeros is what of a column's numbers is shorter than it should be: than those that begin with 0, where these have
// one length; of postal codes, than the five digits that most have, where none begins with 0.
func (c *seenColumn) lostZeros() (s sightings, detail string) {
	led, length := int64(0), 0
	for n, count := range c.led {
		led += count
		if count > c.led[length] {
			length = n
		}
	}
	digits := int64(0)
	for i := range c.plain {
		digits += c.plain[i].n
	}
	switch {
	case led >= 3 && c.led[length]*10 >= led*9:
		detail = fmt.Sprintf("shorter than the %d digits of those that begin with 0", length)
	case c.role == roleZip && led == 0 && digits >= 10 && c.plain[5].n*10 >= digits*7:
		length, detail = 5, "shorter than the 5 digits of the others, of which none begins with 0"
	default:
		return sightings{}, ""
	}
	for n := range length {
		s.merge(&c.plain[n])
	}
	return s, detail
}

// judge says what a finding means for the run.
func (t *seenTable) judge(column int, f finding, file string, accepts func(code string) bool) report.Damage {
	code, _ := outcome.Explain(f.code)
	h := t.table.Header
	d := report.Damage{Code: f.code, Verdict: damageWarns, Column: t.table.Column(column), File: file, Sheet: h.Sheet,
		Count: f.n, Of: f.of, Detail: f.detail, Meaning: code.Meaning, Cause: code.Cause, Fix: code.Fix}
	for _, p := range f.places {
		d.Places = append(d.Places, report.Sample{File: h.File, Sheet: h.Sheet, Line: p.line,
			Cell: h.Address(column, p.number)})
	}
	identity := t.seen[column].role.identity()
	switch {
	case f.code == columnEmpty, f.code == columnConstant && !identity:
		d.Verdict = damageNoted
	case (f.code == columnScientific || f.code == columnDecimal) && identity, f.code == columnSerials &&
		t.seen[column].role == roleDate:
		d.Verdict = damageRows
	case identity && accepts(f.code):
		d.Verdict = damageAccepted
	case identity:
		d.Verdict = Stops
	}
	return d
}
