package source

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"muster/pipeline/printable"
	"muster/pipeline/unseen"
)

// headRow is one row near the top of a sheet, copied.
type headRow struct {
	number int64
	cells  []string
	filled int  // cells that are not blank
	words  bool // every cell that is not blank is text without digits or @, and no two are equal
}

// mostTitles is how many rows above a header may be titles.
const mostTitles = 5

// headRows is how many rows are looked at to find the header.
const headRows = 12

// findHeader decides which row of the sheet names the columns. The sheet has no header when it is blank.
func (b *book) findHeader(s *sheet) error {
	k, err := b.openRows(s, 16<<10)
	if err != nil {
		return err
	}
	rows, err := b.top(s, k)
	if err != nil || len(rows) == 0 {
		return err
	}
	var merges []merge
	if rows[0].filled < len(rows[0].cells) || len(rows) > 1 && rows[0].filled < rows[1].filled {
		if merges, err = b.merges(s, k); err != nil {
			return err
		}
	}
	s.filtered = s.filtered || s.hiddenRows.Swap(0) > 0
	if b.options.NoHeader {
		b.nameByLetters(s, rows)
		return nil
	}
	at := 0
	if !b.options.HasHeader {
		at = s.passTitles(rows, merges)
	}
	names, last := s.names(rows[at:], merges)
	below := rows[at:]
	for len(below) > 0 && below[0].number <= last {
		below = below[1:]
	}
	names = withNameless(names, below, b.options.MaxColumns)
	h := &Header{File: b.in.name, Sheet: s.name, Line: rows[at].number, Format: b.format, Names: names,
		Blank: blankBelow(names, below)}
	if len(names) > b.options.MaxColumns {
		return &Error{Code: fileHeader, File: b.in.name, Sheet: s.name, Line: h.Line,
			Detail: fmt.Sprintf("the header has %d columns, more than the %d allowed", len(names), b.options.MaxColumns)}
	}
	s.header, s.first, s.hasRows = h, last+1, rows[len(rows)-1].number > last
	cells := make([][]byte, len(names))
	for i, name := range names {
		cells[i] = []byte(name)
	}
	s.titles = newTitles(cells)
	return nil
}

// withNameless adds columns without a name to those of a header that ends before the cells of the rows below it do, as
// a CSV file of the sheet has them: what they hold is told of by its column, and costs no row.
func withNameless(names []string, below []headRow, most int) []string {
	for _, row := range below {
		for len(names) < min(len(row.cells), most) {
			names = append(names, "")
		}
	}
	return names
}

// blankBelow says which columns hold nothing in the first rows; nil where every column has a name.
func blankBelow(names []string, below []headRow) []bool {
	if !slices.Contains(names, "") {
		return nil
	}
	blank := make([]bool, len(names))
	for i := range blank {
		blank[i] = !slices.ContainsFunc(below, func(row headRow) bool { return i < len(row.cells) && row.cells[i] != "" })
	}
	return blank
}

// nameByLetters calls the columns A, B, C and so on: all rows are the table's.
func (b *book) nameByLetters(s *sheet, rows []headRow) {
	width := 0
	for _, row := range rows {
		width = max(width, len(row.cells))
	}
	s.header = &Header{File: b.in.name, Sheet: s.name, Format: b.format, Names: letters(width)}
	s.first, s.hasRows = 1, true
	s.notes = append(s.notes, "no header")
}

// top reads the first rows that are not blank.
func (b *book) top(s *sheet, k *rowCutter) ([]headRow, error) {
	var rows []headRow
	var c Chunk
	var block Block
	b.number = 0
	for len(rows) < headRows {
		long, err := k.cut(&c)
		if err == io.EOF && k.ended {
			break
		}
		if err != nil {
			return nil, b.broken(s, err)
		}
		c.sheet = s
		b.rows = k
		b.place(&c, s, long)
		b.Parse(&c, &block)
		for i := range block.Rows {
			row := &block.Rows[i]
			if row.Code != "" && row.Code != cellError && len(rows) == 0 {
				return nil, &Error{Code: fileHeader, File: b.in.name, Sheet: s.name, Line: row.Number,
					Detail: "the header cannot be read: " + row.Detail}
			}
			if !row.blank() {
				rows = append(rows, copyHeadRow(row))
			}
		}
	}
	return rows[:min(len(rows), headRows)], nil
}

func copyHeadRow(row *Row) headRow {
	h := headRow{number: row.Number, words: true}
	seen := make(map[string]bool)
	for i, cell := range row.Cells {
		name := columnTitle(cell)
		h.cells = append(h.cells, name)
		if name == "" {
			continue
		}
		h.filled++
		if row.Kinds[i] != '"' || strings.ContainsAny(name, "@0123456789") || seen[strings.ToLower(name)] {
			h.words = false
		}
		seen[strings.ToLower(name)] = true
	}
	for len(h.cells) > 0 && h.cells[len(h.cells)-1] == "" {
		h.cells = h.cells[:len(h.cells)-1]
	}
	return h
}

// passTitles is the index of the header: rows above it that hold one cell, and are set apart as a title is, are
// passed over.
func (s *sheet) passTitles(rows []headRow, merges []merge) int {
	at, apart := 0, false
	for ; at < len(rows) && at < mostTitles && rows[at].filled == 1; at++ {
		apart = apart || at+1 < len(rows) && rows[at+1].number > rows[at].number+1
		for _, m := range merges {
			apart = apart || m.top == rows[at].number && m.right > m.left
		}
	}
	if at == len(rows) || !rows[at].words || rows[at].filled < 2 || !apart && rows[at].filled < 3 {
		return 0
	}
	if at > 0 {
		s.notes = append(s.notes, printable.Counted(at, "row")+" above the header passed over as a title")
	}
	return at
}

