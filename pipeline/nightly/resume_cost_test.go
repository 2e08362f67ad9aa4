package nightly_test

import (
	"path/filepath"
	"testing"
	"time"

	"muster/pipeline/lanes"
	"muster/pipeline/ledger"
)

// inDoubt is how many rows are in batches that the newest run began and nobody knows the end of.
func (h *house) inDoubt() (rows int) {
	h.t.Helper()
	l, err := ledger.Open(filepath.Join(h.dir, ".muster"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer l.Close()
	runs, err := l.Runs()
	if err != nil || len(runs) == 0 {
		h.t.Fatal("no run", err)
	}
	run, err := l.Find(runs[0].ID)
	if err != nil {
		h.t.Fatal(err)
	}
	batches, err := run.OpenBatches()
	if err != nil {
		h.t.Fatal(err)
	}
	for _, b := range batches {
		rows += len(b.Items)
	}
	return rows
}

// What was landed before a kill is known by the ledger: a resume, five minutes later and while the org's search knows
// nothing of it yet, costs what is left of a night without a kill, and what it takes to know the rows in doubt.
func TestAResumeCostsWhatIsLeft(t *testing.T) {
	for name, c := range map[string]struct {
		change func(c *crowd)
		kill   int
	}{
		"customers are made":   {func(c *crowd) { c.grow(1000) }, 15},
		"a number changes":     {func(c *crowd) { c.rescore(0, 800) }, 15},
		"a list changes":       {func(c *crowd) { c.change(0, 800) }, 20},
		"a list, near the end": {func(c *crowd) { c.change(0, 800) }, 30}, // a night takes 33 to 50
	} {
		t.Run(name, func(t *testing.T) {
			cost := func(kill int) (requests, inDoubt int) {
				h := newHouse(t, nightProject)
				h.write("crm.mapping.yaml", nightMapping)
				crowd := &crowd{}
				crowd.grow(1000)
				h.clock.set(halfPastTwo(1))
				h.write("feed-01.csv", crowd.csv(header))
				h.run(1)
				c.change(crowd)
				h.clock.set(halfPastTwo(2))
				h.write("feed-02.csv", crowd.csv(header))
				h.seen = 0
				if kill == 0 {
					h.run(2)
					return h.seen, 0
				}
				h.killed(kill)
				inDoubt = h.inDoubt()
				h.clock.set(halfPastTwo(2).Add(5 * time.Minute))
				out, err := h.night().Run(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if r := out.Jobs[0]; r.Resumed == "" || r.ExitCode != 0 {
					t.Errorf("exit %d, resumed %q: %v", r.ExitCode, r.Resumed, r.Says)
				}
				h.same(crowd, "after the resume")
				return h.seen, inDoubt
			}
			clean, _ := cost(0)
			killed, inDoubt := cost(c.kill)
			t.Logf("%d requests, and %d with a kill that left %d rows in doubt", clean, killed, inDoubt)
			// Four batches of a hundred are under way at first, and one more after each round of them, of two requests for each.
			most := 100 * (lanes.OpenAtFirst + c.kill/(2*lanes.OpenAtFirst))
			// Every row in doubt is told by lists and searches of many: there may be more of them at the same cost.
			if killed > clean+35 || inDoubt > most {
				t.Errorf("a night that was killed took %d requests for %d rows in doubt, one that was not %d", killed, inDoubt,
					clean)
			}
		})
	}
}
