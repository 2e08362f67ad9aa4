package source

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// grid is a sheet's XML: rows of cells of text, "" for none, from row first on.
func grid(first int, rows ...string) string {
	var b strings.Builder
	for i, row := range rows {
		if row == "" {
			continue
		}
		fmt.Fprintf(&b, `<row r="%d">`, first+i)
		for j, cell := range strings.Split(row, "|") {
			if cell != "" {
				fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, Address(j, int64(first+i)), cell)
			}
		}
		b.WriteString(`</row>`)
	}
	return `<sheetData>` + b.String() + `</sheetData>`
}

func merged(refs ...string) string {
	return `<mergeCells count="1"><mergeCell ref="` + strings.Join(refs, `"/><mergeCell ref="`) + `"/></mergeCells>`
}

// Where the header stands and what it says.
func TestSheetHeaders(t *testing.T) {
	for _, c := range []struct {
		name, sheet string
		names       string
		line, first int64 // of the header, and of the first row
		says        string
	}{
		{"plain", grid(1, "id|name", "1|Ann"), "id|name", 1, 2, "2 columns"},
		{"blank rows above", grid(4, "id|name", "", "1|Ann"), "id|name", 4, 6, "header in row 4"},
		{"a column without a name", grid(1, "id||name", "1|x|Ann"), "id||name", 1, 2, ""},
		{"a title over all", grid(1, "Customers of May", "id|name", "1|Ann") + merged("A1:B1"), "id|name", 2, 3,
			"passed over as a title"},
		{"a title set apart", grid(1, "Customers of May", "", "id|name", "1|Ann"), "id|name", 3, 4, "1 row above"},
		{"two titles", grid(1, "Acme", "Customers", "id|name|city", "1|Ann|Rome"), "id|name|city", 3, 4, "2 rows above"},
		{"one column", grid(1, "email", "a@example.com", "b@example.com"), "email", 1, 2, ""},
		{"one name, two columns of data", grid(1, "email", "a@example.com|x1"), "email|", 1, 2, ""},
		{"merged downwards", grid(1, "id|Contact||note", "|Email|Phone", "1|a@x|5|hm") + merged("A1:A2", "B1:C1", "D1:D2"),
			"id|Contact Email|Contact Phone|note", 1, 3, "the header takes 2 rows"},
		{"groups above", grid(1, "Person||Home", "first|last|city|zip", "A|B|C|D1") + merged("A1:B1", "C1:D1"),
			"Person first|Person last|Home city|Home zip", 1, 3, "2 rows"},
		{"one cell merged across", grid(1, "id|tel||x", "1|5|6|7") + merged("B1:C1"), "id|tel|tel|x", 1, 2, ""},
		{"hidden column", `<cols><col min="2" max="3" hidden="1"/></cols>` + grid(1, "id|name|x", "1|Ann|y"), "id|name|x", 1,
			2, "2 hidden columns read too: B C"},
		{"hidden row", strings.Replace(grid(1, "id|name", "1|Ann"), `<row r="2"`, `<row r="2" hidden="1"`, 1), "id|name", 1,
			2, "hidden rows are read too"},
	} {
		r, err := openBytes(t, "a.xlsx", workbook(t, "", "", "S", c.sheet), Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		h := r.Header()
		if got := strings.Join(h.Names, "|"); got != c.names || h.Line != c.line || h.Sheet != "S" || h.Format != "xlsx" {
			t.Errorf("%s: header %q in row %d, want %q in row %d", c.name, got, h.Line, c.names, c.line)
		}
		if !strings.Contains(r.Describe(), c.says) {
			t.Errorf("%s: %s, which does not say %q", c.name, r.Describe(), c.says)
		}
		var chunk Chunk
		var b Block
		if err := r.Cut(&chunk); err != nil {
			t.Fatal(err)
		}
		if r.Parse(&chunk, &b); len(b.Rows) == 0 || b.Rows[0].Number != c.first || b.Rows[0].Line != c.first {
			t.Errorf("%s: the rows start elsewhere than in row %d", c.name, c.first)
		}
	}
}

// Several sheets come one after the other, each with its header; hidden, blank and bare ones are left out.
func TestSeveralSheets(t *testing.T) {
	data := workbook(t, "", "", "Blank", grid(1), "One", grid(1, "a|b", "1|2", "3|4"), "Bare", grid(1, "x|y"), "Two",
		grid(2, "c", "5"))
	r, err := openBytes(t, "a.xlsx", data, Options{ChunkSize: 50})
	if err != nil {
		t.Fatal(err)
	}
	headers := r.(Tables).Headers()
	if len(headers) != 2 || headers[0] != r.Header() || headers[0].Sheet != "One" || headers[1].Sheet != "Two" {
		t.Fatalf("%d tables: %s", len(headers), r.Describe())
	}
	var got []string
	var c Chunk
	var b Block
	for err = r.Cut(&c); err == nil; err = r.Cut(&c) {
		r.Parse(&c, &b)
		for _, row := range b.Rows {
			got = append(got, fmt.Sprintf("%s!%s %s", b.Header.Sheet, Address(0, row.Number),
				bytes.Join(row.Cells, []byte("|"))))
		}
	}
	if want := "One!A2 1|2; One!A3 3|4; Two!A3 5"; err != io.EOF || strings.Join(got, "; ") != want {
		t.Fatalf("%v: %s", err, strings.Join(got, "; "))
	}
	for _, c := range []struct{ sheet, want string }{{"Two", "Two"}, {"two ", "Two"}, {"Bare", "Bare"},
		{"Blank", fileEmpty}, {"Three", fileSheet}} {
		r, err := openBytes(t, "a.xlsx", data, Options{Sheet: c.sheet})
		if err == nil && r.Header().Sheet != c.want || err != nil && code(err) != c.want {
			t.Errorf("%s: %v", c.sheet, err)
		}
	}
}

// Rows that are not as wide as the header, blank ones, ones without numbers, damaged ones.
func TestSheetRows(t *testing.T) {
	for _, c := range []struct{ name, rows, want string }{
		// as in CSV: a column without a name
		{"wider than the header", `<row r="2"><c r="A2"><v>1</v></c><c r="C2"><v>3</v></c></row>`, "2 1||3"},
		{"wider than all that was looked at", strings.Repeat(`<row><c><v>1</v></c></row>`, 12) +
			`<row r="40"><c r="A40"><v>1</v></c><c r="C40"><v>3</v></c></row>`,
			"2 1|; 3 1|; 4 1|; 5 1|; 6 1|; 7 1|; 8 1|; 9 1|; 10 1|; 11 1|; 12 1|; 13 1|; 40 row.width 2 cells up to column C " +
				"where the header ends at B"},
		{"blank and styled beyond", `<row r="2"><c r="A2"><v>1</v></c><c r="C2" s="0"/></row>`, "2 1|"},
		{"blank rows", `<row r="2"/><row r="3"><c r="A3" s="0"/></row><row r="9"><c r="B9"><v>1</v></c></row>`, "9 |1"},
		{"no numbers", `<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c><v>3</v></c></row>`, "2 1|2; 4 3|"},
		{"an error cell", `<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><v>#DIV/0!</v></c></row>`,
			"2 cell.error 1 the cell holds the error #DIV/0!"},
		{"damage", `<row r="2"><c r="A2"><v>1</v></c></row><row r="3"><c r="A3"<v>1</v></c></row><row r="4"><c r="A4"><v>4</v></c></row>`,
			"2 1|; 3 row.syntax -1 the sheet's XML is damaged here; 4 4|"},
		{"no UTF-8", "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>\xe9</v></c></row><row r=\"3\"><c r=\"A3\"><v>3</v></c></row>",
			"2 row.encoding 0 bytes that are not UTF-8; 3 3|"},
		{"too long", `<row r="2"><c r="A2" t="str"><v>` + strings.Repeat("x", 60_000) +
			`</v></c></row><row r="3"><c r="A3"><v>3</v></c></row>`, "2 row.too_long -1 longer than 5000 bytes; 3 3|"},
		{"rather long", `<row r="2"><c r="A2" t="str"><v>` + strings.Repeat("x", 6_000) +
			`</v></c></row><row r="3"><c r="A3"><v>3</v></c></row>`, "2 row.too_long -1 longer than 5000 bytes; 3 3|"},
	} {
		for _, size := range []int{0, 40} {
			sheet := `<sheetData><row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>` + c.rows +
				`</sheetData>`
			if c.name == "no numbers" {
				sheet = strings.Replace(sheet, `<row r="1">`, `<row>`, 1)
			}
			r, err := openBytes(t, "a.xlsx", workbook(t, "", "", "S", sheet), Options{ChunkSize: size, MaxRow: 5000})
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			var got []string
			var chunk Chunk
			var b Block
			for err = r.Cut(&chunk); err == nil; err = r.Cut(&chunk) {
				r.Parse(&chunk, &b)
				for _, row := range b.Rows {
					if row.Code != "" {
						got = append(got, fmt.Sprintf("%d %s %d %s", row.Number, row.Code, row.Column, row.Detail))
					} else {
						got = append(got, fmt.Sprintf("%d %s", row.Number, bytes.Join(row.Cells, []byte("|"))))
					}
				}
			}
			if strings.Join(got, "; ") != c.want || err != io.EOF {
				t.Errorf("%s, chunks of %d: %s, then %v; want %s", c.name, size, strings.Join(got, "; "), err, c.want)
			}
		}
	}
}

// Shared strings beyond what memory may take come back from the file as they were.
func TestTextsSpill(t *testing.T) {
	b := texts{dir: t.TempDir(), limit: 100 << 10}
	defer b.close()
	text := func(i int) string { return strings.Repeat(fmt.Sprint(i, "é"), i%97) }
	const n = 30_000
	for i := range n {
		if err := b.add([]byte(text(i))); err != nil {
			t.Fatal(err)
		}
	}
	b.show(true)
	if b.file == nil || b.held > b.limit {
		t.Fatalf("%d bytes in memory", b.held)
	}
	var block Block
	var kept [][]byte
	for i := 0; i < n; i += 7 {
		got, ok := b.at((i*7919)%n, &block)
		if !ok || string(got) != text((i*7919)%n) {
			t.Fatalf("text %d differs", i)
		}
		kept = append(kept, got)
	}
	for i, got := range kept {
		if string(got) != text((i*7*7919)%n) {
			t.Fatalf("text %d did not stay", i)
		}
	}
	if _, ok := b.at(n, &block); ok {
		t.Fatal("a text that is not there")
	}
}

// asODS writes rows of text as LibreOffice does.
func asODS(t testing.TB, body string) []byte {
	t.Helper()
	return packed(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml",
		`<?xml version="1.0" encoding="UTF-8"?><office:document-content><office:automatic-styles><style:style style:name="ta2" style:family="table">`+
			`<style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>`+body+
			`</office:spreadsheet></office:body></office:document-content>`)
}

func odsTexts(rows ...[]string) string {
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(`<table:table-row table:style-name="ro1">`)
		for _, cell := range row {
			if cell == "" {
				b.WriteString(`<table:table-cell/>`)
				continue
			}
			escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", "\n", "</text:p><text:p>", "\t",
				"<text:tab/>").Replace(cell)
			b.WriteString(`<table:table-cell office:value-type="string" calcext:value-type="string"><text:p>` + escaped +
				`</text:p></table:table-cell>`)
		}
		b.WriteString(`</table:table-row>`)
	}
	return `<table:table table:name="People"><table:table-column table:number-columns-repeated="4"/>` + b.String() +
		`<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>`
}

