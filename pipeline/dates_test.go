package pipeline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

const bornMapping = "version: 1\ncolumns:\n  id: externalId\n  born: birthdayAt\n" +
	"  seen: {to: lastSeenAt, zone: Europe/Amsterdam}\n"

// columnFixtures trigger the codes that hang on a whole column rather than on one cell.
func columnFixtures() map[string]func(t *testing.T) {
	return map[string]func(t *testing.T){
		"cell.join":      joinFixture,
		"identity.apart": apartFixture,
		"cell.date_order": func(t *testing.T) {
			s := checked(t, "id,born,seen\n1,13/02/2024,\n2,02/13/2024,\n3,01/02/2024,\n4,2024-01-02,\n5,,\n")
			for i, p := range problems(t, s) {
				if p.code != "cell.date_order" || p.cell != fmt.Sprintf("B%d", i+2) || !strings.Contains(p.message, "(line 2)") ||
					!strings.Contains(p.message, "(line 3)") {
					t.Errorf("%+v", p)
				}
			}
			if s.ExitCode != exit.Rejects || s.Statuses[outcome.Invalid].Rows != 3 || s.Statuses[outcome.Unsent].Rows != 2 ||
				!s.Balanced {
				t.Errorf("%d: %+v", s.ExitCode, s.Statuses)
			}
		},
	}
}

// checked checks people.csv with bornMapping.
func checked(t *testing.T, content string) *report.Summary {
	t.Helper()
	dir := t.TempDir()
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state",
		Files: []string{prepared(t, dir, "people.csv", content, bornMapping)}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// One day above twelve, at the very end, decides for the whole column before a row of it is sent.
func TestDatesAreReadAsTheWholeColumnShows(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,born,seen\n")
	for i := range 3000 {
		fmt.Fprintf(&b, "%d,%02d/02/1990,2024-03-01 10:00\n", i, i%12+1)
	}
	b.WriteString("3000,31/01/1990,2024-03-01 10:00\n")
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	c := pipeline.Config{Command: "import", State: dir + "/state", Org: o.connect(t),
		Files: []string{prepared(t, dir, "people.csv", b.String(), bornMapping)}}
	s, err := pipeline.Run(t.Context(), c)
	if err != nil || s.ExitCode != 0 || s.Statuses[outcome.Created].Rows != 3001 {
		t.Fatal(err, s)
	}
	for id, want := range map[string]string{"1": "1990-02-02T00:00:00.000Z", "2": "1990-02-03T00:00:00.000Z",
		"3000": "1990-01-31T00:00:00.000Z"} {
		got := o.customer(t, id)
		if got["birthdayAt"] != want || got["lastSeenAt"] != "2024-03-01T09:00:00.000Z" {
			t.Errorf("%s: %v %v, want %s", id, got["birthdayAt"], got["lastSeenAt"], want)
		}
	}
}

// A column that nothing decides ends the run with both readings, nothing sent; one word of the user decides it.
func TestAmbiguousDatesStopTheRun(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	c := pipeline.Config{Command: "import", State: dir + "/state", Org: o.connect(t),
		Files: []string{prepared(t, dir, "people.csv", "id,born,seen\n1,01/02/1990,\n2,03/04/1990,02/03/2024\n",
			bornMapping)}}
	_, err := pipeline.Run(t.Context(), c)
	var two *bind.AmbiguousDates
	if !errors.As(err, &two) || exit.Code(err) != exit.Usage || two.Column != "born" {
		t.Fatal(err)
	}
	for _, want := range []string{`column "born": 2 dates can be read as DD/MM/YYYY and as MM/DD/YYYY`, "lines 2, 3",
		`column "seen": 1 date can`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	if _, writes := o.requests(); writes != 0 {
		t.Errorf("%d requests wrote", writes)
	}
	c.Dates = "DD/MM/YYYY"
	s, err := pipeline.Run(t.Context(), c)
	if err != nil || s.ExitCode != 0 || o.customer(t, "1")["birthdayAt"] != "1990-02-01T00:00:00.000Z" {
		t.Fatal(err, s)
	}
}

// A strange date here and there does not change what a column of ISO 8601 is, and input that comes once
// only is looked at twice all the same.
func TestStrangeDatesAreProblemsOfTheirRows(t *testing.T) {
	s := checked(t, "id,born,seen\n1,1990-02-01,\n2,1990-02-02,\n3,03/04/1990,\n4,1990-02-30,\n")
	if found := problems(t, s); len(found) != 2 || found[0].code != "cell.date" || found[1].cell != "B5" {
		t.Errorf("%+v", found)
	}
	dir := t.TempDir()
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir, Files: []string{"-"},
		Mapping: prepared(t, dir, "m.yaml", bornMapping, ""),
		Stdin:   strings.NewReader("id,born,seen\n1,13/02/1990,\n2,02/02/1990,\n")})
	if err != nil || s.ExitCode != 0 || s.Rows != 2 || s.Statuses[outcome.Unsent].Rows != 2 {
		t.Fatal(err, s)
	}
}

// customer is the one customer with an external id, as the org answers.
func (o *org) customer(t *testing.T, id string) map[string]any {
	t.Helper()
	found := o.customers(t)[id]
	if len(found) != 1 {
		t.Fatalf("%d customers %s", len(found), id)
	}
	var attributes map[string]any
	if err := json.Unmarshal(found[0].Attributes, &attributes); err != nil {
		t.Fatal(err)
	}
	return attributes
}
