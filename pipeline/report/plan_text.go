package report

import (
	"fmt"
	"strings"

	"muster/pipeline/printable"
)

// plan shows what a plan would do: rows by act, and fields by name, never a value.
func (p *page) plan(s *Summary) {
	if s.Plan == nil {
		return
	}
	p.line()
	p.line(p.style.bold("Plan"))
	digits := len(number(s.Rows))
	for _, a := range s.Plan.Acts {
		figure := fmt.Sprintf("  %-9s  %*s", a.Act, digits, number(a.Rows))
		if a.Rows == 0 {
			figure = p.style.dim(figure)
		}
		p.line(figure)
	}
	for _, k := range s.Plan.Kinds {
		var parts []string
		for _, a := range k.Acts {
			parts = append(parts, number(a.Rows)+" "+a.Act)
		}
		p.wrap("      ", "  "+p.clean(k.Many)+": ", strings.Join(parts, ", "))
	}
	p.line(fmt.Sprintf("  it took %s %s to know; to apply it takes about %s", number(s.Requests),
		printable.Noun(s.Requests, "request"), number(s.Plan.Apply)))
	for i, effect := range s.Plan.Effects {
		if i == 0 {
			p.line()
			p.line(p.style.bold("What may go off"))
		}
		p.wrap("    ", "  ", effect)
	}
	if len(s.Plan.Fields) == 0 {
		return
	}
	p.line()
	p.line(p.style.bold("Fields that would change"))
	shown := s.Plan.Fields[:min(len(s.Plan.Fields), fieldsShown)]
	var t table
	for i := range shown {
		t.add(p.cut(p.clean(shown[i].called()), p.width/2), number(shown[i].Customers))
	}
	places := placing(s.Inputs)
	for i, head := range p.align(&t, "lr") {
		c := Column{Count: shown[i].Customers, Samples: shown[i].Samples}
		where := p.where(&c, places)
		if entries := shown[i].Entries.String(); entries != "" {
			where = entries + "; " + where
		}
		p.wrap("      ", "  "+head+"  ", where)
	}
	if more := len(s.Plan.Fields) - len(shown); more > 0 {
		p.line(fmt.Sprintf("  %s %d more fields: all are in report.json", p.style.more, more))
	}
}
