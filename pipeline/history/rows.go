package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"muster/pipeline/dedupe"
	"muster/pipeline/ledger"
	"muster/pipeline/report"
)

// mostStories is how many rows are told of when a line or a key is that of many.
const mostStories = 20

// wanted says which rows of a run are asked for.
type wanted struct {
	word string
	line int64  // of file; 0: by key
	file string // "" any
	row  int64  // 1-based place in the run; 0: by line or key

	values []string       // forms the key may have in the reports
	traces []ledger.Trace // what the ledger knows of the key, in any run
	items  map[int64]bool // ordinals of this run
}

// found is a row of a run. Where the reports do not have it yet, row holds its place at most.
type found struct {
	ordinal int64
	row     report.OutcomeRow
	shared  bool // another row starts at the same line
}

// RowStories tells what happened to a row of a run. word is the line at which it starts, as 14 or
// people.csv:14; its place in the run, as row:14; or one of its keys: external id, e-mail address,
// phone number. asKey takes a number for a key. A key is also looked for among the cells of the
// inputs, as long as they are what they were. The error is a *pipeline.UsageError when there is no such row.
func (h *History) RowStories(run report.Past, word string, asKey bool) ([]report.RowHistory, error) {
	w := parseWanted(word, asKey)
	rows, err := h.locate(run, w)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 && w.line > 0 && w.file == "" { // a number may also be an external id
		if rows, err = h.locate(run, parseWanted(word, true)); err != nil {
			return nil, err
		}
	}
	if len(rows) == 0 {
		return nil, h.notFound(run, w)
	}
	stories := make([]report.RowHistory, 0, min(len(rows), mostStories))
	for _, f := range rows[:cap(stories)] {
		s, err := h.story(run, f, w.traces)
		if err != nil {
			return nil, err
		}
		stories = append(stories, s)
	}
	return stories, nil
}

var (
	placeForm = regexp.MustCompile(`^(?:(.+):)?([1-9][0-9]{0,17})$`)
	phoneForm = regexp.MustCompile(`^\+[0-9 ().-]{5,}$`)
	phoneOnly = strings.NewReplacer(" ", "", "(", "", ")", "", ".", "", "-", "")
)

func parseWanted(word string, asKey bool) *wanted {
	w := &wanted{word: word}
	if m := placeForm.FindStringSubmatch(word); m != nil && !asKey {
		n, _ := strconv.ParseInt(m[2], 10, 64)
		if m[1] == "row" {
			w.row = n
		} else {
			w.file, w.line = m[1], n
		}
		return w
	}
	trimmed := strings.TrimSpace(word)
	if trimmed == "" {
		return w
	}
	w.values = []string{trimmed}
	if lower := strings.ToLower(trimmed); lower != trimmed {
		w.values = append(w.values, lower)
	}
	if phoneForm.MatchString(trimmed) {
		w.values = append(w.values, phoneOnly.Replace(trimmed))
	}
	return w
}

// locate finds the rows in the reports of the run, or, as far as it has none, in its inputs.
func (h *History) locate(run report.Past, w *wanted) ([]found, error) {
	if err := h.askLedger(run, w); err != nil {
		return nil, err
	}
	rows, err := h.inReports(run, w)
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	places, err := h.inInputs(run, w)
	if err != nil {
		return nil, err
	}
	if len(places) > 0 {
		return h.outcomesOf(run, places)
	}
	for ordinal := range w.items {
		rows = append(rows, found{ordinal: ordinal})
	}
	return rows, nil
}

// outcomesOf fills in what the reports have of rows found in the inputs. A report that has another
// line at a row's place is of another reading of the file: such rows are left out.
func (h *History) outcomesOf(run report.Past, places []found) ([]found, error) {
	w := &wanted{items: map[int64]bool{}}
	for _, p := range places {
		w.items[p.ordinal] = true
	}
	rows, err := h.inReports(run, w)
	outcomes := map[int64]found{}
	for _, r := range rows {
		outcomes[r.ordinal] = r
	}
	kept := places[:0]
	for _, p := range places {
		o, reported := outcomes[p.ordinal]
		if reported && o.row.Line == p.row.Line {
			kept = append(kept, o)
		} else if !reported {
			kept = append(kept, p)
		}
	}
	return kept, err
}

// askLedger finds what the ledger has of the key, and under which ordinals in this run.
func (h *History) askLedger(run report.Past, w *wanted) (err error) {
	w.items = map[int64]bool{}
	w.traces, err = h.tracesOf(run, w.values)
	for i := range w.traces {
		if w.traces[i].Run == run.Run {
			w.items[w.traces[i].Ordinal] = true
		}
	}
	return err
}

// tracesOf are the passages of a key in any run that wrote to the same org, whatever kind of
// identity it is.
func (h *History) tracesOf(run report.Past, values []string) (all []ledger.Trace, err error) {
	if h.view == nil || !h.Imported(run) {
		return nil, nil
	}
	for _, value := range values {
		for _, kind := range dedupe.Names() {
			traces, err := h.view.Trace(h.orgs[run.Run], h.view.Key(kind, []byte(value)))
			if err != nil {
				return nil, err
			}
			all = append(all, traces...)
		}
	}
	return all, nil
}

// inReports finds rows in outcomes.csv, whose lines stand in the order of the rows. While a run is
// under way the file ends somewhere; what is there is right.
func (h *History) inReports(run report.Past, w *wanted) ([]found, error) {
	file, err := os.Open(h.file(run.Run, "outcomes.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the run's outcomes: %w", err)
	}
	defer file.Close()
	var rows []found
	var before report.OutcomeRow
	ordinal, last := int64(-1), int64(-1) // last: the ordinal of the latest in rows
	err = report.EachOutcome(file, func(row *report.OutcomeRow) error {
		ordinal++
		same := row.Line == before.Line && row.File == before.File && row.Sheet == before.Sheet
		if same && last == ordinal-1 && len(rows) > 0 {
			rows[len(rows)-1].shared = true
		}
		if before = *row; !w.is(ordinal, row.File, row.Line) && !w.isKey(row.Key) {
			return nil
		}
		if len(rows) == mostStories {
			return errEnough
		}
		rows, last = append(rows, found{ordinal: ordinal, row: *row, shared: same}), ordinal
		return nil
	})
	if errors.Is(err, errEnough) || (err != nil && run.Ended == nil) {
		err = nil
	}
	return rows, err
}

// is tells whether the row of this place is asked for.
func (w *wanted) is(ordinal int64, file string, line int64) bool {
	switch {
	case w.items[ordinal]:
		return true
	case w.row > 0:
		return w.row == ordinal+1
	case w.line > 0:
		return w.line == line && (w.file == "" || w.file == file || w.file == filepath.Base(file))
	default:
		return false
	}
}

func (w *wanted) isKey(key string) bool {
	for _, v := range w.values {
		if v == key && v != "" {
			return true
		}
	}
	return false
}

func (h *History) notFound(run report.Past, w *wanted) error {
	switch {
	case w.row > 0:
		return usage("run %s has no row %d", run.Run, w.row)
	case w.line > 0:
		return usage("no row of run %s starts at line %d: a row is named by the first of its lines", run.Run, w.line)
	default:
		return usage("run %s has no row with this key", run.Run)
	}
}
