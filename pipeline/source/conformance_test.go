package source

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	kgzip "github.com/klauspost/compress/gzip"
)

// people are the same records for every format.
func people() (names []string, rows [][]string) {
	names = []string{"id", "name", "city", "note"}
	for i := range 500 {
		rows = append(rows, []string{
			fmt.Sprint("c-", i), []string{"Ann Lee", "José Núñez", "李 小龍", "Zoë \"Z\" O'Hara"}[i%4],
			[]string{"Köln", "", "São Paulo", "New York, NY"}[i%4],
			[]string{"", "two\nlines", "a; b | c\td, 😀", "\"\""}[i/3%4],
		})
	}
	return names, rows
}

func asCSV(names []string, rows [][]string, delimiter rune, lineEnd string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = delimiter
	w.Write(names)
	w.WriteAll(rows)
	if lineEnd == "\n" {
		return b.String()
	}
	// Line ends inside cells stay as they are.
	inner := strings.ReplaceAll(b.String(), "two\nlines", "two\x01lines")
	return strings.ReplaceAll(strings.ReplaceAll(inner, "\n", lineEnd), "\x01", "\n")
}

func asObjects(names []string, rows [][]string, between string) string {
	var b strings.Builder
	for i, row := range rows {
		if i > 0 {
			b.WriteString(between)
		}
		for j, cell := range row {
			text, _ := json.Marshal(cell)
			fmt.Fprintf(&b, "%c%q:%s", "{,"[min(j, 1)], names[j], text)
		}
		b.WriteString("}")
	}
	return b.String()
}

// Every way of writing the same people gives the same rows.
func TestConformance(t *testing.T) {
	names, rows := people()
	plain := asCSV(names, rows, ',', "\n")
	indented := strings.ReplaceAll(asObjects(names, rows, ",\n  "), `,"`, ",\n    \"")
	var big strings.Builder
	gz, _ := kgzip.NewWriterLevel(&big, gzip.BestCompression)
	gz.Write([]byte(plain[:1000]))
	gz.Close()
	gz.Reset(&big)
	gz.Write([]byte(plain[1000:]))
	gz.Close()
	for _, c := range []struct{ name, file, text string }{
		{"comma", "a.csv", plain},
		{"semicolon", "a.csv", asCSV(names, rows, ';', "\n")},
		{"tab", "a.tsv", asCSV(names, rows, '\t', "\n")},
		{"bar", "a.csv", asCSV(names, rows, '|', "\n")},
		{"CRLF", "a.csv", asCSV(names, rows, ',', "\r\n")},
		{"CR", "a.csv", asCSV(names, rows, ',', "\r")},
		{"no last line end", "a.csv", strings.TrimSuffix(plain, "\n")},
		{"byte order mark", "a.csv", "\xef\xbb\xbf" + plain},
		{"UTF-16 little endian", "a.txt", utf16le(asCSV(names, rows, '\t', "\r\n"))},
		{"UTF-16 big endian", "a.txt", utf16be(plain)},
		{"sep line", "a.csv", "sep=;\r\n" + asCSV(names, rows, ';', "\r\n")},
		{"gzip", "a.csv.gz", gzipped(plain)},
		{"gzip in two members, no ending", "a", big.String()},
		{"gzip of UTF-16", "a.csv.gz", gzipped(utf16le(plain))},
		{"NDJSON", "a.ndjson", asObjects(names, rows, "\n") + "\n"},
		{"NDJSON, CRLF", "a.ndjson", asObjects(names, rows, "\r\n")},
		{"NDJSON, gzip", "a.ndjson.gz", gzipped(asObjects(names, rows, "\n"))},
		{"NDJSON, UTF-16", "a.ndjson", utf16le(asObjects(names, rows, "\n"))},
		{"JSON, compact", "a.json", "[" + asObjects(names, rows, ",") + "]"},
		{"JSON, one a line", "a.json", "[\n" + asObjects(names, rows, ",\n") + "\n]\n"},
		{"JSON, indented", "a.json", "[\n  " + indented + "\n]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{0, 37, 4096} {
				r, err := openText(t, c.file, c.text, Options{ChunkSize: size})
				if err != nil {
					t.Fatal(err)
				}
				equal(t, r.Header().Names, names)
				got := cellsOf(t, r)
				if len(got) != len(rows) {
					t.Fatalf("%d rows, want %d", len(got), len(rows))
				}
				for i := range rows {
					if fmt.Sprintf("%q", got[i]) != fmt.Sprintf("%q", rows[i]) {
						t.Fatalf("row %d: got %q, want %q", i, got[i], rows[i])
					}
				}
				r.Close()
			}
		})
	}
}

// cellsOf reads every row, none of which may have a code.
func cellsOf(t testing.TB, r Reader) (rows [][]string) {
	t.Helper()
	var c Chunk
	var b Block
	err := r.Cut(&c)
	for ; err == nil; err = r.Cut(&c) {
		r.Parse(&c, &b)
		for _, row := range b.Rows {
			if row.Code != "" {
				t.Fatalf("line %d: %s %s", row.Line, row.Code, row.Detail)
			}
			var cells []string
			for _, cell := range row.Cells {
				cells = append(cells, string(cell))
			}
			rows = append(rows, cells)
		}
	}
	if code(err) != "" {
		t.Fatal(err)
	}
	return rows
}
