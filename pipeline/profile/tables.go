package profile

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"

	"muster/pipeline/bind"
	"muster/pipeline/report"
	"muster/pipeline/source"
	"muster/pipeline/unseen"
)

// Table is what the survey saw of one table: its columns in the order of the header, and how far and
// with what kinds of values they were filled. It holds no value.
type Table struct {
	File    string          `json:"file"`
	Sheet   string          `json:"sheet,omitempty"`
	Line    int64           `json:"line"`             // where the header stands; 0: the format has none
	Rows    int64           `json:"rows"`             // that could be taken apart into cells
	Looked  int64           `json:"looked,omitempty"` // of them, whose values were looked at
	Columns []ColumnProfile `json:"columns"`

	Table *bind.Table // the widest that its header came to
}

// ColumnProfile is what the survey saw of one column.
type ColumnProfile struct {
	Name   string `json:"name"`
	Filled int64  `json:"filled"` // cells that are not blank
	Passed int64  `json:"-"`      // of them, those of rows that the mapping skips
	// Kinds counts the kinds of filled cells among the rows that were sampled, by [ValueKind].
	Kinds [valueKinds]int64 `json:"kinds"`
	// Distinct is about how many different values the sampled rows have.
	Distinct int64 `json:"distinct,omitempty"`
}

// ValueKind is what a cell's text looks like, whatever the mapping makes of it.
type ValueKind uint8

// The kinds of values a profile tells apart.
const (
	KindText    ValueKind = iota // anything else
	KindNumber                   // digits with an optional sign and decimal mark
	KindDate                     // begins like a date: digits and - / . in the places of one
	KindAddress                  // holds an @ between other characters
	KindFlag                     // true, false, yes, no
	valueKinds
)

// String is the kind in words.
func (k ValueKind) String() string {
	return [...]string{"text", "number", "date", "e-mail address", "yes or no"}[k]
}

// profileStride is how many rows of a block stand for each one whose values are looked at. The number of filled
// cells is exact; what kind they are of shows in one row of 32 as well as in all. Measured on 300,000 rows of 20
// columns: one row of eight costs a tenth of a check, this a thirtieth.
const profileStride = 32

// Tally is the profile of one block, from one checker.
type Tally struct {
	rows, looked  int64
	filled, blank []int64 // by column: cells that are not empty, and those of them that are blank all the same
	passed        []int64 // by column: cells with values, of rows that the mapping skips
	kinds         [][valueKinds]int64
	values        []hashed // of the sampled rows
	Whole         bool     // every row is sampled: the first block is, so that small files are known exactly
}

// hashed stands for a value of a column.
type hashed struct {
	column int
	hash   uint64
}

// columnsSketched is for how many columns of a table distinct values are estimated: 4 kB each.
const columnsSketched = 512

// Reset empties it for another block.
func (t *Tally) Reset() {
	t.rows, t.looked, t.values = 0, 0, t.values[:0]
	t.filled, t.blank, t.passed, t.kinds = t.filled[:0], t.blank[:0], t.passed[:0], t.kinds[:0]
}

// widen makes room for so many columns.
func (t *Tally) widen(columns int) {
	for range columns {
		t.filled, t.blank, t.passed = append(t.filled, 0), append(t.blank, 0), append(t.passed, 0)
		t.kinds = append(t.kinds, [valueKinds]int64{})
	}
}

// Note counts a row, and looks at its values where it is one of the sample. Its cells are counted by whoever looks at
// all of them.
func (t *Tally) Note(row *source.Row, seed maphash.Seed) {
	sampled := t.Whole || t.rows%profileStride == 0
	t.rows++
	if sampled {
		t.look(row, seed)
	}
}

// look notes what the values of a row are like.
func (t *Tally) look(row *source.Row, seed maphash.Seed) {
	t.looked++
	for i, cell := range row.Cells {
		if unseen.Blank(cell) || row.Kinds != nil && (row.Kinds[i] == 0 || row.Kinds[i] == 'n') {
			continue
		}
		t.kinds[i][valueKindOf(cell)]++
		if i < columnsSketched {
			t.values = append(t.values, hashed{i, maphash.Bytes(seed, cell)})
		}
	}
}

// valueKindOf looks at a filled cell. It is a rough look: only a column's mixture of kinds is ever compared.
func valueKindOf(cell []byte) ValueKind {
	cell = bytes.TrimSpace(cell)
	digits, marks, others := 0, 0, 0
	for i, c := range cell {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '@' && i > 0 && i < len(cell)-1:
			return KindAddress
		case c == '-' && i > 0 || c == '/' || c == '.' || c == ':':
			marks++
		case c == ',' || i == 0 && (c == '-' || c == '+'):
		default:
			if others++; others > 3 {
				return kindOfWords(cell, cell[i+1:])
			}
		}
	}
	switch {
	case digits > 0 && others == 0 && marks <= 1 && !bytes.ContainsAny(cell, "/:"):
		return KindNumber
	case digits >= 6 && marks >= 2 && (others == 0 || len(cell) > 10 && cell[0] <= '9' && others <= 3):
		return KindDate
	case isFlag(cell):
		return KindFlag
	default:
		return KindText
	}
}

