package source

import (
	"bytes"
	"fmt"
	"math/bits"

	"muster/pipeline/printable"
)

// csvParser is the state of one Parse: what it fills of the block, and where it stands in the text.
type csvParser struct {
	*csvReader
	block  *Block
	data   []byte // the chunk's data and the pad
	count  bool   // quoted cells hold line ends, which must be counted
	line   int64
	number int64
	inner  int64 // line ends inside the record under way
	excess int   // cells of the record under way beyond those kept
}

// Parse is Reader.Parse. It relies on the cutter: outside c.bad every quote opens, closes or is doubled as it should.
func (r *csvReader) Parse(c *Chunk, b *Block) {
	b.Header, b.Rows, b.text, b.Misread = r.header, b.Rows[:0], b.text[:0], false
	p := csvParser{csvReader: r, block: b, data: c.padded(), count: c.inner > 0, line: c.Line, number: c.Number}
	from, n := 0, 0
	for i := range c.bad {
		s := &c.bad[i]
		n = p.rows(from, s.start, n)
		p.line, p.number = b.refuse(s, p.line, p.number)
		if s.code == "" {
			p.relaxed(c.Data[s.start:s.end], &b.Rows[len(b.Rows)-1])
		}
		if r.doubtful && s.code == rowSyntax {
			b.Rows[len(b.Rows)-1].Cells = r.doubtfulCells(c.Data[s.start:s.end])
		}
		from = s.end
	}
	p.rows(from, len(c.Data), n)
	b.passBlank(r.in)
}

// rows parses data[from:end], whole records, and puts their cells into block.cells from index n on; it
// gives the index behind them. Delimiters, quotes and line ends are found 64 bytes at a time.
func (p *csvParser) rows(from, end, n int) int {
	data, cells, marks := p.data, p.block.cells, newMarks(p.delimiter, p.quote)
	record, start, first := from, from, n // where the record and the cell start in data, and the record in cells
	high := uint64(0)                     // bytes seen, for their high bits: is the record all ASCII?
	for at := from; record < end; at = max(at+64, start) {
		if n+64 > len(cells) {
			first, n = p.room(first, n)
			cells = p.block.cells
		}
		m, seen := marks.find((*[64]byte)(data[at:]))
		high |= seen
		for m != 0 {
			j := at + bits.TrailingZeros64(m)
			m &= m - 1
			switch ch := data[j]; {
			case ch == marks.delimiter:
				cells[n] = data[start:j:j]
				n++
				start = j + 1
			case ch == marks.quote && j == start:
				cell, behind, more := p.quoted(j)
				cells[n] = cell
				n++
				high |= more
				start = behind + 1
				if data[behind] != marks.delimiter {
					p.row(record, behind, first, n, high)
					start = afterLineEnd(data, behind)
					record, first, high = start, n, seen
					if record >= end {
						return n
					}
				}
				m &= ^uint64(0) << (start - at)
			case ch == '\n', ch == '\r' && data[j+1] != '\n':
				stop := j
				if ch == '\n' && j > start && data[j-1] == '\r' {
					stop--
				}
				if stop > record { // else a blank line
					cells[n] = data[start:stop:stop]
					n++
				}
				p.row(record, stop, first, n, high)
				record, start, first, high = j+1, j+1, n, seen
				if record >= end {
					return n
				}
			}
		}
	}
	return n
}

// quoted reads the quoted cell whose opening quote is at open. It gives its text, the index behind its closing
// quote, and its bytes or-ed together by eights.
func (p *csvParser) quoted(open int) (cell []byte, behind int, seen uint64) {
	data, quotes := p.data, uint64(p.quote)*ones
	doubled := false
	i := open + 1
	for i+8 <= len(data) {
		w := load(data, i)
		seen |= w
		m := ^(other(w&lows, quotes) | w) & highs
		if m == 0 {
			i += 8
			continue
		}
		i += firstByte(m)
		if data[i+1] != p.quote {
			break
		}
		doubled = true
		i += 2
	}
	cell = data[open+1 : i : i]
	if p.count {
		p.inner += countLines(cell)
	}
	if doubled {
		cell = p.undouble(cell)
	}
	return cell, i + 1, seen
}

