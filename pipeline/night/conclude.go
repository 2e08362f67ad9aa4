package night

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muster/pipeline"
	"muster/pipeline/history"
	"muster/pipeline/ledger"
	"muster/pipeline/project"
	"muster/pipeline/tell"
)

// conclude remembers how a job's night was, and tells those who must know.
func (n *Night) conclude(ctx context.Context, job *project.Job, m *memory, r *Result) {
	if r.State == "well" || r.State == "warned" || r.State == "same" && r.ExitCode == pipeline.ExitOK {
		m.GoodAt = r.Ended
	}
	before := m.State
	if n.stoodInTheWay() && before.Code == pipeline.ExitOK {
		before.Code = pipeline.ExitLocked
	}
	after := n.stateAfter(m, r, before)
	changed := after.Code != before.Code || after.Marks != before.Marks || before.Untold
	if changed {
		after.Since = r.Ended
	}
	if silently := !changed || r.ExitCode == pipeline.ExitInterrupted; !silently || n.everyRun() {
		after.Untold = !n.tellIf(ctx, r, before, after, !silently)
	}
	m.State, m.Result = after, r
	if err := m.keep(n.ledger, job.Name); err != nil {
		n.Log.Error("cannot remember the night", "job", job.Name, "error", err)
		if r.ExitCode == pipeline.ExitOK || r.ExitCode == pipeline.ExitRejects {
			r.fail(err)
		}
	}
}

// stateAfter is what a job's state is after a night. A night without a new file leaves refused rows refused; an
// interrupted one says nothing of the job.
func (n *Night) stateAfter(m *memory, r *Result, before state) state {
	if r.ExitCode == pipeline.ExitInterrupted || r.State == "same" && r.ExitCode == pipeline.ExitOK && m.State.Code == pipeline.ExitRejects {
		return m.State
	}
	var marks []string
	for _, f := range r.Findings {
		if f.Rule == project.Warn && !slices.Contains(marks, f.Guard) {
			marks = append(marks, f.Guard)
		}
	}
	slices.Sort(marks)
	return state{Code: r.ExitCode, Marks: strings.Join(marks, " "), Since: before.Since}
}

// everyRun says whether a channel is to be told of every run.
func (n *Night) everyRun() bool {
	return slices.ContainsFunc(n.Project.Notify, func(c project.Channel) bool { return c.Every == "run" })
}

// tellIf tells the channels that are told of every run, and where the state has changed the others as well. A warning
// that is over is no news: it said what changed, and that has stayed so. It returns whether all could be told.
func (n *Night) tellIf(ctx context.Context, r *Result, before, after state, changed bool) bool {
	m := message(n, r, before)
	news := changed && (after.Code != before.Code || after.Marks != "" || before.Untold)
	told := true
	for i := range n.Project.Notify {
		if c := &n.Project.Notify[i]; c.Every == "run" || news {
			told = n.tellOne(ctx, c, r, m) && told
		}
	}
	return told
}

// tell tells every channel.
func (n *Night) tell(ctx context.Context, r *Result, m *tell.Message) {
	for i := range n.Project.Notify {
		n.tellOne(ctx, &n.Project.Notify[i], r, m)
	}
}

func (n *Night) tellOne(ctx context.Context, c *project.Channel, r *Result, m *tell.Message) bool {
	// Whoever interrupted the night still wants the others to know what they must.
	err := n.teller().Tell(pipeline.Detached(ctx), c, m)
	if err != nil {
		n.Log.Warn("could not tell", "job", r.Job, "channel", c.Kind, "error", err)
		return false
	}
	n.Log.Info("told", "job", r.Job, "channel", c.Kind, "state", m.State)
	return true
}

