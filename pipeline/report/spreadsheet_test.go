package report

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the cells hold, a spreadsheet that separates by the delimiter reads the cells that were written.
func TestForSpreadsheetKeepsEveryCell(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rejects.csv")
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]byte{',', ';', '\t', '|'}).Draw(t, "delimiter")
		cell := rapid.StringMatching(`[a-z;,|\t"\nß ]{0,6}`)
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 3, 3), 1, 4).Draw(t, "rows")
		var text []byte
		for _, row := range rows {
			text = AppendCells(text, row)
		}
		before, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil {
			t.Skip("no file of ours")
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := ForSpreadsheet(path, delimiter); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		body, marked := bytes.CutPrefix(got, []byte(byteOrderMark))
		if marked != slices.ContainsFunc(text, func(c byte) bool { return c >= 0x80 }) {
			t.Fatalf("%q is marked: %t", got, marked)
		}
		r := csv.NewReader(bytes.NewReader(body))
		r.Comma = rune(delimiter)
		after, err := r.ReadAll()
		if err != nil || !slices.EqualFunc(before, after, slices.Equal) {
			t.Fatalf("%q became %q, %v: %q", before, after, err, got)
		}
	})
}
