package inflate

import "math/bits"

// An entry says what the bits that come next mean. Its low 6 bits are how many of them make the code; bits 8 to 11 how many
// behind them are added to the value, which is what stands from bit 16 on: a byte, a length or a distance. Where it says
// further, the code is longer than the first look: the value is where the second table starts, and bits 8 to 11 are how many
// more bits it looks at.
type entry uint32

const (
	literal = 1 << 12 // a byte
	further = 1 << 13
	special = 1 << 14 // endOfBlock, or no code at all

	endOfBlock = 1 // the value of a special entry; 0: these bits are no code
)

// extra is how many bits behind the code belong to the value.
func (e entry) extra() uint { return uint(e >> 8 & 15) }

// value is the value with the bits behind its code.
func (e entry) value(bits uint64) int { return int(e>>16) + int(bits&(1<<e.extra()-1)) }

// second is where a further entry leads with the bits behind the first look.
func (e entry) second(bits uint64) uint { return uint(e>>16) + uint(bits&(1<<e.extra()-1)) }

// end is what a special entry of lengths means: nil for the end of the block.
func (e entry) end() error {
	if e>>16 != endOfBlock {
		return ErrCorrupt
	}
	return nil
}

// How many bits the first look takes, and the room for all tables: what zlib's enough computes for these, rounded up.
// https://github.com/madler/zlib/blob/master/examples/enough.c
const (
	lengthBits   = 11
	distanceBits = 8
	lengthRoom   = 4096
	distanceRoom = 512
)

type (
	lengthTable   [lengthRoom]entry
	distanceTable [distanceRoom]entry
)

const maxCode = 15 // bits of the longest code

// lengthEntry is what symbol i of a block's first alphabet means, but for its code (RFC 1951, 3.2.5).
func lengthEntry(i int) entry {
	switch {
	case i < 256:
		return entry(i)<<16 | literal
	case i == 256:
		return endOfBlock<<16 | special
	case i < 265:
		return entry(i-257+3) << 16
	case i < 285:
		extra := (i - 261) / 4
		return entry(3+(4+(i-265)%4)<<extra)<<16 | entry(extra)<<8
	case i == 285:
		return longest << 16
	}
	return special
}

// distanceEntry is the same for the alphabet of distances.
func distanceEntry(i int) entry {
	switch {
	case i < 4:
		return entry(i+1) << 16
	case i < 30:
		extra := (i - 2) / 2
		return entry(1+(2+i%2)<<extra)<<16 | entry(extra)<<8
	}
	return special
}

func (t *lengthTable) build(sizes []uint8) bool {
	return build(t[:], lengthBits, sizes, lengthEntry)
}

func (t *distanceTable) build(sizes []uint8) bool {
	return build(t[:], distanceBits, sizes, distanceEntry)
}

// build makes the tables of a code whose symbols have codes of these sizes in bits, 0 for none (RFC 1951, 3.2.2). first is
// how many bits the first look takes. false: this is no code.
func build(table []entry, first int, sizes []uint8, meaning func(int) entry) bool {
	next, ok := firstCodes(sizes)
	if !ok {
		return false
	}
	for i := range table[:1<<first] {
		table[i] = special
	}
	var codes [symbols]uint16 // lowest bit first, as they are read
	for symbol, size := range sizes {
		if size == 0 {
			continue
		}
		code := bits.Reverse16(next[size]) >> (16 - size)
		next[size]++
		codes[symbol] = code
		if more := int(size) - first; more > 0 {
			root := code & (1<<first - 1)
			table[root] = max(table[root]&^special, further|entry(more)<<8)
		}
	}
	free := 1 << first // where the next second table starts
	for symbol, size := range sizes {
		if size == 0 {
			continue
		}
		part, code, used := table[:1<<first], int(codes[symbol]), int(size)
		if used > first {
			root := &table[code&(1<<first-1)]
			room := 1 << (*root >> 8 & 15)
			if *root>>16 == 0 {
				*root |= entry(free) << 16
				free += room
			}
			start := int(*root >> 16)
			if start+room > len(table) {
				return false
			}
			part, code, used = table[start:start+room], code>>first, used-first
		}
		for entry := meaning(symbol) | entry(used); code < len(part); code += 1 << used {
			part[code] = entry
		}
	}
	return true
}

// symbols is how many an alphabet may have.
const symbols = 288

// firstCodes is the first code of each size. false: there are more codes than a size has room for, or fewer than must be, as
// only a single one of one bit, or none at all, may stand alone.
func firstCodes(sizes []uint8) (next [maxCode + 1]uint16, ok bool) {
	var count [maxCode + 1]int
	for _, size := range sizes {
		count[size]++
	}
	code, coded := 0, len(sizes)-count[0]
	for size := 1; size <= maxCode; size++ {
		code <<= 1
		next[size] = uint16(code)
		if code += count[size]; code > 1<<size {
			return next, false
		}
	}
	return next, code == 1<<maxCode || coded == 0 || coded == 1 && count[1] == 1
}

// fixedLengths are the sizes of the codes that need no tables in the stream: 288 symbols, and 30 distances behind them
// (RFC 1951, 3.2.6).
func fixedLengths() []uint8 {
	sizes := make([]uint8, symbols+32)
	for i := range sizes {
		switch {
		case i < 144:
			sizes[i] = 8
		case i < 256:
			sizes[i] = 9
		case i < 280:
			sizes[i] = 7
		case i < symbols:
			sizes[i] = 8
		default:
			sizes[i] = 5
		}
	}
	return sizes
}

// readTables reads the codes of a block (RFC 1951, 3.2.7).
func (r *reader) readTables() error {
	if err := r.need(14); err != nil {
		return err
	}
	lengths, distances, count := 257+r.take(5), 1+r.take(5), 4+r.take(4)
	if lengths > 286 || distances > 30 {
		return ErrCorrupt
	}
	order := [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	var sizes [19]uint8
	for _, symbol := range order[:count] {
		if err := r.need(3); err != nil {
			return err
		}
		sizes[symbol] = uint8(r.take(3))
	}
	// The table of distances lends its room: its own come when all sizes are known.
	if !build(r.distances[:], 7, sizes[:], func(i int) entry { return entry(i) << 16 }) {
		return ErrCorrupt
	}
	var all [286 + 30]uint8
	if err := r.readSizes(all[:lengths+distances]); err != nil {
		return err
	}
	if !r.lengths.build(all[:lengths]) || !r.distances.build(all[lengths:lengths+distances]) {
		return ErrCorrupt
	}
	return nil
}

// readSizes reads the sizes of codes, in which repetitions have codes of their own.
func (r *reader) readSizes(sizes []uint8) error {
	for i := 0; i < len(sizes); {
		// Not all of the 7 bits need be there behind the last code.
		if err := r.need(7); err != nil && r.n == 0 {
			return err
		}
		e := r.distances[r.bits&127]
		if e&special != 0 {
			return ErrCorrupt
		}
		if uint(e&63) > r.n {
			return r.short()
		}
		r.take(uint(e & 63))
		symbol := e >> 16
		if symbol < 16 {
			sizes[i] = uint8(symbol)
			i++
			continue
		}
		extra, least := [...]uint{2, 3, 7}[symbol-16], [...]int{3, 3, 11}[symbol-16]
		if err := r.need(extra); err != nil {
			return err
		}
		times, size := least+r.take(extra), uint8(0)
		if symbol == 16 {
			if i == 0 {
				return ErrCorrupt
			}
			size = sizes[i-1]
		}
		if times > len(sizes)-i {
			return ErrCorrupt
		}
		for range times {
			sizes[i] = size
			i++
		}
	}
	return nil
}
