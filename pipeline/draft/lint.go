package draft

import (
	"context"
	"errors"
	"fmt"
	"io"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/check"
	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// errOpenDates ends a reading that has met a date whose layout nobody has said.
var errOpenDates = errors.New("dates of a layout that nobody has said")

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

// Try holds a mapping file to its own examples and, unless name is "", to the columns of a file and to
// its first rows: what they would be refused for, the schema's reasons included. The error is
// mappings.Mistakes, *mappings.BindError, *AmbiguousDates, or of reading either file.
func Try(mapping, name string, stdin io.Reader, o source.Options, options mappings.BindOptions) (*Lint, error) {
	text, err := trust.ReadText(mapping)
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
	in, err := bind.OpenBound(name, stdin, o, m, options)
	if err != nil {
		return nil, err
	}
	defer bind.Close([]*bind.Input{in})
	return l, l.hold(in, m)
}

// hold checks the first rows of the file.
func (l *Lint) hold(in *bind.Input, m *mappings.Mapping) error {
	err := l.rows(in)
	if errors.Is(err, errOpenDates) {
		in.Close()
		if err = l.dates(in); err == nil {
			in.Close()
			err = errors.Join(in.Reopen(), l.rows(in))
		}
	}
	if err != nil {
		return err
	}
	for i, use := range in.Table.Plan.Uses {
		if use.Kind == mappings.LeftOut {
			l.Omitted = append(l.Omitted, fmt.Sprintf("%s (%s)", in.Table.Called(i), use.Why))
		}
	}
	l.Unmet = m.Unmet(append(bind.OwnNames(in.Table.Header), in.Table.Joined.Names()...))
	return nil
}

// dates finds the layouts that nobody has said.
func (l *Lint) dates(in *bind.Input) (err error) {
	if l.Dates, err = in.SettleDates(context.Background()); errors.As(err, new(*bind.AmbiguousDates)) {
		return &outcome.UsageError{Err: err}
	}
	return err
}

// rows checks the first rows.
func (l *Lint) rows(in *bind.Input) error {
	checker := check.New(check.Options{Seeds: dedupe.NewSeeds()})
	w := &block.Block{}
	l.Rows, l.Skipped, l.Faults = 0, 0, nil
	for l.Rows < bind.SampleRows {
		w.Reset(0, in.Reader)
		if err := in.Reader.Cut(&w.Chunk); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		checker.Check(w, in.Table)
		if check.OpenDates(w) {
			return errOpenDates
		}
		for i := range w.Rows {
			l.Rows++
			if w.Rows[i].Status == outcome.Skipped {
				l.Skipped++
			}
			for _, p := range w.Found(&w.Rows[i]) {
				l.note(w.Table.Column(p.Column), p, w.Parsed.Rows[i].Line)
			}
			if l.Rows == bind.SampleRows {
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
