package report

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// runsAtMost: so many sorted runs may stand in a spill file before they are merged into one. With runBuffer it bounds
// the memory for reading them at 2 MiB.
const runsAtMost = 64

// runBuffer is how much of a run is read at once; a longer entry makes its run's buffer grow.
const runBuffer = 32 << 10

// itemBytes is what an item costs beside the bytes of its entry.
const itemBytes = 32

// A reorderBuffer keeps entries and gives them back in the order of their ordinals, in bounded memory: what does not
// fit is sorted and written to a spill file as a run, and runs are merged while they are read. Entries with one ordinal
// come back in the order they were put.
type reorderBuffer struct {
	limit int // bytes in memory
	open  func() (Storage, error)

	bytes []byte // of the entries in memory, in the order they came
	items heap[item]
	age   int64 // of the newest item

	spill Storage // nil until needed
	end   int64   // of what the spill holds
	runs  heap[*run]
	entry Entry // the one being given back
}

// item is an entry in memory: bytes[from:to].
type item struct {
	ordinal, age int64
	from, to     int
}

// run is a sorted stretch of the spill file, read from front to back. Its first entry is in buffer.
type run struct {
	age      int64 // greater is newer
	next     int64 // where in the spill the bytes after buffer stand
	end      int64
	buffer   []byte
	at       int // of the first entry's body in buffer
	size     int // of that body
	ordinal  int64
	finished bool
}

func newReorderBuffer(limit int, open func() (Storage, error)) *reorderBuffer {
	return &reorderBuffer{
		limit: limit,
		open:  open,
		items: heap[item]{before: func(a, b *item) bool {
			return a.ordinal < b.ordinal || a.ordinal == b.ordinal && a.age < b.age
		}},
		runs: heap[*run]{before: func(a, b **run) bool {
			return (*a).ordinal < (*b).ordinal || (*a).ordinal == (*b).ordinal && (*a).age < (*b).age
		}},
	}
}

// put copies e into the buffer.
func (s *reorderBuffer) put(e *Entry) error {
	if len(s.items.items) == 0 {
		s.bytes = s.bytes[:0]
	}
	from := len(s.bytes)
	s.bytes = appendBody(s.bytes, e)
	s.age++
	s.items.push(item{e.Ordinal, s.age, from, len(s.bytes)})
	if len(s.bytes)+itemBytes*len(s.items.items) > s.limit {
		return s.spillItems()
	}
	return nil
}

// first returns the least ordinal in the buffer; ok is false where it is empty.
func (s *reorderBuffer) first() (ordinal int64, ok bool) {
	if s.inRun() {
		return s.runs.items[0].ordinal, true
	}
	if len(s.items.items) > 0 {
		return s.items.items[0].ordinal, true
	}
	return 0, false
}

// inRun reports whether the first entry is one of the spill: what is in memory came later.
func (s *reorderBuffer) inRun() bool {
	return len(s.runs.items) > 0 &&
		(len(s.items.items) == 0 || s.runs.items[0].ordinal <= s.items.items[0].ordinal)
}

// take hands the first entry to use and takes it off the buffer. The entry is valid until use returns; use may not put.
// The buffer must not be empty.
func (s *reorderBuffer) take(use func(*Entry) error) error {
	if !s.inRun() {
		top := s.items.items[0]
		s.items.drop()
		s.entry.Ordinal = top.ordinal
		readBody(s.bytes[top.from:top.to], &s.entry)
		return use(&s.entry)
	}
	top := s.runs.items[0]
	s.entry.Ordinal = top.ordinal
	readBody(top.body(), &s.entry)
	if err := use(&s.entry); err != nil {
		return err
	}
	if err := s.step(); err != nil {
		return err
	}
	if len(s.runs.items) > 0 {
		return nil
	}
	s.end = 0
	return s.spill.Truncate(0)
}

// step moves the first run on by one entry.
func (s *reorderBuffer) step() error {
	top := s.runs.items[0]
	if err := top.advance(s.spill); err != nil {
		return err
	}
	if top.finished {
		s.runs.drop()
	} else {
		s.runs.fix()
	}
	return nil
}

// spillItems writes what is in memory to the spill file as one run.
func (s *reorderBuffer) spillItems() error {
	if s.spill == nil {
		spill, err := s.open()
		if err != nil {
			return err
		}
		s.spill = spill
	}
	w := spillWriter{to: s.spill, size: s.end}
	items := s.items.items
	slices.SortFunc(items, func(a, b item) int {
		if s.items.before(&a, &b) {
			return -1
		}
		return 1
	})
	for _, i := range items {
		if err := w.frame(i.ordinal, s.bytes[i.from:i.to]); err != nil {
			return err
		}
	}
	age := s.age
	s.items.items, s.bytes = items[:0], s.bytes[:0]
	if err := s.addRun(&w, age); err != nil {
		return err
	}
	if len(s.runs.items) >= runsAtMost {
		return s.mergeRuns()
	}
	return nil
}

