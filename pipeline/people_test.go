package pipeline_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// population is a file whose people are known: which row is whose.
type population struct {
	rows [][]string // id, name, email, phone, city
	whom []string   // by row: the person
}

// populate makes groups of people who share a number, an address, or nothing, and stand in one row or in several, each
// of which says a part of what there is to say.
func populate(random *rand.Rand) *population {
	p := &population{}
	withIDs := random.IntN(2) == 0
	for group := range 2 + random.IntN(8) {
		number, address := fmt.Sprintf("+3161274513%d", group), fmt.Sprintf("house%d@example.com", group)
		for n := range 1 + random.IntN(5) {
			given := [...]string{"Anna", "Bram", "Carla", "Dirk", "Els"}[n]
			family := fmt.Sprintf("Vos%s", string(rune('a'+group)))
			who := given + " " + family
			full := []string{"", who, fmt.Sprintf("%s.%d@example.com", strings.ToLower(given), group),
				fmt.Sprintf("+316274%d%d918", group, n), "Ede"}
			if withIDs {
				full[0] = fmt.Sprintf("%d", group*10+n)
			}
			if random.IntN(3) == 0 {
				full[3] = number
			}
			if random.IntN(4) == 0 {
				full[2] = address
			}
			for range 1 + random.IntN(3) {
				row := slices.Clone(full)
				row[1] = []string{who, strings.ToUpper(who), family + ", " + given, who}[random.IntN(4)]
				for c := 2; c < 5; c++ {
					if random.IntN(3) == 0 {
						row[c] = ""
					}
				}
				if withIDs && random.IntN(4) == 0 {
					row[1], row[3] = "", fmt.Sprintf("+316835%d%d217", group, n) // another number, no name: the id says whose it is
				}
				p.rows, p.whom = append(p.rows, row), append(p.whom, who)
			}
		}
	}
	random.Shuffle(len(p.rows), func(i, j int) {
		p.rows[i], p.rows[j] = p.rows[j], p.rows[i]
		p.whom[i], p.whom[j] = p.whom[j], p.whom[i]
	})
	return p
}

func (p *population) write(t *testing.T, dir, mapping string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"externalId", "name", "email", "phone", "city"})
	_ = w.WriteAll(p.rows)
	return prepared(t, dir, "people.csv", b.String(), mapping)
}

var lineNamed = regexp.MustCompile(`line (\d+) of`)

// The books balance by people: each is in the org as a customer of their own, or named as a problem; nobody becomes
// somebody else; a row's problem is one of its status; what a duplicate says otherwise is named; a check, a plan and an
// import say the same of every row.
func TestLaw1PeopleBalance(t *testing.T) {
	seeds, imported := 60, 6
	if *allSeeds {
		seeds, imported = 400, 60
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			p, dir := populate(rand.New(rand.NewPCG(uint64(seed), 1))), t.TempDir()
			path := p.write(t, dir, "")
			checked, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{path}, State: dir +
				"/check"})
			if err != nil {
				t.Fatal(err)
			}
			rows := outcomes(t, checked)
			p.hold(t, rows)
			differing := int64(0)
			for _, row := range rows {
				if strings.HasSuffix(row.Detail, ": not imported") {
					differing++
				}
			}
			if d := checked.Differences; differing != 0 != (d != nil) || d != nil && d.Rows != differing {
				t.Errorf("%d duplicates say something else, the report has %+v", differing, d)
			}
			if seed >= imported {
				return
			}
			o := newOrg(t, sandbox.Config{})
			plan := planFor(t, o, path, dir+"/plan", "")
			s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: dir + "/import",
				Org: o.connect(t)})
			if err != nil {
				t.Fatal(err)
			}
			acts := acts(plan)
			for status, n := range map[string]int64{"created": acts["create"], "duplicate": acts["duplicate"],
				"invalid": acts["invalid"], "rejected": acts["conflict"]} {
				if count(s, status) != n || status != "created" && count(checked, status) != n {
					t.Errorf("%s: %d in the plan, %d in the import, %d in the check", status, n, count(s, status),
						count(checked, status))
				}
			}
			sent := outcomes(t, s)
			for i := range sent {
				if rows[i].Status == "unsent" {
					rows[i].Status = "created"
				}
				sent[i].CustomerID = ""
				if sent[i] != rows[i] {
					t.Errorf("line %d: %+v, in the check %+v", i+2, sent[i], rows[i])
				}
			}
			if n := int64(len(o.customers(t))); n > count(s, "created") {
				t.Errorf("%d customers of %d", n, count(s, "created"))
			}
		})
	}
}

