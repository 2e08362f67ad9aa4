package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"
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
		if _, err := ForSpreadsheet(path, delimiter, nil); err != nil {
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

// A file is written in the encoding of the input where that has all of its characters; else it is marked as UTF-8.
func TestForSpreadsheetWritesAsTheInputWas(t *testing.T) {
	latin := func(w io.Writer) (io.WriteCloser, error) {
		return transform.NewWriter(w, charmap.Windows1252.NewEncoder()), nil
	}
	path := filepath.Join(t.TempDir(), "rejects.csv")
	for text, want := range map[string]string{
		"id,name\n1,Köhler\n": "id;name\n1;K\xf6hler\n",
		"id,name\n1,Кот\n":    byteOrderMark + "id;name\n1;Кот\n",
		"id,name\n1,Ana\n":    "id;name\n1;Ana\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		own, err := ForSpreadsheet(path, ';', latin)
		got, failed := os.ReadFile(path)
		if err := errors.Join(err, failed); err != nil || string(got) != want ||
			own == strings.HasPrefix(want, byteOrderMark) {
			t.Errorf("%q became %q, own %t, %v", text, got, own, err)
		}
	}
}
