package pipeline

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
)

// Twins are the rows that have an earlier row for the same customer, in order of ordinal, one
// entry a row. They are held in memory up to a limit and in sorted runs on disk beyond it.
type Twins struct {
	dir   string
	list  []Twin
	spill *os.File
	runs  []twinRun
	next  *Twin
}

// twinsHeld is how many twins wait in memory: 128 k of 64 bytes are 8 MiB.
const (
	twinsHeld = 128 << 10
	twinSize  = 40
)

type twinRun struct {
	reader io.Reader
	head   Twin
	live   bool
}

func newTwins(dir string) *Twins { return &Twins{dir: dir} }

func (t *Twins) add(twin Twin) error {
	t.list = append(t.list, twin)
	if len(t.list) < twinsHeld {
		return nil
	}
	return t.flush()
}

// flush writes what is held as one sorted run.
func (t *Twins) flush() error {
	if t.spill == nil {
		f, err := os.CreateTemp(t.dir, ".twins-*")
		if err != nil {
			return fmt.Errorf("open a temporary file for duplicates: %w", err)
		}
		os.Remove(f.Name())
		t.spill = f
	}
	slices.SortFunc(t.list, compareTwins)
	buffer := make([]byte, 0, len(t.list)*twinSize)
	for _, twin := range t.list {
		buffer = appendTwin(buffer, twin)
	}
	offset, err := t.spill.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = t.spill.Write(buffer)
	}
	if err != nil {
		return fmt.Errorf("write duplicates: %w", err)
	}
	t.runs = append(t.runs, twinRun{reader: io.NewSectionReader(t.spill, offset, int64(len(buffer)))})
	t.list = t.list[:0]
	return nil
}

// sort ends the adding. After it, At may be asked for ordinals in increasing order.
func (t *Twins) sort() error {
	if t.spill != nil && len(t.list) > 0 {
		if err := t.flush(); err != nil {
			return err
		}
	}
	slices.SortFunc(t.list, compareTwins)
	for i := range t.runs {
		t.runs[i].reader = bufio.NewReader(t.runs[i].reader)
		if err := t.runs[i].step(); err != nil {
			return err
		}
	}
	return t.advance()
}

// At gives the twin of a row, false where it has none. Ordinals are asked in increasing order.
func (t *Twins) At(ordinal int64) (Twin, bool, error) {
	for t.next != nil && t.next.Ordinal < ordinal {
		if err := t.advance(); err != nil {
			return Twin{}, false, err
		}
	}
	if t.next == nil || t.next.Ordinal != ordinal {
		return Twin{}, false, nil
	}
	return *t.next, true, nil
}

// Each calls f for every twin not yet passed, in order of ordinal.
func (t *Twins) Each(f func(Twin) error) error {
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
func (t *Twins) Close() {
	if t.spill != nil {
		t.spill.Close()
	}
}

// advance moves next to the following row, folding the several twins of one row into one: the
// earliest row it is the same as, and a conflict if any of them is one.
func (t *Twins) advance() error {
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

// peek finds the least twin over memory and runs.
func (t *Twins) peek() (Twin, bool, error) {
	if t.spill == nil {
		if len(t.list) == 0 {
			return Twin{}, false, nil
		}
		return t.list[0], true, nil
	}
	if least := t.least(); least >= 0 {
		return t.runs[least].head, true, nil
	}
	return Twin{}, false, nil
}

func (t *Twins) pop() (Twin, bool, error) {
	twin, ok, err := t.peek()
	if err != nil || !ok {
		return twin, ok, err
	}
	if t.spill == nil {
		t.list = t.list[1:]
		return twin, true, nil
	}
	return twin, true, t.runs[t.least()].step()
}

func (t *Twins) least() int {
	least := -1
	for i := range t.runs {
		if t.runs[i].live && (least < 0 || compareTwins(t.runs[i].head, t.runs[least].head) < 0) {
			least = i
		}
	}
	return least
}

func (r *twinRun) step() error {
	var b [twinSize]byte
	_, err := io.ReadFull(r.reader, b[:])
	r.live = err == nil
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read duplicates back: %w", err)
	}
	r.head = readTwin(b[:])
	return nil
}

func compareTwins(a, b Twin) int {
	return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), cmp.Compare(a.First, b.First), cmp.Compare(a.Kind, b.Kind))
}

func appendTwin(dst []byte, t Twin) []byte {
	for _, n := range [...]int64{t.Ordinal, t.At, t.First, t.Line} {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(n))
	}
	dst = binary.LittleEndian.AppendUint16(dst, uint16(t.Input))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(t.AtInput))
	conflict := byte(0)
	if t.Conflict {
		conflict = 1
	}
	return append(dst, t.Kind, conflict, 0, 0)
}

func readTwin(b []byte) Twin {
	n := func(at int) int64 { return int64(binary.LittleEndian.Uint64(b[at:])) }
	return Twin{
		Ordinal: n(0), At: n(8), First: n(16), Line: n(24),
		Input: int(binary.LittleEndian.Uint16(b[32:])), AtInput: int(binary.LittleEndian.Uint16(b[34:])),
		Kind: b[36], Conflict: b[37] == 1,
	}
}
