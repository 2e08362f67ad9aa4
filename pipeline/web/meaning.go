package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/mappings"
	"muster/mappings/guess"
	"muster/pipeline/bind"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// A meaning is what is known of a file's columns: from its first rows, and by whom they were recognised.
type meaning struct {
	names  []string
	guess  *guess.Guess
	rows   []storedRow // the first of the file that can be trusted
	preset string      // what people call files of this kind; "" nobody knows it
}

// mappingPath is the session's mapping, as commands name it.
func (s *session) mappingPath() string {
	if s.record.Leader != "" {
		return filepath.Join(s.store.dir, s.record.Leader, "mapping.yaml")
	}
	return s.path("mapping.yaml")
}

// understand reads the first rows and what their columns most likely are, and writes a mapping where there is none yet:
// the one beside the file, the preset of the system that wrote it, or a guess. The caller holds mu.
func (s *session) understand(ctx context.Context) (*meaning, error) {
	s.refresh()
	if s.tables.meaning != nil {
		return s.tables.meaning, nil
	}
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	m := &meaning{names: bind.OwnNames(r.Header())}
	var sample [][]string
	err = firstRows(r, bind.SampleRows, func(h *source.Header, row *source.Row) {
		if own := bind.OwnNames(h); len(own) > len(m.names) {
			m.names = own
		}
		if row.Code != "" {
			return
		}
		one := storedRow{Line: row.Line, Number: row.Number, Kinds: slices.Clone(row.Kinds)}
		for _, c := range row.Cells {
			one.Cells = append(one.Cells, string(c))
		}
		m.rows, sample = append(m.rows, one), append(sample, one.Cells)
	})
	if err != nil {
		return nil, err
	}
	m.guess = guess.Infer(m.names, sample, guess.Options{Region: s.record.Reading["region"], File: s.name()})
	if err := s.beginMapping(m, sample); err != nil {
		return nil, err
	}
	if p, sure := mappings.Recognise(m.names); p != nil && sure >= mappings.Sure {
		m.preset = p.Match.Name
	}
	s.tables.meaning = m
	return m, nil
}

// beginMapping writes the mapping that a person begins with.
func (s *session) beginMapping(m *meaning, sample [][]string) error {
	if _, err := os.Lstat(s.mappingPath()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text := m.guess.YAML()
	if p, sure := mappings.Recognise(m.names); p != nil && sure >= mappings.Sure {
		text = guess.WithUndecided(p, mappings.PresetFile(bind.PresetName(p)), m.names, sample, nil)
	}
	if !s.record.Uploaded {
		// One that nobody named may have come with the export. The page names what it uses, and a mapping that is named joins
		// in any file that it says: so one that joins files in is not taken.
		if beside, err := trust.Read(bind.MappingBeside(s.record.File), 1<<20); err == nil {
			if m, err := mappings.Parse("mapping.yaml", beside); err == nil && len(m.Joins()) == 0 {
				text = beside
			}
		}
	}
	return trust.WriteWhole(s.mappingPath(), text)
}

// called is what a mapping calls a column: its name, or its place where it has none or shares it.
func (m *meaning) called(i int) string {
	name := m.names[i]
	if strings.TrimSpace(name) == "" || slices.Index(m.names, name) != i {
		return mappings.ColumnAt(i)
	}
	return name
}

// A columnRow is one row of the table of columns.
type columnRow struct {
	Place         int
	Name, Called  string
	Samples       []string
	Filled        int // percent of the first rows
	Target, Type  string
	Sentence      string // what the target is
	Percent       int    // how sure the guess was
	Reason        string
	Unsure        bool // as it was guessed: the order of rows hangs on it, and does not change when it is solved
	Decided       bool // by a person
	Lost          bool // holds values and goes nowhere
	Fate          string
	Options       map[string]string
	Readings      []string // layouts or decimal marks that fit equally well
	Complex       bool
	Values        []pair
	Choices       bool // so few different values that each can be mapped
	AttributeName string
	Suffix        string
}

// A view is the table of columns, with all that stands beside it.
type view struct {
	Columns  []columnRow
	Headline string
	Lost     []string
	Mistakes []string
	Preset   string
	YAML     string
	Cards    []card
	Recipes  []recipe
	Keys     string
}

// view puts together what the mapping makes of the columns. The caller holds mu.
func (s *session) view(ctx context.Context) (*view, error) {
	m, err := s.understand(ctx)
	if err != nil {
		return nil, err
	}
	text, err := trust.Read(s.mappingPath(), 1<<20)
	if err != nil {
		return nil, fmt.Errorf("read the mapping: %w", err)
	}
	v := &view{Preset: m.preset, YAML: string(text)}
	var document yaml.Node
	var columns *yaml.Node
	if yaml.Unmarshal(text, &document) == nil && len(document.Content) > 0 {
		columns = member(document.Content[0], "columns")
	}
	parsed, err := mappings.Parse("mapping.yaml", text)
	var plan *mappings.Plan
	if err == nil {
		v.Keys = strings.Join(parsed.Keys, ", ")
		plan, err = parsed.Bind(m.names, mappings.BindOptions{Region: s.record.Reading["region"],
			Dates: s.record.Reading["dates"], Missing: m.missing()})
	}
	if err != nil {
		v.Mistakes = mistakesOf(err)
	}
	targets := targetsByPath()
	for i := range m.names {
		v.Columns = append(v.Columns, s.columnRow(m, i, columns, parsed, plan, targets))
	}
	slices.SortStableFunc(v.Columns, func(a, b columnRow) int { return cmp.Compare(rank(b.Unsure), rank(a.Unsure)) })
	for _, c := range v.Columns {
		if c.Lost {
			v.Lost = append(v.Lost, c.Called)
		}
	}
	v.Headline = headline(v)
	v.Cards = cards(m, plan)
	v.Recipes = append(s.recalled(m, v.YAML), recipesFor(m, v.Columns)...)
	return v, nil
}

// missing: a key of a JSON file may come late.
func (m *meaning) missing() string {
	if len(m.rows) > 0 && m.rows[0].Kinds != nil {
		return mappings.Ignore
	}
	return ""
}

func rank(first bool) int {
	if first {
		return 1
	}
	return 0
}

func headline(v *view) string {
	unsure := 0
	for _, c := range v.Columns {
		if c.Unsure && !c.Decided && !c.Lost {
			unsure++
		}
	}
	switch {
	case len(v.Mistakes) > 0:
		return "The mapping cannot be used yet"
	case len(v.Lost) > 0:
		names := strings.Join(v.Lost[:min(len(v.Lost), 5)], ", ")
		if more := len(v.Lost) - 5; more > 0 {
			names += fmt.Sprintf(" and %d more", more)
		}
		return counted(len(v.Lost), "column goes nowhere", "columns go nowhere") + ": " + names
	case unsure > 0:
		return "Every column goes somewhere; have a look at " + counted(unsure, "that is not sure", "that are not sure")
	}
	return fmt.Sprintf("All %d columns are decided", len(v.Columns))
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

func mistakesOf(err error) (lines []string) {
	var mapping mappings.Mistakes
	var binding *mappings.BindError
	switch {
	case errors.As(err, &binding):
		for _, b := range binding.Mistakes {
			line := b.Message
			if b.Fix != "" {
				line += " (" + b.Fix + ")"
			}
			lines = append(lines, line)
		}
	case errors.As(err, &mapping):
		for _, one := range mapping {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("line %d: %s", one.Line, one.Message)))
		}
	default:
		lines = strings.Split(err.Error(), "\n")
	}
	return lines
}
