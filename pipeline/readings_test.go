package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/sandbox"
)

// plenty is a budget that no test uses up. Without any budget requests cost nothing, and none is saved.
const plenty = 1_000_000

// timed is a clock that a test moves.
type timed struct {
	still time.Time // it moves by nothing else, from here on; zero: it goes on as the system's does
	mu    sync.Mutex
	by    time.Duration
}

func (c *timed) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.still.IsZero() {
		return c.still.Add(c.by)
	}
	return time.Now().Add(c.by)
}

func (c *timed) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by += d
}

// peopled is an org of n customers that were made a moment ago, and their ids.
func peopled(t testing.TB, c sandbox.Config, n int) (*org, []string) {
	t.Helper()
	o := newOrg(t, c)
	client := o.connect(t).Client
	ids := make([]string, n)
	for from := 0; from < n; from += kustomer.MaxItems {
		var items []kustomer.Item
		for i := from; i < min(from+kustomer.MaxItems, n); i++ {
			items = append(items, kustomer.Item{Ref: fmt.Sprint(i),
				Payload: fmt.Appendf(nil, `{"externalId":"e%d","emails":[{"email":"e%d@example.com"}],"phones":[{"phone":"+3161%07d"}]}`, i, i, i)})
		}
		job, err := client.BulkCreate(t.Context(), items)
		if err != nil {
			t.Fatal(err)
		}
		o.idle(t)
		results, err := client.Results(t.Context(), job)
		if err != nil || !results.Complete {
			t.Fatal(err)
		}
		for _, r := range results.Items {
			var i int
			fmt.Sscan(r.Ref, &i)
			ids[i] = r.ObjectID
		}
	}
	return o, ids
}

