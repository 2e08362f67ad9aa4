package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"muster/pipeline/trust"
)

// ErrDoubled means that an ordinal was added a second time. The first entry stands and Files goes on.
var ErrDoubled = errors.New("the row has an outcome already")

// ErrNotAdded means that Replace or Amend named an ordinal that has no entry. Files goes on.
var ErrNotAdded = errors.New("the row has no outcome to replace")

// ErrClosed means that Files was used after Close.
var ErrClosed = errors.New("the report files are closed")

// Entry is everything the reports hold of one row. Byte slices are copied before Add or Replace returns.
type Entry struct {
	Ordinal     int64  // 0-based place of the row among all rows read
	Outcome     []byte // finished CSV line incl. \n, see AppendOutcome; every entry has one
	Reject      []byte // finished CSV line incl. \n, see AppendReject, or nil
	RejectTable int    // which header Reject stands under, see Files.Table
	Problems    []byte // finished CSV lines incl. \n, see AppendProblem, or nil

	amends bool // Outcome is status,code,column,detail\n for the outcome the row has, Problems are further ones
}

// Amendment changes what is said of a row whose other fields the caller no longer has. Byte slices are copied before
// Amend returns.
type Amendment struct {
	Ordinal int64
	// these four take the place of what the row's outcome has; its other fields stay, and so does its status where there
	// is none, and its problem where there is no Code: Detail goes before its own
	Status      string
	Code        string
	Column      string
	Detail      string
	Reject      []byte // finished CSV line incl. \n, see AppendReject: takes the place of the row's own; nil: that stays
	RejectTable int
	Problems    []byte // finished CSV lines incl. \n, see AppendProblem: after the row's own
}

// FilesOptions are the settings of Files. The zero value is good.
type FilesOptions struct {
	// Memory is how many bytes entries ahead of their turn may take, about, before they go to a spill file, and again as
	// many for replacements. 0 means 16 MiB: the outcomes of some 100,000 rows.
	Memory int
	// Refused keeps what EachRefused needs behind Close, until EndRefused.
	Refused bool
	// Open opens every file for reading and writing, new or emptied: reports, index and spill. nil means os.OpenFile with
	// mode 0600. Tests hand in disks that are full.
	Open func(path string) (Storage, error)
}

// Storage is what Files needs of an open file. *os.File has it.
type Storage interface {
	io.Writer
	io.WriterAt
	io.ReaderAt
	io.Closer
	// Truncate makes the file that long; Files asks for 0 only.
	Truncate(size int64) error
}

// Files writes outcomes.csv, rejects.csv (rejects-2.csv … where inputs have different headers) and problems.csv in the
// order of ordinals, whatever order entries come in. An entry in its turn goes straight to the files' buffers; one
// ahead of its turn waits, in memory up to a limit, then in a spill file. Memory is bounded by Memory, the number of
// distinct headers, and at most one bit for each row between the one whose turn it is and the farthest one added.
//
// Files belongs to one goroutine. After an error that is not ErrDoubled or ErrNotAdded it only repeats that error, and
// Close still releases everything. A full disk is an error that wraps syscall.ENOSPC.
type Files struct {
	dir     string
	books   *books
	early   *reorderBuffer // entries ahead of their turn
	late    *reorderBuffer // replacements
	ahead   seen           // the ordinals of early
	next    int64          // the ordinal whose turn it is
	headers [][]byte
	tables  map[string]int
	changed bool               // there are replacements
	use     func(*Entry) error // write, bound once: binding it for every early entry would allocate
	line    []byte             // of an amendment
	err     error
	whole   bool // closed, and all was written
}

// Ends says how Files closed.
type Ends struct {
	Missing int64    // ordinals 0..rows-1 that were never added
	Beyond  int64    // ordinals ≥ rows that were added: outcomes of rows that nobody read
	Paths   []string // the files that came to be: outcomes first, then rejects, then problems
}

