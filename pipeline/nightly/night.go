package nightly

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"muster/pipeline"
	"muster/pipeline/config"
	"muster/pipeline/exit"
	"muster/pipeline/fetch"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/notify"
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
	"muster/pipeline/progress"
)

// Night is one execution of a project's jobs.
type Night struct {
	Project   *config.Project
	Elsewhere string // directory of ledger and reports, where all jobs are of one org; "": as the project says for each
	Version   string // of muster
	Host      string // this machine, for people

	// Connect reaches an org, whose state directory is named, and asks it who we are; end gives back what was opened. It
	// is called once in a night for each org, when its first job needs it, and for several orgs at once.
	Connect func(ctx context.Context, org *config.Org, state string) (reached *pipeline.Org, end func(), err error)
	// Jobs is how many jobs are done at once at most, each of another org; 0: 32.
	Jobs   int
	Secret func(ctx context.Context, s config.Secret) (string, error)
	Waits  func(what string, most time.Duration) // hears of waits of two seconds and more; nil: nobody does
	HTTP   *http.Client                          // of sources and channels
	// Telemetry is which of OpenTelemetry's signals are sent after the night; none by default.
	Telemetry notify.Telemetry
	Log       *slog.Logger // of what happens, without any customer's data

	Progress func(job string) progress.Reporter // nil: nobody watches
	Now      func() time.Time                   // nil: time.Now
	Sleep    func(ctx context.Context, d time.Duration) error

	Full bool // files that were taken before are imported again, and what has not changed is read from the org
	// Patience is that of a job in the org, see [pipeline.Config]; 0: its default.
	Patience time.Duration
	Grace    time.Duration // for what has begun once the context is done; 0: the pipeline's default

	orgs int // of so many jobs are done at once
}

// Result is what became of one job.
type Result struct {
	Job string `json:"job"`
	// running, well, same (no new file), warned, refused (some rows), failed, skipped, killed, held back (a job it needs
	// failed)
	State    string           `json:"state"`
	ExitCode int              `json:"exit_code"`
	Meaning  string           `json:"exit_meaning"`
	Org      string           `json:"org,omitempty"` // its address
	Run      string           `json:"run,omitempty"`
	Resumed  string           `json:"resumed,omitempty"` // the unfinished run that was taken up first
	Began    time.Time        `json:"began"`
	Ended    time.Time        `json:"ended"`
	Files    []string         `json:"files,omitempty"`
	Rows     int64            `json:"rows"`
	Counts   map[string]int64 `json:"counts,omitempty"`
	Requests int64            `json:"requests"`
	Findings []Finding        `json:"findings,omitempty"`
	Missing  *Missing         `json:"missing,omitempty"`
	Says     []string         `json:"says,omitempty"` // why it ended as it did, one line each
	Next     []string         `json:"next,omitempty"` // commands that make sense now
	Report   string           `json:"report,omitempty"`
	Retries  int              `json:"retries,omitempty"` // how often it was tried again

	Fault  string `json:"fault,omitempty"`      // what kind of thing went wrong, see [FaultLedger] and the others
	Listed int    `json:"files_listed"`         // how many files of the source fit
	Seen   []Seen `json:"files_seen,omitempty"` // what the source had, and what became of it
	Runs   []Done `json:"runs,omitempty"`       // rows and counts are those of all of them together
	Told   []Told `json:"told,omitempty"`

	noted  *ledger.Night
	stray  string        // refused rows of the last run that no file of rejects has
	differ string        // what duplicates of the last run say otherwise
	steps  []notify.Span // of its runs, and what was done beside them
	err    error
}

// Outcome is what became of a night.
type Outcome struct {
	Jobs     []*Result `json:"jobs"`
	ExitCode int       `json:"exit_code"`
	Meaning  string    `json:"exit_meaning"`
}

// withDefaults fills what was left open.
func (n *Night) withDefaults() {
	if n.Now == nil {
		n.Now = time.Now
	}
	if n.Sleep == nil {
		n.Sleep = kustomer.Sleep
	}
	if n.HTTP == nil {
		n.HTTP = http.DefaultClient
	}
	if n.Log == nil {
		n.Log = slog.New(slog.DiscardHandler)
	}
	if n.Progress == nil {
		n.Progress = func(string) progress.Reporter { return nil }
	}
}

// Run does the jobs that are named, by themselves or by their group, each after those it needs; no names: all. Those of
// one org are done one after another, while its state directory is held; those of different orgs side by side, and
// nothing that happens to one org is in another's way. What became of a job is in the outcome, told to whoever must
// know, and remembered, in the ledger or where it cannot be opened beside it; an error says that a name is none of a
// job.
func (n *Night) Run(ctx context.Context, names []string) (*Outcome, error) {
	n.withDefaults()
	ctx, release := kustomer.Graceful(ctx, n.Grace, func() {})
	defer release()
	jobs, unknown := n.Project.Order(names)
	if len(unknown) > 0 {
		return nil, unknownJobs(unknown)
	}
	n.beat(ctx, n.Project.Heartbeat.Start)
	began := n.Now()
	parts := n.byOrg(jobs)
	n.orgs = min(len(parts), cmp.Or(n.Jobs, mostJobs))
	if n.crowded() { // what is garbage in each of many jobs would be most of the memory
		defer debug.SetGCPercent(debug.SetGCPercent(50))
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(40+5*n.orgs) << 20))
	}
	// A part's own panic is in its results.
	_ = parallel.Several(len(parts), n.orgs, func(i int) error { return parts[i].do(ctx) })
	out := &Outcome{}
	for _, job := range jobs {
		for _, part := range parts {
			if r := part.result(job); r != nil {
				out.Jobs = append(out.Jobs, r)
			}
		}
	}
	out.settle()
	n.close(ctx, out, began)
	return out, nil
}

