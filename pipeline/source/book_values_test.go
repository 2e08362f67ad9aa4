package source

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// bookStyles has one cell format for each of these codes, from number 1 on.
func bookStyles(codes ...string) string {
	var formats, cells strings.Builder
	for i, code := range codes {
		fmt.Fprintf(&formats, `<numFmt numFmtId="%d" formatCode="%s"/>`, 164+i, code)
		fmt.Fprintf(&cells, `<xf numFmtId="%d"/>`, 164+i)
	}
	return `<styleSheet><numFmts>` + formats.String() +
		`</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>` +
		cells.String() + `<xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="21"/><xf numFmtId="46"/><xf numFmtId="9"/></cellXfs></styleSheet>`
}

// What a cell's XML means, by the book.
func TestCellValues(t *testing.T) {
	styles := bookStyles("dd.mm.yyyy", "yyyy-mm-dd hh:mm", "[$-409]d-mmm-yy;@", "00000", "#,##0.00", "&quot;day&quot; 0",
		"[h]:mm", "mmmm", "0.00E+00", "000\\-00\\-0000", "[Red]0;yyyy")
	const d, dt, tm, el, pc = 12, 13, 14, 15, 16
	for _, c := range []struct {
		cell string // attributes of <c> behind its place, and what is in it
		want string // kind and text, or code
	}{
		{`><v>4155550100</v>`, "0 4155550100"},
		{`><v>123456789012345</v>`, "0 123456789012345"},
		{`><v>1.23456789012345E14</v>`, "0 123456789012345"},
		{`><v>4.4123456789E+11</v>`, "0 441234567890"},
		{`><v>12345678901234500000</v>`, "0 12345678901234500000"},
		{`><v>1E+21</v>`, "0 1E+21"},
		{`><v>5.0</v>`, "0 5"},
		{`><v>007</v>`, `" 007`}, // a whole number keeps its digits as written, in every format
		{`><v>102938475610293007</v>`, "0 102938475610293007"},
		{`><v>-102938475610293007</v>`, "0 -102938475610293007"},
		{`><v>102938475610293007.0</v>`, "0 102938475610293007"},
		{`><v>123456789012345678901234567890</v>`, "0 123456789012345678901234567890"},
		{` s="4"><v>102938475610293007</v>`, "0 102938475610293007"},
		{`><v>1.0293847561029301E+17</v>`, "0 1.0293847561029301E+17"}, // digits are lost: the exponent says so
		{`><v>1e+18</v>`, "0 1E+18"},
		{`><v>0E+18</v>`, "0 0"},
		{`><v>1.5E+3</v>`, "0 1500"},
		{`><v>-0</v>`, "0 0"},
		{`><v>-12.5</v>`, "0 -12.5"},
		{`><v>0.10000000000000001</v>`, "0 0.1"},
		{`><v>3.1400000000000001</v>`, "0 3.14"},
		{`><v>1E-3</v>`, "0 0.001"},
		{`><v>abc</v>`, "row.syntax"},
		{`><v>NaN</v>`, "row.syntax"},
		{` s="4"><v>1067</v>`, `" 01067`},
		{` s="4"><v>101067</v>`, "0 101067"},
		{` s="10"><v>12345678</v>`, `" 012345678`},
		{` s="5"><v>1234.5</v>`, "0 1234.5"},
		{` s="6"><v>3</v>`, "0 3"},
		{` s="9"><v>12</v>`, "0 12"},
		{` s="11"><v>45000</v>`, "0 45000"},
		{fmt.Sprintf(` s="%d"><v>0.15</v>`, pc), "0 0.15"},
		{fmt.Sprintf(` s="%d"><v>45322</v>`, d), `" 2024-01-31`},
		{fmt.Sprintf(` s="%d"><v>45322.5</v>`, d), `" 2024-01-31T12:00:00`},
		{fmt.Sprintf(` s="%d"><v>45322</v>`, dt), `" 2024-01-31T00:00:00`},
		{fmt.Sprintf(` s="%d"><v>45291.999988425923</v>`, dt), `" 2023-12-31T23:59:59`},
		{fmt.Sprintf(` s="%d"><v>0.58680555555555558</v>`, tm), `" 14:05:00`},
		{fmt.Sprintf(` s="%d"><v>1.5</v>`, el), `" 36:00:00`},
		{` s="7"><v>1.5</v>`, `" 36:00:00`},
		{` s="1"><v>30754</v>`, `" 1984-03-13`},
		{` s="2"><v>45322.586805555555</v>`, `" 2024-01-31T14:05:00`},
		{` s="3"><v>36526</v>`, `" 2000-01-01`},
		{` s="8"><v>45322</v>`, `" 2024-01-31`},
		{` s="1"><v>1</v>`, `" 1900-01-01`},
		{` s="1"><v>59</v>`, `" 1900-02-28`},
		{` s="1"><v>60</v>`, `" 1900-02-29`},
		{` s="1"><v>61</v>`, `" 1900-03-01`},
		{` s="1"><v>0</v>`, "0 0"},
		{` s="1"><v>-1</v>`, "0 -1"},
		{` s="1"><v>2958465</v>`, `" 9999-12-31`},
		{` s="1"><v>2958466</v>`, "0 2958466"},
		{` s="99"><v>5</v>`, "0 5"},
		{` t="d"><v>2024-01-31T00:00:00</v>`, `" 2024-01-31T00:00:00`},
		{` t="b"><v>1</v>`, "t true"},
		{` t="b"><v>0</v>`, "t false"},
		{` t="b"><v>TRUE</v>`, "t true"},
		{` t="b"><v>True</v>`, "t true"},
		{` t="b"><v>FALSE</v>`, "t false"},
		{` t="b"><v>maybe</v>`, "row.syntax"},
		{` t="e"><v>#N/A</v>`, "cell.error the cell holds the error #N/A"},
		{` t="e"><v>#REF!</v>`, "cell.error the cell holds the error #REF!"},
		{` t="e"><f>secret()</f><v>#SECRET</v>`, "cell.error the cell holds an error"},
		{` t="str"><f>A1&amp;"x"</f><v>a &amp; b &lt;c&gt; &#8364;&#x41;</v>`, `" a & b <c> €A`},
		{` t="str"><f>A1</f><v></v>`, "blank"},
		{` t="str"><v>&nbsp;</v>`, "row.syntax"},
		{`><f>1+1</f><v>2</v>`, "0 2"},
		{`><f>1+1</f>`, "cell.error"},
		{`><f>1+1</f><v></v>`, "cell.error"}, // as openpyxl writes a formula
		{`><f>1+1</f><v/> `, "cell.error"},
		{` t="str"><f>A1</f>`, "cell.error"},
		{` t="s"><v>0</v>`, `" plain`},
		{` t="s"><v>1</v>`, `" rich text`},
		{` t="s"><v>2</v>`, `" two
lines and _x000D_ and 字`},
		{` t="s"><v>3</v>`, "blank"},
		{` t="s"><v>4</v>`, `"  kept `},
		{` t="s"><v>9</v>`, "row.syntax"},
		{` t="s"><v>-1</v>`, "row.syntax"},
		{` t="inlineStr"><is><t>here</t></is>`, `" here`},
		{` t="inlineStr"><is><r><t>a</t></r><r><rPr><b/></rPr><t xml:space="preserve"> &amp; b</t></r></is>`, `" a & b`},
		{` t="inlineStr"><is><t><![CDATA[<row r="9"> & ]]></t></is>`, `" <row r="9"> & `},
		{` t="str"><v>a<!-- <row r="9"> -->b</v>`, `" ab`},
		{`/>`, "blank"},
		{` s="1"/>`, "blank"},
	} {
		sheet := `<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>` +
			`<row r="2"><c r="A2"><v>1</v></c><c r="B2"` + c.cell
		if !strings.HasSuffix(c.cell, "/>") {
			sheet += `</c>`
		}
		sheet += `</row></sheetData>`
		shared := `<si><t>plain</t></si><si><r><t>rich</t></r><r><rPr><b/></rPr><t> text</t></r></si>` +
			`<si><t>two&#10;lines and _x005F_x000D_ and 字</t><rPh sb="0" eb="1"><t>guide</t></rPh></si><si/><si><t xml:space="preserve"> kept </t></si>`
		for _, form := range []string{sheet, prefixed(sheet), strings.ReplaceAll(sheet, `"`, `'`)} {
			if form != sheet && strings.ContainsAny(c.cell, "[&!") {
				continue
			}
			got := valueOf(t, workbook(t, shared, styles, "People", form))
			if got != c.want && !(strings.HasPrefix(got, c.want+" ") && strings.Contains(c.want, ".") &&
				!strings.Contains(c.want, " ")) {
				t.Errorf("%s: got %q, want %q", c.cell, got, c.want)
			}
		}
	}
}

