package nightly

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"muster/pipeline/config"
	"muster/pipeline/exit"
)

// interrupted says whether a signal ended it.
func interrupted(code int) bool {
	return code == exit.Interrupted || code == exit.Terminated
}

// tried does a job, and where the environment kept it from its end again, as often as it may be in the night. What was
// begun is taken up, and what has landed is not sent again.
func (n *orgNight) tried(ctx context.Context, job *config.Job, m *memory, r *Result, log *slog.Logger) {
	(&jobRun{orgNight: n, job: job, memory: m, result: r, log: log}).work(ctx)
	for r.ExitCode == exit.Environment && r.Retries < job.Retry.Times {
		wait := job.Retry.Within / time.Duration(job.Retry.Times)
		log.Warn("trying again", "after", wait.String(), "because", strings.Join(r.Says, "; "))
		if err := n.Sleep(ctx, wait); err != nil {
			r.fail(err)
			return
		}
		r.again()
		delete(n.brought, job.Name) // it was placed, or never came
		if n.reached == nil {
			n.orgErr = nil
		}
		(&jobRun{orgNight: n, job: job, memory: m, result: r, log: log}).work(ctx)
	}
}

// again makes a result fit for another try: what landed and what was passed over stay, and so does why it is tried
// again.
func (r *Result) again() {
	why := "the environment"
	if i := slices.IndexFunc(r.Says, func(s string) bool {
		return !strings.HasPrefix(s, "warning: ") && !strings.HasPrefix(s, "took up run ")
	}); i >= 0 {
		why = r.Says[i]
	}
	next := Result{Job: r.Job, Org: r.Org, Began: r.Began, Retries: r.Retries + 1, Resumed: r.Resumed, Missing: r.Missing,
		noted: r.noted, steps: r.steps}
	for _, says := range r.Says {
		if strings.HasPrefix(says, "warning: ") || strings.HasPrefix(says, "tried again: ") {
			next.Says = append(next.Says, says)
		}
	}
	next.Says = append(next.Says, fmt.Sprintf("tried again: %s", why))
	for _, f := range r.Findings {
		if f.Rule == config.Warn {
			next.Findings = append(next.Findings, f)
			next.became("warned")
		}
	}
	for _, f := range r.Seen {
		if f.Fate == fatePassedOver {
			next.Seen = append(next.Seen, f)
		}
	}
	for _, done := range r.Runs {
		if done.ExitCode == exit.OK || done.ExitCode == exit.Rejects {
			next.Runs = append(next.Runs, done)
			if worse(done.ExitCode, next.ExitCode) {
				next.ExitCode = done.ExitCode
				next.became("refused")
			}
		}
	}
	*r = next
}