// message is what is told of a job.
func message(n *Night, r *Result, before state) *tell.Message {
	m := &tell.Message{Version: 1, Job: r.Job, Project: filepath.Base(absolute(n.Project.Directory)), ExitCode: r.ExitCode, Meaning: r.Meaning,
		Run: r.Run, At: r.Ended, Counts: r.Counts, Says: r.Says, Next: r.Next, State: "failed", Before: "failed"}
	if r.ExitCode == pipeline.ExitOK {
		m.State = "well"
		if len(r.Findings) > 0 {
			m.State = "warned"
		}
		m.Recovered = before.Code != pipeline.ExitOK
	}
	if before.Code == pipeline.ExitOK {
		m.Before = "well"
		if before.Marks != "" {
			m.Before = "warned"
		}
	}
	return m
}

func absolute(dir string) string {
	if whole, err := filepath.Abs(dir); err == nil {
		return whole
	}
	return dir
}

// close ends the night: metrics, heartbeat, and what has been kept long enough.
func (n *Night) close(ctx context.Context, out *Outcome, began time.Time) {
	if keep := n.Project.Retention.Runs; keep > 0 {
		switch t, err := history.Tidy(n.ledger, n.State, n.Now().Add(-keep)); {
		case err != nil:
			n.Log.Warn("old runs stay", "error", err)
		case len(t.Runs) > 0:
			n.Log.Info("old runs are gone", "runs", len(t.Runs), "batches", t.Batches)
		}
	}
	figures := n.Figures()
	if path := n.Project.Path(n.Project.Metrics); path != "" {
		if err := tell.WriteMetrics(path, figures); err != nil {
			n.Log.Warn("no metrics", "error", err)
		}
	}
	if n.Telemetry.Any() {
		if err := n.Telemetry.Send(ctx, n.Version, spanOf(out, began, n.Now()), figures); err != nil {
			n.Log.Warn("no telemetry", "error", err)
		}
	}
	if n.Project.Heartbeat != "" && (out.ExitCode == pipeline.ExitOK || out.ExitCode == pipeline.ExitRejects) {
		if err := n.teller().Beat(pipeline.Detached(ctx), n.Project.Heartbeat); err != nil {
			n.Log.Warn("no heartbeat", "error", err)
		}
	}
}

// spanOf is the night as OpenTelemetry draws it: one span, and one below it for each job.
func spanOf(out *Outcome, began, ended time.Time) tell.Span {
	night := tell.Span{Name: "muster run", Began: began, Ended: ended}
	for _, r := range out.Jobs {
		s := tell.Span{Name: "job " + r.Job, Began: r.Began, Ended: r.Ended, Counts: map[string]int64{"rows": r.Rows, "requests": r.Requests, "exit_code": int64(r.ExitCode)},
			Texts: map[string]string{"job": r.Job, "state": r.State, "run": r.Run}}
		for status, n := range r.Counts {
			s.Counts["rows."+status] = n
		}
		if r.ExitCode != pipeline.ExitOK {
			s.Failed = r.Meaning
		}
		night.Below = append(night.Below, s)
	}
	if out.ExitCode != pipeline.ExitOK {
		night.Failed = out.Meaning
	}
	return night
}

// Figures are what is measured of every job of the project, as of its last night.
func (n *Night) Figures() []tell.Figures { return figuresOf(n.Project, n.ledger.Memo) }

// FiguresOf are the same, read without holding the state directory: also while a night is under way.
func FiguresOf(p *project.Project, state string) ([]tell.Figures, error) {
	view, err := ledger.OpenReadOnly(state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return figuresOf(p, view.Memo), view.Close()
}

func figuresOf(p *project.Project, read func(string) ([]byte, error)) []tell.Figures {
	var all []tell.Figures
	for i := range p.Jobs {
		m, err := recall(read, p.Jobs[i].Name)
		if err != nil || m.Result == nil {
			continue
		}
		f := tell.Figures{Job: m.Result.Job, ExitCode: m.State.Code, Ended: m.Result.Ended, GoodAt: m.GoodAt, Duration: m.Result.Ended.Sub(m.Result.Began),
			Requests: m.Result.Requests, Counts: m.Result.Counts, Findings: len(m.Result.Findings)}
		if m.Result.Missing != nil {
			f.Missing = m.Result.Missing.Customers
		}
		all = append(all, f)
	}
	return all
}