// prefixed writes a sheet's elements with a prefix, as some programs do.
func prefixed(sheet string) string {
	return strings.NewReplacer("</", "</x:", "<", "<x:").Replace(sheet)
}

// valueOf is what stands in B2.
func valueOf(t *testing.T, data []byte) string {
	t.Helper()
	if strings.Contains(string(data), "<x:sheetData") {
		t.Fatal("not compressed")
	}
	r, err := openBytes(t, "a.xlsx", data, Options{})
	if err != nil {
		return err.Error()
	}
	var c Chunk
	var b Block
	if err := r.Cut(&c); err != nil {
		return err.Error()
	}
	r.Parse(&c, &b)
	row := b.Rows[0]
	switch {
	case row.Code != "":
		return row.Code + " " + row.Detail
	case len(row.Cells[1]) == 0:
		return "blank"
	}
	return string(row.Kinds[1]) + " " + string(row.Cells[1])
}

// Dates are what excelize makes of them, in both systems.
func TestDatesAsOracle(t *testing.T) {
	for _, date1904 := range []bool{false, true} {
		for serial := 61.0; serial < 80000; serial += 17.123456789 {
			want, err := excelize.ExcelDateToTime(serial, date1904)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := appendSerial(nil, serial, numberFormat{date: true, clock: true}, date1904)
			parsed, err := time.Parse("2006-01-02T15:04:05", string(got))
			if !ok || err != nil || parsed.Sub(want).Abs() > time.Second {
				t.Fatalf("%v (1904: %v): %s, excelize says %s", serial, date1904, got, want)
			}
		}
	}
}

