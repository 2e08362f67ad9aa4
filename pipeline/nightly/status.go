package nightly

import (
	"errors"
	"io/fs"
	"slices"
	"time"

	"muster/pipeline/config"
	"muster/pipeline/exit"
	"muster/pipeline/ledger"
)

// Status is how a job stands, as its nights' records say.
type Status struct {
	Project string `json:"project"`
	File    string `json:"file"` // the project file
	Org     string `json:"org,omitempty"`
	Share   string `json:"share,omitempty"` // of the org's request budget
	Job     string `json:"job"`

	State    string     `json:"state"` // of the last night, see [Result]; never: there was none
	ExitCode int        `json:"exit_code"`
	Meaning  string     `json:"exit_meaning"`
	Since    *time.Time `json:"since,omitempty"`     // when the exit code became what it is
	LastEnd  *time.Time `json:"last_end,omitempty"`  // of the last night
	LastGood *time.Time `json:"last_good,omitempty"` // of the last night that went well
	Due      *time.Time `json:"due,omitempty"`       // when the newest file is older than max-age

	Run        string           `json:"run,omitempty"`
	Rows       int64            `json:"rows"`
	Counts     map[string]int64 `json:"counts,omitempty"`
	Refused    int64            `json:"refused"` // rows that are invalid or rejected
	Requests   int64            `json:"requests"`
	Unfinished string           `json:"unfinished,omitempty"` // the run that the next night takes up
	PassedOver []string         `json:"passed_over,omitempty"`
	Untold     []string         `json:"untold,omitempty"` // channels that could not be told of the last night
	Unrecorded int              `json:"unrecorded"`       // nights that the ledger could not take
	Says       []string         `json:"says,omitempty"`
	Next       []string         `json:"next,omitempty"`
}

// StatusOf is how the jobs of a project stand, those that are named, by themselves or by their group, or all. State is
// a directory in place of those that the project says; "": none. It holds nobody up and is right while a night is under
// way. A ledger that cannot be read is an error beside what is known without it.
func StatusOf(p *config.Project, state string, names []string) (all []*Status, err error) {
	jobs, unknown := p.Order(names)
	if len(names) > 0 {
		jobs = slices.DeleteFunc(jobs, func(j *config.Job) bool {
			return !slices.Contains(names, j.Name) && !slices.Contains(names, j.Group) && !slices.Contains(names, j.Each)
		})
	}
	if len(unknown) > 0 {
		return nil, unknownJobs(unknown)
	}
	for _, org := range p.Orgs {
		found, failed := statusOf(p, org, stateOf(p, state, org), jobs)
		all, err = append(all, found...), errors.Join(err, failed)
	}
	slices.SortStableFunc(all, func(a, b *Status) int {
		return slices.Index(jobs, p.Job(a.Job)) - slices.Index(jobs, p.Job(b.Job))
	})
	return all, err
}

// statusOf is how those of the jobs stand that are of one org.
func statusOf(p *config.Project, org *config.Org, state string, jobs []*config.Job) (all []*Status, err error) {
	view, err := ledger.OpenReadOnly(state)
	if err == nil {
		defer view.Close()
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	beside := unrecordedNights(p, org, state)
	for _, job := range jobs {
		if job.Org != org {
			continue
		}
		s := &Status{Project: projectName(p), File: p.File, Org: org.Address, Share: org.Share, Job: job.Name, State: "never"}
		if view != nil {
			m, failed := recall(view.Memo, job.Name)
			var last []*Result
			if failed == nil {
				last, failed = nightsOf(view.Nights, job.Name, 1)
			}
			if err = errors.Join(err, failed); failed == nil {
				s.remembered(job, m, last, view.Held())
			}
		}
		s.beside(beside)
		s.Meaning = exit.Meaning(s.ExitCode)
		all = append(all, s)
	}
	return all, err
}

// remembered takes over what the ledger has of the job.
func (s *Status) remembered(job *config.Job, m *memory, last []*Result, held bool) {
	if m.Result != nil {
		s.adopt(m.Result)
	}
	s.Since = moment(m.State.Since)
	if len(last) > 0 {
		s.adopt(last[0])
	}
	switch {
	case s.State != "running":
		s.ExitCode = m.State.Code
	case !held:
		s.State, s.ExitCode, s.Since = "killed", exit.Interrupted, moment(last[0].Began)
		s.Says = append(s.Says, "its process died; the next night takes up what is unfinished")
	}
	if l := m.Landed; s.Run == "" && l != nil { // the last night had no new file
		s.Run, s.Rows, s.Refused = l.Run, l.Rows, l.Refused
	}
	s.LastGood = moment(m.GoodAt)
	if m.Attempt != nil {
		s.Unfinished = m.Attempt.Run
	}
	if e := m.Taken.Entries; job.Source.MaxAge > 0 && len(e) > 0 && !e[len(e)-1].Modified.IsZero() {
		s.Due = moment(e[len(e)-1].Modified.Add(job.Source.MaxAge))
	}
}

// adopt takes over what a night's record says.
func (s *Status) adopt(r *Result) {
	s.State, s.ExitCode, s.LastEnd, s.Requests, s.Says, s.Next = r.State, r.ExitCode, moment(r.Ended), r.Requests, r.Says,
		r.Next
	if len(r.Runs) > 0 { // it has ended, and is more than unfinished
		s.Run, s.Rows, s.Counts, s.Refused = r.Run, r.Rows, r.Counts, r.Counts["invalid"]+r.Counts["rejected"]
	}
	s.PassedOver, s.Untold = nil, nil
	for _, f := range r.Seen {
		if f.Fate == fatePassedOver {
			s.PassedOver = append(s.PassedOver, f.Name)
		}
	}
	for _, t := range r.Told {
		if t.Error != "" {
			s.Untold = append(s.Untold, t.Channel+": "+t.Error)
		}
	}
}

// beside takes over the nights that the ledger could not take.
func (s *Status) beside(all []*unrecorded) {
	for _, u := range all {
		for _, r := range u.Jobs {
			if r.Job != s.Job {
				continue
			}
			s.Unrecorded++
			if r.State != "skipped" && s.State != "running" && (s.LastEnd == nil || r.Ended.After(*s.LastEnd)) {
				if s.ExitCode != r.ExitCode {
					s.Since = moment(r.Ended)
				}
				s.adopt(r)
			}
		}
	}
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
