package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Note is what is said of one row in the four columns behind its own, RejectColumns. It never holds a cell's value.
type Note struct{ Code, Column, Message, Fix string }

// Annotated gives the user's tables back: annotated.csv (annotated-2.csv … for further tables) with the same rows in
// the same order with the same cells, formula-defused, and RejectColumns behind them. They are blank where a row has
// nothing wrong. Rows come in order, one table after the other; what is found wrong later is put in at Close, by
// writing the table anew. Memory is bounded by FilesOptions.Memory. Annotated belongs to one goroutine. A full disk is
// an error that wraps syscall.ENOSPC.
type Annotated struct {
	dir    string
	open   func(path string) (Storage, error)
	tables []annotatedTable
	rows   int64 // of all tables so far
	sink   sink  // of the last table
	late   *reorderBuffer
	line   []byte
}

// annotatedTable is one finished or begun file: the rows from first on, up to those of the next.
type annotatedTable struct {
	path  string
	first int64
}

// annotatedLate is the spill file of late notes. It exists only until Close.
const annotatedLate = ".annotated"

// Annotate prepares to write into dir, which must be there. What an earlier Annotated left there is removed. Call
// Close.
func Annotate(dir string, o FilesOptions) (*Annotated, error) {
	if o.Memory <= 0 {
		o.Memory = 16 << 20
	}
	if o.Open == nil {
		o.Open = openPrivate
	}
	old, err := fs.Glob(os.DirFS(dir), "annotated*.csv*")
	if err != nil {
		return nil, err
	}
	for _, name := range old {
		if err := removeIfThere(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	a := &Annotated{dir: dir, open: o.Open}
	a.late = newReorderBuffer(o.Memory, func() (Storage, error) { return o.Open(filepath.Join(dir, annotatedLate)) })
	return a, nil
}

// Begin begins the next table; rows added from now on are its.
func (a *Annotated) Begin(header []string) error {
	if err := a.sink.close(); err != nil {
		return err
	}
	name := "annotated.csv"
	if n := len(a.tables) + 1; n > 1 {
		name = fmt.Sprintf("annotated-%d.csv", n)
	}
	path := filepath.Join(a.dir, name)
	a.tables = append(a.tables, annotatedTable{path: path, first: a.rows})
	a.sink = sink{path: path, limit: sinkBuffer, open: a.open, begun: true,
		buffer: appendNames(a.sink.buffer[:0], append(header[:len(header):len(header)], RejectColumns[:]...))}
	return nil
}

// Add takes the next row: its cells, as many as it has, and what is wrong with it, the zero Note for nothing. Nothing
// of it is kept. A row whose cells could not be told apart has none: its note stands at the beginning of its line, and
// whoever reads the file again finds a row that is too narrow.
func (a *Annotated) Add(cells [][]byte, n Note) error {
	a.rows++
	a.line = AppendReject(a.line[:0], cells, n.Code, n.Column, n.Message, n.Fix)
	return a.sink.append(a.line)
}

// Amend says what is wrong with a row added before, counted from 0 over all tables. A row that has a note keeps it.
func (a *Annotated) Amend(ordinal int64, n Note) error {
	a.line = AppendReject(a.line[:0], nil, n.Code, n.Column, n.Message, n.Fix)
	return a.late.put(&Entry{Ordinal: ordinal, Outcome: a.line})
}

// Close puts in the late notes and returns the files that came to be.
func (a *Annotated) Close() ([]string, error) {
	err := a.sink.close()
	var paths []string
	for i, table := range a.tables {
		end := a.rows
		if i+1 < len(a.tables) {
			end = a.tables[i+1].first
		}
		if ordinal, some := a.late.first(); err == nil && some && ordinal < end {
			err = a.rewrite(table, end)
		}
		paths = append(paths, table.path)
	}
	return paths, errors.Join(err, a.late.close(), removeIfThere(filepath.Join(a.dir, annotatedLate)))
}

// rewrite writes a table anew with the late notes of its rows.
func (a *Annotated) rewrite(table annotatedTable, end int64) error {
	old, err := os.Open(table.path)
	if err != nil {
		return err
	}
	fresh := sink{path: table.path + ".new", limit: sinkBuffer, open: a.open, begun: true, buffer: a.sink.buffer[:0]}
	err = errors.Join(a.copyNoted(bufio.NewReaderSize(old, sinkBuffer), &fresh, table.first, end), old.Close(),
		fresh.close())
	if err == nil {
		err = os.Rename(fresh.path, table.path)
	}
	if err != nil {
		return errors.Join(err, removeIfThere(fresh.path))
	}
	return nil
}

func (a *Annotated) copyNoted(old *bufio.Reader, fresh *sink, first, end int64) error {
	for ordinal := first - 1; ordinal < end; ordinal++ { // the first record is the header
		if err := a.record(old); err != nil {
			return err
		}
		if next, some := a.late.first(); some && next == ordinal && ordinal >= first {
			if err := a.late.take(a.amend); err != nil {
				return err
			}
		}
		if err := fresh.append(a.line); err != nil {
			return err
		}
		for next, some := a.late.first(); some && next <= ordinal; next, some = a.late.first() {
			if err := a.late.take(func(*Entry) error { return nil }); err != nil {
				return err
			}
		}
	}
	return nil
}

// blankNote is how the line of a row with nothing wrong ends.
const blankNote = ",,,\n"

// amend puts a late note on the line in hand.
func (a *Annotated) amend(e *Entry) error {
	if own, blank := bytes.CutSuffix(a.line, []byte(blankNote)); blank {
		a.line = append(own, e.Outcome...)
	}
	return nil
}

// record reads one record of a file of ours into line: lines until its quotes are closed.
func (a *Annotated) record(in *bufio.Reader) error {
	a.line = a.line[:0]
	for quotes := 0; ; {
		part, err := in.ReadSlice('\n')
		a.line = append(a.line, part...)
		quotes += bytes.Count(part, []byte{'"'})
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return shortened(err)
		case err != nil:
			return err
		case quotes%2 == 0:
			return nil
		}
	}
}
