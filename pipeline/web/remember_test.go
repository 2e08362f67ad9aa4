package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/mappings"
	"muster/pipeline/decision"
)

// TestFixesGoIntoTheMapping: what an edit says of a value is said of the value, for every file of this kind; of a value
// that became two things nothing is said.
func TestFixesGoIntoTheMapping(t *testing.T) {
	c := begun(t, "c.csv", "Customer ID,Name,City\n1,Ada Sample,Munchen\n2,Bob Sample,Munchen\n3,Eve Sample,n/a\n"+
		"4,Zoe Sample,Koln\n5,Max Sample,Koln\n")
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
	rules := "version: 1\nkind: customer\nkeys: [externalId]\ncolumns:\n  Customer ID: externalId\n  Name: name\n" +
		"  Wing: custom.wingStr\n"
	path := filepath.Join(t.TempDir(), "february.mapping.yaml")
	if err := os.WriteFile(path, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &decision.Decision{File: "/exports/february.csv", When: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
		Columns: []string{"Customer ID", "Name", "Wing"}, Mapping: path}
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
		"two parts of a name": {"Customer ID,First Name,Surname\n1,Ada,Sample\n2,Bob,Sample\n3,Eve,Sample\n4,Zoe,Sample\n",
			`Join "First Name" and "Surname"`, "Ada Sample"},
		"last, first": {"Customer ID,Name\n1,\"Sample, Ada\"\n2,\"Sample, Bob\"\n3,\"Sample, Eve\"\n" +
			"4,\"Sample, Zoe\"\n", `Turn "Name" round`, "Ada Sample"},
	} {
		t.Run(name, func(t *testing.T) {
			c := begun(t, "c.csv", test.file)
			if _, err := c.s.understand(t.Context()); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(test.title, "Join") { // which the guess does by itself
				text := "version: 1\nkind: customer\nkeys: [externalId]\ncolumns:\n  Customer ID: externalId\n" +
					"  First Name: custom.firstStr\n  Surname: custom.lastStr\n"
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

// TestMappingBesideTheFile is begun with, unless it would read other files: nobody named it.
func TestMappingBesideTheFile(t *testing.T) {
	const plain = "version: 1\nkind: customer\nkeys: [externalId]\ncolumns:\n  Customer ID: externalId\n" +
		"  Name: custom.nickStr\n"
	for name, test := range map[string]struct {
		text  string
		taken bool
	}{
		"plain":  {plain, true},
		"broken": {"version: [", false},
		"joins":  {plain + "joins:\n  - {file: /etc/hostname, name: o, on: {Customer ID: id}}\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "c.csv")
			for path, text := range map[string]string{file: "Customer ID,Name\n1,Ada\n2,Bob\n",
				filepath.Join(dir, "c.mapping.yaml"): test.text} {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			v := serve(t, Config{State: filepath.Join(dir, "state"), Files: []string{file}})
			s := v.store.list()[0]
			if _, err := s.understand(t.Context()); err != nil {
				t.Fatal(err)
			}
			if m, err := mappings.Parse("x", []byte(test.text)); name == "joins" && (err != nil || len(m.Joins()) != 1) {
				t.Fatal("the mapping joins nothing in", err)
			}
			text, err := os.ReadFile(s.mappingPath())
			if err != nil || (string(text) == test.text) != test.taken {
				t.Errorf("it begins with\n%s%v", text, err)
			}
		})
	}
}

// TestTwoReadings: where an encoding is in doubt, a person chooses by a word, and the file is read again at once.
func TestTwoReadings(t *testing.T) {
	c := begun(t, "c.csv", "Name;Ort\nJ\xf6rg M\xfcller;K\xf6ln\nRen\xe9;Paris\nZo\xeb;Z\xfcrich\n")
	l := c.s.look(t.Context())
	words := map[string]string{}
	for _, r := range l.Readings {
		words[r.Encoding] = r.Word
	}
	if words["Windows-1252"] != "Jörg Müller" || words["Mac Roman"] == "" || words["Mac Roman"] == words["Windows-1252"] {
		t.Fatalf("the readings are %v", words)
	}
	if len(c.s.record.Reading) != 0 {
		t.Errorf("looking has changed how the file is read: %v", c.s.record.Reading)
	}
	c.s.setReading("encoding", "Mac Roman")
	if err := c.s.reread(true); err != nil {
		t.Fatal(err)
	}
	if l = c.s.look(t.Context()); l.Rows[0].Cells[0] != words["Mac Roman"] {
		t.Errorf("read again it is %q", l.Rows[0].Cells[0])
	}
}
