package source

import (
	"fmt"
)

// bookParser is the state of one Parse of a workbook's chunk.
type bookParser struct {
	markup
	*book
	block *Block
	sheet *sheet
	width int // columns of the header; 0: it is being looked for, and rows have as many cells as they have
	valid bool

	number int64 // of the row under way
	cells  [][]byte
	kinds  []byte
	used   int // columns of the row under way, up to the last that holds something
	column int // of the next cell that does not say its place
	code   string
	detail string
	fault  int // the column code points at
	size   int // bytes of text in the row
	hidden int64
}

// Parse is Reader.Parse.
func (b *book) Parse(c *Chunk, block *Block) {
	s := c.sheet
	if s == nil {
		block.Header, block.Rows, block.Blank = b.Header(), block.Rows[:0], 0
		return
	}
	p := bookParser{book: b, block: block, sheet: s, number: c.Number - 1}
	if s.header != nil {
		p.width = len(s.header.Names)
	}
	block.Header = s.header
	p.run(c)
	block.passBlank(b.in)
	if p.hidden > 0 {
		s.hiddenRows.Add(p.hidden)
	}
}

func (p *bookParser) run(c *Chunk) {
	b := p.block
	b.Rows, b.text, b.filled = b.Rows[:0], b.text[:0], 0
	if len(c.bad) > 0 {
		b.refuse(&c.bad[0], c.Line, c.Number)
		return
	}
	p.markup = p.sheet.spaces.markup(c.Data)
	p.valid = validUTF8(c.Data)
	if p.format == "ods" {
		p.odsRows()
	} else {
		p.xlsxRows()
	}
}

// beginRow makes room for the cells of a row.
func (p *bookParser) beginRow() {
	width := p.width
	if width == 0 {
		width = 64
	}
	p.cells, p.kinds = p.block.room(width)
	p.used, p.column, p.size = 0, 0, 0
	p.code, p.detail, p.fault = "", "", -1
}

// put takes over a cell that is not blank.
func (p *bookParser) put(column int, text []byte, kind byte) {
	if column >= len(p.cells) && !p.widen(column) {
		return
	}
	p.cells[column], p.kinds[column] = text, kind
	p.used = max(p.used, column+1)
	p.size += len(text)
}

// widen makes room for a cell beyond the row's, while the header is looked for; else the cell is one too many.
func (p *bookParser) widen(column int) bool {
	p.used = max(p.used, column+1)
	if p.width > 0 || column >= p.options.MaxColumns {
		return false
	}
	cells := make([][]byte, min(p.options.MaxColumns, 2*(column+1)))
	kinds := make([]byte, len(cells))
	copy(cells, p.cells)
	for i := range kinds {
		kinds[i] = '"'
	}
	copy(kinds, p.kinds)
	p.cells, p.kinds = cells, kinds
	return true
}

// refuseCell notes the first thing that is wrong with the row.
func (p *bookParser) refuseCell(column int, code, detail string) {
	if p.code == "" {
		p.code, p.detail, p.fault = code, detail, column
	}
	p.used = max(p.used, column+1)
}

// endRow adds the row, unless it is blank or stands above the rows of the table.
func (p *bookParser) endRow() {
	if p.used == 0 && p.code == "" || p.width > 0 && p.number < p.sheet.first {
		return
	}
	if len(p.sheet.totals) > 0 && p.isTotals() {
		return
	}
	row := p.block.next()
	row.Line, row.EndLine, row.Number = p.number, p.number, p.number
	width := p.width
	if width == 0 {
		width = min(p.used, len(p.cells))
	}
	row.Cells, row.Kinds = p.cells[:width:width], p.kinds[:width:width]
	p.block.filled += width
	titled := p.width > 0 && p.titled(row.Cells)
	switch {
	case p.size > p.options.MaxRow:
		row.Code, row.Detail, row.Cells, row.Kinds = rowTooLong, tooLongDetail(p.options.MaxRow), nil, nil
	case p.width > 0 && p.used > p.width:
		row.Code, row.Column = rowWidth, p.width
		row.Detail = fmt.Sprintf("cells up to column %s where the header ends at %s", columnName(p.used-1),
			columnName(p.width-1))
	case p.used > p.options.MaxColumns:
		row.Code, row.Detail = rowWidth, fmt.Sprintf("more than %d columns", p.options.MaxColumns)
	case p.code != "":
		row.Code, row.Detail, row.Column = p.code, p.detail, p.fault
	case titled && p.sheet.titles.repeated(row.Cells):
		row.Code, row.Detail = rowHeader, headerAgain
	case titled && p.sheet.titles.moved(row.Cells):
		row.Code, row.Detail = rowOrder, headerMoved
	case !p.valid || p.textsInvalid.Load():
		if at := firstInvalid(row.Cells); at >= 0 {
			row.Code, row.Detail, row.Column = rowEncoding, notUTF8, at
		}
	}
}

// titled says whether a row may hold the names of the columns.
func (p *bookParser) titled(cells [][]byte) bool {
	if len(cells) < 2 || !p.sheet.titles.likely(cells) {
		return false
	}
	filled := 0
	for _, cell := range cells {
		if len(cell) > 0 {
			filled++
		}
	}
	return filled > 1
}

// isTotals says whether the row under way is one of totals, and holds nothing beside its table.
func (p *bookParser) isTotals() bool {
	for _, t := range p.sheet.totals {
		if p.number < t.top || p.number > t.bottom {
			continue
		}
		for i, cell := range p.cells[:min(p.used, len(p.cells))] {
			if len(cell) > 0 && (i < t.left || i > t.right) {
				return false
			}
		}
		return p.used-1 <= t.right
	}
	return false
}

// damaged refuses the row in which the XML ends or breaks, and goes on at the next row; false: there is none.
func (p *bookParser) damaged(open bool) bool {
	if !p.bad && !open {
		return false
	}
	if !open {
		p.number++
		p.beginRow()
	}
	p.code, p.detail, p.fault = rowSyntax, "the sheet's XML is damaged here", -1
	p.used = min(p.used, p.width)
	p.endRow()
	next := -1
	if p.start+1 < len(p.data) {
		next = tagIndex(p.data[p.start+1:], p.sheet.tag)
	}
	if !p.bad || next < 0 {
		return false
	}
	p.i, p.bad = p.start+1+next, false
	return true
}

// columnName is the letters of a column.
func columnName(column int) string {
	address := Address(column, 0)
	return address[:max(0, len(address)-1)]
}

// room gives blank cells for one row. They are kept by moving b.filled on.
func (b *Block) room(width int) ([][]byte, []byte) {
	if b.filled+width > len(b.cells) || b.filled+width > len(b.kinds) {
		n := max(2*len(b.cells), 4096, width)
		b.cells, b.kinds, b.filled = make([][]byte, n), make([]byte, n), 0
	}
	cells := b.cells[b.filled : b.filled+width : b.filled+width]
	kinds := b.kinds[b.filled : b.filled+width : b.filled+width]
	clear(cells)
	for i := range kinds {
		kinds[i] = '"'
	}
	return cells, kinds
}