// columnTitle is a column's name without what cannot be seen around it.
func columnTitle(cell []byte) string { return string(unseen.Trim(cell)) }

// sameTitle says whether two cells are one title: files put one behind the other differ in marks, spaces and capitals
// of it.
func sameTitle(a, b []byte) bool {
	switch {
	case len(a) == len(b) && string(a) == string(b):
		return true
	case unseen.In(a) || unseen.In(b):
		return bytes.EqualFold(unseen.Append(nil, a), unseen.Append(nil, b))
	}
	return bytes.EqualFold(unseen.Trim(a), unseen.Trim(b))
}

// names are the columns' names: those of the first row, or, where its cells are merged downwards or group the cells
// below them, those of all rows of the header put together. last is the header's last row.
func (s *sheet) names(rows []headRow, merges []merge) (names []string, last int64) {
	top := rows[0].number
	last = top
	across := 0
	for _, m := range merges {
		if m.top != top {
			continue
		}
		if m.bottom > m.top && m.bottom <= m.top+3 {
			last = max(last, m.bottom)
		}
		if m.right > m.left {
			across += m.right - m.left + 1
		}
	}
	if last == top && across > 0 && len(rows) > 1 && rows[1].words && rows[1].number == top+1 &&
		across >= len(rows[0].cells) && rows[1].filled > rows[0].filled {
		last = top + 1
	}
	for _, row := range rows {
		if row.number > last {
			break
		}
		names = s.addNames(names, row, merges)
	}
	if last > top {
		s.notes = append(s.notes, fmt.Sprintf("the header takes %d rows", last-top+1))
	}
	return names, last
}

// addNames puts the names of one more row of the header behind those above them. A merged cell names all its columns.
func (s *sheet) addNames(names []string, row headRow, merges []merge) []string {
	cells := row.cells
	for _, m := range merges {
		if m.top != row.number || m.left >= len(cells) {
			continue
		}
		for column := m.left + 1; column <= m.right && column < defaultMaxColumns; column++ {
			for len(cells) <= column {
				cells = append(cells, "")
			}
			if cells[column] == "" {
				cells[column] = cells[m.left]
			}
		}
	}
	for i, name := range cells {
		if i == len(names) {
			names = append(names, "")
		}
		names[i] = strings.TrimSpace(names[i] + " " + name)
	}
	return names
}

// merge is a stretch of cells merged to one; columns are 0-based.
type merge struct {
	left, right int
	top, bottom int64
}

// merges reads which cells are merged. XLSX lists them behind the rows, so the sheet is unpacked once for them.
func (b *book) merges(s *sheet, k *rowCutter) ([]merge, error) {
	if b.format == "ods" {
		return s.odsMerges, nil
	}
	prefix := prefixOf(k.tag)
	if _, empty, ok := k.enter("<" + prefix + "mergeCells"); !ok || empty {
		if k.end != nil && k.end != io.EOF {
			return nil, b.broken(s, k.end)
		}
		return nil, nil
	}
	k.tag, k.last = []byte("<"+prefix+"mergeCell"), []byte("</"+prefix+"mergeCells")
	var list []merge
	var c Chunk
	for {
		if long, err := k.cut(&c); err != nil || long {
			return list, nil
		}
		m := s.spaces.markup(c.Data)
		for kind := m.next(); kind != tokenEnd; kind = m.next() {
			if kind != tokenOpen {
				continue
			}
			if one, ok := parseMerge(m.attr("ref")); ok && one.top <= headRows+1000 && len(list) < defaultMaxColumns {
				list = append(list, one)
			}
		}
	}
}

// parseMerge reads A1:C2.
func parseMerge(ref []byte) (m merge, ok bool) {
	from, to, ok := bytes.Cut(ref, []byte(":"))
	if !ok {
		return m, false
	}
	var ok1, ok2 bool
	m.left, m.top, ok1 = cellPlace(from)
	m.right, m.bottom, ok2 = cellPlace(to)
	return m, ok1 && ok2 && m.right < defaultMaxColumns
}

// cellPlace reads an address: "B12" is column 1, row 12.
func cellPlace(place []byte) (column int, number int64, ok bool) {
	column, ok = columnIndex(place)
	digits := bytes.TrimLeft(place, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	n, isNumber := atoi(digits)
	return column, int64(n), ok && isNumber
}

// read takes over what stands before a sheet's rows: hidden columns, a filter.
func (s *sheet) read(head []byte) {
	s.hiddenColumns, s.filtered = nil, false
	m := markup{data: head}
	for kind := m.next(); kind != tokenEnd; kind = m.next() {
		if kind != tokenOpen {
			continue
		}
		switch string(m.name) {
		case "sheetPr":
			s.filtered = isTrue(m.attr("filterMode"))
		case "col":
			if !isTrue(m.attr("hidden")) {
				continue
			}
			from, _ := atoi(m.attr("min"))
			to, _ := atoi(m.attr("max"))
			for c := max(from, 1); c <= to && c <= defaultMaxColumns && len(s.hiddenColumns) < defaultMaxColumns; c++ {
				s.hiddenColumns = append(s.hiddenColumns, c-1)
			}
		}
	}
}
