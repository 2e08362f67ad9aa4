package history

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"muster/pipeline"
	"muster/pipeline/report"
	"muster/pipeline/source"
)

// inInputs finds rows in the inputs of the run, as long as they are what the run read: a key among
// the cells of a row, or a row that the reports do not have yet.
func (h *History) inInputs(run report.Past, w *wanted) ([]found, error) {
	files, options := h.inputsOf(run)
	if slices.Contains(files, "-") {
		return nil, nil
	}
	options.Scratch = h.state // what a reader must keep of customers stays in the user's own directory
	search := &rowSearch{wanted: w}
	for _, path := range files {
		if err := search.read(path, options); err != nil {
			if errors.Is(err, errEnough) {
				return search.rows, nil
			}
			return nil, err
		}
	}
	return search.rows, nil
}

// inputsOf are the files of a run that are still as it read them: all of them, or none.
func (h *History) inputsOf(run report.Past) ([]string, source.Options) {
	if s, err := pipeline.LoadSettings(h.state, run.Run); err == nil {
		return s.Unaltered(), s.Config.Source
	}
	r, err := h.Report(run)
	if err != nil {
		return nil, source.Options{}
	}
	var files []string
	for _, in := range r.Inputs {
		if !slices.Contains(files, in.File) {
			files = append(files, in.File)
		}
	}
	return files, source.Options{}
}

// rowSearch reads rows one after the other and keeps the place of those that are asked for.
type rowSearch struct {
	*wanted
	rows    []found
	ordinal int64 // of the next row
}

func (s *rowSearch) read(path string, options source.Options) error {
	reader, err := source.Open(path, nil, options)
	if err != nil {
		return nil // an input that is not there any more tells nothing
	}
	defer reader.Close()
	var chunk source.Chunk
	var block source.Block
	for {
		err := reader.Cut(&chunk)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		reader.Parse(&chunk, &block)
		for i := range block.Rows {
			if len(s.rows) == mostStories {
				return errEnough
			}
			s.look(&block, &block.Rows[i])
			s.ordinal++
		}
	}
}

func (s *rowSearch) look(b *source.Block, row *source.Row) {
	if s.is(s.ordinal, b.Header.File, row.Line) || slices.ContainsFunc(row.Cells, s.holds) {
		s.rows = append(s.rows, found{ordinal: s.ordinal,
			row: report.OutcomeRow{File: b.Header.File, Sheet: b.Header.Sheet, Line: row.Line}})
	}
}

// holds tells whether a cell is the key that is asked for.
func (s *rowSearch) holds(cell []byte) bool {
	cell = bytes.TrimSpace(cell)
	if len(cell) == 0 {
		return false
	}
	for _, v := range s.values {
		if bytes.EqualFold(cell, []byte(v)) || (v[0] == '+' && cell[0] == '+' && phoneOnly.Replace(string(cell)) == v) {
			return true
		}
	}
	return false
}
