package nightly

import (
	"context"
	"slices"
	"time"

	"muster/pipeline/config"
	"muster/pipeline/exit"
	"muster/pipeline/fetch"
	"muster/pipeline/notify"
)

// brought is what was fetched for a job, and not placed yet.
type brought struct {
	known []fetch.Entry // against which it was held
	files *fetch.Fetched
	same  bool
	err   error

	began, ended time.Time
}

// did notes when a step of a job was done, and the error it ended with.
func (r *Result) did(step string, began, ended time.Time, err error) {
	span := notify.Span{Name: step, Began: began, Ended: ended}
	if err != nil {
		span.Failed = exit.Meaning(exitCode(err))
	}
	r.steps = append(r.steps, span)
}

func (b *brought) drop() {
	if b != nil {
		b.files.Drop()
	}
}

// known is what a job took last, where it would read it in the same way again.
func (n *orgNight) known(job *config.Job, m *memory, rules string) []fetch.Entry {
	if m.Taken.Rules != rules || n.Full || m.rejudged(job) {
		return nil
	}
	return m.Taken.Entries
}

func (n *orgNight) bring(ctx context.Context, job *config.Job, m *memory, known []fetch.Entry) *brought {
	b := &brought{known: known, began: n.Now()}
	f := n.fetcher(job.Name)
	if job.Changes() {
		f.Landed = m.accounted
	}
	b.files, b.same, b.err = f.Fetch(ctx, &job.Source, known)
	b.ended = n.Now()
	return b
}

// bringAll fetches what the jobs take from elsewhere while nobody is kept out: a place that does not answer for an hour
// is no reason for another run to wait for it. The state directory is held before, so that a night that would be in
// another's way fetches nothing, and given back meanwhile.
func (n *orgNight) bringAll(ctx context.Context) (skip bool, err error) {
	n.brought = map[string]*brought{}
	if !slices.ContainsFunc(n.jobs, func(job *config.Job) bool { return fetch.Remote(&job.Source) }) {
		return false, nil
	}
	known, memories := map[string][]fetch.Entry{}, map[string]*memory{}
	for _, job := range n.jobs {
		rules, err := n.rules(job)
		if err != nil || !fetch.Remote(&job.Source) {
			continue // the job will say what is wrong
		}
		if m, err := recall(n.ledger.Memo, job.Name); err == nil {
			known[job.Name], memories[job.Name] = n.known(job, m, rules), m
		}
	}
	if err := n.ledger.Close(); err != nil {
		return false, err
	}
	for _, job := range n.jobs {
		if had, reads := known[job.Name]; reads && ctx.Err() == nil {
			n.brought[job.Name] = n.bring(ctx, job, memories[job.Name], had)
		}
	}
	return n.hold(ctx)
}

// dropAll removes what was fetched and never placed.
func (n *orgNight) dropAll() {
	for _, b := range n.brought {
		b.drop()
	}
}
