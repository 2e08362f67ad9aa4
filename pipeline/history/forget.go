package history

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"muster/pipeline/decision"
	"muster/pipeline/dedupe"
	"muster/pipeline/ledger"
	"muster/pipeline/report"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// Forgotten is what Forget took away.
type Forgotten struct {
	Identities int64    `json:"identities"` // by which it knew them
	Rows       int64    `json:"rows"`       // of the ledger
	Images     int64    `json:"images"`     // of what customers were like before updates
	Lines      int64    `json:"lines"`      // of reports
	Files      []string `json:"files"`      // that were rewritten
	Removed    []string `json:"removed"`    // that held them and could not be rewritten, so they are gone
	Memos      int64    `json:"memos"`      // of what jobs remember
	Left       []string `json:"left"`       // where they may still be, which is the user's to see to
}

// Forget takes a person out of a state directory: out of the ledger, and out of every report of every run. words are
// what they are called: external ids, e-mail addresses, phone numbers, or ids of customers in the org. Lines of reports
// keep their place, status and code, so that every balance stays what it was. The org itself is not asked and not
// changed.
//
// Errors: a *ledger.LockedError while a run goes on; one that wraps ledger.ErrState while an unfinished run is about
// them.
func Forget(state string, words []string) (*Forgotten, error) {
	l, err := ledger.Open(state)
	if err != nil {
		return nil, err
	}
	e := &eraser{words: map[string]bool{}, Forgotten: &Forgotten{Files: []string{}, Removed: []string{}, Left: []string{}}}
	if words, err = learn(state, words); err == nil {
		err = e.ledger(l, words)
	}
	if err = errors.Join(err, l.Close()); err != nil {
		return nil, err
	}
	if err := e.copies(state); err != nil {
		return e.Forgotten, err
	}
	e.leave(state)
	for _, dir := range [...]string{"runs", "feeds", "guesses", decision.Folder} {
		err = errors.Join(err, filepath.WalkDir(filepath.Join(state, dir),
			func(path string, entry fs.DirEntry, err error) error {
				if errors.Is(err, fs.ErrNotExist) {
					return nil
				}
				if err != nil || entry.IsDir() {
					return err
				}
				return e.file(path, dir)
			}))
	}
	return e.Forgotten, err
}

// learn adds the key of every outcome that has a customer of these, and the customer of every one that has a key of
// these.
func learn(state string, words []string) ([]string, error) {
	names, err := fs.Glob(os.DirFS(state), "runs/*/outcomes.csv")
	if err != nil {
		return nil, err
	}
	all := slices.Clone(words)
	for _, name := range names {
		file, err := os.Open(filepath.Join(state, name))
		if err != nil {
			return nil, err
		}
		err = report.EachOutcome(file, func(row *report.OutcomeRow) error {
			if !slices.Contains(all, row.CustomerID) && !slices.Contains(all, row.Key) {
				return nil
			}
			for _, word := range []string{row.CustomerID, row.Key} {
				if word != "" && !slices.Contains(all, word) {
					all = append(all, word)
				}
			}
			return nil
		})
		if err = errors.Join(err, file.Close()); err != nil {
			return nil, fmt.Errorf("forget: read %s: %w", name, err)
		}
	}
	return all, nil
}

// eraser goes through the files of a state directory.
type eraser struct {
	*Forgotten
	words map[string]bool // every form of what the person is called, and the ids of their customers
}

// ledger takes the person out of the ledger, for every org in it.
func (e *eraser) ledger(l *ledger.Ledger, words []string) error {
	var ids []string
	var keys []ledger.KeyHash
	for _, word := range words {
		for _, value := range parseWanted(word, true).values {
			e.words[value] = true
			ids = append(ids, value)
			for _, kind := range dedupe.Names() {
				keys = append(keys, l.Key(kind, []byte(value)))
			}
		}
	}
	runs, err := l.Runs()
	if err != nil {
		return err
	}
	var orgs []string
	for _, run := range runs {
		if slices.Contains(orgs, run.OrgID) {
			continue
		}
		orgs = append(orgs, run.OrgID)
		f, err := l.Forget(run.OrgID, ids, keys)
		if err != nil {
			return err
		}
		e.Identities, e.Rows, e.Images = e.Identities+f.Known, e.Rows+f.Rows, e.Images+f.Images
		for _, id := range f.Customers {
			e.words[id] = true
		}
	}
	e.Memos, err = l.ForgetMemos(e.mentioned)
	return err
}

