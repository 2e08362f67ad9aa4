package dedupe

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Index finds the rows of one input that share an identity, wherever they stand, in memory that does not grow with the
// input: hashes are dealt into parts, parts go to one temporary file in segments, and at the end each part is gone
// through by itself.
type Index struct {
	dir   string
	parts [parts]part
	spill *os.File
	count uint32 // segments in the file, one behind the other
}

// part holds the hashes that begin with the same 8 bits.
type part struct {
	segment *[segmentSize]byte // under way; nil until the first entry
	filled  int
	spilled []uint32 // the numbers of those in the file
}

func (p *part) bytes() []byte {
	if p.segment == nil {
		return nil
	}
	return p.segment[:p.filled]
}

const (
	parts = 256
	// A segment is large enough that writing it costs far less than filling it. Lengths that are no power of two cost the
	// system a half more to write.
	segmentSize = 16 << 10
	// Parts with more different identities than this, for all helpers together, are gone through in several passes by
	// further bits of the hash. With the tables this is the memory that a long input takes more than a short one.
	passSize = 2 << 20
	handed   = 256 // at a time, so that helpers do not wait for each other

	fewestSlots = 16
)

// NewIndex makes an Index whose temporary file, if one is needed, is in dir.
func NewIndex(dir string) *Index { return &Index{dir: dir} }

// Add enters a row with its identities, none of them twice. Rows come in increasing order of ordinal. The error is of
// the temporary file, or says that the input is too long.
func (x *Index) Add(ordinal int64, hashes []Hash) error {
	if ordinal >= 1<<ordinalBits {
		return fmt.Errorf("the input has %d rows or more: split it", int64(1)<<ordinalBits)
	}
	for i := range hashes {
		p := &x.parts[hashes[i].hi>>56]
		if p.segment == nil || p.filled == segmentSize {
			if err := x.next(p); err != nil {
				return err
			}
		}
		deal((*[entrySize]byte)(p.segment[p.filled:]), &hashes[i], ordinal)
		p.filled += entrySize
	}
	return nil
}

// next gives a part an empty segment; the full one goes to the file.
func (x *Index) next(p *part) error {
	if p.segment == nil {
		p.segment = new([segmentSize]byte)
		return nil
	}
	if x.spill == nil {
		f, err := unnamed(x.dir, "identities")
		if err != nil {
			return err
		}
		x.spill = f
	}
	if _, err := x.spill.WriteAt(p.segment[:], int64(x.count)*segmentSize); err != nil {
		return fmt.Errorf("write identities: %w", err)
	}
	p.spilled = append(p.spilled, x.count)
	x.count++
	p.filled = 0
	return nil
}

// unnamed opens a temporary file. Its name is given back at once: whatever ends the process, nothing stays behind.
func unnamed(dir, what string) (*os.File, error) {
	f, err := os.CreateTemp(dir, ".dedup-*")
	if err != nil {
		return nil, fmt.Errorf("open a temporary file for %s: %w", what, err)
	}
	os.Remove(f.Name())
	return f, nil
}

// Search is the going through an index, part by part, in which several goroutines may help.
type Search struct {
	index  *Index
	room   int          // bytes of entries that one helper holds at once
	next   atomic.Int64 // the part whose turn it is
	number atomic.Int64 // of the last shared identity

	mu     sync.Mutex
	shares *Shares
}

// Search begins to go through the index with so many helpers. Nothing is added to it from now on.
func (x *Index) Search(helpers int) *Search {
	if x.spill != nil {
		// what the reading leaves behind is room enough for the helpers: a long input takes no more than a short one
		runtime.GC()
	}
	return &Search{index: x, room: max(passSize/helpers, passSize/16), shares: newShares(x.dir, byIdentity)}
}

// Help goes through parts until none is left, or until its error. The parts hang on each other in nothing.
func (s *Search) Help() error {
	d := desk{search: s}
	for {
		turn := int(s.next.Add(1)) - 1
		if turn >= parts {
			return s.add(d.found)
		}
		if err := d.part(&s.index.parts[turn]); err != nil {
			return err
		}
	}
}

// Shares ends the search once every helper has come back without an error: the identities that several rows have, row
// by row. The Index is empty after.
func (s *Search) Shares() (*Shares, error) {
	s.index.Close()
	return s.shares.inOrder()
}

// Close gives up the search.
func (s *Search) Close() { s.shares.Close() }

func (s *Search) add(some []Share) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range some {
		if err := s.shares.add(some[i]); err != nil {
			return err
		}
	}
	return nil
}

// Close gives the temporary file back.
func (x *Index) Close() {
	if x.spill != nil {
		x.spill.Close()
	}
	*x = Index{dir: x.dir}
}

// desk is what a helper's passes need room for, one after the other.
type desk struct {
	search  *Search
	segment [segmentSize]byte
	kept    []byte  // the first entry of each identity of the pass; those between are there where the part is kept whole
	numbers []int64 // of those that several rows share, by index; 0 not yet
	table   []int32 // 1 + index of the entry, 0 free
	found   []Share
	slots   int    // of the table when a pass begins
	whole   bool   // the part fits in the room, whatever its identities: all its entries are kept
	counts  bool   // the pass only counts
	bits    uint   // the pass takes the entries whose lower hash begins with
	prefix  uint32 // so many bits of this
}

