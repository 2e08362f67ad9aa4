package pipeline_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/redact"
	"muster/pipeline/report"
)

// What was likely meant stands in problems.csv beside the problem, in no other file of the run, and nowhere where
// values are hidden.
func TestSuggestionsStandInTheProblems(t *testing.T) {
	dir := t.TempDir()
	path := prepared(t, dir, "people.csv", "id,country,web,mail,tier,met\n"+
		"1,Nederlnad,www.a.example,\"ann@shop,com\",Silvr,12/31/2024\n2,NL,https://b.example,b@b.com,gold,31/12/2024\n",
		"version: 1\ncolumns: {id: externalId, country: 'locations[home].countryCode', web: urls, mail: emails, tier: "+
			"custom.loyaltyTierStr, met: {to: custom.metAt, layout: DD/MM/YYYY}}\n"+
			"rules: [{column: tier, one-of: [gold, silver]}]\n")
	want := []string{"31/12/2024", "NL", "ann@shop.com", "https://www.a.example", "silver"}
	for _, how := range []redact.Redaction{redact.None, redact.Mask} {
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: filepath.Join(dir, "state"+string(how)),
			Files: []string{path}, Redact: how})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range s.Files {
			text, err := os.ReadFile(f.Path)
			if err != nil {
				t.Fatal(err)
			}
			if f.Kind != "problems" {
				for _, value := range want[2:4] {
					if strings.Contains(string(text), value) {
						t.Errorf("%s holds %s", f.Path, value)
					}
				}
				continue
			}
			if err := report.EachProblem(strings.NewReader(string(text)), func(l *report.ProblemLine) error {
				if l.Suggestion != "" {
					got = append(got, l.Suggestion)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(got)
		if how == redact.None && !slices.Equal(got, want) || how != redact.None && got != nil {
			t.Errorf("%q: %v, want %v", how, got, want)
		}
	}
}
