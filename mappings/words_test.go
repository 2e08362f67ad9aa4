package mappings

import (
	"testing"

	"pgregory.net/rapid"
)

// What looks at eight bytes together finds what a byte at a time does.
func TestWordsAreBytes(t *testing.T) {
	some := rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("\"\\\x7f\x1f !#AZ@[az`{\x80\xff")),
		rapid.ByteRange('a', 'z')), 0, 40)
	rapid.Check(t, func(t *rapid.T) {
		b := some.Draw(t, "bytes")
		special, lower := len(b), true
		for i, c := range b {
			if special == len(b) && (c < ' ' || c == '"' || c == '\\' || c == 0x7F) {
				special = i
			}
			lower = lower && c < 0x80 && (c < 'A' || c > 'Z')
		}
		if got := firstSpecial(b); got != special {
			t.Fatalf("% x: the first special byte is at %d, not %d", b, special, got)
		}
		if got := isLower(b); got != lower {
			t.Fatalf("% x: lower is %v", b, lower)
		}
	})
}
