package dedupe

import "encoding/binary"

// entry is one hash of one row in the Index, 16 bytes when dealt, as two numbers: the hash's upper 64 bits, of which
// the part says the first 8, so that the kind (3) and the upper part of the ordinal (5) stand there; the hash's lower
// 32 bits and the rest of the ordinal (30).
type entry struct {
	kind    Kind
	ordinal int64
}

const (
	entrySize   = 16
	ordinalBits = 35 // 34 thousand million rows
	ordinalLow  = 30 // bits of the ordinal that stand beside the lower hash

	kindAt       = 61
	ordinalAt    = 56
	ordinalUpper = (1<<(ordinalBits-ordinalLow) - 1) << ordinalAt
)

// deal writes an entry.
func deal(to *[entrySize]byte, h *Hash, ordinal int64) {
	binary.LittleEndian.PutUint64(to[:], h.hi&(1<<ordinalAt-1)|uint64(h.kind)<<kindAt|uint64(
		ordinal)>>ordinalLow<<ordinalAt)
	binary.LittleEndian.PutUint64(to[8:], uint64(h.lo)|uint64(ordinal)&(1<<ordinalLow-1)<<32)
}

func readEntry(b []byte) entry {
	upper, rest := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	return entry{
		kind:    Kind(upper >> kindAt),
		ordinal: int64(upper&ordinalUpper>>ordinalAt<<ordinalLow | rest>>32&(1<<ordinalLow-1)),
	}
}

// upperHash and lowerHash are bits of an entry's hash.
func upperHash(b []byte) uint64 { return binary.LittleEndian.Uint64(b) &^ ordinalUpper }
func lowerHash(b []byte) uint32 { return binary.LittleEndian.Uint32(b[8:]) }

// sameHash says whether two entries of one part have the same kind and hash.
func sameHash(a, b []byte) bool {
	return upperHash(a) == upperHash(b) && lowerHash(a) == lowerHash(b)
}
