package dedupe

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// Index finds the rows of one input that are the same customer, wherever they stand, by all their
// identities, in memory that does not grow with the input: hashes are dealt by hash into parts, parts
// go to one temporary file in segments, and at the end each part is gone through by itself.
// Of several rows that share an identity the first stays and the others are duplicates of it.
type Index struct {
	dir    string
	parts  [parts]part
	spill  *os.File
	count  uint32      // segments in the file, one behind the other
	tables []tableFrom // in the order of their rows
}

// part holds the hashes whose hash begins with the same 8 bits.
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

// tableFrom says of which table the rows from an ordinal on are, see tableAt.
type tableFrom struct {
	ordinal int64
	number  int
}

const (
	parts = 256
	// A segment is large enough that writing it costs far less than filling it. Beside whole entries it has room for a few
	// bytes: lengths that are no power of two cost the system a half more to write.
	segmentSize = 16 << 10
	segmentFull = segmentSize / entrySize * entrySize
	// Parts that are larger than this, for all helpers together, are gone through in several passes by further bits of the
	// hash. With the tables this is the memory that a long input takes more than a short one.
	passSize = 2 << 20
	handed   = 256 // at a time, so that helpers do not wait for each other
)

// NewIndex makes an Index whose temporary file, if one is needed, is in dir.
func NewIndex(dir string) *Index { return &Index{dir: dir} }

// Add enters a row of a table with its identities. Rows come in increasing order of ordinal. The error is of the temporary
// file, or says that the input is too long.
func (r *Index) Add(ordinal, line int64, table int, hashes []Hash) error {
	if n := len(r.tables); n == 0 || r.tables[n-1].number != table {
		r.tables = append(r.tables, tableFrom{ordinal, table})
	}
	if ordinal >= 1<<ordinalBits || line >= 1<<lineBits {
		return fmt.Errorf("the input has %d rows or %d lines or more: split it", int64(1)<<ordinalBits, int64(1)<<lineBits)
	}
	primary := uint32(0)
	if len(hashes) > 0 && hashes[0].kind == ExternalID {
		primary = hashes[0].lo | 1
	}
	for i := range hashes {
		p := &r.parts[hashes[i].hi>>56]
		if p.segment == nil || p.filled == segmentFull {
			if err := r.next(p); err != nil {
				return err
			}
		}
		deal((*[entrySize]byte)(p.segment[p.filled:]), &hashes[i], primary, ordinal, line)
		p.filled += entrySize
	}
	return nil
}

// next gives a part an empty segment; the full one goes to the file.
func (r *Index) next(p *part) error {
	if p.segment == nil {
		p.segment = new([segmentSize]byte)
		return nil
	}
	if r.spill == nil {
		f, err := os.CreateTemp(r.dir, ".dedup-*")
		if err != nil {
			return fmt.Errorf("open a temporary file for identities: %w", err)
		}
		// The name is given back at once: whatever ends the process, nothing stays behind.
		os.Remove(f.Name())
		r.spill = f
	}
	if _, err := r.spill.WriteAt(p.segment[:], int64(r.count)*segmentSize); err != nil {
		return fmt.Errorf("write identities: %w", err)
	}
	p.spilled = append(p.spilled, r.count)
	r.count++
	p.filled = 0
	return nil
}

// Duplicate says that a row is the same customer as an earlier one.
type Duplicate struct {
	Ordinal  int64 // the later row
	At       int64 // where the later row starts
	AtInput  int   // and the number of the table it is in, see tableAt
	First    int64 // ordinal of the earlier row
	Line     int64 // where the earlier row starts
	Input    int   // the number of the table it is in
	Kind     Kind  // of the identity they share
	Conflict bool  // they share one identity and differ in the one that names customers
	loose    bool  // nothing but this identity says that they are one customer; not kept
}

// Search is the going through an index, part by part, in which several goroutines may help.
type Search struct {
	index *Index
	room  int          // bytes of entries that one helper holds at once
	next  atomic.Int64 // the part whose turn it is

	mu         sync.Mutex
	duplicates *Duplicates
	shared     Shared
}

