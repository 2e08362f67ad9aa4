package pipeline_test

import (
	"testing"

	"muster/pipeline"
	"muster/pipeline/report"
)

// A field of a record, and a property of a card, has no address as a cell has: its line and its name say where it
// stands.
func TestFieldsHaveNoAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		text, mapping, column, cell string
		line                        int64
	}{
		"people.ndjson": {"{\"id\":\"1\",\"mail\":\"a@example.org\"}\n{\"id\":\"2\",\"mail\":\"nowhere\"}\n",
			"id: externalId\n  mail: emails", "mail", "", 2},
		"people.json": {"[{\"id\":\"1\",\"mail\":\"a@example.org\"},\n{\"id\":\"2\",\"mail\":\"nowhere\"}]",
			"id: externalId\n  mail: emails", "mail", "", 2},
		"people.vcf": {"BEGIN:VCARD\nVERSION:3.0\nUID:1\nFN:Ada\nEMAIL;TYPE=WORK:nowhere\nEND:VCARD\n",
			"UID: externalId\n  FN: name\n  EMAIL.work: emails", "EMAIL.work", "", 1},
		"people.csv": {"id,mail\n1,a@example.org\n2,nowhere\n", "id: externalId\n  mail: emails", "mail", "B3", 3},
	} {
		t.Run(name, func(t *testing.T) {
			path := prepared(t, t.TempDir(), name, c.text, "version: 1\nkind: customer\nkeys: [externalId]\n"+
				"unmapped: ignore\nmissing: ignore\ncolumns:\n  "+c.mapping+"\n")
			s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{path}, State: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Problems) != 1 || len(s.Problems[0].Columns) != 1 {
				t.Fatalf("problems: %+v", s.Problems)
			}
			got := s.Problems[0].Columns[0]
			if want := (report.Sample{File: path, Line: c.line, Cell: c.cell}); got.Column != c.column ||
				got.Samples[0] != want {
				t.Errorf("%s at %+v, want %s at %+v", got.Column, got.Samples[0], c.column, want)
			}
		})
	}
}
