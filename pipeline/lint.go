package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"muster/mappings"
	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
	"muster/pipeline/source"
)

// A Lint is what a mapping makes of its own examples and of a file.
type Lint struct {
	Examples int      // of the mapping; all of them hold
	Rows     int      // rows looked at
	Skipped  int      // of them, left out by the mapping's filter
	Omitted  []string // columns left out by policy, and why
	Unmet    []string // columns that the mapping names and the file lacks
	Dates    []string // how dates are read whose layout the mapping does not say
	Faults   []Fault  // by column and code, in the order they were met
}

// A Fault is one kind of problem in one column.
type Fault struct {
	Column, Code, Expected string
	Line                   int64 // of the first
	Count                  int
}

// LintMapping holds a mapping file to its own examples and, unless name is "", to the columns of a file and to
// its first rows: what they would be refused for, the schema's reasons included. The error is
// mappings.Mistakes, *mappings.BindError, *AmbiguousDates, or of reading either file.
func LintMapping(mapping, name string, stdin io.Reader, o source.Options, options mappings.BindOptions) (*Lint, error) {
	text, err := os.ReadFile(mapping)
	if err != nil {
		return nil, &outcome.UsageError{Err: fmt.Errorf("read the mapping: %w", err)}
	}
	m, err := mappings.Parse(mapping, text)
	if err != nil {
		return nil, err
	}
	l := &Lint{Examples: m.Examples()}
	if err := m.Try(options); err != nil || name == "" {
		return l, err
	}
	in := &Input{Name: name, path: name, options: o, ruled: mapping}
	defer closeInputs([]*Input{in})
	if name == "-" {
		if err := in.keep(&Config{State: os.TempDir()}, stdin); err != nil {
			return nil, err
		}
	}
	return l, l.hold(in, m, options)
}

// hold binds the mapping to the file and checks its first rows.
func (l *Lint) hold(in *Input, m *mappings.Mapping, options mappings.BindOptions) error {
	validator, err := validatorOf(m.Kind, nil)
	if err != nil {
		return err
	}
	lookups, err := readLookups(m, in.options, fence{})
	if err != nil {
		return err
	}
	if err := in.reopen(); err != nil {
		return err
	}
	in.binder = &Binder{mapping: m, options: options, validator: validator, lookups: lookups}
	if err := in.bindAll(); err != nil {
		return err
	}
	err = l.rows(in)
	if errors.Is(err, errOpenDates) {
		in.close()
		if err = l.dates(in); err == nil {
			in.close()
			err = errors.Join(in.reopen(), l.rows(in))
		}
	}
	if err != nil {
		return err
	}
	for i, use := range in.table.Plan.Uses {
		if use.Kind == mappings.LeftOut {
			l.Omitted = append(l.Omitted, fmt.Sprintf("%s (%s)", in.table.called(i), use.Why))
		}
	}
	l.Unmet = m.Unmet(append(ownNames(in.table.Header), in.table.joined.names()...))
	return nil
}

// dates finds the layouts that nobody has said.
func (l *Lint) dates(in *Input) error {
	looks, err := in.lookAtDates(context.Background())
	if err != nil {
		return err
	}
	if err := in.bindDates(looks); err != nil {
		return &outcome.UsageError{Err: err}
	}
	l.Dates = in.sayDates(looks)
	return nil
}

// rows checks the first rows.
func (l *Lint) rows(in *Input) error {
	checker := &Checker{seeds: dedupe.NewSeeds()}
	w := &work{}
	l.Rows, l.Skipped, l.Faults = 0, 0, nil
	for l.Rows < sampleRows {
		w.reset(0, in.reader)
		if err := in.reader.Cut(&w.chunk); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		checker.Check(w, in.table)
		if w.openDates() {
			return errOpenDates
		}
		for i := range w.rows {
			l.Rows++
			if w.rows[i].status == outcome.Skipped {
				l.Skipped++
			}
			for _, p := range w.found(&w.rows[i]) {
				l.note(w.table.Column(p.Column), p, w.block.Rows[i].Line)
			}
			if l.Rows == sampleRows {
				break
			}
		}
	}
	return nil
}

func (l *Lint) note(column string, p outcome.Problem, line int64) {
	for i := range l.Faults {
		if f := &l.Faults[i]; f.Column == column && f.Code == p.Code {
			f.Count++
			return
		}
	}
	l.Faults = append(l.Faults, Fault{Column: column, Code: p.Code, Expected: p.Detail, Line: line, Count: 1})
}
