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

// Duplicates are the rows that have an earlier row for the same customer, in order of ordinal, one
// entry a row. They are held in memory up to a limit and in sorted runs on disk beyond it.
type Duplicates struct {
	dir   string
	list  []Duplicate
	spill *os.File
	runs  []sortedRun
	next  *Duplicate
}

// held is how many duplicates wait in memory: 128 k of 64 bytes are 8 MiB.
const (
	held       = 128 << 10
	recordSize = 40
)

type sortedRun struct {
	reader io.Reader
	head   Duplicate
	live   bool
}

func newDuplicates(dir string) *Duplicates { return &Duplicates{dir: dir} }

func (t *Duplicates) add(duplicate Duplicate) error {
	t.list = append(t.list, duplicate)
	if len(t.list) < held {
		return nil
	}
	return t.flush()
}

// flush writes what is held as one sorted run.
func (t *Duplicates) flush() error {
	if t.spill == nil {
		f, err := os.CreateTemp(t.dir, ".duplicates-*")
		if err != nil {
			return fmt.Errorf("open a temporary file for duplicates: %w", err)
		}
		os.Remove(f.Name())
		t.spill = f
	}
	slices.SortFunc(t.list, compare)
	buffer := make([]byte, 0, len(t.list)*recordSize)
	for _, duplicate := range t.list {
		buffer = appendRecord(buffer, duplicate)
	}
	offset, err := t.spill.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = t.spill.Write(buffer)
	}
	if err != nil {
		return fmt.Errorf("write duplicates: %w", err)
	}
	t.runs = append(t.runs, sortedRun{reader: io.NewSectionReader(t.spill, offset, int64(len(buffer)))})
	t.list = t.list[:0]
	return nil
}

// sort ends the adding. After it, At may be asked for ordinals in increasing order.
func (t *Duplicates) sort() error {
	if t.spill != nil && len(t.list) > 0 {
		if err := t.flush(); err != nil {
			return err
		}
	}
	slices.SortFunc(t.list, compare)
	for i := range t.runs {
		t.runs[i].reader = bufio.NewReader(t.runs[i].reader)
		if err := t.runs[i].step(); err != nil {
			return err
		}
	}
	return t.advance()
}

// At gives the duplicate of a row, false where it has none. Ordinals are asked in increasing order.
func (t *Duplicates) At(ordinal int64) (Duplicate, bool, error) {
	for t.next != nil && t.next.Ordinal < ordinal {
		if err := t.advance(); err != nil {
			return Duplicate{}, false, err
		}
	}
	if t.next == nil || t.next.Ordinal != ordinal {
		return Duplicate{}, false, nil
	}
	return *t.next, true, nil
}

// Each calls f for every duplicate not yet passed, in order of ordinal.
func (t *Duplicates) Each(f func(Duplicate) error) error {
	for t.next != nil {
		if err := f(*t.next); err != nil {
			return err
		}
		if err := t.advance(); err != nil {
			return err
		}
	}
	return nil
}

// Close gives the temporary file back.
func (t *Duplicates) Close() {
	if t.spill != nil {
		t.spill.Close()
	}
}

// advance moves next to the following row, folding the several duplicates of one row into one: the
// earliest row it is the same as, and a conflict if any of them is one.
func (t *Duplicates) advance() error {
	first, ok, err := t.pop()
	if err != nil || !ok {
		t.next = nil
		return err
	}
	for {
		other, ok, err := t.peek()
		if err != nil {
			return err
		}
		if !ok || other.Ordinal != first.Ordinal {
			break
		}
		if _, _, err := t.pop(); err != nil {
			return err
		}
		first.Conflict = first.Conflict || other.Conflict
	}
	t.next = &first
	return nil
}

// peek finds the least duplicate over memory and runs.
func (t *Duplicates) peek() (Duplicate, bool, error) {
	if t.spill == nil {
		if len(t.list) == 0 {
			return Duplicate{}, false, nil
		}
		return t.list[0], true, nil
	}
	if least := t.least(); least >= 0 {
		return t.runs[least].head, true, nil
	}
	return Duplicate{}, false, nil
}

func (t *Duplicates) pop() (Duplicate, bool, error) {
	duplicate, ok, err := t.peek()
	if err != nil || !ok {
		return duplicate, ok, err
	}
	if t.spill == nil {
		t.list = t.list[1:]
		return duplicate, true, nil
	}
	return duplicate, true, t.runs[t.least()].step()
}

func (t *Duplicates) least() int {
	least := -1
	for i := range t.runs {
		if t.runs[i].live && (least < 0 || compare(t.runs[i].head, t.runs[least].head) < 0) {
			least = i
		}
	}
	return least
}

func (r *sortedRun) step() error {
	var b [recordSize]byte
	_, err := io.ReadFull(r.reader, b[:])
	r.live = err == nil
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read duplicates back: %w", err)
	}
	r.head = readRecord(b[:])
	return nil
}

func compare(a, b Duplicate) int {
	return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), cmp.Compare(a.First, b.First), cmp.Compare(a.Kind, b.Kind))
}

func appendRecord(dst []byte, t Duplicate) []byte {
	for _, n := range [...]int64{t.Ordinal, t.At, t.First, t.Line} {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(n))
	}
	dst = binary.LittleEndian.AppendUint16(dst, uint16(t.Input))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(t.AtInput))
	conflict := byte(0)
	if t.Conflict {
		conflict = 1
	}
	return append(dst, byte(t.Kind), conflict, 0, 0)
}

func readRecord(b []byte) Duplicate {
	n := func(at int) int64 { return int64(binary.LittleEndian.Uint64(b[at:])) }
	return Duplicate{
		Ordinal: n(0), At: n(8), First: n(16), Line: n(24),
		Input: int(binary.LittleEndian.Uint16(b[32:])), AtInput: int(binary.LittleEndian.Uint16(b[34:])),
		Kind: Kind(b[36]), Conflict: b[37] == 1,
	}
}
