package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/plan"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
	"muster/pipeline/undo"
	"muster/pipeline/verify"
)

// young is an org whose index lags ten minutes, and a state directory beside it, for counting what is asked soon after
// something was written.
type young struct {
	t     *testing.T
	o     *org
	at    *timed
	dir   string
	state string
}

func newYoung(t *testing.T) *young {
	y := &young{t: t, at: &timed{}, dir: t.TempDir()}
	y.state = filepath.Join(y.dir, "state")
	y.o = newOrg(t, sandbox.Config{Now: y.at.now, RatePerMinute: plenty,
		Switches: sandbox.Switches{SearchLag: 10 * time.Minute}})
	return y
}

// write writes a file and its mapping: rows from … to, with so many of the columns.
func (y *young) write(name string, from, to, columns int, score string) string {
	y.t.Helper()
	header := []string{"id", "name", "email", "score", "vip"}[:columns]
	var b strings.Builder
	b.WriteString(strings.Join(header, ",") + "\n")
	for i := from; i < to; i++ {
		cells := []string{fmt.Sprintf("c-%d", i), fmt.Sprint("Ana ", i), fmt.Sprintf("c-%d@example.com", i), score,
			"yes"}[:columns]
		b.WriteString(strings.Join(cells, ",") + "\n")
	}
	path := filepath.Join(y.dir, name)
	mapping := peopleMapping
	if columns == 3 {
		mapping, _, _ = strings.Cut(mapping, "  score:")
	}
	for p, text := range map[string]string{path: b.String(), bind.MappingBeside(path): mapping} {
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			y.t.Fatal(err)
		}
	}
	return path
}

// cost is what do asks of the org, the introduction included, as time passes: half of an org's thousand requests a
// minute.
func (y *young) cost(do func(org *pipeline.Org)) int {
	y.t.Helper()
	y.o.spoil(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Date", y.at.now().UTC().Format(http.TimeFormat))
		y.at.move(time.Minute / 500)
		return false
	})
	do(y.o.introduced(y.t, kustomer.Config{Now: y.at.now, Sleep: skip(y.at)}, y.state, y.at.now()))
	seen, _ := y.o.requests()
	return seen
}

func (y *young) idle(context.Context, time.Duration) error { y.o.idle(y.t); return nil }

// imports imports a file and returns what that cost.
func (y *young) imports(path string) (s *report.Summary, cost int) {
	y.t.Helper()
	cost = y.cost(func(org *pipeline.Org) {
		var err error
		if s, err = pipeline.Run(y.t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: y.state,
			Org: org, Now: y.at.now, Sleep: y.idle}); err != nil {
			y.t.Fatal(err)
		}
	})
	return s, cost
}

// within holds a cost to its bound.
func (y *young) within(what string, cost, most int) {
	y.t.Helper()
	y.t.Logf("%s: %d requests, %d are allowed", what, cost, most)
	if cost > most {
		y.t.Errorf("%s costs %d requests, at most %d are due", what, cost, most)
	}
}

// A plan of 300 rows right after 120 of them were imported, of which seven have changed.
func TestRequestsOfAPlanRightAfter(t *testing.T) {
	y := newYoung(t)
	y.imports(y.write("first.csv", 0, 120, 5, "1"))
	path := y.write("all.csv", 0, 300, 5, "1")
	rewriteFile(t, path, "Ana 1,", "Bo,")
	for i := 11; i < 17; i++ {
		rewriteFile(t, path, fmt.Sprintf("Ana %d,", i), "Bo,")
	}
	var s *report.Summary
	cost := y.cost(func(org *pipeline.Org) {
		var err error
		if s, err = plan.Run(t.Context(), pipeline.Config{Command: "plan", Files: []string{path}, State: y.state,
			ReadOnly: org.ReadOnly(), Now: y.at.now}); err != nil {
			t.Fatal(err)
		}
	})
	if n := acts(s); n[report.ActCreate] != 180 || n[report.ActUpdate] != 7 || n[report.ActUnchanged] != 113 {
		t.Errorf("the plan: %v", n)
	}
	y.within("a plan", cost, 60)
}