// part goes through one part, in as many passes as the number of its different identities takes: a million rows of one
// identity take no more room than one.
func (d *desk) part(p *part) error {
	d.bits, d.prefix = 0, 0
	size := p.filled + len(p.spilled)*segmentSize
	d.whole = size <= d.search.room
	if d.whole {
		d.slots = slotsFor(size / entrySize)
		d.kept = slices.Grow(d.kept[:0], size*9/8) // the next part may be a little larger
	} else {
		d.counts, d.slots = true, fewestSlots
		if err := d.pass(p); err != nil {
			return err
		}
		d.counts, d.slots = false, len(d.table)
	}
	for range 1 << d.bits {
		if err := d.pass(p); err != nil {
			return err
		}
		d.prefix++
	}
	return nil
}

// pass goes once through the entries of a part.
func (d *desk) pass(p *part) error {
	d.kept, d.numbers = d.kept[:0], d.numbers[:0]
	d.clear(d.slots)
	for _, n := range p.spilled {
		if _, err := d.search.index.spill.ReadAt(d.segment[:], int64(n)*segmentSize); err != nil {
			return fmt.Errorf("read identities back: %w", err)
		}
		if err := d.take(d.segment[:]); err != nil {
			return err
		}
	}
	return d.take(p.bytes())
}

// falls says whether an entry is one of the pass.
func (d *desk) falls(e []byte) bool { return lowerHash(e)>>(32-d.bits) == d.prefix }

// take finds entries with a hash that was met before. Entries stand in order of ordinal, so the first met is the
// earliest row.
func (d *desk) take(entries []byte) error {
	if d.whole {
		return d.takeAll(entries)
	}
	for ; len(entries) >= entrySize; entries = entries[entrySize:] {
		e := entries[:entrySize:entrySize]
		if d.bits > 0 && !d.falls(e) {
			continue
		}
		at := d.slot(e)
		if d.table[at] == 0 {
			d.keep(at, e)
			continue
		}
		if !d.counts {
			if err := d.share(int(d.table[at]-1), e); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeAll is take for a part that is kept whole: its table is large enough.
func (d *desk) takeAll(entries []byte) error {
	from, table := len(d.kept), d.table
	d.kept = append(d.kept, entries...)
	for ; from < len(d.kept); from += entrySize {
		e := d.kept[from : from+entrySize : from+entrySize]
		at := int(upperHash(e)) & (len(table) - 1)
		if table[at] != 0 {
			at = d.slot(e)
		}
		if table[at] == 0 {
			table[at] = int32(from/entrySize + 1)
			continue
		}
		if err := d.share(int(table[at]-1), e); err != nil {
			return err
		}
	}
	return nil
}

// slot is the place of an entry's hash in the table.
func (d *desk) slot(e []byte) int {
	table := d.table
	at := int(upperHash(e)) & (len(table) - 1)
	for table[at] != 0 && !sameHash(d.kept[int(table[at]-1)*entrySize:], e) {
		at = (at + 1) & (len(table) - 1)
	}
	return at
}

// keep notes the first entry of an identity, whose place in the table is known, and makes room for the next one.
func (d *desk) keep(at int, e []byte) {
	d.kept = append(d.kept, e...)
	n := len(d.kept) / entrySize
	d.table[at] = int32(n)
	if 2*n > len(d.table) || d.counts && len(d.kept) > d.search.room {
		d.widen()
	}
}

// widen makes room: a larger table, or, while it is only counted how many fit, fewer entries.
func (d *desk) widen() {
	for d.counts && len(d.kept) > d.search.room {
		d.bits++
		whole := d.kept
		d.kept = d.kept[:0]
		for ; len(whole) > 0; whole = whole[entrySize:] {
			if d.falls(whole) {
				d.kept = append(d.kept, whole[:entrySize]...)
			}
		}
		d.clear(len(d.table))
	}
	if n := len(d.kept) / entrySize; 2*n > len(d.table) {
		d.clear(2 * len(d.table))
	}
}

// slotsFor is how many slots a table needs for so many entries.
func slotsFor(entries int) int {
	slots := fewestSlots
	for slots < 2*entries {
		slots *= 2
	}
	return slots
}

// clear makes a table of so many slots for the entries kept.
func (d *desk) clear(slots int) {
	d.table = slices.Grow(d.table[:0], slots)[:slots]
	clear(d.table)
	for n := range len(d.kept) / entrySize {
		d.table[d.slot(d.kept[n*entrySize:])] = int32(n + 1)
	}
}

// share notes that a row has an identity that an earlier one has. The first time it notes the earlier one, too, and
// gives the identity a number.
func (d *desk) share(at int, later []byte) error {
	first, other := readEntry(d.kept[at*entrySize:]), readEntry(later)
	for len(d.numbers) <= at {
		d.numbers = append(d.numbers, 0)
	}
	if d.numbers[at] == 0 {
		d.numbers[at] = d.search.number.Add(1)
		d.found = append(d.found, Share{first.ordinal, d.numbers[at], first.kind, first.ordinal})
	}
	d.found = append(d.found, Share{other.ordinal, d.numbers[at], other.kind, first.ordinal})
	if len(d.found) < handed {
		return nil
	}
	err := d.search.add(d.found)
	d.found = d.found[:0]
	return err
}
