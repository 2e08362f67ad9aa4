package pipeline_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// damaged is a file with damage in one column, which a cell of it shows.
type damaged struct {
	code    string
	target  string
	cells   []string
	count   int64
	first   string // the first cell concerned
	verdict string
}

func damagedColumns() []damaged {
	run := func(form string, n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf(form, i))
		}
		return list
	}
	return []damaged{
		{code: "column.zeros", target: "externalId", cells: []string{"00123", "00456", "00789", "12", "34567"}, count: 1,
			first: "B5", verdict: "stops"},
		{code: "column.zeros", target: "locations.zip", cells: append(run("1010%d", 9), "4101", "50667", "501"), count: 2,
			first: "B11", verdict: "warns"},
		{code: "column.scientific", target: "externalId", cells: []string{"a", "4.41E+11", "1E+12"}, count: 2, first: "B3",
			verdict: "rows"},
		{code: "column.scientific", target: "custom.noteStr", cells: []string{"a", "4.41E+11", "b"}, count: 1, first: "B3",
			verdict: "warns"},
		{code: "column.rounded", target: "externalId", cells: []string{"1234567890123450", "1234567890123460", "7"}, count: 2,
			first: "B2", verdict: "stops"},
		{code: "column.rounded", target: "externalId", cells: floats(true, 102938475610293007, 12), count: 12, first: "B2",
			verdict: "stops"},
		{code: "column.rounded", target: "externalId", cells: floats(false, 102938475610293008, 12), count: 12, first: "B2",
			verdict: "stops"},
		{code: "column.decimal", target: "externalId", cells: []string{"98764.0", "a", "67890.00"}, count: 2, first: "B2",
			verdict: "rows"},
		{code: "column.decimal", target: "phones", cells: []string{"+31612345670", "31612345679.0"}, count: 1, first: "B3",
			verdict: "rows"},
		{code: "column.decimal", target: "locations.zip", cells: []string{"10115.0", "SW1A 1AA"}, count: 1, first: "B2",
			verdict: "warns"},
		{code: "column.serials", target: "{to: birthdayAt}", cells: []string{"2001-01-31", "44087", "2002-01-31"}, count: 1,
			first: "B3", verdict: "rows"},
		{code: "column.serials", target: "custom.sinceStr", cells: []string{"2001-01-31", "44087", "31/01/2002", "1.2.2003"},
			count: 1, first: "B3", verdict: "warns"},
		{code: "column.apostrophes", target: "externalId", cells: []string{"'0123", "4"}, count: 1, first: "B2",
			verdict: "stops"},
		{code: "column.mojibake", target: "name", cells: []string{"José", "JosÃ©", "Itâ€™s", "S\u00c3O «PAULO»"}, count: 2,
			first: "B3", verdict: "warns"},
		{code: "column.mojibake", target: "name", cells: []string{"2013 \u0096 2014", "it’s", "it\u0092s"}, count: 2,
			first: "B2", verdict: "warns"},
		{code: "column.mojibake", target: "externalId", cells: []string{"JosÃ©", "b"}, count: 1, first: "B2",
			verdict: "stops"},
		{code: "column.errors", target: "externalId", cells: []string{"a", "#N/A", "b", "#REF!"}, count: 2, first: "B3",
			verdict: "stops"},
		{code: "column.errors", target: "custom.noteStr", cells: []string{"#1 fan", "#####"}, count: 1, first: "B3",
			verdict: "warns"},
		{code: "column.placeholders", target: "phones", cells: []string{"+31612345670", "+31600000000", "+12345678901",
			"+11111111111", "+31612345679"}, count: 3, first: "B3", verdict: "stops"},
		{code: "column.placeholders", target: "emails", cells: []string{"noreply@a.example", "ann@a.example",
			"NoReply@b.example", "none@none.com"}, count: 3, first: "B2", verdict: "stops"},
		{code: "column.constant", target: "externalId", cells: strings.Fields(strings.Repeat("same ", 20)), count: 20,
			verdict: "stops"},
		{code: "column.constant", target: "custom.planStr", cells: strings.Fields(strings.Repeat("same ", 20)), count: 20,
			verdict: "noted"},
		{code: "column.empty", target: "name", cells: []string{"", "", ""}, count: 3, verdict: "noted"},
	}
}

// floats are long numbers as they come out of floating-point ones: printed shortly, or whole.
func floats(short bool, first int64, n int) (list []string) {
	for i := range int64(n) {
		v := float64(first + i*7001)
		if short {
			list = append(list, strconv.FormatFloat(v, 'f', -1, 64))
		} else {
			list = append(list, fmt.Sprint(int64(v)))
		}
	}
	return list
}

