package bind

import (
	"errors"
	"fmt"

	"muster/mappings"
	"muster/pipeline/source"
)

// headers are those of the input's tables: one, or one for each sheet of a workbook.
func (in *Input) headers() []*source.Header {
	if several, ok := in.Reader.(source.Tables); ok {
		return several.Headers()
	}
	return []*source.Header{in.Reader.Header()}
}

// noteReader keeps what its reader says of how the file is written.
func (in *Input) noteReader() {
	if some, is := in.Reader.(source.Unread); is {
		in.Unread = some.Unread()
	}
	if one, is := in.Reader.(source.Dialect); is {
		in.Delimiter, in.Encoding = one.Dialect()
	}
}

// bindAll binds every table of the input, and says all that is wrong with any of them.
func (in *Input) bindAll() error {
	var mistakes []error
	headers := in.headers()
	tables := make([]*Table, len(headers))
	for i, h := range headers {
		table, err := in.binderOf(h, i).Bind(h)
		if err != nil && len(headers) > 1 {
			err = fmt.Errorf("sheet %s: %w", h.Sheet, err)
		}
		if err != nil {
			mistakes = append(mistakes, err)
		}
		tables[i] = table
	}
	if len(mistakes) > 0 {
		return errors.Join(mistakes...)
	}
	in.take(tables)
	return nil
}

// binderOf is what binds the n-th table. Where nobody said what the columns are, each table is recognised by its own
// header: the files of one archive may come from different lists.
func (in *Input) binderOf(h *source.Header, n int) *Binder {
	if m := in.others[n]; m != nil {
		own := *in.Binder
		own.Mapping = m
		return &own
	}
	if n == 0 || !in.free || in.Guessed != nil {
		return in.Binder
	}
	m, sure := mappings.Recognise(OwnNames(h))
	first := in.Binder.Mapping
	switch {
	case m != nil && m.Name == first.Name: // sure or not: it is that of the table before
		return in.Binder
	case m == nil || sure < mappings.Sure:
		if m = mappings.Standard(); m.Name == first.Name {
			return in.Binder
		}
	}
	own := *in.Binder
	own.Mapping = m
	return &own
}

// otherRules are the bytes of the mappings of tables that have another than the first, for the fingerprint.
func (in *Input) otherRules() (raw []byte) {
	for _, t := range in.Table.Sheets {
		if m := t.Binder.Mapping; m != in.Binder.Mapping && m.Match != nil {
			raw = append(raw, mappings.PresetFile(PresetName(m))...)
		}
	}
	return raw
}

// take makes the tables those of the input. Each knows the others, so that a checker that holds one finds them.
func (in *Input) take(tables []*Table) {
	for _, t := range tables {
		t.Sheets = tables
	}
	in.Table = tables[0]
}

// rebind gives the tables the headers of a second opening, which are new and say the same.
func (in *Input) rebind() {
	headers := in.headers()
	tables := make([]*Table, len(in.Table.Sheets))
	for i, t := range in.Table.Sheets {
		again := *t
		again.Header = headers[min(i, len(headers)-1)]
		tables[i] = &again
	}
	in.take(tables)
}

// Sheet is the table of another sheet of the same input, nil without it.
func (t *Table) Sheet(h *source.Header) *Table {
	for _, s := range t.Sheets {
		if s.Header == h {
			return s
		}
	}
	return nil
}

// TableAt is the table with this number, and in words where its rows stand.
func TableAt(inputs []*Input, number int) (*Table, string) {
	for _, in := range inputs {
		if sheets := in.Table.Sheets; number >= len(sheets) {
			number -= len(sheets)
			continue
		}
		t := in.Table.Sheets[number]
		if t.Header.Sheet != "" && len(in.Table.Sheets) > 1 {
			return t, in.Name + ", sheet " + t.Header.Sheet
		}
		return t, in.Name
	}
	panic("pipeline: a row is of no table")
}

// Count adds rows to those read of a sheet of the input, and the blank ones that were passed over.
func (in *Input) Count(sheet string, rows, blank int64) {
	in.Rows += rows
	if in.Read == nil {
		in.Read, in.Blank = make(map[string]int64), make(map[string]int64)
	}
	in.Read[sheet] += rows
	in.Blank[sheet] += blank
}

// TableNumber counts the tables of all inputs up to t, which is one of the n-th input.
func TableNumber(inputs []*Input, n int, t *Table) (number int) {
	for _, in := range inputs[:n] {
		number += len(in.Table.Sheets)
	}
	for i, one := range inputs[n].Table.Sheets {
		if one == t {
			return number + i
		}
	}
	return number // a header that grew
}
