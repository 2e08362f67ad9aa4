package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"go.uber.org/goleak"

	"muster/pipeline"
	"muster/pipeline/report"
	"muster/pipeline/report/workbook"
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

// TestMendedWorkbook: a workbook is imported, its wrong cells are mended in the workbook that a check gives back, and
// that is imported: only the mended rows are sent.
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
	s, err = pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{path}, State: dir + "/state",
		Annotate: true})
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

// A workbook that turns out not to be what was checked, with much of it on its way, leaves neither a half file nor
// anybody at work.
func TestAnnotatingEndsEarly(t *testing.T) {
	dir := t.TempDir()
	path, to := filepath.Join(dir, "people.xlsx"), filepath.Join(dir, "annotated.xlsx")
	f := excelize.NewFile()
	rows, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	const last = 40_000
	for i := 1; i <= last && err == nil; i++ {
		err = rows.SetRow(fmt.Sprint("A", i), []any{fmt.Sprint("C-", i), "Ana", "nowhere"})
	}
	if err := errors.Join(err, rows.Flush(), f.SaveAs(path), f.Close()); err != nil {
		t.Fatal(err)
	}
	for row, ends := range map[int]error{last: nil, last + 1: workbook.ErrUnfit, last - 1: context.Canceled} {
		ctx, stop := context.WithCancel(t.Context())
		if ends == context.Canceled {
			stop()
		}
		before := goleak.IgnoreCurrent()
		book, err := workbook.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		problems := report.ProblemHeader + fmt.Sprintf("people.xlsx,Sheet1,%d,C%[1]d,email,schema.format,no address,mend "+
			"it,error,\n", row)
		if _, err := book.Annotate(to, "people.xlsx", strings.NewReader(problems), pipeline.Packers(ctx, 3)); !errors.Is(err,
			ends) {
			t.Errorf("row %d of %d: %v", row, last, err)
		}
		if _, err := os.Stat(to); (err == nil) != (ends == nil) {
			t.Errorf("row %d of %d: the file: %v", row, last, err)
		}
		if err := errors.Join(book.Close(), goleak.Find(before)); err != nil {
			t.Error(err)
		}
		os.Remove(to)
		stop()
	}
}
