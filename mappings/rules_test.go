package mappings

import (
	"fmt"
	"strings"
	"testing"
)

// ruled maps one row by a mapping with these rules, and gives the codes of its problems with the columns; ~ stands
// before warnings.
func ruled(t *testing.T, rules string, columns, cells []string, o BindOptions) string {
	t.Helper()
	m, err := Parse("t", []byte("version: 1\nunmapped: ignore\nregion: NL\ncolumns: {id: externalId}\nrules:\n"+rules))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := m.Bind(columns, o)
	if err != nil {
		t.Fatal(err)
	}
	var rec Record
	row := make([][]byte, len(cells))
	for i, c := range cells {
		row[i] = []byte(c)
	}
	plan.Map(row, nil, &rec)
	var said []string
	for _, p := range rec.Problems {
		severity := ""
		if p.Warning {
			severity = "~"
		}
		said = append(said, fmt.Sprintf("%s%s@%d %s", severity, strings.TrimPrefix(p.Code, "rule."), p.Column, p.Detail))
	}
	return strings.Join(said, "; ")
}

func TestRules(t *testing.T) {
	for _, c := range []struct{ rule, cell, want string }{
		{"{column: x, required: true}", "", "required@1 "},
		{"{column: x, required: true}", " \u200b ", "required@1 "},
		{"{column: x, required: true}", "a", ""},
		{"{column: x, required: true, say: every buyer has one}", "", "required@1 every buyer has one"},
		{"{column: X , required: true}", "", "required@1 "},
		{`{column: x, pattern: '[A-Z]{2}\d+'}`, "AB12", ""},
		{`{column: x, pattern: '[A-Z]{2}\d+'}`, " AB12 ", ""},
		{`{column: x, pattern: '[A-Z]{2}\d+'}`, "", ""},
		{`{column: x, pattern: '[A-Z]{2}\d+'}`, "AB12x", `pattern@1 the whole cell in the form [A-Z]{2}\d+`},
		{`{column: x, pattern: 'a|b'}`, "ab", `pattern@1 the whole cell in the form a|b`},
		{"{column: x, range: {min: 18, max: 120}}", "18", ""},
		{"{column: x, range: {min: 18, max: 120}}", "17.99", "range@1 a number, 18 to 120"},
		{"{column: x, range: {min: 18}}", "many", "range@1 a number, at least 18"},
		{"{column: x, range: {max: 2024-12-31}}", "2024-12-31", ""},
		{"{column: x, range: {max: 2024-12-31}}", "2025-01-01", "range@1 a date, at most 2024-12-31"},
		{"{column: x, length: {max: 3}}", "abcd", "length@1 at most 3 characters"},
		{"{column: x, length: {min: 2, max: 3}}", "éé", ""},
		{"{column: x, length: 2}", "😀", ""},
		{"{column: x, length: 3}", "ab", "length@1 exactly 3 characters"},
		{"{column: x, one-of: [gold, silver, yes, 7]}", "yes", ""},
		{"{column: x, one-of: [gold, silver, yes, 7]}", "7", ""},
		{"{column: x, one-of: [gold, silver]}", "Gold", "one_of@1 one of gold, silver"},
		{"{column: x, one-of: [gold], severity: warning}", "tin", "~one_of@1 one of gold"},
		{"{check: num(x) < num(y)}", "1", ""},
		{"{check: num(x) < num(y), say: x is below y}", "9", "check@1 x is below y"},
		{"{column: y, check: num(x) < num(y)}", "9", "check@2 num(x) < num(y)"},
		{"{check: num(x) < 5}", "many", "cell.derived@1 num finds no number, in the rule in line 6 of the mapping"},
		{"{column: x, required: true, when: y == '5'}", "", "required@1 "},
		{"{column: x, required: true, when: y == '6'}", "", ""},
		{"{column: x, pattern: 'a+', length: {max: 2}}", "bbb",
			"pattern@1 the whole cell in the form a+; length@1 at most 2 characters"},
	} {
		if got := ruled(t, "  - "+c.rule+"\n", []string{"id", "x", "y"}, []string{"1", c.cell, "5"},
			BindOptions{}); got != c.want {
			t.Errorf("%s of %q: %s, want %s", c.rule, c.cell, got, c.want)
		}
	}
}

