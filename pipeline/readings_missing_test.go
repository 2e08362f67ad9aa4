package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/sandbox"
)

// TestLaw1NobodyWhoIsThereIsMissing: however far the index is behind, from not at all to eleven minutes, whoever others
// made, or gave an identity, a second or minutes ago, or years ago, is not taken for missing; and of most who are
// missing that is known without a look at each.
func TestLaw1NobodyWhoIsThereIsMissing(t *testing.T) {
	proven := 0
	for seed := range uint64(seeds() / 4) {
		proven += missingReadings(t, seed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if proven == 0 {
		t.Error("each was asked for by itself: this test says nothing")
	}
}

// missingReadings returns how many were taken for missing without a look of their own.
func missingReadings(t *testing.T, seed uint64) (proven int) {
	rng := rand.New(rand.NewPCG(seed, 11))
	at := &timed{}
	lag := []time.Duration{-1, time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 11 * time.Minute}[rng.IntN(6)]
	o, ids := peopled(t, sandbox.Config{Now: at.now, RatePerMinute: plenty,
		Switches: sandbox.Switches{SearchesPerMinute: -1, SearchLag: lag}}, 1+rng.IntN(60))
	defer o.close()
	client := o.connect(t).Client
	if rng.IntN(3) == 0 {
		at.move(2*365*24*time.Hour + time.Hour) // all of them are in the archive now
	}
	v, hurry := o.hurried(t)
	var gets atomic.Int64
	o.spoil(func(w http.ResponseWriter, q *http.Request) bool {
		w.Header().Set("Date", hurry.now().UTC().Format(http.TimeFormat)) // the clocks agree
		if q.Method == http.MethodGet && strings.HasPrefix(q.URL.Path, "/v1/customers/") {
			gets.Add(1)
		}
		return false
	})
	r := lookup.New(v, at.now)
	for range 1 + rng.IntN(4) {
		for range rng.IntN(40) { // others are at work
			i := rng.IntN(len(ids))
			switch k := rng.IntN(150); rng.IntN(4) {
			case 0:
				_, _ = client.Create(t.Context(), fmt.Appendf(nil, `{"externalId":"n%d","emails":[{"email":"m%d@example.com"}]}`, k,
					rng.IntN(150)))
			case 1:
				_, _ = client.Update(t.Context(), ids[i], fmt.Appendf(nil, `{"emails":[{"email":"m%d@example.com"}]}`, k))
			case 2:
				_, _ = client.Update(t.Context(), ids[i], []byte(`{"name":"Bo"}`))
			default:
				_ = client.Delete(t.Context(), ids[i])
			}
			at.move(time.Duration(rng.IntN(60)) * time.Second)
		}
		at.move(time.Duration(rng.IntN(3)) * time.Second)
		var wanted []lookup.Wanted
		for range 1 + rng.IntN(120) {
			k := rng.IntN(150)
			w := lookup.Wanted{Keys: []customer.Identity{{Kind: "externalId", Value: fmt.Sprint("n", k)},
				{Kind: "email", Value: fmt.Sprintf("M%d@example.com", k)}}}
			if rng.IntN(3) == 0 {
				w.Keys = w.Keys[1:]
			}
			wanted = append(wanted, w)
		}
		gets.Store(0)
		got, err := r.Read(t.Context(), wanted)
		if err != nil {
			t.Error(err)
			return proven
		}
		looks := int(gets.Load())
		for i, w := range wanted {
			there := isThere(t, v, w.Keys)
			if got[i] == nil && there != "" {
				t.Errorf("lag %v: %v is customer %s and was taken for missing", lag, w.Keys, there)
			}
			if got[i] == nil {
				looks -= len(w.Keys)
			}
		}
		proven += max(0, -looks)
	}
	return proven
}

// isThere is the customer that the first of some keys finds; "" none.
func isThere(t *testing.T, v *kustomer.Viewer, keys []customer.Identity) string {
	t.Helper()
	for _, key := range keys {
		c, err := v.Lookup(t.Context(), key.Kind, key.Value)
		switch {
		case err == nil:
			return c.ID
		case kustomer.VerdictOf(err) != kustomer.NotFound:
			t.Fatal(err)
		}
	}
	return ""
}
