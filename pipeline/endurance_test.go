package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline/exit"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

var (
	enduranceRuns = flag.Int("endurance", 0, "runs of TestEndurance, and of TestEnduranceOfKinds; default 40 and 4, or "+
		"200 and 40 with -long")
	enduranceSeed = flag.Uint64("endurance-seed", 0, "run TestEndurance with this seed alone")
)

// TestEndurance imports into orgs that misbehave in random ways, ends the import with SIGKILL, Ctrl-C or SIGTERM at
// random moments, gives the same command again until it ends, and holds what it reports against the org's database. A
// failure names its seed; -endurance-seed N tries that one alone.
func TestEndurance(t *testing.T) {
	t.Parallel()
	runs := 40
	switch {
	case *allSeeds:
		runs = 200
	case raceEnabled:
		runs = 20
	}
	if *enduranceRuns > 0 {
		runs = *enduranceRuns
	}
	var next atomic.Uint64
	last := uint64(runs)
	if *enduranceSeed > 0 {
		next.Store(*enduranceSeed - 1)
		last = *enduranceSeed
	}
	var lanes sync.WaitGroup
	var sum tally
	begun := time.Now()
	for range 6 { // most of a run is waiting
		lanes.Go(func() {
			for seed := next.Add(1); seed <= last; seed = next.Add(1) {
				e := newEndurance(t, seed)
				e.run()
				sum.add(e)
				if took := time.Since(e.clock.Begin); took > 10*time.Second {
					t.Logf("seed %d took %v and %d attempts", seed, took.Round(time.Second), e.attempts)
				}
			}
		})
	}
	lanes.Wait()
	t.Logf("%v: %s", time.Since(begun).Round(time.Second), &sum)
}

// tally adds up what the runs went through.
type tally struct {
	mu                                sync.Mutex
	runs, attempts, kills, full, rows int
	signals                           int           // of the kills by Ctrl-C or SIGTERM
	slowest                           time.Duration // of these to end
	statuses                          map[string]int
	misdeeds                          map[string]int
}

func (s *tally) add(e *endurance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	s.attempts += e.attempts
	s.kills += e.kills
	s.full += e.full
	s.signals += e.signals
	s.slowest = max(s.slowest, e.slowest)
	if s.statuses == nil {
		s.statuses, s.misdeeds = map[string]int{}, map[string]int{}
	}
	for k, n := range e.statuses {
		s.statuses[k] += n
		s.rows += n
	}
	for k, n := range e.misdeeds {
		s.misdeeds[k] += n
	}
}

func (s *tally) String() string {
	return fmt.Sprintf("%d runs, %d attempts, %d of them killed, %d of these asked to end, which took %v at most, %d "+
		"on a full disk; %d rows: %v; misdeeds: %v",
		s.runs, s.attempts, s.kills, s.signals, s.slowest.Round(time.Millisecond), s.full, s.rows, s.statuses, s.misdeeds)
}

// endurance is one run with its seed.
type endurance struct {
	t     testing.TB
	seed  uint64
	rng   *rand.Rand
	dir   string
	clock fastClock

	rates    map[string]float64
	switches sandbox.Switches
	chosen   []string // the switches, in words
	policy   string   // of rows in conflict
	key      string   // with or without the role to search
	server   *sandbox.Server
	crowd    []*person
	talks    []*talk // none: the seed is of customers alone
	firms    []*firm // none: no row names a company
	ear      *ear
	url      string // where the org is reached
	saved    bool   // the org had to be told to behave for the run to end

	// what the org had before this import, by id
	before      map[string]sandbox.Customer
	talksBefore map[string]sandbox.Conversation
	firmsBefore map[string]firmHeld

	attempts, kills, full int
	signals               int // of the kills by Ctrl-C or SIGTERM
	slowest               time.Duration
	statuses, misdeeds    map[string]int
}

func newEndurance(t testing.TB, seed uint64) *endurance {
	return &endurance{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 0xe)), statuses: map[string]int{},
		clock: fastClock{Begin: time.Now().Round(0), Speed: 150}}
}

// fail reports what is wrong, with all that is needed to try it again.
func (e *endurance) fail(format string, args ...any) {
	e.t.Errorf("seed %d: %s\n  faults %v, switches %v, %d attempts, %d killed; again: go test ./pipeline -run "+
		"Endurance -endurance-seed %d",
		e.seed, fmt.Sprintf(format, args...), e.rates, e.chosen, e.attempts, e.kills, e.seed)
}

