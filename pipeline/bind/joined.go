package bind

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/outcome"
	"muster/pipeline/source"
	"muster/pipeline/trust"
	"muster/pipeline/unseen"
)

// mostJoined bounds what of a second file is kept in memory: its key and the columns that the mapping names.
// A million organisations of 100 bytes take less than half of it.
const mostJoined = 256 << 20

// joinedFile is a second file by its key. Immutable once read, so any number of checkers may share it.
type joinedFile struct {
	join   mappings.Join
	names  []string // of the columns that are kept, as the mapping calls them
	cells  []byte   // of all rows, one after the other
	ends   []uint32 // of each cell: len(names) of them for each row
	next   []int32  // by row: the next row of the same key, -1: none
	last   []int32  // by row, of a key's first: its last so far
	first  map[string]int32
	digest []byte
	size   int
}

// A fence keeps a mapping that nobody named, found beside its file, to regular files below its own folder: whoever sent
// the export may have written it, and what it joins in is read in the user's name and sent. The zero fence lets all in.
type fence struct {
	folder string
	say    func(line string) // hears of each file that is let in
}

// fenceOf is the fence of an input's mapping. A copy that muster itself keeps beside refused rows is that of a mapping
// that passed it before.
func (in *Input) fenceOf(c *Options) fence {
	if in.Ruled == "" || c.Mapping != "" || c.Properties != "" || trust.Below(filepath.Join(c.State, "runs"), in.Ruled) == nil {
		return fence{}
	}
	return fence{folder: filepath.Dir(in.Ruled), say: c.Say}
}

func (f *fence) pass(m *mappings.Mapping, j *mappings.Join) error {
	if f.folder == "" {
		return nil
	}
	if err := trust.Below(f.folder, j.File); errors.Is(err, fs.ErrNotExist) {
		return nil // whoever opens it says so
	} else if err != nil {
		return &outcome.UsageError{Err: fmt.Errorf("%s, line %d: the file that is %s: %w, and a mapping that nobody named may read no other: --mapping names it",
			m.Name, j.Line, act(j), err)}
	}
	if j.Rule > 0 {
		f.say(fmt.Sprintf("%s looks values up in %s", m.Name, j.File))
		return nil
	}
	f.say(fmt.Sprintf("%s joins in %s", m.Name, j.File))
	return nil
}

// readLookups reads the second files of a mapping. The errors are of how they are called, or of reading them.
func readLookups(m *mappings.Mapping, o source.Options, f fence) (all []*joinedFile, err error) {
	var mistakes []error
	for _, j := range m.Joins() {
		l := &joinedFile{join: j, first: map[string]int32{}}
		if err := l.read(m, o, f); err != nil {
			mistakes = append(mistakes, err)
		}
		all = append(all, l)
	}
	return all, errors.Join(mistakes...)
}

func (l *joinedFile) read(m *mappings.Mapping, o source.Options, f fence) error {
	if _, err := os.Stat(l.join.File); err != nil {
		if _, err := os.Stat(l.join.Named); err == nil { // the mapping is a copy that lies elsewhere, as that of rejects does
			l.join.File = l.join.Named
		}
	}
	if err := f.pass(m, &l.join); err != nil {
		return err
	}
	var raw *os.File
	err := error(nil)
	if IsSpecial(l.join.File) { // it is read twice, and may never end
		err = fmt.Errorf("%s is no file but a pipe or a device", l.join.File)
	} else {
		raw, err = os.Open(l.join.File)
	}
	if err != nil {
		return &outcome.UsageError{Err: fmt.Errorf("%s, line %d: the file that is %s: %w", m.Name, l.join.Line, act(&l.join), err)}
	}
	l.digest, err = digestAll(raw)
	raw.Close()
	if err != nil {
		return fmt.Errorf("read %s: %w", l.join.File, err)
	}
	reader, err := source.Open(l.join.File, nil, source.Options{Scratch: o.Scratch})
	if err != nil {
		return err
	}
	defer reader.Close()
	var chunk source.Chunk
	var block source.Block
	for {
		if err := reader.Cut(&chunk); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		reader.Parse(&chunk, &block)
		if err := l.add(m, &block); err != nil {
			return err
		}
	}
}

func digestAll(r io.Reader) ([]byte, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, r)
	return sum.Sum(nil), err
}

