package web

import (
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
