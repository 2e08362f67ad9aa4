package workbook

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"muster/pipeline/report"
)

// bytesOf are cells.
func bytesOf(cells ...string) (list [][]byte) {
	for _, c := range cells {
		list = append(list, []byte(c))
	}
	return list
}

func refusalsOf(rows ...*report.Refused) Refusals {
	return Refusals{
		Header: bytesOf("Nr", "Mail", "_code", "_column", "_message", "_fix"),
		List:   []string{"Row", "Cell", "Column", "What is wrong", "How to fix it", "Likely meant", "Line in your file"},
		Fixes:  map[string]string{"cell.date": "use --dates"}, Whole: "rejects-2.csv",
		Each: func(use func(*report.Refused) error) error {
			for _, r := range rows {
				if err := use(r); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func problemOf(line int, cell, code, suggestion string) [][]byte {
	return bytesOf("in.csv", "", fmt.Sprint(line), cell, "Mail", code, "not right", "write it right", "error", suggestion)
}

// What Excel and others read of it: text, colours, comments, links, a header that stays and filters.
func TestRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rejects.xlsx")
	left, err := Refused(path, refusalsOf(
		&report.Refused{Cells: bytesOf("007", "a <b>\n", "c", "", "", ""),
			Problems: [][][]byte{problemOf(9, "B9", "cell.x", "a@b.example"), problemOf(9, "B9", "cell.date", "")}},
		&report.Refused{Cells: bytesOf("too", "few"), Problems: [][][]byte{problemOf(12, "", "row.width", "")}},
		&report.Refused{Cells: bytesOf(strings.Repeat("a", 32_768), "", "", "", "", ""),
			Problems: [][][]byte{problemOf(13, "A13", "cell.x", "")}},
		&report.Refused{Cells: bytesOf("'=1+1", "", "", "", "", ""),
			Problems: [][][]byte{problemOf(14, "", "identity.none", "")}}))
	if err != nil || left != (Left{Rows: 2}) {
		t.Fatal(left, err)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := fmt.Sprint(f.GetSheetList()); got != "[Refused Problems]" {
		t.Error(got)
	}
	for cell, want := range map[string]string{"A1": "Nr", "A2": "007", "B2": "a <b>\n", "A3": "'=1+1", "A4": ""} {
		if got, err := f.GetCellValue(RefusedSheet, cell); got != want || err != nil {
			t.Errorf("%s is %q, %v", cell, got, err)
		}
	}
	for cell, want := range map[string]int{"A1": headText, "A2": plainText, "B2": wrongText, "A3": wrongText,
		"B3": plainText} {
		if got, _ := f.GetCellStyle(RefusedSheet, cell); got != want {
			t.Errorf("%s has format %d", cell, got)
		}
	}
	comments, err := f.GetComments(RefusedSheet)
	if err != nil || len(comments) != 2 || comments[0].Cell != "B2" || comments[1].Cell != "A3" ||
		comments[0].Paragraph[0].Text != "Likely meant: a@b.example\nnot right.\nFix: write it right.\n(cell.x)\n\n"+
			"not right.\nFix: use --dates.\n(cell.date)" {
		t.Errorf("%+v, %v", comments, err)
	}
	rows, err := f.GetRows(ProblemSheet)
	want := "[[Row Cell Column What is wrong How to fix it Likely meant Line in your file]" +
		" [2 B2 Mail not right write it right a@b.example 9] [2 B2 Mail not right use --dates  9]" +
		" [ not in this file: rejects-2.csv Mail not right write it right  12] [ not in this file: rejects-2.csv Mail not " +
		"right write it right  13]" +
		" [3 A3 Mail not right write it right  14]]"
	if got := fmt.Sprint(rows); got != want || err != nil {
		t.Errorf("%s\n%v", got, err)
	}
	if link, _ := f.GetCellFormula(ProblemSheet, "B6"); link != `HYPERLINK("#Refused!A3","A3")` {
		t.Error(link)
	}
	for _, sheet := range f.GetSheetList() {
		if panes, err := f.GetPanes(sheet); err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("%+v, %v", panes, err)
		}
	}
}

// Rows and problems behind the last that a sheet can have are counted, and what leads nowhere has no link.
func TestRefusedIsAsLongAsASheet(t *testing.T) {
	var rows []*report.Refused
	for i := range 4 {
		rows = append(rows, &report.Refused{Cells: bytesOf(fmt.Sprint(i), "", "", "", "", ""),
			Problems: [][][]byte{problemOf(i, "A1", "cell.x", "")}})
	}
	path := filepath.Join(t.TempDir(), "rejects.xlsx")
	left, err := refused(path, refusalsOf(rows...), 3)
	if err != nil || left != (Left{Rows: 2, Problems: 2}) {
		t.Errorf("%+v, %v", left, err)
	}
	wide := refusalsOf()
	wide.Header = make([][]byte, mostColumns+1)
	path += "2"
	if _, err := Refused(path, wide); !errors.Is(err, ErrWide) {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there is a file")
	}
}
