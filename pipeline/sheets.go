package pipeline

import (
	"errors"
	"fmt"

	"muster/mappings"
	"muster/pipeline/source"
)

// headers are those of the input's tables: one, or one for each sheet of a workbook.
func (in *Input) headers() []*source.Header {
	if several, ok := in.reader.(source.Tables); ok {
		return several.Headers()
	}
	return []*source.Header{in.reader.Header()}
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
	if n == 0 || !in.free || in.guessed != nil {
		return in.binder
	}
	m, sure := mappings.Recognise(ownNames(h))
	first := in.binder.mapping
	switch {
	case m != nil && m.Name == first.Name: // sure or not: it is that of the table before
		return in.binder
	case m == nil || sure < mappings.Sure:
		if m = mappings.Standard(); m.Name == first.Name {
			return in.binder
		}
	}
	own := *in.binder
	own.mapping = m
	return &own
}

// otherRules are the bytes of the mappings of tables that have another than the first, for the fingerprint.
func (in *Input) otherRules() (raw []byte) {
	for _, t := range in.table.sheets {
		if m := t.binder.mapping; m != in.binder.mapping && m.Match != nil {
			raw = append(raw, mappings.PresetFile(presetName(m))...)
		}
	}
	return raw
}

// take makes the tables those of the input. Each knows the others, so that a checker that holds one finds them.
func (in *Input) take(tables []*Table) {
	for _, t := range tables {
		t.sheets = tables
	}
	in.table = tables[0]
}

// rebind gives the tables the headers of a second opening, which are new and say the same.
func (in *Input) rebind() {
	headers := in.headers()
	tables := make([]*Table, len(in.table.sheets))
	for i, t := range in.table.sheets {
		again := *t
		again.Header = headers[min(i, len(headers)-1)]
		tables[i] = &again
	}
	in.take(tables)
}

// sheet is the table of another sheet of the same input, nil without it.
func (t *Table) sheet(h *source.Header) *Table {
	for _, s := range t.sheets {
		if s.Header == h {
			return s
		}
	}
	return nil
}

// count adds w's rows to those read of the input.
func (in *Input) count(w *work) {
	n := int64(len(w.rows))
	in.rows += n
	if in.read == nil {
		in.read, in.blank = make(map[string]int64), make(map[string]int64)
	}
	in.read[w.block.Header.Sheet] += n
	in.blank[w.block.Header.Sheet] += w.block.Blank
}

// tableNumber counts the tables of all inputs up to the one that w's rows are of.
func tableNumber(inputs []*Input, w *work) int {
	n := 0
	for _, in := range inputs[:w.input] {
		n += len(in.table.sheets)
	}
	for i, t := range inputs[w.input].table.sheets {
		if t == w.table {
			return n + i
		}
	}
	return n // a header that grew
}

// tableAt is the table with this number, and in words where its rows stand.
func tableAt(inputs []*Input, number int) (*Table, string) {
	for _, in := range inputs {
		if sheets := in.table.sheets; number >= len(sheets) {
			number -= len(sheets)
			continue
		}
		t := in.table.sheets[number]
		if t.Header.Sheet != "" && len(in.table.sheets) > 1 {
			return t, in.Name + ", sheet " + t.Header.Sheet
		}
		return t, in.Name
	}
	panic("pipeline: a row is of no table")
}
