package dedupe

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
)

// Share says that a row has an identity that other rows have, too.
type Share struct {
	Ordinal int64 // of the row
	Number  int64 // of the identity: rows that share it have the same, from 1, in the order of the first rows
	Kind    Kind
	first   int64 // ordinal of the first row that has it
}

// Shares are the identities that several rows have, in order of the rows' ordinals. They are held in memory up to a limit
// and in sorted runs on disk beyond it.
type Shares struct {
	dir   string
	order func(a, b Share) int
	list  []Share
	spill *os.File
	runs  []sortedRun
	next  int // the run whose head is the least, -1 none is left
}

// held is how many shares wait in memory: 96 k of 32 bytes are 3 MiB.
const (
	held       = 96 << 10
	recordSize = 24
)

type sortedRun struct {
	reader io.Reader
	head   Share
	live   bool
	record [recordSize]byte
}

func newShares(dir string, order func(a, b Share) int) *Shares {
	return &Shares{dir: dir, order: order}
}

func (s *Shares) add(one Share) error {
	s.list = append(s.list, one)
	if len(s.list) < held {
		return nil
	}
	return s.flush()
}

// flush writes what is held as one sorted run.
func (s *Shares) flush() error {
	if s.spill == nil {
		f, err := unnamed(s.dir, "shared identities")
		if err != nil {
			return err
		}
		s.spill = f
	}
	slices.SortFunc(s.list, s.order)
	buffer := make([]byte, 0, len(s.list)*recordSize)
	for _, one := range s.list {
		buffer = binary.LittleEndian.AppendUint64(buffer, uint64(one.Ordinal))
		buffer = binary.LittleEndian.AppendUint64(buffer, uint64(one.Number)<<8|uint64(one.Kind))
		buffer = binary.LittleEndian.AppendUint64(buffer, uint64(one.first))
	}
	offset, err := s.spill.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = s.spill.Write(buffer)
	}
	if err != nil {
		return fmt.Errorf("write shared identities: %w", err)
	}
	s.runs = append(s.runs, sortedRun{reader: io.NewSectionReader(s.spill, offset, int64(len(buffer)))})
	s.list = s.list[:0]
	return nil
}

// sort ends the adding.
func (s *Shares) sort() error {
	if s.spill != nil && len(s.list) > 0 {
		if err := s.flush(); err != nil {
			return err
		}
		s.list = nil
	}
	slices.SortFunc(s.list, s.order)
	for i := range s.runs {
		s.runs[i].reader = bufio.NewReader(s.runs[i].reader)
		if err := s.runs[i].step(); err != nil {
			return err
		}
	}
	s.next = s.least()
	return nil
}

// Some says whether there is any left.
func (s *Shares) Some() bool {
	_, some := s.peek()
	return some
}

// Before appends the shares of the rows before an ordinal that were not given yet.
func (s *Shares) Before(ordinal int64, dst []Share) ([]Share, error) {
	for {
		one, some := s.peek()
		if !some || one.Ordinal >= ordinal {
			return dst, nil
		}
		dst = append(dst, one)
		if err := s.drop(); err != nil {
			return dst, err
		}
	}
}

// Close gives the temporary file back.
func (s *Shares) Close() {
	if s.spill != nil {
		s.spill.Close()
	}
}

// peek finds the least share over memory and runs.
func (s *Shares) peek() (Share, bool) {
	if s.spill == nil {
		if len(s.list) == 0 {
			return Share{}, false
		}
		return s.list[0], true
	}
	if s.next >= 0 {
		return s.runs[s.next].head, true
	}
	return Share{}, false
}

func (s *Shares) drop() error {
	if s.spill == nil {
		s.list = s.list[1:]
		return nil
	}
	err := s.runs[s.next].step()
	s.next = s.least()
	return err
}

func (s *Shares) least() int {
	least := -1
	for i := range s.runs {
		if s.runs[i].live && (least < 0 || s.order(s.runs[i].head, s.runs[least].head) < 0) {
			least = i
		}
	}
	return least
}

func (r *sortedRun) step() error {
	b := r.record[:]
	_, err := io.ReadFull(r.reader, b)
	r.live = err == nil
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read shared identities back: %w", err)
	}
	rest := binary.LittleEndian.Uint64(b[8:])
	r.head = Share{int64(binary.LittleEndian.Uint64(b)), int64(rest >> 8), Kind(rest), int64(binary.LittleEndian.Uint64(b[16:]))}
	return nil
}

// byRow and byIdentity are the orders that shares are brought into.
func byRow(a, b Share) int {
	switch { // one after the other: this is where a file of duplicates spends its time
	case a.Ordinal != b.Ordinal:
		return cmp.Compare(a.Ordinal, b.Ordinal)
	case a.Kind != b.Kind:
		return cmp.Compare(a.Kind, b.Kind)
	}
	return cmp.Compare(a.Number, b.Number)
}

func byIdentity(a, b Share) int {
	if a.first != b.first {
		return cmp.Compare(a.first, b.first)
	}
	return cmp.Compare(a.Number, b.Number)
}

// inOrder numbers identities in the order of their first rows, so that what is kept of them is met in the order in which
// it was kept, and puts the shares in the order of rows.
func (s *Shares) inOrder() (*Shares, error) {
	defer s.Close()
	if err := s.sort(); err != nil {
		return nil, err
	}
	rows, number, before := newShares(s.dir, byRow), int64(0), int64(0)
	for one, some := s.peek(); some; one, some = s.peek() {
		if err := s.drop(); err != nil {
			return rows, err
		}
		if one.Number != before {
			before = one.Number
			number++
		}
		one.Number = number
		if err := rows.add(one); err != nil {
			return rows, err
		}
	}
	return rows, rows.sort()
}
