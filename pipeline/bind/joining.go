package bind

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/source"
	"muster/pipeline/unseen"
)

// joinTo appends the cells of a key, and says whether there is one. Lists are written into scratch.
func (l *joinedFile) joinTo(key []byte, cells [][]byte, kinds, scratch []byte) ([][]byte, []byte, []byte, bool) {
	first, found := l.first[string(unseen.Append(nil, key))]
	for i := range l.all {
		column := l.all[i].kept
		switch {
		case !found || column < 0:
			cells, kinds = append(cells, nil), append(kinds, 0)
		case l.join.List:
			start := len(scratch)
			scratch = l.appendList(scratch, first, column)
			cells, kinds = append(cells, scratch[start:len(scratch):len(scratch)]), append(kinds, '[')
		default:
			cells, kinds = append(cells, l.cell(first, column)), append(kinds, '"')
		}
	}
	return cells, kinds, scratch, found
}

// appendList writes the values of a column in all rows of a key as a JSON array.
func (l *joinedFile) appendList(dst []byte, row int32, column int) []byte {
	dst = append(dst, '[')
	for some := false; row >= 0; row = l.next[row] {
		text := strings.TrimSpace(string(l.cell(row, column)))
		if text == "" {
			continue
		}
		if some {
			dst = append(dst, ',')
		}
		some = true
		quoted, _ := json.Marshal(text) // a string always marshals
		dst = append(dst, quoted...)
	}
	return append(dst, ']')
}

// joinedTable is what a table needs to join second files to its rows.
type joinedTable struct {
	lookups []*joinedFile
	keys    []int // by joinedFile: the table's own column
	owners  []int // by joined column: the own column that its values are found by
}

// joins finds the columns of the joined files for a header. nil: there are none.
func (b *Binder) joins(own []string) (*joinedTable, []string, error) {
	if len(b.lookups) == 0 {
		return nil, own, nil
	}
	t := &joinedTable{lookups: b.lookups}
	columns := slices.Clone(own)
	var mistakes []mappings.BindMistake
	for _, l := range b.lookups {
		key := l.join.KeyColumn(own)
		if key < 0 {
			mistakes = append(mistakes, mappings.BindMistake{Kind: mappings.Missing, Columns: []string{l.join.Own},
				Message: fmt.Sprintf("the file has no column %q, by which %s is %s", l.join.Own, l.join.File, act(&l.join)),
				Fix:     fmt.Sprintf("name another column in line %d of the mapping", l.join.Line)})
		}
		t.keys = append(t.keys, key)
		for i := range l.all {
			t.owners = append(t.owners, key)
			columns = append(columns, l.all[i].name)
		}
	}
	if len(mistakes) > 0 {
		return nil, nil, &mappings.BindError{Mapping: b.Mapping.Name, Mistakes: mistakes}
	}
	return t, columns, nil
}

// ownKeys are the table's own columns by which files are joined in; none of a nil table.
func (t *joinedTable) ownKeys() (keys []int) {
	if t == nil {
		return nil
	}
	for i, l := range t.lookups {
		if l.join.Rule == 0 {
			keys = append(keys, t.keys[i])
		}
	}
	return keys
}

// act says what becomes of a second file.
func act(j *mappings.Join) string {
	if j.Rule > 0 {
		return "looked up"
	}
	return "joined in"
}

// Joining is the room for one row with what is joined to it.
type Joining struct {
	cells   [][]byte
	kinds   []byte
	scratch []byte

	Lacking []int // the mapping's own rules, by number, whose files lack the row's value
}

// Extend gives a row's cells with those of the joined files behind them; missing is the own column of a key
// that a file lacks that must have it, -1 none.
func (t *Table) Extend(row *source.Row, room *Joining) (cells [][]byte, kinds []byte, missing int) {
	if t.Joined == nil {
		return row.Cells, row.Kinds, -1
	}
	missing = -1
	room.cells, room.kinds, room.scratch, room.Lacking = room.cells[:0], room.kinds[:0], room.scratch[:0], room.Lacking[:0]
	for i := range t.Width {
		var cell []byte
		kind := byte(0)
		if i < len(row.Cells) {
			cell, kind = row.Cells[i], '"'
		}
		if i < len(row.Kinds) {
			kind = row.Kinds[i]
		}
		room.cells, room.kinds = append(room.cells, cell), append(room.kinds, kind)
	}
	for i, l := range t.Joined.lookups {
		own := t.Joined.keys[i]
		key := room.cells[own]
		if kind := room.kinds[own]; kind == 0 || kind == 'n' {
			key = nil
		}
		found := false
		room.cells, room.kinds, room.scratch, found = l.joinTo(key, room.cells, room.kinds, room.scratch)
		switch {
		case found || unseen.Blank(key):
		case l.join.Rule > 0:
			room.Lacking = append(room.Lacking, l.join.Rule)
		case l.join.Required && missing < 0:
			missing = own
		}
	}
	return room.cells, room.kinds, missing
}

// OwnColumn is the file's own column behind a column of the plan: itself, or the key of what is joined in.
func (t *Table) OwnColumn(column int) int {
	if t.Joined == nil || column < t.Width {
		return column
	}
	return t.Joined.owners[column-t.Width]
}

// name is what the mapping calls a joined column.
func (t *joinedTable) name(column int) string {
	for _, l := range t.lookups {
		if column < len(l.all) {
			return l.all[column].name
		}
		column -= len(l.all)
	}
	return ""
}

// Names are what the mapping calls the joined columns; none of a nil table.
func (t *joinedTable) Names() (all []string) {
	for _, c := range t.Columns() {
		all = append(all, c.Name)
	}
	return all
}

// JoinedColumn is a column of a second file, and how much it holds.
type JoinedColumn struct {
	File   string // as the mapping names it
	Join   string // by which its columns are called
	Name   string // as the mapping calls it
	Place  int    // in its file, from 0
	Values int64  // cells that are not blank
	Key    bool   // rows are found by it: its values are used, whatever the mapping makes of them
}

// Columns are those of all second files, in the order of the plan; none of a nil table.
func (t *joinedTable) Columns() (all []JoinedColumn) {
	if t == nil {
		return nil
	}
	for _, l := range t.lookups {
		for i := range l.all {
			c := &l.all[i]
			all = append(all, JoinedColumn{File: l.join.Named, Join: l.join.Name, Name: c.name, Place: i, Values: c.values,
				Key: c.key})
		}
	}
	return all
}
