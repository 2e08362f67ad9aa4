package source

import (
	"math/bits"
	"regexp"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// A word at a time finds what a byte at a time does.
func TestWordsAreBytes(t *testing.T) {
	some := rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("\",;\n\r\t\x0f\x10\x7f\x80\xac\xa2\x8d")),
		rapid.ByteRange(' ', '~')), 0, 100)
	rapid.Check(t, func(t *rapid.T) {
		b := some.Draw(t, "bytes")
		for i := 0; i <= len(b); i++ {
			want := i
			for want < len(b) && b[want] != '"' && b[want] >= 0x10 {
				want++
			}
			if found := quoteOrControl(b, i, '"'); found != want {
				t.Fatalf("from %d of % x: %d, not %d", i, b, found, want)
			}
		}
		block := [64]byte{}
		copy(block[:], b)
		m := newMarks(',', '"')
		found, seen := m.find(&block)
		for i, c := range block {
			if marked := c == ',' || c == '"' || c < 0x10; marked != (found>>i&1 == 1) {
				t.Fatalf("byte %d of % x: %v", i, block, !marked)
			}
			if c >= utf8.RuneSelf && seen&highs == 0 {
				t.Fatalf("% x has byte %d beyond ASCII unseen", block, i)
			}
		}
		if bits.Len64(seen&highs) > 0 && !isBeyond(block[:]) {
			t.Fatalf("% x is ASCII", block)
		}
	})
}

func isBeyond(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// UTF-8 is what package utf8 says it is, wherever in a text it goes wrong.
func TestValidUTF8(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"a", "plain text", "é", "ß", "陽菜", "한국", "\u0800", "\ud7ff", "\ue000", "\uffff",
		"😀", "\U0010ffff", "Â", "Ã", "â", "Å", "\u0092", "\u00a0", "\ufffd",
		"\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe1\x80", "\xe9\x99", "\xed\xa0\x80", "\xef\xbf",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5", "\xff", "\x80"})
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, piece := range rapid.SliceOfN(pieces, 0, 12).Draw(t, "pieces") {
			text += piece
		}
		got, misread := lookUTF8([]byte(text))
		if want := utf8.ValidString(text); got != want {
			t.Fatalf("% x: %v, not %v", text, got, want)
		}
		if want := regexp.MustCompile(`[ÂÃâ][^\x00-\x7f]|[\x{80}-\x{9f}\x{fffd}]`).MatchString(text); got && misread != want {
			t.Fatalf("% x: misread %v, not %v", text, misread, want)
		}
	})
	for c := rune(0); c <= utf8.MaxRune; c++ {
		if text := []byte(string(c)); !validUTF8(text) || len(text) > 1 && validUTF8(text[:len(text)-1]) {
			t.Fatalf("%U", c)
		}
	}
}
