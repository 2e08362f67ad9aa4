package source

import "bytes"

// preambleLines is how many lines before the header are looked for: a title, when and by whom it was exported, a note
// on rights.
const preambleLines = 40

// preamble is where in a sample the table begins, and how many lines stand before it: titles, comments and notes. 0, 0:
// it begins at once, or nothing says that it does not.
func (d *dialect) preamble(sample []byte, s supply) (at, lines int) {
	sure := true                 // no line passed over may be a header
	widths := make(map[int]bool) // of lines passed over that hold several cells
	for lines < preambleLines && at < len(sample) {
		v := d.read(sample, at, s)
		if v.state != ended || v.code == rowTooLong {
			return 0, 0
		}
		cells := 1
		if v.code != "" {
			v.end, v.inner, sure = nextLine(sample, at), 0, false
		} else {
			record := d.cellsOf(sample[at:v.end], v)
			cells = filledCells(record)
			if at > 0 && !widths[v.width] && d.begins(sample, at, record, v, s, sure) {
				return at, lines
			}
			if cells > 1 && !isNote(record) {
				sure, widths[v.width] = false, true
			}
		}
		if at == 0 && cells > 1 && d.mostAsWide(sample, s) && !isNote(d.cellsOf(sample[:v.end], v)) {
			return 0, 0
		}
		at, lines = v.end, lines+int(countLines(sample[at:v.end]))
	}
	return 0, 0
}

// mostAsWide says whether nine in ten of a sample's records are as wide as its first.
func (d *dialect) mostAsWide(sample []byte, s supply) bool {
	_, agree, of := d.agreement(sample, s)
	return agree*10 >= of*9
}

// begins says whether a table begins with a record behind others: it holds names, and nine in ten of the next are as
// wide. Where it is not wide, or one of the others may be the header itself, the rows must hold numbers, dates or
// addresses below names.
func (d *dialect) begins(sample []byte, at int, header [][]byte, v verdict, s supply, sure bool) bool {
	if v.width < 2 || !likeNames(header) {
		return false
	}
	width, agree, of := d.agreement(sample[at:], s)
	if width != v.width || of < 1 || agree*10 < of*9 {
		return false
	}
	if sure && width >= 3 && of >= 2 {
		return true
	}
	for i, kind := range d.columnKinds(sample[v.end:], width, s) {
		if kind > kindWords && looksLike(header[i]) == kindWords {
			return true
		}
	}
	return false
}

// isNote says whether a record is a comment, or a name and a value in front of blank cells, as in "Exported
// on,2024-01-31,,".
func isNote(record [][]byte) bool {
	first := bytes.TrimSpace(record[0])
	if len(first) > 1 && first[0] == '#' {
		return true
	}
	return len(record) >= 4 && filledCells(record) == 2 && filledCells(record[:2]) == 2 &&
		(bytes.HasSuffix(first, []byte{':'}) || looksLike(record[1]) > kindWords)
}

// likeNames says whether cells may be a header: most of them hold something, and none is a number or an address.
func likeNames(cells [][]byte) bool {
	for _, cell := range cells {
		cell = bytes.Trim(cell, " \"'")
		if len(cell) > 0 && len(bytes.Trim(cell, "0123456789.,:/-+ ")) == 0 || bytes.IndexByte(cell, '@') >= 0 {
			return false
		}
	}
	n := filledCells(cells)
	return n > 1 && n*2 > len(cells)
}

// filledCells is how many cells hold anything.
func filledCells(cells [][]byte) int {
	n := 0
	for _, cell := range cells {
		if len(bytes.Trim(cell, " \t\"")) > 0 {
			n++
		}
	}
	return n
}
