package kustomer

import (
	"context"
	"net/http"
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
)

// class is which limits a request counts against. Every request counts against the org's.
type class bool

const (
	ordinary class = false
	search   class = true
)

func (c call) class() class {
	path, _, _ := strings.Cut(c.path, "?")
	return class(c.method == http.MethodPost && (path == searchPath || path == archivePath))
}

// meter paces requests so that they stay within a share of the org's budget. Its lock is never held while waiting.
type meter struct {
	share float64
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
	rest  func(context.Context, time.Duration) error // until one record may be updated again

	mu       sync.Mutex
	org      gauge
	searches gauge
	// things whose own limit of updates is all but used up, and until when; at most mostObjects
	objects  map[string]time.Time
	used     int64     // requests since windowAt
	windowAt time.Time // when this client's own present 60 s began
	requests int64
	skew     time.Duration // see Budget.Skew
	limited  int64         // 429s
	troubled int64         // see Budget.Troubled
	answer   time.Duration // see Budget.Answer
	since    time.Time
	waited   time.Duration
}

func newMeter(c Config, plain bool) *meter {
	m := &meter{share: c.Share, now: c.Now, sleep: c.sleeps("the org's limit of requests a minute"),
		rest: c.sleeps("the org's limit of updates of one record"),
		org:  gauge{limit: assumedLimit, remaining: -1}, searches: gauge{limit: searchLimit, remaining: -1},
		objects: map[string]time.Time{}}
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
		if n, ok := count(h, "X-Ratelimit-Object-Remaining"); ok && n == 0 {
			status = http.StatusOK // the limit that is used up is that of one thing
		}
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		m.skew = date.Sub(now).Truncate(time.Second)
	}
	return g.hear(now, status, h)
}

// took notes how a request went, for those who decide how many may be under way.
func (m *meter) took(c call, d time.Duration, failure *Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !c.reads() {
		m.answer = d
	}
	if failure != nil && failure.Verdict == InDoubt {
		m.troubled++
	}
}

func (m *meter) budget() Budget {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := Budget{Remaining: m.org.remaining, Granted: float64(m.org.limit) * m.share,
		Searches: float64(m.searches.limit) * m.share,
		Requests: m.requests, Throttled: m.limited, Since: m.since, Waited: m.waited, Skew: m.skew,
		Answer: m.answer, Troubled: m.troubled}
	if m.org.stated {
		b.Limit = m.org.limit
	}
	if !m.org.guessed {
		b.Reset = m.org.ends
	}
	if m.now().Sub(m.windowAt) < window {
		b.Used = m.used
	}
	return b
}
