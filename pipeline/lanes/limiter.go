package lanes

import (
	"sync"
	"time"
)

// Limiter decides how many batches may be in flight: one more for every round that went well, half as
// many after a sign that the org is pressed (a 429, a 5xx, a timeout, or answers that take much
// longer than its best). Safe for concurrent use.
type Limiter struct {
	mu    sync.Mutex
	free  sync.Cond
	limit float64 // batches that may be in flight now, 1 … most
	most  int
	busy  int
	best  time.Duration // the quickest answer of late
	ills  int64         // how often the org had been in trouble when it was heard of last
	held  int           // batches still to come back before more than one is let in again
	came  int64         // batches that ever asked for a place
	went  int64         // batches that ever got one
	calm  int           // answers still to come before the next halving: one trouble shows in many answers
}

// OpenAtFirst is how many batches may be in flight at first: four jobs in flight hide the latency of an org
// nobody knows anything of yet.
const OpenAtFirst = 4

// NewLimiter lets at most so many batches in flight, a few at first.
func NewLimiter(most int) *Limiter {
	l := &Limiter{limit: float64(min(OpenAtFirst, most)), most: most}
	l.free.L = &l.mu
	return l
}

// Enter waits for a place. There is always at least one, so it never waits for longer than the
// batches in flight take. Places are given in the order in which they are asked for: rows of a file then come to the
// org about in their order, and none waits for the end of the run.
func (l *Limiter) Enter() {
	l.mu.Lock()
	defer l.mu.Unlock()
	turn := l.came
	l.came++
	for l.busy >= int(l.limit) || turn != l.went {
		l.free.Wait()
	}
	l.went++
	l.busy++
	l.free.Broadcast()
}

// Leave gives the place back.
func (l *Limiter) Leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
	l.held = max(0, l.held-1)
	l.free.Broadcast()
}

// Hold leaves one place open until n more batches have come back.
func (l *Limiter) Hold(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit, l.held = 1, n
}

// slowdown is how many times its best an answer may take before it counts as a sign of pressure;
// answers below patient are quick whatever the best was.
const (
	slowdown = 4
	patient  = 500 * time.Millisecond
)

// Heard learns from the latest answer: how long it took, and how often the org has been in trouble
// so far (429s, 5xx, timeouts).
func (l *Limiter) Heard(took time.Duration, troubles int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	trouble := troubles > l.ills
	l.ills = troubles
	if !trouble && (l.best == 0 || took < l.best) {
		l.best = took
	}
	l.best += l.best / 256 // the best fades, should the org be slower from now on
	if l.calm > 0 {
		l.calm--
	}
	switch pressed := trouble || (took > patient && took > slowdown*l.best); {
	case pressed && l.calm == 0:
		l.limit = max(1, l.limit/2)
		l.calm = l.busy
	case !pressed && l.held == 0:
		l.limit = min(float64(l.most), l.limit+1/l.limit)
		l.free.Broadcast()
	}
}

// Open is how many batches may be in flight now.
func (l *Limiter) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(l.limit)
}
