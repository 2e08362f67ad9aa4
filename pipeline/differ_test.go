package pipeline_test

import (
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// What a duplicate says otherwise is not in the org, so a check, a plan and an import of it end with 3, as many as are
// allowed with 0; and who reads the run back is told.
func TestDuplicatesThatDifferAreNotClean(t *testing.T) {
	o, dir := newOrg(t, sandbox.Config{}), t.TempDir()
	path := prepared(t, dir, "people.csv", "externalId,name,city\n1,Anna,Ede\n1,Anna,Breda\n2,Bram,Ede\n", "")
	if s := planFor(t, o, path, dir+"/plan", ""); s.ExitCode != exit.Rejects {
		t.Errorf("a plan ends with %d", s.ExitCode)
	}
	config := pipeline.Config{Command: "check", Files: []string{path}, State: dir + "/state"}
	for _, command := range []string{"check", "import"} {
		if config.Command = command; command == "import" {
			config.Org = o.connect(t)
		}
		for _, c := range []struct {
			allowed deliver.Allowance
			code    int
		}{{deliver.Allowance{}, exit.Rejects}, {deliver.Allowance{Rows: 1}, exit.OK},
			{deliver.Allowance{Percent: 34}, exit.OK}} {
			config.AllowRejects = c.allowed
			s, err := pipeline.Run(t.Context(), config)
			if err != nil || s.ExitCode != c.code || s.Differences == nil || s.Differences.Rows != 1 {
				t.Fatalf("%s, %+v allowed: %v, exit %d, %+v", command, c.allowed, err, s.ExitCode, s.Differences)
			}
			if command == "check" {
				continue
			}
			v, err := verifyRun(t, o, config.State, s.Run, 0)
			if err != nil || v.ExitCode != 0 || v.Differences == nil {
				t.Fatalf("%v, exit %d, %+v", err, v.ExitCode, v.Differences)
			}
			var text strings.Builder
			if err := report.VerificationText(&text, v, 100, false); err != nil ||
				!strings.Contains(text.String(), "1 duplicate says something else in 1 column") {
				t.Errorf("%v\n%s", err, text.String())
			}
		}
	}
}
