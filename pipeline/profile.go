package pipeline

import (
	"bytes"

	"muster/pipeline/source"
)

// Profile is what the survey saw of one table: its columns in the order of the header, and how far and
// with what kinds of values they were filled. It holds no value.
type Profile struct {
	File    string          `json:"file"`
	Sheet   string          `json:"sheet,omitempty"`
	Line    int64           `json:"line"` // where the header stands; 0: the format has none
	Rows    int64           `json:"rows"` // that could be taken apart into cells
	Columns []ColumnProfile `json:"columns"`
}

// ColumnProfile is what the survey saw of one column.
type ColumnProfile struct {
	Name   string `json:"name"`
	Filled int64  `json:"filled"` // cells that are not blank
	// Kinds counts the kinds of filled cells among the rows that were sampled, by [ValueKind].
	Kinds [valueKinds]int64 `json:"kinds"`
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
// cells is exact; what kind they are of shows in one row of eight as well as in all.
const profileStride = 8

// tableTally is the profile of one block, from one checker.
type tableTally struct {
	rows    int64
	columns []ColumnProfile // without names
}

func (t *tableTally) reset() {
	t.rows = 0
	clear(t.columns)
	t.columns = t.columns[:0]
}

// note counts the cells of a row.
func (t *tableTally) note(row *source.Row) {
	for len(t.columns) < len(row.Cells) {
		t.columns = append(t.columns, ColumnProfile{})
	}
	sampled := t.rows%profileStride == 0
	t.rows++
	for i, cell := range row.Cells {
		if isBlank(cell) || row.Kinds != nil && (row.Kinds[i] == 0 || row.Kinds[i] == 'n') {
			continue
		}
		t.columns[i].Filled++
		if sampled {
			t.columns[i].Kinds[valueKindOf(cell)]++
		}
	}
}

func isBlank(cell []byte) bool {
	if len(cell) > 0 && cell[0] > ' ' && cell[0] < 0x80 {
		return false
	}
	return len(bytes.TrimSpace(cell)) == 0
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
			others++
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

func isFlag(cell []byte) bool {
	for _, word := range [...]string{"true", "false", "yes", "no"} {
		if len(cell) == len(word) && bytes.EqualFold(cell, []byte(word)) {
			return true
		}
	}
	return false
}

// profiles gathers the blocks' tallies by table. It belongs to one goroutine.
type profiles struct{ list []Profile }

// add adds the profile of one block.
func (p *profiles) add(w *work) {
	header := w.table.Header
	var to *Profile
	for i := range p.list {
		if p.list[i].File == header.File && p.list[i].Sheet == header.Sheet {
			to = &p.list[i]
		}
	}
	if to == nil {
		p.list = append(p.list, Profile{File: header.File, Sheet: header.Sheet, Line: header.Line})
		to = &p.list[len(p.list)-1]
	}
	to.Rows += w.profile.rows
	// The header of a format without one grows; its columns keep their places.
	for i := len(to.Columns); i < w.table.width && i < len(header.Names); i++ {
		to.Columns = append(to.Columns, ColumnProfile{Name: header.Names[i]})
	}
	for i := range w.profile.columns {
		if i == len(to.Columns) {
			break
		}
		to.Columns[i].Filled += w.profile.columns[i].Filled
		for k, n := range w.profile.columns[i].Kinds {
			to.Columns[i].Kinds[k] += n
		}
	}
}
