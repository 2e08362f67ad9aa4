package report

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// sinkBuffer is how much a file gathers before it is written; rejectsBuffer is that of a rejects file, smaller because
// there is one for every distinct header.
const (
	sinkBuffer    = 128 << 10
	rejectsBuffer = 16 << 10
)

// sink is one file being written. It is opened with its first line, so that a file nobody needs does not come to be.
type sink struct {
	path   string
	header []byte
	limit  int // bytes of buffer
	open   func(path string) (Storage, error)

	file    Storage
	buffer  []byte
	begun   bool  // the header is written
	written int64 // bytes that left the buffer
}

func (s *sink) append(line []byte) error {
	if !s.begun {
		s.begun = true
		s.buffer = append(s.buffer, s.header...)
	}
	s.buffer = append(s.buffer, line...)
	if len(s.buffer) < s.limit {
		return nil
	}
	return s.flush()
}

func (s *sink) flush() error {
	if len(s.buffer) == 0 {
		return nil
	}
	if s.file == nil {
		file, err := s.open(s.path)
		if err != nil {
			return err
		}
		s.file = file
	}
	n, err := s.file.Write(s.buffer)
	s.written += int64(n)
	s.buffer = s.buffer[:0]
	return err
}

func (s *sink) close() error {
	err := s.flush()
	if s.file == nil {
		return err
	}
	err = errors.Join(err, s.file.Close())
	s.file = nil
	return err
}

// books are the files of one run and the index that tells which of their bytes are whose: for every entry in turn, as
// varints, twice the length of its outcome, and how far its ordinal is from the last one and the lengths of its other
// parts; where that is 1 and there are none, as in most, twice the length and 1.
type books struct {
	dir      string
	suffix   string // of the files' names while they are being rewritten
	open     func(path string) (Storage, error)
	outcomes sink
	problems sink
	rejects  []*sink // by table; nil until the table's first line
	named    int     // rejects files that have a name
	keeps    bool    // the index stays when all is closed, for [Files.EachRefused]
	index    sink
	last     int64 // ordinal of the last entry
	scratch  []byte
}

func newBooks(dir, suffix string, open func(path string) (Storage, error)) *books {
	b := &books{dir: dir, suffix: suffix, open: open, last: -1}
	b.outcomes = b.sink(outcomesName, []byte(OutcomeHeader), sinkBuffer)
	b.problems = b.sink(problemsName, []byte(ProblemHeader), sinkBuffer)
	b.index = b.sink(indexName, nil, sinkBuffer)
	b.outcomes.begun = true // also a run without rows has its outcomes.csv
	b.outcomes.buffer = append(b.outcomes.buffer, OutcomeHeader...)
	return b
}

func (b *books) sink(name string, header []byte, limit int) sink {
	return sink{path: filepath.Join(b.dir, name+b.suffix), header: header, limit: limit, open: b.open}
}

// write appends e to the files. headers are the encoded headers of the reject tables.
func (b *books) write(e *Entry, headers [][]byte) error {
	if err := b.outcomes.append(e.Outcome); err != nil {
		return err
	}
	if len(e.Problems) > 0 {
		if err := b.problems.append(e.Problems); err != nil {
			return err
		}
	}
	if len(e.Reject) == 0 {
		return nil
	}
	return b.rejectsOf(e.RejectTable, headers).append(e.Reject)
}

// writePlain appends the outcomes of rows that follow each other and have nothing else. ends says where each line ends.
func (b *books) writePlain(first int64, lines []byte, ends []int) error {
	index, from := b.scratch[:0], 0
	for i, end := range ends {
		index = b.appendIndex(index, &span{ordinal: first + int64(i), outcome: int64(end - from)})
		from = end
	}
	b.scratch = index
	if err := b.index.append(index); err != nil {
		return err
	}
	return b.outcomes.append(lines)
}

// note writes e's line of the index.
func (b *books) note(e *Entry) error {
	return b.noteSpan(&span{e.Ordinal, int64(len(e.Outcome)), int64(len(e.Problems)), int64(len(e.Reject)), e.RejectTable})
}