// Long ids that nothing happened to are no damage: odd ones, and those whose last bits are empty, as snowflakes are.
func TestLongIDsAreSound(t *testing.T) {
	for name, id := range map[string]func(i int64) int64{
		"in their order": func(i int64) int64 { return 102938475610293000 + 7*i },
		"snowflakes":     func(i int64) int64 { return (41771983423 + 1009*i) << 22 },
		"of 16 digits":   func(i int64) int64 { return 4111111111111111 + 9*i },
	} {
		d := damaged{target: "externalId"}
		for i := range int64(60) {
			d.cells = append(d.cells, fmt.Sprint(id(i)))
		}
		content, mapping := d.dataOf()
		dir := t.TempDir()
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state",
			Files: []string{prepared(t, dir, "people.csv", content, mapping)}})
		if err != nil || len(s.Damages) > 0 {
			t.Errorf("%s: %v, %+v", name, err, s.Damages)
		}
	}
}

// dataOf is the file and its mapping.
func (d damaged) dataOf() (content, mapping string) {
	content = "row,x\n"
	for i, cell := range d.cells {
		content += fmt.Sprintf("r%d,%s\n", i, cell)
	}
	return content, "version: 1\nkind: customer\nkeys: [externalId]\ncolumns:\n  row: custom.rowStr\n  x: " + d.target +
		"\n"
}

func (d damaged) try(t *testing.T) {
	dir := t.TempDir()
	content, mapping := d.dataOf()
	path := prepared(t, dir, "people.csv", content, mapping)
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state", Files: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Damages) != 1 {
		t.Fatalf("%d findings: %+v", len(s.Damages), s.Damages)
	}
	got := s.Damages[0]
	if got.Code != d.code || got.Verdict != d.verdict || got.Count != d.count || got.Column != "x" {
		t.Errorf("%s %s %d in %s; want %s %s %d", got.Code, got.Verdict, got.Count, got.Column, d.code, d.verdict, d.count)
	}
	if d.first != "" && (len(got.Places) == 0 || got.Places[0].Cell != d.first) {
		t.Errorf("places %+v, want %s first", got.Places, d.first)
	}
	if stops := s.ExitCode == exit.Guard; stops != (d.verdict == "stops") {
		t.Errorf("exit code %d", s.ExitCode)
	}
	var text strings.Builder
	if err := report.Text(&text, s, 80, false); err != nil {
		t.Fatal(err)
	}
	said := strings.NewReplacer(dir, "", s.Run, "").Replace(text.String()) // these have digits of their own
	for _, cell := range d.cells {
		if len(cell) > 4 && strings.Contains(said, cell) {
			t.Errorf("the report holds the value %q", cell)
		}
	}
}

// TestDamage: each kind of damage is found in the column it is in, counted, placed and judged.
func TestDamage(t *testing.T) {
	for _, d := range damagedColumns() {
		t.Run(d.code+" "+d.target, d.try)
	}
}

// Rows that the mapping leaves out are part of the profile and not of the damage; blank cells the other way round.
func TestWhatCountsAsFilled(t *testing.T) {
	dir := t.TempDir()
	path := prepared(t, dir, "people.csv", "row,x,nowhere\nr1,4.41E+11, \nr2, ,a\nr3,,\u00a0\ngone,4.41E+11,b\n"+
		"gone,\u00a0,c\nr4,b,\n",
		"version: 1\nkind: customer\nkeys: [externalId]\nskip: row == \"gone\"\nunmapped: ignore\ncolumns:\n"+
			"  row: externalId\n  x: custom.noteStr\n")
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state", Files: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Damages) != 1 || s.Damages[0].Count != 1 || s.Damages[0].Of != 3 {
		t.Errorf("damages %+v, want one cell of three", s.Damages)
	}
	for i, want := range []int64{6, 3, 3} {
		if c := s.Tables[0].Columns[i]; c.Filled != want {
			t.Errorf("column %s has %d filled cells, want %d", c.Column, c.Filled, want)
		}
	}
}

// Lists of a JSON file are looked into, in later blocks of the file as in the first.
func TestPlaceholdersInLists(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	for i := range 60 {
		number := fmt.Sprintf("+3161234%04d", 5000+i)
		if i%10 == 9 {
			number = "+31600000000"
		}
		fmt.Fprintf(&text, "{\"id\":\"r%d\",\"x\":[%q]}\n", i, number)
	}
	path := prepared(t, dir, "people.ndjson", text.String(),
		"version: 1\nkind: customer\nkeys: [externalId]\ncolumns:\n  id: externalId\n  x: phones\n")
	c := pipeline.Config{Command: "check", State: dir + "/state", Files: []string{path}, Workers: 1}
	c.Source.ChunkSize = 300
	s, err := pipeline.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Damages) == 0 || s.Damages[0].Code != "column.placeholders" || s.Damages[0].Count != 6 {
		t.Errorf("damages %+v, want 6 placeholders", s.Damages)
	}
}

