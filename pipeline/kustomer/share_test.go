package kustomer

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

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
		header.Set("X-Ratelimit-Reset", strconv.Itoa(int(math.Ceil(o.start.Add(time.Duration(o.window+
			1)*window).Sub(now).Seconds()))))
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
			t.Logf("reset shown %v: the two used %.1f %% of the limit, %d throttled, agents were denied %.1f requests",
				showReset, 100*total, o.refused, o.denied)
			if o.refused > 0 || o.denied > 0.001*1000*minutes || total < 0.55 {
				t.Errorf("reset shown %v: %d throttled, agents denied %.1f, used %.2f", showReset, o.refused, o.denied, total)
			}
		})
	}
}
