package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pipeline/decision"
)

// TestFixesGoIntoTheMapping: what an edit says of a value is said of the value, for every file of this kind; of a value that
// became two things nothing is said.
func TestFixesGoIntoTheMapping(t *testing.T) {
	c := begun(t, "c.csv", "Customer ID,Name,City\n1,Ada Sample,Munchen\n2,Bob Sample,Munchen\n3,Eve Sample,n/a\n4,Zoe Sample,Koln\n5,Max Sample,Koln\n")
	if _, err := c.s.understand(t.Context()); err != nil {
		t.Fatal(err)
	}
	for row, text := range []string{"München", "München", "", "Köln", "Cologne"} {
		c.edit(int64(row), 2, text)
	}
	if err := c.s.change(t.Context(), &change{Revision: c.s.record.Revision, Recipe: "edits"}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(c.s.mappingPath())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "City: {to: locations.cityName, values: {Munchen: München, n/a: null}}") {
		t.Errorf("the mapping says\n%s", text)
	}
	v, err := c.s.view(t.Context())
	if err != nil || len(v.Mistakes) > 0 {
		t.Fatal(err, v.Mistakes)
	}
}

// TestWhatWasDecidedIsOfferedAgain: the next file with these columns gets the mapping of the last by one click.
func TestWhatWasDecidedIsOfferedAgain(t *testing.T) {
	c := begun(t, "march.csv", "Customer ID,Name,Wing\n1,Ada Sample,left\n2,Bob Sample,right\n")
	rules := "version: 1\nkind: customer\nkeys: [externalId]\ncolumns:\n  Customer ID: externalId\n  Name: name\n  Wing: custom.wingStr\n"
	path := filepath.Join(t.TempDir(), "february.mapping.yaml")
	if err := os.WriteFile(path, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &decision.Decision{File: "/exports/february.csv", When: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), Columns: []string{"Customer ID", "Name", "Wing"}, Mapping: path}
	if err := decision.Remember(c.s.state(), d, []byte(rules)); err != nil {
		t.Fatal(err)
	}
	v, err := c.s.view(t.Context())
	if err != nil || len(v.Recipes) == 0 || !strings.Contains(v.Recipes[0].Title, "february.csv") {
		t.Fatalf("it offers %+v, %v", v.Recipes, err)
	}
	if err := c.s.change(t.Context(), &change{Revision: c.s.record.Revision, Recipe: v.Recipes[0].ID}); err != nil {
		t.Fatal(err)
	}
	if v, err = c.s.view(t.Context()); err != nil || v.YAML != rules || len(v.Recipes) != 0 {
		t.Errorf("the mapping is\n%s and offers %+v, %v", v.YAML, v.Recipes, err)
	}
}

// TestRecipes: each is offered where it changes something, does what it says, and is not offered again.
func TestRecipes(t *testing.T) {
	for name, test := range map[string]struct{ file, title, card string }{
		"two parts of a name": {"Customer ID,First Name,Surname\n1,Ada,Sample\n2,Bob,Sample\n3,Eve,Sample\n4,Zoe,Sample\n", `Join "First Name" and "Surname"`, "Ada Sample"},
		"last, first":         {"Customer ID,Name\n1,\"Sample, Ada\"\n2,\"Sample, Bob\"\n3,\"Sample, Eve\"\n4,\"Sample, Zoe\"\n", `Turn "Name" round`, "Ada Sample"},
	} {
		t.Run(name, func(t *testing.T) {
			c := begun(t, "c.csv", test.file)
			if _, err := c.s.understand(t.Context()); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(test.title, "Join") { // which the guess does by itself
				text := "version: 1\nkind: customer\nkeys: [externalId]\ncolumns:\n  Customer ID: externalId\n  First Name: custom.firstStr\n  Surname: custom.lastStr\n"
				if err := c.s.change(t.Context(), &change{Revision: c.s.record.Revision, Text: &text}); err != nil {
					t.Fatal(err)
				}
			}
			v, err := c.s.view(t.Context())
			if err != nil || len(v.Recipes) != 1 || v.Recipes[0].Title != test.title {
				t.Fatalf("it offers %+v, %v", v.Recipes, err)
			}
			if err := c.s.change(t.Context(), &change{Revision: c.s.record.Revision, Recipe: v.Recipes[0].ID}); err != nil {
				t.Fatal(err)
			}
			v, err = c.s.view(t.Context())
			if err != nil || len(v.Recipes) != 0 || len(v.Mistakes) > 0 || len(v.Cards) == 0 || v.Cards[0].Name != test.card {
				t.Errorf("then it offers %+v, shows %+v, says %v, %v\n%s", v.Recipes, v.Cards, v.Mistakes, err, v.YAML)
			}
		})
	}
}
