package report

import (
	"fmt"
	"strings"

	"muster/pipeline/printable"
)

// Differences is what duplicates say and the rows that stay do not. Nothing of it is imported.
type Differences struct {
	Rows    int64        `json:"rows"`    // duplicates that say something else, or more
	Columns []ColumnRows `json:"columns"` // in which they do, most frequent first
	More    int          `json:"more_columns,omitempty"`
	Fix     string       `json:"fix"`
}

// ColumnRows is how many rows something was found in, by column.
type ColumnRows struct {
	Column string `json:"column"` // the file's own name
	Rows   int64  `json:"rows"`
}

// differingShown is how many columns people are told of.
const differingShown = 8

// Sentence is the headline: how many, and that nothing of it is imported.
func (d *Differences) Sentence() string {
	columns := int64(len(d.Columns) + d.More)
	verb := "say"
	if d.Rows == 1 {
		verb = "says"
	}
	return fmt.Sprintf("%s %s %s something else in %s %s, and none of that is imported",
		number(d.Rows), printable.Noun(d.Rows, "duplicate"), verb, number(columns), printable.Noun(columns, "column"))
}

// names lists the columns.
func (d *Differences) names(p *page) string {
	var list []string
	for _, c := range d.Columns[:min(len(d.Columns), differingShown)] {
		list = append(list, p.cut(p.clean(c.Column), 40)+" "+number(c.Rows))
	}
	if more := len(d.Columns) + d.More - len(list); more > 0 {
		list = append(list, fmt.Sprintf("%d more", more))
	}
	return strings.Join(list, ", ")
}

// differences is the headline of what duplicates say, and what to do about it.
func (p *page) differences(d *Differences) {
	if d == nil {
		return
	}
	p.line()
	p.wrap("  ", "", p.style.warn(d.Sentence()))
	p.wrap("    ", "  columns: ", d.names(p))
	p.wrap("       ", "  "+p.style.good("fix")+": ", p.clean(d.Fix))
}

// differencesPart is the same on the page.
type differencesPart struct{ Sentence, Columns, Fix string }

func (h *sheet) differences(p *page, s *Summary) {
	if d := s.Differences; d != nil {
		h.Differences = &differencesPart{d.Sentence(), tidy(p, d.names(p), htmlCommand), tidy(p, d.Fix, htmlCommand)}
	}
}
