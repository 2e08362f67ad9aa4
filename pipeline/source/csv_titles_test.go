package source

import (
	"testing"

	"pgregory.net/rapid"
)

// The look at two characters keeps no row from being told as the header.
func TestLikelyTitles(t *testing.T) {
	letters := rapid.SampledFrom([]rune("eEmK\u212asſSäÄςσ \u00a0\u200b\ufeff-\x7f"))
	cell := rapid.Custom(func(t *rapid.T) []byte { return []byte(rapid.StringOfN(letters, 0, 4, -1).Draw(t, "cell")) })
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.SliceOfN(cell, 1, 3).Draw(t, "header")
		row := rapid.SliceOfN(cell, len(header), len(header)).Draw(t, "row")
		h := newTitles(header)
		if again := h.repeated(row) || h.moved(row); again && !h.likely(row) {
			t.Fatalf("%q is the header %q again", row, header)
		}
	})
}
