package source

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// repeatText writes n bytes of the same text over and over.
func repeatText(w io.Writer, text string, n int) {
	chunk := []byte(strings.Repeat(text, 1+(1<<20)/len(text)))
	for n > 0 {
		part := chunk[:min(n, len(chunk))]
		w.Write(part)
		n -= len(part)
	}
}

// bomb is a workbook whose one part of this name unfolds to n bytes.
func bomb(t *testing.T, part, before, text string, n int) []byte {
	t.Helper()
	base := workbook(t, "<si><t>a</t></si>", "<styleSheet/>", "S", grid(1, "a|b"))
	z, err := zip.NewReader(bytes.NewReader(base), int64(len(base)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed)
	})
	for _, f := range z.File {
		if f.Name == part {
			member, _ := w.Create(part)
			member.Write([]byte(before))
			repeatText(member, text, n)
			continue
		}
		w.Copy(f)
	}
	w.Close()
	return out.Bytes()
}

// What is made to fill memory or to take for ever is refused at once, or its rows are.
func TestBombs(t *testing.T) {
	const big = 70 << 20
	lol := `<!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`
	rows := `<row r="1"><c r="A1" t="str"><v>a</v></c></row>`
	for _, c := range []struct {
		name string
		data []byte
		code string // of the error that ends it, "" none
	}{
		{"a sheet of one byte", bomb(t, "xl/worksheets/sheet1.xml", "<worksheet><sheetData>", "a", big), fileFormat},
		{"blank rows for ever", bomb(t, "xl/worksheets/sheet1.xml", "<worksheet><sheetData>"+rows, "<row/>", big),
			fileFormat},
		{"as many blank rows as a ratio allows", bomb(t, "xl/worksheets/sheet1.xml", "<worksheet><sheetData>"+rows, "<row/>",
			60<<20), fileFormat},
		{"shared strings of one byte", bomb(t, "xl/sharedStrings.xml", "<sst><si><t>", "a", big), fileFormat},
		{"styles too large", bomb(t, "xl/styles.xml", "<styleSheet>", "<xf/>", 100<<20), fileFormat},
		{"one row without an end", bomb(t, "xl/worksheets/sheet1.xml", "<worksheet><sheetData>"+rows+`<row r="2">`,
			`<c r="A1"><v>7</v></c>`, 20<<20), fileBrokenOff},
		{"one tag without an end", bomb(t, "xl/worksheets/sheet1.xml", "<worksheet><sheetData ", "a", 20<<20), fileBrokenOff},
		{"elements in each other", bomb(t, "xl/worksheets/sheet1.xml", "<worksheet><sheetData>"+rows+`<row r="2"><c r="A2">`,
			"<x>", 20<<20), fileBrokenOff},
		{"a million laughs", workbook(t, "", "", "S", lol+grid(1, "a|b", "&b;|2")), fileFormat},
		{"a million laughs in the styles", workbook(t, "", lol+"<styleSheet/>", "S", grid(1, "a|b", "1|2")), fileFormat},
		{"an archive in an archive in an archive", packed(t, "a.zip",
			string(packed(t, "b.zip", string(packed(t, "c.csv", "a,b\n1,2\n"))))), fileFormat},
		{"a gzip bomb of an archive", gzipBomb(t), fileFormat},
		{"an ODS row for ever", asODS(t, `<table:table table:name="A">`+
			strings.Repeat(`<table:table-row table:number-rows-repeated="999999999"><table:table-cell office:value-type="string" table:number-columns-repeated="999999999"><text:p>x</text:p></table:table-cell></table:table-row>`, 3)+`</table:table>`), fileHeader},
		{"wide header, thin rows", workbook(t, "", "", "S", wideSheet()), ""},
		{"a lie about its size", lying(t), fileBrokenOff},
	} {
		name, enough := saved(t, "a.xlsx", c.data), patience(t)
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		err := readAll(name)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if code(err) != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
		if took > enough || after.HeapSys-min(after.HeapSys, before.HeapSys) > 200<<20 {
			t.Errorf("%s: %s and %d MB", c.name, took, (after.HeapSys-before.HeapSys)>>20)
		}
		t.Logf("%-40s %6d ms  %v", c.name, took.Milliseconds(), err)
	}
}