// What a range compares is what the column means: its layout and decimal mark hold.
func TestRangeReadsAsTheColumn(t *testing.T) {
	m, err := Parse("t", []byte("version: 1\ncolumns: {id: externalId, born: {to: birthdayAt, layout: DD.MM.YYYY}, "+
		"sum: {to: custom.sumNum, decimal: ','}}\n"+
		"rules: [{column: born, range: {min: 1900-01-01}}, {column: sum, range: {max: 1000}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := m.Bind([]string{"id", "born", "sum"}, BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for row, want := range map[string]int{"1|31.12.1950|999,5": 0, "1|01.02.1899|999,5": 1, "1|31.12.1950|1.000,5": 1} {
		var cells [][]byte
		for _, c := range strings.Split(row, "|") {
			cells = append(cells, []byte(c))
		}
		var rec Record
		if plan.Map(cells, nil, &rec); len(rec.Problems) != want {
			t.Errorf("%s: %+v", row, rec.Problems)
		}
	}
}

// A rule of a column that the file lacks is a mistake, and where columns may be missing a cell that must be filled is
// not.
func TestRuleWithoutColumn(t *testing.T) {
	m, err := Parse("t", []byte("version: 1\ncolumns: {id: externalId}\nrules: [{column: e-male, required: true}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Bind([]string{"id", "e-mail"}, BindOptions{Unmapped: Ignore}); err == nil ||
		!strings.Contains(err.Error(), `it has "e-mail"`) {
		t.Errorf("%v", err)
	}
	plan, err := m.Bind([]string{"id"}, BindOptions{Missing: Ignore})
	if err != nil {
		t.Fatal(err)
	}
	var rec Record
	if plan.Map([][]byte{[]byte("1")}, nil, &rec); len(rec.Problems) != 1 || rec.Problems[0].Code != codeRuleRequired ||
		rec.Problems[0].Column != -1 {
		t.Errorf("%+v", rec.Problems)
	}
}

// What is asked of several rows together is a key: blank cells are not asked, capitals and space at the ends make no
// difference.
func TestUniqueKeys(t *testing.T) {
	m, err := Parse("t", []byte("version: 1\nunmapped: ignore\ncolumns: {id: externalId}\nrules:\n"+
		"  - {column: x, unique: true, when: y != ''}\n  - {unique: [x, y]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := m.Bind([]string{"id", "x", "y"}, BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	keys := func(cells ...string) (all []string) {
		var rec Record
		row := [][]byte{[]byte("1"), []byte(cells[0]), []byte(cells[1])}
		plan.Map(row, nil, &rec)
		for i := range plan.Rules() {
			key, asked := plan.AppendUnique(nil, i, &rec)
			all = append(all, fmt.Sprintf("%v%q", asked, key))
		}
		return all
	}
	for _, c := range []struct{ x, y, want string }{
		{"A b", "C", `[true"x\x00a b\x00" true"x\x00y\x00a b\x00c\x00"]`},
		{" a B\u00a0", "c", `[true"x\x00a b\x00" true"x\x00y\x00a b\x00c\x00"]`},
		{"a", "", `[false"" false"x\x00y\x00a\x00"]`},
		{"", "c", `[false"x\x00" false"x\x00y\x00"]`},
	} {
		if got := fmt.Sprint(keys(c.x, c.y)); got != c.want {
			t.Errorf("%q, %q: %s, want %s", c.x, c.y, got, c.want)
		}
	}
}

func FuzzRules(f *testing.F) {
	f.Add("[{column: a, required: true}]", "x")
	f.Add("[{column: a, range: {min: 1, max: 2024-01-01}}]", "1.5")
	f.Add("[{unique: [a, b]}, {check: 'num(a) > 1', when: b != ''}]", "")
	f.Fuzz(func(t *testing.T, rules, cell string) {
		m, err := Parse("t", []byte("version: 1\ncolumns: {id: externalId}\nunmapped: ignore\nmissing: ignore\nrules: "+rules+
			"\n"))
		if err != nil {
			return
		}
		plan, err := m.Bind([]string{"id", "a", "b"}, BindOptions{})
		if err != nil {
			return
		}
		var rec Record
		plan.Map([][]byte{[]byte("1"), []byte(cell), []byte("2")}, nil, &rec)
	})
}
