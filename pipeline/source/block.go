package source

import (
	"bytes"
	"unicode/utf8"

	"muster/pipeline/unseen"
)

const notUTF8 = "bytes that are not UTF-8"

// padded is the chunk's data and the pad. Cut leaves the pad there; a chunk that no Cut filled gets one.
func (c *Chunk) padded() []byte {
	n := len(c.Data)
	if cap(c.Data) >= n+pad {
		return c.Data[:n+pad]
	}
	data := append(make([]byte, 0, n+pad), c.Data...)[:n+pad]
	seal(data, n)
	return data
}

// next adds an empty row and gives it to be filled.
func (b *Block) next() *Row {
	n := len(b.Rows)
	if n < cap(b.Rows) {
		b.Rows = b.Rows[:n+1]
	} else {
		b.Rows = append(b.Rows, Row{})
	}
	row := &b.Rows[n]
	*row = Row{Column: -1}
	return row
}

// passBlank takes the rows out in which nothing can be seen, and counts them.
func (b *Block) passBlank(in *input) {
	b.Blank = 0
	if in.keepsBlank {
		return
	}
	kept := 0
	for i := range b.Rows {
		if row := &b.Rows[i]; !row.shows() && row.blank() {
			b.Blank++
			continue
		}
		if kept < i {
			b.Rows[kept] = b.Rows[i]
		}
		kept++
	}
	b.Rows = b.Rows[:kept]
}

// shows says whether the first cell of a row, which holds texts, begins with what can be seen, as most do.
func (r *Row) shows() bool {
	return r.Kinds == nil && len(r.Cells) > 0 && len(r.Cells[0]) > 0 && !unseen.Begins(r.Cells[0][0])
}

// blank says whether nothing can be seen in a row.
func (r *Row) blank() bool {
	if r.Code != "" {
		return false
	}
	for i, cell := range r.Cells {
		if len(cell) == 0 || r.Kinds != nil && (r.Kinds[i] == 'n' || r.Kinds[i] == '[' && string(cell) == "[]") {
			continue
		}
		if !unseen.Begins(cell[0]) || !unseen.Blank(cell) {
			return false
		}
	}
	return true
}

// refuse adds the row that the cutter refused, and gives the line and number behind it.
func (b *Block) refuse(s *span, line, number int64) (int64, int64) {
	row := b.next()
	row.Line, row.EndLine, row.Number = line, line+s.lines, number
	if !s.open {
		row.EndLine--
	}
	row.Code, row.Detail, row.Column = s.code, s.detail, s.column
	return line + s.lines, number + 1
}

// firstInvalid is the index of the first cell that is not UTF-8, -1 without one.
func firstInvalid(cells [][]byte) int {
	for i, cell := range cells {
		if !utf8.Valid(cell) {
			return i
		}
	}
	return -1
}

// doubledQuote is the index of the first of two quotes in a row, -1 without them.
func doubledQuote(cell []byte, quote byte) int { return bytes.Index(cell, []byte{quote, quote}) }
