package pipeline_test

import (
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
)

// A duplicate that says the same in another spelling is told so: whose spelling was not imported is no secret.
func TestDuplicateSpelledOtherwise(t *testing.T) {
	path := prepared(t, t.TempDir(), "people.csv", "External ID,Name,E-mail\n1,Maria Lopez,m@example.org\n"+
		"1,María López,M@example.org\n1,Maria Lopez,m@example.org\n2,Ada Lee,a@example.org\n2,\"LEE, ADA\",a@example.org\n",
		"")
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{path}, State: t.TempDir()})
	if err != nil || s.ExitCode != exit.OK {
		t.Fatalf("exit %d, %v", s.ExitCode, err)
	}
	for n, row := range outcomes(t, s) {
		if want := n == 1 || n == 4; strings.Contains(row.Detail, "it spells Name otherwise") != want {
			t.Errorf("row %d: %q, want its spelling named: %v", n+1, row.Detail, want)
		}
	}
}