func (e *endurance) run() {
	var err error
	if e.dir, err = os.MkdirTemp("", "endurance-"); err != nil {
		e.fail("%v", err)
		return
	}
	defer os.RemoveAll(e.dir)
	e.choose()
	further := rand.New(rand.NewPCG(e.seed, 0xf)) // so that a seed's customers are what they were without the others
	hasTalks, hasFirms, byName := further.IntN(4) == 0, further.IntN(4) == 0, further.IntN(2) == 0
	// The run's key may or may not search; the other settles whom the run meets.
	e.key = "endures-key-canary"
	keys := map[string][]string{"settles": sandbox.Roles(), e.key: sandbox.Roles()}
	if e.rng.IntN(4) == 0 && !(hasFirms && byName) {
		keys[e.key] = slices.DeleteFunc(sandbox.Roles(), func(role string) bool { return strings.Contains(role, "search") })
		e.chosen = append(e.chosen, "no search")
	}
	e.server, err = sandbox.Start(sandbox.Config{RatePerMinute: []int{-1, plenty, 1000}[e.rng.IntN(3)],
		Switches: e.switches, Keys: keys,
		JobDelay: time.Duration(e.rng.IntN(20)) * time.Millisecond, Now: e.clock.now,
		Misbehaviour: sandbox.Misbehaviour{Rates: e.rates, Seed: e.seed, Moment: 8 * time.Millisecond}})
	if err != nil {
		e.fail("%v", err)
		return
	}
	defer e.server.Close()
	e.server.Behave(true)
	e.crowd = gather(e.rng, fmt.Sprintf("s%d", e.seed), 5+e.rng.IntN(90))
	err = e.settle()
	if err == nil && hasTalks {
		e.chosen = append(e.chosen, "with conversations")
		err = e.converse(further)
	}
	if err == nil && hasFirms {
		e.chosen = append(e.chosen, fmt.Sprintf("with companies, by name %v", byName))
		err = e.employ(further, byName)
	}
	if err != nil {
		e.fail("%v", err)
		return
	}
	e.ear = &ear{Handler: e.server.Handler()}
	front := httptest.NewServer(e.ear)
	defer front.Close()
	e.url = front.URL
	imports := 1
	if e.rng.IntN(3) == 0 {
		imports = 2
	}
	for n := range imports {
		if n > 0 {
			change(e.rng, e.crowd)
			changeTalks(further, e.talks)
			e.move(further)
			if e.rng.IntN(3) == 0 {
				e.clock.sleep(context.Background(), 12*time.Minute) // now the index is believed
			}
		}
		if !e.importAll(n) {
			return
		}
	}
	e.misdeeds = e.server.Misdeeds()
}

// choose draws the faults and switches of the run.
func (e *endurance) choose() {
	e.rates = map[string]float64{}
	rare := map[string]bool{"expired": true, "role-lost": true, "job-stuck": true, "hang-before": true, "hang-after": true,
		"throttle": true}
	for _, f := range sandbox.NamedFaults() {
		if e.rng.IntN(3) > 0 {
			continue
		}
		p := 0.02 + 0.18*e.rng.Float64()
		if rare[f.Name] {
			p /= 20
		}
		e.rates[f.Name] = p
	}
	e.rates["slow"] = max(e.rates["slow"], 0.01) // so that there always is one
	e.policy = []string{"reject", "reject", "skip", "prefer=externalId,email", "prefer=email,externalId"}[e.rng.IntN(5)]
	e.chosen = append(e.chosen, "on-conflict "+e.policy)
	positions := map[string][]string{
		"schema-errors-per-item": {""}, "batches-shape": {"flat", "bare"}, "batches-page-size": {"1", "2"},
		"batch-size": {"3", "10", "100"},
		"body-limit": {"3000", "20000"}, "duplicate-status": {"400", "422"}, "resent-is-same-job": {""},
		"reset-format": {"ms", "delta", "absent"},
		"reset-always": {""}, "retry-after": {""}, "object-updates-per-minute": {"5"}, "company-kept": {""},
		"arrays-united":   {""},
		"custom-replaced": {""}, "imported-at-is-silent": {""}, "created-at-ignored": {""}, "identities-exact": {""},
		"shared-unique": {""},
		"job-retention": {"20s"}, "failed-state": {""}, "enumerations-open": {""}, "put-replaces": {""},
		"mirror-checked":    {""},
		"tag-names-on-read": {""}, "bulk-update-full": {""}, "bulk-update-closed": {""}, "delete-reserves": {""},
		"missing-role-is-401": {""},
		"missing-id-per-item": {""}, "submit-status": {"running", "complete"}, "error-shape": {"portal", "jsonapi"},
		"errors-echo-values": {""}, "no-payload-echo": {""},
	}
	for _, s := range sandbox.NamedSwitches() {
		list := positions[s.Name]
		if len(list) == 0 || e.rng.IntN(4) > 0 {
			continue
		}
		position := list[e.rng.IntN(len(list))]
		if err := e.switches.Set(s.Name, position); err != nil {
			e.fail("%v", err)
		}
		e.chosen = append(e.chosen, s.Name+"="+position)
	}
}

