package mappings

import (
	"strings"
	"testing"
)

// Examples that hold, and those that do not: the first difference, at the example's place.
func TestExamples(t *testing.T) {
	const head = `version: 1
skip: Role == "staff"
columns:
  Name: name
  Mail: {to: emails, split: ";"}
  Score: custom.scoreNum
  Born: {to: birthdayAt, layout: DD.MM.YYYY}
  Id: externalId
  Role: ignore
examples:
`
	for _, c := range []struct{ example, want string }{
		{`{given: {Name: Ann, Score: 4.50, Id: 007, Mail: a@x.org}, wanted: {name: Ann, externalId: "007", emails: [{email: a@x.org}], custom: {scoreNum: 4.5}}}`, ""},
		{`{given: {Id: 7}, wanted: {externalId: 7}}`, ""},
		{`{given: {Role: staff}, wanted: skipped}`, ""},
		{`{given: {Born: 31.13.2000}, wanted: {problem: cell.date}}`, ""},
		{`{given: {Mail: [a@x.org, b@x.org], Name: null}, wanted: {emails: [{email: a@x.org}, {email: b@x.org}]}}`, ""},
		{`{given: {Name: Ann}, wanted: {name: Bea}}`, `name is "Ann", wanted "Bea"`},
		{`{given: {Name: Ann}, wanted: {}}`, `name is "Ann", and nothing is wanted there`},
		{`{given: {Name: Ann}, wanted: {name: Ann, locale: nl}}`, `locale is missing, wanted "nl"`},
		{`{given: {Mail: a@x.org;b@x.org}, wanted: {emails: [{email: a@x.org}]}}`, `emails has 2 items, wanted 1`},
		{`{given: {Mail: a@x.org}, wanted: {emails: [{email: b@x.org}]}}`, `emails.0.email is "a@x.org", wanted "b@x.org"`},
		{`{given: {Role: staff}, wanted: {name: x}}`, `the row is skipped`},
		{`{given: {Role: client}, wanted: skipped}`, `the row is not skipped`},
		{`{given: {Born: soon}, wanted: {problem: cell.bool}}`, `cell.date in "Born": expected a date like DD.MM.YYYY`},
		{`{given: {Name: Ann}, wanted: {problem: cell.bool}}`, `no problem is found`},
		{`{given: {Shoe: 44}, wanted: {}}`, `column "Shoe" is not mapped yet (did you mean Score? add  "Shoe": custom.scoreNum)`},
	} {
		m, err := Parse("x", []byte(head+"  - "+c.example+"\n"))
		if err != nil {
			t.Errorf("%s: %v", c.example, err)
			continue
		}
		got := ""
		if err := m.Try(BindOptions{}); err != nil {
			got = strings.TrimPrefix(err.Error(), "x:11:5: the example does not hold: ")
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.example, got, c.want)
		}
	}
}
