package nightly

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muster/pipeline/config"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/notify"
)

// conclude remembers how a job's night was, and tells those who must know.
func (n *orgNight) conclude(ctx context.Context, job *config.Job, m *memory, r *Result) {
	if r.State == "well" || r.State == "warned" || r.State == "same" && r.ExitCode == exit.OK {
		m.GoodAt = r.Ended
	}
	n.absorb(job.Name, m)
	before := m.State
	after := n.stateAfter(m, r, before)
	if after.Code != before.Code || after.Marks != before.Marks {
		after.Since = r.Ended
	}
	n.tell(ctx, job, m, r, before, after)
	m.State, m.Result = after, r
	if err := errors.Join(r.note(n.ledger), m.keep(n.ledger, job.Name)); err != nil {
		n.Log.Error("cannot remember the night", "job", job.Name, "error", err)
		if r.ExitCode == exit.OK || r.ExitCode == exit.Rejects {
			r.fail(err)
		}
	}
}

// stateAfter is what a job's state is after a night. An interrupted one says nothing of the job.
func (n *orgNight) stateAfter(m *memory, r *Result, before state) state {
	if interrupted(r.ExitCode) {
		return m.State
	}
	var marks []string
	for _, f := range r.Findings {
		if f.Rule == config.Warn && !slices.Contains(marks, f.Guard) {
			marks = append(marks, f.Guard)
		}
	}
	slices.Sort(marks)
	return state{Code: r.ExitCode, Marks: strings.Join(marks, " "), Since: before.Since}
}

// tell tells each channel that is told of every run, or that does not know of the job's state. A warning that is over
// is no news: it said what changed, and that has stayed so.
func (n *orgNight) tell(ctx context.Context, job *config.Job, m *memory, r *Result, before, after state) {
	knows := map[string]state{}
	for i := range job.Notify {
		c, name := &job.Notify[i], channelName(job, i)
		last, known := m.Told[name]
		if !known {
			last = before
		}
		news := !interrupted(r.ExitCode) && (after.Code != last.Code || after.Marks != last.Marks && after.Marks != "")
		switch {
		case !news && c.Every != "run":
			last.Marks = after.Marks
		case n.tellOne(ctx, c, name, r, n.message(r, before, last)):
			last = after
		}
		knows[name] = last
	}
	m.Told = knows
}

// channelName is what a channel is called in records: its kind, and which of them it is.
func channelName(j *config.Job, i int) string {
	nth := 1
	for k := range i {
		if j.Notify[k].Kind == j.Notify[i].Kind {
			nth++
		}
	}
	if nth > 1 {
		return fmt.Sprintf("%s %d", j.Notify[i].Kind, nth)
	}
	return j.Notify[i].Kind
}

func (n *orgNight) tellOne(ctx context.Context, c *config.Channel, name string, r *Result, m *notify.Message) bool {
	// Whoever interrupted the night still wants the others to know what they must.
	err := n.teller().Tell(kustomer.Detached(ctx), c, m)
	told := Told{Channel: name, At: n.Now().UTC()}
	if err != nil {
		told.Error = err.Error()
		n.Log.Warn("could not tell", "job", r.Job, "channel", name, "error", err)
	} else {
		n.Log.Info("told", "job", r.Job, "channel", name, "state", m.State)
	}
	r.Told = append(r.Told, told)
	return err == nil
}

// message is what is told of a job to a channel that knows of its state last.
func (n *orgNight) message(r *Result, before, last state) *notify.Message {
	m := &notify.Message{Version: 1, Job: r.Job, Project: projectName(n.Project), Org: n.org.Address, Host: n.Host,
		ExitCode: r.ExitCode, Meaning: r.Meaning,
		Run: r.Run, At: r.Ended, Counts: r.Counts, Says: r.Says, Next: r.Next, State: "failed", Before: "failed"}
	if r.ExitCode == exit.OK {
		m.State = "well"
		if len(r.Findings) > 0 {
			m.State = "warned"
		}
		m.Recovered = last.Code != exit.OK
	}
	if before.Code == exit.OK {
		m.Before = "well"
		if before.Marks != "" {
			m.Before = "warned"
		}
	}
	return m
}

// projectName is the name of the project's folder.
func projectName(p *config.Project) string { return filepath.Base(absolute(p.Directory)) }

func absolute(dir string) string {
	if whole, err := filepath.Abs(dir); err == nil {
		return whole
	}
	return dir
}

// close ends the night: metrics, telemetry and heartbeat.
func (n *Night) close(ctx context.Context, out *Outcome, began time.Time) {
	figures, err := FiguresOf(n.Project, n.Elsewhere)
	if err != nil {
		n.Log.Warn("the figures are not those of all jobs", "error", err)
	}
	n.expose(figures)
	if n.Telemetry.Any() {
		if err := n.Telemetry.Send(ctx, n.Version, spanOf(out, began, n.Now()), figures); err != nil {
			n.Log.Warn("no telemetry", "error", err)
		}
	}
	skipped := !slices.ContainsFunc(out.Jobs, func(r *Result) bool { return r.State != "skipped" })
	switch out.ExitCode {
	case exit.OK, exit.Rejects:
		if !skipped {
			n.beat(ctx, n.Project.Heartbeat.Good)
		}
	case exit.Locked: // whoever holds the lock will say how it went
	default:
		n.beat(ctx, n.Project.Heartbeat.Failure)
	}
}

// beat asks for an address of the heartbeat, where there is one.
func (n *Night) beat(ctx context.Context, address string) {
	if address == "" {
		return
	}
	if err := n.teller().Beat(kustomer.Detached(ctx), address); err != nil {
		n.Log.Warn("no heartbeat", "error", err)
	}
}

// expose writes the metrics file, where the project has one.
func (n *Night) expose(figures []notify.Figures) {
	if path := n.Project.Path(n.Project.Metrics); path != "" {
		if err := notify.WriteMetrics(path, figures); err != nil {
			n.Log.Warn("no metrics", "error", err)
		}
	}
}

// spanOf is the night as OpenTelemetry draws it: one span, one below it for each job, and below that one for each step.
func spanOf(out *Outcome, began, ended time.Time) notify.Span {
	night := notify.Span{Name: "muster run", Began: began, Ended: ended}
	for _, r := range out.Jobs {
		s := notify.Span{Name: "job " + r.Job, Began: r.Began, Ended: r.Ended,
			Counts: map[string]int64{"rows": r.Rows, "requests": r.Requests, "exit_code": int64(r.ExitCode)},
			Texts:  map[string]string{"job": r.Job, "state": r.State, "run": r.Run}, Below: r.steps}
		for status, n := range r.Counts {
			s.Counts["rows."+status] = n
		}
		if r.ExitCode != exit.OK {
			s.Failed = r.Meaning
		}
		night.Below = append(night.Below, s)
	}
	if out.ExitCode != exit.OK {
		night.Failed = out.Meaning
	}
	return night
}
