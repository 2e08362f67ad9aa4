package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline/sandbox"
)

// kindPositions are the other answers to the open questions about companies, KObjects, conversations, messages and
// notes, and to those about bulk requests, by the names of the sandbox's switches. The usual answers are met elsewhere.
func kindPositions() map[string][]string {
	on := []string{""}
	return map[string][]string{
		"inbound-reopens": {"ifNotImported", "no"}, "company-external-id-shared": on,
		"conversation-external-id-unique": on, "external-id-unique": on, "message-authors": {"any", "ignored"},
		"message-lookup": {"lower", "none"}, "note-import-exempt": on, "counters-lag": {"1m"}, "counts-lag": {"1m"},
		"conversation-delete-leaves": on, "kobject-client-ref": on, "klass-pages": on, "conversation-needed": on,
		"customer-mismatch": {"conversation", "accept"}, "client-ids": {"reject", "honour"},
		"conversation-dates-ignored": on, "company-delete-reserves": on, "company-delete-unlinks": on,
		"company-filter": {"exact", "substring"}, "company-filter-cased": on,
		"company-unique": {"domains", "emails", "phones"}, "required-attributes": on, "done-at-creation": on,
		"list-pages": {"1"}, "conversation-patch": {"json-patch", "json"}, "most-attributes": {"200"},
		"satisfaction-honoured": on, "unknown-tags-dropped": on, "tag-ids-are-names": on, "tag-names-on-read": on,
		"schema-errors-per-item": on, "batches-shape": {"flat", "bare"}, "bulk-update-closed": on, "bulk-update-full": on,
		"error-shape": {"portal", "jsonapi", "nested"}, "imported-at-is-silent": on, "custom-replaced": on,
		"submit-status": {"running", "complete"}, "no-payload-echo": on, "search-lag": {"10m"}, "duplicate-status": {"422"},
	}
}

// Each open question of the documentation, answered otherwise: each record is there once, read back equal, and taken
// back, whatever the org does.
func TestEveryKindUnderEverySwitch(t *testing.T) {
	t.Parallel()
	positions := kindPositions()
	for name, list := range positions {
		for _, position := range list {
			t.Run(strings.TrimSuffix(name+" "+position, " "), func(t *testing.T) {
				t.Parallel()
				var w sandbox.Switches
				if err := w.Set(name, position); err != nil {
					t.Fatal(err)
				}
				o := newOrg(t, sandbox.Config{Admin: true, Switches: w})
				dir := t.TempDir()
				m := writeMigration(t, dir, 16, 3)
				s := bring(t, o, m, dir+"/state", nil)
				if got := count(s, "created"); got != m.rows() {
					t.Errorf("%d created, want %d: %+v", got, m.rows(), s.Problems)
				}
				m.once(t, o)
				v, err := verifyRun(t, o, dir+"/state", s.Run, 0)
				if dropped := name == "unknown-tags-dropped"; err != nil || (v.Same == m.rows()) == dropped {
					t.Errorf("%d read back equal of %d: %v %+v", v.Same, m.rows(), err, v.Fields)
				}
				u, err := undoRun(t, o, dir+"/state", s.Run)
				// A record that lacks what was sent may have been edited; a message that stays is named.
				keeps := name == "unknown-tags-dropped" || name == "conversation-delete-leaves"
				if err != nil || (u.Deleted == m.rows()) == keeps {
					t.Errorf("%d taken back of %d: %v %+v", u.Deleted, m.rows(), err, u.Reasons)
				}
			})
		}
	}
	elsewhere := []string{"attachment-bytes", "attachment-extensions-open", "attachment-refs", "attachment-reuse",
		"known-tags"} // in the tests of attachments, and of tags
	for _, one := range sandbox.NamedSwitches() {
		number, err := strconv.Atoi(strings.TrimPrefix(strings.Fields(one.Unknown + " U0")[0], "U"))
		if err == nil && number >= 22 && positions[one.Name] == nil && !slices.Contains(elsewhere, one.Name) {
			t.Errorf("nothing is imported with the switch %s, %s", one.Name, one.Unknown)
		}
	}
}

// Endurance of every kind: migrations into orgs with random answers to the open questions, that lose answers, apply
// writes and then fail, and cut connections; killed at random moments and begun again. Each record is there once.
func TestEnduranceOfKinds(t *testing.T) {
	t.Parallel()
	runs := 4
	switch {
	case *enduranceRuns > 0:
		runs = *enduranceRuns
	case *allSeeds:
		runs = 40
	}
	first := uint64(1)
	if *enduranceSeed > 0 {
		first, runs = *enduranceSeed, int(*enduranceSeed)
	}
	var next atomic.Uint64
	next.Store(first - 1)
	var lanes sync.WaitGroup
	for range 3 { // most of a run is waiting
		lanes.Go(func() {
			for seed := next.Add(1); seed <= uint64(runs); seed = next.Add(1) {
				endureKinds(t, seed)
			}
		})
	}
	lanes.Wait()
}

func endureKinds(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 77))
	positions, chosen := kindPositions(), []string{}
	var names []string
	for name := range positions {
		names = append(names, name)
	}
	slices.Sort(names)
	var w sandbox.Switches
	for range rng.IntN(4) {
		name := names[rng.IntN(len(names))]
		position := positions[name][rng.IntN(len(positions[name]))]
		if err := w.Set(name, position); err != nil {
			t.Error(err)
			return
		}
		chosen = append(chosen, name+" "+position)
	}
	o := newOrg(t, sandbox.Config{Admin: true, Switches: w, JobDelay: time.Duration(rng.IntN(30)) * time.Millisecond,
		Misbehaviour: sandbox.Misbehaviour{Seed: seed, Rates: map[string]float64{"error-after": rng.Float64() * 0.05,
			"error-before": rng.Float64() * 0.05, "cut-after": rng.Float64() * 0.04}}})
	defer o.close()
	dir := t.TempDir()
	m := writeMigration(t, dir, 10+rng.IntN(60), seed)
	files := strings.Join(m.files, string(os.PathListSeparator))
	kills, said := rng.IntN(6), ""
	for attempt := 0; attempt < 30; attempt++ {
		after := time.Duration(-1)
		if attempt < kills {
			after = time.Duration(20+rng.IntN(400)) * time.Millisecond
		}
		s, dead := importAsChild(t, o, files, dir+"/state", after)
		if dead {
			continue
		}
		said = fmt.Sprintf("%+v %s", s.Statuses, s.Stopped)
		if left := m.rows() - count(s, "created") - count(s, "unchanged") - count(s, "updated"); left == 0 {
			said = ""
			break
		}
	}
	if said != "" {
		t.Errorf("seed %d, %q: %s", seed, chosen, said)
	}
	m.once(t, o)
	if t.Failed() {
		t.Logf("seed %d, %q, %d kills", seed, chosen, kills)
	}
}
