package nightly

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline"
	"muster/pipeline/config"
	"muster/pipeline/outcome"
	"muster/pipeline/source"
)

// letter is a column of the table as a spreadsheet calls it.
func (t *table) letter(name string) string {
	return letter(slices.IndexFunc(t.Columns, func(c column) bool { return c.Name == name }))
}

func letter(i int) string { return strings.TrimRight(source.Address(i, 0), "0") }

// fewKnown is how small a part of a header's names the night before may know for the header to be missing: a first row
// that stands in its place has a name of it by accident only.
const fewKnown = 0.2

// headless says whether a table lacks its header, so that its first row is taken for one: hardly a name of it is known.
func headless(before, now *table) bool {
	if !before.Headed || len(before.Columns) < 2 || len(now.Columns) == 0 {
		return false
	}
	known, lettered := 0, 0
	for i, c := range now.Columns {
		if before.column(c.Name) != nil {
			known++
		}
		if c.Name == letter(i) {
			lettered++
		}
	}
	if now.Headed {
		return float64(known) <= fewKnown*float64(len(now.Columns))
	}
	return lettered == len(now.Columns) // a table, and no format that never has a header
}

func saysHeadless(now *table) string {
	if !now.Headed {
		return fmt.Sprintf("the header is missing: the first line of %d columns is a row", len(now.Columns))
	}
	return fmt.Sprintf("the header is missing, or all of it is new: hardly one of the names of columns A to %s is known",
		letter(len(now.Columns)-1))
}

// headed stops the night before a run is begun where a file lacks its header: reports name columns by their headers,
// and these would be a customer's cells.
func (s *jobRun) headed(c pipeline.Config) error {
	if len(s.memory.Good) == 0 || s.job.Guards.Columns != config.Stop {
		return nil
	}
	for _, path := range c.Files {
		reader, err := source.Open(path, nil, c.Source)
		if err != nil {
			return nil // the run says what is wrong with it
		}
		now := tableOf(reader.Header())
		reader.Close()
		tonight := shape{At: s.Now().UTC(), Tables: []table{now}}
		good := unveiled(s.memory.Good, &tonight, s.veil)
		last := good[len(good)-1]
		before := last.table(now.Sheet)
		if before == nil || !headless(before, &now) {
			continue
		}
		f := Finding{"columns", config.Stop, saysHeadless(&now)}
		tonight.Rows, tonight.Invalid = last.Rows, last.Invalid
		s.result.Findings = append(s.result.Findings, f)
		s.memory.Stopped = &stopped{At: s.Now().UTC(), Findings: []Finding{f}, Shape: tonight.veiled(s.memory.Good, s.veil)}
		return &outcome.GuardError{Guard: "columns", Reason: f.Says,
			Fix: "have the file sent again with its header; if it is meant to have none, or this one, " + s.onceItFits()}
	}
	return nil
}

// tableOf is a table of which only the header was seen.
func tableOf(head *source.Header) table {
	t := table{Sheet: head.Sheet, Headed: head.Line > 0, Columns: make([]column, len(head.Names))}
	for i, name := range head.Names {
		t.Columns[i] = column{Name: name, Filled: -1}
	}
	return t
}

// veilMark begins what stands in the ledger for the name of a column that no good night has seen.
const veilMark = "#"

// veil is what stands for a name, by which it is known again and not read.
func (s *jobRun) veil(name string) string {
	return fmt.Sprintf("%s%x", veilMark, s.ledger.Key("column", []byte(name)))
}

// veiled is the shape as the ledger may keep it: what no good night has seen has no name, since it may be a customer's
// cell.
func (s *shape) veiled(good []shape, veil func(string) string) shape {
	return s.renamed(func(sheet, name string) string {
		for i := range good {
			if t := good[i].table(sheet); t != nil && t.column(name) != nil {
				return name
			}
		}
		return veil(name)
	})
}

// unveiled are shapes with the names that tonight's columns have.
func unveiled(good []shape, now *shape, veil func(string) string) []shape {
	names := map[string]string{}
	for i := range now.Tables {
		for _, c := range now.Tables[i].Columns {
			names[veil(c.Name)] = c.Name
		}
	}
	all := make([]shape, len(good))
	for i := range good {
		all[i] = good[i].renamed(func(_, name string) string {
			if plain, is := names[name]; is && strings.HasPrefix(name, veilMark) {
				return plain
			}
			return name
		})
	}
	return all
}

func (s *shape) renamed(to func(sheet, name string) string) shape {
	other := *s
	other.Tables = slices.Clone(s.Tables)
	for i := range other.Tables {
		t := &other.Tables[i]
		t.Columns = slices.Clone(t.Columns)
		for k := range t.Columns {
			t.Columns[k].Name = to(t.Sheet, t.Columns[k].Name)
		}
	}
	return other
}

// unnamed takes the names out of an error that nobody but the mapping has seen before: it goes to logs, to webhooks and
// into the ledger, and where the header is missing they are a customer's cells.
func (s *jobRun) unnamed(err error, columns *mappings.BindError) error {
	if !errors.As(err, new(*mappings.BindError)) {
		return err // a guard's, which has none
	}
	var lines []string
	strange := 0
	for _, m := range columns.Mistakes {
		switch m.Kind {
		case mappings.Unmapped:
			strange += max(1, len(m.Columns))
		case mappings.Missing, mappings.Invalid:
			lines = append(lines, m.Message) // the mapping's own name; near ones of the file are not told
		case mappings.Doubled:
			lines = append(lines, fmt.Sprintf("%d of its columns go to %s", len(m.Columns), m.Target))
		default:
			lines = append(lines, fmt.Sprintf("%d of its columns can mean two things", max(1, len(m.Columns))))
		}
	}
	if strange > 0 {
		verb := "are"
		if strange == 1 {
			verb = "is"
		}
		lines = append(lines, fmt.Sprintf("%d of its columns %s not mapped yet: muster check names them; where it is all "+
			"of them, the header is missing", strange, verb))
	}
	if strange > 0 && s.job.Mapping == "" {
		lines = append(lines, nameOne)
	}
	which := "one of the files " // each is fitted by itself, and the first that does not fit ends it
	if len(s.taken.Entries) == 1 {
		which = "the file "
	}
	names := make([]string, len(s.taken.Entries))
	for i := range names {
		names[i] = s.taken.Entries[i].Name
	}
	return &outcome.UsageError{Err: fmt.Errorf("the mapping does not fit %s%s: %s", which, strings.Join(names, ", "),
		strings.Join(lines, "; "))}
}
