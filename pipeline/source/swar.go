package source

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
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

// marks finds what can end a cell: the delimiter, the quote, and control characters below 0x10.
type marks struct {
	delimiter, quote   byte
	delimiters, quotes uint64
}

func newMarks(delimiter, quote byte) marks {
	return marks{delimiter, quote, uint64(delimiter) * ones, uint64(quote) * ones}
}

// find gives a bit for each of 64 bytes, the first one lowest, and the bytes or-ed together by eights.
func (m *marks) find(b *[64]byte) (found, seen uint64) {
	for i := 0; i < len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i : i+8])
		low := w & lows
		marked := ^(other(low, m.delimiters)&other(low, m.quotes)&(low+0x70*ones) | w) & highs
		found |= gather(marked) << (i & 63) // what i cannot be spares a comparison
		seen |= w
	}
	return found, seen
}

// gather puts the high bits of 8 bytes, all others being 0, side by side: that of the first byte lowest.
func gather(marked uint64) uint64 { return marked * 0x0002040810204081 >> 56 }

// validUTF8 is utf8.Valid, which goes byte by byte behind the first character that is not ASCII, for text of which
// most is ASCII.
func validUTF8(b []byte) bool {
	valid, _ := lookUTF8(b)
	return valid
}

// lookUTF8 is validUTF8, and says whether a character stands there that text has which was decoded wrongly.
func lookUTF8(b []byte) (valid, misread bool) {
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i = skipASCII(b, i+1)
			continue
		}
		n := sizeOfRune(b[i:])
		if n == 0 {
			return false, misread
		}
		misread = misread || isMisread(b[i:])
		i += n
	}
	return true, misread
}

// isMisread is true for what text that was decoded wrongly has: UTF-8 that was taken for Windows-1252 (Â, Ã or â before
// another character that is not of ASCII), the controls U+0080 to U+009F, which ISO-8859-1 has where Windows-1252 has
// letters, and the sign for a lost character. b begins with a whole character that is not of ASCII.
func isMisread(b []byte) bool {
	switch second := b[1]; b[0] {
	case 0xC2:
		return second <= 0x9F
	case 0xC3:
		return (second == 0x82 || second == 0x83 || second == 0xA2) && len(b) > 2 && b[2] >= utf8.RuneSelf
	case 0xEF:
		return second == 0xBF && b[2] == 0xBD
	}
	return false
}

// skipASCII goes on from i over ASCII, by 32 bytes and by 8; it may stop up to 7 bytes early at the end.
func skipASCII(b []byte, i int) int {
	for i+32 <= len(b) {
		part := b[i : i+32 : i+32]
		if (load(part, 0)|load(part, 8)|load(part, 16)|load(part, 24))&highs != 0 {
			break
		}
		i += 32
	}
	for i+8 <= len(b) {
		if high := load(b, i) & highs; high != 0 {
			return i + firstByte(high)
		}
		i += 8
	}
	return i
}

// sizeOfRune is the length of the character that b begins with, which is not ASCII; 0 when it is not UTF-8. Those of
// two bytes, and of three where the first says all of what the others may be, need no table.
func sizeOfRune(b []byte) int {
	switch c := b[0]; {
	case c >= 0xC2 && c <= 0xDF && len(b) >= 2 && b[1]&0xC0 == 0x80:
		return 2
	case c >= 0xE1 && c <= 0xEC && len(b) >= 3 && b[1]&0xC0 == 0x80 && b[2]&0xC0 == 0x80:
		return 3
	}
	if r, n := utf8.DecodeRune(b); r != utf8.RuneError || n > 1 {
		return n
	}
	return 0
}
