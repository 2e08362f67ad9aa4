package pipeline_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline/lookup"
	"muster/pipeline/sandbox"
)

// TestWhatWasSearchedIsHeldTrue: what a search told is taken for the present only of those to whom nobody has written
// since, whatever the index had forgotten or held from earlier, and however lists of one run follow each other while
// others and we write.
func TestWhatWasSearchedIsHeldTrue(t *testing.T) {
	listed := 0
	for seed := range uint64(seeds() / 4) {
		listed += heldReadings(t, seed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if listed == 0 {
		t.Error("nothing was ever taken from a search for the present: this test says nothing")
	}
}

// heldReadings returns how many were taken for the present without a look of their own.
func heldReadings(t *testing.T, seed uint64) (spared int) {
	rng := rand.New(rand.NewPCG(seed, 9))
	at := &timed{}
	n := 1 + rng.IntN(250)
	o, ids := peopled(t, sandbox.Config{Now: at.now, RatePerMinute: plenty,
		Switches: sandbox.Switches{SearchesPerMinute: -1, SearchLag: -1}}, n)
	defer o.close()
	client := o.connect(t).Client
	at.move(time.Hour)
	write := func() {
		for range rng.IntN([]int{3, 30, 300}[rng.IntN(3)]) {
			at.move(time.Duration(rng.IntN(200)) * time.Millisecond)
			_, _ = client.Update(t.Context(), ids[rng.IntN(n)], fmt.Appendf(nil, `{"name":"N%d"}`, rng.IntN(99)))
		}
	}
	v, hurry := o.hurried(t)
	r := lookup.New(v, at.now)
	old, of := o.index(t), at.now()
	for range 1 + rng.IntN(6) {
		write()
		// the index is behind, and less than it is thought to be at most
		if at.now().Sub(of) > 9*time.Minute || rng.IntN(4) == 0 {
			old, of = o.index(t), at.now()
		}
		var gets atomic.Int64
		misremembers := misremember(o, rng, old, true)
		o.spoil(func(w http.ResponseWriter, q *http.Request) bool {
			w.Header().Set("Date", hurry.now().UTC().Format(http.TimeFormat)) // the clocks agree
			if q.Method == http.MethodGet && strings.HasPrefix(q.URL.Path, "/v1/customers/") {
				gets.Add(1)
			}
			return misremembers(w, q)
		})
		first := rng.IntN(n)
		wanted := wantedOf(ids, first, 1+rng.IntN(n-first), time.Time{})
		seen := at.now()
		held, err := r.Read(t.Context(), wanted)
		if err != nil {
			t.Error(err)
			return spared
		}
		write()
		at.move(time.Duration(rng.IntN(60)) * time.Second)
		bare := []int{0, 0, 10, 90}[rng.IntN(4)]
		for i := range wanted {
			wanted[i].Fresh = true
			if rng.IntN(100) >= bare {
				wanted[i].Held, wanted[i].Seen = held[i], seen
			} else if rng.IntN(2) == 0 {
				wanted[i].ID = ""
			}
		}
		gets.Store(0)
		got, err := r.Read(t.Context(), wanted)
		spared += len(wanted) - int(gets.Load())
		o.spoil(nil)
		if err != nil {
			t.Error(err)
			return spared
		}
		for i, w := range wanted {
			hold(t, v, w, got[i], true, map[string]json.RawMessage{})
		}
		at.move(time.Duration(rng.IntN(240)) * time.Second)
	}
	return spared
}

// A batch that waits while another's list is read takes that list's word only if it was begun after the batch asked.
func TestListsAreGoneOnWith(t *testing.T) {
	at := &timed{}
	o, ids := peopled(t, sandbox.Config{Now: at.now, RatePerMinute: plenty,
		Switches: sandbox.Switches{SearchesPerMinute: -1, SearchLag: -1}}, 900)
	at.move(time.Hour)
	client := o.connect(t).Client
	r := lookup.New(o.hasty(t), at.now)
	read := func(from int) (requests int64) {
		before := r.Requests()
		wanted := wantedOf(ids, from, 100, time.Time{})
		held, err := r.Read(t.Context(), wanted)
		if err != nil {
			t.Fatal(err)
		}
		searched := r.Requests()
		for i := range wanted {
			wanted[i].Fresh, wanted[i].Held, wanted[i].Seen = true, held[i], at.now()
		}
		got, err := r.Read(t.Context(), wanted)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if got[i] == nil || got[i].Rev != 1 {
				t.Fatalf("%d is read as %+v", from+i, got[i])
			}
		}
		t.Logf("%d searches, then %d requests", searched-before, r.Requests()-searched)
		return r.Requests() - searched
	}
	for k := range 8 { // as an import does: 100 are read and written, then the next
		if n := read(100 * k); n > 3 {
			t.Errorf("batch %d: %d requests to know that nobody wrote to it", k, n)
		}
		for _, id := range ids[100*k : 100*k+100] {
			at.move(100 * time.Millisecond)
			if _, err := client.Update(t.Context(), id, []byte(`{"name":"N"}`)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// What one list told is not lost when the next goes on behind it, and is not taken for more than it told.
func TestWhatListsToldBeforeCounts(t *testing.T) {
	for name, before := range map[string]func(t *testing.T, r *lookup.Reader, at *timed, edit func(from, n int),
		ids []string){
		"named by a list that the next does not go back to": func(t *testing.T, r *lookup.Reader, at *timed,
			edit func(int, int), ids []string) {
			edit(0, 6)
			for range 2 {
				at.move(90 * time.Second) // farther than lists go back
				edit(90, 1)
				if _, err := r.Read(t.Context(), freshOf(ids, 50, 9)); err != nil {
					t.Fatal(err)
				}
			}
		},
		"updated before the list began": func(t *testing.T, r *lookup.Reader, at *timed, edit func(int, int), ids []string) {
			edit(0, 6)
			at.move(5 * time.Minute)
			edit(50, 9)
			justNow := freshOf(ids, 50, 9)
			for i := range justNow {
				justNow[i].Since = at.now()
			}
			if _, err := r.Read(t.Context(), justNow); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for _, how := range []string{"by key", "held"} {
			t.Run(name+", "+how, func(t *testing.T) {
				at := &timed{}
				o, ids := peopled(t, sandbox.Config{Now: at.now, RatePerMinute: plenty,
					Switches: sandbox.Switches{SearchesPerMinute: -1, SearchLag: -1}}, 100)
				client := o.connect(t).Client
				at.move(time.Hour)
				old := o.index(t)
				v, hurry := o.hurried(t)
				showOld := misremembering(o, old)
				o.spoil(func(w http.ResponseWriter, q *http.Request) bool {
					w.Header().Set("Date", hurry.now().UTC().Format(http.TimeFormat))
					return showOld(w, q)
				})
				r := lookup.New(v, at.now)
				before(t, r, at, func(from, n int) {
					for _, id := range ids[from : from+n] {
						if _, err := client.Update(t.Context(), id, []byte(`{"name":"N"}`)); err != nil {
							t.Fatal(err)
						}
					}
				}, ids)
				wanted := wantedOf(ids, 0, 6, time.Time{})
				held, err := r.Read(t.Context(), wanted)
				if err != nil || held[0].Rev != 1 {
					t.Fatalf("the search shows %+v: %v", held[0], err)
				}
				for i := range wanted {
					if wanted[i].Fresh = true; how == "held" {
						wanted[i].Held, wanted[i].Seen = held[i], at.now()
					} else {
						wanted[i].ID = ""
					}
				}
				got, err := r.Read(t.Context(), wanted)
				if err != nil {
					t.Fatal(err)
				}
				for i := range got {
					if got[i].Rev != 2 {
						t.Errorf("%d is read as of revision %d", i, got[i].Rev)
					}
				}
			})
		}
	}
}

// freshOf are wanted that must be as they are now, by key.
func freshOf(ids []string, from, n int) []lookup.Wanted {
	wanted := wantedOf(ids, from, n, time.Time{})
	for i := range wanted {
		wanted[i].Fresh = true
	}
	return wanted
}

// misremembering has searches show everyone as of old.
func misremembering(o *org, old map[string]json.RawMessage) func(http.ResponseWriter, *http.Request) bool {
	for seed := uint64(0); ; seed++ { // one that neither fails nor forgets
		rng := rand.New(rand.NewPCG(seed, 0))
		if failing, forgetting := rng.IntN(4), rng.IntN(4); max(failing, forgetting) < 2 {
			return misremember(o, rand.New(rand.NewPCG(seed, 0)), old, true)
		}
	}
}