// add keeps what a block has. Rows that cannot be trusted, and those without a key, stop the run: whose they
// are nobody knows.
func (l *joinedFile) add(m *mappings.Mapping, block *source.Block) error {
	key, columns, err := l.columnsOf(m, block.Header.Names)
	if err != nil {
		return err
	}
	for i := range block.Rows {
		row := &block.Rows[i]
		if row.Code != "" {
			return &outcome.UsageError{Err: fmt.Errorf("%s, line %d: the row cannot be read (%s), and what is joined in must be whole", l.join.File, row.Line, row.Code)}
		}
		text := ""
		if key < len(row.Cells) {
			text = string(unseen.Append(nil, row.Cells[key]))
		}
		if text == "" {
			continue // nobody's
		}
		if err := l.keep(text, row, columns); err != nil {
			return err
		}
	}
	return nil
}

// columnsOf finds the key's column and those that the mapping names. The names of later headers, which JSON
// may have, are added behind.
func (l *joinedFile) columnsOf(m *mappings.Mapping, names []string) (key int, columns []int, err error) {
	if key = slices.Index(names, l.join.Other); key < 0 {
		return 0, nil, &outcome.UsageError{Err: fmt.Errorf("%s has no column %q, on which line %d of %s joins it", l.join.File, l.join.Other, l.join.Line, m.Name)}
	}
	columns = make([]int, len(l.names))
	for i := range columns {
		columns[i] = -1
	}
	for i, name := range names {
		called := l.join.Name + "." + name
		at := slices.Index(l.names, called)
		if at < 0 && len(l.first) == 0 && m.Refers(called) {
			at = len(l.names)
			l.names, columns = append(l.names, called), append(columns, i)
		}
		if at >= 0 {
			columns[at] = i
		}
	}
	return key, columns, nil
}

func (l *joinedFile) keep(key string, row *source.Row, columns []int) error {
	number := int32(len(l.next))
	if before, twice := l.first[key]; twice {
		if !l.join.List {
			return &outcome.UsageError{Err: fmt.Errorf("%s, line %d: a second row of one key: join a file with one row for each, or write  rows: list", l.join.File, row.Line)}
		}
		l.next[l.last[before]], l.last[before] = number, number
	} else {
		l.first[key] = number
		l.size += len(key)
	}
	l.next, l.last = append(l.next, -1), append(l.last, number)
	for _, column := range columns {
		if column >= 0 && column < len(row.Cells) && (column >= len(row.Kinds) || row.Kinds[column] != 'n' && row.Kinds[column] != 0) {
			l.cells = append(l.cells, row.Cells[column]...)
		}
		l.ends = append(l.ends, uint32(len(l.cells)))
	}
	l.size += 8 + 4*len(columns) + 48 // the last: what a map's entry takes
	if l.size+len(l.cells) > mostJoined {
		return &outcome.UsageError{Err: fmt.Errorf("%s: what the mapping joins of it is more than the %d MB that muster keeps in memory: name fewer of its columns", l.join.File, mostJoined>>20)}
	}
	return nil
}

func (l *joinedFile) cell(row int32, column int) []byte {
	at := int(row)*len(l.names) + column
	from := uint32(0)
	if at > 0 {
		from = l.ends[at-1]
	}
	return l.cells[from:l.ends[at]]
}

// joinTo appends the cells of a key, and says whether there is one. Lists are written into scratch.
func (l *joinedFile) joinTo(key []byte, cells [][]byte, kinds, scratch []byte) ([][]byte, []byte, []byte, bool) {
	first, found := l.first[string(unseen.Append(nil, key))]
	for column := range l.names {
		switch {
		case !found:
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
				Message: fmt.Sprintf("the file has no column %q, by which %s is %s", l.join.Own, l.join.File, act(&l.join)), Fix: fmt.Sprintf("name another column in line %d of the mapping", l.join.Line)})
		}
		t.keys = append(t.keys, key)
		for range l.names {
			t.owners = append(t.owners, key)
		}
		columns = append(columns, l.names...)
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
		if column < len(l.names) {
			return l.names[column]
		}
		column -= len(l.names)
	}
	return ""
}

// Names are what the mapping calls the joined columns; none of a nil table.
func (t *joinedTable) Names() (all []string) {
	if t == nil {
		return nil
	}
	for _, l := range t.lookups {
		all = append(all, l.names...)
	}
	return all
}
