package kustomer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
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
		{"epoch seconds", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(20 * time.Second).Unix())}, 20 * time.Second,
			23 * time.Second},
		{"epoch seconds with a fraction", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(20*time.Second).Unix()) + ".5"},
			20 * time.Second, 23 * time.Second},
		{"epoch milliseconds", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(20 * time.Second).UnixMilli())},
			20 * time.Second, 23 * time.Second},
		{"seconds from now", []string{"X-Ratelimit-Reset", "20"}, 20 * time.Second, 23 * time.Second},
		{"an HTTP date", []string{"X-Ratelimit-Reset", now.Add(20 * time.Second).Format(http.TimeFormat)}, 20 * time.Second,
			23 * time.Second},
		{"absent", nil, probe, probe * 12 / 10},
		{"nonsense", []string{"X-Ratelimit-Reset", "soon"}, probe, probe * 12 / 10},
		{"not a number", []string{"X-Ratelimit-Reset", "NaN"}, probe, probe * 12 / 10},
		{"Retry-After", []string{"Retry-After", "7"}, 7 * time.Second, 9 * time.Second},
		{"Retry-After as a date", []string{"Retry-After", now.Add(7 * time.Second).Format(http.TimeFormat)}, 7 * time.Second,
			9 * time.Second},
		{"Retry-After before reset", []string{"Retry-After", "7", "X-Ratelimit-Reset", "40"}, 7 * time.Second,
			9 * time.Second},
		{"past", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(-time.Hour).Unix()), "Date", "x"}, time.Second,
			2 * time.Second},
		{"zero", []string{"X-Ratelimit-Reset", "0"}, time.Second, 2 * time.Second},
		{"far off", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(240 * time.Hour).Unix()), "Date", "x"}, 90 * time.Second,
			100 * time.Second},
		{"far off in seconds", []string{"Retry-After", "999999999"}, 90 * time.Second, 100 * time.Second},
		{"our clock is behind", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(time.Hour + 20*time.Second).Unix()), "Date",
			now.Add(time.Hour).Format(http.TimeFormat)}, 20 * time.Second, 23 * time.Second},
		{"our clock is ahead", []string{"X-Ratelimit-Reset", fmt.Sprint(now.Add(20*time.Second - time.Hour).Unix()), "Date",
			now.Add(-time.Hour).Format(http.TimeFormat)}, 20 * time.Second, 23 * time.Second},
		{"another limit than the org's", []string{"X-Ratelimit-Limit", "1000", "X-Ratelimit-Remaining", "900"}, firstWait / 2,
			firstWait},
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
	c, ticking := org(t, answering(204, "", "X-Ratelimit-Limit", "100", "X-Ratelimit-Remaining", "3", "X-Ratelimit-Reset",
		"50"))
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
	for _, path := range []string{searchPath, archivePath} {
		if k := (call{method: "POST", path: path + "?page=2"}).class(); k != search {
			t.Error("a search is not known as one")
		}
	}
	if k := (call{path: "/v1/customers/email=search"}).class(); k != ordinary {
		t.Error("a look-up is taken for a search")
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
			rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) }),
			rapid.SampledFrom([]string{"", "Inf", "-Inf", "NaN", "1e400"}))
		ticking := newClock()
		m := newMeter(Config{Share: 0.5, Now: ticking.now, Sleep: ticking.sleep}, rapid.Bool().Draw(t, "plain"))
		for range 10 {
			h := http.Header{}
			for _, name := range []string{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "Retry-After",
				"Date"} {
				h.Set(name, text.Draw(t, name))
			}
			if d := m.answered(ordinary, rapid.SampledFrom([]int{200, 429, 500}).Draw(t, "status"), h); d != 0 &&
				(d < minPause || d > maxPause) {
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

func TestAPauseEndsWithOneRequestAlone(t *testing.T) {
	ticking := newClock()
	m := newMeter(Config{Share: 0.5, Now: ticking.now, Sleep: ticking.sleep}, true)
	m.answered(ordinary, 429, http.Header{})
	_ = m.wait(t.Context(), ordinary)
	if d := m.take(ordinary); d != scoutTime {
		t.Errorf("a second request may go out in %v, want %v", d, scoutTime)
	}
	m.answered(ordinary, 200, http.Header{})
	if d := m.take(ordinary); d != 0 {
		t.Errorf("after the first was answered, another may go out in %v, want at once", d)
	}
	m = newMeter(Config{Share: 0.5, Now: ticking.now, Sleep: ticking.sleep}, false)
	header := func(remaining string) http.Header {
		return http.Header{"X-Ratelimit-Limit": {"1000"}, "X-Ratelimit-Remaining": {remaining}}
	}
	m.answered(ordinary, 200, header("10"))
	_ = m.wait(t.Context(), ordinary)
	if d := m.take(ordinary); d < scoutTime {
		t.Errorf("a second request may go out in %v, want at least %v", d, scoutTime)
	}
	m.answered(ordinary, 200, header("9"))
	if d := m.take(ordinary); d != probe {
		t.Errorf("after the first was told that little remains, another may go out in %v, want %v", d, probe)
	}
	_ = m.wait(t.Context(), ordinary)
	m.answered(ordinary, 200, header("990"))
	if d := m.take(ordinary); d != 0 {
		t.Errorf("after the first was told that much remains, another may go out in %v, want at once", d)
	}
}

func TestTheOrgsClockIsComparedWithOurs(t *testing.T) {
	at := newClock().at
	c, _ := org(t, answering(204, "", "Date", at.Add(90*time.Second).Format(http.TimeFormat)))
	if err := c.Delete(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	if d := c.Budget().Skew; d != 90*time.Second {
		t.Errorf("skew %v", d)
	}
}
