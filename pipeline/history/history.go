// Package history looks back at the runs of a state directory: which there were, what happened to a row in each of
// them, and what is taken out of them again, by age or because a person is to be forgotten.
package history

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// History looks back at the runs of one state directory. It changes nothing and holds nobody up:
// it works while a run is under way.
type History struct {
	state string
	view  *ledger.View // nil: there is no ledger, since nothing was ever imported
	orgs  map[string]string
	runs  []report.Past
}

// Open reads which runs there are. A directory that is not there has none.
func Open(state string) (*History, error) {
	h := &History{state: state, orgs: map[string]string{}}
	var err error
	if h.view, err = ledger.OpenReadOnly(state); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := errors.Join(h.imports(), h.others()); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	slices.SortStableFunc(h.runs, func(a, b report.Past) int {
		return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(b.Run, a.Run))
	})
	return h, nil
}

// Close gives back what the history holds.
func (h *History) Close() error {
	if h.view == nil {
		return nil
	}
	return h.view.Close()
}

// imports are the runs of the ledger.
func (h *History) imports() error {
	if h.view == nil {
		return nil
	}
	infos, err := h.view.Runs()
	if err != nil {
		return err
	}
	jobs, err := h.jobs()
	for _, info := range infos {
		h.orgs[info.ID] = info.OrgID
		past := report.Past{Run: info.ID, Command: info.Command, Job: jobs[info.ID], Org: info.Org, State: info.State,
			Started: info.Started, Rows: info.Rows, Counts: info.Counts}
		if !info.Ended.IsZero() {
			past.Ended = &info.Ended
		}
		past.Undoes = info.Undoes()
		h.runs = append(h.runs, past)
	}
	for _, undo := range h.runs { // newest first
		for i := range h.runs {
			if r := &h.runs[i]; undo.Undoes == r.Run && r.UndoneBy == "" {
				r.UndoneBy = undo.Run
			}
		}
	}
	return err
}

// jobs are the jobs of a project file whose nights the runs were, by run.
func (h *History) jobs() (map[string]string, error) {
	records, err := h.view.NightRecords()
	if err != nil {
		return nil, err
	}
	jobs := map[string]string{}
	for _, record := range records {
		var night struct {
			Job, Run string
			Runs     []struct{ Run string }
		}
		if json.Unmarshal(record, &night) != nil {
			continue // not worth the list
		}
		jobs[night.Run] = night.Job
		for _, done := range night.Runs {
			jobs[done.Run] = night.Job
		}
	}
	return jobs, nil
}

// others are the runs that left a report and nothing in the ledger: checks. A report that cannot be
// read is passed over: it is not the list's to judge.
func (h *History) others() error {
	entries, err := os.ReadDir(filepath.Join(h.state, "runs"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("list the runs: %w", err)
	}
	for _, e := range entries {
		if _, imported := h.orgs[e.Name()]; imported || !e.IsDir() {
			continue
		}
		s, err := report.ReadJSON(h.file(e.Name(), "report.json"))
		if err != nil {
			continue
		}
		past := report.Past{Run: e.Name(), Command: s.Command, State: ledger.RunFinished, Started: s.Started, Ended: &s.Ended,
			Rows: s.Rows, Counts: map[string]int64{}}
		if s.Org != nil {
			past.Org = s.Org.Name
		}
		if s.Stopped != "" {
			past.State = ledger.RunInterrupted
		}
		for _, status := range s.Statuses {
			past.Counts[status.Status] = status.Rows
		}
		h.runs = append(h.runs, past)
	}
	return nil
}

// file names a file of a run.
func (h *History) file(run, name string) string { return filepath.Join(h.state, "runs", run, name) }

// Runs are all runs, newest first. The caller must not change them.
func (h *History) Runs() []report.Past { return h.runs }

// Imported says whether a run sends records, so that it may be taken up again.
func (h *History) Imported(run report.Past) bool { return h.orgs[run.Run] != "" && run.Undoes == "" }

// Find is the run of this id, of this beginning of an id where no other has it, or the newest that
// fits where word is "last". fits nil: every run does. The error is a *pipeline.UsageError.
func (h *History) Find(word string, fits func(report.Past) bool) (report.Past, error) {
	var found []report.Past
	for _, r := range h.runs {
		if fits != nil && !fits(r) && word == "last" {
			continue
		}
		if word == "last" || r.Run == word {
			return r, nil
		}
		if word != "" && strings.HasPrefix(r.Run, word) {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return report.Past{}, usage("%d runs begin with %q: %s and %s are two of them", len(found), word, found[0].Run,
			found[1].Run)
	case word == "last":
		return report.Past{}, usage("there is no run yet in %s", h.state)
	default:
		return report.Past{}, usage("no run %q in %s", word, h.state)
	}
}

func usage(format string, args ...any) error {
	return &outcome.UsageError{Err: fmt.Errorf(format, args...)}
}

// errEnough ends a reading early.
var errEnough = errors.New("enough")

// NoReportError says that a run has no report: it is under way, its process died, or it was tidied away. It wraps
// fs.ErrNotExist.
type NoReportError struct{ Run report.Past }

func (e *NoReportError) Error() string {
	if e.Run.State == ledger.RunFinished {
		return fmt.Sprintf("the report of run %s was removed: muster tidy, or the retention of the project file, removes "+
			"those of old runs", e.Run.Run)
	}
	return fmt.Sprintf("run %s is %s and has written no report", e.Run.Run, e.Run.State)
}

// Unwrap is fs.ErrNotExist.
func (e *NoReportError) Unwrap() error { return fs.ErrNotExist }

// Undo is the report of a run that took another back. The error is a *NoReportError where there is none.
func (h *History) Undo(run report.Past) (*report.Undo, error) {
	u, err := report.ReadUndo(h.file(run.Run, "undo.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NoReportError{run}
	}
	return u, err
}

// Report is the report of a run as it was when the run ended last. The error is a *NoReportError
// where there is none.
func (h *History) Report(run report.Past) (*report.Summary, error) {
	s, err := report.ReadJSON(h.file(run.Run, "report.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NoReportError{run}
	}
	return s, err
}
