package nightly_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const changesProject = `version: 1
org: ORG
guards: {rows: off, nulls: off, rejects: off}
jobs:
  customers:
    source: {from: "feed-*.csv", take: all}
    mapping: crm.mapping.yaml
    on-missing: ignore
notify:
  - webhook: HOOK
`

// A coming is what comes to a feed folder before one night, and what becomes of it in that night.
type coming struct {
	what  string
	do    func(f *folder)
	fates string // every file named in the night's record
	state string
	exit  int
}

// folder is the feed folder of a house.
type folder struct {
	*house
	people int
}

// put writes a file with one new customer, changed so many hours before the night.
func (f *folder) put(name string, ago int) {
	f.people++
	f.text(name, fmt.Sprintf("%sC-1%03d,Ana %d,ana%d@example.com,Utrecht,1\n", header, f.people, f.people, f.people), ago)
}

func (f *folder) text(name, text string, ago int) {
	f.write(name, text)
	at := f.clock.Now().Add(-time.Duration(ago) * time.Hour)
	if err := os.Chtimes(filepath.Join(f.dir, name), at, at); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) remove(name string) { os.Remove(filepath.Join(f.dir, name)) }

// live lives through nights, and holds each against what is to come of it. It returns the manual's table.
func live(t *testing.T, project string, nights []coming) string {
	t.Helper()
	f := &folder{house: newHouse(t, project)}
	f.write("crm.mapping.yaml", nightMapping)
	table := "| what comes | what becomes of it | exit |\n|---|---|---|\n"
	landed := 0
	for i, n := range nights {
		f.clock.set(halfPastTwo(i + 1))
		if n.do != nil {
			n.do(f)
		}
		r := f.run(i + 1)
		var fates []string
		for _, s := range r.Seen {
			why := ""
			if s.Why != "" {
				why = " (" + s.Why + ")"
			}
			fates = append(fates, s.Name+": "+s.Fate+why)
			if s.Fate == "taken" && r.ExitCode == 0 {
				landed++
			}
		}
		slices.Sort(fates)
		got := strings.Join(fates, "; ")
		if got != n.fates || r.State != n.state || r.ExitCode != n.exit {
			t.Errorf("%s:\n got %s, exit %d: %s\nwant %s, exit %d: %s\n%q", n.what, r.State, r.ExitCode, got, n.state, n.exit,
				n.fates, r.Says)
		}
		if recorded := f.records("customers")[i]; len(recorded.Seen) != len(r.Seen) || recorded.Listed == 0 &&
			r.ExitCode == 0 {
			t.Errorf("%s: the record has %+v", n.what, recorded.Seen)
		}
		if got == "" {
			got = "nothing"
		}
		table += fmt.Sprintf("| %s | %s: %s | %d |\n", n.what, n.state, got, n.exit)
	}
	return table
}

// Of a feed whose files are each the whole list the newest is taken, and every other that comes is named once.
func TestTheNewestIsTakenAndTheOthersAreNamed(t *testing.T) {
	live(t, strings.NewReplacer("max-age: 60h", "take: newest", "do: tag, at-most: 1%",
		"do: report").Replace(nightProject)+"guards: {rows: off}\n", []coming{
		{"the first file", func(f *folder) { f.put("feed-01.csv", 1) }, "feed-01.csv: taken", "well", 0},
		{"two new files at once", func(f *folder) { f.put("feed-02.csv", 2); f.put("feed-03.csv", 1) },
			"feed-02.csv: passed over (it is older than feed-03.csv); feed-03.csv: taken", "warned", 0},
		{"no new file", nil, "", "same", 0},
		{"a file with an older time than the one that landed", func(f *folder) { f.put("feed-04.csv", 90) },
			"feed-04.csv: passed over (it is older than feed-03.csv, which has landed)", "warned", 0},
		{"no new file", nil, "", "same", 0},
		{"the machine was off for three nights", func(f *folder) {
			f.put("feed-05.csv", 50)
			f.put("feed-06.csv", 26)
			f.put("feed-07.csv", 2)
		}, "feed-05.csv: passed over (it is older than feed-07.csv); feed-06.csv: passed over (it is older than " +
			"feed-07.csv); feed-07.csv: taken", "warned", 0},
		{"the file of a night before comes late", func(f *folder) { f.put("feed-06b.csv", 1); f.put("feed-08.csv", 0) },
			"feed-06b.csv: passed over (it is older than feed-08.csv); feed-08.csv: taken", "warned", 0},
		{"a file that cannot be used", func(f *folder) { f.text("feed-09.csv", "", 1) }, "feed-09.csv: taken", "failed", 5},
		{"and the one after it", func(f *folder) { f.put("feed-10.csv", 1) },
			"feed-09.csv: passed over (it is older than feed-10.csv; it was taken before and did not land); feed-10.csv: taken",
			"well", 0},
	})
}

