package pipeline

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
)

// Roll finds the rows of one input that are the same customer, wherever they stand, by all their
// identities, in memory that does not grow with the input: marks are dealt by hash into parts, parts
// go to one temporary file in segments, and at the end each part is gone through by itself.
// Of several rows that share an identity the first stays and the others are duplicates of it.
type Roll struct {
	dir   string
	parts [rollParts][]byte
	spill *os.File
	count uint32              // segments in the file, one behind the other
	spans [rollParts][]uint32 // the numbers of each part's segments
}

const (
	rollParts = 256
	// A segment is large enough that writing it costs far less than filling it.
	rollSegment = 16 << 10
	// Parts that are larger than this, for all helpers together, are gone through in several passes by further bits of the
	// hash. With the tables this is the memory that a long input takes more than a short one.
	rollPass    = 2 << 20
	entrySize   = 32
	twinsHanded = 256 // at a time, so that helpers do not wait for each other
)

// entry is one mark of one row, 32 bytes when dealt: hash 12, primary 4, ordinal 5, line 5, input 2, kind 1, 3 spare.
type entry struct {
	mark    mark
	primary uint32 // of the row's first identity, 0: it has none of the kind that names customers
	ordinal int64
	line    int64
	input   int
}

// NewRoll makes a Roll whose temporary file, if one is needed, is in dir.
func NewRoll(dir string) *Roll { return &Roll{dir: dir} }

