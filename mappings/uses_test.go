package mappings

import (
	"strings"
	"testing"
)

// Every column of a file has one use, and what leaves it out says why.
func TestUses(t *testing.T) {
	org := []Attribute{{Name: "tierStr", Active: true}}
	for name, test := range map[string]struct {
		mapping, columns string
		options          BindOptions
		want             string
	}{
		"sent": {"columns: {A: name}", "A", BindOptions{}, "A=sent"},
		"joined": {`columns: {A: {to: name, join: " "}, B: {to: name, join: " "}}`, "A,B", BindOptions{},
			"A=sent B=sent"},
		"derived":       {`derived: {name: "{A} {B}"}`, "A,B", BindOptions{}, "A=sent B=sent"},
		"read, ignored": {`derived: {name: "{A}"}` + "\ncolumns: {A: ignore}", "A", BindOptions{}, "A=sent"},
		"derived, lacks": {`derived: {custom.goneStr: "{A}"}` + "\nattributes: ignore", "A", BindOptions{Attributes: org},
			"A=left out (goneStr)"},
		"filter":         {"skip: {A: x}", "A", BindOptions{}, "A=sifts"},
		"expression":     {"skip: A == B", "A,B", BindOptions{}, "A=sifts B=sifts"},
		"filter, sent":   {"skip: {A: x}\ncolumns: {A: name}", "A", BindOptions{}, "A=sent"},
		"ignored":        {"columns: {A: ignore}", "A", BindOptions{}, "A=ignored"},
		"undecided":      {"columns: {A: undecided}", "A", BindOptions{}, "A=left out"},
		"undecided name": {"columns: {name: undecided}", "name", BindOptions{}, "name=left out"},
		"unmapped":       {"unmapped: ignore", "A", BindOptions{}, "A=left out"},
		"lacks": {"attributes: ignore\ncolumns: {A: custom.goneStr, B: custom.tierStr}", "A,B",
			BindOptions{Attributes: org}, "A=left out (goneStr) B=sent"},
		"created": {"attributes: ignore\ncolumns: {A: custom.goneStr}", "A",
			BindOptions{Attributes: org, Create: true}, "A=sent"},
		"by its name": {"unmapped: ignore", "custom.goneStr", BindOptions{Attributes: org},
			"custom.goneStr=left out (goneStr)"},
		"no such": {"", "custom.goneStr", BindOptions{Attributes: org}, "custom.goneStr=sent"},
		"flag": {"columns: {A: name}", "A,B,C d", BindOptions{Ignore: []string{"A", "B", "c_D"}},
			"A=ignored B=ignored C d=ignored"},
		"by its place": {"columns: {A: name, column 2: ignore}", "A,,", BindOptions{Ignore: []string{"column 3"}},
			"A=sent =ignored =ignored"},
		"a second one": {"doubles: first\ncolumns: {A: name}", "A,A", BindOptions{Ignore: []string{}}, "A=sent A=left out"},
		"members":      {"", "custom,custom.aStr", BindOptions{}, "custom=sent custom.aStr=sent"},
		"a join's key": {"unmapped: ignore", "A", BindOptions{Keys: []int{0}}, "A=sent"},
	} {
		t.Run(name, func(t *testing.T) {
			columns := strings.Split(test.columns, ",")
			p := bound(t, "version: 1\n"+test.mapping, test.columns, test.options)
			if len(p.Uses) != len(columns) {
				t.Fatalf("%d columns have %d uses", len(columns), len(p.Uses))
			}
			var got []string
			for i, use := range p.Uses {
				word := columns[i] + "=" + [...]string{"sent", "sifts", "ignored", "left out"}[use.Kind]
				if use.Lacks != "" {
					word += " (" + use.Lacks + ")"
				}
				if (use.Kind == LeftOut || use.Kind == Sifts) != (use.Why != "") {
					t.Errorf("%s: why is %q", word, use.Why)
				}
				got = append(got, word)
			}
			if all := strings.Join(got, " "); all != test.want {
				t.Errorf("got %s, want %s", all, test.want)
			}
		})
	}
}

