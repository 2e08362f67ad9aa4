package pipeline

import (
	"cmp"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/check"
	"muster/pipeline/deliver"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/refusals"
	"muster/pipeline/report"
)

// Reconciler is the last stage: it calls the roll. Every outcome is counted in one column of the
// balance and written to the reports, in the order of the input. It belongs to one goroutine.
type Reconciler struct {
	files     *report.Files
	tally     report.Tally
	encoder   *check.Encoder
	counts    [outcome.StatusCount]int64
	rows      int64            // outcomes taken
	read      int64            // rows read, each of which is owed one
	faulty    int64            // rows with a problem
	open      int64            // conversations that the org has and that could not be ended
	held      int64            // not sent since what they belong to, or name, is not in the org
	left      int64            // left alone since their plan is no longer true
	differing int64            // duplicates that say what the row which stays does not
	differs   map[string]int64 // in which columns how often
	foldable  bool             // some of them are of a table whose rows are not folded
	stray     report.Stray     // refused rows whose cells cannot be given back
	parted    int64            // rows that went without some of what they say
	cells     *refusals.Tally  // by column
	tables    map[*bind.Table]int

	links  []report.Customer // the first customers of each status that have one
	linked [outcome.StatusCount]int

	begun []ledger.Assigned // of the rows that come next, what an earlier process began to send

	annotated      *report.Annotated // nil: not asked for
	annotatedTable *bind.Table       // whose rows it is being given

	outcome, reject, problems []byte
	ends                      []int // of lines, see plain
}

// newReconciler writes its reports into files, in the encoder's words.
func newReconciler(files *report.Files, e *check.Encoder) *Reconciler {
	return &Reconciler{files: files, encoder: e, tables: map[*bind.Table]int{}, cells: refusals.New()}
}

// Take takes what the checks say of a block's rows, the first of which has that ordinal: rows of one status of which
// there is nothing else to say in one step, the others one by one. The checker's encoder has written their lines.
//
// Rows are counted also when they cannot be written any more; the error is the first.
func (r *Reconciler) Take(w *block.Block, first int64) (failed error) {
	keep := func(err error) { failed = cmp.Or(failed, err) }
	keep(r.annotateAll(w))
	for i := 0; i < len(w.Rows); {
		if took, err := r.takeBegun(w, i, first+int64(i)); took {
			keep(err)
			i++
			continue
		}
		if n := r.plain(w, i, first+int64(i)); n > 0 {
			keep(r.files.AddPlain(first+int64(i), w.Said[w.Rows[i].Said.From:w.Rows[i+n-1].Said.To], r.ends))
			r.counts[w.Rows[i].Status] += int64(n)
			r.rows += int64(n)
			i += n
			continue
		}
		o, row := w.Outcome(i, first+int64(i)), &w.Rows[i]
		r.book(&o)
		entry := report.Entry{Ordinal: o.Ordinal, Outcome: w.Said[row.Said.From:row.Said.To],
			Problems: w.Arena[row.Noted.From:row.Noted.To], Reject: w.Arena[row.Reject.From:row.Reject.To]}
		if len(entry.Reject) > 0 {
			entry.RejectTable = r.table(o.Table)
		}
		keep(r.files.Add(entry))
		i++
	}
	return failed
}

// takeBegun takes row i as what an earlier process has made of it, where it has begun to send it.
func (r *Reconciler) takeBegun(w *block.Block, i int, ordinal int64) (took bool, err error) {
	for len(r.begun) > 0 && r.begun[0].Ordinal < ordinal {
		r.begun = r.begun[1:]
	}
	if len(r.begun) == 0 || r.begun[0].Ordinal != ordinal || w.Rows[i].Status != outcome.Unsent {
		return false, nil
	}
	o := w.Outcome(i, ordinal)
	if s := r.begun[0].Settled; s != nil {
		o.Status, o.CustomerID, o.Detail = outcome.ParseStatus(s.Status), s.CustomerID, s.Detail
		if s.Code != "" {
			o.Problems = []outcome.Problem{{Code: s.Code, Column: -1, Detail: s.Detail}}
			o.Cells = w.Parsed.Rows[i].Cells
		}
	} else {
		o.Status = outcome.Unknown
		o.Problems = []outcome.Problem{{Code: "kustomer.no_evidence", Column: -1,
			Detail: "it was sent, and the run ended before it was asked what became of it"}}
	}
	return true, r.Add(&o)
}

