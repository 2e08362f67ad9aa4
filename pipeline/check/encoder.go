package check

import (
	"strings"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/outcome"
	"muster/pipeline/redact"
	"muster/pipeline/report"
	"muster/pipeline/suggest"
)

// Encoder words what the reports hold of a row. It belongs to one goroutine.
type Encoder struct {
	Registered map[string]outcome.Code
	Redactor   *redact.Redactor
	worded     map[outcome.Problem]string // messages, by problems without their column; see mostWorded
	last       outcome.Problem            // that was worded: three reports say each
	lastWorded string
	suggested  map[suggest.Cell]string // what was likely meant; as many

	table  *bind.Table // whose file and sheet source has
	source []byte
}

// mostWorded bounds how many messages and suggestions are remembered: most files have a few of them over and over, and
// some a new one for every row.
const mostWorded = 256

// longestRemembered is how many bytes a cell may have whose suggestion is remembered.
const longestRemembered = 512

// NewEncoder makes an encoder that hides values as the run was told.
func NewEncoder(how redact.Redaction) *Encoder {
	k := &Encoder{Registered: map[string]outcome.Code{}, Redactor: redact.New(how),
		worded: map[outcome.Problem]string{}, suggested: map[suggest.Cell]string{}}
	for _, c := range outcome.Codes() {
		k.Registered[c.Code] = c
	}
	return k
}

// Another is one for another goroutine that writes the same.
func (k *Encoder) Another() *Encoder {
	return &Encoder{Registered: k.Registered, Redactor: k.Redactor.Another(), worded: map[outcome.Problem]string{},
		suggested: map[suggest.Cell]string{}}
}

// write puts the lines of the i-th of w's rows into w.
func (k *Encoder) write(w *block.Block, i int) {
	row, checked := &w.Parsed.Rows[i], &w.Rows[i]
	from := len(w.Said)
	switch len(w.Found(checked)) {
	case 0:
		w.Said = report.AppendPlain(w.Said, k.sourceOf(w.Table), row.Line, k.Redactor.Hide(w.Key(checked)),
			checked.Status.String())
	default:
		o := w.Outcome(i, 0)
		w.Said = k.Outcome(w.Said, &o)
		start := len(w.Arena)
		w.Arena = k.Problems(w.Arena, &o)
		end := len(w.Arena)
		w.Arena = k.Reject(w.Arena, &o)
		checked.Noted, checked.Reject = block.Span{From: start, To: end}, block.Span{From: end, To: len(w.Arena)}
	}
	checked.Said = block.Span{From: from, To: len(w.Said)}
}

// Outcome appends the row's line in outcomes.csv.
func (k *Encoder) Outcome(dst []byte, o *block.Outcome) []byte {
	line := report.OutcomeLine{Source: k.sourceOf(o.Table), Line: o.Line, Key: k.Redactor.Hide(o.Key),
		Status: o.Status.String(), CustomerID: o.CustomerID, Detail: o.Detail}
	if len(o.Problems) > 0 {
		first := o.Problems[0]
		line.Code, line.Column, line.Detail = first.Code, o.Table.Column(first.Column), k.Message(first)
		if o.Status == outcome.Duplicate && o.Detail != "" {
			line.Detail = o.Detail + "; " + line.Detail // whose duplicate it is comes first, as in a check
		}
	}
	return report.AppendOutcome(dst, &line)
}

func (k *Encoder) sourceOf(t *bind.Table) []byte {
	if t != k.table {
		k.table, k.source = t, report.AppendSource(k.source[:0], t.Header.File, t.Header.Sheet)
	}
	return k.source
}

// Problems appends the row's lines in problems.csv.
func (k *Encoder) Problems(dst []byte, o *block.Outcome) []byte {
	header := o.Table.Header
	for _, p := range o.Problems {
		l := report.ProblemLine{File: header.File, Sheet: header.Sheet, Line: o.Line, Column: o.Table.Column(p.Column),
			Code: p.Code, Message: k.Message(p), Fix: k.Registered[p.Code].Fix, Severity: p.Severity()}
		l.Suggestion = k.suggestion(o, p)
		if p.Column >= 0 {
			l.Cell = header.Address(p.Column, o.Number)
		}
		dst = report.AppendProblem(dst, &l)
	}
	return dst
}

// suggestion is the value that was likely meant in a problem's cell, "" where nothing is likely or values are hidden.
func (k *Encoder) suggestion(o *block.Outcome, p outcome.Problem) string {
	if p.Column < 0 || p.Column >= len(o.Cells) || k.Redactor.Hides() {
		return ""
	}
	cell := suggest.Cell{Code: p.Code, Expected: p.Detail, Text: string(o.Cells[p.Column])}
	if len(cell.Text) > longestRemembered {
		return suggest.For(cell)
	}
	meant, known := k.suggested[cell]
	if !known {
		if len(k.suggested) == mostWorded {
			clear(k.suggested)
		}
		meant = suggest.For(cell)
		k.suggested[cell] = meant
	}
	return meant
}

// Reject appends the row's line in the file of rejects, nothing where it has no cells to be given back.
func (k *Encoder) Reject(dst []byte, o *block.Outcome) []byte {
	if o.Cells == nil || outcome.Warns(o.Problems) {
		return dst
	}
	first := o.Problems[0]
	return report.AppendReject(dst, k.Redactor.HideAll(o.Cells), first.Code, o.Table.Column(first.Column),
		k.Message(first), k.Registered[first.Code].Fix)
}

// Message words a problem: what the code means, and what exactly.
func (k *Encoder) Message(p outcome.Problem) string {
	meaning := k.Registered[p.Code].Meaning
	if p.Warning {
		meaning = "warning: " + meaning
	}
	if p.Dropped {
		p.Detail, p.Dropped = strings.TrimPrefix(p.Detail+"; the record goes without this cell", "; "), false
	}
	if p.Detail == "" {
		return meaning
	}
	if meaning == "" {
		return p.Detail
	}
	p.Column = 0
	if p == k.last {
		return k.lastWorded
	}
	message, known := k.worded[p]
	if !known {
		if len(k.worded) == mostWorded {
			clear(k.worded)
		}
		message = meaning + ": " + p.Detail
		k.worded[p] = message
	}
	k.last, k.lastWorded = p, message
	return message
}
