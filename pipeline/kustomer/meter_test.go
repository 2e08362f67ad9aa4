package kustomer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func TestAThrottledRequestWaitsAsLongAsTheAnswerSays(t *testing.T) {
	now := newClock().at
	for _, tc := range []struct {
		name     string
		headers  []string
		min, max time.Duration
	}{
		{"epoch seconds", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(20 * time.Second).Unix())}, 20 * time.Second, 23 * time.Second},
		{"epoch seconds with a fraction", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(20*time.Second).Unix()) + ".5"}, 20 * time.Second, 23 * time.Second},
		{"epoch milliseconds", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(20 * time.Second).UnixMilli())}, 20 * time.Second, 23 * time.Second},
		{"seconds from now", []string{"X-Ratelimit-Reset", "20"}, 20 * time.Second, 23 * time.Second},
		{"an HTTP date", []string{"X-Ratelimit-Reset", now.Add(20 * time.Second).Format(http.TimeFormat)}, 20 * time.Second, 23 * time.Second},
		{"absent", nil, probe, probe * 12 / 10},
		{"nonsense", []string{"X-Ratelimit-Reset", "soon"}, probe, probe * 12 / 10},
		{"not a number", []string{"X-Ratelimit-Reset", "NaN"}, probe, probe * 12 / 10},
		{"Retry-After", []string{"Retry-After", "7"}, 7 * time.Second, 9 * time.Second},
		{"Retry-After as a date", []string{"Retry-After", now.Add(7 * time.Second).Format(http.TimeFormat)}, 7 * time.Second, 9 * time.Second},
		{"Retry-After before reset", []string{"Retry-After", "7", "X-Ratelimit-Reset", "40"}, 7 * time.Second, 9 * time.Second},
		{"past", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(-time.Hour).Unix()), "Date", "x"}, time.Second, 2 * time.Second},
		{"zero", []string{"X-Ratelimit-Reset", "0"}, time.Second, 2 * time.Second},
		{"far off", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(240 * time.Hour).Unix()), "Date", "x"}, 90 * time.Second, 100 * time.Second},
		{"far off in seconds", []string{"Retry-After", "999999999"}, 90 * time.Second, 100 * time.Second},
		{"our clock is behind", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(time.Hour + 20*time.Second).Unix()), "Date", now.Add(time.Hour).Format(http.TimeFormat)}, 20 * time.Second, 23 * time.Second},
		{"our clock is ahead", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(20*time.Second - time.Hour).Unix()), "Date", now.Add(-time.Hour).Format(http.TimeFormat)}, 20 * time.Second, 23 * time.Second},
		{"another limit than the org's", []string{"X-Ratelimit-Limit", "1000", "X-Ratelimit-Remaining", "900"}, firstWait / 2, firstWait},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var asked atomic.Int32
			var bodies [2]string
			c, ticking := org(t, func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				n := asked.Add(1)
				bodies[(n-1)%2] = string(b)
				if n == 1 {
					answering(429, `{"errors":[{"code":"rate_limit"}]}`, tc.headers...)(w, r)
					return
				}
				answering(201, accepted)(w, r)
			})
			if _, err := c.BulkCreate(t.Context(), bulkOf("a")); err != nil || asked.Load() != 2 {
				t.Fatalf("%v after %d requests", err, asked.Load())
			}
			if bodies[0] == "" || bodies[0] != bodies[1] {
				t.Errorf("the second try sent %q, the first %q", bodies[1], bodies[0])
			}
			if d := ticking.now().Sub(now); d < tc.min || d > tc.max {
				t.Errorf("waited %v, want %v to %v", d, tc.min, tc.max)
			}
			if b := c.Budget(); b.Throttled != 1 || b.Requests != 2 {
				t.Errorf("counted %+v", b)
			}
		})
	}
}

