package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline/config"
)

// orgsOf is how each job's org is read, one line each.
func orgsOf(p *config.Project) string {
	var b strings.Builder
	for i := range p.Jobs {
		j := &p.Jobs[i]
		fmt.Fprintf(&b, "%s: %s key=%s%s share=%s state=%s told=%d from=%s needs=%v\n", j.Name, j.Org.Address, j.Org.Key.File,
			j.Org.Key.Env, j.Org.Share, j.Org.State,
			len(j.Notify), j.Source.From, j.Needs)
	}
	return b.String()
}

// A key goes to the org that the same entry names, or that the entry around it names where it names none itself.
func TestJobsOfManyOrgs(t *testing.T) {
	dir := t.TempDir()
	// As Excel writes it in half of Europe.
	table := "\xef\xbb\xbfname;host;share\r\nacme;acme.api.kustomerapp.com;30%\r\nglobex;globex.api.kustomerapp.com;\r\n"
	if err := os.WriteFile(filepath.Join(dir, "brands.csv"), []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := config.Parse(filepath.Join(dir, "muster.yaml"), []byte(`
version: 1
org: https://top.api.kustomerapp.com
key: {file: top}
notify: [{command: [logger]}]
jobs:
  own: {source: own.csv}
  elsewhere: {source: e.csv, org: "https://crm.example.com:8443", notify: []}
groups:
  brands:
    for-each: brands.csv
    org: https://$(host)
    key: {file: keys/$(name)}
    share: $(share)
    jobs:
      companies: {source: $(name)/companies.csv}
      customers: {source: $(name)/c-*.csv, needs: companies, ignore: [$$(name)]}
  more:
    notify: [{command: [logger]}, {command: [wall]}]
    jobs:
      late: {source: late.csv, needs: own}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := `own: https://top.api.kustomerapp.com key=top share=50% state=.muster told=1 from=own.csv needs=[]
elsewhere: https://crm.example.com:8443 key= share=50% state=.muster/orgs/crm.example.com-8443 told=0 from=e.csv needs=[]
acme/companies: https://acme.api.kustomerapp.com key=keys/acme share=30% state=.muster/orgs/acme told=1 from=acme/companies.csv needs=[]
acme/customers: https://acme.api.kustomerapp.com key=keys/acme share=30% state=.muster/orgs/acme told=1 from=acme/c-*.csv needs=[acme/companies]
globex/companies: https://globex.api.kustomerapp.com key=keys/globex share=50% state=.muster/orgs/globex told=1 from=globex/companies.csv needs=[]
globex/customers: https://globex.api.kustomerapp.com key=keys/globex share=50% state=.muster/orgs/globex told=1 from=globex/c-*.csv needs=[globex/companies]
more/late: https://top.api.kustomerapp.com key=top share=50% state=.muster told=2 from=late.csv needs=[own]
`
	if got := orgsOf(p); got != want {
		t.Errorf("it is read as\n%s, want\n%s", got, want)
	}
	if len(p.Orgs) != 4 || p.Job("own").Org != p.Job("more/late").Org || p.Job("acme/customers").Ignore[0] != "$(name)" {
		t.Errorf("%d orgs, %v", len(p.Orgs), p.Job("acme/customers").Ignore)
	}
	for name, want := range map[string]string{"globex": "globex/companies globex/customers",
		"brands":         "acme/companies acme/customers globex/companies globex/customers",
		"acme/customers": "acme/companies acme/customers", "more": "own more/late"} {
		order, unknown := p.Order([]string{name})
		var names []string
		for _, j := range order {
			names = append(names, j.Name)
		}
		if strings.Join(names, " ") != want || len(unknown) > 0 {
			t.Errorf("%s: %v, want %s", name, names, want)
		}
	}
}

// Each of these is a mistake, said once for all rows of a table.
func TestMistakesOfManyOrgs(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"nameless.csv": "brand,share\na,1%\n", "twice.csv": "name\na\na\n",
		"odd.csv": "name\nA b\n", "torn.csv": "name,x\na\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const each = "groups: {g: {for-each: %s, org: sandbox, jobs: {a: {source: a.csv}}}}"
	for text, want := range map[string]string{
		fmt.Sprintf(each, "none.csv"):     "no such file",
		fmt.Sprintf(each, "nameless.csv"): "has no column name",
		fmt.Sprintf(each, "twice.csv"):    `"a" stands there twice`,
		fmt.Sprintf(each, "odd.csv"):      `cannot be called "A b"`,
		fmt.Sprintf(each, "torn.csv"):     "line 2",
		fmt.Sprintf(each, "[{nam: a}]"):   "has no name",
		fmt.Sprintf(each, "{a: b}"):       "a CSV file or a list",
		"groups: {g: {for-each: [{name: a}, {name: b}], org: sandbox, jobs: {a: {source: $(town)/a.csv}}}}":                   `no column "town"`,
		"groups: {g: {for-each: [{name: a, s: 20%}, {name: b, s: 300%}], org: sandbox, share: $(s), jobs: {a: {source: x}}}}": "for-each, row b: ",
		"groups: {g: {for-each: [{name: a}, {name: b}], org: sandbox, jobs: {a: {sourc: x, source: y}}}}":                     `no key "sourc"`,
		"groups: {g: {for-each: [{name: a}], org: sandbox, jobs: {a: {source: x}}}, a: {jobs: {b: {source: y}}}}":             "the name of two groups",
		"jobs: {g: {source: x}}\ngroups: {g: {jobs: {b: {source: y}}}}":                                                       "a job and a group",
		"jobs: {g: {source: x, org: sandbox, state: s}, h: {source: x, org: 'https://a.example', state: ./s}}":                "have one state directory",
		"jobs: {g: {source: x, org: 'https://a.example', state: s}, h: {source: x, org: 'https://A.example', state: t}}":      "names another state directory",
		"jobs: {g: {source: x, org: 'https://a.example', key: {file: k}}, h: {source: x, org: 'https://a.example', key: " +
			"{file: l}}}": "names another key",
		"jobs: {g: {source: x, org: 'https://a.example', share: 10%}, h: {source: x, org: 'https://a.example'}}": "names another share",
		"jobs: {g: {source: x, org: 'https://a.example'}, h: {source: x, org: 'https://b.example', needs: g}}":   "of another org",
		"groups: {g: {org: sandbox}}":                                     "has no jobs",
		"groups: {G: {jobs: {a: {source: x}}}}":                           `a group cannot be called "G"`,
		"groups: {g: {jobs: {a/b: {source: x}}}}":                         `a job cannot be called "a/b"`,
		"groups: {g: {jobs: {a: {source: x}, b: {source: x, needs: c}}}}": `no job is called "c"`,
	} {
		_, err := config.Parse(filepath.Join(dir, "muster.yaml"), []byte("version: 1\n"+text))
		var mistakes config.Mistakes
		if !errors.As(err, &mistakes) || len(mistakes) != 1 || !strings.Contains(mistakes.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// A table that others may write to could send a key anywhere: the project is believed no more than it.
func TestATableOfAStranger(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "brands.csv")
	text := "version: 1\ngroups: {g: {for-each: brands.csv, org: https://$(name).api.kustomerapp.com, jobs: {a: " +
		"{source: a.csv}}}}\n"
	path := filepath.Join(dir, "muster.yaml")
	for _, file := range []string{table, path} {
		if err := os.WriteFile(file, []byte(map[bool]string{true: "name\nacme\n", false: text}[file == table]),
			0o600); err != nil {
			t.Fatal(err)
		}
	}
	for mode, believed := range map[os.FileMode]bool{0o600: true, 0o666: false} {
		if err := os.Chmod(table, mode); err != nil {
			t.Fatal(err)
		}
		if p, err := config.Load(path); err != nil || (p.Stranger == nil) != believed {
			t.Errorf("%o: %v, %v", mode, err, p)
		}
	}
}
