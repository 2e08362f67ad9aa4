package kustomer

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxLimit = 1 << 30 // a header above it is read as this
	// floor is the part of the limit that is left to others: below it this client pauses until the window ends.
	floor = 0.05
	// burst is the part of what is granted that may go out at once. The pace between is so much slower that no 60 s ever
	// hold more than what is granted.
	burst = 0.03
	// fresh is the part of the limit that must remain, after less did, to take it that a new window has just begun.
	fresh     = 0.9
	trickle   = 20              // how many times slower than granted the pace can become short of a pause
	probe     = window / 12     // how long to pause when nobody said for how long
	scoutTime = 2 * time.Second // how long the others wait for a scout's answer at most
	minPause  = time.Second
	maxPause  = 90 * time.Second // a whole window and then some: a longer wait is a misread header
)

// gauge is one limit. The zero value is no limit at all.
type gauge struct {
	limit     int       // requests per window, 0 none
	stated    bool      // limit is from an answer
	remaining int       // at the last answer, -1 unknown
	ends      time.Time // of the present window, zero unknown
	guessed   bool      // ends is only the latest it can be
	begins    time.Time // when the present window was first heard of
	atFirst   int       // what remained then
	ours      int       // requests answered since
	next      time.Time // when the next request is due, were there no burst
	slowed    time.Time // nothing goes out before, because little will remain in this window
	paused    time.Time // nothing goes out before
	scout     scouting
	strikes   int // 429s in a row
}

// scouting is how a pause ends: with one request alone, whose answer decides on the others.
type scouting uint8

const (
	noScout   scouting = iota
	scoutDue           // the next request goes out alone
	scoutSent          // it is out
)

// hear takes over what an answer says of this limit. It returns how long the answer asks to wait, 0 when it does not.
func (g *gauge) hear(now time.Time, status int, h http.Header) time.Duration {
	if n, ok := count(h, "X-Ratelimit-Limit"); ok && n > 0 {
		g.limit, g.stated = n, true
	}
	before := g.remaining
	remaining, known := count(h, "X-Ratelimit-Remaining")
	if known {
		g.remaining = remaining
	}
	reset, hasReset := until(now, h, "X-Ratelimit-Reset")
	g.turn(now, before, known, reset)
	asked, hasAsked := until(now, h, "Retry-After")
	if status == http.StatusTooManyRequests {
		if !hasAsked && hasReset {
			asked = reset
		}
		if !known || g.low() { // else it is another limit than this, such as the one on updates of a single object
			g.throttle(now, asked)
		}
		return asked
	}
	g.strikes = 0
	if known {
		g.ours++
	}
	if known && g.low() {
		g.pause(now, g.left(now, probe))
	} else if g.scout == scoutSent {
		g.paused, g.scout = now, noScout
	}
	return asked
}

// throttle pauses after a 429: as long as asked, to the end of the window, or else longer from time to time.
func (g *gauge) throttle(now time.Time, asked time.Duration) {
	if !g.paused.After(now) || g.scout == scoutSent { // those that were on their way together are one strike
		g.strikes++
	}
	d := asked
	if d == 0 {
		d = g.left(now, min(probe<<min(max(g.strikes-1, 0), 4), window))
	}
	g.pause(now, d+rand.N(d/10+1)) // jitter: two clients of one org do not come back together
}

// turn finds out whether a new window has begun and when it ends: stated (reset, 0 none), shown by what remains having
// jumped up, or at worst a whole window from now. Before is what remained at the answer before.
func (g *gauge) turn(now time.Time, before int, known bool, reset time.Duration) {
	mark := float64(g.limit) * fresh
	risen := known && before >= 0 && float64(before) < mark && float64(g.remaining) >= mark
	old := g.ends
	switch {
	case reset > 0:
		g.ends, g.guessed = now.Add(reset), false
	case risen:
		g.ends, g.guessed = now.Add(window), false
	case known && !g.ends.After(now):
		g.ends, g.guessed = now.Add(window), true
	}
	if risen || g.ends.Sub(old) > window/4 {
		g.begins, g.atFirst, g.ours, g.slowed = now, g.remaining, 0, now
	}
}

// spare is how many requests this client may expect to have left in the present window, when the others go on as they
// have done in it so far, and the floor is left to them besides.
func (g *gauge) spare(left time.Duration, now time.Time) float64 {
	others := 0.0
	if d := now.Sub(g.begins); d > 0 {
		others = max(0, float64(g.atFirst-g.remaining-g.ours)) / max(d, window/12).Seconds()
	}
	return float64(g.remaining) - float64(g.limit)*floor - others*left.Seconds()
}

// low reports that what remains is below the floor. Without a limit only nothing is low.
func (g *gauge) low() bool { return g.remaining <= 0 || float64(g.remaining) < float64(g.limit)*floor }

// left is how long the present window lasts yet, or the given guess when that is unknown.
func (g *gauge) left(now time.Time, guess time.Duration) time.Duration {
	if d := g.ends.Sub(now); d > 0 && !g.guessed {
		return min(max(d, minPause), maxPause)
	}
	return guess
}

// pause lets nothing out for a while, and then one request alone.
func (g *gauge) pause(now time.Time, d time.Duration) {
	if t := now.Add(d); t.After(g.paused) {
		g.paused, g.scout = t, scoutDue
	}
}

// due is how long until a request may begin, 0 for now.
func (g *gauge) due(now time.Time, share float64) time.Duration {
	d := max(g.paused.Sub(now), 0)
	if g.limit > 0 {
		interval, atOnce := g.pace(share)
		slack := time.Duration((atOnce - 1) * float64(interval))
		d = max(d, g.next.Add(-slack).Sub(now), g.slowed.Sub(now))
	}
	return d
}

// spend takes note of a request that begins now.
func (g *gauge) spend(now time.Time, share float64) {
	if g.scout == scoutDue {
		g.paused, g.scout = now.Add(scoutTime), scoutSent
	}
	if g.limit == 0 {
		return
	}
	interval, _ := g.pace(share)
	if g.next.Before(now) {
		g.next = now
	}
	g.next = g.next.Add(interval)
	// What will remain to this client is spread over the rest of the window, down to a trickle that keeps it informed.
	g.slowed = now
	if left := g.ends.Sub(now); left > 0 && g.remaining >= 0 {
		if even := time.Duration(float64(left) / max(g.spare(left, now), 1e-3)); even > interval {
			g.slowed = now.Add(min(even, interval*trickle, left))
		}
	}
}

// pace is the time between two requests, and how many may go out at once.
func (g *gauge) pace(share float64) (interval time.Duration, atOnce float64) {
	granted := float64(g.limit) * share
	atOnce = max(1, granted*burst)
	return time.Duration(float64(window) / max(granted-atOnce, granted/2)), atOnce
}

// count reads a header that holds a count.
func count(h http.Header, name string) (int, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(h.Get(name)), 64)
	if err != nil || !(n >= 0) {
		return 0, false
	}
	return int(min(n, maxLimit)), true
}

// until reads a header that names a moment and returns how far away it is, 1 to 90 s. Which form x-ratelimit-reset has
// is not documented: epoch seconds, epoch milliseconds, seconds from now and an HTTP date are told apart by their size
// and shape.
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
