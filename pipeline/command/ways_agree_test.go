package command_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"muster/pipeline/report"
)

// The same file comes to the same by every way: by a check, an import, a plan and a job of the night columns have the
// same fates, rows the same statuses and problems, and the end is the same; who reads the run back sees the same
// columns, and can take all of it back.
func TestLaw1HoldsByEveryWay(t *testing.T) {
	for name, file := range map[string]struct {
		text, mapping, flags, job string
		exit, good                int
	}{
		"columns left out": {text: "externalId,name,Weird\n1,Ada,w\n2,Bo,\n", exit: 3, good: 2},
		"left out by name": {text: "externalId,name,Weird\n1,Ada,w\n2,Bo,\n", flags: "--ignore Weird",
			job: "ignore: [Weird]", good: 2},
		"people in conflict": {text: "externalId,name,phone\n1,Ada,+31612345678\n2,Bo,+31612345678\n3,Cy,\n3,Cyril,\n",
			mapping: "columns:\n  phone: phones\n", exit: 3, good: 2},
		"cells dropped": {text: "externalId,name,birthdayAt\n1,Ada,1990-01-01\n2,Bo,never\n", flags: "--bad-cells drop",
			job: "bad-cells: drop", exit: 3, good: 2},
		"a header again": {text: "externalId,name\n1,Ada\n\ufeffexternalId,name\n2,Bo\n", exit: 3, good: 2},
		"a joined column": {text: "externalId,name,org\n1,Ada,7\n2,Bo,7\n",
			mapping: "joins:\n  - {file: orgs.csv, name: o, on: {org: id}}\ncolumns:\n  o.tag: tags\n", exit: 3, good: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, "people.csv", file.text)
			// the night takes no file that is still being written
			if err := os.Chtimes("people.csv", time.Time{}, time.Now().Add(-time.Hour)); err != nil {
				t.Fatal(err)
			}
			write(t, "orgs.csv", "id,tag,owner\n7,vip,x\n")
			write(t, "people.mapping.yaml", "version: 1\nunmapped: ignore\n"+file.mapping)
			write(t, "muster.yaml", "version: 1\norg: sandbox\nstate: run\njobs:\n  people:\n    source: people.csv\n"+
				"    canary: false\n    "+file.job+"\n")
			var first string
			for _, way := range []string{"import people.csv --to sandbox --no-canary --state import",
				"check people.csv --state check",
				"plan people.csv --to sandbox --state plan", "run"} {
				act, _, _ := strings.Cut(way, " ")
				args := strings.Fields(way)
				if act != "run" {
					args = append(args, strings.Fields(file.flags)...)
				}
				code, said := invoke(t, nil, args...)
				s := reportOf(t, act)
				if code != file.exit || s.ExitCode != file.exit {
					t.Fatalf("%s: exit %d, in the report %d, want %d\n%s", way, code, s.ExitCode, file.exit, said)
				}
				if lost := s.Columns.Lost(); (lost > 0) != strings.Contains(said, "NOT imported") {
					t.Errorf("%s: %d columns are left out, and it says\n%s", way, lost, said)
				}
				if good := goodRows(s); good != int64(file.good) {
					t.Errorf("%s: %d rows are good, want %d", way, good, file.good)
				}
				if told := toldBy(t, s); first == "" {
					first = told
				} else if told != first {
					t.Errorf("%s tells\n%s\nwhere the import told\n%s", way, told, first)
				}
			}
			for _, after := range []string{"verify last --all --state import", "undo last --yes --state import"} {
				if code, said := invoke(t, nil, strings.Fields(after)...); code != 0 {
					t.Errorf("%s: exit %d\n%s", after, code, said)
				} else if strings.HasPrefix(after, "verify") && strings.Contains(first, `"left out","columns":1`) &&
					!strings.Contains(said, "NOT imported") {
					t.Errorf("%s says nothing of columns\n%s", after, said)
				}
			}
		})
	}
}

// goodRows are those that are sent, or would be.
func goodRows(s *report.Summary) (good int64) {
	for _, c := range s.Statuses {
		// a check's good rows are ready, and sent nowhere
		if c.Status == "created" || c.Status == "unsent" && s.Command == "check" {
			good += c.Rows
		}
	}
	if s.Plan != nil {
		for _, c := range s.Plan.Acts {
			if c.Act == report.ActCreate {
				good += c.Rows
			}
		}
	}
	return good
}

// toldBy is what all ways have to tell alike: the fates of columns, what is left out, the problems, and the rows that
// are refused.
func toldBy(t *testing.T, s *report.Summary) string {
	t.Helper()
	var rows []string
	for _, c := range s.Statuses {
		if c.Status == "invalid" || c.Status == "duplicate" {
			rows = append(rows, fmt.Sprint(c.Status, c.Rows))
		}
	}
	text, err := json.Marshal([]any{s.Columns.Fates, s.Columns.LeftOut, s.Problems, rows})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
