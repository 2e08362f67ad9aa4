package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// fuzzRows reads data in two ways of chunking and holds what every reader promises: no panic, the same rows,
// lines in ascending order, as many cells as the header has names, cells inside UTF-8 rows that are UTF-8.
func fuzzRows(t *testing.T, data []byte, o Options) {
	o.MaxRow, o.ChunkSize = 200, 64
	small, smallErr := fuzzList(t, data, o)
	o.ChunkSize = 1 << 16
	large, largeErr := fuzzList(t, data, o)
	if small != large || smallErr != largeErr {
		t.Fatalf("in chunks of 64\n%s%s\nin one\n%s%s", small, smallErr, large, largeErr)
	}
}

func fuzzList(t *testing.T, data []byte, o Options) (list, failure string) {
	r, err := Open("-", bytes.NewReader(data), o)
	if err != nil {
		holdError(t, err)
		return "", err.Error()
	}
	defer r.Close()
	if r.Describe() == "" {
		t.Fatal("not described")
	}
	var b strings.Builder
	var c Chunk
	var block Block
	line, number, sheet := int64(0), int64(0), ""
	for err = r.Cut(&c); err == nil; err = r.Cut(&c) {
		r.Parse(&c, &block)
		if block.Header.Sheet != sheet {
			line, number, sheet = 0, 0, block.Header.Sheet
		}
		for i := range block.Rows {
			row := &block.Rows[i]
			if row.Line < line || row.EndLine < row.Line || row.Number <= number {
				t.Fatalf("row %+v behind line %d, number %d", row, line, number)
			}
			line, number = row.EndLine, row.Number
			holdRow(t, block.Header, row)
			b.WriteString(showRow(block.Header, row) + "\n")
		}
	}
	holdError(t, err)
	return b.String(), err.Error()
}

// fuzzSecret stands in cells of seeds: no message may hold it, unless a name of the file does.
const fuzzSecret = "Zqxj7"

// holdError: the end of an input is io.EOF or an *Error with a code and a file, in one line.
func holdError(t *testing.T, err error) {
	var own *Error
	if err == io.EOF {
		return
	}
	if !errors.As(err, &own) || own.Code == "" || own.File == "" || own.Line < 0 || strings.Contains(own.Detail, "\n") {
		t.Fatalf("error %#v", err)
	}
}

func holdRow(t *testing.T, h *Header, row *Row) {
	if row.Code != "" {
		if strings.Contains(row.Detail, fuzzSecret) && !strings.Contains(strings.Join(h.Names, ","), fuzzSecret) {
			t.Fatalf("line %d: a message holds a value: %s", row.Line, row.Detail)
		}
		return
	}
	if len(row.Cells) != len(h.Names) || row.Kinds != nil && len(row.Kinds) != len(row.Cells) {
		t.Fatalf("%d cells, %d kinds, %d names", len(row.Cells), len(row.Kinds), len(h.Names))
	}
	for i, cell := range row.Cells {
		if !utf8.Valid(cell) {
			t.Fatalf("cell %d of line %d is not UTF-8", i, row.Line)
		}
		if row.Kinds != nil && strings.IndexByte("0t[", row.Kinds[i]) >= 0 && !json.Valid(cell) {
			t.Fatalf("cell %d of line %d is not JSON", i, row.Line)
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, text := range []string{
		"a,b\n1,2\n", "a;b\r\n\"x;y\";\"say \"\"hi\"\"\"\r\n", "sep=|\na|b\n1|2", "\xef\xbb\xbfa\tb\n1\t\"2\n3\"\n",
		"a,b\nx\"y,1\n\"never\n3,4\n", "a,b\r1,\"2\r3\"\r\r4,5", "a,b\nZqxj7,1,2\n\"Zqxj7\"x,1\nZqxj7\n",
		utf16le("a,b\n1,2\n"), gzipped("a,b\n1,2\n"),
		"a,b,c\n1,\"2,x\n3,4,y\n5,6,z\n7,8\",w,v\n9,9,9\n", "a\n" + strings.Repeat("x", 300) + "\ny\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzzRows(t, data, Options{}) })
}

func FuzzJSON(f *testing.F) {
	for _, text := range []string{
		"{\"a\":1}\n{\"a\":{\"b\":[1,{\"c\":\"\\u00e9\\ud83d\\ude00\"}]}}\n",
		"{\"a\":1,\"a\":2}\n{\"\":1}\n{\"a.b\":1}\n{\"a\":NaN}",
		"[{\"a\":1},\n{\"a\":\"x},\n{\"a\":3}]", "[{\"a\":1},{\"a\":NaN},{\"a\":2}]",
		"[\n  {\n    \"a\": [{\"b\": 1}]\n  },\n  2\n]",
		"[{\"a\":\"" + strings.Repeat("x", 300) + "\"},{\"a\":1}]", "{\"a\":\"" + strings.Repeat("x", 300) +
			"\"}\n{\"a\":1}\n",
	} {
		f.Add([]byte(text), strings.HasPrefix(text, "["))
	}
	f.Fuzz(func(t *testing.T, data []byte, array bool) {
		format := "ndjson"
		if array {
			format = "json"
		}
		fuzzRows(t, data, Options{Format: format})
	})
}
