package source

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// rowsOf are the rows of a workbook: the number, and the code or the cells of each.
func rowsOf(t *testing.T, name string, data []byte, o Options) (Reader, string) {
	t.Helper()
	r, err := openBytes(t, name, data, o)
	if err != nil {
		t.Fatal(err)
	}
	var c Chunk
	var b Block
	var list []string
	for err = r.Cut(&c); err == nil; err = r.Cut(&c) {
		r.Parse(&c, &b)
		for _, row := range b.Rows {
			what := row.Code
			if what == "" {
				for i, cell := range row.Cells {
					what += strings.Repeat("|", min(i, 1)) + string(cell)
				}
			}
			list = append(list, fmt.Sprint(row.Number, " ", what))
		}
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	return r, strings.Join(list, "; ")
}

// The number of a row is the one a person sees, whichever rows say theirs.
func TestPartialRowNumbers(t *testing.T) {
	row := func(number, text string) string {
		return `<row` + number + `><c t="inlineStr"><is><t>` + text + `</t></is></c></row>`
	}
	for sheet, want := range map[string]string{
		row("", "h") + row("", "a") + row(` r="7"`, "b") + row("", "c"):                             "2 a; 7 b; 8 c",
		row(` r="3"`, "h") + row("", "a") + row(` r="9"`, "b") + row("", "c") + row(` r="20"`, "d"): "4 a; 9 b; 10 c; 20 d",
		row("", "h") + row("", "a") + row("", "b"):                                                  "2 a; 3 b",
	} {
		for _, size := range []int{0, 10} {
			if _, got := rowsOf(t, "a.xlsx", workbook(t, "", "", "S", `<sheetData>`+sheet+`</sheetData>`),
				Options{ChunkSize: size}); got != want {
				t.Errorf("%s: got %s, want %s", sheet, got, want)
			}
		}
	}
}

// A header that stands for several rows, or comes again, is told of row by row.
func TestRepeatedHeader(t *testing.T) {
	body := strings.Replace(odsTexts([]string{"name", "email"}, []string{"Ada", "ada@example.org"}), "<table:table-row ",
		`<table:table-row table:number-rows-repeated="3" `, 1)
	if _, got := rowsOf(t, "a.ods", asODS(t, body), Options{}); got != "2 row.header; 3 row.header; 4 Ada|ada@example.org" {
		t.Error(got)
	}
	if _, got := rowsOf(t, "a.xlsx", workbook(t, "", "", "S",
		grid(1, "name|email", "Ada|a", "\u200bName|E-mail", " Name|EMAIL", "x|y")),
		Options{}); got != "2 Ada|a; 3 \u200bName|E-mail; 4 row.header; 5 x|y" {
		t.Error(got)
	}
	moved := grid(1, "name|email|city", "Ada|a|Ede", "City |NAME|email", "city|x|y", "Ede|Bo|b")
	if _, got := rowsOf(t, "a.xlsx", workbook(t, "", "", "S", moved), Options{}); got != "2 Ada|a|Ede; 3 row.header_order; "+
		"4 city|x|y; 5 Ede|Bo|b" {
		t.Error(got)
	}
	if _, got := rowsOf(t, "a.xlsx", workbook(t, "", "", "S", moved),
		Options{NoHeader: true}); strings.Contains(got, rowOrder) {
		t.Error(got)
	}
	if _, got := rowsOf(t, "a.xlsx", workbook(t, "", "", "S", grid(1, "name|email", "Ada|a", "name|email", "name|x")),
		Options{}); got != "2 Ada|a; 3 row.header; 4 name|x" {
		t.Error(got)
	}
}

// --no-header holds of workbooks, too.
func TestWorkbookWithoutHeader(t *testing.T) {
	ods := asODS(t, odsTexts([]string{"Ada", "ada@example.org"}, []string{"Bo", "bo@example.org"}))
	xlsx := workbook(t, "", "", "S", grid(1, "Ada|ada@example.org", "Bo|bo@example.org"))
	for name, data := range map[string][]byte{"a.ods": ods, "a.xlsx": xlsx} {
		r, got := rowsOf(t, name, data, Options{NoHeader: true})
		if got != "1 Ada|ada@example.org; 2 Bo|bo@example.org" || strings.Join(r.Header().Names, " ") != "A B" ||
			!strings.Contains(r.Describe(), "no header") {
			t.Errorf("%s: %s; %q; %s", name, got, r.Header().Names, r.Describe())
		}
	}
	if r, got := rowsOf(t, "a.xlsx", workbook(t, "", "", "S", grid(1, "Customers", "", "name|email|x", "a|b|c")),
		Options{HasHeader: true}); r.Header().Line != 1 {
		t.Errorf("header in row %d; %s", r.Header().Line, got)
	}
}

// The rows of totals that a table says it has are left out and named; what stands beside the table is not.
func TestTableTotals(t *testing.T) {
	const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	for cells, want := range map[string]string{
		"Total|":   "2 Ada|ada@example.org|; 3 Bo|bo@example.org|; 5 Total|cy@example.org|",
		"Total||x": "2 Ada|ada@example.org|; 3 Bo|bo@example.org|; 4 Total||x; 5 Total|cy@example.org|",
	} {
		data := packed(t, "xl/workbook.xml", `<workbook xmlns="`+mainNamespace+`" xmlns:r="`+relations+
			`"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="`+relations+
				`/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/_rels/sheet1.xml.rels", `<Relationships><Relationship Id="rId1" Type="`+relations+
				`/table" Target="../tables/table1.xml"/></Relationships>`,
			"xl/tables/table1.xml", `<t:table xmlns:t="`+mainNamespace+`" ref="A1:B4" totalsRowCount="1"/>`,
			"xl/worksheets/sheet1.xml", `<worksheet xmlns="`+mainNamespace+`">`+
				grid(1, "name|email|note", "Ada|ada@example.org|", "Bo|bo@example.org|", cells, "Total|cy@example.org|")+
				`</worksheet>`)
		r, got := rowsOf(t, "a.xlsx", data, Options{})
		if got != want || !strings.Contains(r.Describe(), "totals in row 4 left out") {
			t.Errorf("got %s\nwant %s; %s", got, want, r.Describe())
		}
	}
}
