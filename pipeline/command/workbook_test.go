package command_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// TestWorkbooks runs the scripts that need workbooks and archives, which cannot stand in a script.
func TestWorkbooks(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/workbook",
		Setup: func(e *testscript.Env) error {
			for name, data := range map[string][]byte{
				"people.xlsx": people2(t),
				"wrong.xlsx": sheets(t, "One", [][]any{{"externalId", "Shoe size"}, {1, 44}}, "Two",
					[][]any{{"externalId", "Hat size"}, {2, 58}}),
				"one.zip":     archive(t, "export/people.csv", "externalId,name\n1,Ana\n"),
				"two.zip":     archive(t, "a.csv", "externalId,name\n1,Ana\n", "b.csv", "externalId,name\n2,Bob\n"),
				"old.xls":     container("Workbook"),
				"locked.xlsx": container("EncryptedPackage"),
			} {
				if err := os.WriteFile(filepath.Join(e.WorkDir, name), data, 0o600); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
	})
}

// people2 is a workbook of two sheets with people and a hidden one; C4 of the first is an error.
func people2(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	f.SetSheetName("Sheet1", "Customers")
	for name, rows := range map[string][][]any{
		"Customers": {{"externalId", "name", "email"}, {123456789012345, "Ana", "ana@example.com"},
			{"2", "Bob", "bob@example.com"}, {"3", "Cy", nil}},
		"Leads": {{"externalId", "name", "email", "birthdayAt"}, {10, "Cid", "cid@example.com", 45322},
			{"2", "Bob", "bob@example.com", nil}},
		"Lists": {{"Tier"}, {"gold"}},
	} {
		f.NewSheet(name)
		for i, row := range rows {
			cell, _ := excelize.CoordinatesToCellName(1, i+1)
			f.SetSheetRow(name, cell, &row)
		}
	}
	for _, name := range f.GetSheetList() {
		if name == "Customers" {
			f.SetCellFormula(name, "C4", "1/0") // no value is stored with it
		}
	}
	date, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
	f.SetCellStyle("Leads", "D2", "D2", date)
	f.SetSheetVisible("Lists", false)
	f.MoveSheet("Leads", "Lists")
	return bytesOf(t, f)
}

// sheets is a workbook of names and rows.
func sheets(t *testing.T, tables ...any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i := 0; i < len(tables); i += 2 {
		name := tables[i].(string)
		f.NewSheet(name)
		for j, row := range tables[i+1].([][]any) {
			cell, _ := excelize.CoordinatesToCellName(1, j+1)
			f.SetSheetRow(name, cell, &row)
		}
	}
	f.DeleteSheet("Sheet1")
	return bytesOf(t, f)
}

func bytesOf(t *testing.T, f *excelize.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// archive is a zip file of names and contents.
func archive(t *testing.T, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		part, err := w.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		part.Write([]byte(members[i+1]))
	}
	w.Close()
	return b.Bytes()
}

// container starts as the files do in which Excel before 2007 kept workbooks, and Excel today keeps locked ones.
func container(entry string) []byte {
	name := strings.Join(strings.Split(entry, ""), "\x00")
	return []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 1016) + name + "\x00" +
		strings.Repeat("\x00", 512))
}