// file takes the person out of one file of a folder of the state directory. What was fetched is not ours to rewrite,
// and neither are the user's own rows with our notes, which stand in the user's own dialect.
func (e *eraser) file(path, folder string) error {
	name := filepath.Base(path)
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case folder == "feeds", ext == ".xlsx", ext == ".ndjson", ext == ".jsonl", strings.HasPrefix(name, "annotated"),
		strings.HasPrefix(name, "."):
		if !e.inTable(path) {
			return nil
		}
		return e.remove(path)
	// its comments and lists of choices tell what the columns hold
	case folder == "guesses", folder == decision.Folder, ext == ".yaml":
		return e.unless(path)
	case ext == ".csv":
		return e.rewrite(path)
	case name == "plan.json":
		return e.plan(path)
	default:
		return e.blot(path) // reports as JSON and pages hold no value, but where a header was missing
	}
}

// plan removes a plan that is about the person, and its page: one with a customer less would not be what was agreed to.
func (e *eraser) plan(path string) error {
	text, err := os.ReadFile(path)
	if err != nil || !e.mentioned(text) {
		return err
	}
	page := strings.TrimSuffix(path, ".json") + ".html"
	e.Removed = append(e.Removed, path, page)
	if err := os.Remove(page); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Remove(path)
}

// kept are columns of reports that say nothing of a person: places, statuses, codes and our own words.
var kept = []string{"file", "sheet", "line", "cell", "column", "status", "code", "message", "fix", "severity", "field",
	"verdict",
	report.RejectColumns[0], report.RejectColumns[1], report.RejectColumns[2], report.RejectColumns[3]}

// errNothing means that a report holds nothing of the person's and stays as it is.
var errNothing = errors.New("nothing to forget")

// rewrite blanks the person's cells in a report, in one step.
func (e *eraser) rewrite(path string) (err error) {
	var lines int64
	err = trust.Replace(path, 0o600, func(out *os.File) (err error) {
		in, encoding, err := source.OpenKept(path)
		if err != nil {
			return err
		}
		defer in.Close() // before the new file takes its place: Windows replaces none that is open
		encoded, err := source.Encode(out, encoding)
		if err != nil {
			return err
		}
		w := bufio.NewWriterSize(encoded, 1<<16)
		from, delimiter := report.OpenedForSpreadsheet(bufio.NewReaderSize(in, 1<<16), w)
		records := csv.NewReader(from)
		records.Comma = rune(delimiter)
		if lines, err = e.copyLines(records, w, delimiter); err == nil && lines == 0 {
			return errNothing
		}
		return errors.Join(err, w.Flush(), encoded.Close())
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		err = fmt.Errorf("line %d is not one that muster wrote", parse.Line) // without what stands there
	}
	if err != nil {
		return fmt.Errorf("forget in %s: %w", path, err)
	}
	e.Lines += lines
	e.Files = append(e.Files, path)
	return nil
}

// copyLines copies a report and returns how many lines were the person's.
func (e *eraser) copyLines(r *csv.Reader, w *bufio.Writer, delimiter byte) (lines int64, err error) {
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	var keep []bool
	var line []byte
	for n := 0; ; n++ {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		if n == 0 {
			for _, name := range cells {
				keep = append(keep, slices.Contains(kept, name))
			}
		} else if slices.ContainsFunc(cells, e.theirs) {
			lines++
			for i := range cells {
				if i >= len(keep) || !keep[i] {
					cells[i] = ""
				}
			}
		}
		line = report.AppendCells(line[:0], cells)
		if err := report.Redelimit(bufio.NewReader(bytes.NewReader(line)), w, delimiter); err != nil {
			return lines, err
		}
	}
}
