package source

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"muster/pipeline/printable"
)

// cellKind is what a cell looks like, as far as it tells a value from a column's name.
type cellKind byte

const (
	kindBlank cellKind = iota
	kindWords
	kindEmail
	kindDate
	kindNumber
	kindCount // a whole number of few digits
)

// looksLike tells what a cell is. A name of a column is never an address.
func looksLike(cell []byte) cellKind {
	cell = bytes.TrimSpace(cell)
	if len(cell) == 0 {
		return kindBlank
	}
	if at := bytes.IndexByte(cell, '@'); at > 0 && bytes.IndexByte(cell[at:], '.') > 1 && bytes.IndexByte(cell, ' ') < 0 {
		return kindEmail
	}
	digits, marks := 0, 0
	for _, ch := range bytes.TrimRight(bytes.TrimLeft(cell, "$'+(€£"), "%€Z") {
		switch {
		case ch >= '0' && ch <= '9':
			digits++
		case strings.IndexByte("-/.:", ch) >= 0:
			marks++
		case strings.IndexByte(" ,()+T", ch) < 0:
			return kindWords
		}
	}
	switch {
	case digits >= 4 && digits <= 17 && marks >= 2 || digits >= 3 && digits <= 6 && marks > 0 &&
		bytes.IndexByte(cell, ':') > 0:
		return kindDate
	case digits >= 6, digits > 0 && bytes.ContainsAny(cell, ".,$€£"):
		return kindNumber
	case digits > 0 && marks <= 1:
		return kindCount
	}
	return kindWords
}

// kinds counts what the cells of a column look like.
type kinds [kindCount + 1]int

// ruling is the kind that nine in ten of the cells are that are not blank; kindBlank where none are.
func (k *kinds) ruling() cellKind {
	filled := 0
	for _, n := range k[kindWords:] {
		filled += n
	}
	for kind := kindWords; kind <= kindNumber; kind++ {
		if filled > 0 && k[kind]*10 >= filled*9 {
			return kind
		}
	}
	if filled > 0 && (k[kindCount]+k[kindNumber])*10 >= filled*9 {
		return kindCount
	}
	if filled > 0 {
		return kindWords
	}
	return kindBlank
}

// columnKinds are the ruling kinds of the columns of a sample's records.
func (d *dialect) columnKinds(body []byte, width int, s supply) []cellKind {
	counts := make([]kinds, width)
	d.records(body, s, func(record []byte, v verdict) {
		if v.width != width {
			return
		}
		for i, cell := range d.cellsOf(record, v)[:width] {
			counts[i][looksLike(cell)]++
		}
	})
	ruling := make([]cellKind, width)
	for i := range counts {
		ruling[i] = counts[i].ruling()
	}
	return ruling
}

// firstIsRow says why the first record is a row and no header: it holds an e-mail address, a date or a number where the
// rows below hold such, and nowhere words where they don't. "" when it may be a header. A year may be a name, and so
// may the numbers of the columns.
func (r *csvReader) firstIsRow(cells [][]byte, body []byte) string {
	below := r.columnKinds(body, len(cells), r.in.supplyBehind())
	alike, small, alone, named := 0, 0, 0, false
	counted := len(cells) >= 3 && countUp(cells)
	for i, cell := range cells {
		kind := looksLike(cell)
		switch {
		case kind == kindEmail && below[i] == kindBlank:
			alone++
		case kind == kindCount && (counted || below[i] < kindNumber || isYear(cell)):
		case below[i] <= kindWords || kind == kindBlank:
		case kind == below[i] && kind != kindCount:
			alike++
		case kind >= kindNumber && below[i] >= kindNumber:
			small++
		case below[i] == kindCount:
			named = true
		case kind != kindCount:
			return ""
		}
	}
	if alike > 0 || !named {
		alike += small
	}
	switch {
	case alike > 0:
		return fmt.Sprintf("the first line looks like the rows in %d of %s", alike, printable.Counted(len(cells), "column"))
	case alone > 0:
		return "the first line holds an e-mail address"
	}
	return ""
}

// countUp says whether cells are the numbers of the columns, from 0 or 1 on.
func countUp(cells [][]byte) bool {
	first := string(bytes.TrimSpace(cells[0]))
	if first != "0" && first != "1" {
		return false
	}
	for i, cell := range cells {
		if string(bytes.TrimSpace(cell)) != strconv.Itoa(i+int(first[0]-'0')) {
			return false
		}
	}
	return true
}

// isYear says whether a cell is a year of our time.
func isYear(cell []byte) bool {
	cell = bytes.TrimSpace(cell)
	return len(cell) == 4 && (bytes.HasPrefix(cell, []byte("19")) || bytes.HasPrefix(cell, []byte("20")))
}

// grouped looks for a second row of the header, below one that names groups of columns: the first leaves cells blank,
// the second none, and rows follow that it does not look like.
func (r *csvReader) grouped(names []string, sample []byte, at int) (heading, bool) {
	filled := 0
	for _, name := range names {
		if name != "" {
			filled++
		}
	}
	if filled < 2 || filled == len(names) || names[len(names)-1] != "" && filled*2 > len(names) || at >= len(sample) {
		return heading{}, false
	}
	v := r.read(sample, at, r.in.supplyBehind())
	if v.state != ended || v.code != "" || v.width != len(names) {
		return heading{}, false
	}
	cells := r.cellsOf(sample[at:v.end], v)
	if !likeNames(cells) || filledCells(cells) < len(cells) {
		return heading{}, false
	}
	unlike := false
	for _, kind := range r.columnKinds(sample[v.end:], len(names), r.in.supplyBehind()) {
		unlike = unlike || kind > kindWords && kind != kindCount
	}
	return heading{cells: cells, end: v.end, records: 2}, unlike
}

// underGroups puts the name of its group before each column's.
func underGroups(groups, names []string) []string {
	group := ""
	for i, name := range names {
		if groups[i] != "" {
			group = groups[i]
		}
		names[i] = strings.TrimSpace(group + " " + name)
	}
	return names
}
