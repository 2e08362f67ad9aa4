package web

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"muster/pipeline/report/workbook"
	"muster/pipeline/trust"
)

// fixedBook is the workbook with the edits in it, "" where the file is none or cannot be one: then it is a CSV file.
// The caller holds mu.
func (s *session) fixedBook() string {
	if s.tables.rows.format != "xlsx" || s.tables.unfit {
		return ""
	}
	end := filepath.Ext(s.name())
	if low := strings.ToLower(end); low != ".xlsx" && low != ".xlsm" {
		return "" // it is packed, or called otherwise than it is
	}
	path := filepath.Join(s.path("fixed"), s.name())
	if !exists(path) && exists(filepath.Join(s.path("fixed"), stem(s.name())+".csv")) {
		return "" // it was found unfit before this process began
	}
	return path
}

// writeBook writes the user's own workbook with the edits in its cells; all else in it stays as it is.
func (s *session) writeBook(ctx context.Context, path string) error {
	if err := errors.Join(s.tables.rows.whole(ctx), trust.MkdirAll(filepath.Dir(path))); err != nil {
		return err
	}
	var puts []workbook.Put
	err := s.tables.rows.some(slices.Sorted(maps.Keys(s.tables.edits.cells)), func(ordinal int64, r *storedRow) bool {
		cells := s.tables.edits.cells[ordinal]
		for _, column := range sortedColumns(cells) {
			before := ""
			if column < len(r.Cells) {
				before = r.Cells[column]
			}
			puts = append(puts, workbook.Put{Row: int(r.Number), Column: column, Before: before, Text: cells[column]})
		}
		return true
	})
	if err != nil {
		return err
	}
	return workbook.Edit(s.record.File, path, s.tables.sheet, puts)
}