const (
	mostKills    = 2
	mostAttempts = 12
)

// importAll gives the command again and again until it ends, and audits its report.
func (e *endurance) importAll(n int) bool {
	files := []string{filepath.Join(e.dir, fmt.Sprintf("people-%d.csv", n))}
	err := e.writeCrowd(files[0])
	if e.talks != nil {
		files = append(files, filepath.Join(e.dir, fmt.Sprintf("talks-%d.csv", n)))
		err = errors.Join(err, e.writeTalks(files[1]))
	}
	if err != nil {
		e.fail("%v", err)
		return false
	}
	e.before, e.talksBefore, e.firmsBefore = e.dump(), e.dumpTalks(), e.dumpFirms()
	e.ear.settled()
	e.saved = false
	e.server.Behave(false)
	kills := 0
	for tries := 0; ; tries++ {
		if tries == mostAttempts {
			e.server.Behave(true)
			e.saved = true
		}
		a := &attempt{URL: e.url, Key: e.key, Policy: e.policy, Files: files, State: filepath.Join(e.dir, "state"),
			Clock: e.clock, Uploads: 1 + e.rng.IntN(4)}
		kill := time.Duration(0)
		if kills < mostKills && e.rng.IntN(3) > 0 {
			kill = time.Duration(60+e.rng.IntN(400)) * time.Millisecond
		} else if !e.saved && e.rng.IntN(12) == 0 {
			a.DiskLeft = uint64(20_000 + e.rng.IntN(200_000))
			e.full++
		}
		deadline := time.Minute
		if kill == 0 {
			kill = deadline
		}
		e.attempts++
		begun := time.Now()
		s, code, said := a.start(context.Background(), kill)
		if *enduranceSeed > 0 {
			e.t.Logf("attempt %d: %v, exit code %d, killed after %v: %s", tries+1, time.Since(begun), code, kill, said)
		}
		if leak := e.leak(s, said); leak != "" {
			e.fail("law 5: %s", leak)
			return false
		}
		if code == -1 {
			if kill == deadline {
				e.fail("an attempt did not end within %v", deadline)
				return false
			}
			kills++
			e.kills++
			if a.heard > 0 {
				e.signals++
				e.slowest = max(e.slowest, a.heard)
			}
			continue
		}
		if done, ok := e.ended(s, code, said, tries); done {
			return ok
		}
	}
}

// leak says what of the rows or the key is in what an attempt printed or in its report.
func (e *endurance) leak(s *report.Summary, said string) string {
	told, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	for _, value := range []string{"Longname", "@example.com", "+3161", e.key} {
		if strings.Contains(said, value) || strings.Contains(string(told), value) {
			return "it tells " + value
		}
	}
	return ""
}

// ended judges the end of an attempt: whether the run has come to its own end, and whether that was good.
func (e *endurance) ended(s *report.Summary, code int, said string, tries int) (done, ok bool) {
	switch {
	case code == exit.OK || code == exit.Rejects:
		return true, e.audit(s)
	case code == exit.Unproven && s != nil && s.Balanced && e.lonely(s):
		return true, e.audit(s) // what is left can never be known
	case code == exit.Unproven && s != nil && !s.Balanced, code == exit.Internal, code == exit.Usage, code == 2, code < 0:
		e.fail("exit code %d: %s", code, said)
		return true, false
	case tries > mostAttempts+5:
		e.fail("the run does not end though the org behaves: exit code %d: %s", code, said)
		if s != nil {
			e.audit(s)
		}
		return true, false
	}
	return false, false
}

// lonely says whether all rows that are unknown have no key to ask for them by.
func (e *endurance) lonely(s *report.Summary) bool {
	for _, o := range outcomes(e.t, s) {
		isTalk := strings.HasPrefix(filepath.Base(o.File), "talks")
		if o.Status == "unsent" || o.Status == "unknown" && (isTalk || e.crowd[o.Line-2].findable()) {
			return false
		}
	}
	return true
}

func (e *endurance) dump() map[string]sandbox.Customer {
	all, err := e.server.Dump(context.Background())
	if err != nil {
		e.fail("%v", err)
	}
	by := map[string]sandbox.Customer{}
	for _, c := range all {
		by[c.ID] = c
	}
	return by
}

// attributesOf decodes what the org has of a customer.
func attributesOf(c sandbox.Customer) (a held) {
	if err := json.Unmarshal(c.Attributes, &a); err != nil {
		panic(err)
	}
	return a
}

// held is what the audit looks at.
type held struct {
	ExternalID string
	Name       string
	Emails     []struct{ Email string }
	Phones     []struct{ Phone string }
	Whatsapps  []struct{ Phone string }
	Custom     map[string]any
	Rev        int
	ImportedAt string
}
