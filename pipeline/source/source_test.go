package source

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// openText opens text as a file of the given name.
func openText(t testing.TB, name, text string, o Options) (Reader, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o.KeepBlank = true // every row is looked at
	return Open(path, nil, o)
}

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
}

// listing reads everything and writes each row on a line of its own, in a form that tests can show:
// lines, row number, then cells by name, or the code, its column and its detail.
func listing(t tester, r Reader) (rows []string, err error) {
	t.Helper()
	defer r.Close()
	var c Chunk
	var b Block
	for {
		if err = r.Cut(&c); err != nil {
			break
		}
		r.Parse(&c, &b)
		for i := range b.Rows {
			rows = append(rows, showRow(b.Header, &b.Rows[i]))
		}
	}
	if again := r.Cut(&c); again != err {
		t.Errorf("Cut after %v answers %v", err, again)
	}
	if err == io.EOF {
		err = nil
	}
	return rows, err
}

func showRow(h *Header, row *Row) string {
	lines := fmt.Sprint(row.Line)
	if row.EndLine != row.Line {
		lines += fmt.Sprintf("-%d", row.EndLine)
	}
	text := fmt.Sprintf("%s #%d", lines, row.Number)
	if row.Code != "" {
		text += " " + row.Code
		if row.Column >= 0 {
			text += fmt.Sprintf(" in %d", row.Column)
		}
		text += ": " + row.Detail
		if row.Code != rowWidth && row.Code != rowEncoding {
			return text
		}
	}
	for i, cell := range row.Cells {
		if row.Kinds != nil && row.Kinds[i] == 0 {
			continue
		}
		kind := ""
		if row.Kinds != nil && row.Kinds[i] != '"' {
			kind = string(row.Kinds[i]) + ":"
		}
		name := "?"
		if i < len(h.Names) {
			name = h.Names[i]
		}
		text += fmt.Sprintf(" %s=%s%q", name, kind, cell)
	}
	return text
}

// code is err's code, "" if it is no *Error.
func code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func utf16le(text string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func utf16be(text string) string {
	b := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return string(b)
}

func equal(t testing.TB, got, want []string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		column int
		number int64
		want   string
	}{
		{0, 14, "A14"}, {5, 14, "F14"}, {25, 1, "Z1"}, {26, 2, "AA2"}, {51, 2, "AZ2"}, {52, 2, "BA2"},
		{701, 3, "ZZ3"}, {702, 3, "AAA3"}, {16383, 1048576, "XFD1048576"}, {-1, 3, ""},
	} {
		if got := Address(c.column, c.number); got != c.want {
			t.Errorf("Address(%d, %d) = %q, want %q", c.column, c.number, got, c.want)
		}
	}
}