// readAll opens and reads a file to its end, nil at the clean end.
func readAll(name string) error {
	r, err := Open(name, nil, Options{})
	if err != nil {
		return err
	}
	defer r.Close()
	var c Chunk
	var b Block
	for err = r.Cut(&c); err == nil; err = r.Cut(&c) {
		r.Parse(&c, &b)
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// wideSheet has as many columns as there may be, and thousands of rows of one cell.
func wideSheet() string {
	var b strings.Builder
	b.WriteString(`<sheetData><row r="1">`)
	for i := range defaultMaxColumns {
		b.WriteString(`<c r="` + Address(i, 1) + `" t="str"><v>c</v></c>`)
	}
	b.WriteString(`</row>` + strings.Repeat(`<row><c r="A1"><v>1</v></c></row>`, 5000) + `</sheetData>`)
	return b.String()
}

func gzipBomb(t *testing.T) []byte {
	var head bytes.Buffer
	head.WriteString("PK\x03\x04")
	head.Write(make([]byte, 70<<20))
	return []byte(gzipped(head.String()))
}

// lying is a workbook whose sheet is larger than its directory says.
func lying(t *testing.T) []byte {
	data := workbook(t, "", "", "S", grid(1, "a|b", "1|2", "3|4"))
	z, _ := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	size := z.File[0].UncompressedSize64
	at := bytes.LastIndex(data, []byte("PK\x01\x02xx"))
	for i := 0; i+46 < len(data); i++ {
		if string(data[i:i+4]) == "PK\x01\x02" && uint64(binary.LittleEndian.Uint32(data[i+24:])) == size {
			at = i
		}
	}
	binary.LittleEndian.PutUint32(data[at+24:], uint32(size-30))
	return data
}

// Every place at which a workbook may break off gives an error or the rows, never a panic or silence about lost ones.
func TestBookBrokenOff(t *testing.T) {
	data := asXLSX(t, []string{"a", "b"}, [][]string{{"1", "2"}, {"3", "4"}}, false)
	for n := 4; n < len(data); n += 211 {
		err := readAll(saved(t, "a.xlsx", data[:n]))
		if code(err) != fileBrokenOff {
			t.Fatalf("%d of %d bytes: %v", n, len(data), err)
		}
	}
	for i := 30; i < len(data); i += 37 {
		damaged := bytes.Clone(data)
		damaged[i] ^= 0x55
		err := readAll(saved(t, "a.xlsx", damaged))
		var own *Error
		if err != nil && !errors.As(err, &own) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
}

// Temporary files are gone from the directory as soon as they are made.
func TestScratchStaysEmpty(t *testing.T) {
	dir := t.TempDir()
	names, rows := people()
	r, err := Open("-", bytes.NewReader(asXLSX(t, names, rows, false)), Options{Scratch: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := cellsOf(t, r); len(got) != len(rows) {
		t.Fatal(len(got))
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Fatal(left)
	}
}

// FuzzSheet: whatever a sheet's XML is, the common form of a cell is read as the tokens would, in chunks of any size.
func FuzzSheet(f *testing.F) {
	f.Add(`<sheetData><row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="2"><c r="A2" s="1"><v>5.5</v></c></row></sheetData>`)
	f.Add(`<sheetData><row><c t="inlineStr"><is><t xml:space="preserve"> a&amp;</t></is></c></row><row/><row><c><f>x</f></c></row></sheetData>`)
	f.Add(`<x:sheetData><x:row r="1"><x:c r="B1" t="b"><x:v>1</x:v></x:c></x:row><!-- <row> --></x:sheetData>`)
	f.Add(`<sheetData><row r="9"><c r="ZZZ9" t="s"><v>0</v></c><c r="A9" t="e"><v>#N/A</v></c>`)
	f.Add(`<sheetData><row r="1"><c r="A1><v>1</v></c></row><row r="2"><c r="A2"><v><![CDATA[<row r="3">]]></v></c></row></sheetData>`)
	f.Fuzz(func(t *testing.T, sheet string) {
		var first string
		for i, size := range []int{0, 16} {
			var b strings.Builder
			data := workbook(t, "<si><t>s</t></si>", bookStyles("yyyy"), "S", sheet)
			in := &input{name: "a.xlsx", packed: true, body: bytes.NewReader(data), compression: "pipe", encoding: "UTF-8"}
			in.raw.Store(int64(len(data)))
			r, err := read(in, Options{ChunkSize: size, Scratch: t.TempDir()}.withDefaults())
			if err == nil {
				var c Chunk
				var block Block
				for err = r.Cut(&c); err == nil; err = r.Cut(&c) {
					r.Parse(&c, &block)
					for _, row := range block.Rows {
						b.WriteString(row.Code + "|" + string(bytes.Join(row.Cells, []byte("|"))) + string(row.Kinds) + "\n")
					}
				}
			}
			in.close()
			if i == 0 {
				first = b.String() + code(err)
			} else if got := b.String() + code(err); got != first && !strings.Contains(first, rowSyntax) &&
				!strings.Contains(got, rowSyntax) {
				t.Fatalf("chunks of %d:\n%s\nwant\n%s", size, got, first)
			}
		}
	})
}
