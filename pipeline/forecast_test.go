package pipeline

import (
	"strings"
	"testing"

	"muster/pipeline/kustomer"
)

// A forecast that is exceeded is corrected, with the reason, and seldom.
func TestForecastIsCorrected(t *testing.T) {
	for name, c := range map[string]struct {
		done   int64
		budget kustomer.Budget
		recent int64
		barred bool
		want   []string // nil: nothing is said
	}{
		"as foreseen":    {done: 5000, budget: kustomer.Budget{Requests: 130}},
		"no outcome yet": {budget: kustomer.Budget{Requests: 2000}},
		"at the end":     {done: 10_000, budget: kustomer.Budget{Requests: 5000}},
		"a little":       {done: 9_000, budget: kustomer.Budget{Requests: 275}},
		"the window": {done: 5000, budget: kustomer.Budget{Requests: 5010, Granted: 500}, recent: 4900,
			want: []string{"the 200 that were foreseen: 5000 for 5000 of 10000 rows, so about 10000 in all",
				"and the rest takes 10m0s", "within ten minutes of a write", "4900 customers were read one by one"}},
		"no role": {done: 5000, budget: kustomer.Budget{Requests: 5010, Granted: 500}, recent: 1, barred: true,
			want: []string{"the key may not search", "org.permission.search"}},
		"throttled": {done: 5000, budget: kustomer.Budget{Requests: 500, Throttled: 7},
			want: []string{"answered 7 of them with 429", "so about 980 in all;"}},
		"for another reason": {done: 5000, budget: kustomer.Budget{Requests: 500},
			want: []string{"read before they were changed"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := forecast{requests: 200, rows: 10_000, before: 10}
			line := f.exceeded(c.done, c.budget, c.recent, c.barred)
			for _, want := range c.want {
				if !strings.Contains(line, want) {
					t.Errorf("%q does not say %q", line, want)
				}
			}
			if c.want == nil && line != "" {
				t.Error(line)
			}
			if c.want != nil && f.exceeded(c.done+1, c.budget, c.recent, c.barred) != "" {
				t.Error("it is said twice")
			}
		})
	}
}
