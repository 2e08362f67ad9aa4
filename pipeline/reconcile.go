package pipeline

import (
	"errors"

	"muster/pipeline/report"
)

// Reconciler is the last stage: it calls the roll. Every outcome is counted in one column of the
// balance and written to the reports, in the order of the input. It belongs to one goroutine.
type Reconciler struct {
	files  *report.Files
	tally  report.Tally
	codes  map[string]Code
	counts [statuses]int64
	rows   int64 // outcomes taken
	faulty int64 // rows with a problem
	torn   int64 // duplicates in conflict
	left   int64 // left alone since their plan is no longer true
	folds  foldRun
	tables map[*Table]int

	redactor *report.Redactor
	links    []report.Customer // the first customers of each status that have one
	linked   [statuses]int

	annotated      *report.Annotated // nil: not asked for
	annotatedTable *Table            // whose rows it is being given

	sourceTable               *Table // whose file and sheet source has
	source                    []byte
	outcome, reject, problems []byte
	ends                      []int // of lines, see plain
}

// NewReconciler writes its reports into files.
func NewReconciler(files *report.Files) *Reconciler {
	r := &Reconciler{files: files, codes: map[string]Code{}, tables: map[*Table]int{}}
	for _, c := range Codes() {
		r.codes[c.Code] = c
	}
	return r
}

// Take takes what the checks say of a block's rows, the first of which has that ordinal: rows of which there is nothing to say
// but that they are fit in one step, the others one by one.
func (r *Reconciler) Take(w *work, first int64) error {
	for i := 0; i < len(w.rows); {
		if n := r.plain(w, i); n > 0 {
			if err := r.files.AddPlain(first+int64(i), w.said[w.rows[i].said.from:w.rows[i+n-1].said.to], r.ends); err != nil {
				return err
			}
			r.counts[Unsent] += int64(n)
			r.rows += int64(n)
			i += n
			continue
		}
		o := w.outcome(i, first+int64(i))
		if err := errors.Join(r.annotate(&o, w.block.Rows[i].Cells), r.Add(&o)); err != nil {
			return err
		}
		i++
	}
	return nil
}

// plain counts the rows from i on whose lines the checker has made, and notes in ends where each line ends.
func (r *Reconciler) plain(w *work, i int) int {
	r.ends = r.ends[:0]
	start := w.rows[i].said.from
	for _, row := range w.rows[i:] {
		if row.said.to == 0 {
			break
		}
		r.ends = append(r.ends, row.said.to-start)
	}
	return len(r.ends)
}

// Add takes one outcome. It keeps nothing of it.
func (r *Reconciler) Add(o *Outcome) error {
	r.counts[o.Status]++
	r.rows++
	header := o.Table.Header
	if o.Table != r.sourceTable {
		r.sourceTable, r.source = o.Table, report.AppendSource(r.source[:0], header.File, header.Sheet)
	}
	line := report.OutcomeLine{Source: r.source, Line: o.Line, Key: r.redactor.Hide(o.Key),
		Status: o.Status.String(), CustomerID: o.CustomerID, Detail: o.Detail}
	r.link(o)
	entry := report.Entry{Ordinal: o.Ordinal}
	r.problems, r.reject = r.problems[:0], r.reject[:0]
	if len(o.Problems) > 0 {
		first := o.Problems[0]
		line.Code, line.Column, line.Detail = first.Code, o.Table.Column(first.Column), r.message(first)
		r.note(o)
		entry.Problems = r.problems
		if o.Cells != nil {
			r.reject = report.AppendReject(r.reject, r.redactor.HideAll(o.Cells), first.Code, line.Column, line.Detail, r.codes[first.Code].Fix)
			entry.Reject, entry.RejectTable = r.reject, r.table(o.Table)
		}
	}
	r.outcome = report.AppendOutcome(r.outcome[:0], &line)
	entry.Outcome = r.outcome
	return r.files.Add(entry)
}

