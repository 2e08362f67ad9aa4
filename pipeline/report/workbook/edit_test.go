package workbook

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"
)

// What is put into cells stands there, in their formats; every other cell, sheet and part is as it was.
func TestEdit(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "people.xlsx"), filepath.Join(dir, "fixed.xlsx")
	rich(t, in, 40)
	puts := []Put{{2, 1, "Ana <&> \"quoted\"", "Bo <&>\nLee_x0041_"}, {2, 3, "45000", "45900"}, {2, 11, "", "new"},
		{3, 0, "C-1", ""}, {3, 3, "2023-03-16", "31/12/2024"}, {41, 2, "a39@example.com", "b@example.com"}}
	if err := Edit(in, out, "People", puts); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, out)
	before, after := openBook(t, in), openBook(t, out)
	want := map[string]string{}
	for _, p := range puts {
		want[addressOf(p.Column, p.Row)] = p.Text
	}
	for _, sheet := range []string{"People", "Others"} {
		for row := 1; row < 45; row++ {
			for col := 1; col < 14; col++ {
				cell, _ := excelize.CoordinatesToCellName(col, row)
				text, put := want[cell]
				if !put || sheet != "People" {
					holdCell(t, before, after, sheet, cell, false)
					continue
				}
				got, err := after.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
				if err != nil || got != text {
					t.Errorf("%s is %q, want %q: %v", cell, got, text, err)
				}
				old, _ := before.GetCellStyle(sheet, cell)
				if style, _ := after.GetCellStyle(sheet, cell); style != old {
					t.Errorf("%s has another format", cell)
				}
			}
		}
	}
	if kind, _ := after.GetCellType("People", "D2"); kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("a number became text: %v", kind)
	}
	if comments, err := after.GetComments("Others"); err != nil || len(comments) != 1 {
		t.Errorf("the comment of another sheet is gone: %v, %v", comments, err)
	}
}

// A formula is not written over, and what cannot be done leaves no file.
func TestEditRefuses(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "people.xlsx"), filepath.Join(dir, "fixed.xlsx")
	rich(t, in, 4)
	for _, p := range []Put{{2, 5, "1", "2"}, {99, 0, "", "x"}} {
		if err := Edit(in, out, "People", []Put{p}); !errors.Is(err, ErrUnfit) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a file: %v", err)
	}
}

// A workbook without styles, as programs write it, is edited, too.
func TestEditWithoutStyles(t *testing.T) {
	out := filepath.Join(t.TempDir(), "fixed.xlsx")
	if err := Edit("../../../samples/exports/club.xlsx", out, "Mitglieder", []Put{{5, 1, "David", "Zoe"}}); err != nil {
		t.Fatal(err)
	}
	f := openBook(t, out)
	name, err := f.GetCellValue("Mitglieder", "B5")
	if other, _ := f.GetCellValue("Mitglieder", "C5"); err != nil || name != "Zoe" || other != "Sommer" {
		t.Errorf("%q %q: %v", name, other, err)
	}
}
