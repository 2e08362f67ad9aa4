// Package extsort is an external merge sort of records of one size: what does not fit into memory is written to a
// temporary file in sorted runs and read back merged. It is written by hand, in 150 lines, since the kept libraries for
// it sort lines or gob, with an allocation or more a record.
package extsort

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// A Record says what is sorted, and how one stands on disk.
type Record[T any] struct {
	Name    string // for messages: "the roster"
	Size    int    // bytes on disk
	Held    int    // records that wait in memory
	Unique  bool   // of equal records one is given
	Compare func(a, b T) int
	Append  func(dst []byte, one T) []byte // Size bytes
	Read    func(from []byte) T
}

// A Sorter takes records in any order. It belongs to one goroutine.
type Sorter[T any] struct {
	dir    string
	record *Record[T]
	list   []T
	spill  *os.File
	ends   []int64 // of the runs in the file
}

// New makes a sorter whose temporary file, if one is needed, is in dir.
func New[T any](dir string, record *Record[T]) *Sorter[T] {
	return &Sorter[T]{dir: dir, record: record}
}

// Add takes one more record.
func (s *Sorter[T]) Add(one T) error {
	s.list = append(s.list, one)
	if len(s.list) < s.record.Held {
		return nil
	}
	return s.flush()
}

// Sort ends the adding.
func (s *Sorter[T]) Sort() error {
	if s.spill != nil && len(s.list) > 0 {
		if err := s.flush(); err != nil {
			return err
		}
		s.list = nil
	}
	s.order()
	return nil
}

func (s *Sorter[T]) order() {
	slices.SortFunc(s.list, s.record.Compare)
	if s.record.Unique {
		s.list = slices.CompactFunc(s.list, func(a, b T) bool { return s.record.Compare(a, b) == 0 })
	}
}

// flush writes what is held as one sorted run.
func (s *Sorter[T]) flush() error {
	if s.spill == nil {
		file, err := os.CreateTemp(s.dir, ".sort-*")
		if err != nil {
			return fmt.Errorf("open a temporary file for %s: %w", s.record.Name, err)
		}
		os.Remove(file.Name()) // whatever ends the process, nothing stays behind
		s.spill = file
	}
	s.order()
	from := int64(0)
	if len(s.ends) > 0 {
		from = s.ends[len(s.ends)-1]
	}
	w := bufio.NewWriterSize(io.NewOffsetWriter(s.spill, from), 1<<16)
	for _, one := range s.list {
		w.Write(s.record.Append(w.AvailableBuffer(), one)) // Flush gives the error
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", s.record.Name, err)
	}
	s.ends, s.list = append(s.ends, from+int64(len(s.list)*s.record.Size)), s.list[:0]
	return nil
}

// Close gives the temporary file back.
func (s *Sorter[T]) Close() {
	if s.spill != nil {
		s.spill.Close()
	}
}

// A Cursor goes over what a sorter sorted, from the least on.
type Cursor[T any] struct {
	record *Record[T]
	list   []T
	runs   []run[T]
	next   int // the run whose head is the least, -1 none is left
}

type run[T any] struct {
	from   *bufio.Reader
	head   T
	live   bool
	buffer []byte
}

// Cursor begins a walk over the records. There may be several, after Sort.
func (s *Sorter[T]) Cursor() (*Cursor[T], error) {
	c := &Cursor[T]{record: s.record, list: s.list, runs: make([]run[T], len(s.ends))}
	from := int64(0)
	for i, end := range s.ends {
		c.runs[i] = run[T]{from: bufio.NewReader(io.NewSectionReader(s.spill, from, end-from)),
			buffer: make([]byte, s.record.Size)}
		if err := c.step(&c.runs[i]); err != nil {
			return nil, err
		}
		from = end
	}
	c.next = c.least()
	return c, nil
}

// Peek is the record whose turn it is; false when none is left.
func (c *Cursor[T]) Peek() (one T, some bool) {
	switch {
	case c.next >= 0:
		return c.runs[c.next].head, true
	case len(c.list) > 0:
		return c.list[0], true
	}
	return one, false
}

// Drop goes to the next record. The error is of reading the file.
func (c *Cursor[T]) Drop() error {
	if c.next < 0 {
		c.list = c.list[1:]
		return nil
	}
	before := c.runs[c.next].head
	for {
		if err := c.step(&c.runs[c.next]); err != nil {
			return err
		}
		c.next = c.least()
		if !c.record.Unique || c.next < 0 || c.record.Compare(c.runs[c.next].head, before) != 0 {
			return nil
		}
	}
}

func (c *Cursor[T]) least() int {
	least := -1
	for i := range c.runs {
		if c.runs[i].live && (least < 0 || c.record.Compare(c.runs[i].head, c.runs[least].head) < 0) {
			least = i
		}
	}
	return least
}

func (c *Cursor[T]) step(r *run[T]) error {
	_, err := io.ReadFull(r.from, r.buffer)
	r.live = err == nil
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return fmt.Errorf("read %s back: %w", c.record.Name, err)
	}
	r.head = c.record.Read(r.buffer)
	return nil
}
