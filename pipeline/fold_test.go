package pipeline_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/sandbox"
)

const foldingMapping = `version: 1
fold: true
keys: [externalId]
columns:
  id: externalId
  name: name
  email: emails
  phone: phones
  city: locations.city
  tag: tags
  note: custom.notesTxt
`

// Rows of one customer that stand together make one record, whatever blocks they fall into; each has its own line
// in the books. The same in a check, and once more nothing has changed. A second name is not imported, so the run is
// not clean.
func TestRowsAreFolded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("id,name,email,phone,city,tag,note\n")
	const people = 3000
	for i := range people { // 250 bytes each: several blocks
		fmt.Fprintf(&b, "%d,Person %d,p%d@example.com,,Utrecht,vip,%s\n", i, i, i, strings.Repeat("n", 150))
		fmt.Fprintf(&b, "%d,,q%d@example.com,+3161%07d,Breda,,\n", i, i, i)
		fmt.Fprintf(&b, "%d,Another name,p%d@example.com,,Utrecht,new,other\n", i, i)
	}
	dir := t.TempDir()
	o := newOrg(t, sandbox.Config{RatePerMinute: -1})
	config := pipeline.Config{Command: "check", State: dir + "/state",
		Files: []string{prepared(t, dir, "people.csv", b.String(), foldingMapping)}}
	s, err := pipeline.Run(t.Context(), config)
	if err != nil || s.ExitCode != exit.Rejects || !s.Balanced || s.Statuses[outcome.Duplicate].Rows != 2*people ||
		s.Statuses[outcome.Unsent].Rows != people {
		t.Fatal(err, s.ExitCode, s.Statuses)
	}
	if got := outcomes(t, s)[2].Detail; !strings.HasPrefix(got, "folded into the record of line 2 of ") {
		t.Errorf("%s", got)
	}
	config.Command = "import"
	for _, want := range []outcome.Status{outcome.Created, outcome.Unchanged} {
		config.Org = o.connect(t)
		s, err = pipeline.Run(t.Context(), config)
		if err != nil || s.ExitCode != exit.Rejects || !s.Balanced || s.Statuses[outcome.Duplicate].Rows != 2*people ||
			s.Statuses[want].Rows != people {
			t.Fatal(err, s.ExitCode, s.Statuses)
		}
		if got := outcomes(t, s)[2].Detail; !strings.HasPrefix(got, "folded into the record of line 2 of ") {
			t.Errorf("%s", got)
		}
	}
	all := o.customers(t)
	if len(all) != people {
		t.Fatalf("%d customers", len(all))
	}
	for i := range people {
		var got struct {
			Name      string
			Emails    []struct{ Email string }
			Phones    []struct{ Phone string }
			Locations []struct{ CityName string }
			Tags      []string
			Custom    struct{ NotesTxt string }
		}
		if err := json.Unmarshal(all[fmt.Sprint(i)][0].Attributes, &got); err != nil {
			t.Fatal(err)
		}
		if got.Name != fmt.Sprintf("Person %d", i) || len(got.Emails) != 2 || len(got.Phones) != 1 ||
			len(got.Locations) != 2 || len(got.Tags) != 2 || len(got.Custom.NotesTxt) != 150 {
			t.Fatalf("%d: %+v", i, got)
		}
	}
}

// What cannot be folded is said: a row that stands elsewhere, one behind a row that is not fit, a list that grows too
// long, another customer with one of the addresses.
func TestRowsThatAreNotFolded(t *testing.T) {
	var many strings.Builder
	for i := range 12 {
		fmt.Fprintf(&many, "9,,m%d@example.com,,,,\n", i)
	}
	content := "id,name,email,phone,city,tag,note\n" +
		"1,Ann,a@example.com,,,,\n" +
		"2,Bo,b@example.com,,,,\n" +
		"1,,a2@example.com,,,,\n" + // 4: apart
		"1,,a3@example.com,,,,\n" + // 5: follows one that is apart
		"3,Cy,c@example.com,,,,\n" +
		"3,,not an address,,,,\n" + // 7: invalid
		"3,,c2@example.com,,,,\n" + // 8: behind it
		"4,Di,d@example.com,,,,\n" +
		"5,Ed,d@example.com,,,,\n" + // 10: conflict
		many.String() // 11 to 22: two too many
	want := map[int64]string{4: "identity.apart", 5: "identity.apart", 7: "schema.format", 8: "identity.apart",
		10: "identity.conflict_in_file", 21: "identity.merge", 22: "identity.merge"}
	dir := t.TempDir()
	o := newOrg(t, sandbox.Config{})
	for _, command := range []string{"check", "import"} {
		config := pipeline.Config{Command: command, State: dir + "/" + command,
			Files: []string{prepared(t, dir, "people.csv", content, foldingMapping)}}
		if command == "import" {
			config.Org = o.connect(t)
		}
		s, err := pipeline.Run(t.Context(), config)
		if err != nil || !s.Balanced || s.ExitCode != exit.Rejects {
			t.Fatal(err, s)
		}
		for _, row := range outcomes(t, s) {
			wanted := want[row.Line]
			if command == "check" && wanted == "identity.merge" {
				wanted = "" // only the record itself shows it
			}
			if row.Code != wanted {
				t.Errorf("%s: line %d: %s %s %s, want %s", command, row.Line, row.Status, row.Code, row.Detail, wanted)
			}
		}
	}
	if n := len(o.customers(t)); n != 5 {
		t.Errorf("%d customers", n)
	}
}

// apartFixture triggers identity.apart: a row that does not follow the one that it belongs to.
func apartFixture(t *testing.T) {
	dir := t.TempDir()
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state",
		Files: []string{prepared(t, dir, "people.csv", "id,name,email,phone,city,tag,note\n1,Ann,,,,,\n2,Bo,,,,,\n"+
			"1,,a@example.com,,,,\n", foldingMapping)}})
	if err != nil {
		t.Fatal(err)
	}
	if found := problems(t, s); len(found) != 1 || found[0].code != "identity.apart" || found[0].line != 4 {
		t.Errorf("%+v", found)
	}
}
