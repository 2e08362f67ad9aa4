package check

import (
	"bytes"
	"slices"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/outcome"
	"muster/pipeline/source"
	"muster/schema/engage"
)

// inPlainForm gives numbers a decimal point for their decimal comma, and takes off what a workbook adds to a time of
// day, and to a date: seconds, and a time, that are nought.
func inPlainForm(w *block.Block, row *source.Row) {
	if w.Table.Properties == nil {
		return
	}
	for i, p := range w.Table.Properties {
		if p.Is == nil || i >= len(row.Cells) {
			continue
		}
		cell := row.Cells[i]
		if p.Is.Type == "Number" && bytes.IndexByte(cell, ',') >= 0 {
			row.Cells[i] = []byte(engage.Point(string(cell)))
		}
		if w.Table.Header.Sheet == "" {
			continue
		}
		if hours, zero := bytes.CutSuffix(cell, []byte(":00")); zero && p.Is.Type == "Time" && len(hours) == len("15:04") {
			row.Cells[i] = hours
		}
		if date, zero := bytes.CutSuffix(cell, []byte("T00:00:00")); zero && p.Is.Type == "Date" {
			row.Cells[i] = date
		}
	}
}

// define holds the cells of a row to the definitions of their columns. What a definition says of a cell stands in place
// of what was found in the cell before: it is the same mistake, seen from further away.
func (c *Checker) define(w *block.Block, row *source.Row, start int) {
	if w.Table.Properties == nil {
		return
	}
	// A number goes to two lists: what is wrong with it is said once.
	kept := w.Problems[start:start]
	for _, p := range w.Problems[start:] {
		if p.Column < 0 || !slices.Contains(kept, p) {
			kept = append(kept, p)
		}
	}
	w.Problems = w.Problems[:start+len(kept)]
	for i, p := range w.Table.Properties {
		misfit := p.Check(bind.CellText(row, i))
		if misfit == nil {
			continue
		}
		kept := slices.DeleteFunc(w.Problems[start:], func(p outcome.Problem) bool { return p.Column == i })
		w.Problems = append(w.Problems[:start+len(kept)],
			outcome.Problem{Code: misfit.Code, Column: i, Detail: misfit.Expected})
	}
}
