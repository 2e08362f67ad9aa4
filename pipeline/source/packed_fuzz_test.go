package source

import (
	"archive/zip"
	"bytes"
	"os"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// fuzzPacks are the ways in which a fuzz target packs what it was given: checksums keep bytes that were changed at
// random from what stands behind them.
const (
	asItIs = iota
	inGzip
	inZstd
	inZip       // members: the name up to a line end, the body up to a NUL
	inZipInGzip // the same once more
	inZipTwice
	cutZip // the zip file loses its last byte but one
	fuzzPacks
)

// FuzzArchive: whatever an archive holds, its rows or one error come out, the same in chunks of any size, and memory
// stays bounded by settings.
func FuzzArchive(f *testing.F) {
	for pack := range uint8(fuzzPacks) {
		f.Add([]byte("a.csv\nid;name\n1;Zqxj7\n2;x;Zqxj7\n\x00sub/b.ndjson\n{\"id\":3}\n{\"id\":Zqxj7}\n\x00c.vcf\n"+
			"BEGIN:VCARD\nUID:5\nEND:VCARD\n"), pack)
		f.Add([]byte("people.csv\n\xff\xfea\x00,\x00b\x00\n\x001\x00"), pack)
		f.Add([]byte("../../a.csv\na,b\n1,2\n\x00/etc/b.csv\na,b\n\x00__MACOSX/x\ny\x00empty.csv\n\x00\x1b[2J.txt\na\n"),
			pack)
		f.Add([]byte("xl/workbook.xml\n<workbook/>\x00mimetype\n"+
			"application/vnd.oasis.opendocument.spreadsheet\x00content.xml\n<table:table>"), pack)
		f.Add([]byte("a.zip\nPK\x03\x04\x00b.csv.gz\n\x1f\x8b\x08\x00c.csv\n%PDF-1.4"), pack)
		f.Add([]byte(strings.Repeat("a,b\n", 2000)), pack)
	}
	f.Add(packed(f, "a.csv", "a,b\n1,2\n", "b.json", `[{"a":1},{"a":{"b":[2]}}]`), uint8(asItIs))
	f.Add(workbook(f, "<si><t>s</t></si>", "<styleSheet/>", "S", grid(1, "a|b", "1|2")), uint8(asItIs))
	f.Add([]byte(gzipped("a,b\n1,2\n")), uint8(asItIs))
	f.Add([]byte("BZh91AY&SY\x00\x00"), uint8(asItIs))
	scratch := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, pack uint8) {
		allocatedAtMost(t, 512<<20, func() { fuzzRows(t, fuzzPacked(t, data, pack%fuzzPacks), Options{Scratch: scratch}) })
		if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
			t.Fatal("files are left behind", left, err)
		}
	})
}

func fuzzPacked(t *testing.T, data []byte, pack uint8) []byte {
	switch pack {
	case inGzip:
		return []byte(gzipped(string(data)))
	case inZstd:
		w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		return w.EncodeAll(data, nil)
	case asItIs:
		return data
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for member := range bytes.SplitSeq(data, []byte{0}) {
		name, body, _ := strings.Cut(string(member), "\n")
		part, err := w.Create(name)
		if err != nil {
			t.Skip(err)
		}
		part.Write([]byte(body)) // a folder takes none
	}
	w.Close()
	switch zipped := out.Bytes(); pack {
	case inZipInGzip:
		return []byte(gzipped(string(zipped)))
	case inZipTwice:
		return packed(t, "inner.zip", string(zipped))
	case cutZip:
		return append(zipped[:len(zipped)-2], zipped[len(zipped)-1])
	default:
		return zipped
	}
}

// allocatedAtMost says that do takes no more bytes of memory, those given back included: what bounds its time, too.
func allocatedAtMost(t *testing.T, most uint64, do func()) {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	do()
	metrics.Read(sample)
	if took := sample[0].Value.Uint64() - before; took > most {
		t.Fatalf("%d MB were allocated", took>>20)
	}
}

// FuzzODS: whatever the content of a spreadsheet is, its rows or one error come out, in chunks of any size.
func FuzzODS(f *testing.F) {
	cell := func(attrs, text string) string {
		return `<table:table-cell ` + attrs + `><text:p>` + text + `</text:p></table:table-cell>`
	}
	row := func(cells ...string) string {
		return `<table:table-row>` + strings.Join(cells, "") + `</table:table-row>`
	}
	text := `office:value-type="string"`
	head := row(cell(text, "a"), cell(text, "b"))
	table := func(rows ...string) string {
		return `<table:table table:name="S">` + strings.Join(rows, "") + `</table:table>`
	}
	for _, body := range []string{
		odsTexts([]string{"a", "b"}, []string{"Zqxj7", "x & y"}, []string{"", "two\nlines"}),
		table(head, row(cell(`office:value-type="float" office:value="1.5E3"`, "1500"),
			cell(`office:value-type="boolean" office:boolean-value="true"`, "TRUE"))),
		table(head, row(cell(`office:value-type="date" office:date-value="2024-02-30"`, "x"),
			cell(`office:value-type="percentage" office:value="0.5"`, "50 %"))),
		table(head, row(cell(`office:value-type="currency" office:currency="EUR" office:value="x"`, "Zqxj7"),
			cell(`office:value-type="time" office:time-value="PT1H"`, "1:00"))),
		table(head, row(cell(text+` table:formula="of:=1/0" calcext:value-type="error"`, "#DIV/0!"), cell(text, "Zqxj7"),
			cell(text, "more"))),
		table(head, `<table:table-row table:number-rows-repeated="3">`+cell(text+` table:number-columns-repeated="2"`, "x")+
			`</table:table-row>`, head),
		table(head, `<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`, row(cell(text, "late"))),
		table(`<table:table-header-rows>` + head + `</table:table-header-rows><table:table-row-group>` +
			row(`<table:covered-table-cell/>`, cell(text, "<text:s text:c=\"9\"/>é")) + `</table:table-row-group>`),
		table(head, row(`<table:table-cell><office:annotation><text:p>note</text:p></office:annotation><text:p>x<text:span>y</text:span><text:tab/></text:p></table:table-cell>`)) + table(head),
		`<table:table table:style-name="ta2" table:name="H">` + head + `</table:table><table:table/>`,
		`<!DOCTYPE x [<!ENTITY a "b">]>` + table(head), `<table:table><table:table-row><table:table-cell`, ``,
	} {
		f.Add(body)
	}
	scratch := f.TempDir()
	f.Fuzz(func(t *testing.T, body string) {
		data := asODS(t, body)
		allocatedAtMost(t, 1<<30, func() { fuzzBook(t, data, Options{Scratch: scratch, MaxRow: 4096, MaxColumns: 64}) })
	})
}

// fuzzBook is fuzzRows for workbooks: where XML is damaged, how far it is read depends on the chunks.
func fuzzBook(t *testing.T, data []byte, o Options) {
	o.ChunkSize = 64
	small, smallErr := fuzzList(t, data, o)
	o.ChunkSize = 1 << 16
	large, largeErr := fuzzList(t, data, o)
	if damaged := smallErr != "EOF" || largeErr != "EOF"; !damaged && small != large &&
		!strings.Contains(small+large, rowSyntax) {
		t.Fatalf("in chunks of 64\n%s%s\nin one\n%s%s", small, smallErr, large, largeErr)
	}
}
