package pipeline_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"muster/pipeline"
	reader "muster/pipeline/source"
)

// human is one of the people who are written in every format.
type human struct{ id, name, mail, phone, city, born, note string }

func (p human) cells() []string {
	return []string{p.id, p.name, p.mail, p.phone, p.city, p.born, p.note}
}

var personColumns = []string{"id", "name", "mail", "phone", "city", "born", "note"}

// sameHumans have what tells readers apart: zeros to lose, quotes, delimiters, line ends, accents, blanks.
func sameHumans() (list []human) {
	for i := range 60 {
		list = append(list, human{
			id: fmt.Sprintf("%06d", i), name: []string{"José Núñez", "Zoë O'Hara", "Ann Lee", "Jörg Weiß"}[i%4],
			mail: fmt.Sprintf("p%d@example.com", i), phone: fmt.Sprintf("+31612%06d", i*37),
			city: []string{"Köln", "", "São Paulo", "Malmö"}[i%4], born: fmt.Sprintf("19%02d-03-%02d", 50+i%40, 1+i%28),
			note: []string{"", "one; two, three", "said \"no\"", "first\nsecond", "a|b\tc"}[i%5],
		})
	}
	return list
}

// table writes people as CSV; escaped is what a quote inside a cell becomes.
func table(people []human, delimiter, quote, escaped, end string) string {
	var b strings.Builder
	line := func(cells []string) {
		for i, cell := range cells {
			if i > 0 {
				b.WriteString(delimiter)
			}
			if strings.ContainsAny(cell, delimiter+quote+"\n") {
				cell = quote + strings.ReplaceAll(cell, quote, escaped) + quote
			}
			b.WriteString(cell)
		}
		b.WriteString(end)
	}
	line(personColumns)
	for _, p := range people {
		line(p.cells())
	}
	return b.String()
}

func humansAsJSON(t *testing.T, people []human, open, between, end string) string {
	var list []string
	for _, p := range people {
		text, err := json.Marshal(map[string]any{"id": p.id, "name": p.name, "mail": p.mail, "phone": p.phone, "city": p.city,
			"born": p.born, "note": p.note})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(text))
	}
	return open + strings.Join(list, between) + end
}

func asCards(people []human, version string) string {
	var b strings.Builder
	text := func(s string) string {
		if version == "2.1" {
			return s
		}
		return strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\n", `\n`).Replace(s)
	}
	for _, p := range people {
		if version == "2.1" {
			quoted := strings.NewReplacer("=", "=3D", "\n", "=0D=0A", "\t", "=09").Replace(p.note)
			fmt.Fprintf(&b, "BEGIN:VCARD\r\nVERSION:2.1\r\nX-ID:x\r\nUID:%s\r\n"+
				"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:%s\r\nEMAIL;HOME:%s\r\nTEL;CELL:%s\r\nADR;HOME:;;;%s;;;\r\n"+
				"BDAY:%s\r\nNOTE;ENCODING=QUOTED-PRINTABLE:%s\r\nEND:VCARD\r\n",
				p.id, quotedPrintable(p.name), p.mail, p.phone, p.city, strings.ReplaceAll(p.born, "-", ""), quoted)
			continue
		}
		fmt.Fprintf(&b, "BEGIN:VCARD\r\nVERSION:%s\r\nUID:%s\r\nFN:%s\r\nEMAIL;TYPE=HOME:%s\r\nTEL;TYPE=CELL:%s\r\n"+
			"ADR;TYPE=HOME:;;;%s;;;\r\nBDAY:%s\r\nNOTE:%s\r\nPHOTO;ENCODING=b:AAAA\r\n BBBB\r\nEND:VCARD\r\n",
			version, p.id, text(p.name), p.mail, p.phone, text(p.city), p.born, text(p.note))
	}
	return b.String()
}

func quotedPrintable(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c < 0x80 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}

