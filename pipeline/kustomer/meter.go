package kustomer

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	window = time.Minute // of every documented limit: https://developer.kustomer.com/docs/concepts/rate-limits
	// assumedLimit holds until an answer names the org's: the lowest documented plan's.
	assumedLimit = 300
	// searchLimit is what machine users may search per minute, documented at the same place.
	searchLimit = 100
	maxLimit    = 1 << 30
	// floor is the part of the limit that is left to others: below it this client pauses until the window ends.
	floor = 0.05
	// burst is the part of what is granted that may go out at once. The pace between is so much slower that no 60 s ever
	// hold more than what is granted.
	burst = 0.03
	// fresh is the part of the limit that must remain, after less did, to take it that a new window has just begun.
	fresh              = 0.9
	probe              = window / 12 // how long to pause when nobody said for how long
	minPause, maxPause = time.Second, 90 * time.Second
)

// class is which limits a request counts against. Every request counts against the org's.
type class bool

const (
	ordinary class = false
	search   class = true
)

func (c call) class() class {
	path, _, _ := strings.Cut(c.path, "?")
	return class(strings.HasSuffix(path, "/search"))
}

// meter paces requests so that they stay within a share of the org's budget. Its lock is never held while waiting.
type meter struct {
	share float64
	now   func() time.Time
	sleep func(context.Context, time.Duration) error

	mu       sync.Mutex
	org      gauge
	searches gauge
	used     int64     // requests since windowAt
	windowAt time.Time // when this client's own present 60 s began
	requests int64
	limited  int64 // 429s
	since    time.Time
	waited   time.Duration
}

// gauge is one limit. The zero value is no limit at all.
type gauge struct {
	limit     int       // requests per window, 0 none
	stated    bool      // limit is from an answer
	remaining int       // at the last answer, -1 unknown
	ends      time.Time // of the present window, zero unknown
	next      time.Time // when the next request is due, were there no burst
	paused    time.Time // nothing goes out before
	strikes   int       // 429s in a row
}

func newMeter(c Config, plain bool) *meter {
	m := &meter{share: c.Share, now: c.Now, sleep: c.Sleep,
		org: gauge{limit: assumedLimit, remaining: -1}, searches: gauge{limit: searchLimit, remaining: -1}}
	if plain { // an org on this machine that states no limit has none
		m.org.limit = 0
	}
	return m
}

// wait returns when a request of the class may begin, counting it, or with ctx's error.
func (m *meter) wait(ctx context.Context, k class) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := m.take(k)
		if d <= 0 {
			return nil
		}
		if err := m.sleep(ctx, d); err != nil {
			return err
		}
	}
}

// take counts a request that may begin now and returns 0, or how long to wait before asking again.
func (m *meter) take(k class) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	d := m.org.due(now, m.share)
	if k == search {
		d = max(d, m.searches.due(now, m.share))
	}
	if d > 0 {
		m.waited += d
		return d
	}
	m.org.spend(now, m.share)
	if k == search {
		m.searches.spend(now, m.share)
	}
	if m.since.IsZero() {
		m.since = now
	}
	if now.Sub(m.windowAt) >= window {
		m.windowAt, m.used = now, 0
	}
	m.used++
	m.requests++
	return 0
}

// uncount takes back a request that never began: it cost nothing.
func (m *meter) uncount() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used = max(m.used-1, 0)
	m.requests--
}

// answered takes over what an answer says of the limits, and returns how long the answer itself asks to wait before the
// same request is sent again, 0 when it does not.
func (m *meter) answered(k class, status int, h http.Header) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	g := &m.org
	// Whose limit the headers of a search mean is not documented; one as low as that of searches is theirs.
	if n, ok := count(h, "X-Ratelimit-Limit"); k == search && (!ok || n <= searchLimit) {
		g = &m.searches
	}
	if status == http.StatusTooManyRequests {
		m.limited++
	}
	return g.hear(now, status, h)
}