// hold holds outcomes to who is who.
func (p *population) hold(t *testing.T, rows []report.OutcomeRow) {
	t.Helper()
	fates := map[string][]string{}
	for i, row := range rows {
		fates[p.whom[i]] = append(fates[p.whom[i]], row.Status)
		switch row.Status {
		case "unsent":
		case "duplicate":
			stays := lineNamed.FindAllStringSubmatch(row.Detail, -1)
			line, _ := strconv.Atoi(stays[len(stays)-1][1])
			if p.whom[line-2] != p.whom[i] || rows[line-2].Status != "unsent" || row.Code != "" {
				t.Errorf("line %d: %s, %q: who stays is %s", row.Line, p.whom[i], row.Detail, p.whom[line-2])
			}
			p.named(t, i, line-2, row.Detail)
		case "invalid":
			nameless := p.rows[i][0] == "" && p.rows[i][2] == "" && p.rows[i][3] == "" && row.Code == "row.nothing"
			if !nameless && (row.Code != "identity.conflict_in_file" || row.Column == "") {
				t.Errorf("line %d: %+v", row.Line, row)
			}
		default:
			t.Errorf("line %d is %s", row.Line, row.Status)
		}
	}
	for who, statuses := range fates {
		if !slices.Contains(statuses, "unsent") && !slices.Contains(statuses, "invalid") {
			t.Errorf("%s is nowhere: %v", who, statuses)
		}
	}
}

// named holds a duplicate to naming exactly the columns in which it says what the row that stays does not.
func (p *population) named(t *testing.T, later, first int, detail string) {
	t.Helper()
	for c, column := range []string{"externalId", "name", "email", "phone", "city"} {
		own, kept := p.rows[later][c], p.rows[first][c]
		differs := own != "" && !strings.EqualFold(own, kept)
		if c == 1 {
			differs = own != "" && kept == ""
		}
		_, said, _ := strings.Cut(detail, ";")
		if spelled := "it spells " + column + " otherwise"; column == "name" && own != "" && kept != "" && !differs {
			if strings.Contains(said, spelled) != (own != kept) {
				t.Errorf("line %d: another spelling of %s: %v, said: %q", later+2, column, own != kept, detail)
			}
			said = strings.ReplaceAll(said, spelled, "")
		}
		if differs != strings.Contains(said, column) {
			t.Errorf("line %d: %s differs: %v, said: %q", later+2, column, differs, detail)
		}
	}
}