func TestEndlessThrottlingEnds(t *testing.T) {
	var asked atomic.Int32
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answering(429, "", "Retry-After", "3")(w, r)
	})
	_, err := c.BulkCreate(t.Context(), bulkOf("a"))
	var e *Error
	if !errors.As(err, &e) || e.Verdict != Throttled || e.RetryAfter != 3*time.Second || asked.Load() != maxTries {
		t.Errorf("%#v after %d requests", e, asked.Load())
	}
	// Without a hint the waits grow: 5, 10, 20, 40 s.
	var silent atomic.Int32
	c, ticking := org(t, func(w http.ResponseWriter, r *http.Request) { silent.Add(1); answering(429, "")(w, r) })
	start := ticking.now()
	if _, err := c.Customer(t.Context(), "1"); VerdictOf(err) != Throttled || silent.Load() != maxTries {
		t.Errorf("%v after %d requests", err, silent.Load())
	}
	if d := ticking.now().Sub(start); d < 75*time.Second || d > 95*time.Second {
		t.Errorf("waited %v in all", d)
	}
}

func TestWaitingForTheBudgetCanBeGivenUp(t *testing.T) {
	c, ticking := org(t, answering(204, "", "X-Ratelimit-Limit", "100", "X-Ratelimit-Remaining", "3", "X-Ratelimit-Reset", "50"))
	if err := c.Delete(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c.wire.meter.sleep = func(context.Context, time.Duration) error { cancel(); return ctx.Err() }
	if err := c.Delete(ctx, "2"); VerdictOf(err) != NotBegun || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if b := c.Budget(); b.Requests != 1 || !b.Reset.Equal(ticking.now().Add(50*time.Second)) {
		t.Errorf("counted %+v", b)
	}
}

func TestBelowTheFloorNothingGoesOutUntilTheReset(t *testing.T) {
	for _, tc := range []struct {
		remaining string
		reset     string
		want      time.Duration // before the next request
	}{
		{"51", "50", 0}, {"49", "50", 50 * time.Second}, {"0", "30", 30 * time.Second}, {"49", "", probe},
	} {
		headers := []string{"X-Ratelimit-Limit", "1000", "X-Ratelimit-Remaining", tc.remaining}
		if tc.reset != "" {
			headers = append(headers, "X-Ratelimit-Reset", tc.reset)
		}
		c, ticking := org(t, answering(204, "", headers...))
		_ = c.Delete(t.Context(), "1")
		start := ticking.now()
		_ = c.Delete(t.Context(), "2")
		d := ticking.now().Sub(start)
		if tc.want == 0 && d > 51*time.Second || tc.want > 0 && d != tc.want {
			t.Errorf("%s of 1000 left, reset %q: waited %v, want %v", tc.remaining, tc.reset, d, tc.want)
		}
	}
}

func TestWithoutALimitALocalOrgIsNotPaced(t *testing.T) {
	c, ticking := org(t, answering(204, ""))
	for range 50 {
		if err := c.Delete(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
	}
	if b := c.Budget(); len(ticking.slept) > 0 || b.Limit != 0 || b.Granted != 0 || b.Remaining != -1 || b.Requests != 50 {
		t.Errorf("%d waits, %+v", len(ticking.slept), b)
	}
}

func TestARemoteOrgIsPacedBeforeItNamesALimit(t *testing.T) {
	ticking := newClock()
	c, err := New(Config{URL: "https://org.example", Key: testKey, Now: ticking.now, Sleep: ticking.sleep,
		Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 204, Body: http.NoBody, Header: http.Header{}}, nil
		})})
	if err != nil {
		t.Fatal(err)
	}
	start := ticking.now()
	for range 301 {
		_ = c.Delete(t.Context(), "1")
	}
	if d := ticking.now().Sub(start); d < 2*time.Minute {
		t.Errorf("301 requests in %v, where 150 a minute are assumed", d)
	}
}