// note counts the problems of a row and writes each as a line.
func (r *Reconciler) note(o *Outcome) {
	header := o.Table.Header
	r.faulty++
	for _, p := range o.Problems {
		switch p.Code {
		case conflictInFile, "identity.apart":
			r.torn++
		case planChanged:
			r.left++
		}
		column := o.Table.Column(p.Column)
		r.tally.Count(p.Code, column, report.Place{Ordinal: o.Ordinal, File: header.File, Sheet: header.Sheet,
			Line: o.Line, Number: o.Number, Column: p.Column})
		l := report.ProblemLine{File: header.File, Sheet: header.Sheet, Line: o.Line, Column: column,
			Code: p.Code, Message: r.message(p), Fix: r.codes[p.Code].Fix}
		if p.Column >= 0 {
			l.Cell = address(p.Column, o.Number)
		}
		r.problems = report.AppendProblem(r.problems, &l)
	}
}

// conflictInFile is the code of rows that share an identity with another row and are not the same customer.
const conflictInFile = "identity.conflict_in_file"

// Twin turns a row already counted as fit into a duplicate: a check finds duplicates only once the
// whole input is read.
func (r *Reconciler) Twin(t Twin, inputs []*Input) error {
	var o Outcome
	o.Table, _ = tableAt(inputs, t.AtInput)
	o.twinOf(t, inputs, r.folds.takes(t, o.Table.folds() && !t.Conflict))
	r.counts[Unsent]--
	r.counts[Duplicate]++
	amend := report.Amendment{Ordinal: t.Ordinal, Status: Duplicate.String(), Detail: o.Detail}
	r.problems = r.problems[:0]
	if len(o.Problems) > 0 {
		o.Ordinal, o.Line = t.Ordinal, t.At
		amend.Code, amend.Detail = o.Problems[0].Code, r.message(o.Problems[0])
		r.note(&o)
		amend.Problems = r.problems
		if r.annotated != nil {
			if err := r.annotated.Amend(t.Ordinal, r.wording(&o)); err != nil {
				return err
			}
		}
	}
	return r.files.Amend(amend)
}

// message words a problem: what the code means, and what exactly.
func (r *Reconciler) message(p Problem) string {
	meaning := r.codes[p.Code].Meaning
	if p.Detail == "" {
		return meaning
	}
	if meaning == "" {
		return p.Detail
	}
	return meaning + ": " + p.Detail
}

// table finds the rejects file of a table's header. Only the latest tables are remembered: a JSON
// input may bring a new header with every block.
func (r *Reconciler) table(t *Table) int {
	n, known := r.tables[t]
	if !known {
		if len(r.tables) > 64 {
			clear(r.tables)
		}
		n = r.files.Table(t.Header.Names[:t.width])
		r.tables[t] = n
	}
	return n
}

// Close ends the reports and says whether the books balance: each of the rows read has one outcome.
func (r *Reconciler) Close(s *report.Summary, read int64) error {
	ends, err := r.files.Close(read)
	if err != nil {
		return errors.Join(err, r.closeAnnotated(s))
	}
	counts := map[string]int64{}
	for _, status := range Statuses() {
		counts[status.String()] = r.counts[status]
	}
	s.Rows, s.Missing = read, ends.Missing
	s.Statuses = report.Balance(counts)
	for i := range s.Statuses {
		s.Statuses[i].Meaning = Status(i).Meaning()
	}
	s.ProblemRows = r.faulty
	s.Problems = r.tally.Problems(address, func(code string) (string, string) {
		return r.codes[code].Meaning, r.codes[code].Fix
	})
	for i := range s.Problems {
		s.Problems[i].Cause = r.codes[s.Problems[i].Code].Cause
	}
	for _, p := range ends.Paths {
		s.Files = append(s.Files, report.File{Kind: kindOf(p), Path: p})
	}
	return r.closeAnnotated(s)
}

// count is how many rows have a status so far.
func (r *Reconciler) count(s Status) int64 { return r.counts[s] }

// landed is how many rows the org has, by evidence.
func (r *Reconciler) landed() int64 {
	return r.counts[Created] + r.counts[Updated] + r.counts[Unchanged]
}

// hide has customers' values hidden in the files from now on.
func (r *Reconciler) hide(how report.Redaction) { r.redactor = report.NewRedactor(how) }

// linksKept is how many customers of a status the report leads to.
const linksKept = 5

// link remembers the first customers of each status.
func (r *Reconciler) link(o *Outcome) {
	if o.CustomerID == "" || r.linked[o.Status] == linksKept {
		return
	}
	r.linked[o.Status]++
	header := o.Table.Header
	r.links = append(r.links, report.Customer{Status: o.Status.String(), File: header.File, Sheet: header.Sheet, Line: o.Line, ID: o.CustomerID})
}
