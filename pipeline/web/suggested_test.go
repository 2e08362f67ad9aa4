package web

import (
	"fmt"
	"strings"
	"testing"

	"muster/pipeline/report"
)

// A cell of the grid that cannot be used comes with what was likely meant, by what stands there now.
func TestGridSuggests(t *testing.T) {
	w := begun(t, "people.csv", "externalId,web\n1,www.shop.example\n2,soon\n")
	p := newProblems("run")
	for row := range int64(2) {
		l := &report.ProblemLine{Cell: "B2", Code: "cell.url",
			Message: "not a web address: an address with its scheme, like https://example.com/page"}
		p.all = append(p.all, p.found(row, l))
	}
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.s.tables.problems = p
	suggested := func() (all [2]string) {
		rows, _, err := w.s.window(filter{All: true}, 0, 2)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			all[i] = rows[i].Problems[0].Suggestion
		}
		return all
	}
	if got := suggested(); got != [2]string{"https://www.shop.example", ""} {
		t.Errorf("%q", got)
	}
	w.edit(1, 1, "shop.example")
	if got := suggested(); got != [2]string{"https://www.shop.example", "https://shop.example"} {
		t.Errorf("%q", got)
	}
}

// All values that are suggested for one kind of problem in one column are one operation, and one undo takes them back.
// What is not sure is left as it is.
func TestSuggestedValuesAreOneStep(t *testing.T) {
	w := begun(t, "people.csv", "externalId,web,phone,country\n1,www.a.example,06-12345678,NL\n2,soon,020 123 4567,NL\n"+
		"3,www.c.example,call me,NL\n")
	p := newProblems("run")
	for row := range int64(3) {
		p.all = append(p.all, p.found(row, &report.ProblemLine{Cell: "B2", Code: "cell.url",
			Message: "not a web address: an address with its scheme, like https://example.com/page"}),
			p.found(row, &report.ProblemLine{Cell: "C2", Code: "cell.phone",
				Message: "not a phone number: a phone number in international form, like +31612345678 (other forms need region:)"}))
	}
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.s.tables.problems = p
	m, err := w.s.understand(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	groups := p.groups(m)
	if err := w.s.hint(m, groups); err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if !g.Suggests || g.Code == "cell.phone" && g.Region != "NL" {
			t.Errorf("of %s nothing is known: %+v", g.Code, g)
		}
	}
	for query, want := range map[string]string{
		"only=problems&code=cell.url&column=1":   "0 https://www.a.example,2 https://www.c.example",
		"only=problems&code=cell.phone&column=2": "0 +31612345678,1 +31201234567",
	} {
		o, err := w.s.suggested(queryFilter(query))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range o.Cells {
			got = append(got, fmt.Sprint(c.Row, " ", c.After))
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s: %q, want %s", query, got, want)
		}
		if _, err := w.s.tables.edits.do(o); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.s.tables.edits.do(&operation{Undo: true}); err != nil || w.s.tables.edits.n != 2 {
		t.Errorf("one undo leaves %d cells: %v", w.s.tables.edits.n, err)
	}
	if _, err := w.s.suggested(queryFilter("only=problems")); err == nil {
		t.Error("values are taken of problems that nobody named")
	}
}
