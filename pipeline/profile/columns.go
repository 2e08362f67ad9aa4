// package profile says what the columns of the inputs hold, and what became of each: every column has exactly one fate.
package profile

import (
	"cmp"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/report"
)

// Column is one column of an input, as a run has seen it.
type Column struct {
	File, Sheet string
	Join        string       // by which the mapping calls the file, where it joins it in; "" it is an input
	Name        string       // the file's own; "" it has none
	Place       int          // among the columns, from 0
	Doubled     bool         // another column of the table has its name
	Known       bool         // the mapping names it
	Use         mappings.Use // what the mapping makes of it
	// cells that are not blank, of the rows that the mapping does not skip: what is in a skipped row no column loses
	Values  int64
	Refused int64  // of them, problems: cells that could not be used
	Suffix  string // the type of attribute that its values are fit for: Str, Num …
}

// Called is the column's name, or its place where it has none or others have it, too.
func (c *Column) Called() string {
	if c.Doubled || strings.TrimSpace(c.Name) == "" {
		return mappings.ColumnAt(c.Place)
	}
	return c.Name
}

// Fate is what became of the column. One without a value is blank, whatever the mapping would have made of it, unless
// it is ignored by name.
func (c *Column) Fate() string {
	switch {
	case c.Use.Kind == mappings.Ignored:
		return report.FateIgnored
	case c.Values == 0:
		return report.FateBlank
	case c.Use.Kind == mappings.Sifts:
		return report.FateIgnored
	case c.Use.Kind == mappings.LeftOut:
		return report.FateLeftOut
	case c.Refused > 0:
		return report.FateRefusals
	}
	return report.FateSent
}

// mostListed is how many columns a report lists of those that nothing takes; all are counted.
const mostListed = 1000

// Balance counts the columns by their fates and lists those that nothing takes, those with the most values first.
func Balance(columns []Column) *report.Columns {
	b := &report.Columns{Columns: int64(len(columns))}
	for _, fate := range report.Fates() {
		b.Fates = append(b.Fates, report.FateCount{Fate: fate})
	}
	for i := range columns {
		c := &columns[i]
		at := slices.Index(report.Fates(), c.Fate())
		f := &b.Fates[at]
		f.Columns++
		f.Values += c.Values
		f.Refused += c.Refused
		if f.Fate == report.FateLeftOut {
			b.LeftOut = append(b.LeftOut, c.leftOut())
		}
	}
	slices.SortStableFunc(b.LeftOut, func(x, y report.LeftOut) int { return cmp.Compare(y.Values, x.Values) })
	if more := len(b.LeftOut) - mostListed; more > 0 {
		b.More, b.LeftOut = int64(more), slices.Clone(b.LeftOut[:mostListed])
	}
	return b
}

func (c *Column) leftOut() report.LeftOut {
	l := report.LeftOut{Column: c.Called(), File: c.File, Sheet: c.Sheet, Join: c.Join, Place: c.Place + 1, Named: c.Known,
		Values: c.Values, Why: c.Use.Why, Lacks: c.Use.Lacks}
	if c.Doubled && strings.TrimSpace(c.Name) != "" {
		l.Why += " (" + c.Name + ")"
	}
	if l.Lacks == "" {
		l.Line = mappings.Suggest(l.Column, c.Name, cmp.Or(c.Suffix, "Str"))
	}
	return l
}
