package bind

import (
	"fmt"
	"strings"

	"muster/mappings"
	"muster/mappings/guess"
	"muster/pipeline/report"
)

// unsureOf are the columns of a guess that a person should look at. Those that it leaves out are told as such.
func (in *Input) unsureOf(g *guess.Guess, limit float64) (list []report.Unsure) {
	h := in.Reader.Header()
	for _, c := range g.Questions(limit) {
		if c.Target == "ignore" {
			continue
		}
		name := c.Name
		if strings.TrimSpace(name) == "" {
			name = mappings.ColumnAt(c.Place())
		}
		list = append(list, report.Unsure{Column: name, File: in.Name, Sheet: h.Sheet, Place: c.Place() + 1, Target: c.Target,
			Sure: c.Confidence, Why: strings.Join(c.Evidence, "; ")})
	}
	return list
}

// doubt notes that a column's dates can be read in two orders, and that a check has read them in the first.
func (in *Input) doubt(l *dateLook, two *mappings.AmbiguousDates) {
	why := fmt.Sprintf("its dates fit %s and %s; --dates says which, or layout: in the mapping", two.Readings[0], two.Readings[1])
	for i := range in.Unsure {
		if u := &in.Unsure[i]; u.Place == l.dates.Column+1 && u.Sheet == l.sheet {
			u.Why = why
			return
		}
	}
	u := report.Unsure{Column: l.name, File: in.Name, Sheet: l.sheet, Place: l.dates.Column + 1, Sure: 0.5, Why: why}
	for _, t := range in.Table.Sheets {
		for _, s := range t.Plan.Slots {
			if t.Header.Sheet == l.sheet && s.Column == l.dates.Column {
				u.Target = s.Path
			}
		}
	}
	in.Unsure = append(in.Unsure, u)
}
