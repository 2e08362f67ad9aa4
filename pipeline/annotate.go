package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"muster/pipeline/report"
)

// notesShown is how many of a row's problems its note in the annotated file words; the others are in problems.csv.
const notesShown = 8

// annotate gives a row back as it was read, with what is wrong with it. cells are nil where they could not be told apart.
func (r *Reconciler) annotate(o *Outcome, cells [][]byte) error {
	if r.annotated == nil {
		return nil
	}
	if o.Table != r.annotatedTable {
		if err := r.annotated.Begin(o.Table.Header.Names[:o.Table.width]); err != nil {
			return err
		}
		r.annotatedTable = o.Table
	}
	return r.annotated.Add(r.redactor.HideAll(cells), r.wording(o))
}

// wording puts all problems of a row into one note.
func (r *Reconciler) wording(o *Outcome) report.Note {
	if len(o.Problems) == 0 {
		return report.Note{}
	}
	var codes, columns, messages, fixes []string
	for _, p := range o.Problems[:min(len(o.Problems), notesShown)] {
		message := r.message(p)
		if p.Column >= 0 {
			message = address(p.Column, o.Number) + " " + message
			columns = append(columns, o.Table.Column(p.Column))
		}
		codes, messages = append(codes, p.Code), append(messages, message)
		if fix := r.codes[p.Code].Fix; !slices.Contains(fixes, fix) {
			fixes = append(fixes, fix)
		}
	}
	if more := len(o.Problems) - notesShown; more > 0 {
		messages = append(messages, fmt.Sprintf("and %d more, see problems.csv", more))
	}
	return report.Note{Code: strings.Join(slices.Compact(codes), "; "), Column: strings.Join(slices.Compact(columns), "; "),
		Message: strings.Join(messages, "; "), Fix: strings.Join(fixes, "; ")}
}

// annotates refuses inputs that are no tables: their records have no cells to give back in columns.
func (c *Config) annotates(inputs []*Input) error {
	if !c.Annotate {
		return nil
	}
	for _, in := range inputs {
		if in.table.Header.Line == 0 {
			return &UsageError{fmt.Errorf("%s has no header line, and --annotate gives tables back: rejects.csv has the refused records", in.Name)}
		}
	}
	return nil
}

// closeAnnotated ends the annotated files and names them.
func (r *Reconciler) closeAnnotated(s *report.Summary) error {
	if r.annotated == nil {
		return nil
	}
	paths, err := r.annotated.Close()
	for _, p := range paths {
		s.Files = append(s.Files, report.File{Kind: kindOf(p), Path: p})
	}
	return err
}
