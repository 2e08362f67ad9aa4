package pipeline_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// Law 1 holds for a file that is joined in: each of its columns has one fate, and one with values that nothing takes
// stands in the headline until it is ignored by name.
func TestLaw1JoinedColumnsBalance(t *testing.T) {
	const own, second, mails = 4, 5, 2 // columns of the three files
	for name, c := range map[string]struct {
		mapping string
		ignore  []string
		left    []string
	}{
		"nothing takes it": {mapping: joiningMapping, left: []string{"org.owner"}},
		"--ignore":         {mapping: joiningMapping, ignore: []string{"org.owner"}},
		"--ignore, folded": {mapping: joiningMapping, ignore: []string{"Org.Owner"}},
		"ignore in the mapping": {mapping: strings.Replace(joiningMapping, "  id: externalId",
			"  org.owner: ignore\n  id: externalId", 1)},
		"a pattern that ignores": {mapping: strings.Replace(joiningMapping, "  id: externalId",
			"  org.{*}: ignore\n  id: externalId", 1)},
		"taken": {mapping: strings.Replace(joiningMapping, "org.name: custom.sourceStr", "org.owner: custom.sourceStr", 1)},
		"no rule takes two of one": {mapping: strings.Replace(joiningMapping, "  org.size: custom.ordersNum\n", "", 1),
			left: []string{"org.size", "org.owner"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, path := joined(t, c.mapping)
			for _, command := range []string{"check", "import"} {
				config := pipeline.Config{Command: command, State: dir + "/state", Files: []string{path}, Ignore: c.ignore}
				if command == "import" {
					config.Org = newOrg(t, sandbox.Config{}).connect(t)
				}
				s, err := pipeline.Run(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				if s.Columns.Columns != own+second+mails {
					t.Errorf("%s: %d columns", command, s.Columns.Columns)
				}
				var left []string
				for _, l := range s.Columns.LeftOut {
					left = append(left, l.Column)
					if l.File != "orgs.csv" || l.Join != "org" {
						t.Errorf("%s: %+v", command, l)
					}
				}
				slices.Sort(left)
				slices.Sort(c.left)
				if !slices.Equal(left, c.left) {
					t.Errorf("%s: left out %q, want %q", command, left, c.left)
				}
				counts := map[string]int64{}
				for _, f := range s.Columns.Fates {
					counts[f.Fate] = f.Columns
				}
				if counts[report.FateLeftOut] != int64(len(c.left)) {
					t.Errorf("%s: %v", command, counts)
				}
			}
		})
	}
}

// A key that JSON has for the first time in a late line of a second file is a column as the others: its values are
// joined in.
func TestJoinedColumnThatComesLate(t *testing.T) {
	dir := t.TempDir()
	var lines strings.Builder
	for range 40_000 { // more than one block
		lines.WriteString(`{"nr":0}` + "\n")
	}
	for name, text := range map[string]string{
		"users.csv": "id,org\n1,7\n",
		"users.mapping.yaml": "version: 1\njoins:\n  - {file: orgs.ndjson, name: o, on: {org: nr}, rows: list}\ncolumns:\n" +
			"  id: externalId\n  o.name: tags\n",
		"orgs.ndjson": lines.String() + `{"nr":7,"name":"late","more":1}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state",
		Files: []string{filepath.Join(dir, "users.csv")}})
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, l := range s.Columns.LeftOut {
		left = append(left, l.Column)
	}
	if s.Columns.Columns != 5 || !slices.Equal(left, []string{"o.more"}) {
		t.Errorf("%d columns, left out %q", s.Columns.Columns, left)
	}
}
