package pipeline_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

func history(t *testing.T, state string) *pipeline.History {
	t.Helper()
	h, err := pipeline.OpenHistory(state)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// tell is what the history tells of rows of the newest run.
func tell(t *testing.T, h *pipeline.History, word string) []report.Story {
	t.Helper()
	run, err := h.Find("last", nil)
	if err != nil {
		t.Fatal(err)
	}
	stories, err := h.RowStories(run, word, false)
	if err != nil {
		t.Fatalf("%s: %v", word, err)
	}
	return stories
}

// TestHistoryOfAKilledRun: what the ledger holds is told although the run left no report, and rows
// it did not come to are found in its input.
func TestHistoryOfAKilledRun(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	file := filepath.Join(dir, "people.csv")
	var b strings.Builder
	b.WriteString("externalId,email\n")
	for i := range 1500 {
		b.WriteString(strings.ReplaceAll("k#,k#@example.com\n", "#", string(rune('a'+i%26))+strings.Repeat("x", i/26)))
	}
	write(t, file, b.String())
	// A write hangs after some have landed, so that the run is killed with a batch open.
	hang, end := context.WithCancel(t.Context())
	t.Cleanup(end)
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if _, writes := o.requests(); writes > 4 && r.Method != http.MethodGet {
			<-hang.Done()
		}
		return false
	})
	state := filepath.Join(dir, "state")
	if _, dead := importAsChild(t, o, file, state, 3*time.Second); !dead {
		t.Fatal("it was not killed")
	}
	h := history(t, state)
	run := h.Runs()[0]
	if run.State != "interrupted" || run.Ended != nil {
		t.Errorf("the run is %+v", run)
	}
	var none *pipeline.NoReportError
	if _, err := h.Report(run); !errors.As(err, &none) {
		t.Errorf("got %v", err)
	}
	for word, want := range map[string]string{"2": "created", "ka": "created", "row:1500": "unsent", "1501": "unsent"} {
		got := tell(t, h, word)
		if len(got) != 1 || got[0].Status != want || !got[0].SoFar || got[0].File == "" && want == "unsent" {
			t.Errorf("%s: %+v, want %s", word, got, want)
		}
		if want == "created" && (got[0].CustomerID == "" || len(got[0].Passages) != 1 || got[0].Passages[0].Requests[0].Job == "") {
			t.Errorf("%s: %+v", word, got[0])
		}
	}
	open := 0
	for row := range 1500 {
		if got := tell(t, h, "row:"+strconv.Itoa(row+1)); got[0].Status == "unknown" {
			open++
			if p := got[0].Passages; len(p) != 1 || p[0].Status != "" || p[0].Requests[0].State != "intended" {
				t.Fatalf("row %d: %+v", row+1, got[0])
			}
			break
		}
	}
	if open == 0 {
		t.Error("no row is told to be in doubt")
	}
}

// TestHistoryTellsRowsOfOneLineApart: an array of JSON may have all its elements in one line.
func TestHistoryTellsRowsOfOneLineApart(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "people.json")
	write(t, file, `[{"externalId":"1","custom":{"ordersNum":"canary-x"}},{"externalId":"2"},{"externalId":"3","custom":{"vipBool":"canary-y"}}]`)
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{file}, State: filepath.Join(dir, "state")})
	if err != nil || s.Rows != 3 {
		t.Fatal(s, err)
	}
	h := history(t, filepath.Join(dir, "state"))
	got := tell(t, h, "1")
	if len(got) != 3 || len(got[0].Problems) != 1 || got[0].Problems[0].Code != "cell.number" || got[1].Problems != nil ||
		len(got[2].Problems) != 1 || got[2].Problems[0].Code != "cell.bool" {
		t.Errorf("%+v", got)
	}
	var text strings.Builder
	if err := report.StoryText(&text, tell(t, h, "canary-x"), 80, false); err != nil || strings.Contains(text.String(), "canary") ||
		!strings.Contains(text.String(), "cell.number") {
		t.Errorf("%v: %s", err, text.String())
	}
}

// TestHistoryDoesNotTrustAChangedInput: a row found in a file that is not what the run read would be
// another row.
func TestHistoryDoesNotTrustAChangedInput(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	p := writePeople(t, dir, "old", 120, rand.New(rand.NewPCG(5, 5)))
	state := filepath.Join(dir, "state")
	if _, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: state, Org: o.connect(t)}); err != nil {
		t.Fatal(err)
	}
	h := history(t, state)
	text, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	id := strings.Split(strings.Split(string(text), "\n")[1], ",")[0]
	if got := tell(t, h, id+"@example.com"); len(got) == 0 || got[0].Row != 1 {
		t.Errorf("%+v", got)
	}
	write(t, p.path, "id,name,email,score,vip\nnew,Ana,new@example.com,1,yes\n"+string(text)[len("id,name,email,score,vip\n"):])
	if _, err := h.RowStories(h.Runs()[0], id+"@example.com", false); !errors.As(err, new(*pipeline.UsageError)) {
		t.Errorf("a row of another file was told of: %v", err)
	}
}