// Search begins to go through the index with so many helpers. Nothing is added to it from now on.
func (r *Index) Search(helpers int) *Search {
	if r.spill != nil {
		runtime.GC() // what the reading leaves behind is room enough for the helpers: a long input takes no more than a short one
	}
	return &Search{index: r, room: max(passSize/helpers, passSize/16), duplicates: newDuplicates(r.dir), shared: Shared{}}
}

// Help goes through parts until none is left, or until its error. The parts hang on each other in nothing.
func (s *Search) Help() error {
	var desk desk
	for {
		turn := int(s.next.Add(1)) - 1
		if turn >= parts {
			return nil
		}
		part := &s.index.parts[turn]
		size := part.filled + len(part.spilled)*segmentFull
		passes := size/s.room + 1
		desk.kept = slices.Grow(desk.kept[:0], size/passes*9/8) // the hashes do not fall quite evenly
		for pass := range passes {
			if err := s.index.pass(part, passes, pass, &desk); err != nil {
				return err
			}
			if err := desk.match(s.index, s.add); err != nil {
				return err
			}
		}
	}
}

// Duplicates ends the search once every helper has come back without an error: the duplicates in order of
// ordinal, one for each row that has an earlier one. The Index is empty after.
func (s *Search) Duplicates() (*Duplicates, error) {
	s.index.Close()
	return s.duplicates, s.duplicates.sort()
}

// Shared is what the search has counted of values that many rows share. The helpers have come back.
func (s *Search) Shared() Shared { return s.shared }

// Close gives up the search.
func (s *Search) Close() { s.duplicates.Close() }

func (s *Search) add(some []Duplicate) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, duplicate := range some {
		s.shared.add(&duplicate)
		if err := s.duplicates.add(duplicate); err != nil {
			return err
		}
	}
	return nil
}

// Close gives the temporary file back.
func (r *Index) Close() {
	if r.spill != nil {
		r.spill.Close()
	}
	*r = Index{dir: r.dir}
}

// desk is what a helper's passes need room for, one after the other.
type desk struct {
	segment [segmentSize]byte
	kept    []byte  // entries of the pass
	table   []int32 // 1 + index of the entry, 0 free
	found   []Duplicate
}

// pass gathers the entries of a part whose lower hash falls to this pass.
func (r *Index) pass(part *part, passes, pass int, d *desk) error {
	d.kept = d.kept[:0]
	take := func(b []byte) {
		if passes == 1 {
			d.kept = append(d.kept, b...)
			return
		}
		for ; len(b) >= entrySize; b = b[entrySize:] {
			if lowerHash(b)%uint32(passes) == uint32(pass) {
				d.kept = append(d.kept, b[:entrySize]...)
			}
		}
	}
	for _, n := range part.spilled {
		if _, err := r.spill.ReadAt(d.segment[:], int64(n)*segmentSize); err != nil {
			return fmt.Errorf("read identities back: %w", err)
		}
		take(d.segment[:segmentFull])
	}
	take(part.bytes())
	return nil
}

// match finds entries with the same hash, and hands the duplicates on some at a time. Entries stand in order of
// ordinal, so the first met is the earliest row.
func (d *desk) match(r *Index, hand func([]Duplicate) error) error {
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
		at := int(upperHash(e)) & (slots - 1)
		for table[at] != 0 && !sameHash(entries[int(table[at]-1)*entrySize:], e) {
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
		if d.found = append(d.found, r.duplicate(&first, &later)); len(d.found) == handed {
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

// duplicate is what two entries with the same hash say.
func (r *Index) duplicate(first, later *entry) Duplicate {
	return Duplicate{Ordinal: later.ordinal, At: later.line, AtInput: r.tableOf(later.ordinal),
		First: first.ordinal, Line: first.line, Input: r.tableOf(first.ordinal), Kind: later.kind,
		Conflict: first.primary != 0 && later.primary != 0 && first.primary != later.primary,
		loose:    first.primary == 0 || first.primary != later.primary}
}

// tableOf is the number of the table that a row is of.
func (r *Index) tableOf(ordinal int64) int {
	later := sort.Search(len(r.tables), func(i int) bool { return r.tables[i].ordinal > ordinal })
	return r.tables[later-1].number
}
