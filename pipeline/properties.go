package pipeline

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/outcome"
	"muster/pipeline/source"
	"muster/schema/engage"
)

// property is what a column of Engage's customers is: the number, a property, or neither.
type property struct {
	number *engage.Definitions // not nil: the column is the number
	is     *engage.Definition
}

// propertiesOf finds what the columns are; nil without definitions.
func propertiesOf(d *engage.Definitions, columns []string) []property {
	if d == nil {
		return nil
	}
	list := make([]property, len(columns))
	for i, name := range columns {
		if strings.EqualFold(strings.TrimSpace(name), "number") {
			list[i].number = d
		} else {
			list[i].is = d.For(name)
		}
	}
	return list
}

// define makes the mapping of a file of customer properties. The error is a UsageError that holds every mistake of the file.
func (in *Input) define(raw []byte, channel string) (*mappings.Mapping, error) {
	d, err := engage.ParseDefinitions(in.ruled, raw, channel)
	if err != nil {
		return nil, &outcome.UsageError{Err: err}
	}
	in.definitions = d
	m, err := mappings.Parse(in.ruled, d.Mapping())
	if err != nil {
		return nil, fmt.Errorf("the mapping of %s: %w", in.ruled, err)
	}
	return m, nil
}

// inPlainForm gives numbers a decimal point for their decimal comma, and takes off what a workbook adds to a time of day, and to a date:
// seconds, and a time, that are nought.
func (w *work) inPlainForm(row *source.Row) {
	if w.table.properties == nil {
		return
	}
	for i, p := range w.table.properties {
		if p.is == nil || i >= len(row.Cells) {
			continue
		}
		cell := row.Cells[i]
		if p.is.Type == "Number" && bytes.IndexByte(cell, ',') >= 0 {
			row.Cells[i] = []byte(engage.Point(string(cell)))
		}
		if w.table.Header.Sheet == "" {
			continue
		}
		if hours, zero := bytes.CutSuffix(cell, []byte(":00")); zero && p.is.Type == "Time" && len(hours) == len("15:04") {
			row.Cells[i] = hours
		}
		if date, zero := bytes.CutSuffix(cell, []byte("T00:00:00")); zero && p.is.Type == "Date" {
			row.Cells[i] = date
		}
	}
}

// define holds the cells of a row to the definitions of their columns. What a definition says of a cell stands in place of what
// was found in the cell before: it is the same mistake, seen from further away.
func (c *Checker) define(w *work, row *source.Row, start int) {
	if w.table.properties == nil {
		return
	}
	// A number goes to two lists: what is wrong with it is said once.
	kept := w.problems[start:start]
	for _, p := range w.problems[start:] {
		if p.Column < 0 || !slices.Contains(kept, p) {
			kept = append(kept, p)
		}
	}
	w.problems = w.problems[:start+len(kept)]
	for i, p := range w.table.properties {
		misfit := p.check(cellText(row, i))
		if misfit == nil {
			continue
		}
		kept := slices.DeleteFunc(w.problems[start:], func(p outcome.Problem) bool { return p.Column == i })
		w.problems = append(w.problems[:start+len(kept)], outcome.Problem{Code: misfit.Code, Column: i, Detail: misfit.Expected})
	}
}

func (p property) check(cell string) *engage.Misfit {
	switch {
	case p.number != nil:
		return p.number.CheckNumber(cell)
	case p.is != nil:
		return p.is.Check(cell)
	}
	return nil
}

// cellText is a cell as text; "" for one that the row does not have, and for JSON's null.
func cellText(row *source.Row, i int) string {
	if i >= len(row.Cells) || row.Kinds != nil && (i >= len(row.Kinds) || row.Kinds[i] == 0 || row.Kinds[i] == 'n') {
		return ""
	}
	return string(row.Cells[i])
}
