package workbook

import (
	"archive/zip"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"muster/pipeline/report"
)

// rich is a workbook with more in it than cells: formats, a formula, merged cells, a filter, a table, a comment of
// somebody else's on its second sheet.
func rich(t *testing.T, path string, rows int) {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"#00FF00"}}})
	if err != nil {
		t.Fatal(err)
	}
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	steps := []error{f.SetSheetName("Sheet1", "People"),
		f.SetSheetRow("People", "A1", &[]any{"externalId", "name", "email", "since"})}
	for i := range rows {
		steps = append(steps, f.SetSheetRow("People", fmt.Sprint("A", i+2),
			&[]any{fmt.Sprint("C-", i), "Ana <&> \"quoted\"", fmt.Sprint("a", i, "@example.com"), 45000 + i}),
			f.SetCellStyle("People", fmt.Sprint("D", i+2), fmt.Sprint("D", i+2), date))
	}
	_, sheet := f.NewSheet("Others")
	steps = append(steps, sheet, f.SetCellStyle("People", "A1", "D1", bold),
		f.SetCellFormula("People", "F2", "SUM(D2:D3)"), f.MergeCell("People", "G1", "H2"),
		f.AutoFilter("People", "A1:D3", nil), f.SetCellHyperLink("People", "C2", "https://example.com", "External"),
		f.SetCellStr("Others", "A1", "externalId"), f.SetCellStr("Others", "A2", "7"),
		f.AddTable("People", &excelize.Table{Range: "J1:K3", Name: "t"}),
		f.AddComment("Others", excelize.Comment{Cell: "B1", Author: "Bo", Text: "mine"}), f.SaveAs(path))
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
}

const someProblems = report.ProblemHeader +
	"other.csv,,2,A2,externalId,x.other,of another file,nothing,error,\n" +
	"people.xlsx,People,2,C2,email,schema.format,\"not an <address> & no \"\"more\"\"\",mend it,error,\n" +
	"people.xlsx,People,2,A2,externalId,schema.length,too long,shorten it,error,\n" +
	"people.xlsx,People,2,A2,externalId,schema.pattern,odd,leave it out,error,\n" +
	"people.xlsx,People,3,E3,gone,schema.required,missing,fill it in,error,\n" +
	"people.xlsx,People,4,,,row.width,too wide,cut it,error,\n" +
	"people.xlsx,People,4,D4,since,cell.date,not a date,write one,error,31/12/2024\n" +
	"people.xlsx,Others,2,A2,externalId,schema.length,too short,lengthen it,error,\n"

