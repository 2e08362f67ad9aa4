package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func TestOpenErrors(t *testing.T) {
	for _, c := range []struct {
		name, text string
		options    Options
		code       string
		detail     string
	}{
		{name: "a.csv", text: "", code: fileEmpty, detail: "is empty"},
		{name: "a.csv", text: "\r\n\n\r\n", code: fileEmpty, detail: "not even a header line"},
		{name: "a.csv", text: "\xef\xbb\xbf", code: fileEmpty, detail: "is empty"},
		{name: "a.ndjson", text: " \n\n", code: fileEmpty, detail: "holds no record"},
		{name: "a.csv.gz", text: gzipped(""), code: fileEmpty, detail: "is empty"},
		{name: "a.bin", text: "a,b\n\x00\x01\x02,x\n", code: fileBinary, detail: "zero bytes"},
		{name: "a.csv", text: "name\n\xcc\xce\xd1\xca\n", code: fileEncoding, detail: "is not UTF-8"},
		{name: "a.csv", text: "n\xe4me,é,é\nx,y,z\n", code: fileEncoding, detail: "the header is not UTF-8"},
		{name: "a.xlsx", text: "PK\x03\x04rest", code: fileBrokenOff, detail: "XLSX"},
		{name: "a.xls", text: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", code: fileFormat, detail: "old Excel"},
		{name: "a.xls", text: "\n<HTML><table><tr><td>id</td></tr></table>", code: fileFormat,
			detail: "is a web page (HTML)"},
		{name: "a.xls", text: "<?xml version=\"1.0\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
			code: fileFormat, detail: "Excel 2003"},
		{name: "a.csv", text: "<?xml version=\"1.0\"?><x/>", code: fileFormat, detail: "is XML"},
		{name: "a.csv", text: "\"a,b\n1,2\n", code: fileHeader, detail: "never closed"},
		{name: "a.csv", text: "a\",c\n1,2\n", code: fileHeader, detail: "a quote inside"},
		{name: "a.csv", text: "a,b,c\n", options: Options{MaxColumns: 2}, code: fileHeader,
			detail: "3 columns, more than the 2"},
		{name: "a.csv", text: "aaaaaaaaaaa,b\n", options: Options{MaxRow: 5}, code: fileHeader,
			detail: "longer than 5 bytes"},
		{name: "a.csv", text: "a\n", options: Options{Format: "xml"}, code: fileFormat, detail: "no format"},
		{name: "a.csv", text: "a\n", options: Options{Delimiter: '"'}, code: fileFormat, detail: "delimiter"},
		{name: "a.json", text: "{\n \"users\": [\n  {\"a\": 1}\n ]\n}\n", code: fileFormat, detail: "over several lines"},
		{name: "a.json", text: "{\"a\":1}\n", options: Options{Format: "json"}, code: fileFormat,
			detail: "does not start with ["},
		{name: "a.csv.gz", text: gzipped("a,b\n1,2\n")[:5], code: fileBrokenOff, detail: "stops short"},
		{name: "a.csv.gz", text: gzipped(strings.Repeat("a,b", 1000) + "\n")[:30], code: fileBrokenOff,
			detail: "stops short"},
	} {
		r, err := openText(t, c.name, c.text, c.options)
		if err == nil {
			t.Errorf("%s %.30q opens as %s", c.name, c.text, r.Describe())
			continue
		}
		if code(err) != c.code || !strings.Contains(err.Error(), c.detail) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %.30q: %s: %v; want %s: … %s …", c.name, c.text, code(err), err, c.code, c.detail)
		}
	}
}

func TestOpenPlaces(t *testing.T) {
	dir := t.TempDir()
	closed := filepath.Join(dir, "closed.csv")
	if err := os.WriteFile(closed, []byte("a\n1\n"), 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, code string
		is         error
	}{
		{filepath.Join(dir, "none.csv"), FileMissing, fs.ErrNotExist},
		{dir, fileDirectory, nil},
		{closed, filePermission, fs.ErrPermission},
		{"-", FileMissing, nil},
	} {
		if c.code == filePermission && os.Geteuid() == 0 {
			continue // root may read everything
		}
		_, err := Open(c.name, nil, Options{})
		if code(err) != c.code || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %s: %v", c.name, code(err), err)
		}
	}
}

// What was cut before the bytes stop is valid; the record under way is dropped, and the error names its line.
func TestBrokenOff(t *testing.T) {
	var text strings.Builder
	text.WriteString("a,b\n")
	for text.Len() < 3*sampleSize {
		text.WriteString("some text,\"a cell of\ntwo lines\"\n")
	}
	whole := text.String()
	cut := whole[:len(whole)-len("o lines\"\n")]
	want := strings.Count(cut, "some text") - 1
	line := int64(strings.Count(cut, "\n"))
	lost := errors.New("the line went dead")
	for name, open := range map[string]func() io.Reader{
		"a read error":            func() io.Reader { return io.MultiReader(strings.NewReader(cut), iotest.ErrReader(lost)) },
		"half a UTF-16 character": func() io.Reader { return strings.NewReader(utf16be(cut) + "x") },
	} {
		for _, size := range []int{0, 100, 4096} {
			r, err := Open("-", open(), Options{ChunkSize: size})
			if err != nil {
				t.Fatal(err)
			}
			rows, err := listing(t, r)
			var e *Error
			if !errors.As(err, &e) || e.Code != fileBrokenOff || e.Line != line {
				t.Errorf("%s: %v, want line %d", name, err, line)
			}
			if name == "a read error" && !errors.Is(err, lost) {
				t.Errorf("%v hides its cause", err)
			}
			if len(rows) != want {
				t.Errorf("%s: %d rows, want %d", name, len(rows), want)
			}
		}
	}
}

