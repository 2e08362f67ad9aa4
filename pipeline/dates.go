package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"muster/mappings"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
	"muster/pipeline/source"
)

// AmbiguousDates is a column whose dates can be read in two orders, and nobody has said in which: a run ends
// with it before anything is sent.
type AmbiguousDates struct {
	File, Column string
	Err          *mappings.AmbiguousDates
}

func (e *AmbiguousDates) Error() string {
	return fmt.Sprintf("%s: column %q: %v", e.File, e.Column, e.Err)
}

// Unwrap is Err.
func (e *AmbiguousDates) Unwrap() error { return e.Err }

// errOpenDates ends a survey that has met a date which is not ISO 8601 in a column whose layout nobody has
// said: the whole column must be looked at first. Files whose dates are ISO 8601 are read once only.
var errOpenDates = errors.New("dates of a layout that nobody has said")

// survey is the first pass: every row is read, mapped and validated, and the dedup index finds which rows
// are the same customer. Nothing is sent.
func (r *run) survey(ctx context.Context) (*Reconciler, error) {
	if r.config.Watch != nil { // a watch must see every row once
		if err := r.settleDates(ctx); err != nil {
			return nil, err
		}
	}
	reconciler, err := r.surveyAll(ctx)
	if !errors.Is(err, errOpenDates) {
		return reconciler, err
	}
	if _, err := reconciler.files.Close(r.read); err != nil {
		return nil, err
	}
	if err := errors.Join(reconciler.closeAnnotated(&report.Summary{}), r.settleDates(ctx)); err != nil {
		return nil, err
	}
	return r.surveyAll(ctx)
}

// openDates is true for a block where most dates of an open column are strange. Where fewer are so, and in
// every other block, the column is one of ISO 8601 and they are problems of their rows.
func (w *work) openDates() bool {
	var asked []int
	for i := range w.problems {
		if p := &w.problems[i]; p.Code == "cell.date" && !slices.Contains(asked, p.Column) && w.table.Plan.Open(p.Column) {
			asked = append(asked, p.Column)
		}
	}
	return slices.ContainsFunc(asked, w.mostStrange)
}

func (w *work) mostStrange(column int) bool {
	all, odd := 0, 0
	for i := range w.rows {
		if rest := len(w.rows) - i; 2*odd+rest <= all {
			return false // whatever the rest is like
		}
		row := &w.block.Rows[i]
		if w.rows[i].status == outcome.Skipped || row.Code != "" {
			continue
		}
		filled, strange := w.table.Plan.Strange(column, row.Cells, row.Kinds)
		if filled {
			all++
		}
		if strange {
			odd++
		}
	}
	return odd*2 > all
}

// settleDates looks at the columns of dates whose layout nobody has said, in every input, and binds the
// inputs anew with what they show. The error is *AmbiguousDates, one for each such column, in a *UsageError.
func (r *run) settleDates(ctx context.Context) error {
	r.closeReaders()
	var mistakes []error
	for _, in := range r.inputs {
		if !in.opensDates() {
			continue
		}
		looks, err := in.lookAtDates(ctx)
		if err != nil {
			return err
		}
		if err := in.bindDates(looks); err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		for _, line := range in.sayDates(looks) {
			r.config.Progress.Say(line)
		}
	}
	r.closeReaders()
	if err := errors.Join(mistakes...); err != nil {
		return &outcome.UsageError{Err: err}
	}
	return ctx.Err()
}

func (in *Input) opensDates() bool {
	for _, t := range in.table.sheets {
		if len(t.Plan.OpenDates()) > 0 {
			return true
		}
	}
	return false
}

// A dateLook is what one open column of one sheet has shown.
type dateLook struct {
	sheet, name string
	dates       *mappings.Dates
}

// lookAtDates reads an input through and looks at its open columns only.
func (in *Input) lookAtDates(ctx context.Context) (looks []*dateLook, err error) {
	if err := in.reopen(); err != nil {
		return nil, err
	}
	var chunk source.Chunk
	var block source.Block
	var header *source.Header
	var record mappings.Record
	var room joining
	var mine []*dateLook
	for ctx.Err() == nil {
		if err := in.reader.Cut(&chunk); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		in.reader.Parse(&chunk, &block)
		if block.Header != header {
			header = block.Header
			looks, mine = in.looksOf(header, looks)
		}
		for i := range block.Rows {
			row := &block.Rows[i]
			if row.Code != "" {
				continue
			}
			if cells, kinds, _ := in.table.extend(row, &room); in.table.Plan.Skips(cells, kinds, &record) {
				continue
			}
			for _, l := range mine {
				l.dates.Add(row.Cells, row.Kinds, row.Line)
			}
		}
	}
	return looks, nil
}

// looksOf finds the looks at the open columns of a header; those that are not there yet are added to all.
func (in *Input) looksOf(h *source.Header, all []*dateLook) (looks, mine []*dateLook) {
	table := in.table.sheet(h)
	if table == nil {
		table = in.table
		if grown, err := table.binder.Bind(h); err == nil {
			table = grown
		}
	}
	looks = all
	for _, d := range table.Plan.OpenDates() {
		var known *dateLook
		for _, l := range all {
			if l.sheet == h.Sheet && l.dates.Column == d.Column {
				known = l
			}
		}
		if known == nil {
			known = &dateLook{h.Sheet, h.Names[d.Column], d}
			looks = append(looks, known)
		}
		mine = append(mine, known)
	}
	return looks, mine
}

// bindDates binds every table anew with the layouts that its columns have shown.
func (in *Input) bindDates(looks []*dateLook) error {
	var mistakes []error
	tables := make([]*Table, len(in.table.sheets))
	for i, t := range in.table.sheets {
		b := *t.binder
		b.options.Layouts = maps.Clone(b.options.Layouts)
		if b.options.Layouts == nil {
			b.options.Layouts = map[string]mappings.DateLayout{}
		}
		for _, l := range looks {
			if l.sheet != t.Header.Sheet {
				continue
			}
			layout, err := l.dates.Layout()
			var two *mappings.AmbiguousDates
			if errors.As(err, &two) {
				mistakes = append(mistakes, &AmbiguousDates{File: in.Name, Column: l.name, Err: two})
			}
			b.options.Layouts[l.name] = layout
		}
		bound, err := b.Bind(t.Header)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		tables[i] = bound
	}
	if len(mistakes) > 0 {
		return errors.Join(mistakes...)
	}
	in.take(tables)
	return nil
}

// sayDates says how columns are read whose layout was found.
func (in *Input) sayDates(looks []*dateLook) (lines []string) {
	for _, l := range looks {
		layout, _ := l.dates.Layout()
		switch {
		case layout.Mixed != "":
			lines = append(lines, fmt.Sprintf("%s: the dates of %q stand in two orders", in.Name, l.name))
		case layout.Pattern != "":
			lines = append(lines, fmt.Sprintf("%s: %q is read as %s, as the whole column shows", in.Name, l.name, layout.Pattern))
		}
	}
	return lines
}
