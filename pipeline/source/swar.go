package source

import (
	"encoding/binary"
	"math/bits"
)

// Eight bytes are looked at in one word. A byte's high bit in a mask marks it; the arithmetic is exact, no
// byte ever carries into its neighbour: only its low 7 bits are added to, and high bits are put back by the "or".
const (
	ones  = 0x0101010101010101
	lows  = 0x7f7f7f7f7f7f7f7f
	highs = 0x8080808080808080
)

// load is the 8 bytes at b[i:], the first one lowest. It needs i+8 <= len(b).
func load(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

// other marks, in its clear high bits, the ASCII bytes of low that equal those of pattern; low is a word & lows.
func other(low, pattern uint64) uint64 { return (low ^ pattern) + lows }

// firstByte is the index, 0 to 7, of the first marked byte of a mask that is not 0.
func firstByte(mask uint64) int { return bits.TrailingZeros64(mask) >> 3 }

// quoteOrControl is the index of the first quote or byte below 0x10 at or behind i, len(b) without one.
func quoteOrControl(b []byte, i int, quote byte) int {
	quotes := uint64(quote) * ones
	for ; i+8 <= len(b); i += 8 {
		w := load(b, i)
		low := w & lows
		if m := ^(other(low, quotes)&(low+0x70*ones) | w) & highs; m != 0 {
			return i + firstByte(m)
		}
	}
	for ; i < len(b); i++ {
		if b[i] == quote || b[i] < 0x10 {
			return i
		}
	}
	return i
}
