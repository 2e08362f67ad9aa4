package pipeline_test

import (
	"testing"

	"muster/pipeline"
	"muster/pipeline/outcome"
	"muster/pipeline/sandbox"
)

// A row of sums is no customer, whatever column its word stands in and however many sums there are; a customer of that
// name is.
func TestARowOfSumsIsNoCustomer(t *testing.T) {
	for _, row := range []string{"Total,,,11,12,13", "Grand Total:,,,11,,", ",Total,,11,12,13", ",,,Summe,12,13",
		"итого,,,5,,"} {
		content := "externalId,name,email,custom.aStr,custom.bNum,custom.cNum\n1,Ann,a@example.com,5,6,7\n" +
			"77,Total,,1,2,3\n,Total,fuel@example.com,1,2,3\n" + row + "\n"
		dir := t.TempDir()
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state",
			Files: []string{prepared(t, dir, "people.csv", content, "")}})
		if err != nil {
			t.Fatal(err)
		}
		if found := problems(t, s); len(found) != 1 || found[0].code != "row.nothing" || found[0].line != 5 {
			t.Errorf("%s: %+v", row, found)
		}
	}
}

// A sentence that stands alone in its row is a footnote, also where the column is that of external ids; an id with
// spaces is one.
func TestAFootnoteIsNoCustomer(t *testing.T) {
	for row, want := range map[string]int{
		"Exported by an admin on 2024-01-01,,": 1, "\"* prices without tax, as of May\",,": 1,
		"ID 12 34,Ann,": 0, "AB 12,,": 0, "17,,": 0,
	} {
		dir := t.TempDir()
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state",
			Files: []string{prepared(t, dir, "people.csv", "externalId,name,email\n1,Ann,a@example.com\n"+row+"\n", "")}})
		if err != nil {
			t.Fatal(err)
		}
		if found := problems(t, s); len(found) != want || want > 0 && (found[0].code != "row.nothing" || found[0].line != 3) {
			t.Errorf("%s: %+v", row, found)
		}
	}
}

// Law 1: a row whose values all stand in columns that go nowhere makes no record, so it is neither a customer nor the
// duplicate of one, in a check as in an import.
func TestLaw1ARowOfWhichNothingIsImportedIsNoCustomer(t *testing.T) {
	constant := "constants: {custom.sourceStr: fair}\n"
	for name, c := range map[string]struct {
		content, mapping string
		ignore           []string
		nothing, good    int64
	}{
		"the only column is ignored":     {content: "foo\nalpha\nalpha\n", ignore: []string{"foo"}, nothing: 2},
		"no rule takes the only values":  {content: "name,foo\n,alpha\n,alpha\n", mapping: "unmapped: ignore\n", nothing: 2},
		"every column is ignored":        {content: "foo,bar\nalpha,1\nbeta,2\n", ignore: []string{"foo", "bar"}, nothing: 2},
		"a constant makes no customer":   {content: "foo\nalpha\nbeta\n", mapping: constant, ignore: []string{"foo"}, nothing: 2},
		"one of the rows has a name":     {content: "name,foo\nAnn,alpha\n,alpha\n", ignore: []string{"foo"}, nothing: 1, good: 1},
		"names alone are a list as ever": {content: "name\nAnn\nBob\n", good: 2},
		"companies": {content: "name,foo,id\nAcme Corp,a,7\n,b,\n", mapping: "kind: company\n", ignore: []string{"foo"},
			nothing: 1, good: 1},
	} {
		t.Run(name, func(t *testing.T) {
			for _, command := range []string{"check", "import"} {
				dir, mapping := t.TempDir(), c.mapping
				if mapping != "" {
					mapping = "version: 1\n" + mapping + "columns: {name: {to: name, optional: true}, id: {to: externalId, optional: true}}\n"
				}
				config := pipeline.Config{Command: command, State: dir + "/state", Ignore: c.ignore,
					Files: []string{prepared(t, dir, "people.csv", c.content, mapping)}}
				good := outcome.Unsent
				if command == "import" {
					config.Org, good = newOrg(t, sandbox.Config{}).connect(t), outcome.Created
				}
				s, err := pipeline.Run(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				if s.Statuses[good].Rows != c.good || s.Statuses[outcome.Invalid].Rows != c.nothing || s.Rows != c.good+c.nothing {
					t.Errorf("%s: %d rows, %+v, %+v", command, s.Rows, s.Statuses, s.Problems)
				}
			}
		})
	}
}