func asWorkbook(t *testing.T, people []human) string {
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range append([]human{{"id", "name", "mail", "phone", "city", "born", "note"}}, people...) {
		for j, cell := range row.cells() {
			place, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if err := f.SetCellStr("Sheet1", place, cell); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func asOpenDocument(t *testing.T, people []human) string {
	var rows strings.Builder
	for _, p := range append([]human{{"id", "name", "mail", "phone", "city", "born", "note"}}, people...) {
		rows.WriteString("<table:table-row>")
		for _, cell := range p.cells() {
			text := strings.NewReplacer("\n", "</text:p><text:p>", "\t", "<text:tab/>").Replace(html.EscapeString(cell))
			fmt.Fprintf(&rows, `<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>`, text)
		}
		rows.WriteString("</table:table-row>")
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	const oasis = "urn:oasis:names:tc:opendocument:xmlns:"
	for _, part := range [][2]string{{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, {"content.xml",
		`<?xml version="1.0"?><office:document-content xmlns:office="` + oasis + `office:1.0" ` +
			`xmlns:table="` + oasis + `table:1.0" xmlns:text="` + oasis +
			`text:1.0"><office:body><office:spreadsheet><table:table table:name="P">` +
			rows.String() + `</table:table></office:spreadsheet></office:body></office:document-content>`}} {
		w, err := z.Create(part[0])
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(part[1]))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func encoded(t *testing.T, e encoding.Encoding, text string) string {
	out, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const (
	personMapping = "version: 1\nkind: customer\nkeys: [externalId]\ncolumns:\n  id: externalId\n  name: name\n" +
		"  mail: {to: emails, type: home}\n" +
		"  phone: {to: phones, type: mobile}\n  city: locations[home].city\n  born: birthdayAt\n  note: custom.notesTxt\n"
	cardMapping = "version: 1\nkind: customer\nkeys: [externalId]\nunmapped: ignore\ncolumns:\n  UID: externalId\n" +
		"  FN: name\n  EMAIL.home: {to: emails, type: home}\n" +
		"  TEL.mobile: {to: phones, type: mobile}\n  ADR.home.locality: locations[home].city\n  BDAY: birthdayAt\n" +
		"  NOTE: custom.notesTxt\n"
)

// TestEveryFormatGivesTheSameRecords: once the people are in the org, the same people in any other dialect, encoding or
// format are known to the byte: not one record is sent.
func TestEveryFormatGivesTheSameRecords(t *testing.T) {
	t.Parallel()
	people := sameHumans()
	plain := table(people, ",", `"`, `""`, "\n")
	var standard bytes.Buffer
	w := csv.NewWriter(&standard)
	w.Write(personColumns)
	for _, p := range people {
		w.Write(p.cells())
	}
	w.Flush()
	plainOf := func(e encoding.Encoding) string { return encoded(t, e, plain) }
	for _, c := range []struct {
		name, file, text string
		options          reader.Options
	}{
		{name: "CSV", file: "a.csv", text: plain},
		{name: "by encoding/csv", file: "a.csv", text: standard.String()},
		{name: "semicolon", file: "a.csv", text: table(people, ";", `"`, `""`, "\r\n")},
		{name: "tab", file: "a.tsv", text: table(people, "\t", `"`, `""`, "\n")},
		{name: "bar, CR", file: "a.txt", text: table(people, "|", `"`, `""`, "\r")},
		{name: "apostrophes", file: "a.csv", text: table(people, ",", "'", "''", "\n"), options: reader.Options{Quote: '\''}},
		{name: "backslashes", file: "a.csv", text: table(people, ",", `"`, `\"`, "\n")},
		{name: "sep line", file: "a.csv", text: "sep=;\r\n" + table(people, ";", `"`, `""`, "\r\n")},
		{name: "UTF-8 with mark", file: "a.csv", text: "\ufeff" + plain},
		{name: "UTF-16 with mark", file: "a.csv", text: plainOf(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))},
		{name: "UTF-16 without", file: "a.csv", text: plainOf(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM))},
		{name: "UTF-32", file: "a.csv", text: plainOf(utf32.UTF32(utf32.LittleEndian, utf32.UseBOM))},
		{name: "Windows-1252", file: "a.csv", text: plainOf(charmap.Windows1252),
			options: reader.Options{Encoding: "windows-1252"}},
		{name: "Mac Roman", file: "a.csv", text: plainOf(charmap.Macintosh), options: reader.Options{Encoding: "macintosh"}},
		{name: "CP850", file: "a.csv", text: plainOf(charmap.CodePage850), options: reader.Options{Encoding: "cp850"}},
		{name: "NDJSON", file: "a.ndjson", text: humansAsJSON(t, people, "", "\n", "\n")},
		{name: "JSON", file: "a.json", text: humansAsJSON(t, people, "[\n", ",\n", "\n]\n")},
		{name: "XLSX", file: "a.xlsx", text: asWorkbook(t, people)},
		{name: "ODS", file: "a.ods", text: asOpenDocument(t, people)},
		{name: "vCard 2.1", file: "a.vcf", text: asCards(people, "2.1")},
		{name: "vCard 3.0", file: "a.vcf", text: asCards(people, "3.0")},
		{name: "vCard 4.0", file: "a.vcf", text: asCards(people, "4.0")},
	} {
		t.Run(c.name, func(t *testing.T) {
			mapping := personMapping
			if strings.HasSuffix(c.file, ".vcf") {
				mapping = cardMapping
			}
			sameRecords(t, plain, c.file, c.text, mapping, c.options)
		})
	}
}

// sameRecords imports the plain file, then the other one.
func sameRecords(t *testing.T, plain, name, text, mapping string, options reader.Options) {
	dir, o := t.TempDir(), newOrg(t, sandboxConfig())
	run := func(path string, options reader.Options) {
		t.Helper()
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", State: dir + "/state", Files: []string{path},
			Org: o.connect(t), Source: options})
		if err != nil {
			t.Fatal(err)
		}
		want := "unchanged"
		if filepath.Base(path) == "plain.csv" {
			want = "created"
		}
		if count(s, want) != 60 || s.Rows != 60 || len(s.Problems) > 0 {
			t.Fatalf("%d of %d rows %s, problems %+v", count(s, want), s.Rows, want, s.Problems)
		}
	}
	run(prepared(t, dir, "plain.csv", plain, personMapping), reader.Options{})
	if err := os.Mkdir(dir+"/other", 0o700); err != nil {
		t.Fatal(err)
	}
	run(prepared(t, dir+"/other", name, text, mapping), options)
}
