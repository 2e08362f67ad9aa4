package nightly

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"muster/pipeline/exit"
	"muster/pipeline/fetch"
	"muster/pipeline/ledger"
	"muster/pipeline/notify"
	"muster/pipeline/report"
)

// Seen is a file that a job's source had in a night.
type Seen struct {
	Name     string    `json:"name"`
	Size     int64     `json:"size"` // -1: not known
	Modified time.Time `json:"modified,omitzero"`
	Fate     string    `json:"fate"`          // taken, or passed over
	Why      string    `json:"why,omitempty"` // it was passed over
}

// Done is a run of a night.
type Done struct {
	Run      string           `json:"run"`
	Resumed  bool             `json:"resumed"` // an earlier night had begun it
	Files    []string         `json:"files,omitempty"`
	ExitCode int              `json:"exit_code"`
	Rows     int64            `json:"rows"`
	Counts   map[string]int64 `json:"counts"`
}

// Told is whom a night's outcome was told, and whether they could be reached.
type Told struct {
	Channel string    `json:"channel"` // webhook, slack, email or command; the second of a kind is webhook 2
	At      time.Time `json:"at"`
	Error   string    `json:"error,omitempty"` // why it was not told; it is tried again in the next night
}

// The faults of a night that did not go well.
const (
	FaultLedger        = "ledger" // it could not be opened: damaged, a newer muster's, not to be written
	FaultGuard         = "guard"
	FaultEnvironment   = "environment"
	FaultPermission    = "permission"
	FaultConfiguration = "configuration"
	FaultOverlap       = "overlap"
	FaultInterrupted   = "interrupted"
	FaultUnproven      = "unproven"
	FaultInternal      = "internal"
)

// faultOf is the fault that an exit code says.
func faultOf(code int) string {
	return map[int]string{exit.Guard: FaultGuard, exit.Environment: FaultEnvironment, exit.Permission: FaultPermission,
		exit.Usage: FaultConfiguration, exit.Locked: FaultOverlap, exit.Interrupted: FaultInterrupted,
		exit.Terminated: FaultInterrupted, exit.Unproven: FaultUnproven, exit.Internal: FaultInternal}[code]
}

// adopt takes over what a run's report says: a night of several runs has their rows together, and the exit code of the
// worst.
func (r *Result) adopt(s *report.Summary, resumed bool, files []fetch.Entry) {
	done := Done{Run: s.Run, Resumed: resumed, ExitCode: s.ExitCode, Rows: s.Rows, Counts: map[string]int64{}}
	for _, status := range s.Statuses {
		done.Counts[status.Status] = status.Rows
	}
	for _, f := range files {
		done.Files = append(done.Files, f.Name)
	}
	// A run that is taken up again within the night is one run.
	r.Runs = append(slices.DeleteFunc(r.Runs, func(d Done) bool { return d.Run == done.Run }), done)
	r.Run, r.Rows, r.Counts = s.Run, 0, map[string]int64{}
	for _, one := range r.Runs {
		r.Rows += one.Rows
		for status, n := range one.Counts {
			r.Counts[status] += n
		}
	}
	if worse(s.ExitCode, r.ExitCode) {
		r.ExitCode = s.ExitCode
	}
	if s.Columns.Lost() > 0 {
		r.Says = append(r.Says, s.Columns.Headline()+": "+s.Columns.Named(true)+
			"; the report names them: a target, or ignore, for each of them in the mapping, or ignore: at the job, settles it")
	}
	for _, step := range s.Steps {
		span := notify.Span{Name: step.Name, Began: step.Began, Ended: step.Ended, Texts: map[string]string{"run": s.Run}}
		if step.Failed {
			span.Failed = exit.Meaning(s.ExitCode)
		}
		r.steps = append(r.steps, span)
	}
	r.differ, r.stray = "", ""
	if s.Stray != nil {
		r.stray = s.Stray.Sentence(0)
	}
	if s.Differences != nil {
		r.differ = s.Differences.Sentence()
	}
	for _, file := range s.Files {
		if file.Kind == "page" {
			r.Report = file.Path
		}
	}
	for _, next := range s.Next {
		if !slices.Contains(r.Next, next.Command) {
			r.Next = append(r.Next, next.Command)
		}
	}
}

// became notes how a part of the night ended; the worst of them is the night's state.
func (r *Result) became(state string) {
	order := []string{"", "same", "well", "warned", "refused", "failed"}
	if slices.Index(order, state) > slices.Index(order, r.State) {
		r.State = state
	}
}

// note keeps the night in the ledger as it is by now: running, until it has ended.
func (r *Result) note(l *ledger.Ledger) error {
	kept := *r
	if kept.Ended.IsZero() {
		kept.State = "running"
	}
	text, err := json.Marshal(&kept)
	if err != nil {
		return fmt.Errorf("keep the night: %w", err)
	}
	if r.noted == nil {
		r.noted = &ledger.Night{Job: r.Job, Began: r.Began}
	}
	r.noted.Ended, r.noted.Record = r.Ended, text
	return l.NoteNight(r.noted)
}

// mostKilled is among how many of a job's last nights those are looked for whose process died: behind one there may be
// some that were recorded beside the ledger and entered since.
const mostKilled = 100

// settleKilled ends the records of nights whose process died.
func settleKilled(l *ledger.Ledger, job string, now time.Time) error {
	list, err := l.Nights(job, mostKilled)
	if err != nil {
		return err
	}
	for i := range list {
		if !list[i].Ended.IsZero() {
			continue
		}
		var r Result
		if err := json.Unmarshal(list[i].Record, &r); err != nil {
			return fmt.Errorf("read a night of job %s: %w", job, err)
		}
		r.State, r.Fault, r.ExitCode, r.Ended = "killed", FaultInterrupted, exit.Interrupted, now
		r.Meaning = exit.Meaning(r.ExitCode)
		r.Says = append(r.Says, "its process died before it ended; the next night took up what was unfinished")
		r.noted = &list[i]
		if err := r.note(l); err != nil {
			return err
		}
	}
	return nil
}

// Nights are the records of the last nights of a job, newest first, at most so many.
func nightsOf(read func(job string, most int) ([]ledger.Night, error), job string, most int) ([]*Result, error) {
	list, err := read(job, most)
	if err != nil {
		return nil, err
	}
	all := make([]*Result, 0, len(list))
	for _, n := range list {
		r := &Result{}
		if err := json.Unmarshal(n.Record, r); err != nil {
			return nil, fmt.Errorf("read a night of job %s: %w", job, err)
		}
		all = append(all, r)
	}
	return all, nil
}
