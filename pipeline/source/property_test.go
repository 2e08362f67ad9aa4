package source

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pieces is a generator of texts made of the given pieces, so that what matters meets often.
func pieces(parts ...string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 60).Draw(t, "pieces"), "")
	})
}

func listStdin(t *rapid.T, text string, o Options) ([]string, string) {
	o.KeepBlank = true
	r, err := Open("-", strings.NewReader(text), o)
	if err != nil {
		return nil, err.Error()
	}
	rows, err := listing(t, r)
	if err != nil {
		return rows, err.Error()
	}
	return rows, ""
}

func TestCSVReadsAsTheRulesSay(t *testing.T) {
	text := pieces("a", "bc", ",", ",", ",", "\"", "\"", "\"\"", "\n", "\n", "\r\n", "\r", "\xff", "é", "5\"", "x ",
		"\" ,", ",,",
		"1,2,3\n", "\"x\",\"y\",\"z\"\r\n", "4,\"5\n6\",7\n", "long text that takes several words of eight bytes")
	rapid.Check(t, func(t *rapid.T) {
		body := text.Draw(t, "text")
		o := Options{Delimiter: ',', Format: "csv", HasHeader: true}
		o.MaxRow = rapid.SampledFrom([]int{9, 12, 20, 40, 200}).Draw(t, "maxRow")
		o.ChunkSize = rapid.IntRange(1, 100).Draw(t, "chunk")
		const header = "a,b,c\n"
		body += strings.Repeat("é", strings.Count(body, "\xff")) // or the file as a whole is refused
		ref := plainReader{text: body, delimiter: ',', width: 3, maxRow: o.MaxRow, line: 2, number: 2,
			names: []string{"a", "b", "c"}}
		want := ref.read()
		for _, size := range []int{o.ChunkSize, 1 << 16} {
			o.ChunkSize = size
			got, err := listStdin(t, header+body, o)
			if err != "" {
				t.Fatalf("%q: %s", body, err)
			}
			if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
				t.Fatalf("%q in chunks of %d, rows of %d\ngot\n%s\nwant\n%s", body, size, o.MaxRow, g, w)
			}
		}
	})
}

// Whatever the chunks, the rows, codes and positions are the same.
func TestChunkSizeChangesNothing(t *testing.T) {
	csvText := pieces("name,city,note\n", "a;b;c\r\n", "x\ty\n", "\"q\"\"q\",", "\"two\nlines\"", ",", ",", ";", "\"",
		"\r", "\n", "\n", "é", "\xff",
		"1,2,3\n", "a,b,c\r\n", "text that is longer than eight bytes")
	lines := pieces(`{"a":1}`, `{"a":"x","b":{"c":[1,{"d":"]"}]}}`, `{"a":1,`, `{"b":{"c":`, `"x\u00e9\ud83d\ude00`, `"`,
		`}`, `{`, `,`, ":", "1.5e3", "null", "tru",
		"\n", "\n", "\r\n", "\r", " ", "é", "\xff", `{"new":true}`, `{"a":"long text that takes several words"}`)
	array := pieces(`{"a":1}`, `{"a":{"b":2}}`, `{"a":"x,]}"}`, `,`, `,`, `,`, ",\n", ",\r\n  ", "\n", `{"a":NaN}`,
		`{"a":"x}`, `{`, `}`, `]`, `[`, `"`, `{"a":"long text that takes several words"}`)
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		o := Options{MaxRow: rapid.SampledFrom([]int{10, 20, 50, 1 << 20}).Draw(t, "maxRow")}
		switch o.Format = rapid.SampledFrom([]string{"csv", "ndjson", "json"}).Draw(t, "format"); o.Format {
		case "csv":
			text = csvText.Draw(t, "text")
		case "ndjson":
			text = lines.Draw(t, "text")
		case "json":
			text = "[" + array.Draw(t, "text") + rapid.SampledFrom([]string{"]", ""}).Draw(t, "end")
		}
		o.ChunkSize = 1 << 16
		want, wantErr := listStdin(t, text, o)
		o.ChunkSize = rapid.IntRange(1, 70).Draw(t, "chunk")
		got, gotErr := listStdin(t, text, o)
		if g, w := strings.Join(got, "\n")+gotErr, strings.Join(want, "\n")+wantErr; g != w {
			t.Fatalf("%q\nin chunks of %d\n%s\nin one\n%s", text, o.ChunkSize, g, w)
		}
	})
}

