package bind

import (
	"fmt"
	"slices"
	"strings"

	"muster/mappings"
	"muster/mappings/guess"
	"muster/pipeline/report"
	"muster/pipeline/source"
)

// unsureOf are the columns of a guess that a person should look at. Those that it leaves out are told as such.
func (in *Input) unsureOf(g *guess.Guess, sheet string, limit float64) (list []report.Unsure) {
	for _, c := range g.Questions(limit) {
		if c.Target == "ignore" {
			continue
		}
		name := c.Name
		if strings.TrimSpace(name) == "" {
			name = mappings.ColumnAt(c.Place())
		}
		list = append(list, report.Unsure{Column: name, File: in.Name, Sheet: sheet, Place: c.Place() + 1, Target: c.Target,
			Sure: c.Confidence, Why: strings.Join(c.Evidence, "; ")})
	}
	return list
}

// doubt notes that a column's dates can be read in two orders, and that a check has read them in the first.
func (in *Input) doubt(l *dateLook, two *mappings.AmbiguousDates) {
	why := fmt.Sprintf("its dates fit %s and %s; --dates says which, or layout: in the mapping", two.Readings[0],
		two.Readings[1])
	for i := range in.Unsure {
		if u := &in.Unsure[i]; u.Place == l.dates.Column+1 && u.Sheet == l.sheet {
			u.Why = why
			return
		}
	}
	in.Unsure = append(in.Unsure, in.openColumn(l.sheet, l.dates.Column, why))
}

// doubtMarks notes the columns whose numbers can be read in two ways, and that a check has read in the first.
func (in *Input) doubtMarks() {
	for _, t := range in.Table.Sheets {
		for _, column := range t.Plan.OpenMarks {
			in.Unsure = append(in.Unsure, in.openColumn(t.Header.Sheet, column,
				"its numbers fit a decimal point and a decimal comma; decimal: in the mapping says which"))
		}
	}
}

// openColumn is a column of which nobody has said how its values are read.
func (in *Input) openColumn(sheet string, column int, why string) report.Unsure {
	u := report.Unsure{File: in.Name, Sheet: sheet, Place: column + 1, Sure: 0.5, Why: why}
	for _, t := range in.Table.Sheets {
		if t.Header.Sheet != sheet {
			continue
		}
		u.Column = t.Called(column)
		for _, s := range t.Plan.Slots {
			if s.Column == column {
				u.Target = s.Path
			}
		}
	}
	return u
}

// unlike names the sheets of a workbook where their columns are not all the same; nil: one mapping can be for all.
func (in *Input) unlike(first *source.Header) (sheets []string) {
	other := false
	for _, h := range in.headers() {
		sheets = append(sheets, h.Sheet)
		other = other || !slices.Equal(h.Names, first.Names)
	}
	if !other {
		return nil
	}
	return sheets
}

// SheetToMap is the first sheet of a workbook whose sheets were guessed one by one: a mapping is for one of them; "" it
// need not be named.
func (in *Input) SheetToMap() string {
	if in.others == nil {
		return ""
	}
	return in.Table.Sheets[0].Header.Sheet
}

// guessOthers guesses what the columns of the sheets behind the first are, where their header is another.
func (in *Input) guessOthers(c *Options, attributes []mappings.Attribute) error {
	headers := in.headers()
	in.others = map[int]*mappings.Mapping{}
	for n, h := range headers[1:] {
		if slices.Equal(h.Names, headers[0].Names) {
			continue
		}
		if m, sure := mappings.Recognise(OwnNames(h)); m != nil && sure >= mappings.Sure {
			in.others[n+1] = m
			continue
		}
		rows, err := in.sample(h.Sheet)
		if err != nil {
			return err
		}
		g := guess.Infer(OwnNames(h), rows, guess.Options{Attributes: attributes, Region: c.Region})
		m, err := mappings.Parse("guess", g.Best())
		if err != nil {
			continue // the sheet says itself that it does not fit
		}
		in.others[n+1] = m
		in.Unsure = append(in.Unsure, in.unsureOf(g, h.Sheet, c.Confidence)...)
	}
	return nil
}