// kindOfWords looks at a cell that is neither number nor date; rest is what of it was not looked at yet.
func kindOfWords(cell, rest []byte) ValueKind {
	at := bytes.IndexByte(rest, '@')
	switch {
	case at >= 0 && at < len(rest)-1:
		return KindAddress
	case isFlag(cell):
		return KindFlag
	}
	return KindText
}

func isFlag(cell []byte) bool {
	for _, word := range [...]string{"true", "false", "yes", "no"} {
		if len(cell) == len(word) && bytes.EqualFold(cell, []byte(word)) {
			return true
		}
	}
	return false
}

// Tables gathers the blocks' tallies by table. It belongs to one goroutine.
type Tables struct {
	list     []Table
	sketches [][]sketch // of the columns of each
}

// Add adds the profile of one block.
func (p *Tables) Add(table *bind.Table, tally *Tally) {
	header := table.Header
	n := slices.IndexFunc(p.list, func(one Table) bool { return one.File == header.File && one.Sheet == header.Sheet })
	if n < 0 {
		n = len(p.list)
		p.list = append(p.list, Table{File: header.File, Sheet: header.Sheet, Line: header.Line})
		p.sketches = append(p.sketches, nil)
	}
	to := &p.list[n]
	to.Rows += tally.rows
	to.Looked += tally.looked
	if to.Table == nil || table.Width > to.Table.Width {
		to.Table = table
	}
	// The header of a format without one grows; its columns keep their places.
	for i := len(to.Columns); i < table.Width && i < len(header.Names); i++ {
		to.Columns = append(to.Columns, ColumnProfile{Name: header.Names[i]})
	}
	for i := range min(len(tally.filled), len(to.Columns)) {
		to.Columns[i].Filled += tally.filled[i] - tally.blank[i]
		to.Columns[i].Passed += tally.passed[i]
		for k, n := range tally.kinds[i] {
			to.Columns[i].Kinds[k] += n
		}
	}
	for _, v := range tally.values {
		for len(p.sketches[n]) <= v.column {
			p.sketches[n] = append(p.sketches[n], sketch{})
		}
		p.sketches[n][v.column].add(v.hash)
	}
}

// Ended are the profiles, once all rows were read.
func (p *Tables) Ended() []Table {
	for n := range p.list {
		for i := range p.list[n].Columns {
			if i < len(p.sketches[n]) {
				p.list[n].Columns[i].Distinct = min(p.sketches[n][i].estimate(), p.list[n].Looked)
			}
		}
	}
	return p.list
}

// columnsReported is how many columns of a table a report tells of.
const columnsReported = 1000

// Reported words the profiles for the report. columns are those of all inputs.
func Reported(list []Table, columns []Column) []report.Table {
	fates := map[Place]*Column{}
	for i := range columns {
		c := &columns[i]
		fates[Place{c.File, c.Sheet, c.Place}] = c
	}
	var tables []report.Table
	for _, p := range list {
		t := report.Table{File: p.File, Sheet: p.Sheet, Rows: p.Rows, Looked: p.Looked}
		for i, c := range p.Columns[:min(len(p.Columns), columnsReported)] {
			one := report.Profile{Column: c.Name, Filled: c.Filled, Distinct: c.Distinct}
			if fate := fates[Place{p.File, p.Sheet, i}]; fate != nil {
				one.Problems, one.Fate, one.Why = fate.Refused, fate.Fate(), fate.Use.Why
			}
			for kind := KindText; kind < valueKinds; kind++ {
				if c.Kinds[kind] > 0 {
					one.Kinds = append(one.Kinds, report.Kind{Kind: kind.String(), Cells: c.Kinds[kind]})
				}
			}
			slices.SortStableFunc(one.Kinds, func(a, b report.Kind) int { return cmp.Compare(b.Cells, a.Cells) })
			t.Columns = append(t.Columns, one)
		}
		t.More = len(p.Columns) - len(t.Columns)
		tables = append(tables, t)
	}
	return tables
}

// Place is one column of one table, as problems name it.
type Place struct {
	File, Sheet string
	Column      int
}

// Suffix is the type of attribute that the values of a column are fit for.
func (c *ColumnProfile) Suffix() string {
	var all int64
	for _, n := range c.Kinds {
		all += n
	}
	for kind, suffix := range map[ValueKind]string{KindNumber: "Num", KindDate: "At", KindFlag: "Bool"} {
		if all > 0 && c.Kinds[kind] == all {
			return suffix
		}
	}
	return "Str"
}