// On clean files encoding/csv reads the same cells; only CRLF inside quotes it turns to LF.
func TestCSVAgainstTheStandardLibrary(t *testing.T) {
	cell := rapid.StringOf(rapid.RuneFrom([]rune("ab ,;\"\n\t'é😀0=|")))
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 12).Draw(t, "width")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, width, width), 0, 30).Draw(t, "rows")
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.Comma = rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(t, "delimiter")
		w.UseCRLF = rapid.Bool().Draw(t, "CRLF")
		header := make([]string, width)
		for i := range header {
			header[i] = fmt.Sprint("h", i)
		}
		w.Write(header)
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		std := csv.NewReader(strings.NewReader(b.String()))
		std.Comma = w.Comma
		want, err := std.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		r, err := Open("-", strings.NewReader(b.String()),
			Options{KeepBlank: true, Delimiter: byte(w.Comma), ChunkSize: rapid.IntRange(1, 200).Draw(t, "chunk")})
		if err != nil {
			t.Fatal(err)
		}
		var c Chunk
		var block Block
		n := 1
		for r.Cut(&c) == nil {
			r.Parse(&c, &block)
			for _, row := range block.Rows {
				got := string(bytes.ReplaceAll(bytes.Join(row.Cells, []byte{0}), []byte("\r\n"), []byte("\n")))
				if row.Code != "" || got != strings.Join(want[n], "\x00") {
					t.Fatalf("%s: %q, want %q", row.Code, got, want[n])
				}
				n++
			}
		}
		if n != len(want) {
			t.Fatalf("%d rows, want %d", n, len(want))
		}
	})
}

// A stray quote put anywhere into one row of a clean file costs that row only, whatever it turns into.
func TestOneStrayQuoteCostsOneRow(t *testing.T) {
	names, rows := people()
	for i := range rows {
		rows[i][3] = strings.ReplaceAll(rows[i][3], "\"\"", "plain")
	}
	text := asCSV(names, rows, ',', "\n")
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(len("id,name,city,note\n"), len(text)-1).Draw(t, "at")
		broken := text[:at] + "\"" + text[at:]
		r, err := Open("-", strings.NewReader(broken), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var c Chunk
		var b Block
		good, bad := map[string]bool{}, 0
		for r.Cut(&c) == nil {
			r.Parse(&c, &b)
			for _, row := range b.Rows {
				if row.Code != "" {
					bad++
				} else {
					good[string(bytes.Join(row.Cells, []byte{0}))] = true
				}
			}
		}
		lost := 0
		for _, row := range rows {
			if !good[strings.Join(row, "\x00")] {
				lost++
			}
		}
		// A quote in front of a cell of two lines may make a row of each line that fits; more than that may not go.
		if lost > 1 || bad > 2 {
			t.Fatalf("a quote at %d (%q) costs %d rows, %d are refused", at, text[max(0, at-20):min(len(text), at+20)], lost,
				bad)
		}
	})
}

// What encoding/json takes for an object, and only that, is a row, but for the rules it does not have.
func TestJSONAgainstTheStandardLibrary(t *testing.T) {
	text := pieces(`{`, `}`, `[`, `]`, `,`, `:`, `"a"`, `"b"`, `"c\n"`, `"\u00e9`, `"`, `1`, `-`, `0`, `.5`, `e1`, `true`,
		`null`, ` `, `{"x":`, `{"y":{}}`, `\`, "\x01")
	rapid.Check(t, func(t *rapid.T) {
		line := `{"k":` + text.Draw(t, "line") + `}`
		var c Chunk
		var b Block
		r, err := Open("-", strings.NewReader(line), Options{Format: "ndjson", KeepBlank: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Cut(&c); err != nil {
			t.Fatal(err)
		}
		r.Parse(&c, &b)
		row := b.Rows[0]
		if want := json.Valid([]byte(line)); want != (row.Code == "") && !ourOwnRule(row.Detail) {
			t.Fatalf("%s: %s, encoding/json says %v", line, row.Detail, want)
		}
	})
}

// ourOwnRule says whether a fault is one that JSON itself allows.
func ourOwnRule(detail string) bool {
	for _, rule := range []string{"appears twice", "empty key", "surrogate", "too deep"} {
		if strings.Contains(detail, rule) {
			return true
		}
	}
	return false
}
