package deliver

import (
	"fmt"
	"strconv"
	"sync"

	"muster/pipeline/lanes"
	"muster/pipeline/outcome"
)

// Limits are the guards that keep a run from doing what nobody meant: each names the most that may
// happen, and nil stands for no limit. A share is of the rows read, that of rejected rows of the rows
// that the org has judged so far; below Sample rows a share says nothing and is not looked at.
type Limits struct {
	Invalid  *Allowance // rows refused by the checks: known before anything is sent
	Rejected *Allowance // rows refused by the org
	Create   *Allowance // customers made
	Update   *Allowance // customers changed
	Sample   int64      // default 100
}

// defaultLimitSample is how many rows a share is taken of at least: three wrong rows of ten are no sign yet.
const defaultLimitSample = 100

func (l *Limits) sample() int64 {
	if l.Sample > 0 {
		return l.Sample
	}
	return defaultLimitSample
}

// exceeded says whether n of total rows are more than the allowance.
func (l *Limits) exceeded(a *Allowance, n, total int64) bool {
	if a == nil || n <= a.Rows {
		return false
	}
	return a.Percent == 0 || total >= l.sample() && float64(n) > a.Percent/100*float64(total)
}

// Allowance is a number of rows or a share of them. The zero value allows none.
type Allowance struct {
	Rows    int64
	Percent float64
}

// Covers tells whether n of total rows are within the allowance.
func (a Allowance) Covers(n, total int64) bool {
	return n <= a.Rows || (a.Percent > 0 && float64(n) <= a.Percent/100*float64(total))
}

// String is the allowance as people write it.
func (a Allowance) String() string {
	if a.Percent > 0 {
		return strconv.FormatFloat(a.Percent, 'f', -1, 64) + "%"
	}
	return strconv.FormatInt(a.Rows, 10)
}

// Surveyed stops a run whose survey found too many invalid rows.
func (l *Limits) Surveyed(invalid, rows int64) error {
	if !l.exceeded(l.Invalid, invalid, rows) {
		return nil
	}
	return &outcome.GuardError{Guard: "--max-invalid",
		Reason: fmt.Sprintf("%d of %d rows are invalid, and %s are allowed; nothing was sent", invalid, rows, l.Invalid)}
}

// QuotaOf works a limit out for so many rows.
func (l *Limits) QuotaOf(guard, act string, a *Allowance, rows int64) *lanes.Quota {
	switch {
	case a == nil:
	case a.Percent == 0:
		return lanes.NewQuota(guard, act, a.Rows, a.String())
	case rows >= l.sample():
		return lanes.NewQuota(guard, act, int64(a.Percent/100*float64(rows)), a.String())
	}
	return nil
}

// admitted takes the records of idx that are to be sent from a quota; nil when they would be too many.
// Then the run stops, unless nobody has asked the org yet which of them it has: that is asked first.
func (p *inFlight) admitted(q *lanes.Quota, creating bool, idx []int) []int {
	if q == nil {
		return idx
	}
	if creating && q.Tight(int64(len(idx))) {
		var unasked []int
		for _, i := range idx {
			if !p.states[i].asked && len(p.batch.Records[i].Keys) > 0 {
				unasked = append(unasked, i)
			}
		}
		if len(unasked) > 0 {
			p.mark(unasked, indeterminate)
			return nil
		}
	}
	if !q.Take(int64(len(idx))) {
		p.unsent(idx)
		p.Halt.Stop(q.Spent())
		return nil
	}
	for _, i := range idx {
		p.states[i].charged = q
	}
	return idx
}

// settleCharges gives back to the quotas what came to nothing. Nothing of the batch is under way.
func (p *inFlight) settleCharges() {
	for i := range p.states {
		e := &p.states[i]
		if e.charged == nil {
			continue
		}
		// What is in doubt may have come to something.
		e.charged.Settle(e.phase == indeterminate || e.phase == ended &&
			(e.status == outcome.Created || e.status == outcome.Updated || e.status == outcome.Unknown))
		e.charged = nil
	}
}

// judged counts what the org said of a batch, and stops the run when it refuses too much.
type judged struct {
	mu             sync.Mutex
	rejected, rows int64
}

func (j *judged) add(l *Limits, ends []recordState) error {
	if l == nil || l.Rejected == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range ends {
		switch ends[i].status {
		case outcome.Unsent:
			continue
		case outcome.Rejected:
			j.rejected++
		}
		j.rows++
	}
	if !l.exceeded(l.Rejected, j.rejected, j.rows) {
		return nil
	}
	return &outcome.GuardError{Guard: "--max-rejected",
		Reason: fmt.Sprintf("the org refused %d of the first %d rows, and %s are allowed", j.rejected, j.rows, l.Rejected)}
}
