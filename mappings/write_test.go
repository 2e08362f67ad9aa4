package mappings

import (
	"fmt"
	"testing"
)

// What a blank cell does, and what a text that clears, is the column's; else the mapping's.
func TestBlankAndClear(t *testing.T) {
	for _, c := range []struct{ head, entry, cell, want string }{
		{"", "username", " ", `{}`},
		{"", "{to: username, blank: clear}", " ", `{"username":null}`},
		{"", "{to: username, blank: clear}", "ann", `{"username":"ann"}`},
		{"", "{to: username, values: {none: null}}", "none", `{}`},
		{"", "{to: username, values: {none: null}, blank: clear}", "None", `{"username":null}`},
		{"", "{to: username, clear: NULL}", "null", `{"username":null}`},
		{"", "{to: custom.vipBool, clear: [NULL, '#N/A']}", "#n/a", `{"custom":{"vipBool":null}}`},
		{"", "{to: custom.vipBool, clear: [NULL, '#N/A']}", "", `{}`},
		{"clear: '#N/A'", "birthdayAt", "#N/A", `{"birthdayAt":null}`},
		{"clear: '#N/A'", "emails", "#N/A", `{}`}, // an address cannot be cleared
		{"clear: '#N/A'", "{to: emails, split: ';'}", "a@x.org;#N/A", `{"emails":[{"email":"a@x.org"}]}`},
		{"clear: '#N/A'", "locations.country", "#N/A", `{}`}, // code or name: which, the text does not say
		{"blank: clear", "username", "", `{"username":null}`},
		{"blank: clear", "{to: username, blank: ignore}", "", `{}`},
		{"skip_blank: false", "username", "", `{"username":null}`},
		{"blank: clear\nnulls: ignore", "username", "", `{"username":null}`},
		{"blank: clear", "emails", "", `{}`}, // what a row adds to a list takes nothing away
		{"blank: clear\nwrite: overwrite", "emails", "", `{"emails":[]}`},
		{"blank: clear\nwrite: overwrite", "tags", " ", `{"tags":[]}`},
		{"blank: clear\nwrite: overwrite", "tags", "[]", `{"tags":[]}`},
		{"blank: clear\nwrite: overwrite", "tags", "a, b", `{"tags":["a","b"]}`},
		{"blank: clear\nwrite: overwrite", "'emails[work]'", "", `{}`}, // others may be there
	} {
		m, err := Parse("x", fmt.Appendf(nil, "version: 1\n%s\ncolumns:\n  A: %s\n", c.head, c.entry))
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		plan, err := m.Bind([]string{"A"}, BindOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var rec Record
		plan.Map([][]byte{[]byte(c.cell)}, nil, &rec)
		if got := string(plan.AppendJSON(nil, &rec)); got != c.want || len(rec.Problems) > 0 {
			t.Errorf("%+v: %s %v", c, got, rec.Problems)
		}
	}
}

// A list of several columns is emptied once, whichever of them are blank, and only where none has an entry.
func TestAListOfTwoColumnsIsEmptiedOnce(t *testing.T) {
	m, err := Parse("x", []byte("version: 1\nblank: clear\nwrite: overwrite\ncolumns: {A: tags, B: tags}\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := m.Bind([]string{"A", "B"}, BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for cells, want := range map[[2]string]string{{"", " "}: `{"tags":[]}`, {"", "a"}: `{"tags":["a"]}`} {
		var rec Record
		plan.Map([][]byte{[]byte(cells[0]), []byte(cells[1])}, nil, &rec)
		if got := string(plan.AppendJSON(nil, &rec)); got != want || len(rec.Problems) > 0 {
			t.Errorf("%q: %s %v, want %s", cells, got, rec.Problems, want)
		}
	}
}

// How each field is written is the column's, else the field's, else the mapping's; what is usual is not said.
func TestWrites(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"columns: {A: name, B: emails}", "map[]"},
		{"columns: {A: {to: name, write: if-empty}, B: {to: emails, write: overwrite}}",
			"map[emails:overwrite name:if-empty]"},
		{"columns: {A: {to: name, write: overwrite}, B: {to: emails, write: append}}", "map[]"},
		{"write: never\ncolumns: {A: name, B: {to: custom.tierStr, write: overwrite}}", "map[name:never]"},
		{"write: append\ncolumns: {A: name, B: emails}", "map[]"},
		{"write: overwrite\ncolumns: {A: name, B: 'locations[home].city'}", "map[locations:overwrite]"},
		{"write: {tags: overwrite, custom.sourceStr: never}\ncolumns: {A: name, B: tags}\nconstants: {custom.sourceStr: old}",
			"map[custom.sourceStr:never tags:overwrite]"},
		{"write: {name: never}\ncolumns: {A: {to: name, write: if-empty}, B: tags}",
			`column "A" says write: if-empty of name, write: says never (say it once for name)`},
		{"columns: {A: {to: emails, write: if-empty}, B: {to: emails, write: overwrite}}",
			`column "B" says write: overwrite of emails, column "A" says if-empty (say it once for emails)`},
	} {
		m, err := Parse("x", []byte("version: 1\n"+c.text+"\n"))
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		plan, err := m.Bind([]string{"A", "B"}, BindOptions{})
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprint(plan.Writes())
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
}
