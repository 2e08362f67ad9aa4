package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"muster/pipeline/report"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// mostRechecked is how many rows are checked again at once after an edit; more are left to the next check of the whole
// file.
const mostRechecked = 20_000

// recheck checks the edited rows alone, by the same check that the whole file went through. That two rows are the same
// customer shows only in a check of the whole file. The caller holds mu.
func (s *session) recheck(ctx context.Context, ordinals []int64) error {
	p, st := s.tables.problems, s.tables.rows
	if p == nil || st == nil || len(ordinals) == 0 {
		return nil
	}
	slices.Sort(ordinals)
	ordinals = slices.Compact(ordinals)
	if len(ordinals) > mostRechecked {
		ordinals = ordinals[:mostRechecked]
	}
	dir := s.path("recheck")
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("check the rows again: %w", err)
	}
	if err := trust.MkdirAll(dir); err != nil {
		return fmt.Errorf("check the rows again: %w", err)
	}
	defer os.RemoveAll(dir)
	file, starts, err := s.some(dir, ordinals)
	if err != nil {
		return err
	}
	args := []string{"check", file, "--state", dir, "--mapping", s.mappingPath(), "--json"}
	if filepath.Ext(file) == ".csv" {
		args = append(args, "--header", "--delimiter", ",", "--encoding", "utf-8")
	}
	args = append(args, flags(map[string]string{"region": s.record.Reading["region"],
		"dates": s.record.Reading["dates"]})...)
	var out, said bytes.Buffer
	s.run(ctx, Call{Args: args, Stdout: &out, Stderr: &said})
	var summary report.Summary
	if json.Unmarshal(out.Bytes(), &summary) != nil || summary.Run == "" {
		return nil // what these rows alone do not show, such as the order of days and months, is left to the whole check
	}
	for _, o := range ordinals {
		p.live[o] = nil
	}
	p.list = nil
	problems, _, err := source.OpenKept(filepath.Join(dir, "runs", summary.Run, "problems.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("check the rows again: %w", err)
	}
	defer problems.Close()
	return report.EachProblem(problems, func(l *report.ProblemLine) error {
		if i, at := slices.BinarySearch(starts, l.Line); at {
			p.live[ordinals[i]] = append(p.live[ordinals[i]], p.found(ordinals[i], l))
		}
		return nil
	})
}

// some writes rows as they are now into a file of their own, and says on which line each starts.
func (s *session) some(dir string, ordinals []int64) (path string, starts []int64, err error) {
	st := s.tables.rows
	var w tableWriter
	path = filepath.Join(dir, "rows.csv")
	var b bytes.Buffer
	if isJSON(st.format) {
		path = filepath.Join(dir, "rows.ndjson")
		w = &jsonTable{to: &b, names: st.names()}
	} else {
		w = &csvTable{to: &b, delimiter: ','}
	}
	if err := w.header(st.names()); err != nil {
		return "", nil, err
	}
	line := int64(1 + bytes.Count(b.Bytes(), []byte("\n")))
	for _, o := range ordinals {
		rows, err := st.read(o, 1)
		if err != nil || len(rows) == 0 {
			return "", nil, errors.Join(err, errors.New("that row is not there"))
		}
		s.tables.edits.over(o, &rows[0], len(st.names()))
		before := b.Len()
		if err := w.row(&rows[0]); err != nil {
			return "", nil, err
		}
		starts = append(starts, line)
		line += int64(bytes.Count(b.Bytes()[before:], []byte("\n")))
	}
	return path, starts, trust.WriteWhole(path, b.Bytes())
}

func isJSON(format string) bool { return format == "json" || format == "ndjson" }

// rows lays the file's rows out where that was not done yet. The caller holds mu.
func (s *session) rows(ctx context.Context) (*rowStore, error) {
	s.refresh()
	if s.tables.rows != nil {
		return s.tables.rows, nil
	}
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	if d, is := r.(source.Dialect); is {
		s.tables.delimiter, s.tables.encoding = d.Dialect()
	}
	s.tables.sheet = r.Header().Sheet
	// The rows are laid out for the session, whoever asked first.
	st, err := storeRows(context.WithoutCancel(ctx), s.dir, r)
	if err != nil {
		return nil, err
	}
	e, err := openEdits(s.editsPath(s.tables.under))
	if err != nil {
		st.close()
		return nil, err
	}
	s.tables.rows, s.tables.edits = st, e
	return st, nil
}
