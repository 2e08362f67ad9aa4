package web

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// peopleBook is a workbook of two sheets, the first with a formula behind its table's first row.
func peopleBook(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	_, err := f.NewSheet("Notes")
	bold, failed := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	path := filepath.Join(t.TempDir(), "made.xlsx")
	err = errors.Join(err, failed, f.SetSheetRow("Sheet1", "A1", &[]any{"externalId", "name", "orders", "twice"}),
		f.SetSheetRow("Sheet1", "A2", &[]any{"C-1", "Ada", 3, 6}), f.SetSheetRow("Sheet1", "A4", &[]any{"C-2", "Bob", 4, 8}),
		f.SetCellFormula("Sheet1", "D2", "2*C2"), f.SetCellStyle("Sheet1", "B4", "B4", bold),
		f.SetCellStr("Notes", "A1", "mine"), f.SaveAs(path))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAWorkbookComesBackAsAWorkbook: with its other sheets, formats and formulas, the edits in its cells. One into
// which an edit cannot be written comes back as CSV.
func TestAWorkbookComesBackAsAWorkbook(t *testing.T) {
	c := begun(t, "people.xlsx", peopleBook(t))
	c.edit(1, 1, "Rob <&>")
	c.edit(1, 2, "5")
	path, _ := c.s.fixed()
	if filepath.Base(path) != "people.xlsx" {
		t.Fatalf("it comes back as %s", path)
	}
	c.fixed()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for cell, want := range map[string]string{"B2": "Ada", "B4": "Rob <&>", "C4": "5", "A4": "C-2"} {
		if got, err := f.GetCellValue("Sheet1", cell); err != nil || got != want {
			t.Errorf("%s holds %q, want %q: %v", cell, got, want, err)
		}
	}
	formula, _ := f.GetCellFormula("Sheet1", "D2")
	style, _ := f.GetCellStyle("Sheet1", "B4")
	notes, _ := f.GetCellValue("Notes", "A1")
	if formula != "2*C2" || style == 0 || notes != "mine" {
		t.Errorf("the formula is %q, the format %d, the other sheet holds %q", formula, style, notes)
	}
	c.edit(0, 3, "7")
	if err := c.s.writeFixed(t.Context()); err != nil {
		t.Fatal(err)
	}
	csv, _ := c.s.fixed()
	if text, err := os.ReadFile(csv); err != nil || filepath.Ext(csv) != ".csv" || !strings.Contains(string(text),
		"C-1,Ada,3,7\n") {
		t.Errorf("a formula that was edited comes back in %s as %q: %v", csv, text, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the workbook without the edit is still there: %v", err)
	}
}
