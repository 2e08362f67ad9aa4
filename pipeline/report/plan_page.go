package report

import (
	"bytes"
	_ "embed" // the page's template
	"fmt"
	"html/template"

	"muster/pipeline/printable"
	"muster/pipeline/trust"
)

//go:embed plan.tmpl.html
var planPage string

// planSheet is the content of plan.html.
type planSheet struct {
	Style        template.CSS
	Title, Org   string
	Lost         *lostPart
	Run, Made    string
	Acts         []balanceLine
	Kinds        []kindLine
	Effects      []string
	Fields       []planCount
	Rows         []planLine
	More, Muster string
	Command      string
}

type kindLine struct {
	Many string
	Acts []string
}

// called is a field as people call it where the plan is of several kinds.
func (f *PlanCount) called() string {
	if f.Kind == "" {
		return f.Field
	}
	return f.Kind + ": " + f.Field
}

type planCount struct{ Name, Count, Entries string }

type planLine struct {
	Name, Place, Act, Customer, Why, Kind string
	Fields                                []planChange
}

type planChange struct{ Field, Before, After, Entries string }

// writePlanPage writes the page that shows a plan to people. It holds customers' values and is 0600.
func writePlanPage(path string, p *PlanWriter, t *PlanTotals) error {
	c := &page{width: 1 << 20, style: colorStyle()}
	h := &planSheet{Style: template.CSS(htmlStyle), Org: shorten(c.org(&Org{Name: p.head.Org, Host: p.head.Host}),
		htmlName), Run: tidy(c, p.head.Run, htmlName), Made: p.head.Made.UTC().Format("2006-01-02 15:04:05") + " UTC",
		Command: tidy(c, "muster apply "+printable.File(t.Path), htmlCommand)}
	h.Title = "muster plan → " + h.Org
	means := map[string]string{ActCreate: "the org has no such record",
		ActUpdate:    "the org has the record, and the row says something else",
		ActUnchanged: "the org has exactly this already", ActDuplicate: "another row is the same record",
		ActConflict: "cannot be written as things are: see why",
		ActHeld:     "names a record, a user or a team that the org has not, and that no row here makes",
		ActInvalid:  "refused by the checks", ActSkipped: "the mapping's own filter leaves it out"}
	dots := map[string]string{ActCreate: "created", ActUpdate: "updated", ActConflict: "rejected", ActHeld: "unsent"}
	var total int64
	for _, a := range t.Acts {
		total += a.Rows
	}
	for _, a := range t.Acts {
		dot := a.Act
		if dots[dot] != "" {
			dot = dots[dot]
		}
		h.Acts = append(h.Acts, balanceLine{Status: a.Act, Rows: number(a.Rows), Share: dot, Meaning: means[a.Act],
			Bar: barLength(a.Rows, total)})
	}
	for _, f := range t.Fields[:min(len(t.Fields), htmlColumns)] {
		h.Fields = append(h.Fields, planCount{tidy(c, f.called(), htmlName), number(f.Customers), f.Entries.String()})
	}
	for _, k := range t.Kinds {
		line := kindLine{Many: tidy(c, k.Many, htmlName)}
		for _, a := range k.Acts {
			line.Acts = append(line.Acts, number(a.Rows)+" "+a.Act)
		}
		h.Kinds = append(h.Kinds, line)
	}
	for _, effect := range t.Effects {
		h.Effects = append(h.Effects, tidy(c, effect, htmlPath))
	}
	h.Lost = lostOf(c, t.Columns, place{})
	for i := range p.shown {
		h.Rows = append(h.Rows, planLineOf(c, &p.shown[i]))
	}
	for i := range p.fresh {
		h.Rows = append(h.Rows, planLineOf(c, &p.fresh[i]))
	}
	if rest := total - p.acts[ActUnchanged] - int64(len(h.Rows)); rest > 0 {
		h.More = number(rest) + " more rows: plan.json has all"
	}
	var text bytes.Buffer
	tmpl, err := template.New("plan").Parse(planPage + columnsPart)
	if err == nil {
		err = tmpl.Execute(&text, h)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return trust.WriteWhole(path, text.Bytes())
}

func planLineOf(c *page, row *PlanRow) planLine {
	l := planLine{Name: tidy(c, row.Name, htmlName), Place: fmt.Sprint("line ", row.Line), Act: row.Act,
		Customer: tidy(c, row.Customer, htmlName), Why: tidy(c, row.Code, htmlName)}
	if l.Kind = "customer"; row.Kind != "" {
		l.Kind = tidy(c, row.Kind, htmlName)
	}
	if row.Sheet != "" {
		l.Place = tidy(c, row.Sheet, 20) + ", " + l.Place
	}
	if row.Detail != "" {
		l.Why += " " + tidy(c, row.Detail, htmlPath)
	}
	for _, f := range row.Fields[:min(len(row.Fields), 40)] {
		l.Fields = append(l.Fields, planChange{tidy(c, f.Field, htmlName), tidy(c, printable.Words(f.Before), 300),
			tidy(c, printable.Words(f.After), 300), f.Entries.String()})
	}
	return l
}