// What is a system name already stays as it is.
func TestSystemNamesStay(t *testing.T) {
	for column, want := range map[string]string{
		"custom.shoeSizeNum": "shoeSizeNum", "customShoeSizeNum": "shoeSizeNum", "custom/shoeSizeNum": "shoeSizeNum",
		"custom_shoe_size": "shoeSize",
		"shoeSizeNum":      "shoeSizeNum", "customFoo": "foo", "customer": "customer", "Customer Tier": "customerTier",
		"custom": "custom", "ABCStr": "abcStr",
	} {
		if got, _ := SystemName(column); got != want {
			t.Errorf("%s becomes %s, want %s", column, got, want)
		}
	}
	for _, column := range []string{"custom.shoeSizeNum", "customShoeSizeNum", "shoeSizeNum"} {
		p := bound(t, "version: 1\nunmapped: custom", column,
			BindOptions{Attributes: []Attribute{{Name: "otherStr", Active: true}}})
		if got := p.Slots[0].Path; got != "custom.shoeSizeNum" {
			t.Errorf("unmapped: custom sends %s to %s", column, got)
		}
	}
	p := bound(t, "version: 1", "custom.shoeSizeNum",
		BindOptions{Attributes: []Attribute{{Name: "otherStr", Active: true}}})
	if got := p.Slots[0].Path; got != "custom.shoeSizeNum" {
		t.Errorf("an attribute that the org lacks goes to %s", got)
	}
}

// With bad-cells: drop a record goes without the cell, the whole of it and nothing else, but for what says who it is.
func TestBadCellsGo(t *testing.T) {
	const drop = "version: 1\nbad-cells: drop\n"
	for name, test := range map[string]struct{ mapping, columns, row, want string }{
		"a cell": {drop + "columns: {A: name, B: birthdayAt}", "A,B", "Ann|soon", `{"name":"Ann"} - cell.date`},
		"one of a place": {drop + "columns: {A: 'locations[home].city', B: 'locations[home].latitude'}", "A,B", "Utrecht|x",
			`{"locations":[{"type":"home","cityName":"Utrecht"}]} - cell.number`},
		"an item's only": {drop + "columns: {A: 'locations[home].latitude', B: 'locations[work].city'}", "A,B", "x|Utrecht",
			`{"locations":[{"type":"work","cityName":"Utrecht"}]} - cell.number`},
		"all of a cell": {drop + `columns: {A: {to: urls, split: ";"}, B: name}`, "A,B", "https://a.example.com;x y|Ann",
			`{"name":"Ann"} - cell.url`},
		"an identity": {drop + "columns: {A: name, B: phones}", "A,B", "Ann|call me", `{"name":"Ann"} ! cell.phone`},
		"its flag": {drop + "columns: {A: 'emails[work]', B: 'emails[work].verified'}", "A,B",
			"a@x.example.com|perhaps", `{"emails":[{"email":"a@x.example.com","type":"work"}]} - cell.bool`},
		"a derived one": {drop + `derived: {custom.nNum: {expr: num(A)}}` + "\ncolumns: {A: name}", "A", "Ann",
			`{"name":"Ann"} - cell.derived`},
		"a derived id": {drop + `derived: {externalId: {expr: "string(num(A))"}}` + "\ncolumns: {A: name}", "A", "Ann",
			`{"name":"Ann"} ! cell.derived`},
		"by its column": {"version: 1\ncolumns: {A: name, B: {to: birthdayAt, bad-cells: drop}, C: {to: signedUpAt}}",
			"A,B,C", "Ann|soon|then", `{"name":"Ann"} ! cell.date - cell.date`},
		"kept by a column": {drop + "columns: {A: name, B: {to: birthdayAt, bad-cells: refuse}}", "A,B", "Ann|soon",
			`{"name":"Ann"} ! cell.date`},
		"refused": {"version: 1\ncolumns: {A: name, B: birthdayAt}", "A,B", "Ann|soon",
			`{"name":"Ann"} ! cell.date`},
		"the revision": {drop + "columns: {A: name, B: rev}", "A,B", "Ann|x", `{"name":"Ann"} ! cell.number`},
	} {
		t.Run(name, func(t *testing.T) {
			p := bound(t, test.mapping, test.columns, BindOptions{})
			var rec Record
			p.Map(splitCells(test.row), nil, &rec)
			got := string(p.AppendJSON(nil, &rec))
			for _, one := range rec.Problems {
				got += map[bool]string{true: " - ", false: " ! "}[one.Dropped] + one.Code
			}
			if got != test.want {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
		})
	}
	p := bound(t, "version: 1\ncolumns: {A: name, B: birthdayAt}", "A,B", BindOptions{BadCells: "drop"})
	var rec Record
	p.Map(splitCells("Ann|soon"), nil, &rec)
	if len(rec.Problems) != 1 || !rec.Problems[0].Dropped {
		t.Error("the run's own word does not stand before the mapping's")
	}
	p.Map(splitCells("Ann|2001-02-03"), nil, &rec)
	cell, goes := p.Goes(&rec, "birthdayAt")
	p.Strip(&rec, cell)
	if !goes || string(p.AppendJSON(nil, &rec)) != `{"name":"Ann"}` {
		t.Error("what the schema finds at a place stays in the record")
	}
}
