package mappings

import (
	"strings"
	"testing"
)

// What presets ask of the mapping language: a mapping, columns, a row, and the payload or the
// mistakes that come of them; | stands between cells.
func TestMappingsForManyFiles(t *testing.T) {
	for _, c := range []struct{ name, mapping, columns, row, want string }{
		{"numbered columns", "columns:\n  E-mail {n} - Value: emails[{n}]\n" +
			"  E-mail {n} - Label: {to: 'emails[{n}].type', values: {Work: work, '* work': work}, otherwise: other}",
			"E-mail 2 - Value|E-mail 1 - Label|E-mail 1 - Value|E-mail 2 - Label", "b@x.org|* Work|a@x.org|Kom",
			`{"emails":[{"email":"b@x.org","type":"other"},{"email":"a@x.org","type":"work"}]}`},
		{"a number without its value makes nothing", "columns:\n  Phone {n} - Value: phones[{n}]\n  Phone {n} - Label: ignore", "Phone 1 - Label|Phone 1 - Value", "Work|", `{}`},
		{"plain names before wildcards", "columns:\n  'Mail 1': ignore\n  'Mail {n}': emails", "Mail 1|Mail 2",
			"a@x.org|b@x.org", `{"emails":[{"email":"b@x.org"}]}`},
		{"pieces", "columns:\n  M: {to: emails, split: ':::'}", "M", "a@x.org ::: b@x.org",
			`{"emails":[{"email":"a@x.org"},{"email":"b@x.org"}]}`},
		{"attributes by wildcard", "columns:\n  '{*} (metadata)': custom\n  'n_{*}': {to: custom, as: Num}",
			"plan tier (metadata)|n_seats", "gold|5", `{"custom":{"planTierStr":"gold","seatsNum":5}}`},
		{"apostrophes", "apostrophes: strip\ncolumns:\n  ID: externalId\n  N: name\n  P: phones\n  Z: locations.zip",
			"ID|N|P|Z", "'721|'t Hart|'+31612345678|'1234AB",
			`{"name":"'t Hart","externalId":"721","phones":[{"phone":"+31612345678"}],"locations":[{"zipCode":"1234AB"}]}`},
		{"apostrophes stay", "columns:\n  ID: externalId", "ID", "'721", `{"externalId":"'721"}`},
		{"values", "columns:\n  S: {to: custom.tierStr, values: {'Gold Member': gold, none: null}}", "S", "GOLD MEMBER",
			`{"custom":{"tierStr":"gold"}}`},
		{"values that are blank", "columns:\n  S: {to: birthdayAt, values: {0/0/00: null}, layout: M/D/YYYY}", "S", "0/0/00",
			`{}`},
		{"values unknown stay", "columns:\n  S: {to: custom.tierStr, values: {a: b}}", "S", "c",
			`{"custom":{"tierStr":"c"}}`},
		{"prefix", "columns:\n  P: {to: phones, prefix: +}", "P", "31612345678", `{"phones":[{"phone":"+31612345678"}]}`},
		{"prefix there", "columns:\n  P: {to: phones, prefix: +}", "P", "+31612345678",
			`{"phones":[{"phone":"+31612345678"}]}`},
		{"trim", "columns:\n  T: {to: tags, split: '\",\"', trim: '\"'}", "T", `"VIP","Blog, old"`,
			`{"tags":["VIP","Blog, old"]}`},
		{"trim and values", "columns:\n  T: {to: tags, split: ':::', trim: '* ', values: {myContacts: null}}", "T",
			`* myContacts ::: Work`, `{"tags":["Work"]}`},
		{"skip", "skip: {role: [admin, agent], suspended: 'true'}\ncolumns:\n  name: name", "name|role|suspended",
			"Ann|Agent|no", "skipped"},
		{"skip not", "skip: {role: [admin, agent]}\ncolumns:\n  name: name", "name|role", "Ann|end-user", `{"name":"Ann"}`},
		{"first of doubles", "doubles: first\ncolumns:\n  P: phones", "P|P", "+31612345678|+31612345679",
			`{"phones":[{"phone":"+31612345678"}]} - P, an earlier column has its name`},
		{"pick", "columns:\n  E: {to: emails, pick: original}", "E",
			`[{"original":"a@x.org","primary":true},{"normalized":"n"},"b@x.org"]`,
			`{"emails":[{"email":"a@x.org"},{"email":"b@x.org"}]}`},
		{"otherwise alone", "columns:\n  S: {to: name, otherwise: x}", "S", "a",
			"x.yaml:3:28: column \"S\": otherwise goes with values (add values:, or take it off)"},
		{"number nowhere", "columns:\n  S: 'emails[{n}]'", "S", "a",
			"x.yaml:3:6: \"emails[{n}]\" has {n} and its column has not (write the number, or {n} in the column's name too)"},
		{"match", "match: {name: x}\ncolumns:\n  S: name", "S", "a",
			"x.yaml:2:8: match has no must (name the columns that are always there)"},
		{"filter's column", "skip: {role: a}\ncolumns:\n  S: name", "S", "a",
			"the file has no column \"role\", by which the mapping skips rows (take it off skip, or name a column of the file)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mapOne(c.mapping, c.columns, c.row, nil); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Where the org is known, its own attributes are found and those it lacks are left out, and named.
func TestAttributesOfTheOrg(t *testing.T) {
	org := []Attribute{{Name: "planTierStr", Display: "Plan", Active: true}, {Name: "seatsNum", Active: true},
		{Name: "oldStr", Active: false}}
	mapping := "attributes: ignore\nunmapped: ignore\ncolumns:\n  '{*} (metadata)': custom\n  Gone: custom.goneStr\n" +
		"  Old: custom.oldStr\nconstants: {custom.noneStr: x}"
	got := mapOne(mapping, "Plan (metadata)|seats (metadata)|other (metadata)|Gone|Old|Free", "gold|5|x|x|x|x", org)
	want := `{"custom":{"planTierStr":"gold","seatsNum":5}} - other (metadata), the org has no attribute otherStr - Gone, the org has no attribute goneStr - Old, the org has no attribute oldStr - Free, nothing takes it`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func mapOne(mapping, columns, row string, org []Attribute) string {
	m, err := Parse("x.yaml", []byte("version: 1\n"+mapping))
	if err != nil {
		return err.Error()
	}
	names := strings.Split(columns, "|")
	p, err := m.Bind(names, BindOptions{Attributes: org})
	if err != nil {
		return err.Error()
	}
	var kinds []byte
	cells := cellsOf(strings.Split(row, "|"))
	for _, c := range cells {
		kinds = append(kinds, '"')
		if len(c) > 0 && c[0] == '[' {
			kinds[len(kinds)-1] = '['
		}
	}
	var rec Record
	p.Map(cells, kinds, &rec)
	if rec.Skipped {
		return "skipped"
	}
	got := string(p.AppendJSON(nil, &rec))
	for _, one := range rec.Problems {
		got += " ! " + one.Code
	}
	for i, use := range p.Uses {
		if use.Kind == LeftOut {
			got += " - " + names[i] + ", " + use.Why
		}
	}
	return got
}
