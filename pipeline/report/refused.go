package report

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
)

// Refused is a refused row as the files have it, formula-defused. It is good until the next one.
type Refused struct {
	Cells    [][]byte   // its own, and RejectColumns
	Problems [][][]byte // its lines in problems.csv, in the order of ProblemHeader
}

// RefusedTable is a file of refused rows.
type RefusedTable struct {
	Path   string
	Header [][]byte // with RejectColumns
	table  int
}

// RefusedTables are the files of refused rows that came to be; none where Close failed.
func (f *Files) RefusedTables() []RefusedTable {
	if !f.whole {
		return nil
	}
	var list []RefusedTable
	for table, s := range f.books.rejects {
		if s != nil && s.begun {
			list = append(list, RefusedTable{s.path, splitLine(nil, bytes.Clone(s.header)), table})
		}
	}
	return list
}

// EachRefused calls use with every refused row of a table in turn, once Close has succeeded and before EndRefused. It
// ends at the first error, use's or its own. Files must have been made with FilesOptions.Refused, and be as they were
// written.
func (f *Files) EachRefused(t RefusedTable, use func(*Refused) error) error {
	index, err := os.Open(f.books.index.path)
	if err != nil {
		return err
	}
	defer index.Close()
	problems, err := openBehind(f.books.problems.path, len(f.books.problems.header))
	if err != nil {
		return err
	}
	defer problems.file.Close()
	rejects, err := openBehind(t.Path, len(f.books.rejects[t.table].header))
	if err != nil {
		return err
	}
	defer rejects.file.Close()
	entries := spans{in: bufio.NewReaderSize(index, sinkBuffer), last: -1}
	var e span
	var row Refused
	for {
		if err := entries.next(&e); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if e.reject == 0 || e.table != t.table {
			if _, err := problems.in.Discard(int(e.problems)); err != nil {
				return shortened(err)
			}
			continue
		}
		said, err := problems.take(e.problems)
		if err != nil {
			return err
		}
		own, err := rejects.take(e.reject)
		if err != nil {
			return err
		}
		row.Cells, row.Problems = splitLine(row.Cells[:0], own), row.Problems[:0]
		for len(said) > 0 {
			length := lineLength(said)
			row.Problems = append(row.Problems, splitLine(nil, said[:length]))
			said = said[length:]
		}
		if err := use(&row); err != nil {
			return err
		}
	}
}

// EndRefused removes what was kept for EachRefused.
func (f *Files) EndRefused() error { return removeIfThere(f.books.index.path) }

// lines is a file of ours that is read back by lengths.
type lines struct {
	file *os.File
	in   *bufio.Reader
	held []byte
}

func openBehind(path string, header int) (*lines, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	l := &lines{file: file, in: bufio.NewReaderSize(file, sinkBuffer)}
	if _, err := l.in.Discard(header); err != nil {
		return nil, errors.Join(shortened(err), file.Close())
	}
	return l, nil
}

// take reads the next bytes, good until the next call.
func (l *lines) take(length int64) ([]byte, error) {
	if int64(cap(l.held)) < length {
		l.held = make([]byte, length)
	}
	l.held = l.held[:length]
	if _, err := io.ReadFull(l.in, l.held); err != nil {
		return nil, shortened(err)
	}
	return l.held, nil
}

// lineLength is how long the first line of a text of ours is, its end included.
func lineLength(text []byte) int {
	inside := false
	for i, c := range text {
		if c == '"' {
			inside = !inside
		}
		if c == '\n' && !inside {
			return i + 1
		}
	}
	return len(text)
}

// splitLine appends the cells of one line of ours, every byte of them as it was: encoding/csv would take away a CR
// before an LF. The line is overwritten.
func splitLine(cells [][]byte, line []byte) [][]byte {
	for at := 0; at < len(line); {
		if line[at] != '"' {
			end := at
			for line[end] != ',' && line[end] != '\n' {
				end++
			}
			cells = append(cells, line[at:end:end])
			at = end + 1
			continue
		}
		at++
		start, to := at, at
		for line[at] != '"' || line[at+1] == '"' {
			if line[at] == '"' {
				at++
			}
			line[to] = line[at]
			to, at = to+1, at+1
		}
		cells = append(cells, line[start:to:to])
		at += 2
	}
	return cells
}