// The same people as an OpenDocument spreadsheet give the same rows as the CSV.
func TestODSConformance(t *testing.T) {
	names, rows := people()
	data := asODS(t, odsTexts(append([][]string{names}, rows...)...))
	for _, size := range []int{0, 37, 4096} {
		r, err := openBytes(t, "a.ods", data, Options{ChunkSize: size})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, r.Header().Names, names)
		got := cellsOf(t, r)
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", rows) {
			t.Fatalf("chunks of %d: the rows differ", size)
		}
	}
}

// What an OpenDocument cell means; repeated cells and rows, several tables, hidden ones.
func TestODSValues(t *testing.T) {
	cell := func(attrs, text string) string {
		return `<table:table-cell ` + attrs + `><text:p>` + text + `</text:p></table:table-cell>`
	}
	row := func(attrs string, cells ...string) string {
		return `<table:table-row ` + attrs + `>` + strings.Join(cells, "") + `</table:table-row>`
	}
	text := func(s string) string { return cell(`office:value-type="string"`, s) }
	data := asODS(t, `<table:table table:name="A">`+row("", text("a"), text("b"), text("c"), text("d"))+
		row("", cell(`office:value-type="float" office:value="4155550100"`, "4.16E+09"),
			cell(`office:value-type="float" office:value="1067"`, "01067"),
			cell(`office:value-type="date" office:date-value="2024-01-31T14:05:00"`, "31.1.24"),
			cell(`office:value-type="time" office:time-value="PT14H05M07.5S"`, "14:05"))+
		row(`table:number-rows-repeated="3"`, cell(`office:value-type="boolean" office:boolean-value="true" table:number-columns-repeated="2"`, "WAHR"),
			`<table:table-cell office:value-type="string"><office:annotation><text:p>a note</text:p></office:annotation><text:p>x<text:s text:c="2"/>y <text:span>z</text:span></text:p></table:table-cell>`)+
		row(`table:number-rows-repeated="5"`, `<table:table-cell table:number-columns-repeated="4"/>`)+
		row("", cell(`table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"`,
			"#DIV/0!"))+
		row(`table:number-rows-repeated="900000"`, text("x"))+
		row("", cell(`office:value-type="float" office:value="102938475610293007"`, "1.03E+17"),
			cell(`office:value-type="float" office:value="1.02938475610293E+17"`, "1.03E+17"),
			cell(`office:value-type="boolean" office:boolean-value="TRUE"`, "WAHR"),
			cell(`table:formula="of:=A1" office:value-type="string"`, ""))+
		row("", `<table:table-cell table:formula="of:=SUM([.A1:.A2])"/>`)+
		row("", `<table:table-cell table:formula="of:=A1" office:value-type="float"/>`)+
		`</table:table><table:table table:name="Hidden" table:style-name="ta2">`+row("", text("h"))+row("", text("1"))+
		`</table:table><table:table table:name="B">`+row("", text("e"))+row("", text("5"))+`</table:table>`)
	want := `A2 4155550100|01067|2024-01-31T14:05:00|14:05:07.500; A3 true|true|x  y z|; A4 true|true|x  y z|; A5 true|true|x  y z|; ` +
		`A11 cell.error; A12 row.too_long; A900012 102938475610293007|1.02938475610293E+17|true|; A900013 cell.error; A900014 cell.error; A2 5`
	for _, size := range []int{0, 30} {
		r, err := openBytes(t, "a.ods", data, Options{ChunkSize: size})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		var c Chunk
		var b Block
		for err = r.Cut(&c); err == nil; err = r.Cut(&c) {
			r.Parse(&c, &b)
			for _, row := range b.Rows {
				if row.Code != "" {
					got = append(got, Address(0, row.Number)+" "+row.Code)
				} else {
					got = append(got, fmt.Sprintf("%s %s", Address(0, row.Number), bytes.Join(row.Cells, []byte("|"))))
				}
			}
		}
		if strings.Join(got, "; ") != want || err != io.EOF {
			t.Errorf("chunks of %d: %s\nwant %s\n%v", size, strings.Join(got, "; "), want, err)
		}
		if !strings.Contains(r.Describe(), `hidden sheet left out: "Hidden"`) {
			t.Error(r.Describe())
		}
	}
}

// A sheet that excelize hides is left out, and read when it is asked for.
func TestHiddenSheet(t *testing.T) {
	f := excelize.NewFile()
	f.SetSheetRow("Sheet1", "A1", &[]string{"a"})
	f.SetSheetRow("Sheet1", "A2", &[]string{"1"})
	f.NewSheet("Lists")
	f.SetSheetRow("Lists", "A1", &[]string{"b"})
	f.SetSheetVisible("Lists", false)
	data := excel(t, f)
	r, err := openBytes(t, "a.xlsx", data, Options{})
	if err != nil || len(r.(Tables).Headers()) != 1 || !strings.Contains(r.Describe(), `left out: "Lists"`) {
		t.Fatal(err, r.Describe())
	}
	if r, err = openBytes(t, "a.xlsx", data, Options{Sheet: "Lists"}); err != nil ||
		!strings.Contains(r.Describe(), "hidden sheet") {
		t.Fatal(err)
	}
}
