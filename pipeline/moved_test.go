package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/plan"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// Two files with the same columns in different places, one put behind the other: an import and its plan stop, and a
// check says the same first of all, with the line and what to do, and as the same exit code.
func TestRowsUnderTheWrongColumnsAreToldFirst(t *testing.T) {
	people := []human{{id: "1", name: "Ann", mail: "a@example.com"}, {id: "city", name: "born", mail: "phone"},
		{id: "2", name: "Bo", mail: "b@example.com"}}
	people[1].phone, people[1].city, people[1].born, people[1].note = "mail", "name", "id", "note"
	for name, content := range map[string]string{"people.csv": table(people, ",", `"`, `""`, "\n"),
		"people.xlsx": asWorkbook(t, people)} {
		dir, o := t.TempDir(), newOrg(t, sandbox.Config{})
		config := pipeline.Config{Command: "check", State: dir + "/state", Files: []string{prepared(t, dir, name, content,
			"version: 1\nunmapped: ignore\ncolumns: {id: externalId, name: name, city: username}\n")}}
		s, err := pipeline.Run(t.Context(), config)
		if err != nil || s.ExitCode != exit.Guard || s.Moved == nil || s.Moved.Line != 3 {
			t.Fatalf("%s: %v, %+v", name, err, s)
		}
		var text bytes.Buffer
		if err := report.Text(&text, s, 1000, false); err != nil {
			t.Fatal(err)
		}
		headline := strings.Index(text.String(), "Line 3 of "+name)
		if problems := strings.Index(text.String(), "problem"); headline < 0 || problems < headline ||
			!strings.Contains(text.String(), "fix: cut the file there") || strings.Contains(text.String(), "muster import") {
			t.Errorf("%s:\n%s", name, &text)
		}
		for command, run := range map[string]func(context.Context, pipeline.Config) (*report.Summary, error){
			"plan": plan.Run, "import": pipeline.Run} {
			config.Command, config.ReadOnly, config.Org = command, o.sight(t), nil
			if command == "import" {
				config.ReadOnly, config.Org = nil, o.connect(t)
			}
			s, err = run(t.Context(), config)
			if guard := (*outcome.GuardError)(nil); !errors.As(err, &guard) || s.ExitCode != exit.Guard || s.Moved == nil ||
				s.Plan != nil {
				t.Errorf("%s: %s: %v, %+v", name, command, err, s)
			}
		}
		if o.writes > 0 {
			t.Errorf("%s: %d requests that write", name, o.writes)
		}
	}
}