// hear is answered for one gauge.
func (g *gauge) hear(now time.Time, status int, h http.Header) time.Duration {
	if n, ok := count(h, "X-Ratelimit-Limit"); ok && n > 0 {
		g.limit, g.stated = n, true
	}
	before := g.remaining
	remaining, known := count(h, "X-Ratelimit-Remaining")
	if known {
		g.remaining = remaining
		if mark := float64(g.limit) * fresh; before >= 0 && float64(before) < mark && float64(remaining) >= mark {
			g.ends = now.Add(window)
		}
	}
	reset, hasReset := until(now, h, "X-Ratelimit-Reset")
	if hasReset {
		g.ends = now.Add(reset)
	}
	asked, hasAsked := until(now, h, "Retry-After")
	if status != http.StatusTooManyRequests {
		g.strikes = 0
		if known && g.low() {
			g.pause(now, g.left(now, probe))
		}
		return asked
	}
	g.strikes++
	stated := asked
	if !hasAsked && hasReset {
		stated = reset
	}
	if known && !g.low() {
		return stated // another limit than this one, such as the one on updates of a single object
	}
	d := stated
	if d == 0 {
		d = g.left(now, min(probe<<min(g.strikes-1, 4), window))
	}
	g.pause(now, d+rand.N(d/10+1))
	return stated
}

// low reports that what remains is below the floor. Without a limit only nothing is low.
func (g *gauge) low() bool { return g.remaining <= 0 || float64(g.remaining) < float64(g.limit)*floor }

// left is how long the present window lasts yet, or the guess when that is unknown.
func (g *gauge) left(now time.Time, guess time.Duration) time.Duration {
	if d := g.ends.Sub(now); d > 0 {
		return min(max(d, minPause), maxPause)
	}
	return guess
}

func (g *gauge) pause(now time.Time, d time.Duration) {
	if t := now.Add(d); t.After(g.paused) {
		g.paused = t
	}
}

// due is how long until a request may begin, 0 for now.
func (g *gauge) due(now time.Time, share float64) time.Duration {
	if g.paused.After(now) {
		return g.paused.Sub(now)
	}
	if g.limit == 0 {
		return 0
	}
	_, slack := g.pace(now, share)
	return max(g.next.Add(-slack).Sub(now), 0)
}

func (g *gauge) spend(now time.Time, share float64) {
	if g.limit == 0 {
		return
	}
	interval, _ := g.pace(now, share)
	if g.next.Before(now) {
		g.next = now
	}
	g.next = g.next.Add(interval)
}

// pace is the time between two requests, and how far ahead of it they may run.
func (g *gauge) pace(now time.Time, share float64) (interval, slack time.Duration) {
	granted := float64(g.limit) * share
	atOnce := max(1, granted*burst)
	interval = time.Duration(float64(window) / max(granted-atOnce, granted/2))
	slack = time.Duration((atOnce - 1) * float64(interval))
	// Towards the end of a window that others have used up, what remains above the floor is spread over the time left.
	if spare := float64(g.remaining) - float64(g.limit)*floor; spare > 0 {
		if left := g.ends.Sub(now); left > 0 {
			interval = max(interval, min(time.Duration(float64(left)/spare), maxPause))
		}
	}
	return interval, slack
}

func (m *meter) budget() Budget {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := Budget{Remaining: m.org.remaining, Reset: m.org.ends, Granted: float64(m.org.limit) * m.share,
		Requests: m.requests, Throttled: m.limited, Since: m.since, Waited: m.waited}
	if m.org.stated {
		b.Limit = m.org.limit
	}
	if m.now().Sub(m.windowAt) < window {
		b.Used = m.used
	}
	return b
}

// count reads a header that holds a count.
func count(h http.Header, name string) (int, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(h.Get(name)), 64)
	if err != nil || !(n >= 0) {
		return 0, false
	}
	return int(min(n, maxLimit)), true
}

// until reads a header that names a moment and returns how far away it is, 1 to 90 s. Which form x-ratelimit-reset has is not
// documented: epoch seconds, epoch milliseconds, seconds from now and an HTTP date are told apart by their size and shape.
func until(now time.Time, h http.Header, name string) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get(name))
	var at time.Time
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err == nil && n > 1e12 && n < 1e15:
		at = time.UnixMilli(int64(n))
	case err == nil && n > 1e9 && n < 1e12:
		at = time.UnixMicro(int64(n * 1e6))
	case err == nil && n >= 0 && n <= 1e9:
		return clamp(time.Duration(min(n, maxPause.Seconds()) * float64(time.Second))), true
	case err == nil:
		return 0, false
	default:
		if at, err = http.ParseTime(text); err != nil {
			return 0, false
		}
	}
	d := at.Sub(now)
	if d < 0 || d > maxPause { // one of the two clocks is wrong: reckon by the org's
		if date, err := http.ParseTime(h.Get("Date")); err == nil && at.After(date) {
			d = at.Sub(date)
		}
	}
	return clamp(d), true
}

func clamp(d time.Duration) time.Duration { return min(max(d, minPause), maxPause) }