func TestBrokenOffGzip(t *testing.T) {
	text := "a,b\n" + strings.Repeat("1,2\n", 200_000)
	whole := gzipped(text)
	var counts []int
	for _, size := range []int{0, 1000} {
		r, err := openText(t, "a.csv.gz", whole[:len(whole)/2], Options{ChunkSize: size})
		if err != nil {
			t.Fatal(err)
		}
		if r.Size() != int64(len(whole)/2) {
			t.Errorf("Size() = %d", r.Size())
		}
		rows, err := listing(t, r)
		if code(err) != fileBrokenOff || !strings.Contains(err.Error(), "gzip data stops short") {
			t.Error(err)
		}
		if r.Offset() != r.Size() {
			t.Errorf("Offset() = %d of %d", r.Offset(), r.Size())
		}
		counts = append(counts, len(rows))
	}
	if counts[0] < 50_000 || counts[0] != counts[1] {
		t.Errorf("rows: %v", counts)
	}
	damaged := []byte(whole)
	damaged[len(damaged)-6] ^= 1 // in the checksum
	r, err := openText(t, "a.csv.gz", string(damaged), Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := listing(t, r)
	if len(rows) != 200_000 || code(err) != fileBrokenOff || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestUTF16Surrogates(t *testing.T) {
	text := utf16le("a,b\né,1\nx,2\n😀,3\n")
	at := strings.Index(text, "x\x00")
	text = text[:at] + "\x3d\xd8" + text[at+2:] // half a pair
	r, err := openText(t, "a.csv", text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := listing(t, r)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, rows, []string{`2 #2 a="é" b="1"`, `3 #3 row.encoding in 0: bytes that are not UTF-8 a="\xff" b="2"`,
		`4 #4 a="😀" b="3"`})
}

func TestUTF16InPieces(t *testing.T) {
	for _, text := range []string{utf16le("a,b\né,😀\n"), utf16be("a,b\né,😀\n")} {
		r, err := Open("-", iotest.OneByteReader(strings.NewReader(text)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := listing(t, r)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, rows, []string{`2 #2 a="é" b="😀"`})
	}
}

func TestFormatByContent(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a.csv", "{\"a\":1}\n", "ndjson"}, {"a", " \n{ \"a\":1}\n", "ndjson"}, {"a.txt", "[{\"a\":1}]", "json"},
		{"a.csv", "[ ]", "json"}, {"a.csv", "[a],b\n1,2\n", "csv"}, {"a.csv", "{a},b\n1,2\n", "csv"},
		{"a.ndjson", "x\n{\"a\":1}\n", "ndjson"}, {"A.JSONL.gz", "x\n{\"a\":1}\n", "ndjson"}, {"a.tsv", "a\tb\n", "csv"},
	} {
		r, err := openText(t, c.name, c.text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Header().Format; got != c.want {
			t.Errorf("%s %q is %s, want %s", c.name, c.text, got, c.want)
		}
		r.Close()
	}
}

// No text of an error or a detail may repeat what stands in a cell.
func TestCellsStayOutOfTexts(t *testing.T) {
	const secret = "Zaphod"
	for name, text := range map[string]string{
		"a.csv": "a,b\n\"" + secret + "\"x,1\n" + secret + "\n" + secret + "\xff,é\n" + secret + "\"" + secret +
			",2\n1,\"" + secret,
		"b.ndjson": "{\"a\":\"" + secret + "}\n{\"a\":" + secret + "}\n{\"" + secret + "\":1,\"" + secret + "\":2}\n",
		"c.json":   "[{\"a\":1},\n{\"a\":\"" + secret + "},\n{\"a\":\"" + secret + "\",}]",
	} {
		r, err := openText(t, name, text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var c Chunk
		var b Block
		bad := 0
		for err = r.Cut(&c); err == nil; err = r.Cut(&c) {
			r.Parse(&c, &b)
			for _, row := range b.Rows {
				if row.Code != "" {
					bad++
				}
				if strings.Contains(row.Detail, secret) {
					t.Errorf("%s: %s", name, row.Detail)
				}
			}
		}
		if strings.Contains(err.Error(), secret) || bad == 0 && code(err) == "" {
			t.Errorf("%s: %d bad rows, %v", name, bad, err)
		}
		r.Close()
	}
}

func TestEveryCodeIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, c := range Codes() {
		if listed[c] {
			t.Errorf("%s is listed twice", c)
		}
		listed[c] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range strings.Split(string(text), `"`) {
			if (strings.HasPrefix(word, "file"+".") || strings.HasPrefix(word, "row"+".")) &&
				!strings.ContainsAny(word, " \n\t\\:`,)") && !listed[word] {
				t.Errorf("%s: %s is not in Codes()", f, word)
			}
		}
	}
}
