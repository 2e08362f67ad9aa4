package nightly_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline/ledger"
	"muster/pipeline/nightly"
)

var seeds = flag.Int("seeds", 4, "how many random sequences of nights are lived through for each way of taking files")

// landed are the external ids that the org has.
func (h *house) landed() map[string]bool {
	h.t.Helper()
	all, err := h.org.Dump(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	have := map[string]bool{}
	for _, one := range all {
		var a struct{ ExternalID string }
		if err := json.Unmarshal(one.Attributes, &a); err != nil {
			h.t.Fatal(err)
		}
		if have[a.ExternalID] {
			h.t.Errorf("the org has %s twice", a.ExternalID)
		}
		have[a.ExternalID] = true
	}
	return have
}

// Whatever comes when, and whatever befalls the nights: every file landed, or exactly one night's record names it as
// passed over; of a feed of changes every one landed. Nobody is in the org twice, and every night is recorded once.
func TestEveryFileIsAccountedFor(t *testing.T) {
	for _, take := range []string{"newest", "all"} {
		for seed := range *seeds {
			t.Run(fmt.Sprintf("%s %d", take, seed), func(t *testing.T) {
				everyFile(t, take, rand.New(rand.NewPCG(uint64(seed), uint64(len(take)))))
			})
		}
	}
}

func everyFile(t *testing.T, take string, chance *rand.Rand) {
	f := &folder{house: newHouse(t, strings.Replace(changesProject, "take: all", "take: "+take, 1))}
	f.write("crm.mapping.yaml", nightMapping)
	persons := map[string]string{} // by file
	var story []string
	night, nights := 0, 0
	one := func(ctx context.Context) {
		nights++
		out, err := f.night().Run(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		story = append(story, fmt.Sprint(out.ExitCode))
	}
	for range 6 {
		night += 1 + chance.IntN(3)
		f.clock.set(halfPastTwo(night))
		fresh := false
		for k := range chance.IntN(4) {
			name, ago := fmt.Sprintf("feed-%02d-%d.csv", night, k), []int{1, 2, 5, 30}[chance.IntN(4)]
			f.put(name, ago)
			persons[name] = fmt.Sprintf("C-1%03d", f.people)
			fresh = fresh || ago <= 2 // no file of an earlier night is newer
			story = append(story, fmt.Sprintf("%s %dh", name, ago))
		}
		fault := []string{"none", "none", "away", "killed", "terminated", "held"}[chance.IntN(6)]
		if fault == "killed" && !fresh {
			fault = "none"
		}
		story = append(story, fault)
		switch fault {
		case "none":
			one(t.Context())
		case "away":
			f.spoil(func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			})
			one(t.Context())
		case "killed":
			nights++
			f.killed(1 + chance.IntN(3))
		case "terminated":
			ctx, stop := context.WithCancelCause(t.Context())
			left := 1 + chance.IntN(6)
			f.spoil(func(http.ResponseWriter, *http.Request) bool {
				if left--; left == 0 {
					stop(errors.New("terminated signal received"))
				}
				return false
			})
			one(ctx)
		case "held":
			l, err := ledger.Open(filepath.Join(f.dir, ".muster"))
			if err != nil {
				t.Fatal(err)
			}
			one(t.Context())
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
		f.spoil(nil)
	}
	for range 3 { // and nothing befalls the last of them
		night++
		f.clock.set(halfPastTwo(night))
		one(t.Context())
	}
	have := f.landed()
	passed := map[string]int{}
	records := f.records("customers")
	for _, r := range records {
		for _, s := range r.Seen {
			if s.Fate == "passed over" {
				passed[s.Name]++
			}
		}
		if r.State == "" || r.State == "running" {
			t.Errorf("a night is recorded as %q", r.State)
		}
	}
	if len(records) != nights {
		t.Errorf("%d nights, %d records", nights, len(records))
	}
	for name, person := range persons {
		switch {
		case take == "all" && !have[person], !have[person] && passed[name] != 1, have[person] && passed[name] > 0:
			t.Errorf("%s: landed %v, named as passed over in %d nights", name, have[person], passed[name])
		}
	}
	if t.Failed() {
		t.Logf("%s", strings.Join(story, "; "))
		for _, r := range records {
			t.Logf("%s %s %d %v %v", r.Began.Format("01-02"), r.State, r.ExitCode, seenIn(&r), r.Says)
		}
	}
}

func seenIn(r *nightly.Result) (seen []string) {
	for _, s := range r.Seen {
		seen = append(seen, s.Name+" "+s.Fate)
	}
	return seen
}
