package check

import (
	"slices"

	"muster/pipeline/block"
	"muster/pipeline/outcome"
)

// OpenDates is true for a block where most dates of an open column are strange. Where fewer are so, and in
// every other block, the column is one of ISO 8601 and they are problems of their rows.
func OpenDates(w *block.Block) bool {
	var asked []int
	for i := range w.Problems {
		if p := &w.Problems[i]; p.Code == "cell.date" && !slices.Contains(asked, p.Column) && w.Table.Plan.Open(p.Column) {
			asked = append(asked, p.Column)
		}
	}
	return slices.ContainsFunc(asked, func(column int) bool { return mostStrange(w, column) })
}

func mostStrange(w *block.Block, column int) bool {
	all, odd := 0, 0
	for i := range w.Rows {
		if rest := len(w.Rows) - i; 2*odd+rest <= all {
			return false // whatever the rest is like
		}
		row := &w.Parsed.Rows[i]
		if w.Rows[i].Status == outcome.Skipped || row.Code != "" {
			continue
		}
		filled, strange := w.Table.Plan.Strange(column, row.Cells, row.Kinds)
		if filled {
			all++
		}
		if strange {
			odd++
		}
	}
	return odd*2 > all
}