func (b *books) noteSpan(e *span) error {
	b.scratch = b.appendIndex(b.scratch[:0], e)
	return b.index.append(b.scratch)
}

// appendIndex appends the index's line of e, the next entry.
func (b *books) appendIndex(line []byte, e *span) []byte {
	step, length := e.ordinal-b.last, 2*uint64(e.outcome)
	b.last = e.ordinal
	if step == 1 && e.problems == 0 && e.reject == 0 {
		return binary.AppendUvarint(line, length+1)
	}
	line = binary.AppendUvarint(line, length)
	line = binary.AppendUvarint(line, uint64(step))
	line = binary.AppendUvarint(line, uint64(e.problems))
	line = binary.AppendUvarint(line, uint64(e.reject))
	if e.reject > 0 {
		line = binary.AppendUvarint(line, uint64(e.table))
	}
	return line
}

// rejectsOf returns the file of a table. Names are given in the order in which tables get their first line: the first
// is rejects.csv, the next rejects-2.csv.
func (b *books) rejectsOf(table int, headers [][]byte) *sink {
	for len(b.rejects) <= table {
		b.rejects = append(b.rejects, nil)
	}
	if b.rejects[table] == nil {
		b.named++
		s := b.sink(rejectsName(b.named), headers[table], rejectsBuffer)
		b.rejects[table] = &s
	}
	return b.rejects[table]
}

// The names of the files.
const (
	outcomesName = "outcomes.csv"
	problemsName = "problems.csv"
	indexName    = ".index"
)

func rejectsName(n int) string {
	if n == 1 {
		return "rejects.csv"
	}
	return fmt.Sprintf("rejects-%d.csv", n)
}

// sinks lists the files that people read, outcomes first.
func (b *books) sinks() []*sink {
	all := []*sink{&b.outcomes}
	for _, s := range b.rejects {
		if s != nil {
			all = append(all, s)
		}
	}
	return append(all, &b.problems)
}

// close writes out and closes every file, also after errors, and removes the index where nobody needs it.
func (b *books) close() error {
	var err error
	for _, s := range b.sinks() {
		err = errors.Join(err, s.close())
	}
	if err = errors.Join(err, b.index.close()); b.keeps {
		return err
	}
	return errors.Join(err, removeIfThere(b.index.path))
}

// settle gives rewritten files, which are closed, the names of those they replace; old ones without a successor go.
func (b *books) settle(old *books) error {
	kept := make(map[string]bool)
	for _, s := range b.sinks() {
		if !s.begun {
			continue
		}
		name := strings.TrimSuffix(s.path, b.suffix)
		if err := os.Rename(s.path, name); err != nil {
			return err
		}
		s.path = name
		kept[name] = true
	}
	for _, s := range old.sinks() {
		if !kept[s.path] {
			if err := removeIfThere(s.path); err != nil {
				return err
			}
		}
	}
	return nil
}

// paths lists the files that came to be.
func (b *books) paths() []string {
	var paths []string
	for _, s := range b.sinks() {
		if s.begun {
			paths = append(paths, s.path)
		}
	}
	return paths
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// spans reads the index back, entry by entry.
type spans struct {
	in   io.ByteReader
	last int64
}

// span is an entry's line of the index.
type span struct {
	ordinal                   int64
	outcome, problems, reject int64 // lengths
	table                     int
}

// next returns io.EOF after the last entry.
func (s *spans) next(e *span) error {
	length, err := binary.ReadUvarint(s.in)
	if err != nil {
		return err
	}
	if length%2 == 1 {
		s.last++
		*e = span{ordinal: s.last, outcome: int64(length / 2)}
		return nil
	}
	var rest [4]uint64 // step, lengths of problems and reject, table
	for i := range rest {
		if i == 3 && rest[2] == 0 {
			break // no reject: no table
		}
		if rest[i], err = binary.ReadUvarint(s.in); err != nil {
			return fmt.Errorf("index: %w", io.ErrUnexpectedEOF)
		}
	}
	s.last += int64(rest[0])
	*e = span{s.last, int64(length / 2), int64(rest[1]), int64(rest[2]), int(rest[3])}
	return nil
}
