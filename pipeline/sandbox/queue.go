package sandbox

import (
	"container/heap"
	"time"
)

// queue holds the accepted jobs that are not finished, by when something is to be done for them. It belongs to the
// writer's goroutine. Times are real ones: Config.Now does not move it.
type queue struct {
	jobs   []*job
	parsed int               // how many of jobs hold their parsed payload
	hold   func(string) bool // Faults.Hold by job id
}

const (
	mostParsed = 64                    // jobs whose payload stays in memory; the others read theirs again
	heldFor    = 25 * time.Millisecond // until a held job, or one whose step failed, comes up again
	idle       = time.Hour             // the wait when there is no job
)

// add takes a job up.
func (q *queue) add(j *job) {
	if j.items != nil && q.parsed < mostParsed {
		j.counted = true
		q.parsed++
	}
	q.back(j)
}

// back puts a job in its place; a payload beyond mostParsed is let go.
func (q *queue) back(j *job) {
	if !j.counted {
		j.items = nil
	}
	heap.Push(q, j)
}

// wait is the time until a job is due.
func (q *queue) wait() time.Duration {
	if len(q.jobs) == 0 {
		return idle
	}
	return max(0, time.Until(q.jobs[0].due))
}

// due removes up to most jobs that are due and not held.
func (q *queue) due(most int) []*job {
	var found, held []*job
	now := time.Now()
	for len(q.jobs) > 0 && len(found) < most && !q.jobs[0].due.After(now) {
		j := heap.Pop(q).(*job)
		if q.hold(j.id) {
			j.due = now.Add(heldFor)
			held = append(held, j)
			continue
		}
		found = append(found, j)
	}
	for _, j := range held {
		heap.Push(q, j)
	}
	return found
}

// settle takes the jobs of due back after their transaction: those with steps left, and all when it failed.
func (q *queue) settle(jobs []*job, err error) {
	for _, j := range jobs {
		if err != nil {
			j.due = time.Now().Add(heldFor)
			q.back(j)
			continue
		}
		j.progress = j.reached
		switch {
		case j.state != finished:
			q.back(j)
		case j.counted:
			q.parsed--
		}
	}
}

// Len, Less, Swap, Push and Pop are heap.Interface.

// Len is the number of jobs.
func (q *queue) Len() int { return len(q.jobs) }

// Less puts the job that is due first in front; of two, the one accepted first.
func (q *queue) Less(i, j int) bool {
	a, b := q.jobs[i], q.jobs[j]
	if !a.due.Equal(b.due) {
		return a.due.Before(b.due)
	}
	return a.row < b.row
}

// Swap exchanges two jobs.
func (q *queue) Swap(i, j int) { q.jobs[i], q.jobs[j] = q.jobs[j], q.jobs[i] }

// Push appends a job.
func (q *queue) Push(x any) { q.jobs = append(q.jobs, x.(*job)) }

// Pop removes the last job.
func (q *queue) Pop() any {
	last := len(q.jobs) - 1
	j := q.jobs[last]
	q.jobs[last] = nil
	q.jobs = q.jobs[:last]
	return j
}
