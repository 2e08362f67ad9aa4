package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// TestRequestsOfARun holds what an import costs of the org's budget, with what the command asks before it: 1,000 clean
// creates at most 21 requests; the same again none but those questions; N changed rows of 1,000 one look each and one
// bulk update and its results per 100.
func TestRequestsOfARun(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	path := filepath.Join(dir, "cost.csv")
	if err := os.WriteFile(pipeline.MappingBeside(path), []byte(peopleMapping), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(changed int) *report.Summary {
		var b strings.Builder
		b.WriteString("id,name,email,score,vip\n")
		for i := range 1000 {
			score := 1
			if i < changed {
				score = changed
			}
			fmt.Fprintf(&b, "c-%d,Ana %d,c-%d@example.com,%d,yes\n", i, i, i, score)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		o.spoil(nil)
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: dir + "/state", Org: o.connect(t)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := run(0)
	polls := s.Requests - 2 - 20 // looks that came too early, above two questions, ten jobs and their results
	t.Logf("1,000 creates: %d requests, %d of them looks that came too early", s.Requests, polls)
	if n := count(s, "created"); n != 1000 || s.Requests > 30 {
		t.Errorf("%d created with %d requests", n, s.Requests)
	}
	if s = run(0); count(s, "unchanged") != 1000 || s.Requests > 2 {
		t.Errorf("%d unchanged with %d requests", count(s, "unchanged"), s.Requests)
	}
	for _, n := range []int{20, 200} {
		s = run(n)
		t.Logf("%d changed of 1,000: %d requests", n, s.Requests)
		if count(s, "updated") == 0 || s.Requests > int64(n+5+n/20) {
			t.Errorf("%d changed: %d updated with %d requests", n, count(s, "updated"), s.Requests)
		}
	}
}
