package nightly

import (
	"context"
	"slices"

	"muster/pipeline"
	"muster/pipeline/config"
	"muster/pipeline/exit"
	"muster/pipeline/ledger"
	"muster/pipeline/parallel"
)

// orgNight is the jobs of one org in one night. It has what they share: the lock of the state directory with the ledger
// in it, the client with the org's budget, and what was fetched for them. Nothing in it is another org's.
type orgNight struct {
	*Night
	org   *config.Org
	jobs  []*config.Job
	state string // the directory of ledger and reports

	brought map[string]*brought // by job
	ledger  *ledger.Ledger
	reached *pipeline.Org
	end     func()
	orgErr  error

	results []*Result
}

// byOrg is the jobs by their orgs, in the order of the first of each.
func (n *Night) byOrg(jobs []*config.Job) (parts []*orgNight) {
	for _, job := range jobs {
		i := slices.IndexFunc(parts, func(o *orgNight) bool { return o.org == job.Org })
		if i < 0 {
			i, parts = len(parts), append(parts, &orgNight{Night: n, org: job.Org,
				state: stateOf(n.Project, n.Elsewhere, job.Org)})
		}
		parts[i].jobs = append(parts[i].jobs, job)
	}
	return parts
}

// stateOf is an org's state directory: the one that is named instead, or as the project says.
func stateOf(p *config.Project, instead string, org *config.Org) string {
	if instead != "" {
		return instead
	}
	return p.Path(org.State)
}

// do does the jobs of the org. A panic ends them and nobody else's.
func (n *orgNight) do(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			n.fallen(err)
		}
	}()
	defer parallel.Caught(&err)
	skip, held := n.hold(ctx)
	if !skip && held == nil {
		skip, held = n.bringAll(ctx)
		defer n.dropAll()
	}
	if skip || held != nil {
		n.unopened(ctx, held)
		return nil
	}
	defer n.ledger.Close()
	n.absorb("", nil)
	n.backUp()
	for _, job := range n.jobs {
		n.results = append(n.results, n.job(ctx, job, n.results))
	}
	if n.end != nil {
		n.end()
	}
	n.tidy()
	return nil
}

// fallen ends the jobs that a panic kept from their end.
func (n *orgNight) fallen(err error) {
	n.Log.Error("the jobs of an org were given up", "org", n.org.Address, "error", err)
	for _, job := range n.jobs {
		if n.result(job) == nil {
			r := &Result{Job: job.Name, Org: n.org.Address, Began: n.Now().UTC(), Ended: n.Now().UTC(), Fault: FaultInternal}
			r.fail(err)
			r.Meaning = exit.Meaning(r.ExitCode)
			n.results = append(n.results, r)
		}
	}
}

// result is what became of a job; nil where it is none of the org's.
func (n *orgNight) result(job *config.Job) *Result {
	for _, r := range n.results {
		if r.Job == job.Name {
			return r
		}
	}
	return nil
}

// requests is how many requests were made of the org so far.
func (n *orgNight) requests() int64 {
	if n.reached == nil {
		return 0
	}
	return n.reached.Client.Budget().Requests
}

// connect reaches the org, once in a night.
func (n *orgNight) connect(ctx context.Context) (*pipeline.Org, error) {
	if n.reached == nil && n.orgErr == nil {
		n.reached, n.end, n.orgErr = n.Connect(ctx, n.org, n.state)
	}
	return n.reached, n.orgErr
}
