package dedupe

import "encoding/binary"

// entry is one hash of one row in the Index, 24 bytes when dealt, as three numbers: the hash's upper 64 bits, of which the
// part says the first 8, so that the kind (3) and the upper part of the ordinal (5) stand there; the hash's lower 32 bits and the primary;
// the rest of the ordinal (30) and the line (34).
type entry struct {
	kind    Kind
	primary uint32 // of the row's first identity, 0: it has none of the kind that names customers
	ordinal int64
	line    int64
}

const (
	entrySize   = 24
	ordinalBits = 35 // 34 thousand million rows
	lineBits    = 34
	ordinalLow  = 64 - lineBits // bits of the ordinal that stand beside the line

	kindAt       = 61
	ordinalAt    = 56
	ordinalUpper = (1<<(ordinalBits-ordinalLow) - 1) << ordinalAt
)

// deal writes an entry.
func deal(to *[entrySize]byte, m *Hash, primary uint32, ordinal, line int64) {
	upper := m.hi&(1<<ordinalAt-1) | uint64(m.kind)<<kindAt | uint64(ordinal)>>ordinalLow<<ordinalAt
	binary.LittleEndian.PutUint64(to[:], upper)
	binary.LittleEndian.PutUint64(to[8:], uint64(m.lo)|uint64(primary)<<32)
	binary.LittleEndian.PutUint64(to[16:], uint64(ordinal)<<lineBits|uint64(line))
}

func readEntry(b []byte) entry {
	upper, rest := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[16:])
	return entry{
		kind:    Kind(upper >> kindAt),
		primary: binary.LittleEndian.Uint32(b[12:]),
		ordinal: int64(upper&ordinalUpper>>ordinalAt<<ordinalLow | rest>>lineBits),
		line:    int64(rest & (1<<lineBits - 1)),
	}
}

// upperHash and lowerHash are bits of an entry's hash.
func upperHash(b []byte) uint64 { return binary.LittleEndian.Uint64(b) &^ ordinalUpper }
func lowerHash(b []byte) uint32 { return binary.LittleEndian.Uint32(b[8:]) }

// sameHash says whether two entries of one part have the same kind and hash.
func sameHash(a, b []byte) bool {
	return upperHash(a) == upperHash(b) && lowerHash(a) == lowerHash(b)
}