// idle waits until the org has done what it has accepted.
func (o *org) idle(t testing.TB) {
	for {
		n, err := o.Unfinished(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// hasty is a viewer that waits for no budget of searches: these tests count requests, not minutes.
func (o *org) hasty(t testing.TB) *kustomer.Viewer {
	t.Helper()
	v, _ := o.hurried(t)
	return v
}

// hurried is hasty, with the clock that its waits move.
func (o *org) hurried(t testing.TB) (*kustomer.Viewer, *timed) {
	t.Helper()
	c := &timed{}
	v, err := kustomer.NewViewer(kustomer.Config{URL: o.front.URL, Key: o.Key(), Share: 1, Now: c.now, Sleep: skip(c)})
	if err != nil {
		t.Fatal(err)
	}
	return v, c
}

// wantedOf are n customers, those from on, by id and keys.
func wantedOf(ids []string, from, n int, landed time.Time) []lookup.Wanted {
	list := make([]lookup.Wanted, n)
	for k := range list {
		i := from + k
		list[k] = lookup.Wanted{Landed: landed, Keys: []customer.Identity{
			{Kind: "externalId", Value: fmt.Sprintf("e%d", i)}, {Kind: "email", Value: fmt.Sprintf("E%d@example.com", i)}}}
		if i < len(ids) {
			list[k].ID = ids[i]
		}
	}
	return list
}

// TestReadingsCost holds what it costs to read n of 1,000 customers.
func TestReadingsCost(t *testing.T) {
	at := &timed{}
	o, ids := peopled(t, sandbox.Config{Now: at.now, RatePerMinute: plenty,
		Switches: sandbox.Switches{SearchesPerMinute: -1}}, 1000)
	made := at.now()
	for _, tc := range []struct {
		what         string
		later        time.Duration
		n            int
		landed       time.Time
		unknown, now bool
		most         int64
	}{
		{what: "one", later: 24 * time.Hour, n: 1, landed: made, most: 1},
		{what: "two", n: 2, landed: made, most: 1},
		{what: "twenty", n: 20, landed: made, most: 1},
		{what: "41", n: 41, landed: made, most: 3},
		{what: "100 that landed together", n: 100, landed: made, most: 2},
		{what: "100 of an unknown time", n: 100, most: 2},
		{what: "1,000", n: 1000, landed: made, most: 2},
		{what: "40 by their keys", n: 40, unknown: true, most: 2},
		{what: "one fresh", n: 1, now: true, most: 1},
		{what: "100 fresh of an org at rest", n: 100, now: true, most: 3},
	} {
		t.Run(tc.what, func(t *testing.T) {
			at.move(tc.later)
			wanted := wantedOf(ids, 0, tc.n, tc.landed)
			for i := range wanted {
				if wanted[i].Fresh = tc.now; tc.unknown {
					wanted[i].ID = ""
				}
			}
			r := lookup.New(o.hasty(t), at.now)
			got, err := r.Read(t.Context(), wanted)
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if got[i] == nil || got[i].ID != ids[i] {
					t.Fatalf("%d: %+v", i, got[i])
				}
			}
			t.Logf("%d customers: %d requests", tc.n, r.Requests())
			if r.Requests() > tc.most {
				t.Errorf("%d requests, at most %d are due", r.Requests(), tc.most)
			}
		})
	}
}

// TestReadingsAreTrue: whatever the index does not hold yet, holds from earlier or answers out of order,
// and whatever fails, what is read is what the org has: of what must be fresh, or landed lately, at
// this moment, and of the rest as of a moment within the lag.
func TestReadingsAreTrue(t *testing.T) {
	for seed := range uint64(seeds() / 4) {
		trueReadings(t, seed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func trueReadings(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 3))
	at := &timed{}
	n := 1 + rng.IntN(250)
	o, ids := peopled(t, sandbox.Config{Now: at.now, RatePerMinute: plenty,
		Switches: sandbox.Switches{SearchesPerMinute: -1, SearchLag: -1}}, n)
	defer o.close()
	client := o.connect(t).Client
	made := at.now()
	at.move(time.Duration(rng.IntN(3)) * time.Hour)
	old := o.index(t)
	at.move(time.Duration(1+rng.IntN(40)) * time.Minute / 2)
	// others, and muster itself, change customers; the index knows nothing of it
	for range rng.IntN([]int{40, 500}[rng.IntN(2)]) {
		i := rng.IntN(n)
		switch rng.IntN(8) {
		case 0:
			_ = client.Delete(t.Context(), ids[i])
		case 2:
			_, _ = client.Create(t.Context(), fmt.Appendf(nil, `{"externalId":"e%d"}`, n+rng.IntN(5)))
		case 1:
			_, _ = client.Update(t.Context(), ids[i], fmt.Appendf(nil, `{"externalId":"e%d"}`, rng.IntN(n)))
		default:
			_, _ = client.Update(t.Context(), ids[i], fmt.Appendf(nil, `{"name":"N%d"}`, rng.IntN(99)))
		}
	}
	changed := at.now()
	at.move(time.Duration(rng.IntN(1200)) * time.Second)
	behind := at.now().Sub(changed) < 10*time.Minute
	o.spoil(misremember(o, rng, old, behind))

	wanted := wantedOf(ids, rng.IntN(n), 1, made)
	for range rng.IntN([]int{9, 150}[rng.IntN(2)]) {
		w := wantedOf(ids, rng.IntN(n+5), 1, []time.Time{{}, made, changed}[rng.IntN(3)])[0]
		w.Fresh = rng.IntN(4) == 0
		if rng.IntN(3) == 0 {
			w.ID = ""
		}
		wanted = append(wanted, w)
	}
	v := o.hasty(t)
	got, err := lookup.New(v, at.now).Read(t.Context(), wanted)
	o.spoil(nil)
	if err != nil {
		t.Error(err)
		return
	}
	for i, w := range wanted {
		fresh := w.Fresh || w.Landed.After(at.now().Add(-10*time.Minute)) || !behind
		hold(t, v, w, got[i], fresh, old)
	}
}

// TestAListThatIsGivenUpProvesNothing: who must be fresh is not taken from the index because a list of the
// updates of late was not read to its end.
func TestAListThatIsGivenUpProvesNothing(t *testing.T) {
	at := &timed{}
	o, ids := peopled(t, sandbox.Config{Now: at.now, RatePerMinute: plenty,
		Switches: sandbox.Switches{SearchesPerMinute: -1, SearchLag: -1}}, 400)
	old := o.index(t)
	at.move(time.Hour)
	client := o.connect(t).Client
	for _, id := range ids {
		if _, err := client.Update(t.Context(), id, []byte(`{"name":"N"}`)); err != nil {
			t.Fatal(err)
		}
	}
	o.spoil(misremember(o, rand.New(rand.NewPCG(2, 2)), old, true))
	wanted := wantedOf(ids, 396, 4, time.Time{})
	for i := range wanted {
		wanted[i].Fresh = true
	}
	r := lookup.New(o.hasty(t), at.now)
	got, err := r.Read(t.Context(), wanted)
	if err != nil || r.Requests() != 5 {
		t.Errorf("%d requests, %v", r.Requests(), err)
	}
	for i := range got {
		if got[i] == nil || got[i].Rev != 2 {
			t.Errorf("%d is read as %+v", i, got[i])
		}
	}
}

// hold compares one reading with a keyed look-up of this moment.
func hold(t *testing.T, v *kustomer.Viewer, w lookup.Wanted, got *kustomer.Customer, fresh bool,
	old map[string]json.RawMessage) {
	t.Helper()
	var want *kustomer.Customer
	err := error(&kustomer.Error{Verdict: kustomer.NotFound})
	if w.ID != "" {
		want, err = v.Customer(t.Context(), w.ID)
	}
	for _, key := range w.Keys {
		if w.ID == "" && err != nil {
			want, err = v.Lookup(t.Context(), key.Kind, key.Value)
		}
	}
	switch {
	case err != nil:
		want = nil
	case got == nil:
		t.Errorf("%v: the org has it", w)
		return
	}
	if !fresh && got != nil && old[got.ID] != nil {
		return // the index may tell of what was true within the lag
	}
	if (got == nil) != (want == nil) || got != nil && (got.ID != want.ID || got.Rev != want.Rev) {
		t.Errorf("%v is read as %+v, and is %+v", w, got, want)
	}
}

// index is what a search of everything shows, by id.
func (o *org) index(t *testing.T) map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	for _, raw := range searched(t, o, "/v1/customers/search?pageSize=500", `{}`).Data {
		all[idOf(raw)] = raw
	}
	return all
}

type hits struct {
	Meta json.RawMessage   `json:"meta"`
	Data []json.RawMessage `json:"data"`
}

func searched(t *testing.T, o *org, target, body string) (f hits) {
	r := httptest.NewRequest("POST", target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+o.Key())
	w := httptest.NewRecorder()
	o.Handler().ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil || w.Code != 200 {
		t.Errorf("search: %d %v", w.Code, err)
	}
	return f
}

func idOf(raw json.RawMessage) string {
	var c struct{ ID string }
	_ = json.Unmarshal(raw, &c)
	return c.ID
}

// misremember has the org's searches answer in any order, refuse, fail, and, when the index is behind, show customers
// as they were or not at all.
func misremember(o *org, rng *rand.Rand, old map[string]json.RawMessage, behind bool) func(http.ResponseWriter,
	*http.Request) bool {
	var mu sync.Mutex
	failing, forgetting := []int{0, 0, 3, 10}[rng.IntN(4)], []int{0, 0, 2, 9}[rng.IntN(4)]
	status := []int{403, 401, 500, 404, 400}[rng.IntN(5)]
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/search") {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if rng.IntN(10) < failing {
			w.WriteHeader(status)
			return true
		}
		var f hits
		answer := httptest.NewRecorder()
		o.Handler().ServeHTTP(answer, r)
		if json.Unmarshal(answer.Body.Bytes(), &f) != nil {
			return false
		}
		kept := []json.RawMessage{}
		for _, raw := range f.Data {
			before := old[idOf(raw)]
			late := behind && !bytes.Equal(raw, before)
			if behind && before != nil {
				raw = before
			}
			if !late || rng.IntN(10) >= forgetting {
				kept = append(kept, raw)
			}
		}
		rng.Shuffle(len(kept), func(i, k int) { kept[i], kept[k] = kept[k], kept[i] })
		f.Data = kept
		body, _ := json.Marshal(f)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.Copy(w, bytes.NewReader(body))
		return true
	}
}