// mostJobs is how many jobs are done at once unless somebody says otherwise: they wait for their orgs most of the time,
// and each takes some 8 MB.
const mostJobs = 32

// crowded says whether so many jobs are done at once that each takes less memory.
func (n *Night) crowded() bool { return n.orgs >= 4 }

func unknownJobs(names []string) error {
	return &outcome.UsageError{Err: fmt.Errorf("no job is called %s", strings.Join(names, ", "))}
}

// settle finds the night's exit code: that of the job that ended worst.
func (o *Outcome) settle() {
	for _, r := range o.Jobs {
		if worse(r.ExitCode, o.ExitCode) {
			o.ExitCode = r.ExitCode
		}
	}
	o.Meaning = exit.Meaning(o.ExitCode)
}

// worse says which of two exit codes says more of a night: what must be looked at before what mends itself.
func worse(a, b int) bool {
	order := []int{exit.OK, exit.Rejects, exit.Locked, exit.Environment, exit.Usage, exit.Guard,
		exit.Permission, exit.Unproven, exit.Internal, exit.Interrupted, exit.Terminated}
	return slices.Index(order, a) > slices.Index(order, b)
}

// job does one job and remembers it.
func (n *orgNight) job(ctx context.Context, job *config.Job, before []*Result) *Result {
	r := &Result{Job: job.Name, Org: job.Org.Address, Began: n.Now().UTC()}
	requests := n.requests()
	log := n.Log.With("job", job.Name)
	log.Info("job begins")
	mem, err := recall(n.ledger.Memo, job.Name)
	err = errors.Join(err, settleKilled(n.ledger, job.Name, r.Began), r.note(n.ledger))
	switch {
	case err != nil:
		r.fail(err)
	case ctx.Err() != nil:
		r.fail(context.Canceled)
	default:
		if failed := needed(job, before); failed != nil {
			r.State, r.ExitCode = "held back", failed.ExitCode
			r.Says = append(r.Says, "the job "+failed.Job+" did not go well, and this one needs it")
			break
		}
		n.tried(ctx, job, mem, r, log)
	}
	if r.ExitCode == exit.Interrupted {
		r.ExitCode = exit.BySignal(ctx)
	}
	r.Ended, r.Requests = n.Now().UTC(), n.requests()-requests
	r.Meaning = exit.Meaning(r.ExitCode)
	if r.Fault = faultOf(r.ExitCode); errors.As(r.err, new(*ledger.CorruptError)) {
		r.Fault = FaultLedger
	}
	if mem != nil {
		n.conclude(ctx, job, mem, r)
	}
	n.ends(ctx, r)
	return r
}

// ends logs how a job ended.
func (n *Night) ends(ctx context.Context, r *Result) {
	level := slog.LevelInfo
	if r.State == "failed" {
		level = slog.LevelError
	}
	n.Log.With("job", r.Job).Log(ctx, level, "job ends", "state", r.State, "exit_code", r.ExitCode, "run", r.Run, "rows",
		r.Rows, "requests", r.Requests,
		"counts", r.Counts, "says", strings.Join(r.Says, "; "))
}

// needed is the job that this one needs and that did not go well tonight, nil where all did.
func needed(job *config.Job, before []*Result) *Result {
	for _, r := range before {
		if slices.Contains(job.Needs, r.Job) && r.ExitCode != exit.OK && r.ExitCode != exit.Rejects {
			return r
		}
	}
	return nil
}

// fail ends a job with an error, and says what it is and then the way on.
func (r *Result) fail(err error) {
	r.err, r.State, r.ExitCode = err, "failed", exitCode(err)
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(r.Says, line) {
			r.Says = append(r.Says, line)
		}
	}
	if guard := (*outcome.GuardError)(nil); errors.As(err, &guard) && guard.Fix != "" {
		r.Says = append(r.Says, guard.Fix)
	}
}

// exitCode is that of pipeline, and of a source's faults.
func exitCode(err error) int {
	var source *fetch.Error
	if errors.As(err, &source) {
		if source.Fault == fetch.Denied {
			return exit.Permission
		}
		return exit.Environment
	}
	return exit.Code(err)
}

// fetcher takes files for a job.
func (n *orgNight) fetcher(job string) *fetch.Fetcher {
	return &fetch.Fetcher{Folder: n.Project.Path, Into: n.feeds(job), Secret: n.Secret, HTTP: n.HTTP, Now: n.Now,
		Sleep: n.Sleep, Hidden: n.Project.Hidden, Waits: n.Waits, Moved: func(host string) {
			n.Log.Warn("the feed's address leads to another host", "job", job, "host", host)
		}}
}

// feeds is the folder of what was fetched for a job.
func (n *orgNight) feeds(job string) string { return filepath.Join(n.state, "feeds", job) }

// teller tells of jobs.
func (n *Night) teller() *notify.Teller {
	return &notify.Teller{Secret: n.Secret, HTTP: n.HTTP, Folder: n.Project.Path("."), UserAgent: "muster/" + n.Version,
		Now: n.Now, Hidden: n.Project.Hidden}
}

// Shown is a source without what may be a secret in it.
func Shown(from string) string { return fetch.Shown(from) }
