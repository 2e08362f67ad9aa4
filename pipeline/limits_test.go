package pipeline_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/lanes"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

func rows(n int64) *deliver.Allowance          { return &deliver.Allowance{Rows: n} }
func share(percent float64) *deliver.Allowance { return &deliver.Allowance{Percent: percent} }

// limited imports a file under limits.
func limited(t *testing.T, o *org, path, state string, verb deliver.Verb, l deliver.Limits) (*report.Summary, error) {
	t.Helper()
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: state,
		Org: o.connect(t), Verb: verb, Limits: l})
	if s == nil {
		t.Fatal(err)
	}
	return s, err
}

// guarded holds a run that a guard stopped: exit 5, balanced, and the guard named.
func guarded(t *testing.T, s *report.Summary, err error, guard string) {
	t.Helper()
	var g *outcome.GuardError
	if !errors.As(err, &g) || g.Guard != guard || s.ExitCode != exit.Guard || !s.Balanced ||
		!strings.Contains(s.Stopped, guard) {
		t.Errorf("stopped %q with exit %d, balanced %v; the guard of %s was to stop it", s.Stopped, s.ExitCode, s.Balanced,
			guard)
	}
}

// TestLimitInvalid: too many invalid rows stop the run before anything is sent; as many as are allowed do not.
func TestLimitInvalid(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	p := writePeople(t, dir, "i", 400, rand.New(rand.NewPCG(7, 1)))
	tenth := 100 * float64(p.wrong) / 400
	for _, one := range []struct {
		limit *deliver.Allowance
		least int64
		stops bool
	}{
		{rows(p.wrong - 1), 0, true}, {rows(p.wrong), 0, false}, {share(tenth - 0.1), 0, true},
		{share(tenth + 0.1), 0, false},
		{share(tenth - 0.1), 401, false}, {rows(0), 401, true},
	} {
		writes := o.onlyWrites(t)
		s, err := limited(t, o, p.path, t.TempDir(), "", deliver.Limits{Invalid: one.limit, Sample: one.least})
		if one.stops {
			guarded(t, s, err, "--max-invalid")
			if n := writes(); n != 0 || count(s, "unsent") != p.fit || count(s, "invalid") != p.wrong ||
				count(s, "duplicate") != p.doubled {
				t.Errorf("%v: %d requests, %d unsent of %d", one.limit, n, count(s, "unsent"), p.fit)
			}
		} else if err != nil {
			t.Errorf("%v: %v", one.limit, err)
		}
	}
}

// TestLimitRejected: an org that refuses everything is asked for a few batches, not for all.
func TestLimitRejected(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	p := writePeople(t, dir, "r", 3000, rand.New(rand.NewPCG(7, 2)))
	if s, err := limited(t, o, p.path, dir+"/first", "", deliver.Limits{Rejected: rows(0)}); err != nil ||
		count(s, "created") != p.fit {
		t.Fatal(err)
	}
	for _, l := range []deliver.Limits{{Rejected: share(10)}, {Rejected: rows(150)}} {
		s, err := limited(t, o, p.path, t.TempDir(), deliver.Create, l) // who is there already is rejected
		guarded(t, s, err, "--max-rejected")
		if n := count(s, "rejected"); n < 100 || n > 1800 || count(s, "unsent") != p.fit-n {
			t.Errorf("%d rows were rejected before the guard stopped the run, %d are unsent", n, count(s, "unsent"))
		}
	}
}

// TestLimitCreate: however many uploads are under way, never more customers are made than were allowed,
// and those who are there already do not count.
func TestLimitCreate(t *testing.T) {
	t.Parallel()
	for seed := range seeds() / 8 {
		rng := rand.New(rand.NewPCG(7, seed))
		o := newOrg(t, sandbox.Config{})
		dir := t.TempDir()
		p := writePeople(t, dir, fmt.Sprint("c", seed), 600+rng.IntN(1500), rng)
		there := countOf(t, o, p, rng.IntN(p.rows), dir)
		most := rng.Int64N(p.fit)
		s, err := limited(t, o, p.path, dir+"/state", "", deliver.Limits{Create: rows(most)})
		made := int64(len(o.customers(t))) - there
		switch {
		case made > most || made != count(s, "created"):
			t.Errorf("seed %d: %d customers were made and %d allowed; the report says %d", seed, made, most, count(s, "created"))
		case p.fit-there > most:
			guarded(t, s, err, "--max-create")
		case err != nil || count(s, "unsent") > 0:
			t.Errorf("seed %d: stopped though %d were to be made and %d allowed: %v", seed, p.fit-there, most, err)
		}
		o.close()
		if t.Failed() {
			return
		}
	}
}

