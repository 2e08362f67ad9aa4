package pipeline_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"muster/pipeline"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// annotatedFile is the table that a check gave back.
func annotatedFile(t *testing.T, s *report.Summary) string {
	t.Helper()
	for _, f := range s.Files {
		if f.Kind == "annotated" {
			return f.Path
		}
	}
	t.Fatal("no table was given back")
	return ""
}

// TestMendedWorkbook: a workbook is imported, its wrong cells are mended in the workbook that a check gives back, and that is
// imported: only the mended rows are sent.
func TestMendedWorkbook(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "people.xlsx")
	f := excelize.NewFile()
	steps := []error{f.SetSheetRow("Sheet1", "A1", &[]any{"externalId", "name", "email"})}
	for i := range 500 {
		email := fmt.Sprint("a", i, "@example.com")
		if i%50 == 7 {
			email = "nowhere"
		}
		steps = append(steps, f.SetSheetRow("Sheet1", fmt.Sprint("A", i+2), &[]any{fmt.Sprint("C-", i), "Ana", email}))
	}
	if err := errors.Join(append(steps, f.SaveAs(path))...); err != nil {
		t.Fatal(err)
	}
	o := newOrg(t, sandbox.Config{})
	config := pipeline.Config{Command: "import", Files: []string{path}, State: dir + "/state", Org: o.connect(t)}
	s, err := pipeline.Run(t.Context(), config)
	if err != nil || count(s, "created") != 490 || count(s, "invalid") != 10 {
		t.Fatalf("%d created, %d invalid: %v", count(s, "created"), count(s, "invalid"), err)
	}
	s, err = pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{path}, State: dir + "/state", Annotate: true})
	if err != nil {
		t.Fatal(err)
	}
	back := annotatedFile(t, s)
	if !strings.HasSuffix(back, ".xlsx") {
		t.Fatalf("a workbook comes back as %s", back)
	}
	book, err := excelize.OpenFile(back)
	if err != nil {
		t.Fatal(err)
	}
	comments, err := book.GetComments("Sheet1")
	if err != nil || len(comments) != 10 {
		t.Fatalf("%d cells have a comment: %v", len(comments), err)
	}
	for _, c := range comments {
		if err := book.SetCellStr("Sheet1", c.Cell, "mended"+c.Cell+"@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.Save(); err != nil {
		t.Fatal(err)
	}
	config.Files = []string{back}
	before := o.onlyWrites(t)
	s, err = pipeline.Run(t.Context(), config)
	if err != nil || count(s, "created") != 10 || count(s, "unchanged") != 490 || before() != 1 {
		t.Errorf("%d created, %d unchanged, %d requests: %v", count(s, "created"), count(s, "unchanged"), before(), err)
	}
}
