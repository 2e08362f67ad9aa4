package nightly

import (
	"encoding/json"
	"fmt"
	"time"

	"muster/pipeline/config"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/fetch"
	"muster/pipeline/ledger"
)

// memory is what a job knows of its nights. It is a memo of the ledger and names files, columns and counts, no
// customer.
type memory struct {
	Good      []shape  `json:"good,omitempty"`      // of the last good nights, the newest last
	Taken     taken    `json:"taken,omitzero"`      // what was taken by the last good run
	Accounted []string `json:"accounted,omitempty"` // marks of files that landed, or were named as passed over
	Contents  []string `json:"contents,omitempty"`  // digests of files that landed
	Tried     []string `json:"tried,omitempty"`     // marks of the last files that were taken
	Attempt   *attempt `json:"attempt,omitempty"`   // a run that began to send and is not known to have ended
	Stopped   *stopped `json:"stopped,omitempty"`   // what the guard found last, until it is accepted or gone
	// Missing is how many customers may vanish once more than at-most allows, since somebody accepted it.
	Missing int64 `json:"missing,omitempty"`
	State   state `json:"state,omitzero"`
	// Told is the state that each channel knows of: one that could not be reached stays behind, and is told the next
	// night.
	Told    map[string]state `json:"told,omitempty"`
	Landed  *landing         `json:"landed,omitempty"`  // how the last run that came to its end ended
	NewFile time.Time        `json:"new_file,omitzero"` // when a file came last that was not the one before
	Result  *Result          `json:"result,omitempty"`  // of the last night
	GoodAt  time.Time        `json:"good_at,omitzero"`  // when the job went well last
}

// taken is what was taken from a source and how it was read.
type taken struct {
	Entries []fetch.Entry `json:"entries,omitempty"`
	Content string        `json:"content,omitempty"` // digest of the files' bytes
	Rules   string        `json:"rules,omitempty"`   // of the mapping and every setting that says what becomes of a row
}

// landing is how a run that came to its end ended: a night without a new file says the same of it.
type landing struct {
	Run      string `json:"run"`
	ExitCode int    `json:"exit_code"`
	Rows     int64  `json:"rows"`
	Refused  int64  `json:"refused"`
	Allowed  string `json:"allowed"` // rejects, as the job said
}

// attempt is a run that was begun.
type attempt struct {
	Run   string    `json:"run"`
	At    time.Time `json:"at"`
	Taken taken     `json:"taken"`
	Shape shape     `json:"shape"`

	// why it was stopped: nobody goes on with it but by a person's word
	Canary *deliver.CanaryError `json:"canary,omitempty"`
}

// stopped is a file that a guard held back.
type stopped struct {
	At       time.Time `json:"at"`
	Findings []Finding `json:"findings"`
	Shape    shape     `json:"shape"`
	Missing  int64     `json:"missing,omitempty"`
}

// state is how a job was found last.
type state struct {
	Code  int       `json:"code"`
	Marks string    `json:"marks,omitempty"` // guards that warned
	Since time.Time `json:"since,omitzero"`
}

// nights is how many good nights are kept: two weeks show a feed's weekly rhythm twice.
const nights = 14

// largestMemory is what a memory may have in bytes before the oldest nights go; a memo may have a megabyte.
const largestMemory = 900 << 10

func memoOf(job string) string { return "job/" + job }

// recall reads what a job knows. A memory that cannot be read is an error: to go on without it would switch the guard
// off.
func recall(read func(string) ([]byte, error), job string) (*memory, error) {
	text, err := read(memoOf(job))
	if err != nil {
		return nil, err
	}
	m := &memory{}
	if text == nil {
		return m, nil
	}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("read what job %s knows of its nights: %w", job, err)
	}
	return m, nil
}

// keep writes it down, durably.
func (m *memory) keep(l *ledger.Ledger, job string) error {
	for {
		text, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("keep what job %s knows of its nights: %w", job, err)
		}
		if len(text) <= largestMemory || len(m.Good) < 2 {
			return l.Remember(memoOf(job), text)
		}
		m.Good = m.Good[1:]
	}
}

// rejudged says whether the job allows other rejects than when its last run ended with some: then that run is judged
// anew.
func (m *memory) rejudged(job *config.Job) bool {
	return m.Landed != nil && m.Landed.ExitCode == exit.Rejects && m.Landed.Allowed != job.AllowRejects
}

// learn adds a good night.
func (m *memory) learn(s shape) {
	m.Good = append(m.Good, s)
	if len(m.Good) > nights {
		m.Good = m.Good[len(m.Good)-nights:]
	}
}

// accept takes a file that the guard held back as what the feed is like from now on. Where only its header was seen the
// history of the columns that are still there stays.
func (m *memory) accept() {
	s := m.Stopped
	if s == nil {
		return
	}
	headerOnly := len(s.Shape.Tables) > 0 && len(s.Shape.Tables[0].Columns) > 0 && s.Shape.Tables[0].Columns[0].Filled < 0
	if headerOnly && len(m.Good) > 0 {
		merged := m.Good[len(m.Good)-1]
		merged.Tables = s.Shape.Tables
		m.Good[len(m.Good)-1] = merged
	} else {
		m.Good = []shape{s.Shape}
	}
	m.Missing, m.Stopped = s.Missing, nil
}
