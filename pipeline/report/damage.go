package report

import (
	"fmt"
	"strings"

	"muster/pipeline/printable"
)

// Damage is what a whole column shows of having been damaged before it came here.
type Damage struct {
	Code string `json:"code"`
	// "stops": an import ends before anything is sent; "accepted": it goes on, as asked; "rows": the rows are invalid;
	// "warns"; "noted"
	Verdict string   `json:"verdict"`
	Column  string   `json:"column"` // the file's own name
	File    string   `json:"file"`
	Sheet   string   `json:"sheet,omitempty"`
	Count   int64    `json:"count"` // cells concerned, exact
	Of      int64    `json:"of"`    // cells that are not empty
	Detail  string   `json:"detail,omitempty"`
	Meaning string   `json:"meaning"`
	Cause   string   `json:"cause,omitempty"`
	Fix     string   `json:"fix"`
	Places  []Sample `json:"places,omitempty"` // the first ones
}

// noted says whether a damage is only worth a line.
func (d *Damage) noted() bool { return d.Verdict == "noted" }

// damagesShown is how many damaged columns the terminal shows.
const damagesShown = 8

// damages says which columns are damaged.
func (p *page) damages(s *Summary) {
	var worth, empty, constant []*Damage
	for i := range s.Damages {
		switch d := &s.Damages[i]; {
		case !d.noted():
			worth = append(worth, d)
		case d.Count > 0 && strings.HasSuffix(d.Code, ".empty"):
			empty = append(empty, d)
		default:
			constant = append(constant, d)
		}
	}
	if len(worth) > 0 {
		p.line()
		p.line(p.style.bold(fmt.Sprintf("%d damaged %s", len(worth), printable.Noun(int64(len(worth)), "column"))))
	}
	places := placing(s.Inputs)
	for _, d := range worth[:min(len(worth), damagesShown)] {
		p.damage(d, places)
	}
	if hidden := len(worth) - damagesShown; hidden > 0 {
		p.line(fmt.Sprintf("  %s %d more are in report.json", p.style.more, hidden))
	}
	if len(empty)+len(constant) > 0 {
		p.line()
	}
	p.namesOf("empty columns: ", empty)
	p.namesOf("one value in all rows: ", constant)
}

// damage shows one column's damage: what it means for the run, what was seen, where, and the way out.
func (p *page) damage(d *Damage, places place) {
	word := map[string]string{"stops": p.style.bad("stops an import"), "accepted": p.style.warn("accepted"),
		"rows": p.style.warn("rows invalid")}[d.Verdict]
	if word == "" {
		word = p.style.warn("warning")
	}
	p.line()
	p.wrap("    ", "  "+p.style.warn(p.clean(d.Code))+"  ", p.clean(d.Column)+": "+p.clean(d.Meaning))
	where := make([]string, 0, len(d.Places))
	for i := range d.Places {
		where = append(where, places.of(p, &d.Places[i]))
	}
	text := fmt.Sprintf("%s of %s cells", number(d.Count), number(d.Of))
	if d.Detail != "" {
		text += ", " + p.clean(d.Detail)
	}
	if len(where) > 0 {
		text += "; first at " + strings.Join(where, ", ")
	}
	p.wrap("      ", "    "+word+": ", text)
	p.wrap("         ", "    "+p.style.good("fix")+": ", p.clean(d.Fix))
}

// htmlDamages is how many damaged columns the page shows.
const htmlDamages = 100

// damagePart is one line of the page's table of damage.
type damagePart struct {
	Column, Verdict, Code, Meaning, Fix, Count string
	Places                                     []string
}

func (h *sheet) damages(p *page, s *Summary) {
	places := placing(s.Inputs)
	for i := range s.Damages[:min(len(s.Damages), htmlDamages)] {
		d := &s.Damages[i]
		part := damagePart{Column: tidy(p, d.Column, htmlName), Code: tidy(p, d.Code, htmlName),
			Meaning: tidy(p, d.Meaning, htmlCommand), Fix: tidy(p, d.Fix, htmlCommand),
			Count: number(d.Count) + " of " + number(d.Of),
			Verdict: map[string]string{"stops": "stops an import", "accepted": "accepted",
				"rows": "rows are invalid"}[d.Verdict]}
		for n := range d.Places {
			part.Places = append(part.Places, tidy(p, places.of(p, &d.Places[n]), htmlName))
		}
		h.Damages = append(h.Damages, part)
	}
	h.MoreDamages = hidden(len(s.Damages)-htmlDamages, "column")
}

// namesShown is how many names of columns are listed.
const namesShown = 12

func (p *page) namesOf(title string, list []*Damage) {
	if len(list) == 0 {
		return
	}
	names := make([]string, 0, namesShown)
	for _, d := range list[:min(len(list), namesShown)] {
		names = append(names, p.cut(p.clean(d.Column), p.width/3))
	}
	text := strings.Join(names, ", ")
	if hidden := len(list) - namesShown; hidden > 0 {
		text += fmt.Sprintf(" and %d more", hidden)
	}
	p.wrap("    ", "  "+title, text)
}