// Add enters a row with its identities. Rows come in increasing order of ordinal.
func (r *Roll) Add(ordinal, line int64, input int, marks []mark) error {
	primary := uint32(0)
	if len(marks) > 0 && marks[0].kind == 0 {
		primary = marks[0].lo | 1
	}
	for _, m := range marks {
		part := m.hi >> 56
		if r.parts[part] == nil {
			r.parts[part] = make([]byte, 0, rollSegment)
		}
		r.parts[part] = appendEntry(r.parts[part], entry{m, primary, ordinal, line, input})
		if len(r.parts[part]) == rollSegment {
			if err := r.flush(int(part)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Roll) flush(part int) error {
	if r.spill == nil {
		f, err := os.CreateTemp(r.dir, ".roll-*")
		if err != nil {
			return fmt.Errorf("open a temporary file for identities: %w", err)
		}
		// The name is given back at once: whatever ends the process, nothing stays behind.
		os.Remove(f.Name())
		r.spill = f
	}
	if _, err := r.spill.WriteAt(r.parts[part], int64(r.count)*rollSegment); err != nil {
		return fmt.Errorf("write identities: %w", err)
	}
	r.spans[part] = append(r.spans[part], r.count)
	r.count++
	r.parts[part] = r.parts[part][:0]
	return nil
}

// Twin says that a row is the same customer as an earlier one.
type Twin struct {
	Ordinal  int64 // the later row
	At       int64 // where the later row starts
	AtInput  int   // and the number of the table it is in, see tableAt
	First    int64 // ordinal of the earlier row
	Line     int64 // where the earlier row starts
	Input    int   // the number of the table it is in
	Kind     uint8 // the identity they share, index into identityKinds
	Conflict bool  // they share one identity and differ in the one that names customers
	loose    bool  // nothing but this identity says that they are one customer; not kept
}

// Calling is the going through a roll, part by part, in which several goroutines may help.
type Calling struct {
	roll *Roll
	room int          // bytes of entries that one helper holds at once
	next atomic.Int64 // the part whose turn it is

	mu     sync.Mutex
	twins  *Twins
	shared sharedValues
}

// Call begins to go through the roll with so many helpers. Nothing is added to it from now on.
func (r *Roll) Call(helpers int) *Calling {
	return &Calling{roll: r, room: max(rollPass/helpers, rollPass/16), twins: newTwins(r.dir), shared: sharedValues{}}
}

// Help goes through parts until none is left, or until its error. The parts hang on each other in nothing.
func (c *Calling) Help() error {
	var desk desk
	for {
		part := int(c.next.Add(1)) - 1
		if part >= rollParts {
			return nil
		}
		size := len(c.roll.parts[part]) + len(c.roll.spans[part])*rollSegment
		passes := size/c.room + 1
		desk.kept = slices.Grow(desk.kept[:0], size/passes*9/8) // the hashes do not fall quite evenly
		for pass := range passes {
			if err := c.roll.pass(part, passes, pass, &desk); err != nil {
				return err
			}
			if err := desk.match(c.add); err != nil {
				return err
			}
		}
	}
}

// Twins ends the calling once every helper has come back without an error: the twins in order of
// ordinal, one for each row that has an earlier one. The Roll is empty after.
func (c *Calling) Twins() (*Twins, error) {
	c.roll.close()
	return c.twins, c.twins.sort()
}

func (c *Calling) add(some []Twin) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, twin := range some {
		c.shared.add(&twin)
		if err := c.twins.add(twin); err != nil {
			return err
		}
	}
	return nil
}

func (r *Roll) close() {
	if r.spill != nil {
		r.spill.Close()
	}
	*r = Roll{dir: r.dir}
}

// desk is what a helper's passes need room for, one after the other.
type desk struct {
	segment [rollSegment]byte
	kept    []byte  // entries of the pass
	table   []int32 // 1 + index of the entry, 0 free
	found   []Twin
}

// pass gathers the entries of a part whose lower hash falls to this pass.
func (r *Roll) pass(part, passes, pass int, d *desk) error {
	d.kept = d.kept[:0]
	take := func(b []byte) {
		for ; len(b) >= entrySize; b = b[entrySize:] {
			if passes == 1 || int(binary.LittleEndian.Uint32(b[8:])%uint32(passes)) == pass {
				d.kept = append(d.kept, b[:entrySize]...)
			}
		}
	}
	for _, n := range r.spans[part] {
		if _, err := r.spill.ReadAt(d.segment[:], int64(n)*rollSegment); err != nil {
			return fmt.Errorf("read identities back: %w", err)
		}
		take(d.segment[:])
	}
	take(r.parts[part])
	return nil
}

// match finds entries with the same mark, and hands the twins on some at a time. Entries stand in order of
// ordinal, so the first met is the earliest row.
func (d *desk) match(hand func([]Twin) error) error {
	entries := d.kept
	n := len(entries) / entrySize
	slots := 16
	for slots < 2*n {
		slots *= 2
	}
	d.table = slices.Grow(d.table[:0], slots)[:slots]
	clear(d.table)
	table := d.table
	for i := range n {
		e := entries[i*entrySize:]
		at := int(binary.LittleEndian.Uint64(e)) & (slots - 1)
		for table[at] != 0 && !sameMark(entries[int(table[at]-1)*entrySize:], e) {
			at = (at + 1) & (slots - 1)
		}
		if table[at] == 0 {
			table[at] = int32(i + 1)
			continue
		}
		first, later := readEntry(entries[int(table[at]-1)*entrySize:]), readEntry(e)
		if first.ordinal == later.ordinal {
			continue // one row names the same identity twice
		}
		conflict := first.primary != 0 && later.primary != 0 && first.primary != later.primary
		d.found = append(d.found, Twin{later.ordinal, later.line, later.input, first.ordinal, first.line, first.input, later.mark.kind, conflict,
			first.primary == 0 || first.primary != later.primary})
		if len(d.found) == twinsHanded {
			if err := hand(d.found); err != nil {
				return err
			}
			d.found = d.found[:0]
		}
	}
	err := hand(d.found)
	d.found = d.found[:0]
	return err
}

func sameMark(a, b []byte) bool {
	return string(a[:12]) == string(b[:12]) && a[28] == b[28]
}

func appendEntry(dst []byte, e entry) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, e.mark.hi)
	dst = binary.LittleEndian.AppendUint32(dst, e.mark.lo)
	dst = binary.LittleEndian.AppendUint32(dst, e.primary)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(e.ordinal))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(e.line))
	dst = append(dst, byte(e.ordinal>>32), byte(e.line>>32), byte(e.input), byte(e.input>>8))
	return append(dst, e.mark.kind, 0, 0, 0)
}

func readEntry(b []byte) entry {
	return entry{
		mark:    mark{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint32(b[8:]), b[28]},
		primary: binary.LittleEndian.Uint32(b[12:]),
		ordinal: int64(binary.LittleEndian.Uint32(b[16:])) | int64(b[24])<<32,
		line:    int64(binary.LittleEndian.Uint32(b[20:])) | int64(b[25])<<32,
		input:   int(b[26]) | int(b[27])<<8,
	}
}
