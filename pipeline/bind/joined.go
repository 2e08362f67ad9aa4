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
		return &outcome.UsageError{Err: fmt.Errorf("%s, line %d: the file that is joined in: %w, and a mapping that nobody named may read no other: --mapping names it",
			m.Name, j.Line, err)}
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
		return &outcome.UsageError{Err: fmt.Errorf("%s, line %d: the file that is joined in: %w", m.Name, l.join.Line, err)}
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
