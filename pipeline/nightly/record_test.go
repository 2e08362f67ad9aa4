package nightly_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline/exit"
	"muster/pipeline/ledger"
	"muster/pipeline/nightly"
)

// records are the nights of a job as the ledger has them, oldest first.
func (h *house) records(job string) (all []nightly.Result) {
	h.t.Helper()
	v, err := ledger.OpenReadOnly(filepath.Join(h.dir, ".muster"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer v.Close()
	list, err := v.Nights(job, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, n := range list {
		var r nightly.Result
		if err := json.Unmarshal(n.Record, &r); err != nil {
			h.t.Fatal(err)
		}
		all = append([]nightly.Result{r}, all...)
	}
	return all
}

func (h *house) run(number int) *nightly.Result {
	h.t.Helper()
	h.clock.set(halfPastTwo(number))
	out, err := h.night().Run(h.t.Context(), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return out.Jobs[0]
}

func (h *house) messages() (texts []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.told {
		texts = append(texts, h.told[i].Text())
	}
	h.told = nil
	return texts
}

const spoilt = "C-1X,Ana X,no address,Utrecht,1\nC-1Y,Ana Y,no address,Utrecht,1\n"

// A night that was killed and taken up says what it would have said, and it stays said until the rows are right or
// accepted.
func TestAResumedNightTellsTheTruth(t *testing.T) {
	outcome := func(killed bool) (*house, *nightly.Result, string) {
		h := newHouse(t, nightProject)
		h.write("crm.mapping.yaml", nightMapping)
		c := &crowd{}
		c.grow(400)
		h.clock.set(halfPastTwo(1))
		h.write("feed-01.csv", c.csv(header))
		h.run(1)
		c.rescore(0, 300)
		h.clock.set(halfPastTwo(2))
		h.write("feed-02.csv", c.csv(header)+spoilt)
		if killed {
			h.killed(8)
			list, err := nightly.StatusOf(h.night().Project, filepath.Join(h.dir, ".muster"), nil)
			if s := list[0]; err != nil || s.State != "killed" || s.ExitCode != exit.Interrupted || s.Unfinished == "" ||
				s.Run == s.Unfinished || s.Rows != 400 {
				t.Errorf("status of a night that was killed: %+v, %v", s, err)
			}
		} else {
			h.run(2)
			h.clock.set(halfPastTwo(3))
			return h, nil, strings.Join(h.messages(), "\n")
		}
		r := h.run(3)
		return h, r, strings.Join(h.messages(), "\n")
	}
	whole, _, toldWhole := outcome(false)
	h, resumed, told := outcome(true)
	want := whole.records("customers")[1]
	if resumed.Resumed == "" || len(resumed.Runs) != 1 || !resumed.Runs[0].Resumed {
		t.Fatalf("nothing was taken up: %+v", resumed)
	}
	if resumed.ExitCode != 3 || want.ExitCode != 3 || resumed.State != want.State || resumed.Rows != want.Rows {
		t.Errorf("resumed: exit %d, %s, %d rows; uninterrupted: exit %d, %s, %d rows", resumed.ExitCode, resumed.State,
			resumed.Rows, want.ExitCode, want.State, want.Rows)
	}
	for status, n := range want.Counts {
		if resumed.Counts[status] != n {
			t.Errorf("%s: %d resumed, %d uninterrupted", status, resumed.Counts[status], n)
		}
	}
	subject := func(s string) string {
		line, _, _ := strings.Cut(s, "\n")
		_, after, _ := strings.Cut(line, "/")
		return after
	}
	if subject(told) != subject(toldWhole) || !strings.Contains(told, "2 of 402 rows were refused") {
		t.Errorf("told %q, uninterrupted %q", told, toldWhole)
	}
	records := h.records("customers")
	if len(records) != 3 || records[1].State != "killed" || records[1].Run != resumed.Resumed ||
		records[1].Ended.IsZero() {
		t.Errorf("the killed night is recorded as %+v", records)
	}

	// Nothing new: it stays what it was, and nobody is told again.
	again := h.run(4)
	if again.State != "same" || again.ExitCode != 3 ||
		!strings.Contains(strings.Join(again.Says, "\n"), "muster show "+resumed.Run) || len(h.messages()) > 0 {
		t.Errorf("%+v", again)
	}
	figures, err := nightly.FiguresOf(h.night().Project, filepath.Join(h.dir, ".muster"))
	if err != nil || figures[0].ExitCode != 3 {
		t.Errorf("%+v, %v", figures, err)
	}
	// Accepted: two rejects are allowed.
	text, _ := os.ReadFile(filepath.Join(h.dir, "muster.yaml"))
	h.write("muster.yaml", strings.Replace(string(text), "    mapping:", "    allow-rejects: 2\n    mapping:", 1))
	if r := h.run(5); r.ExitCode != 0 {
		t.Errorf("%+v", r)
	}
	if told := h.messages(); len(told) != 1 || !strings.Contains(told[0], "well again") {
		t.Errorf("told %q", told)
	}
	if r := h.run(6); r.ExitCode != 0 || r.State != "same" {
		t.Errorf("%+v", r)
	}
}

// A night that finds no ledger to work with is recorded beside it, told once, shown in the figures, and entered later.
func TestANightWithoutALedger(t *testing.T) {
	h := newHouse(t, nightProject+"metrics: nights.prom\nbackup: {to: backups, keep: 7d}\n")
	h.write("crm.mapping.yaml", nightMapping)
	c := &crowd{}
	c.grow(20)
	h.write("feed-01.csv", c.csv(header))
	h.run(1)
	path := filepath.Join(h.dir, ".muster", "ledger.db")
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no ledger ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	r := h.run(2)
	backups := ledger.Backups(filepath.Join(h.dir, "backups"))
	if len(backups) != 1 || r.ExitCode != 6 || r.Fault != nightly.FaultLedger ||
		!strings.Contains(strings.Join(r.Says, "\n"), "muster restore "+backups[0]+" --state ") {
		t.Errorf("%+v, %v", r, backups)
	}
	if told := h.messages(); len(told) != 1 || !strings.Contains(told[0], "muster restore ") ||
		!strings.Contains(told[0], "org "+h.front.URL) {
		t.Errorf("told %q", told)
	}
	text, err := os.ReadFile(filepath.Join(h.dir, "nights.prom"))
	if err != nil || !strings.Contains(string(text), "job=\"customers\"} 6") {
		t.Errorf("metrics %s, %v", text, err)
	}
	if h.run(3); len(h.messages()) > 0 {
		t.Error("the same was told twice")
	}
	if err := os.WriteFile(path, sound, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := h.run(4); r.ExitCode != 0 || r.State != "same" {
		t.Errorf("%+v", r)
	}
	if told := h.messages(); len(told) != 1 || !strings.Contains(told[0], "well again") {
		t.Errorf("told %q", told)
	}
	var codes []int
	for _, r := range h.records("customers") {
		codes = append(codes, r.ExitCode)
	}
	if len(codes) != 4 || codes[0] != 0 || codes[1] != 6 || codes[2] != 6 || codes[3] != 0 {
		t.Errorf("the nights are recorded as %v", codes)
	}
	if left, _ := filepath.Glob(filepath.Join(h.dir, ".muster", "unrecorded", "*")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

// A channel that is dead is tried again alone, and only while there is something it does not know.
func TestADeadChannelIsRetriedAlone(t *testing.T) {
	h := newHouse(t, nightProject+"  - command: [sh, -c, \"cat >> heard; test ! -e dead\"]\n")
	h.write("crm.mapping.yaml", nightMapping)
	heard := func() string {
		text, _ := os.ReadFile(filepath.Join(h.dir, "heard"))
		os.Remove(filepath.Join(h.dir, "heard"))
		return string(text)
	}
	h.write("dead", "")
	if r := h.run(1); r.ExitCode != 6 || len(r.Told) != 2 || r.Told[0].Error != "" || r.Told[1].Error == "" {
		t.Fatalf("%+v", r)
	}
	heard()
	if len(h.messages()) != 1 {
		t.Error("the webhook was not told")
	}
	os.Remove(filepath.Join(h.dir, "dead"))
	if h.run(2); len(h.messages()) > 0 {
		t.Error("the webhook was told again")
	}
	if said := heard(); !strings.Contains(said, "no file fits") || !strings.HasPrefix(said, "muster: ") ||
		!strings.Contains(strings.SplitN(said, "\n", 2)[0], "no file fits") {
		t.Errorf("the command was told %q", said)
	}
	if h.run(3); heard() != "" {
		t.Error("the command was told again")
	}
	// Dead for a whole failure and its end: there is nothing that it does not know.
	c := &crowd{}
	c.grow(3)
	h.write("feed-01.csv", c.csv(header))
	if h.run(4); !strings.Contains(heard(), "well again") {
		t.Error("not told that it is well")
	}
	h.messages()
	h.write("dead", "")
	h.write("feed-02.csv", header)
	h.run(5)
	os.Remove(filepath.Join(h.dir, "feed-02.csv"))
	h.write("feed-01.csv", c.csv(header)) // or it would be stale
	heard()
	os.Remove(filepath.Join(h.dir, "dead"))
	if h.run(6); heard() != "" || len(h.messages()) != 2 {
		t.Error("told of the end of what it never knew")
	}
}
