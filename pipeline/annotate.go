package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/report"
)

// notesShown is how many of a row's problems its note in the annotated file words; the others are in problems.csv.
const notesShown = 8

// annotateAll gives the rows of a block back.
func (r *Reconciler) annotateAll(w *block.Block) error {
	if r.annotated == nil {
		return nil
	}
	for i := range w.Rows {
		o := w.Outcome(i, 0)
		if err := r.annotate(&o, w.Parsed.Rows[i].Cells); err != nil {
			return err
		}
	}
	return nil
}

// annotate gives a row back as it was read, with what is wrong with it. cells are nil where they could not be told
// apart.
func (r *Reconciler) annotate(o *block.Outcome, cells [][]byte) error {
	if o.Table != r.annotatedTable {
		if err := r.annotated.Begin(o.Table.Header.Names[:o.Table.Width]); err != nil {
			return err
		}
		r.annotatedTable = o.Table
	}
	return r.annotated.Add(r.encoder.Redactor.HideAll(cells), r.wording(o))
}

// wording puts all problems of a row into one note.
func (r *Reconciler) wording(o *block.Outcome) report.Note {
	if len(o.Problems) == 0 {
		return report.Note{}
	}
	var codes, columns, messages, fixes []string
	for _, p := range o.Problems[:min(len(o.Problems), notesShown)] {
		message := r.encoder.Message(p)
		if p.Column >= 0 {
			message = bind.Address(p.Column, o.Number) + " " + message
			columns = append(columns, o.Table.Column(p.Column))
		}
		codes, messages = append(codes, p.Code), append(messages, message)
		if fix := r.encoder.Registered[p.Code].Fix; !slices.Contains(fixes, fix) {
			fixes = append(fixes, fix)
		}
	}
	if more := len(o.Problems) - notesShown; more > 0 {
		messages = append(messages, fmt.Sprintf("and %d more, see problems.csv", more))
	}
	return report.Note{Code: strings.Join(slices.Compact(codes), "; "),
		Column:  strings.Join(slices.Compact(columns), "; "),
		Message: strings.Join(messages, "; "), Fix: strings.Join(fixes, "; ")}
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