// undouble copies a cell with each doubled quote made one.
func (p *csvParser) undouble(cell []byte) []byte {
	text := p.block.text
	start := len(text)
	for {
		n := doubledQuote(cell, p.quote)
		if n < 0 {
			break
		}
		text = append(text, cell[:n+1]...)
		cell = cell[n+2:]
	}
	text = append(text, cell...)
	p.block.text = text
	return text[start:len(text):len(text)]
}

// row adds the record data[record:stop] with the cells[first:n], or passes over a blank line.
func (p *csvParser) row(record, stop, first, n int, high uint64) {
	line, number := p.line, p.number
	inner := p.inner
	p.line += inner + 1
	p.number++
	if n == first {
		return
	}
	row := p.block.next()
	row.Line, row.EndLine, row.Number = line, line+inner, number
	width := n - first + p.excess
	n = min(n, first+p.columns)
	row.Cells = p.block.cells[first:n:n]
	p.inner, p.excess = 0, 0
	if stop-record > p.maxRow {
		row.Code, row.Detail, row.Cells = rowTooLong, p.tooLong, nil
		return
	}
	if high &= highs; high != 0 || width != p.width || p.titles.likely(row.Cells) {
		p.check(row, width, high != 0, p.data[record:stop])
	}
}

// check gives a row of so many cells its code, if it is not as wide as the header, the header once more, or not UTF-8.
// Blank cells beyond the header's go.
func (p *csvParser) check(row *Row, width int, high bool, record []byte) {
	if width > p.width && width == len(row.Cells) && blank(row.Cells[p.width:]) {
		width, row.Cells = p.width, row.Cells[:p.width:p.width]
	}
	titled := p.titles.likely(row.Cells)
	switch {
	case width != p.width:
		row.Code, row.Detail = rowWidth, p.widthDetail(width)
	case titled && p.titles.repeated(row.Cells):
		row.Code, row.Detail = rowHeader, headerAgain
	case titled && p.titles.moved(row.Cells):
		row.Code, row.Detail = rowOrder, headerMoved
	case high:
		valid, misread := lookUTF8(record)
		p.block.Misread = p.block.Misread || misread
		if !valid {
			row.Code, row.Detail, row.Column = rowEncoding, notUTF8, firstInvalid(row.Cells)
		}
	}
}

// relaxed gives a row the cells of a record that strict reading finds fault with.
func (p *csvParser) relaxed(record []byte, row *Row) {
	row.Cells = p.relax(record, ended).cells
	p.check(row, len(row.Cells), true, record)
}

// blank says whether cells hold nothing but space.
func blank(cells [][]byte) bool {
	for _, cell := range cells {
		if len(bytes.TrimSpace(cell)) > 0 {
			return false
		}
	}
	return true
}

// widthDetail says how wide a row is; each width is put in words once for a block.
func (p *csvParser) widthDetail(width int) string {
	b := p.block
	detail, ok := b.details[width]
	if ok {
		return detail
	}
	detail = fmt.Sprintf("%s where the header has %d", printable.Counted(width, "cell"), p.width)
	if b.details == nil || len(b.details) > 1000 {
		b.details = make(map[int]string)
	}
	b.details[width] = detail
	return detail
}

// room makes place for 64 more cells and gives the new indices of the record under way. The old cells stay
// where they are, since rows point to them; cells beyond the most columns allowed are counted and dropped.
func (p *csvParser) room(first, n int) (int, int) {
	cells := p.block.cells
	if kept := n - first; kept > p.columns {
		p.excess += kept - p.columns
		n = first + p.columns
	}
	if n+64 <= len(cells) {
		return first, n
	}
	wider := make([][]byte, max(2*len(cells), 4096))
	n = copy(wider, cells[first:n])
	p.block.cells = wider
	return 0, n
}
