package bind

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"muster/mappings"
	"muster/mappings/guess"
	"muster/pipeline/printable"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// guess makes a mapping for an input that has none: it is taken where every column of it is as sure as the
// user asks, and else only written down for a person to edit. The error is *NoMapping, or of reading.
func (in *Input) guess(c *Options, attributes []mappings.Attribute, misfit error) ([]byte, error) {
	first := in.Reader.Header()
	rows, err := in.sample(first.Sheet)
	if err != nil {
		return nil, err
	}
	g := guess.Infer(OwnNames(in.Reader.Header()), rows,
		guess.Options{Attributes: attributes, Region: c.Region, File: filepath.Base(in.Name)})
	path := filepath.Join(c.State, "guesses", filepath.Base(MappingBeside(in.Name)))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), trust.WriteWhole(path, g.YAML())); err != nil {
		return nil, fmt.Errorf("write the guess down: %w", err)
	}
	lost := &NoMapping{File: in.Name, Err: misfit, Guess: path, Wanted: c.Confidence, Unsure: g.Below(c.Confidence)}
	lost.Sheets = in.unlike(first)
	if in.Name != "-" {
		lost.Asking = "muster start " + printable.File(in.Name) + c.Asking
	}
	in.Makes = attributes == nil && len(strangersOf(g, nil)) > 0
	if strangers := strangersOf(g, attributes); attributes != nil && !c.Create && len(strangers) > 0 {
		if len(lost.Unsure) == 0 {
			lost.Making = c.Making
		}
		lost.Unsure = append(lost.Unsure, strangers...)
	}
	text := g.Open() // the whole column shows how its dates are written, not the first rows alone
	switch {
	case c.BestGuess:
		text = g.Best()
		in.Unsure = in.unsureOf(g, first.Sheet, c.Confidence)
	case len(lost.Unsure) > 0 || len(rows) == 0:
		return nil, lost
	}
	m, err := mappings.Parse("guess", text)
	if err != nil {
		return nil, lost
	}
	in.Binder.Mapping, in.Mapping, in.Rules, in.Guessed = m, m.Name, digestOf(text), text
	in.said = fmt.Sprintf("%s: a guess, every column of it at least %.0f %% sure: %s", in.Name, 100*g.Least(), path)
	if c.BestGuess && len(lost.Unsure) > 0 {
		in.said = fmt.Sprintf("%s: the best guess; %d of %d columns need your decision: %s", in.Name, len(lost.Unsure),
			len(g.Columns), path)
	}
	if c.BestGuess && len(lost.Sheets) > 0 {
		if err := in.guessOthers(c, attributes); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(in.Reopen(), in.bindAll()); err != nil {
		return nil, lost
	}
	return text, nil
}

// strangersOf are the columns that a guess would send to attributes which are not among these.
func strangersOf(g *guess.Guess, attributes []mappings.Attribute) (names []string) {
	for _, c := range g.Columns {
		name, own := strings.CutPrefix(c.Target, "custom.")
		known := false
		for _, a := range attributes {
			known = known || a.Active && strings.EqualFold(a.Name, name)
		}
		if own && !known {
			names = append(names, fmt.Sprintf("%q (the org has no attribute %s)", c.Name, name))
		}
	}
	return names
}

// fillsOwn says whether the input fills attributes of the org's own.
func (in *Input) fillsOwn() bool {
	return slices.ContainsFunc(in.Table.Sheets, func(t *Table) bool {
		return slices.ContainsFunc(t.Plan.Slots, func(s mappings.Slot) bool { return strings.HasPrefix(s.Path, "custom.") })
	})
}

// sample reads the first rows of a sheet from the beginning of the input, and leaves its reader open at none.
func (in *Input) sample(sheet string) (rows [][]string, err error) {
	in.Close()
	if err := in.Reopen(); err != nil {
		return nil, err
	}
	var chunk source.Chunk
	var block source.Block
	for len(rows) < SampleRows {
		if err := in.Reader.Cut(&chunk); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		in.Reader.Parse(&chunk, &block)
		if block.Header.Sheet != sheet {
			continue
		}
		for i := range block.Rows {
			if row := &block.Rows[i]; row.Code == "" && len(rows) < SampleRows {
				cells := make([]string, len(row.Cells))
				for k, cell := range row.Cells {
					cells[k] = string(cell)
				}
				rows = append(rows, cells)
			}
		}
	}
	in.Close()
	return rows, in.Reopen()
}

// SampleRows is how many rows a proposal looks at: enough that a column of dates shows a day above
// twelve unless there is a reason, few enough to be read while a person waits.
const SampleRows = 5000
