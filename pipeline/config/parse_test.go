package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/pipeline/config"
)

func TestTheInitialFileIsWhole(t *testing.T) {
	p, err := config.Parse("muster.yaml", []byte(config.Initial()))
	if err != nil {
		t.Fatal(err)
	}
	if p.Org.Address != "sandbox" || len(p.Jobs) != 1 || p.Jobs[0].Source.From != "customers-*.csv" ||
		p.Retention.Runs != 90*24*time.Hour ||
		p.Jobs[0].Guards.Columns != config.Stop || p.Jobs[0].OnMissing.Act != "report" {
		t.Errorf("it is read as %+v", p)
	}
	// Every line that is commented out is one that could stand there: taken in one by one, the file still parses.
	lines := strings.Split(config.Initial(), "\n")
	option := regexp.MustCompile(`^( *)# ((?:limits|org-name|key|notify|guards|heartbeat|metrics|mapping|verb): .*)$`)
	tried := 0
	for i, line := range lines {
		parts := option.FindStringSubmatch(line)
		if parts == nil {
			continue
		}
		whole := append(append(append([]string{}, lines[:i]...), parts[1]+parts[2]), lines[i+1:]...)
		if _, err := config.Parse("muster.yaml", []byte(strings.Join(whole, "\n"))); err != nil {
			t.Errorf("line %d: %v", i+1, err)
		}
		tried++
	}
	if tried < 7 {
		t.Errorf("only %d of the options were tried", tried)
	}
}

// Everything that can be written, read.
func TestAWholeFile(t *testing.T) {
	p, err := config.Parse("/srv/crm/muster.yaml", []byte(`
version: 1
org: https://acme.api.kustomerapp.com
key: {command: [pass, show, kustomer]}
share: 40%
timeout: 90s
state: /var/lib/muster
overlap: {wait: 2h}
guards: {new-columns: stop, order: warn, rows: off, history: 7}
jobs:
  companies: {source: companies.csv, guards: {rows: stop}}
  customers:
    needs: companies
    source: {from: "s3://bucket/out/customers-*.csv", access-key: {env: AK}, secret-key: {env: SK}, region: eu-west-1, max-age: 26h, stable: 1m}
    mapping: crm.mapping.yaml
    unmapped: ignore
    region: NL
    verb: update
    allow-rejects: 2%
    limits: {create: 500, update: 50%}
    on-missing: {do: tag, at-most: 3%}
    resume: false
  other: {needs: [customers], source: {command: [./fetch, "{}"]}}
notify:
  - webhook: https://ops.example.com/x
    secret: {file: s}
  - slack: {env: SLACK}
    every: run
  - email: {server: "smtp.example.com:587", from: a@example.com, to: b@example.com}
  - command: [logger]
heartbeat: https://hc.example.com/1
metrics: /tmp/m.prom
retention: {runs: 30d}
`))
	if err != nil {
		t.Fatal(err)
	}
	c := p.Job("customers")
	got := fmt.Sprintln(p.Org.Key.Command, p.Org.Share, p.Timeout, p.Overlap, c.Guards.NewColumns, c.Guards.Rows,
		p.Job("companies").Guards.Rows, c.Guards.History,
		c.Source.MaxAge, c.Limits, c.OnMissing, c.Resume, c.Unmapped, len(c.Notify), c.Notify[1].Every, c.Notify[2].SMTP.To,
		p.Retention.Runs, p.Path("x"))
	want := "[pass show kustomer] 40% 1m30s {wait 2h0m0s} stop off stop 7 26h0m0s {  500 50%} {tag gone-from-feed 3} " +
		"false ignore 4 run [b@example.com] 720h0m0s /srv/crm/x\n"
	if got != want {
		t.Errorf("it is read as\n%s, want\n%s", got, want)
	}
	order, unknown := p.Order([]string{"other", "nobody"})
	var names []string
	for _, j := range order {
		names = append(names, j.Name)
	}
	if strings.Join(names, " ") != "companies customers other" || strings.Join(unknown, " ") != "nobody" {
		t.Errorf("the order is %v, unknown %v", names, unknown)
	}
}

// Each line marked <- MESSAGE is a mistake that must be found there, and no other.
func TestEveryMistakeAtOnce(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no files")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := map[int][]string{}
			for i, line := range strings.Split(string(text), "\n") {
				if _, message, marked := strings.Cut(line, "# <- "); marked {
					want[i+1] = strings.Split(message, " | ")
				}
			}
			_, err = config.Parse("muster.yaml", text)
			var mistakes config.Mistakes
			if !errors.As(err, &mistakes) {
				t.Fatalf("got %v", err)
			}
			for _, m := range mistakes {
				i := slices.IndexFunc(want[m.Line], func(part string) bool { return strings.Contains(m.Message, part) })
				if i < 0 {
					t.Errorf("line %d: %s, want %q there", m.Line, m.Message, want[m.Line])
					continue
				}
				want[m.Line] = slices.Delete(want[m.Line], i, i+1)
			}
			for line, messages := range want {
				if len(messages) > 0 {
					t.Errorf("line %d: %q was not found", line, messages)
				}
			}
		})
	}
}
