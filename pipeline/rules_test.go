package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

const rulesMapping = `version: 1
keys: [externalId]
unmapped: ignore
columns: {id: externalId, name: name, mail: emails, age: custom.ordersNum, vat: custom.sourceStr, shop: custom.notesTxt}
rules:
  - {column: mail, required: true, when: "shop == 's1'"}
  - {column: age, range: {min: 18, max: 120}, severity: warning, say: buyers are grown up}
  - {column: vat, unique: true}
  - {unique: [name, shop], severity: warning}
  - {column: shop, in: {file: stores.csv, column: store}}
`

// foundAt are problems as "code cell", in order; ~ stands before warnings.
func foundAt(t *testing.T, s *report.Summary) (list []string) {
	t.Helper()
	for _, p := range problems(t, s) {
		severity := ""
		if strings.HasPrefix(p.message, "warning: ") {
			severity = "~"
		}
		list = append(list, fmt.Sprint(severity, p.code, " ", p.cell))
	}
	return list
}

// ruledRun checks a file by the rules, or imports it where there is an org.
func ruledRun(t *testing.T, mapping, rows string, org *org) *report.Summary {
	t.Helper()
	dir := t.TempDir()
	prepared(t, dir, "stores.csv", "store\ns1\ns2\n", "")
	c := pipeline.Config{Command: "check", State: dir + "/state",
		Files: []string{prepared(t, dir, "people.csv", "id,name,mail,age,vat,shop\n"+rows, mapping)}}
	if org != nil {
		c.Command, c.Org = "import", org.connect(t)
	}
	s, err := pipeline.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Balanced {
		t.Error("the books do not balance")
	}
	return s
}

// The mapping's own rules hold in a check and in an import alike: what refuses a row refuses it in both, what only
// warns of it is listed in both, and the row is sent.
func TestRulesHoldInCheckAndImport(t *testing.T) {
	const rows = "1,Ann,a@example.com,30,v1,s1\n" + // sound
		"2,Bo,,30,v2,s1\n" + // no address
		"3,Cy,c@example.com,12,v3,s2\n" + // too young: a warning
		"4,Di,d@example.com,30,V1,s2\n" + // the VAT of line 2
		"5,Ann,e@example.com,30,v5,s1\n" + // name and shop of line 2: a warning
		"6,Ed,f@example.com,130,v6,s9\n" + // a warning, and no such shop
		"1,Ann,a@example.com,30,v1,s1\n" + // a duplicate, which is not asked
		"8,Flo,,,,\n" // blank cells are not asked
	want := []string{"rule.required C3", "~rule.range D4", "rule.unique E5", "~rule.unique B6", "rule.lookup F7",
		"~rule.range D7"}
	for name, o := range map[string]*org{"check": nil, "import": newOrg(t, sandbox.Config{})} {
		s := ruledRun(t, rulesMapping, rows, o)
		if got := foundAt(t, s); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		if s.ProblemRows != 5 || s.ProblemCount != 6 || s.ExitCode != exit.Rejects {
			t.Errorf("%s: %d problems in %d rows, exit code %d", name, s.ProblemCount, s.ProblemRows, s.ExitCode)
		}
		if s.Statuses[outcome.Invalid].Rows != 3 || s.Statuses[outcome.Duplicate].Rows != 1 {
			t.Errorf("%s: %+v", name, s.Statuses)
		}
		if o != nil && s.Statuses[outcome.Created].Rows != 4 {
			t.Errorf("%+v", s.Statuses)
		}
		for _, f := range s.Files {
			text, _ := os.ReadFile(f.Path)
			switch {
			case f.Kind == "rejects" && strings.Count(string(text), "\n") != 4:
				t.Errorf("%s: the rejects are not the three rows that were refused:\n%s", name, text)
			case f.Kind == "outcomes" && !strings.Contains(string(text), "the same vat as line 2 of "):
				t.Errorf("%s:\n%s", name, text)
			}
		}
	}
}

// Where rules only warn, a run is clean.
func TestWarningsChangeNoExitCode(t *testing.T) {
	mapping := strings.Replace(rulesMapping, "{column: vat, unique: true}",
		"{column: vat, unique: true, severity: warning}", 1)
	const rows = "1,Ann,a@example.com,12,v1,s1\n2,Bo,b@example.com,30,v1,s1\n"
	for name, o := range map[string]*org{"check": nil, "import": newOrg(t, sandbox.Config{})} {
		s := ruledRun(t, mapping, rows, o)
		if got := foundAt(t, s); !slices.Equal(got, []string{"~rule.range D2", "~rule.unique E3"}) || s.ExitCode != exit.OK ||
			s.ProblemRows != 2 {
			t.Errorf("%s: %v, exit code %d", name, got, s.ExitCode)
		}
		for _, f := range s.Files {
			if f.Kind == "rejects" {
				t.Errorf("%s: a row that was sent is among the rejects", name)
			}
		}
	}
}

// A rule of values that differ holds over all files of a run, and a row that was refused holds none of its values.
func TestUniqueOverFiles(t *testing.T) {
	dir := t.TempDir()
	mapping := "version: 1\ncolumns: {id: externalId, vat: custom.vatStr}\n" +
		"rules: [{column: vat, unique: true}, {column: id, pattern: '\\d+'}]\n"
	files := []string{prepared(t, dir, "a.csv", "id,vat\nx,v1\n2,v1\n3,v2\n", mapping),
		prepared(t, dir, "b.csv", "id,vat\n4,v2\n5,v1\n6,v3\n", mapping)}
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: filepath.Join(dir, "state"),
		Files: files})
	if err != nil {
		t.Fatal(err)
	}
	if got := foundAt(t, s); !slices.Equal(got, []string{"rule.pattern A2", "rule.unique B2", "rule.unique B3"}) {
		t.Error(got)
	}
}

// The rules that the manual shows are rules.
func TestRulesOfTheManual(t *testing.T) {
	page, err := os.ReadFile("command/manual/mappings.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(page), "```yaml\nrules:")
	rules, _, found := strings.Cut(after, "```")
	if !found {
		t.Fatal("the manual shows no rules")
	}
	dir := t.TempDir()
	prepared(t, dir, "stores.csv", "id\ns1\n", "")
	path := prepared(t, dir, "people.csv", "id,First Name,Last Name,Birthday,E-mail,Role,Contract,Age,Store,Discount,Tier\n"+
		"1,Ann,Ash,1990-02-03,,buyer,AB1234,17,s1,,\n2,Ann,Ash,1990-02-03,b@example.com,,ab1234,30,s2,30,basic\n"+
		"3,Bo,Ash,,,,AB1234,30,,30,gold\n",
		"version: 1\nunmapped: ignore\ncolumns: {id: externalId, E-mail: emails}\nrules:"+rules)
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state", Files: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	if got := foundAt(t, s); !slices.Equal(got, []string{"rule.required E2", "~rule.range H2", "rule.pattern G3",
		"rule.check J3", "rule.lookup I3"}) {
		t.Error(got)
	}
}

// Which rows repeat a value does not hang on how many there are: what is held is on disk beyond a limit.
func TestUniqueOfManyRows(t *testing.T) {
	if testing.Short() {
		t.Skip("200,000 rows")
	}
	var b strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&b, "%d,,p%d@example.com,30,v%d,s1\n", i, i, i%150_000)
	}
	s := ruledRun(t, rulesMapping, b.String(), nil)
	if s.ProblemCount != 50_000 || s.Statuses[outcome.Invalid].Rows != 50_000 {
		t.Errorf("%d problems, %+v", s.ProblemCount, s.Statuses)
	}
}