func TestSearchesHaveALimitOfTheirOwn(t *testing.T) {
	ticking := newClock()
	m := newMeter(Config{Share: 0.5, Now: ticking.now, Sleep: ticking.sleep}, false)
	header := http.Header{}
	header.Set("X-Ratelimit-Limit", "1000")
	header.Set("X-Ratelimit-Remaining", "999")
	if err := m.wait(t.Context(), ordinary); err != nil {
		t.Fatal(err)
	}
	m.answered(ordinary, 200, header)
	start := ticking.now()
	for range 50 {
		_ = m.wait(t.Context(), search)
		m.answered(search, 200, header) // the org's headers, not the searches'
	}
	if d := ticking.now().Sub(start); d < 55*time.Second {
		t.Errorf("50 searches took %v, where 50 a minute are granted", d)
	}
	start = ticking.now()
	m.answered(search, 429, http.Header{})
	_ = m.wait(t.Context(), ordinary)
	if d := ticking.now().Sub(start); d > time.Second {
		t.Errorf("throttled searches held an ordinary request up for %v", d)
	}
	start = ticking.now()
	_ = m.wait(t.Context(), search)
	if d := ticking.now().Sub(start); d < probe-time.Second {
		t.Errorf("a throttled search waited %v", d)
	}
	if k := (call{path: "/v1/customers/search?page=2"}).class(); k != search {
		t.Error("a search is not known as one")
	}
	if k := (call{path: "/v1/customers/email=search"}).class(); k != ordinary {
		t.Error("a look-up is taken for a search")
	}
}

// However limits, shares and callers come, no 60 s hold more requests than are granted.
func TestNoWindowHoldsMoreThanTheShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(10, 3000).Draw(t, "limit")
		share := rapid.Float64Range(0.05, 1).Draw(t, "share")
		ticking := newClock()
		m := newMeter(Config{Share: share, Now: ticking.now, Sleep: ticking.sleep}, false)
		h := http.Header{}
		h.Set("X-Ratelimit-Limit", strconv.Itoa(limit))
		m.answered(ordinary, 200, h)
		var sent []time.Time
		granted := math.Max(1, float64(limit)*share)
		for len(sent) < int(3*granted) {
			if rapid.IntRange(0, 40).Draw(t, "idle") == 0 {
				_ = ticking.sleep(context.Background(), time.Duration(rapid.IntRange(0, 90).Draw(t, "for"))*time.Second)
			}
			for range 10 {
				_ = m.wait(context.Background(), ordinary)
				sent = append(sent, ticking.now())
			}
		}
		first := 0
		for i, at := range sent {
			for at.Sub(sent[first]) >= window {
				first++
			}
			if n := i - first + 1; n > int(math.Ceil(granted)) {
				t.Fatalf("%d requests within 60 s, where %.1f of %d are granted", n, granted, limit)
			}
		}
	})
}

// busyOrg is an org with a fixed window, whose agents take a part of its limit that varies with time.
type busyOrg struct {
	mu        sync.Mutex
	start     time.Time
	limit     int
	agents    func(minutes float64) float64 // part of the limit they take per minute
	taken     float64                       // by agents in this window
	ours      int
	seen      time.Time
	window    int64
	refused   int     // our 429s
	denied    float64 // what agents wanted and did not get
	served    []time.Time
	showReset bool
}

func (o *busyOrg) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(150 * time.Millisecond)
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	for t := o.seen; t.Before(now); t = t.Add(100 * time.Millisecond) {
		if n := int64(t.Sub(o.start) / window); n != o.window {
			o.window, o.taken, o.ours = n, 0, 0
		}
		want := o.agents(t.Sub(o.start).Minutes()) * float64(o.limit) / 600
		free := float64(o.limit) - o.taken - float64(o.ours)
		o.taken += math.Min(want, free)
		o.denied += want - math.Min(want, free)
		o.seen = t.Add(100 * time.Millisecond)
	}
	header := http.Header{}
	header.Set("X-Ratelimit-Limit", strconv.Itoa(o.limit))
	status, left := 204, float64(o.limit)-o.taken-float64(o.ours)
	if left < 1 {
		status, left = 429, 0
		o.refused++
	} else {
		o.ours++
		left--
		o.served = append(o.served, now)
	}
	header.Set("X-Ratelimit-Remaining", strconv.Itoa(int(left)))
	if o.showReset {
		header.Set("X-Ratelimit-Reset", strconv.Itoa(int(math.Ceil(o.start.Add(time.Duration(o.window+1)*window).Sub(now).Seconds()))))
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("")), Header: header}, nil
}

