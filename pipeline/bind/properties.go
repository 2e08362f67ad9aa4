package bind

import (
	"fmt"
	"strings"

	"muster/mappings"
	"muster/pipeline/outcome"
	"muster/pipeline/source"
	"muster/schema/engage"
)

// property is what a column of Engage's customers is: the number, a property, or neither.
type property struct {
	number *engage.Definitions // not nil: the column is the number
	Is     *engage.Definition
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
			list[i].Is = d.For(name)
		}
	}
	return list
}

// define makes the mapping of a file of customer properties. The error is a UsageError that holds every mistake of the
// file.
func (in *Input) define(raw []byte, channel string) (*mappings.Mapping, error) {
	d, err := engage.ParseDefinitions(in.Ruled, raw, channel)
	if err != nil {
		return nil, &outcome.UsageError{Err: err}
	}
	in.Definitions = d
	m, err := mappings.Parse(in.Ruled, d.Mapping())
	if err != nil {
		return nil, fmt.Errorf("the mapping of %s: %w", in.Ruled, err)
	}
	return m, nil
}

func (p property) Check(cell string) *engage.Misfit {
	switch {
	case p.number != nil:
		return p.number.CheckNumber(cell)
	case p.Is != nil:
		return p.Is.Check(cell)
	}
	return nil
}

// CellText is a cell as text; "" for one that the row does not have, and for JSON's null.
func CellText(row *source.Row, i int) string {
	if i >= len(row.Cells) || row.Kinds != nil && (i >= len(row.Kinds) || row.Kinds[i] == 0 || row.Kinds[i] == 'n') {
		return ""
	}
	return string(row.Cells[i])
}
