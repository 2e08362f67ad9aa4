package bind

import (
	"crypto/sha256"
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
	all    []joinedColumn
	kept   []int // of all, those that a rule of the mapping reads
	header joinedHeader
	cells  []byte   // of all rows, one after the other
	ends   []uint32 // of each cell that is kept
	starts []uint32 // by row: its first of ends. JSON may have keys that earlier rows had not
	next   []int32  // by row: the next row of the same key, -1: none
	last   []int32  // by row, of a key's first: its last so far
	first  map[string]int32
	digest []byte
	size   int
}

// joinedColumn is a column of a second file.
type joinedColumn struct {
	name   string // as the mapping calls it
	own    string // as its file does
	values int64  // cells that are not blank
	kept   int    // its place among those that are kept, -1: no rule reads it
	key    bool   // rows are found by it
}

// joinedHeader is a header of a second file.
type joinedHeader struct {
	names   []string
	key     int   // the key's place
	columns []int // by place: which of all columns stands there
	places  []int // by column that is kept: its place, -1: the header lacks it
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
	if in.Ruled == "" || c.Mapping != "" || c.Properties != "" ||
		trust.Below(filepath.Join(c.State, "runs"), in.Ruled) == nil {
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
		return &outcome.UsageError{Err: fmt.Errorf("%s, line %d: the file that is %s: %w, and a mapping that nobody named "+
			"may read no other: --mapping names it",
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
		return &outcome.UsageError{Err: fmt.Errorf("%s, line %d: the file that is %s: %w", m.Name, l.join.Line, act(&l.join),
			err)}
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

// add counts and keeps what a block has. Rows that cannot be trusted, and those without a key, stop the run: whose they
// are nobody knows.
func (l *joinedFile) add(m *mappings.Mapping, block *source.Block) error {
	if !slices.Equal(l.header.names, block.Header.Names) {
		if err := l.headed(m, block.Header.Names); err != nil {
			return err
		}
	}
	key := l.header.key
	for i := range block.Rows {
		row := &block.Rows[i]
		if row.Code != "" {
			return &outcome.UsageError{Err: fmt.Errorf("%s, line %d: the row cannot be read (%s), and what is joined in must "+
				"be whole", l.join.File, row.Line, row.Code)}
		}
		for column, of := range l.header.columns {
			if filled(row, column) {
				l.all[of].values++
			}
		}
		text := ""
		if key < len(row.Cells) {
			text = string(unseen.Append(nil, row.Cells[key]))
		}
		if text == "" {
			continue // nobody's
		}
		if err := l.keep(text, row); err != nil {
			return err
		}
	}
	return nil
}

// filled says whether a row has a value in a column.
func filled(row *source.Row, column int) bool {
	return column < len(row.Cells) && (column >= len(row.Kinds) || row.Kinds[column] != 'n' && row.Kinds[column] != 0) &&
		!unseen.Blank(row.Cells[column])
}

// headed finds the key and the columns of a header. JSON may have names in later ones: they are added behind.
func (l *joinedFile) headed(m *mappings.Mapping, names []string) error {
	key := slices.Index(names, l.join.Other)
	if key < 0 {
		return &outcome.UsageError{Err: fmt.Errorf("%s has no column %q, on which line %d of %s joins it", l.join.File,
			l.join.Other, l.join.Line, m.Name)}
	}
	if l.join.Rule > 0 { // only its values are looked up
		l.header = joinedHeader{names: slices.Clone(names), key: key}
		return nil
	}
	columns := make([]int, len(names))
	known := map[string][]int{} // those of a name that no column of this header has yet
	for i := range l.all {
		known[l.all[i].own] = append(known[l.all[i].own], i)
	}
	for i, name := range names {
		own := name
		if strings.TrimSpace(own) == "" {
			own = mappings.ColumnAt(i)
		}
		at := len(l.all)
		if same := known[own]; len(same) > 0 {
			at, known[own] = same[0], same[1:]
		} else {
			column := joinedColumn{name: l.join.Name + "." + own, own: own, kept: -1, key: i == key}
			if m.Reads(column.name) {
				if slices.Index(names, name) != i {
					return &outcome.UsageError{Err: fmt.Errorf("%s has two columns %q, and %s names %s: give one of them another name",
						l.join.File, name, m.Name, column.name)}
				}
				column.kept, l.kept = len(l.kept), append(l.kept, len(l.all))
			}
			l.all = append(l.all, column)
		}
		columns[i] = at
	}
	places := make([]int, len(l.kept))
	for kept, of := range l.kept {
		places[kept] = slices.Index(columns, of)
	}
	l.header = joinedHeader{names: slices.Clone(names), key: key, columns: columns, places: places}
	return nil
}

func (l *joinedFile) keep(key string, row *source.Row) error {
	number := int32(len(l.next))
	if before, twice := l.first[key]; twice {
		if !l.join.List {
			return &outcome.UsageError{Err: fmt.Errorf("%s, line %d: a second row of one key: join a file with one row for "+
				"each, or write  rows: list", l.join.File, row.Line)}
		}
		l.next[l.last[before]], l.last[before] = number, number
	} else {
		l.first[key] = number
		l.size += len(key)
	}
	l.next, l.last = append(l.next, -1), append(l.last, number)
	l.starts = append(l.starts, uint32(len(l.ends)))
	for _, column := range l.header.places {
		if column >= 0 && filled(row, column) {
			l.cells = append(l.cells, row.Cells[column]...)
		}
		l.ends = append(l.ends, uint32(len(l.cells)))
	}
	l.size += 12 + 4*len(l.kept) + 48 // the last: what a map's entry takes
	if l.size+len(l.cells) > mostJoined {
		return &outcome.UsageError{Err: fmt.Errorf("%s: what the mapping joins of it is more than the %d MB that muster "+
			"keeps in memory: name fewer of its columns", l.join.File, mostJoined>>20)}
	}
	return nil
}

// cell is a row's cell of a column that is kept; nil where the row had none.
func (l *joinedFile) cell(row int32, kept int) []byte {
	at, end := int(l.starts[row])+kept, len(l.ends)
	if int(row)+1 < len(l.starts) {
		end = int(l.starts[row+1])
	}
	if at >= end {
		return nil
	}
	from := uint32(0)
	if at > 0 {
		from = l.ends[at-1]
	}
	return l.cells[from:l.ends[at]]
}