// mergeRuns makes one run of all, at the end of the spill file.
func (s *reorderBuffer) mergeRuns() error {
	w := spillWriter{to: s.spill, size: s.end}
	var age int64
	for _, r := range s.runs.items {
		age = max(age, r.age)
	}
	for len(s.runs.items) > 0 {
		top := s.runs.items[0]
		if err := w.frame(top.ordinal, top.body()); err != nil {
			return err
		}
		if err := s.step(); err != nil {
			return err
		}
	}
	return s.addRun(&w, age)
}

// addRun ends what w wrote and makes a run of it.
func (s *reorderBuffer) addRun(w *spillWriter, age int64) error {
	if err := w.flush(); err != nil {
		return err
	}
	r := &run{age: age, next: s.end, end: w.size}
	s.end = w.size
	if err := r.advance(s.spill); err != nil {
		return err
	}
	s.runs.push(r)
	return nil
}

func (s *reorderBuffer) close() error {
	if s.spill == nil {
		return nil
	}
	return s.spill.Close()
}

// frameHead is what stands before an entry's body in the spill: the ordinal, then the body's length, little endian.
const frameHead = 8 + 4

// spillWriter gathers frames into larger writes.
type spillWriter struct {
	to     Storage
	size   int64 // of the spill, with what was gathered
	buffer []byte
}

func (w *spillWriter) frame(ordinal int64, body []byte) error {
	w.buffer = binary.LittleEndian.AppendUint64(w.buffer, uint64(ordinal))
	w.buffer = binary.LittleEndian.AppendUint32(w.buffer, uint32(len(body)))
	w.buffer = append(w.buffer, body...)
	w.size += int64(frameHead + len(body))
	if len(w.buffer) < runBuffer {
		return nil
	}
	return w.flush()
}

func (w *spillWriter) flush() error {
	_, err := w.to.WriteAt(w.buffer, w.size-int64(len(w.buffer)))
	w.buffer = w.buffer[:0]
	return err
}

// body is the first entry's, until the run advances.
func (r *run) body() []byte { return r.buffer[r.at : r.at+r.size] }

// advance goes to the run's next entry, or finishes it.
func (r *run) advance(from Storage) error {
	at := r.at + r.size
	if at == len(r.buffer) && r.next == r.end {
		r.finished = true
		return nil
	}
	if err := r.hold(from, at, frameHead); err != nil {
		return err
	}
	head := r.buffer[r.at:]
	r.ordinal = int64(binary.LittleEndian.Uint64(head))
	r.size = int(binary.LittleEndian.Uint32(head[8:]))
	return r.hold(from, r.at+frameHead, r.size)
}

// hold sees to it that the n bytes of the run that start at buffer[at] stand in the buffer, and makes r.at their place.
func (r *run) hold(from Storage, at, n int) error {
	r.at = at
	if at+n <= len(r.buffer) {
		return nil
	}
	kept := copy(r.buffer, r.buffer[at:])
	more := min(int64(max(runBuffer, n)-kept), r.end-r.next)
	if int64(n) > int64(kept)+more {
		return fmt.Errorf("spill file: it ends within row %d", r.ordinal)
	}
	r.at = 0
	r.buffer = slices.Grow(r.buffer[:kept], int(more))[:kept+int(more)]
	got, err := from.ReadAt(r.buffer[kept:], r.next)
	r.next += more
	if got == int(more) {
		return nil
	}
	return err
}

// appendBody appends all of e but its ordinal.
func appendBody(dst []byte, e *Entry) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(e.Outcome)))
	dst = binary.AppendUvarint(dst, uint64(len(e.Reject)))
	dst = binary.AppendUvarint(dst, uint64(e.RejectTable)<<1|bit(e.amends))
	dst = append(dst, e.Outcome...)
	dst = append(dst, e.Reject...)
	return append(dst, e.Problems...)
}

// readBody is the inverse of appendBody; e's slices are parts of body.
func readBody(body []byte, e *Entry) {
	outcome, n := binary.Uvarint(body)
	body = body[n:]
	reject, n := binary.Uvarint(body)
	body = body[n:]
	table, n := binary.Uvarint(body)
	body = body[n:]
	e.Outcome, e.Reject, e.Problems = body[:outcome], body[outcome:outcome+reject], body[outcome+reject:]
	e.RejectTable, e.amends = int(table>>1), table&1 == 1
}

func bit(set bool) uint64 {
	if set {
		return 1
	}
	return 0
}
