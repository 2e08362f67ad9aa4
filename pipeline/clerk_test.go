package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/redact"
	"muster/pipeline/report"
)

// inBlocks runs a check over small blocks with several checkers, and gives the summary and the lines of one of its
// files.
func inBlocks(t *testing.T, content, mapping string, how redact.Redaction) (*report.Summary,
	func(file string) []string) {
	t.Helper()
	dir := t.TempDir()
	path := prepared(t, dir, "people.csv", content, mapping)
	c := pipeline.Config{Command: "check", State: dir + "/state", Files: []string{path}, Workers: 3, Redact: how}
	c.Source.ChunkSize = 100
	s, err := pipeline.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return s, func(file string) []string {
		text, err := os.ReadFile(filepath.Join(dir, "state", "runs", s.Run, file))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), path, "FILE"), "\n"), "\n")[1:]
	}
}

const clerksMapping = "version: 1\nkind: customer\nkeys: [externalId]\nskip: name == \"gone\"\ncolumns:\n" +
	"  id: externalId\n  name: name\n  score: custom.scoreNum\n"

// Whatever rows follow each other in a block, each has its own line, and those that are wrong have their problems.
func TestEveryRowHasItsLines(t *testing.T) {
	kinds := []struct{ cells, status, code, detail string }{
		{"id,Ann,1", "unsent", "", ""},
		{"id,gone,1", "skipped", "", ""},
		{"id,Bob,many", "invalid", "cell.number", "not a number"},
		{"id,Cid", "invalid", "row.width", "2 cells where the header has 3"},
		{"id,Dan,1,2", "invalid", "row.width", "4 cells where the header has 3"},
	}
	var content strings.Builder
	content.WriteString("id,name,score\n")
	var order []int
	for a := range kinds {
		for b := range kinds {
			for range 3 {
				order = append(order, a, b)
			}
		}
	}
	counts := map[string]int64{}
	problems := 0
	for i, n := range order {
		fmt.Fprintln(&content, strings.Replace(kinds[n].cells, "id", fmt.Sprintf("r%d", i), 1))
		counts[kinds[n].status]++
		if kinds[n].code != "" {
			problems++
		}
	}
	s, lines := inBlocks(t, content.String(), clerksMapping, redact.None)
	for _, status := range s.Statuses {
		if status.Rows != counts[status.Status] {
			t.Errorf("%d rows are %s, want %d", status.Rows, status.Status, counts[status.Status])
		}
	}
	outcomes := lines("outcomes.csv")
	if len(outcomes) != len(order) || len(lines("problems.csv")) != problems || len(lines("rejects.csv")) != problems {
		t.Fatalf("%d outcomes, %d problems, %d rejects of %d rows", len(outcomes), len(lines("problems.csv")),
			len(lines("rejects.csv")), len(order))
	}
	at := 0
	for i, n := range order {
		k := kinds[n]
		key := fmt.Sprintf("r%d", i)
		if k.code == "row.width" || k.status == "skipped" {
			key = ""
		}
		if begin := fmt.Sprintf("FILE,,%d,%s,%s,,%s,", i+2, key, k.status, k.code); !strings.HasPrefix(outcomes[i], begin) ||
			!strings.Contains(outcomes[i], k.detail) {
			t.Errorf("row %d is %s, want %s…%s", i, outcomes[i], begin, k.detail)
		}
		if k.code == "" {
			continue
		}
		if line := lines("problems.csv")[at]; !strings.HasPrefix(line, fmt.Sprintf("FILE,,%d,", i+2)) ||
			!strings.Contains(line, k.code) || !strings.Contains(line, k.detail) {
			t.Errorf("the problem of row %d is %s, want %s %s", i, line, k.code, k.detail)
		}
		if line := lines("rejects.csv")[at]; !strings.HasPrefix(line, fmt.Sprintf("r%d,", i)) ||
			!strings.Contains(line, k.detail) {
			t.Errorf("the reject of row %d is %s", i, line)
		}
		at++
	}
}

// A key has one sign in the whole run, whoever checks its row and whatever is wrong with the others of its cells. A
// hash is another one in another run.
func TestAKeyIsHiddenInOneWay(t *testing.T) {
	hashes := map[string]bool{}
	var content strings.Builder
	content.WriteString("id,name,score\n")
	for i := range 60 {
		fmt.Fprintf(&content, "same,Ann %d,%s\n", i, []string{"1", "many"}[i%2])
	}
	for _, c := range []struct {
		how    redact.Redaction
		begins string
	}{{redact.Mask, "s***"}, {redact.Hash, "#"}, {redact.Hash, "#"}, {redact.Full, "[redacted]"}} {
		how, begins := c.how, c.begins
		_, lines := inBlocks(t, content.String(), clerksMapping, how)
		signs := map[string]bool{}
		for _, line := range lines("outcomes.csv") {
			signs[strings.Split(line, ",")[3]] = true
		}
		for sign := range signs {
			if len(signs) != 1 || !strings.HasPrefix(sign, begins) {
				t.Errorf("%s: a key has the signs %v", how, signs)
			}
			if how == redact.Hash && hashes[sign] {
				t.Error("two runs have one salt")
			}
			hashes[sign] = true
		}
	}
}