// plain counts the rows from i on that have one status and no problem, and notes in ends where the line of each ends.
func (r *Reconciler) plain(w *block.Block, i int, first int64) int {
	r.ends = r.ends[:0]
	start, status := w.Rows[i].Said.From, w.Rows[i].Status
	for n := range w.Rows[i:] {
		row := &w.Rows[i+n]
		if row.Status != status || row.Noted.To > row.Noted.From || len(r.begun) > 0 && r.begun[0].Ordinal == first+int64(n) {
			break
		}
		r.ends = append(r.ends, row.Said.To-start)
	}
	return len(r.ends)
}

// Add takes one outcome. It keeps nothing of it.
func (r *Reconciler) Add(o *block.Outcome) error {
	r.book(o)
	r.outcome = r.encoder.Outcome(r.outcome[:0], o)
	r.problems = r.encoder.Problems(r.problems[:0], o)
	r.reject = r.encoder.Reject(r.reject[:0], o)
	entry := report.Entry{Ordinal: o.Ordinal, Outcome: r.outcome, Problems: r.problems, Reject: r.reject}
	if len(entry.Reject) > 0 {
		entry.RejectTable = r.table(o.Table)
	}
	return r.files.Add(entry)
}

// book counts an outcome and its problems.
func (r *Reconciler) book(o *block.Outcome) {
	r.counts[o.Status]++
	r.rows++
	r.link(o)
	r.note(o)
	r.differ(o)
}

// note counts the problems of a row.
func (r *Reconciler) note(o *block.Outcome) {
	if len(o.Problems) == 0 {
		return
	}
	header := o.Table.Header
	r.faulty++
	r.cells.Note(o)
	if o.Status != outcome.Invalid && o.Status != outcome.Rejected && (dropped(o.Problems) || untouched(o.Problems)) {
		r.parted++
	}
	if o.Cells == nil && (o.Status == outcome.Invalid || o.Status == outcome.Rejected) {
		r.stray.Note(report.Sample{File: header.File, Sheet: header.Sheet, Line: o.Line})
	}
	if o.Status == outcome.Unsent && outcome.Refused(o.Problems) {
		r.held++
	}
	for _, p := range o.Problems {
		if p.Code == deliver.PlanChanged {
			r.left++
		}
		at := report.Place{Ordinal: o.Ordinal, File: header.File, Sheet: header.Sheet, Line: o.Line, Column: p.Column,
			Expected: p.Detail, Warning: p.Warning}
		if header.Grid() {
			at.Number = o.Number
		}
		r.tally.Count(p.Code, o.Table.Column(p.Column), at)
	}
}

// untouched says whether a field of a record was left as it is, since what stands there could not be told, or cannot
// be changed.
func untouched(problems []outcome.Problem) bool {
	return slices.ContainsFunc(problems, func(p outcome.Problem) bool {
		return p.Code == "kustomer.tags" || p.Code == "kustomer.masked" || p.Code == "kustomer.fixed"
	})
}

// amend turns a row already counted as fit into what it is among the others: a survey finds out only once the whole
// input is read. faulty says that problems of it were noted before.
func (r *Reconciler) amend(o *block.Outcome, faulty bool) error {
	r.counts[outcome.Unsent]--
	r.counts[o.Status]++
	r.differ(o)
	return r.change(o, o.Status.String(), faulty)
}

// change gives the outcome of a row another status, "" its own, and what is found wrong with it late.
func (r *Reconciler) change(o *block.Outcome, status string, faulty bool) error {
	amend := report.Amendment{Ordinal: o.Ordinal, Status: status, Detail: o.Detail}
	if len(o.Problems) == 0 {
		return r.files.Amend(amend)
	}
	first := o.Problems[0]
	amend.Code, amend.Column, amend.Detail = first.Code, o.Table.Column(first.Column), r.encoder.Message(first)
	if r.note(o); faulty {
		r.faulty--
	}
	r.problems, r.reject = r.encoder.Problems(r.problems[:0], o), r.encoder.Reject(r.reject[:0], o)
	amend.Problems, amend.Reject, amend.RejectTable = r.problems, r.reject, r.table(o.Table)
	if r.annotated != nil {
		if err := r.annotated.Amend(o.Ordinal, r.wording(o)); err != nil {
			return err
		}
	}
	return r.files.Amend(amend)
}

// differ counts what a duplicate says and the row that stays does not.
func (r *Reconciler) differ(o *block.Outcome) {
	if len(o.Differs) == 0 {
		return
	}
	if r.differs == nil {
		r.differs = map[string]int64{}
	}
	r.differing++
	r.foldable = r.foldable || !o.Table.Folds()
	for _, c := range o.Differs {
		r.differs[o.Table.Column(c)]++
	}
}