// Of an org that has nobody, or few, the list of all is read: nobody is searched for, since an org grants few searches
// a minute.
func TestRequestsOfAPlanForAnEmptyOrg(t *testing.T) {
	y := newYoung(t)
	path := y.write("all.csv", 0, 6000, 5, "1")
	var s *report.Summary
	cost := y.cost(func(org *pipeline.Org) {
		var err error
		if s, err = plan.Run(t.Context(), pipeline.Config{Command: "plan", Files: []string{path}, State: y.state,
			ReadOnly: org.ReadOnly(), Now: y.at.now}); err != nil {
			t.Fatal(err)
		}
	})
	if n := acts(s); n[report.ActCreate] != 6000 {
		t.Errorf("the plan: %v", n)
	}
	y.within("a plan for an empty org", cost, 40)
}

// The same 12,000 customers again a minute later, with two more columns.
func TestRequestsOfMoreColumns(t *testing.T) {
	t.Parallel()
	y := newYoung(t)
	if s, _ := y.imports(y.write("people.csv", 0, 12_000, 3, "")); count(s, "created") != 12_000 {
		t.Fatal("not all were created")
	}
	y.at.move(time.Minute)
	s, cost := y.imports(y.write("people.csv", 0, 12_000, 5, "2"))
	if count(s, "updated") != 12_000 {
		t.Errorf("%d were updated", count(s, "updated"))
	}
	y.within("12,000 customers again", cost, 400)
}

// A run that changed 1,000 customers a moment ago is taken back.
func TestRequestsOfAnUndoRightAfter(t *testing.T) {
	t.Parallel()
	y := newYoung(t)
	y.imports(y.write("people.csv", 0, 1000, 5, "1"))
	changed, _ := y.imports(y.write("people.csv", 0, 1000, 5, "2"))
	var u *report.Undo
	cost := y.cost(func(org *pipeline.Org) {
		var err error
		u, err = undo.Run(t.Context(), undo.Config{State: y.state, Run: changed.Run, ReadOnly: org.ReadOnly(), Now: y.at.now,
			Sleep: y.idle},
			org.Client, func(*report.Undo) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
	})
	if u.Restored != 1000 {
		t.Errorf("%d of 1000 are restored: %+v", u.Restored, u)
	}
	y.within("an undo", cost, 60)
}

// Everything that an import of 12,000 has landed is read back at once.
func TestRequestsOfAVerifyRightAfter(t *testing.T) {
	t.Parallel()
	y := newYoung(t)
	s, _ := y.imports(y.write("people.csv", 0, 12_000, 5, "1"))
	var v *report.Verification
	cost := y.cost(func(org *pipeline.Org) {
		var err error
		v, err = verify.Run(t.Context(), verify.Config{State: y.state, Run: s.Run, ReadOnly: org.ReadOnly(), Landed: s.Ended,
			Now: y.at.now})
		if err != nil {
			t.Fatal(err)
		}
	})
	if v.Same != 12_000 {
		t.Errorf("%d of 12000 are as they were sent", v.Same)
	}
	y.within("reading 12,000 back", cost, 150)
}

// A plan that may only update knows at once whom the org has not.
func TestRequestsOfAPlanOfUpdates(t *testing.T) {
	y := newYoung(t)
	path := y.write("people.csv", 0, 300, 5, "1")
	cost := y.cost(func(org *pipeline.Org) {
		if _, err := plan.Run(t.Context(), pipeline.Config{Command: "plan", Files: []string{path}, State: y.state,
			ReadOnly: org.ReadOnly(), Verb: deliver.Update, Now: y.at.now}); err != nil {
			t.Fatal(err)
		}
	})
	y.within("a plan of updates", cost, 40)
}
