package history

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
	"muster/pipeline/source"
)

// story tells of one row.
func (h *History) story(run report.Past, f found, traces []ledger.Trace) (report.RowHistory, error) {
	s := report.RowHistory{Run: run.Run, Command: run.Command, Org: run.Org, Row: f.ordinal + 1, SoFar: run.Ended == nil,
		File: f.row.File, Sheet: f.row.Sheet, Line: f.row.Line, Status: f.row.Status, CustomerID: f.row.CustomerID}
	keys, err := h.passages(run, f, &s)
	if err == nil {
		err = h.elsewhere(run, f.row.Key, keys, traces, &s)
	}
	if err == nil {
		err = h.later(run, f.row.Key, &s)
	}
	if err != nil {
		return s, err
	}
	if s.Status == "" || s.SoFar {
		s.Status, s.CustomerID = soFar(&s)
	}
	s.Meaning = outcome.ParseStatus(s.Status).Meaning()
	if s.SoFar && s.Status == outcome.Unknown.String() {
		s.Meaning = "a request was begun, and its end is not known yet"
	}
	if f.row.Code == "" {
		s.Detail = f.row.Detail
		return s, nil
	}
	return s, h.problems(run, f, &s)
}

// soFar is the status of a row whose run has not ended, or did not come to it: what the ledger
// knows goes before what the reports say, which may be of an earlier moment.
func soFar(s *report.RowHistory) (status, id string) {
	switch n := len(s.Passages); {
	case n > 0 && s.Passages[n-1].Status != "":
		return s.Passages[n-1].Status, s.Passages[n-1].CustomerID
	case n > 0:
		return outcome.Unknown.String(), ""
	case s.Status == "":
		return outcome.Unsent.String(), ""
	default:
		return s.Status, s.CustomerID
	}
}

// passages adds the row's ways through batches of this run; keys are those the ledger has it under.
func (h *History) passages(run report.Past, f found, s *report.RowHistory) (keys []ledger.KeyHash, err error) {
	if h.view == nil || !h.Imported(run) {
		return nil, nil
	}
	traces, err := h.view.TraceRow(run.Run, f.ordinal)
	for i := range traces {
		s.Passages = append(s.Passages, passageOf(&traces[i], run, run))
		if key := traces[i].Item.Key; key != (ledger.KeyHash{}) && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, err
}

// elsewhere adds what other runs did with the same customer: by the keys under which the ledger has
// the row, else by what it has under the key that was asked for, else by the row's key in the report.
func (h *History) elsewhere(run report.Past, key string, keys []ledger.KeyHash, traces []ledger.Trace,
	s *report.RowHistory) (err error) {
	switch {
	case len(keys) > 0:
		traces = nil
		for _, k := range keys {
			more, err := h.view.Trace(h.orgs[run.Run], k)
			if err != nil {
				return err
			}
			traces = append(traces, more...)
		}
	case len(traces) == 0 && key != "":
		if traces, err = h.tracesOf(run, []string{key}); err != nil {
			return err
		}
	}
	for i := range traces {
		if other, known := h.byID(traces[i].Run); known && other.Run != run.Run {
			s.Others = append(s.Others, passageOf(&traces[i], other, run))
		}
	}
	slices.SortStableFunc(s.Others, func(a, b report.Passage) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.Run, b.Run), cmp.Compare(a.Batch, b.Batch))
	})
	return nil
}

// mostLater is how many later runs are looked through for one row: each is a file of the size of its input.
const mostLater = 50

// later adds what the reports of later imports say of the key where nothing was sent for it.
func (h *History) later(run report.Past, key string, s *report.RowHistory) error {
	var runs []report.Past // newest first
	for _, other := range h.runs {
		sent := slices.ContainsFunc(s.Others, func(p report.Passage) bool { return p.Run == other.Run })
		if !sent && other.Started.After(run.Started) && h.Imported(other) && h.orgs[other.Run] == h.orgs[run.Run] {
			runs = append(runs, other)
		}
	}
	if len(runs) > mostLater {
		s.NotRead, runs = len(runs)-mostLater, runs[:mostLater]
	}
	for _, other := range slices.Backward(runs) {
		row, err := h.outcomeOf(other, key)
		if err != nil {
			return err
		}
		if row != nil {
			s.Later = append(s.Later, report.Later{Run: other.Run, Started: other.Started, File: row.File, Line: row.Line,
				Status: row.Status, Code: row.Code})
		}
	}
	return nil
}

// outcomeOf is the first outcome that a run reports for a key, nil where it has none.
func (h *History) outcomeOf(run report.Past, key string) (*report.OutcomeRow, error) {
	file, err := os.Open(h.file(run.Run, "outcomes.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the outcomes of run %s: %w", run.Run, err)
	}
	defer file.Close()
	return report.FindOutcome(file, key)
}

func (h *History) byID(id string) (report.Past, bool) {
	for _, r := range h.runs {
		if r.Run == id {
			return r, true
		}
	}
	return report.Past{}, false
}

// passageOf words a trace of a run for one who asked about another.
func passageOf(t *ledger.Trace, run, asked report.Past) report.Passage {
	p := report.Passage{Run: run.Run, Started: run.Started, Later: run.Started.After(asked.Started),
		Row: t.Ordinal + 1, Batch: t.Seq, Place: t.Index + 1}
	if t.Settled != nil {
		p.Status, p.CustomerID, p.Code, p.Detail = t.Settled.Status, t.Settled.CustomerID, t.Settled.Code, t.Settled.Detail
	}
	for _, r := range t.Requests {
		p.Requests = append(p.Requests, report.Request{Verb: r.Verb, Records: len(r.Items),
			Begun: r.IntendedAt.Truncate(time.Millisecond), Job: r.JobID, State: r.State, Note: r.Note})
	}
	return p
}

// problems adds every problem of the row; where the reports cannot tell it from another row at the
// same line, only the one its outcome names.
func (h *History) problems(run report.Past, f found, s *report.RowHistory) error {
	code, _ := outcome.Explain(f.row.Code)
	s.Problems = []report.ProblemLine{{Column: f.row.Column, Code: f.row.Code, Message: f.row.Detail, Fix: code.Fix}}
	file, _, err := source.OpenKept(h.file(run.Run, "problems.csv"))
	if f.shared || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the run's problems: %w", err)
	}
	defer file.Close()
	var all []report.ProblemLine
	err = report.EachProblem(file, func(l *report.ProblemLine) error {
		if l.Line == f.row.Line && l.File == f.row.File && l.Sheet == f.row.Sheet {
			all = append(all, *l)
		}
		return nil
	})
	if len(all) > 0 {
		s.Problems = all
	}
	if run.Ended == nil {
		return nil // the file may end in the middle of a line
	}
	return err
}
