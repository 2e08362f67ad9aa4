package pipeline_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/plan"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// canaried imports with a canary.
func canaried(t *testing.T, o *org, path, state string, uploads int) (*report.Summary, error) {
	t.Helper()
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: state,
		Org: o.connect(t), Canary: true, Uploads: uploads})
	if s == nil {
		t.Fatal(err)
	}
	return s, err
}

// TestCanaryStops: an org that spoils what is written without a word is found out after at most 1 + 10 customers,
// whatever the number of uploads; the rest is unsent, and the books balance.
func TestCanaryStops(t *testing.T) {
	for _, fault := range []string{"field-truncated", "field-dropped"} {
		for _, uploads := range []int{1, 16} {
			t.Run(fmt.Sprint(fault, uploads), func(t *testing.T) {
				o := newOrg(t, sandbox.Config{Misbehaviour: sandbox.Misbehaviour{Seed: 3, Rates: map[string]float64{fault: 1}}})
				dir := t.TempDir()
				p := writePeople(t, dir, "c", 700, rand.New(rand.NewPCG(5, 5)))
				s, err := canaried(t, o, p.path, dir+"/state", uploads)
				var e *deliver.CanaryError
				if !errors.As(err, &e) || s.ExitCode != exit.Unproven || !s.Balanced {
					t.Fatalf("exit %d, %v", s.ExitCode, err)
				}
				if n := len(o.customers(t)); n > 11 || count(s, "unsent") != p.fit-int64(n) {
					t.Errorf("%d customers were made, %d rows are unsent", n, count(s, "unsent"))
				}
				if strings.Contains(err.Error(), "Ana") {
					t.Error("the error holds a value")
				}
			})
		}
	}
}

// TestCanaryOnce: a mapping is tried once in an org: 1, 10, 100 and then all, each step read back before the next; an
// import after that goes straight on.
func TestCanaryOnce(t *testing.T) {
	t.Parallel()
	for name, rate := range map[string]int{"no limit": 0, "a limit": plenty} {
		t.Run(name, func(t *testing.T) { canaryOnce(t, rate) })
	}
}

func canaryOnce(t *testing.T, rate int) {
	o := newOrg(t, sandbox.Config{RatePerMinute: rate})
	dir := t.TempDir()
	p := writePeople(t, dir, "o", 600, rand.New(rand.NewPCG(5, 6)))
	plain, before := newOrg(t, sandbox.Config{RatePerMinute: rate}), int64(0)
	if s, err := limited(t, plain, p.path, dir+"/plain", "", deliver.Limits{}); err != nil {
		t.Fatal(err)
	} else {
		before = s.Requests
	}
	s, err := canaried(t, o, p.path, dir+"/state", 4)
	if err != nil || count(s, "created") != p.fit {
		t.Fatal(err)
	}
	audit(t, o, s, false)
	t.Logf("%d requests without a canary, %d with one", before, s.Requests)
	// two for each batch more, and a look at the first, a list of the next ten, and one of a hundred
	if s.Requests > before+4+5 {
		t.Errorf("the canary cost %d requests", s.Requests-before)
	}
	q := writePeople(t, dir, "q", 600, rand.New(rand.NewPCG(5, 7)))
	again, err := canaried(t, o, q.path, dir+"/state", 4)
	if err != nil || again.Requests > before+4 {
		t.Errorf("%d requests, %d without a canary: %v", again.Requests, before, err)
	}
}

// TestCanaryStopsAPlan: a plan says what is sent, not what the org makes of it, so carrying it out is tried likewise.
func TestCanaryStopsAPlan(t *testing.T) {
	o := newOrg(t, sandbox.Config{Misbehaviour: sandbox.Misbehaviour{Seed: 3,
		Rates: map[string]float64{"field-truncated": 1}}})
	dir := t.TempDir()
	p := writePeople(t, dir, "c", 700, rand.New(rand.NewPCG(5, 5)))
	planned := planFor(t, o, p.path, dir+"/state", "")
	_, settings, err := plan.Read(planned.Plan.Path)
	if err != nil {
		t.Fatal(err)
	}
	config := settings.Config
	config.Command, config.Plan, config.State, config.Org, config.Canary = "apply", planned.Plan.Path, dir+"/state",
		o.connect(t), true
	s, err := pipeline.Run(t.Context(), config)
	var e *deliver.CanaryError
	if n := len(o.customers(t)); !errors.As(err, &e) || s.ExitCode != exit.Unproven || !s.Balanced || n > 11 {
		t.Errorf("exit %d, %d customers, %v", s.ExitCode, n, err)
	}
}