// importing runs clients of eight callers each against the org for some minutes.
func importing(t *testing.T, o *busyOrg, clients int, share float64, minutes int) {
	o.start = time.Now()
	o.seen = o.start
	var wg sync.WaitGroup
	for range clients {
		c, err := New(Config{URL: "https://org.example", Key: testKey, Share: share, Transport: o})
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			wg.Go(func() {
				for time.Since(o.start) < time.Duration(minutes)*time.Minute {
					_ = c.Delete(t.Context(), "1")
				}
			})
		}
	}
	wg.Wait()
}

func TestTheGrantedShareIsUsedAndNotMore(t *testing.T) {
	for name, agents := range map[string]func(float64) float64{
		"alone":          func(float64) float64 { return 0 },
		"steady agents":  func(float64) float64 { return 0.4 },
		"varying agents": func(m float64) float64 { return 0.22 + 0.2*math.Sin(m*5) },
	} {
		for _, showReset := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", reset shown ", showReset), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					o := &busyOrg{limit: 1000, agents: agents, showReset: showReset}
					const minutes = 6
					importing(t, o, 1, 0.5, minutes)
					used := float64(len(o.served)) / (0.5 * 1000 * minutes)
					t.Logf("used %.1f %% of what is granted, %d throttled", 100*used, o.refused)
					if used < 0.95 || used > 1.01 || o.refused > 0 {
						t.Errorf("used %.3f of what is granted, %d throttled", used, o.refused)
					}
				})
			})
		}
	}
}

func TestTwoImportsLeaveTheAgentsTheirPart(t *testing.T) {
	for _, showReset := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			o := &busyOrg{limit: 1000, agents: func(m float64) float64 { return 0.3 + 0.1*math.Sin(m*3) }, showReset: showReset}
			const minutes = 8
			importing(t, o, 2, 0.5, minutes)
			total := float64(len(o.served)) / (1000 * minutes)
			t.Logf("reset shown %v: the two used %.1f %% of the limit, %d throttled, agents were denied %.1f requests", showReset, 100*total, o.refused, o.denied)
			if o.refused > 0 || o.denied > 0.001*1000*minutes || total < 0.55 {
				t.Errorf("reset shown %v: %d throttled, agents denied %.1f, used %.2f", showReset, o.refused, o.denied, total)
			}
		})
	}
}

func TestARefusalDuringAPauseIsNoSecondStrike(t *testing.T) {
	now := newClock().at
	low := http.Header{"X-Ratelimit-Limit": {"1000"}, "X-Ratelimit-Remaining": {"10"}}
	g := gauge{remaining: -1}
	g.hear(now, 200, low)
	for range 8 { // on their way when the pause began
		g.hear(now, 429, http.Header{})
	}
	if d := g.due(now, 0.5); d < probe || d > probe*12/10 {
		t.Errorf("a pause of %v", d)
	}
}

func TestHeadersOfAnyKindAreBorne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.Float64(), func(f float64) string { return fmt.Sprint(f) }),
			rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) }), rapid.SampledFrom([]string{"", "Inf", "-Inf", "NaN", "1e400"}))
		ticking := newClock()
		m := newMeter(Config{Share: 0.5, Now: ticking.now, Sleep: ticking.sleep}, rapid.Bool().Draw(t, "plain"))
		for range 10 {
			h := http.Header{}
			for _, name := range []string{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "Retry-After", "Date"} {
				h.Set(name, text.Draw(t, name))
			}
			if d := m.answered(ordinary, rapid.SampledFrom([]int{200, 429, 500}).Draw(t, "status"), h); d != 0 && (d < minPause || d > maxPause) {
				t.Fatalf("asked to wait %v", d)
			}
			before := ticking.now()
			if err := m.wait(context.Background(), ordinary); err != nil {
				t.Fatal(err)
			}
			// At the slowest: half a request a minute granted, of which bursts take half.
			if d := ticking.now().Sub(before); d > 4*window+2*maxPause {
				t.Fatalf("waited %v", d)
			}
		}
	})
}
