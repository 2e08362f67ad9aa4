package bind

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"

	"muster/mappings"
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

func (in *Input) opensDates() bool {
	for _, t := range in.Table.Sheets {
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
	if err := in.Reopen(); err != nil {
		return nil, err
	}
	var chunk source.Chunk
	var block source.Block
	var header *source.Header
	var record mappings.Record
	var room Joining
	var mine []*dateLook
	for ctx.Err() == nil {
		if err := in.Reader.Cut(&chunk); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		in.Reader.Parse(&chunk, &block)
		if block.Header != header {
			header = block.Header
			looks, mine = in.looksOf(header, looks)
		}
		for i := range block.Rows {
			row := &block.Rows[i]
			if row.Code != "" {
				continue
			}
			if cells, kinds, _ := in.Table.Extend(row, &room); in.Table.Plan.Skips(cells, kinds, &record) {
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
	table := in.Table.Sheet(h)
	if table == nil {
		table = in.Table
		if grown, err := table.Binder.Bind(h); err == nil {
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
	tables := make([]*Table, len(in.Table.Sheets))
	for i, t := range in.Table.Sheets {
		b := *t.Binder
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
			switch {
			case !errors.As(err, &two):
			case in.bestGuess: // either reading fits every row: what a check finds does not hang on it
				in.doubt(l, two)
			default:
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
		layout, two := l.dates.Layout()
		switch {
		case two != nil: // the report says it
		case layout.Mixed != "":
			lines = append(lines, fmt.Sprintf("%s: the dates of %q stand in two orders", in.Name, l.name))
		case layout.Pattern != "":
			lines = append(lines, fmt.Sprintf("%s: %q is read as %s, as the whole column shows", in.Name, l.name,
				layout.Pattern))
		}
	}
	return lines
}

// SettleDates looks at the columns of dates whose layout nobody has said, and binds the input anew with what they show;
// said tells how they are read. The error is *AmbiguousDates, one for each column that shows no order, or of reading.
func (in *Input) SettleDates(ctx context.Context) (said []string, err error) {
	if !in.opensDates() {
		return nil, nil
	}
	looks, err := in.lookAtDates(ctx)
	if err != nil {
		return nil, err
	}
	if err := in.bindDates(looks); err != nil {
		return nil, err
	}
	return in.sayDates(looks), nil
}