// countOf imports the first rows of a file beforehand, from another ledger, and says how many customers there are then.
func countOf(t *testing.T, o *org, p *people, n int, dir string) int64 {
	t.Helper()
	text, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	first := filepath.Join(dir, "first.csv")
	for end := min(n, len(lines)); ; end++ {
		part := strings.Join(lines[:end], "")
		if strings.Count(part, `"`)%2 != 0 && end < len(lines) {
			continue
		}
		if err := errors.Join(os.WriteFile(first, []byte(part), 0o600),
			os.WriteFile(bind.MappingBeside(first), []byte(peopleMapping), 0o600)); err != nil {
			t.Fatal(err)
		}
		break
	}
	if n == 0 {
		return 0
	}
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{first}, State: dir + "/before",
		Org: o.connect(t)})
	if err != nil {
		t.Fatal(err)
	}
	return count(s, "created")
}

// TestLimitUpdate: never more customers are changed than were allowed.
func TestLimitUpdate(t *testing.T) {
	for seed := range seeds() / 12 {
		rng := rand.New(rand.NewPCG(8, seed))
		o := newOrg(t, sandbox.Config{})
		dir := t.TempDir()
		p := writePeople(t, dir, fmt.Sprint("u", seed), 300+rng.IntN(700), rng)
		if _, err := limited(t, o, p.path, dir+"/state", "", deliver.Limits{}); err != nil {
			t.Fatal(err)
		}
		text, _ := os.ReadFile(p.path)
		changed := strings.ReplaceAll(string(text), "Ana ", "Bea ")
		if err := os.WriteFile(p.path, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		most := rng.Int64N(p.fit)
		s, err := limited(t, o, p.path, dir+"/state", "", deliver.Limits{Update: rows(most)})
		var now int64
		for _, list := range o.customers(t) {
			if strings.Contains(string(list[0].Attributes), "Bea ") {
				now++
			}
		}
		if now > most || now != count(s, "updated") {
			t.Errorf("seed %d: %d customers were changed and %d allowed; the report says %d", seed, now, most,
				count(s, "updated"))
		}
		if count(s, "unsent") > 0 {
			guarded(t, s, err, "--max-update")
		}
		o.close()
	}
}

// TestANewCodeSlowsDown: when the org refuses something for the first time, the next batches go one at a time.
func TestANewCodeSlowsDown(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	p := writePeople(t, dir, "w", 4000, rand.New(rand.NewPCG(7, 3)))
	countOf(t, o, p, 500, dir)
	alarmed := false
	heard := &listener{hears: func(line string) {
		if strings.Contains(line, "go one by one") {
			alarmed = true
		}
	}}
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: dir + "/state",
		Org:  o.connect(t),
		Verb: deliver.Create, Progress: heard, Uploads: 8})
	if err != nil || count(s, "rejected") == 0 {
		t.Fatalf("%v, %d rejected", err, count(s, "rejected"))
	}
	if !alarmed {
		t.Error("nobody was told that a code is new")
	}
}

// listener hears what a run says.
type listener struct{ hears func(string) }

func (*listener) Phase(string, int64) {}
func (*listener) Step(int64)          {}
func (l *listener) Say(line string)   { l.hears(line) }
func (*listener) Done()               {}

// TestLanesHold: held lanes are one until so many batches have come back, whatever is heard meanwhile.
func TestLanesHold(t *testing.T) {
	l := lanes.NewLimiter(8)
	for range 6 {
		l.Heard(1, 0)
	}
	before := l.Open()
	l.Hold(3)
	for i := range 3 {
		l.Enter()
		l.Heard(1, 0)
		if l.Open() != 1 {
			t.Errorf("%d lanes are open after %d of 3 batches", l.Open(), i)
		}
		l.Leave()
	}
	l.Heard(1, 0)
	if before < 2 || l.Open() < 2 {
		t.Errorf("%d lanes before, %d after", before, l.Open())
	}
}
