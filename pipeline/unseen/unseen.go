// Package unseen knows the characters that cannot be seen: white space of every width, and characters that steer
// writing and show nothing. They come along when text is copied, and two values that look the same are not. There is
// one class of them for all that muster reads.
package unseen

import (
	"encoding/binary"
	"unicode/utf8"
)

// IsSpace says whether a character is white space, of any width, or a letter that is blank.
func IsSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\v', '\f', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x2800, 0x3000, 0x3164,
		0xFFA0:
		return true
	}
	return r >= 0x2000 && r <= 0x200A
}

// Is says whether a character shows nothing and takes no room: joiners, marks of the direction of writing, soft
// hyphens, byte order marks, tags (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point, and the three
// characters that annotate).
func Is(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case r == 0xAD, r == 0x34F, r == 0x61C, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0xFEFF:
		return true
	}
	return r >= 0x180B && r <= 0x180F || r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2060 &&
		r <= 0x206F ||
		r >= 0xFE00 && r <= 0xFE0F || r >= 0xFFF9 && r <= 0xFFFB || r >= 0x1BCA0 && r <= 0x1BCA3 || r >= 0x1D173 &&
		r <= 0x1D17A ||
		r >= 0xE0000 && r <= lastUnseen
}

// lastUnseen is the last of the characters that choose between forms of a Chinese one.
const lastUnseen = 0xE01EF

// shapes says whether an unseen character may belong to the one before it: the joiners of Persian, of the scripts of
// India and of emoji, what chooses between two forms of a character, the tags of flags.
func shapes(r rune) bool {
	return r == 0x34F || r == 0x115F || r == 0x1160 || r >= 0x180B && r <= 0x180F && r != 0x180E || r == 0x200C ||
		r == 0x200D ||
		r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0020 && r <= 0xE007F || r >= 0xE0100 && r <= 0xE01EF
}

// joins says whether a character joins letters, or keeps them apart: behind one of ASCII there is nothing to join.
func joins(r rune) bool { return r == 0x200C || r == 0x200D }

// directs says whether a character begins or ends a stretch of another direction.
func directs(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// Trim takes off what cannot be seen at both ends of a text; nothing is left of a text that shows nothing. What shapes
// the character before it stays, and so does a mark of direction whose counterpart stands inside the text.
func Trim(b []byte) []byte {
	all := b
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if !IsSpace(r) && !Is(r) {
			break
		}
		b = b[n:]
	}
	for len(b) > 0 {
		r, n := utf8.DecodeLastRune(b)
		if !IsSpace(r) && (!Is(r) || shapes(r) && (!joins(r) || shaped(b[:len(b)-n]))) {
			break
		}
		b = b[:len(b)-n]
	}
	if len(b) == len(all) || IsASCII(b) || !contains(b, directs) {
		return b
	}
	return trimSpace(all)
}

// shaped says whether a text ends with a character that another may shape.
func shaped(b []byte) bool {
	r, _ := utf8.DecodeLastRune(b)
	return r >= utf8.RuneSelf
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if !IsSpace(r) {
			break
		}
		b = b[n:]
	}
	for len(b) > 0 {
		r, n := utf8.DecodeLastRune(b)
		if !IsSpace(r) {
			break
		}
		b = b[:len(b)-n]
	}
	return b
}

// AtEdges reports whether Trim may find something to take off a text that is not empty. It looks at bytes alone, and
// errs on one side.
func AtEdges(b []byte) bool {
	const seen = 0x7f - '!' // how many characters of ASCII can be seen, from ! on
	if b[0]-'!' < seen && b[len(b)-1]-'!' < seen {
		return false
	}
	return atEdges(b)
}

func atEdges(b []byte) bool {
	last := len(b) - 1
	return b[0] <= ' ' || edges[b[0]]&head != 0 ||
		b[last] <= ' ' || b[last] >= utf8.RuneSelf && last > 0 && edges[b[last-1]]&tail != 0
}

// Begins reports whether a character that cannot be seen may begin with this byte.
func Begins(c byte) bool { return c <= ' ' || edges[c]&head != 0 }

const (
	head = 1 << iota // first byte of a character of the class that is not ASCII
	tail             // last byte but one
)

// edges has what a byte may be.
var edges = func() (table [256]uint8) {
	for _, s := range stretches {
		for r := s[0]; r <= s[1]; r++ {
			if IsSpace(r) || Is(r) {
				text := string(r)
				table[text[0]] |= head
				if !shapes(r) || joins(r) {
					table[text[len(text)-2]] |= tail
				}
			}
		}
	}
	return table
}()

// stretches are where characters of the class stand: each program's start goes through them.
var stretches = [...][2]rune{{0x80, 0x61C}, {0x115F, 0x206F}, {0x2800, 0x3164}, {0xFE00, 0xFFFB}, {0x1BCA0, 0x1D17A},
	{0xE0000, lastUnseen}}

// Blank reports whether a text shows nothing.
func Blank(b []byte) bool {
	for len(b) > 0 {
		if !Begins(b[0]) {
			return false
		}
		r, n := utf8.DecodeRune(b)
		if !IsSpace(r) && !Is(r) {
			return false
		}
		b = b[n:]
	}
	return true
}

// In reports whether a text holds a character that is taken for another, or for nothing, where texts are compared: one
// that cannot be seen, or white space that is not of ASCII.
func In(b []byte) bool {
	return !IsASCII(b) && contains(b, func(r rune) bool { return r >= utf8.RuneSelf && (Is(r) || IsSpace(r)) })
}

func contains(b []byte, is func(r rune) bool) bool {
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if is(r) {
			return true
		}
		b = b[n:]
	}
	return false
}

// IsASCII reports whether a text is ASCII throughout. Eight bytes are looked at together.
func IsASCII(b []byte) bool {
	const highs = 0x8080808080808080
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b)&highs != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Append appends a text as it is compared: without characters that show nothing, its white space that of ASCII, none of
// it at the ends.
func Append(dst, b []byte) []byte {
	from := len(dst)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r < utf8.RuneSelf, r == utf8.RuneError && n == 1:
			dst = append(dst, b[0])
		case Is(r):
		case IsSpace(r):
			dst = append(dst, ' ')
		default:
			dst = append(dst, b[:n]...)
		}
		b = b[n:]
	}
	text := trimSpace(dst[from:])
	return append(dst[:from], text...)
}
