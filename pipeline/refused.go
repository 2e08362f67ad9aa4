package pipeline

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"muster/pipeline/printable"
	"muster/pipeline/report"
	"muster/pipeline/report/workbook"
	"muster/pipeline/source"
)

// refusedBooks writes the refused rows as workbooks beside their CSV files, where that was asked for. The file that
// has every row comes first among the files of the run, and people go on with the first.
func (r *Running) refusedBooks(s *report.Summary) error {
	if !r.Config.RejectsBook {
		return nil
	}
	var err error
	fixes := map[string]string{}
	for _, p := range s.Problems {
		fixes[p.Code] = p.Fix
	}
	files := r.roll.files
	for _, table := range files.RefusedTables() {
		path := strings.TrimSuffix(table.Path, filepath.Ext(table.Path)) + ".xlsx"
		left, failed := workbook.Refused(path, workbook.Refusals{Header: table.Header, List: source.ProblemColumns(),
			Fixes: fixes, Whole: filepath.Base(table.Path),
			Each: func(use func(*report.Refused) error) error { return files.EachRefused(table, use) }})
		if errors.Is(failed, workbook.ErrWide) {
			r.say(fmt.Sprintf("%s is not made: %v; %s has the rows", filepath.Base(path), failed, filepath.Base(table.Path)))
			continue
		}
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("write %s: %w", path, failed))
			continue
		}
		r.sayLeft(filepath.Base(path), filepath.Base(table.Path), left)
		at := slices.IndexFunc(s.Files, func(f report.File) bool { return f.Path == table.Path })
		if left.Rows > 0 {
			at++
		}
		s.Files = slices.Insert(s.Files, max(at, 0), report.File{Kind: "rejects", Path: path})
	}
	return errors.Join(err, files.EndRefused())
}

// sayLeft names what a workbook of refused rows does not have.
func (r *Running) sayLeft(book, table string, left workbook.Left) {
	if left.Rows > 0 {
		r.say(fmt.Sprintf("%s lacks %s that no sheet can hold (a sheet ends at row 1,048,576, a cell at 32,767 "+
			"characters, and a row has as many cells as the header): %s has every row",
			book, printable.Counted(int(left.Rows), "refused row"), table))
	}
	if left.Problems > 0 {
		r.say(fmt.Sprintf("%s lists no more problems than a sheet has rows: problems.csv has every one", book))
	}
	if left.Uncommented > 0 {
		r.say(fmt.Sprintf("%s: %s coloured and without a comment; its sheet %s says what is wrong with them", book,
			printable.Counted(int(left.Uncommented), "wrong cell"), workbook.ProblemSheet))
	}
}

func (r *Running) say(line string) {
	if r.Config.Progress != nil {
		r.Config.Progress.Say(line)
	}
}