// What is wrong is coloured and commented; everything else is as it was.
func TestWorkbookComesBack(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "people.xlsx"), filepath.Join(dir, "annotated.xlsx")
	rich(t, in, 40)
	left := annotateBook(t, in, out, someProblems)
	if left != 1 {
		t.Errorf("%d cells have no comment; the one on the sheet with comments of its own was to have none", left)
	}
	wellFormed(t, out)
	before, after := openBook(t, in), openBook(t, out)
	wrong := map[string]string{"People!A2": "too long", "People!C2": "not an <address> & no \"more\"",
		"People!E3": "missing", "People!A4": "too wide", "People!D4": "Likely meant: 31/12/2024\nnot a date",
		"Others!A2": "too short"}
	for _, sheet := range []string{"People", "Others"} {
		for row := 1; row < 45; row++ {
			for col := 1; col < 13; col++ {
				cell, _ := excelize.CoordinatesToCellName(col, row)
				holdCell(t, before, after, sheet, cell, wrong[sheet+"!"+cell] != "")
			}
		}
	}
	comments, err := after.GetComments("People")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, c := range comments {
		said["People!"+c.Cell] += c.Text
		for _, run := range c.Paragraph {
			said["People!"+c.Cell] += run.Text
		}
	}
	for at, says := range wrong {
		if strings.HasPrefix(at, "People") && !strings.Contains(said[at], says) {
			t.Errorf("%s says %q", at, said[at])
		}
	}
	if len(comments) != 5 || !strings.Contains(said["People!A2"], "leave it out") ||
		!strings.Contains(said["People!A2"], "schema.length") {
		t.Errorf("%d comments, and A2 says %q", len(comments), said["People!A2"])
	}
	if own, err := after.GetComments("Others"); err != nil || len(own) != 1 || !strings.Contains(own[0].Text, "mine") {
		t.Errorf("the comments of others are %v, %v", own, err)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func annotateBook(t *testing.T, in, out, problems string) int64 {
	t.Helper()
	b, err := Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	left, err := b.Annotate(out, "people.xlsx", strings.NewReader(problems), inTurn)
	if err != nil {
		t.Fatal(err)
	}
	return left
}

func openBook(t *testing.T, path string) *excelize.File {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// holdCell compares a cell before and after: the same value, formula and format, but for the colour of a wrong one.
func holdCell(t *testing.T, before, after *excelize.File, sheet, cell string, wrong bool) {
	t.Helper()
	var was, is struct {
		raw, shown, formula string
		style               *excelize.Style
	}
	for f, to := range map[*excelize.File]*struct {
		raw, shown, formula string
		style               *excelize.Style
	}{before: &was, after: &is} {
		to.raw, _ = f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
		to.shown, _ = f.GetCellValue(sheet, cell)
		to.formula, _ = f.GetCellFormula(sheet, cell)
		n, err := f.GetCellStyle(sheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		if to.style, err = f.GetStyle(n); err != nil {
			t.Fatal(err)
		}
	}
	if was.raw != is.raw || was.shown != is.shown || was.formula != is.formula || was.style.NumFmt != is.style.NumFmt {
		t.Errorf("%s!%s was %q (%q) and is %q (%q)", sheet, cell, was.raw, was.shown, is.raw, is.shown)
	}
	red := len(is.style.Fill.Color) == 1 && strings.EqualFold(strings.TrimPrefix(is.style.Fill.Color[0], "#"), "FFC7CE")
	if red != wrong {
		t.Errorf("%s!%s: coloured %v, wrong %v", sheet, cell, red, wrong)
	}
	if style, same := json.Marshal(was.style); !wrong && same == nil {
		if now, _ := json.Marshal(is.style); string(style) != string(now) {
			t.Errorf("%s!%s has another format", sheet, cell)
		}
	}
	if style, err := json.Marshal(was.style.Font); err != nil || string(style) != string(fontOf(is.style)) {
		t.Errorf("%s!%s has another format", sheet, cell)
	}
}

func fontOf(s *excelize.Style) []byte { text, _ := json.Marshal(s.Font); return text }

// wellFormed reads every part as XML.
func wellFormed(t *testing.T, path string) {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	seen := map[string]bool{}
	for _, f := range z.File {
		if seen[f.Name] {
			t.Errorf("there are two parts %s", f.Name)
		}
		seen[f.Name] = true
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(in); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: %v", f.Name, err)
				break
			}
		}
		in.Close()
	}
}

// A long sheet: rows far apart, more comments than are kept, a row longer than what is read at once.
func TestWorkbookOfManyRows(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "people.xlsx"), filepath.Join(dir, "annotated.xlsx")
	rich(t, in, 12_000)
	var problems strings.Builder
	problems.WriteString(report.ProblemHeader)
	for i := range 12_000 {
		fmt.Fprintf(&problems, "people.xlsx,People,%d,B%d,name,schema.length,too long,shorten it,error,\n", i+2, i+2)
	}
	if left := annotateBook(t, in, out, problems.String()); left != 12_000-commentsKept {
		t.Errorf("%d cells have no comment", left)
	}
	wellFormed(t, out)
	before, after := openBook(t, in), openBook(t, out)
	for _, row := range []int{2, 3, 9_999, 10_002, 12_001, 12_002} {
		for _, col := range []string{"A", "B", "C", "D"} {
			holdCell(t, before, after, "People", fmt.Sprint(col, row), col == "B" && row < 12_002)
		}
	}
}

// Nothing wrong: the workbook comes back as it was.
func TestWorkbookWithoutProblems(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "people.xlsx"), filepath.Join(dir, "annotated.xlsx")
	rich(t, in, 3)
	if left := annotateBook(t, in, out, ""); left != 0 {
		t.Error(left)
	}
	wellFormed(t, out)
	holdCell(t, openBook(t, in), openBook(t, out), "People", "C2", false)
}

// What is no such workbook is refused beforehand, so that the table can be given back as CSV.
func TestWorkbookRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "people.xlsx")
	if err := os.WriteFile(path, []byte("PK\x03\x04 no"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrUnfit) {
		t.Error(err)
	}
	for _, styles := range []string{"", "<styleSheet/>",
		`<styleSheet><fills count="1"><fill/></fills><cellXfs count="2"><xf/></cellXfs></styleSheet>`} {
		if _, _, err := colouredStyles([]byte(styles)); err == nil {
			t.Errorf("%q passes for styles", styles)
		}
	}
}

// The drawing's place in the end of a sheet is before what must stand behind it, not before what is inside of other
// elements.
func TestPlaceOfDrawing(t *testing.T) {
	for _, tail := range []string{
		`</sheetData>|</worksheet>`,
		`</sheetData><mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells><pageMargins left="1"/>|<tableParts count="1"><tablePart/></tableParts></worksheet>`,
		`</sheetData><conditionalFormatting><cfRule><extLst><ext/></extLst></cfRule></conditionalFormatting><drawing r:id="x"/>|<extLst><ext/></extLst></worksheet>`,
	} {
		want := strings.Index(tail, "|")
		if at := placeOfDrawing([]byte(strings.Replace(tail, "|", "", 1))); at != want {
			t.Errorf("%s: %d, want %d", tail, at, want)
		}
	}
}