// Create opens the reports in dir, which it makes (0700) where it is missing. What an earlier Files left there is
// replaced. Files are 0600. rejects and problems come to be with their first line.
func Create(dir string, o FilesOptions) (*Files, error) {
	if o.Memory <= 0 {
		o.Memory = 16 << 20
	}
	if o.Open == nil {
		o.Open = openPrivate
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := sweep(dir); err != nil {
		return nil, err
	}
	f := &Files{dir: dir, books: newBooks(dir, "", o.Open), tables: make(map[string]int)}
	f.books.keeps = o.Refused
	f.use = f.write
	f.early = newReorderBuffer(o.Memory, func() (Storage, error) { return o.Open(filepath.Join(dir, earlyName)) })
	f.late = newReorderBuffer(o.Memory, func() (Storage, error) { return o.Open(filepath.Join(dir, lateName)) })
	if err := f.books.outcomes.flush(); err != nil { // a directory that cannot be written shows now
		return nil, errors.Join(err, f.books.close())
	}
	return f, nil
}

// The names of the spill files. They exist only while Files is open.
const (
	earlyName = ".early"
	lateName  = ".late"
)

// sweep removes what an earlier Files left in dir.
func sweep(dir string) error {
	old, err := fs.Glob(os.DirFS(dir), "rejects*.csv*")
	if err != nil {
		return err
	}
	books, err := fs.Glob(os.DirFS(dir), "rejects*.xlsx")
	if err != nil {
		return err
	}
	old = append(append(old, books...), problemsName, indexName, indexName+".new", earlyName, lateName, outcomesName+
		".new", problemsName+".new")
	for _, name := range old {
		if err := removeIfThere(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// openPrivate opens a file that only its owner can read, also where it was there before with another mode.
func openPrivate(path string) (Storage, error) {
	file, err := trust.Create(path)
	if err != nil {
		return nil, err // a nil file in a Storage would not be nil
	}
	return file, nil
}

// Table returns the number of the rejects file for rows under header, which is copied; equal headers share one. A file
// comes to be when its first row does.
func (f *Files) Table(header []string) (table int) {
	line := appendNames(nil, append(header[:len(header):len(header)], RejectColumns[:]...))
	table, known := f.tables[string(line)]
	if !known {
		table = len(f.headers)
		f.headers = append(f.headers, line)
		f.tables[string(line)] = table
	}
	return table
}

// Add takes the entry of one row, each ordinal exactly once and in any order.
func (f *Files) Add(e Entry) error {
	if err := f.check(&e); err != nil {
		return err
	}
	if e.Ordinal < f.next || f.ahead.has(e.Ordinal) {
		return fmt.Errorf("row %d: %w", e.Ordinal, ErrDoubled)
	}
	if e.Ordinal > f.next {
		f.ahead.add(e.Ordinal)
		return f.keep(f.early.put(&e))
	}
	if err := f.write(&e); err != nil {
		return f.keep(err)
	}
	f.ahead.pass(f.next, false)
	f.next++
	if f.ahead.count == 0 {
		return nil
	}
	return f.keep(f.writeEarly())
}

// AddPlain takes the entries of rows that follow each other, of which there is nothing but the line of their outcome:
// all lines, one behind the other, and where each ends.
func (f *Files) AddPlain(first int64, lines []byte, ends []int) error {
	if f.err == nil && first == f.next && f.ahead.count == 0 {
		f.next += int64(len(ends))
		f.ahead.forget()
		return f.keep(f.books.writePlain(first, lines, ends))
	}
	from := 0
	for i, end := range ends {
		if err := f.Add(Entry{Ordinal: first + int64(i), Outcome: lines[from:end]}); err != nil {
			return err
		}
		from = end
	}
	return nil
}

// Replace puts e in the place of the entry that its ordinal has, for verdicts that come late. Replacements and
// amendments of one row take effect in the order they came. They wait as early entries do and are applied at Close by
// writing the files anew, which takes their size again on disk until it is done.
func (f *Files) Replace(e Entry) error {
	if err := f.check(&e); err != nil {
		return err
	}
	if e.Ordinal >= f.next && !f.ahead.has(e.Ordinal) {
		return fmt.Errorf("row %d: %w", e.Ordinal, ErrNotAdded)
	}
	f.changed = true
	return f.keep(f.late.put(&e))
}

// Amend changes the entry that a.Ordinal has, at Close, as Replace does.
func (f *Files) Amend(a Amendment) error {
	line := append(appendField(f.line[:0], a.Status), ',')
	line = append(appendField(line, a.Code), ',')
	line = append(appendField(line, a.Column), ',')
	f.line = append(appendField(line, a.Detail), '\n')
	return f.Replace(Entry{Ordinal: a.Ordinal, Outcome: f.line, Reject: a.Reject, RejectTable: a.RejectTable,
		Problems: a.Problems, amends: true})
}

// check refuses an entry that would leave a file broken.
func (f *Files) check(e *Entry) error {
	switch {
	case f.err != nil:
		return f.err
	case e.Ordinal < 0:
		return fmt.Errorf("row %d: rows are counted from 0", e.Ordinal)
	case len(e.Outcome) == 0 || e.Outcome[len(e.Outcome)-1] != '\n':
		return fmt.Errorf("row %d: the outcome is not a line", e.Ordinal)
	case len(e.Reject) > 0 && (e.RejectTable < 0 || e.RejectTable >= len(f.headers)):
		return fmt.Errorf("row %d: no rejects table %d", e.Ordinal, e.RejectTable)
	}
	return nil
}

// keep remembers the first error that breaks the files.
func (f *Files) keep(err error) error {
	if f.err == nil {
		f.err = err
	}
	return err
}

func (f *Files) write(e *Entry) error {
	if err := f.books.note(e); err != nil {
		return err
	}
	return f.books.write(e, f.headers)
}

// writeEarly writes the entries whose turn has come.
func (f *Files) writeEarly() error {
	for {
		ordinal, ok := f.early.first()
		if !ok || ordinal != f.next {
			return nil
		}
		if err := f.early.take(f.use); err != nil {
			return err
		}
		f.ahead.pass(f.next, true)
		f.next++
	}
}

// Close writes what still waits, leaving out the rows that never came, applies the replacements, and closes all files.
// rows is the number of rows read. After an error the files may end in the middle of a line, and Ends counts rows whose
// entries could not be written as missing.
func (f *Files) Close(rows int64) (Ends, error) {
	if errors.Is(f.err, ErrClosed) {
		return Ends{}, f.err
	}
	inTurn := min(f.next, rows)
	ends := Ends{Missing: rows - inTurn, Beyond: f.next - inTurn}
	err := f.err
	if err == nil {
		err = f.writeGapped(rows, &ends)
	}
	if err == nil && f.changed {
		err = f.applyLate()
	}
	err = errors.Join(err, f.books.close(), f.early.close(), f.late.close())
	for _, name := range []string{earlyName, lateName} {
		err = errors.Join(err, removeIfThere(filepath.Join(f.dir, name)))
	}
	f.err = ErrClosed
	if f.whole = err == nil; !f.whole {
		err = errors.Join(err, removeIfThere(f.books.index.path))
	}
	ends.Paths = f.books.paths()
	return ends, err
}

// Discard closes the files as they are: whoever writes them anew needs nothing of what waits.
func (f *Files) Discard() error {
	f.changed = false
	_, err := f.Close(f.next)
	return err
}

// writeGapped writes all entries that still wait and counts them in ends.
func (f *Files) writeGapped(rows int64, ends *Ends) error {
	for {
		ordinal, ok := f.early.first()
		if !ok {
			return nil
		}
		if ordinal < rows {
			ends.Missing--
		} else {
			ends.Beyond++
		}
		if err := f.early.take(f.use); err != nil {
			return err
		}
	}
}

func (f *Files) applyLate() error {
	old := f.books
	for _, s := range append(old.sinks(), &old.index) {
		if err := s.flush(); err != nil {
			return err
		}
	}
	fresh, err := rewrite(old, f.late, f.headers)
	f.books = fresh
	return err
}
