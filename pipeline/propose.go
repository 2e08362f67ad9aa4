package pipeline

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"muster/mappings"
	"muster/pipeline/source"
)

// sampleRows is how many rows a proposal looks at: enough that a column of dates shows a day above
// twelve unless there is a reason, few enough to be read while a person waits.
const sampleRows = 5000

// Proposal is a mapping for a file that has none yet.
type Proposal struct {
	Text   []byte // the mapping file, to be read over by a person
	Said   string // one line: which preset it is and how surely, or how sure the guess is
	Preset bool   // it is a built-in preset, not a guess
}

// Propose makes a mapping for a file: the preset that its header shows, unless presets is false, else
// a guess by names and values. name "-" is stdin. The error is of reading the file.
func Propose(name string, stdin io.Reader, o source.Options, region string, presets bool) (*Proposal, error) {
	names, rows, err := sample(name, stdin, o)
	if err != nil {
		return nil, err
	}
	if m, sure := mappings.Recognise(names); presets && m != nil && sure >= mappings.Sure {
		preset := presetName(m)
		return &Proposal{Text: mappings.PresetFile(preset), Preset: true,
			Said: fmt.Sprintf("%s: recognised as %s (preset %s, %.0f %% sure)", name, m.Match.Name, preset, 100*sure)}, nil
	}
	g := mappings.Infer(names, rows, mappings.GuessOptions{Region: region, File: filepath.Base(name)})
	return &Proposal{Text: g.YAML(), Said: fmt.Sprintf("%s: a guess from the header and %d rows; %d of %d columns are less than %.0f %% sure",
		name, len(rows), g.Unsure(), len(names), 100*mappings.GuessLimit)}, nil
}

// sample reads the header and the first rows of a file. Rows that cannot be trusted are left out.
func sample(name string, stdin io.Reader, o source.Options) (names []string, rows [][]string, err error) {
	names, err = eachRow(name, stdin, o, func(_ *source.Header, row *source.Row) bool {
		cells := make([]string, len(row.Cells))
		for i, c := range row.Cells {
			cells[i] = string(c)
		}
		rows = append(rows, cells)
		return len(rows) < sampleRows
	})
	return names, rows, err
}

// eachRow calls do for every trustworthy row until it returns false, and gives the columns: of JSON,
// those of the longest header met.
func eachRow(name string, stdin io.Reader, o source.Options, do func(h *source.Header, row *source.Row) bool) (names []string, err error) {
	reader, err := source.Open(name, stdin, o)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	names = ownNames(reader.Header())
	var chunk source.Chunk
	var block source.Block
	for {
		if err := reader.Cut(&chunk); errors.Is(err, io.EOF) {
			return names, nil
		} else if err != nil {
			return names, err
		}
		reader.Parse(&chunk, &block)
		if own := ownNames(block.Header); len(own) > len(names) {
			names = own
		}
		for i := range block.Rows {
			if row := &block.Rows[i]; row.Code == "" && !do(block.Header, row) {
				return names, nil
			}
		}
	}
}

// A Lint is what a mapping makes of a file.
type Lint struct {
	Rows    int      // rows looked at
	Skipped int      // of them, left out by the mapping's filter
	Omitted []string // columns left out by policy, and why
	Faults  []Fault  // by column and code, in the order they were met
}

// A Fault is one kind of problem in one column.
type Fault struct {
	Column, Code, Expected string
	Line                   int64 // of the first
	Count                  int
}

// LintMapping holds a mapping file to the columns of a file and to its first rows. The error is
// mappings.Mistakes, *mappings.BindError, or of reading either file.
func LintMapping(mapping, name string, stdin io.Reader, o source.Options, region string) (*Lint, error) {
	text, err := os.ReadFile(mapping)
	if err != nil {
		return nil, &UsageError{fmt.Errorf("read the mapping: %w", err)}
	}
	m, err := mappings.Parse(mapping, text)
	if err != nil {
		return nil, err
	}
	l, linter := &Lint{}, linter{mapping: m, region: region}
	var bound error
	names, err := eachRow(name, stdin, o, func(h *source.Header, row *source.Row) bool {
		bound = linter.row(l, h, row)
		return bound == nil && l.Rows < sampleRows
	})
	if err == nil && linter.plan == nil && bound == nil { // no rows: the columns can be judged still
		linter.plan, bound = m.Bind(names, mappings.BindOptions{Region: region})
	}
	if err != nil || bound != nil {
		return nil, errors.Join(err, bound)
	}
	for _, o := range linter.plan.Omitted {
		l.Omitted = append(l.Omitted, fmt.Sprintf("%s (%s)", names[o.Column], o.Why))
	}
	return l, nil
}

// A linter maps the rows of one file.
type linter struct {
	mapping *mappings.Mapping
	region  string
	header  *source.Header
	plan    *mappings.Plan
	record  mappings.Record
}

func (r *linter) row(l *Lint, h *source.Header, row *source.Row) error {
	if h != r.header {
		o := mappings.BindOptions{Region: r.region}
		if h.Line == 0 {
			o.Missing = "ignore" // a key may first appear late
		}
		plan, err := r.mapping.Bind(ownNames(h), o)
		if err != nil {
			return err
		}
		r.header, r.plan = h, plan
	}
	l.Rows++
	r.plan.Map(row.Cells, row.Kinds, &r.record)
	if r.record.Skipped {
		l.Skipped++
	}
	for _, p := range r.record.Problems {
		l.note(columnName(h, p.Column), p, row.Line)
	}
	return nil
}

func columnName(h *source.Header, i int) string {
	if i < 0 || i >= len(h.Names) {
		return ""
	}
	return h.Names[i]
}

func (l *Lint) note(column string, p mappings.Problem, line int64) {
	for i := range l.Faults {
		if f := &l.Faults[i]; f.Column == column && f.Code == p.Code {
			f.Count++
			return
		}
	}
	l.Faults = append(l.Faults, Fault{Column: column, Code: p.Code, Expected: p.Detail, Line: line, Count: 1})
}