// TestPeopleOfRealFiles: the files that people have.
func TestPeopleOfRealFiles(t *testing.T) {
	many := func(n int, row func(int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(row(i))
		}
		return b.String()
	}
	const header = "externalId,name,email,phone,city\n"
	for name, c := range map[string]struct {
		content, mapping           string
		ready, duplicates, invalid int64
		code                       int
		headline                   string // rows, and columns with rows
		damage                     string // column.shared: cells, verdict
	}{
		"a switchboard": {content: header + many(11, func(i int) string {
			return fmt.Sprintf("%d,Colleague %s,c%d@example.com,+31202345678,\n", i, string(rune('A'+i)), i)
		}), ready: 1, invalid: 10, code: exit.Rejects},
		"a couple": {content: header + ",Anna Vos,v@example.com,,\n,Bram Vos,v@example.com,,\n", ready: 1,
			invalid: 1, code: exit.Rejects},
		"a new number": {content: header + "1,Anna,,+31612345671,\n1,Anna,,+31612345672,\n", ready: 1, duplicates: 1,
			code: exit.Rejects, headline: "1 phone 1"},
		"the same row twice": {content: header + "1,Anna,a@example.com,,Ede\n1,\"anna\",A@example.com,,Ede\n", ready: 1,
			duplicates: 1},
		"each with something": {content: header + ",Anna,a@example.com,,\n,,a@example.com,+31612345671,Ede\n", ready: 1,
			duplicates: 1, code: exit.Rejects, headline: "1 city 1 phone 1"},
		"a placeholder": {content: header + many(300, func(i int) string {
			return fmt.Sprintf("%d,Person %s,,+31207654321,\n", i, strings.Repeat(string(rune('a'+i%26)), 2+i/26))
		}) + "900,Zoe,,,\n", ready: 2, invalid: 299, code: exit.Rejects, damage: "phone 300 warns"},
		"a placeholder for ids": {content: header + many(30, func(i int) string {
			return fmt.Sprintf("N-A,Person %s,p%d@example.com,,\n", strings.Repeat(string(rune('a'+i%26)), 2+i/26), i)
		}) + "900,Zoe,,,\n", ready: 2, duplicates: 29, code: exit.Guard, headline: "29 email 29 name 29",
			damage: "externalId 30 stops"},
		"folded": {content: header + "1,Anna,a@example.com,,\n1,,b@example.com,,\n1,Bob,,,\n",
			mapping: "version: 1\nfold: true\nkeys: [externalId]\n" +
				"columns: {externalId: externalId, name: name, email: emails, phone: phones, city: locations.city}\n",
			ready: 1, duplicates: 2, code: exit.Rejects, headline: "1 name 1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state",
				Files: []string{prepared(t, dir, "people.csv", c.content, c.mapping)}})
			if err != nil {
				t.Fatal(err)
			}
			var headline, damage string
			if d := s.Differences; d != nil {
				slices.SortFunc(d.Columns, func(a, b report.ColumnRows) int { return cmp.Compare(a.Column, b.Column) })
				headline = fmt.Sprint(d.Rows)
				for _, column := range d.Columns {
					headline += fmt.Sprint(" ", column.Column, " ", column.Rows)
				}
			}
			for _, d := range s.Damages {
				if d.Code == "column.shared" {
					damage += fmt.Sprint(d.Column, " ", d.Count, " ", d.Verdict)
				}
			}
			if count(s, "unsent") != c.ready || count(s, "duplicate") != c.duplicates || count(s, "invalid") != c.invalid ||
				s.ExitCode != c.code || headline != c.headline || damage != c.damage {
				t.Errorf("%d ready, %d duplicates, %d invalid, exit %d, headline %q, damage %q", count(s, "unsent"),
					count(s, "duplicate"), count(s, "invalid"), s.ExitCode, headline, damage)
			}
			if rejected := lines(t, s, "rejects"); rejected != c.invalid {
				t.Errorf("%d lines in rejects.csv", rejected)
			}
		})
	}
}

// lines counts the rows of a report.
func lines(t *testing.T, s *report.Summary, kind string) (n int64) {
	for _, f := range s.Files {
		if f.Kind != kind {
			continue
		}
		text, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		n += int64(strings.Count(string(text), "\n")) - 1
	}
	return n
}

// What column.shared says to write in the mapping makes customers of the rows that it is about.
func TestSharedFixWorks(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("name,email,Work phone\n")
	for i := range 25 {
		fmt.Fprintf(&b, "Person %s,p%d@example.com,+31207654321\n", string(rune('a'+i)), i)
	}
	path := filepath.Join(dir, "people.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	config := pipeline.Config{Command: "check", State: dir + "/state", Files: []string{path}}
	s, err := pipeline.Run(t.Context(), config)
	if err != nil || len(s.Damages) == 0 {
		t.Fatal(err, s)
	}
	at := slices.IndexFunc(s.Damages, func(d report.Damage) bool { return d.Code == "column.shared" })
	_, line, said := strings.Cut(s.Damages[at].Fix, "under columns:  ")
	if !said {
		t.Fatal(s.Damages[at].Fix)
	}
	rules := "version: 1\ncolumns:\n  name: name\n  email: emails\n  " + line + "\n"
	if err := os.WriteFile(bind.MappingBeside(path), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	o := newOrg(t, sandbox.Config{})
	config.Command, config.Org = "import", o.connect(t)
	if s, err = pipeline.Run(t.Context(), config); err != nil || s.ExitCode != 0 || count(s, "created") != 25 {
		t.Fatal(err, s.Statuses)
	}
	for _, found := range o.customers(t) {
		var got struct{ SharedPhones []json.RawMessage }
		if err := json.Unmarshal(found[0].Attributes, &got); err != nil || len(got.SharedPhones) != 1 {
			t.Errorf("%s", found[0].Attributes)
		}
	}
}