// columnsReportedToDiffer is how many columns the report names in which duplicates say something else.
const columnsReportedToDiffer = 100

// differences is what duplicates say, for the report; nil nothing.
func (r *Reconciler) differences() *report.Differences {
	if r.differing == 0 {
		return nil
	}
	d := &report.Differences{Rows: r.differing, Fix: "correct the first row of each: outcomes.csv names rows and " +
		"columns; or take it as it is, with --allow-rejects and how many"}
	if r.foldable {
		d.Fix = "fold: true in the mapping joins rows of one customer that follow each other; or " + d.Fix
	}
	for name, n := range r.differs {
		d.Columns = append(d.Columns, report.ColumnRows{Column: name, Rows: n})
	}
	slices.SortFunc(d.Columns, func(a, b report.ColumnRows) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Column, b.Column))
	})
	if d.More = max(0, len(d.Columns)-columnsReportedToDiffer); d.More > 0 {
		d.Columns = d.Columns[:columnsReportedToDiffer]
	}
	return d
}

// table finds the rejects file of a table's header. Only the latest tables are remembered: a JSON
// input may bring a new header with every block.
func (r *Reconciler) table(t *bind.Table) int {
	n, known := r.tables[t]
	if !known {
		if len(r.tables) > 64 {
			clear(r.tables)
		}
		n = r.files.Table(t.Header.Names[:t.Width])
		r.tables[t] = n
	}
	return n
}

// Close ends the reports and says whether the books balance: each of the rows read has one outcome. Where the reports
// cannot be written the summary is told all the same, from memory.
func (r *Reconciler) Close(s *report.Summary) error {
	ends, err := r.files.Close(r.read)
	if err != nil {
		ends = report.Ends{}
	}
	counts := map[string]int64{}
	for _, status := range outcome.Statuses() {
		counts[status.String()] = r.counts[status]
	}
	s.Rows, s.Missing = r.read, ends.Missing
	s.Statuses = report.Balance(counts)
	for i := range s.Statuses {
		s.Statuses[i].Meaning = outcome.Status(i).Meaning()
	}
	s.ProblemRows, s.Differences = r.faulty, r.differences()
	if r.stray.Rows > 0 {
		s.Stray = &r.stray
	}
	s.Problems = r.tally.Problems(bind.Address, func(code string) (string, string) {
		return r.encoder.Registered[code].Meaning, r.encoder.Registered[code].Fix
	})
	r.advise(s)
	for i := range s.Problems {
		s.Problems[i].Cause = r.encoder.Registered[s.Problems[i].Code].Cause
	}
	for _, p := range ends.Paths {
		s.Files = append(s.Files, report.File{Kind: kindOf(p), Path: p})
	}
	return errors.Join(err, r.closeAnnotated(s))
}

// count is how many rows have a status so far.
func (r *Reconciler) count(s outcome.Status) int64 { return r.counts[s] }

// landed is how many rows the org has, by evidence.
func (r *Reconciler) landed() int64 {
	return r.counts[outcome.Created] + r.counts[outcome.Updated] + r.counts[outcome.Unchanged]
}

// linksKept is how many customers of a status the report leads to.
const linksKept = 5

// link remembers the first customers of each status.
func (r *Reconciler) link(o *block.Outcome) {
	if o.CustomerID == "" || r.linked[o.Status] == linksKept {
		return
	}
	r.linked[o.Status]++
	header := o.Table.Header
	r.links = append(r.links, report.Customer{Status: o.Status.String(), File: header.File, Sheet: header.Sheet,
		Line: o.Line, ID: o.CustomerID})
}

// kindOf names a report by its file.
func kindOf(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	kind, _, _ := strings.Cut(name, "-")
	return kind
}

// countsByName is the balance as the ledger keeps it.
func (r *Reconciler) countsByName() map[string]int64 {
	counts := map[string]int64{}
	for _, s := range outcome.Statuses() {
		counts[s.String()] = r.counts[s]
	}
	return counts
}

// advise puts the country of the phone numbers into what the report says of them.
func (r *Reconciler) advise(s *report.Summary) {
	fix := r.cells.PhoneFix()
	for i := range s.Problems {
		if p := &s.Problems[i]; p.Code == refusals.PhoneCode && fix != "" {
			p.Fix = fix
		}
	}
}

// dropped says whether a row went without some of its cells.
func dropped(problems []outcome.Problem) bool {
	return slices.ContainsFunc(problems, func(p outcome.Problem) bool { return p.Dropped })
}