// damageFixtures are the fixtures of the registry's column codes.
func damageFixtures() map[string]func(*testing.T) {
	tries := map[string]func(*testing.T){}
	for _, d := range damagedColumns() {
		tries[d.code] = d.try
	}
	tries["column.shared"] = TestSharedValues
	return tries
}

// TestDamageStopsAnImport: an identity that is damaged ends an import before anything is sent, unless it is accepted.
func TestDamageStopsAnImport(t *testing.T) {
	dir, o := t.TempDir(), newOrg(t, sandboxConfig())
	path := prepared(t, dir, "people.csv", "externalId,name\n00123,Ann\n00456,Bob\n00789,Cid\n12,Dan\n", "")
	c := pipeline.Config{Command: "import", State: dir + "/state", Files: []string{path}, Org: o.connect(t)}
	s, err := pipeline.Run(t.Context(), c)
	var guard *outcome.GuardError
	if !errors.As(err, &guard) || s == nil || s.ExitCode != exit.Guard || !s.Balanced {
		t.Fatalf("%v", err)
	}
	if n := len(o.customers(t)); n != 0 {
		t.Errorf("%d customers were made", n)
	}
	c.AcceptDamage, c.Org = []string{"column.zeros"}, o.connect(t)
	s, err = pipeline.Run(t.Context(), c)
	if err != nil || s.ExitCode != exit.OK || s.Damages[0].Verdict != "accepted" {
		t.Fatalf("%v, %+v", err, s)
	}
	if n := len(o.customers(t)); n != 4 {
		t.Errorf("%d customers", n)
	}
}

// TestDamageIsCountedAcrossBlocks: what several checkers saw adds up, and the first places are the first.
func TestDamageIsCountedAcrossBlocks(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("externalId,name\n")
	want := 0
	for i := range 60_000 {
		name := "Ann Lee of a street with a long name"
		if i%1000 == 7 {
			name, want = "#REF!", want+1
		}
		fmt.Fprintf(&b, "c-%d,%s\n", i, name)
	}
	path := dir + "/people.csv"
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 4} {
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state", Files: []string{path},
			Workers: workers})
		if err != nil || len(s.Damages) != 1 {
			t.Fatalf("%v, %+v", err, s.Damages)
		}
		d := s.Damages[0]
		if d.Count != int64(want) || d.Of != 60_000 || d.Places[0].Cell != "B9" || d.Places[2].Cell != "B2009" {
			t.Errorf("with %d workers: %+v", workers, d)
		}
	}
}

// TestSharedValues: a number that many rows share is told from the rows of one customer.
func TestSharedValues(t *testing.T) {
	var b strings.Builder
	b.WriteString("externalId,name,email,phone\n")
	for i := range 100 {
		phone := fmt.Sprintf("+3161234%04d", i)
		if i%4 == 1 {
			phone = "+31205550199"
		}
		fmt.Fprintf(&b, "c-%d,Ann,p%d@example.com,%s\n", i, i, phone)
	}
	for range 30 {
		b.WriteString("c-0,Ann,p0@example.com,+31612340000\n")
	}
	dir := t.TempDir()
	path := prepared(t, dir, "people.csv", b.String(), "")
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state", Files: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Damages) != 2 { // and one name in all rows
		t.Fatalf("%+v", s.Damages)
	}
	d := s.Damages[0]
	if d.Code != "column.shared" || d.Verdict != "warns" || d.Column != "phone" || d.Count != 25 || len(d.Places) != 1 ||
		d.Places[0].Line != 3 {
		t.Errorf("%+v", d)
	}
}

// TestDamageInLists: a card's or a record's lists are looked into, and a card's columns are not said to be empty.
func TestDamageInLists(t *testing.T) {
	var cards, records strings.Builder
	for i := range 3 {
		fmt.Fprintf(&cards, "BEGIN:VCARD\nUID:%d\nEMAIL;TYPE=HOME:noreply@example.com\nEND:VCARD\n", i)
		fmt.Fprintf(&records, "{\"externalId\":\"%d\",\"emails\":[{\"email\":\"a%d@example.com\"},{\"email\":\"noreply@example.com\"}]}\n", i, i)
	}
	for name, text := range map[string]string{"people.vcf": cards.String(), "people.ndjson": records.String()} {
		dir := t.TempDir()
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state",
			Files: []string{prepared(t, dir, name, text, "")}})
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Damages) != 1 || s.Damages[0].Code != "column.placeholders" || s.Damages[0].Count != 3 {
			t.Errorf("%s: %+v", name, s.Damages)
		}
	}
}
