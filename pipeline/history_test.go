package pipeline_test

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/history"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

func lookBack(t *testing.T, state string) *history.History {
	t.Helper()
	h, err := history.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// tell is what the history tells of rows of the newest run.
func tell(t *testing.T, h *history.History, word string) []report.RowHistory {
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

// TestHistoryOfARunUnderWay: what the ledger holds is told although the run has left no report yet,
// and rows it did not come to are found in its input.
func TestHistoryOfARunUnderWay(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	const rows = 3000
	file := filepath.Join(dir, "people.csv")
	text := "externalId,email\n"
	for i := range rows {
		text += strings.ReplaceAll("k#,k#@example.com\n", "#", strconv.Itoa(i))
	}
	write(t, file, text)
	hangs, release := make(chan struct{}, 100), make(chan struct{})
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if _, writes := o.requests(); writes > 4 && r.Method != http.MethodGet {
			hangs <- struct{}{}
			<-release
		}
		return false
	})
	state, ended := filepath.Join(dir, "state"), make(chan error)
	go func() {
		_, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{file}, State: state,
			Org: o.connect(t), Uploads: 1})
		ended <- err
	}()
	<-hangs
	h := lookBack(t, state)
	if run := h.Runs()[0]; run.State != "running" || run.Ended != nil {
		t.Errorf("the run is %+v", run)
	}
	var none *history.NoReportError
	if _, err := h.Report(h.Runs()[0]); !errors.As(err, &none) {
		t.Errorf("got %v", err)
	}
	found := map[string]int{}
	for row := 1; row <= rows; row += 100 {
		s := tell(t, h, "row:"+strconv.Itoa(row))[0]
		found[s.Status]++
		sent, settled := len(s.Passages) == 1, len(s.Passages) == 1 && s.Passages[0].Status != ""
		landed := s.Status == "created" && settled && s.CustomerID != "" && s.Passages[0].Requests[0].Job != ""
		doubtful := s.Status == "unknown" && sent && !settled && s.Passages[0].Requests[0].State == "intended"
		waiting := s.Status == "unsent" && !sent && s.File != ""
		if !s.SoFar || !(landed || doubtful || waiting) {
			t.Errorf("row %d: %+v", row, s)
		}
	}
	if found["created"] != 4 || found["unknown"] != 1 || found["unsent"] != rows/100-5 {
		t.Errorf("of the first rows of batches %v", found)
	}
	for word, row := range map[string]int64{"2": 1, "k0": 1, "k0@example.com": 1, "people.csv:3001": 3000, "k2999": 3000} {
		if got := tell(t, h, word); len(got) != 1 || got[0].Row != row {
			t.Errorf("%s: %+v, want row %d", word, got, row)
		}
	}
	close(release)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestHistoryTellsRowsOfOneLineApart: an array of JSON may have all its elements in one line.
func TestHistoryTellsRowsOfOneLineApart(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "people.json")
	write(t, file, `[{"externalId":"1","custom":{"ordersNum":"canary-x"}},{"externalId":"2"},{"externalId":"3","custom":{"vipBool":"canary-y"}}]`)
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{file},
		State: filepath.Join(dir, "state")})
	if err != nil || s.Rows != 3 {
		t.Fatal(s, err)
	}
	h := lookBack(t, filepath.Join(dir, "state"))
	got := tell(t, h, "1")
	if len(got) != 3 || len(got[0].Problems) != 1 || got[0].Problems[0].Code != "cell.number" || got[1].Problems != nil ||
		len(got[2].Problems) != 1 || got[2].Problems[0].Code != "cell.bool" {
		t.Errorf("%+v", got)
	}
	var text strings.Builder
	if err := report.StoryText(&text, tell(t, h, "canary-x"), 80, false); err != nil ||
		strings.Contains(text.String(), "canary") ||
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
	if _, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: state,
		Org: o.connect(t)}); err != nil {
		t.Fatal(err)
	}
	h := lookBack(t, state)
	text, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	id := strings.Split(strings.Split(string(text), "\n")[1], ",")[0]
	if got := tell(t, h, id+"@example.com"); len(got) == 0 || got[0].Row != 1 {
		t.Errorf("%+v", got)
	}
	write(t, p.path, "id,name,email,score,vip\nnew,Ana,new@example.com,1,yes\n"+
		string(text)[len("id,name,email,score,vip\n"):])
	if _, err := h.RowStories(h.Runs()[0], id+"@example.com", false); !errors.As(err, new(*outcome.UsageError)) {
		t.Errorf("a row of another file was told of: %v", err)
	}
}
