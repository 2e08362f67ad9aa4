package lanes

import (
	"fmt"
	"sync"

	"muster/pipeline/outcome"
)

// Quota is how many customers a run may make, or change; nil: as many as come. Whoever is about to do it to some takes
// them from the quota first and says afterwards to how many it came. Safe for concurrent use.
type Quota struct {
	guard string
	act   string // for people: created, updated
	limit string // in words
	most  int64

	mu   sync.Mutex
	calm sync.Cond
	used int64 // it came to
	open int64 // taken, and not known yet what it comes to
}

// NewQuota lets so many be sent. Guard and limit are how people know it, act is what is done: created, updated.
func NewQuota(guard, act string, most int64, limit string) *Quota {
	q := &Quota{guard: guard, act: act, limit: limit, most: most}
	q.calm.L = &q.mu
	return q
}

// Take asks for n. It waits as long as others may give back what they took, and is false when n would
// be too many. Who calls must hold nothing of the quota whose end is not settled.
func (q *Quota) Take(n int64) bool {
	if q == nil {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.used+q.open+n > q.most {
		if q.open == 0 || q.used+n > q.most {
			return false
		}
		q.calm.Wait()
	}
	q.open += n
	return true
}

// Tight says whether n may turn out to be too many.
func (q *Quota) Tight(n int64) bool {
	if q == nil {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.used+q.open+n > q.most
}

// Settle says what became of one that was taken.
func (q *Quota) Settle(came bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open--
	if came {
		q.used++
	}
	q.calm.Broadcast()
}

// Spent is the error of a run that has used the quota up.
func (q *Quota) Spent() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return &outcome.GuardError{Guard: q.guard, Reason: fmt.Sprintf("%d customers were %s, and with the next batch "+
		"there would be more than %s", q.used, q.act, q.limit)}
}
