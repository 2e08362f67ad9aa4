// Package draft writes a mapping for a file that has none, and says what a mapping makes of a file.
package draft

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"muster/mappings"
	"muster/mappings/guess"
	"muster/pipeline/bind"
	"muster/pipeline/source"
)

// Proposal is a mapping for a file that has none yet.
type Proposal struct {
	Text   []byte       // the mapping file, to be read over by a person
	Said   string       // one line: which preset it is and how surely, or how sure the guess is
	Preset bool         // it is a built-in preset, not a guess
	Guess  *guess.Guess // what Text was written of, to be asked about; nil of a preset
	Names  []string     // of the file's columns
}

// Propose makes a mapping for a file: the preset that its header shows, unless presets is false, else
// a guess by names and values. name "-" is stdin. The error is of reading the file.
func Propose(ctx context.Context, name string, stdin io.Reader, o source.Options, region string,
	presets bool) (*Proposal, error) {
	names, rows, err := sample(ctx, name, stdin, o)
	if err != nil {
		return nil, err
	}
	if m, sure := mappings.Recognise(names); presets && m != nil && sure >= mappings.Sure {
		preset := bind.PresetName(m)
		return &Proposal{Text: mappings.WithRegion(guess.WithUndecided(m, mappings.PresetFile(preset), names, rows, nil),
			region), Preset: true,
			Said: fmt.Sprintf("%s: recognised as %s (preset %s, %.0f %% sure)", name, m.Match.Name, preset, 100*sure)}, nil
	}
	g := guess.Infer(names, rows, guess.Options{Region: region, File: filepath.Base(name)})
	return &Proposal{Text: g.YAML(), Guess: g, Names: names,
		Said: fmt.Sprintf("%s: a guess from the header and %d rows; %d of %d columns are less than %.0f %% sure",
			name, len(rows), g.Unsure(), len(names), 100*guess.Limit)}, nil
}

// Attributes are the custom attributes that a guess sends columns to, as a mapping names them: it makes up their names.
func (p *Proposal) Attributes() (list []string) {
	if p.Guess == nil {
		return nil
	}
	for _, c := range p.Guess.Columns {
		if strings.HasPrefix(c.Target, "custom.") && !slices.Contains(list, c.Target) {
			list = append(list, c.Target)
		}
	}
	return list
}

// sample reads the header and the first rows of a file. Rows that cannot be trusted are left out.
func sample(ctx context.Context, name string, stdin io.Reader, o source.Options) (names []string, rows [][]string,
	err error) {
	names, err = eachRow(ctx, name, stdin, o, func(_ *source.Header, row *source.Row) bool {
		cells := make([]string, len(row.Cells))
		for i, c := range row.Cells {
			cells[i] = string(c)
		}
		rows = append(rows, cells)
		return len(rows) < bind.SampleRows
	})
	return names, rows, err
}

// eachRow calls do for every trustworthy row until it returns false, and gives the columns: of JSON,
// those of the longest header met.
func eachRow(ctx context.Context, name string, stdin io.Reader, o source.Options,
	do func(h *source.Header, row *source.Row) bool) (names []string, err error) {
	reader, err := bind.OpenSource(ctx, name, stdin, o)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	names = bind.OwnNames(reader.Header())
	var chunk source.Chunk
	var block source.Block
	for {
		if err := reader.Cut(&chunk); errors.Is(err, io.EOF) {
			return names, nil
		} else if err != nil {
			return names, err
		}
		reader.Parse(&chunk, &block)
		if own := bind.OwnNames(block.Header); len(own) > len(names) {
			names = own
		}
		for i := range block.Rows {
			if row := &block.Rows[i]; row.Code == "" && !do(block.Header, row) {
				return names, nil
			}
		}
	}
}