// Workbooks written by excelize come back as they were: the oracle is what it reads itself.
func TestBookAsOracle(t *testing.T) {
	f := excelize.NewFile()
	date, _ := f.NewStyle(&excelize.Style{NumFmt: 22})
	postcode := "00000"
	padded, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &postcode})
	when := time.Date(2024, 2, 29, 13, 14, 15, 0, time.UTC)
	want := [][]string{{"id", "number", "when", "zip", "yes", "text"}}
	f.SetSheetRow("Sheet1", "A1", &want[0])
	for i := range 500 {
		n := math.Round(math.Pow(float64(i)-250, 3)*1.37) / 100
		at := when.Add(time.Duration(i) * 31 * time.Hour)
		row := []any{int64(4155550100) + int64(i), n, at, 1000 + i, i%2 == 0, fmt.Sprintf("<%d> & \"it's\"\n\t😀 _x_", i)}
		line := i + 3 // one blank row
		f.SetSheetRow("Sheet1", fmt.Sprint("A", line), &row)
		f.SetCellStyle("Sheet1", fmt.Sprint("C", line), fmt.Sprint("C", line), date)
		f.SetCellStyle("Sheet1", fmt.Sprint("D", line), fmt.Sprint("D", line), padded)
		want = append(want, []string{fmt.Sprint(row[0]), strconv.FormatFloat(n, 'f', -1, 64),
			at.Format("2006-01-02T15:04:05"),
			fmt.Sprintf("%05d", row[3]), fmt.Sprint(row[4]), fmt.Sprint(row[5])})
	}
	data := excel(t, f)
	for _, size := range []int{0, 300} {
		r, err := openBytes(t, "a.xlsx", data, Options{ChunkSize: size})
		if err != nil {
			t.Fatal(err)
		}
		got := append([][]string{r.Header().Names}, cellsOf(t, r)...)
		for i := range want {
			if i >= len(got) || fmt.Sprintf("%q", got[i]) != fmt.Sprintf("%q", want[i]) {
				t.Fatalf("row %d: got %q, want %q", i, got[i], want[i])
			}
		}
	}
	raw, _ := f.GetRows("Sheet1", excelize.Options{RawCellValue: true})
	if n := len(raw) - 2; n != 500 { // header and blank row
		t.Fatalf("the oracle has %d rows", n)
	}
}