// Of a feed of changes every file lands, in their order, and none goes before one that did not land.
func TestEveryChangeLands(t *testing.T) {
	table := live(t, changesProject, []coming{
		{"two files before the first night", func(f *folder) { f.put("feed-01.csv", 5); f.put("feed-02.csv", 4) },
			"feed-01.csv: taken; feed-02.csv: taken", "well", 0},
		{"no new file", nil, "", "same", 0},
		{"the machine was off for three nights", func(f *folder) {
			f.put("feed-03.csv", 50)
			f.put("feed-04.csv", 26)
			f.put("feed-05.csv", 2)
		},
			"feed-03.csv: taken; feed-04.csv: taken; feed-05.csv: taken", "well", 0},
		{"a file with an older time than those that landed", func(f *folder) { f.put("feed-06.csv", 300) },
			"feed-06.csv: taken", "well", 0},
		{"a file that landed comes again under another name", func(f *folder) {
			text, _ := os.ReadFile(filepath.Join(f.dir, "feed-01.csv"))
			f.text("feed-01b.csv", string(text), 1)
		}, "feed-01b.csv: passed over (its content has landed before)", "same", 0},
		{"one that cannot be used, and one after it", func(f *folder) {
			f.text("feed-07.csv", "", 3)
			f.put("feed-08.csv", 2)
		},
			"feed-07.csv: taken; feed-08.csv: waits (it comes after feed-07.csv, which has not landed)", "failed", 5},
		{"the first of them is put right", func(f *folder) { f.put("feed-07.csv", 3) },
			"feed-07.csv: taken; feed-08.csv: taken", "well", 0},
		{"rows that are refused, and a file after it", func(f *folder) {
			f.text("feed-09.csv", header+spoilt, 3)
			f.put("feed-10.csv", 2)
		},
			"feed-09.csv: taken; feed-10.csv: taken", "refused", 3},
		{"the files that landed are moved away", func(f *folder) {
			for i := range 10 {
				f.remove(fmt.Sprintf("feed-%02d.csv", i+1))
			}
			f.put("feed-11.csv", 1)
		}, "feed-11.csv: taken", "well", 0},
	})
	manualPart(t, "changes", table)
}

// The order of names goes before that of times where the job says so: the last word on a customer is that of the last
// file.
func TestChangesLandInTheirOrder(t *testing.T) {
	for _, order := range []string{"time", "name"} {
		f := &folder{house: newHouse(t, strings.Replace(changesProject, "take: all", "take: all, order: "+order, 1))}
		f.write("crm.mapping.yaml", nightMapping)
		f.text("feed-1.csv", header+"C-1,Ana,ana@example.com,Ede,1\n", 1)
		f.text("feed-2.csv", header+"C-1,Ana,ana@example.com,Breda,1\n", 2)
		if r := f.run(1); r.ExitCode != 0 || len(r.Runs) != 2 || r.Rows != 2 || r.Counts["created"] != 1 ||
			r.Counts["updated"] != 1 {
			t.Fatalf("%+v", r)
		}
		city := map[string]string{"time": "Ede", "name": "Breda"}[order]
		f.same(&crowd{people: []person{{"C-1", "Ana", "ana@example.com", city, 1}}}, "by "+order)
	}
}

// A night of several files that is killed within is taken up, and each file lands once.
func TestANightOfChangesIsKilled(t *testing.T) {
	f := &folder{house: newHouse(t, changesProject)}
	f.write("crm.mapping.yaml", nightMapping)
	c := &crowd{}
	var files []string
	for i := range 3 {
		c.grow(150)
		part := &crowd{people: c.people[len(c.people)-150:]}
		files = append(files, fmt.Sprintf("feed-%d.csv", i+1))
		f.text(files[i], part.csv(header), 9-i)
	}
	f.clock.set(halfPastTwo(1))
	f.killed(12)
	r := f.run(2)
	if r.ExitCode != 0 {
		t.Fatalf("%+v", r)
	}
	f.same(c, "after the kill")
	landed := map[string]int{}
	for _, record := range f.records("customers") {
		for _, done := range record.Runs {
			for _, name := range done.Files {
				landed[name]++
			}
		}
	}
	killed := f.records("customers")[0]
	for _, name := range files {
		if landed[name] != 1 && !(landed[name] == 0 && killed.State == "killed") {
			t.Errorf("%s landed %d times: %v", name, landed[name], landed)
		}
	}
}
