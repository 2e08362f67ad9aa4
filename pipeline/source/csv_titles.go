package source

import (
	"unicode"
	"unicode/utf8"

	"muster/pipeline/unseen"
)

// titles are the cells of a header: a row with the same is no row.
type titles struct {
	cells  [][]byte        // nil where there is no header
	names  map[string]bool // the cells, plain
	begins [1 << 10]bool   // see beginning
}

func newTitles(cells [][]byte) titles {
	t := titles{cells: cells, names: map[string]bool{}}
	for _, cell := range cells {
		name := appendTitle(nil, cell)
		t.names[string(name)] = true
		if at, ok := beginning(name); ok {
			t.begins[at] = true
		}
	}
	return t
}

// appendTitle appends a cell as titles are compared. Upper case comes first: two letters beyond ASCII are a K and an S
// of another kind.
func appendTitle(dst, cell []byte) []byte {
	var room [64]byte
	for text := unseen.Append(room[:0], cell); len(text) > 0; {
		r, n := utf8.DecodeRune(text)
		dst = utf8.AppendRune(dst, unicode.ToLower(unicode.ToUpper(r)))
		text = text[n:]
	}
	return dst
}

// beginning is the place of a cell in titles.begins, by its first two characters in any case; not ok: they are not both
// of ASCII and seen.
func beginning(cell []byte) (at int, ok bool) {
	if len(cell) < 2 || cell[0] <= ' ' || cell[1] <= ' ' || cell[0] >= 0x7F || cell[1] >= 0x7F {
		return 0, false
	}
	return int(cell[0]&0x1F)<<5 | int(cell[1]&0x1F), true
}

// likely says whether a row may be the header once more: its first cell is the name of a column. Two characters tell
// nearly every row from it.
func (t *titles) likely(cells [][]byte) bool {
	if len(cells) != len(t.cells) {
		return false
	}
	if at, ok := beginning(cells[0]); ok && !t.begins[at] {
		return false
	}
	var room [64]byte
	return t.names[string(appendTitle(room[:0], cells[0]))]
}

// repeated says whether the cells are those of the header.
func (t *titles) repeated(cells [][]byte) bool {
	for i, cell := range cells {
		if !sameTitle(cell, t.cells[i]) {
			return false
		}
	}
	return true
}

// moved says whether each cell is the name of a column of its own: where files with the same columns in different
// places were put one behind the other, the header stands there in another order.
func (t *titles) moved(cells [][]byte) bool {
	if len(cells) < 2 {
		return false
	}
	taken := make([]bool, len(t.cells))
	for _, cell := range cells {
		at := -1
		for i, name := range t.cells {
			if !taken[i] && sameTitle(cell, name) {
				at = i
				break
			}
		}
		if at < 0 {
			return false
		}
		taken[at] = true
	}
	return true
}
