package report

import (
	"strings"
	"testing"
)

// The columns that a check is not sure of stand in the terminal's report and on the page, each with what it was taken
// for.
func TestUnsureColumnsAreNamed(t *testing.T) {
	s := *pages()["clean"]
	columns := Columns{}
	if s.Columns != nil {
		columns = *s.Columns
	}
	columns.Unsure = []Unsure{{Column: "News<b>letter", File: "a.csv", Place: 2, Target: "custom.newsletterBool",
		Sure: 0.66, Why: "all values are yes or no"}}
	columns.Ways = []Next{{Command: "muster map a.csv -o a.mapping.yaml", Why: "writes a mapping"}}
	s.Columns = &columns
	var text strings.Builder
	if err := Text(&text, &s, 80, false); err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	if err := HTML(&page, &s); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 column needs your decision", "custom.newsletterBool",
		"66 % sure: all values are yes or no", "muster map a.csv -o a.mapping.yaml"} {
		if !strings.Contains(text.String(), want) || !strings.Contains(page.String(), want) {
			t.Errorf("%s is not said", want)
		}
	}
	if strings.Contains(page.String(), "<b>") {
		t.Error("a column's name is markup")
	}
}
