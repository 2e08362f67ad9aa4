package engage

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"muster/schema/klass"
)

// Each wrong value of each type, and each right one beside it.
func TestEngageValues(t *testing.T) {
	choices := []string{"red", "blue", "dark blue"}
	for kind, values := range map[string]struct {
		code         string
		right, wrong []string
	}{
		"Number": {"cell.number", []string{"0", "65535", "3.1415926", " 7 ", "", "007", "3,14", "3,1415926", "0,125",
			"1234,567", "12,5"}, []string{"1,234", "12,345", "999,000", "3,", ",5", "1,2,3", "1.234,5", "-5", "1e5", "1 000",
			"many", "3.", ".5", "٣"}},
		"Text":          {"", []string{"Champ de Mars, 5 Av. Anatole France, 75007 Paris, France", "", "a"}, nil},
		"Word":          {"cell.word", []string{"ClassOf2023", "été", ""}, []string{"Class of 2023", "class-of", "a,b", "a\tb"}},
		"Single choice": {"cell.choice", []string{"red", " blue ", "dark blue", ""}, []string{"Red", "green", "red;blue"}},
		"Multiple choice": {"cell.choice", []string{"red", "red;blue", "blue, dark blue", "red | blue", ""},
			[]string{"red;green", "Red", ";", "red;red"}},
		"Location": {"cell.location", []string{"48.8584,2.2945", "-33.8, 151.2", "https://maps.app.goo.gl/abc",
			"https://www.google.com/maps/place/Paris", "https://maps.google.nl/?q=1,2", ""},
			[]string{"Paris", "91,0", "0,181", "1", "1,2,3", "https://example.com/maps", "https://google.com.evil.example/maps",
				"0x1p2,3"}},
		"Date": {"cell.date", []string{"2023-04-01", "2020-02-29", ""},
			[]string{"2021-02-29", "01.04.2023", "2023-04-01T09:30:00Z", "2023-04-01 09:30", "tomorrow"}},
		"Time": {"cell.time", []string{"09:30", "00:00", "23:59", ""},
			[]string{"9:30", "09:30:15", "24:00", "9:30 AM", "09.30", "noon"}},
	} {
		p := Definition{Name: "x", Type: kind, Choices: choices}
		for _, cell := range values.right {
			if m := p.Check(cell); m != nil {
				t.Errorf("%s: %q is %s", kind, cell, m.Code)
			}
		}
		for _, cell := range values.wrong {
			m := p.Check(cell)
			if m == nil || m.Code != values.code || m.Expected == "" {
				t.Errorf("%s: %q is %+v", kind, cell, m)
			}
		}
	}
	types := PropertyTypes()
	if len(types) != 8 {
		t.Errorf("%d types", len(types))
	}
}

// A number is a phone number where the channel says so, and nowhere else.
func TestEngageNumberHangsOnTheChannel(t *testing.T) {
	for channel, want := range map[string]string{
		"whatsapp": `number: [{to: phones, type: mobile, prefix: "+"}, {to: whatsapps, prefix: "+"}]`,
		"WhatsApp": `number: [{to: phones, type: mobile, prefix: "+"}, {to: whatsapps, prefix: "+"}]`,
		"sms":      `number: {to: phones, type: mobile, prefix: "+"}`,
		"telegram": `number: {to: externalId, prefix: 'telegram:'}`,
		"viber":    `number: {to: externalId, prefix: 'viber:'}`,
	} {
		d, err := ParseDefinitions("p.csv", []byte("name,type\nage,Number\n"), channel)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(d.Mapping()); !strings.Contains(text, want) ||
			(d.Channel != "whatsapp") == strings.Contains(text, "whatsapps") {
			t.Errorf("%s:\n%s", channel, text)
		}
		if m := d.CheckNumber("15 55"); (m == nil) != d.IsPhone() {
			t.Errorf("%s: %v", channel, m)
		}
		if m := d.CheckNumber("1.23E+12"); (m == nil) != d.IsPhone() {
			t.Errorf("%s: %v", channel, m)
		}
		if m := d.CheckNumber(" "); m == nil || m.Code != "schema.required" {
			t.Errorf("%s: a blank number is %v", channel, m)
		}
	}
	d := &Definitions{Channel: "telegram"}
	if d.NumberBack("telegram:99") != "99" || (&Definitions{Channel: "whatsapp"}).NumberBack("+1555") != "1555" {
		t.Error("a number does not come back")
	}
}

func TestEngageFileMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"name,type\nfavourite colour,Word\n":  `p:2: the name "favourite colour" has a space in it`,
		"name,type\nage,Integer\n":            `p:2: "Integer" is none of the types Number, Text, Word, Single choice`,
		"name,type\nage,Number\nAge,Number\n": "p:3: Age stands there twice",
		"name,type\nnumber,Number\n":          "p:2: number is there by default",
		"name,type\n,Number\n":                "p:2: the property has no name",
		"name,type\ncolour,Single choice\n": "p:2: colour is Single choice and has " +
			"no choices",
		"name,type,choices\nage,Number,1|2\n":      "p:2: age is Number, which has no choices",
		"name,type,choices\nc,Single choice,a|a\n": `p:2: c has the choice "a" twice`,
		"name,type\n字,Word\n":                      "p:2: no attribute's name can be made of",
		"name,type\na_b,Word\naB,Word\n": "p:3: a_b and aB would both become the " +
			"attribute abStr",
		"name,type,shown to the customer\nage,Number,maybe\n":                     `p:2: age: shown to the customer is "maybe", which is neither yes nor no`,
		"properties:\n- {name: x, type: Word, agent: often}":                      `p:2: x: shown to the agent is "often"`,
		"name,type,icon\nage,Number,x\n":                                          `p:1: no column is called "icon"`,
		"name,type\n":                                                             "p:1: no property is in the file",
		"name,type\n\"x\ny,Word\n":                                                "p:",
		"properties: {}":                                                          "p:1: properties are a list",
		"properties:\n- name: x\n  kind: Word\n":                                  "p:3: a property has no key \"kind\"",
		"properties:\n- name: x\n  type: Multiple choice\n  choices: [\"a;b\"]\n": "p:2: x: the choice \"a;b\" holds one of",
	} {
		_, err := ParseDefinitions("p", []byte(text), "whatsapp")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, channel := range []string{"", "what app"} {
		if _, err := ParseDefinitions("p", []byte("name,type\nage,Number\n"), channel); err == nil {
			t.Errorf("channel %q is taken", channel)
		}
	}
}

// The sample, and the same as YAML, become the same attributes; nothing else is taken for definitions.
func TestEngageForms(t *testing.T) {
	table, err := os.ReadFile("../../samples/engage/properties.csv")
	if err != nil {
		t.Fatal(err)
	}
	semicolons := bytes.ReplaceAll(table, []byte(","), []byte(";"))
	list := []byte(`channel: telegram
properties:
- {name: loyaltyPoints, label: Loyalty points, type: number, customer: yes, access: Everyone}
- {name: favouriteColour, label: Favourite colour, type: single choice, choices: [red, blue]}
`)
	for name, text := range map[string][]byte{"commas": table, "semicolons": semicolons, "YAML": list} {
		d, err := ParseDefinitions("p", text, "whatsapp")
		if err != nil || !IsDefinitions(text) {
			t.Fatalf("%s: %v", name, err)
		}
		k := d.Klass()
		found := k.Find("favouriteColourStr")
		if found == nil || found.Display != "Favourite colour" || len(found.Enumeration) < 2 ||
			k.Find("loyaltyPointsNum") == nil {
			t.Errorf("%s: %+v", name, k)
		}
		if differences := klass.Compare(k, k); len(differences) != 0 {
			t.Errorf("%s: %+v", name, differences)
		}
		if notes := strings.Join(d.Carried(), "\n"); name != "YAML" && strings.Count(notes, "no counterpart") != 3 ||
			!strings.Contains(notes, "who may see") {
			t.Errorf("%s: %s", name, notes)
		}
	}
	for _, text := range []string{"", "version: 1\nkind: customer\ncolumns: {}\n", "externalId,name\n1,Ana\n",
		"klasses: {}\n"} {
		if IsDefinitions([]byte(text)) {
			t.Errorf("%q is taken for definitions", text)
		}
	}
}

// A decimal comma becomes a point, and nothing else changes.
func TestEngagePoint(t *testing.T) {
	for cell, want := range map[string]string{"3,14": "3.14", " 0,125 ": "0.125", "1234,567": "1234.567", "1,234": "1,234",
		"3.14": "3.14", "": "", "1,2,3": "1,2,3", "a,5": "a,5"} {
		if got := Point(cell); got != want {
			t.Errorf("%q is %q, want %q", cell, got, want)
		}
	}
}

// What the import did to a value can be undone.
func TestEngageValuesComeBack(t *testing.T) {
	for kind, pair := range map[string][2]string{"Date": {"2023-04-01T00:00:00.000Z", "2023-04-01"},
		"Time": {"09:30", "09:30"}, "Multiple choice": {"a;b", "a;b"}} {
		if got := (&Definition{Type: kind}).Back(pair[0]); got != pair[1] {
			t.Errorf("%s: %q", kind, got)
		}
	}
}
