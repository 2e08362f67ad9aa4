package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/deliver"
	"muster/pipeline/ledger"
	"muster/pipeline/link"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// prospect is what will become of some rows that stand one behind the other.
type prospect struct {
	outcomes []block.Outcome  // of each row
	rows     []report.PlanRow // the same rows, as the plan has them
	records  []*block.Record  // nil where nothing need be asked
	err      error
}

func (s *prospect) add(o block.Outcome, row report.PlanRow, r *block.Record) {
	s.outcomes, s.rows, s.records = append(s.outcomes, o), append(s.rows, row), append(s.records, r)
}

// part takes the rows from at on out of s.
func (s *prospect) part(at int) *prospect {
	rest := &prospect{outcomes: s.outcomes[at:], rows: s.rows[at:], records: s.records[at:]}
	s.outcomes, s.rows, s.records = s.outcomes[:at:at], s.rows[:at:at], s.records[:at:at]
	return rest
}

// abandon adds the rows to the run without a plan for those that need the org's word: the plan ended before it.
func (s *prospect) abandon(r *pipeline.Running) error {
	for i, record := range s.records {
		o := s.outcomes[i]
		if record != nil {
			o = record.Outcome(outcome.Unsent, record.CustomerID, "", "", "not planned: the run ended before")
		}
		if err := r.Add(&o); err != nil {
			return err
		}
	}
	return nil
}

// prospector goes through the rows of a plan and hands on what nothing more can be added to. It belongs to one
// goroutine.
type prospector struct {
	*Planner
	identifier *deliver.Identifier
	inputs     []*bind.Input
	next       int64 // ordinal
	some       *prospect
	waiting    int // place in some of the row whose record may grow still; -1 none
}

// mostFolded is how many rows a plan holds in memory for one customer: some 5 MB. Kustomer's lists hold ten entries.
const mostFolded = 20_000

func (p *Planner) prospector(r *pipeline.Running) *prospector {
	return &prospector{Planner: p, inputs: r.Inputs, some: &prospect{}, waiting: -1,
		identifier: &deliver.Identifier{Ledger: p.ledger, Verdicts: r.Survey.Verdicts}}
}

// prospects goes through a stretch of the input a second time.
func (p *prospector) prospects(ctx context.Context, r *pipeline.Running, s pipeline.Stretch, linker *link.Linker,
	send func(*prospect) bool) error {
	err := r.Rows(ctx, s, linker, func(w *block.Block) error {
		r.Inputs[w.Input].Count(w.Parsed.Header.Sheet, int64(len(w.Rows)), w.Parsed.Blank)
		for i := range w.Rows {
			if err := p.note(w, i); err != nil {
				return err
			}
		}
		return p.hand(send)
	})
	if err == nil || ctx.Err() != nil {
		if ended := p.release(); ended == nil {
			err = errors.Join(err, p.hand(send))
		} else {
			err = errors.Join(err, ended)
		}
	}
	if errors.Is(err, pipeline.ErrEnough) {
		return nil // who told it to stop says why
	}
	return err
}

// hand hands the rows on whose records are whole.
func (p *prospector) hand(send func(*prospect) bool) error {
	whole := p.some
	p.some = &prospect{}
	if p.waiting >= 0 {
		p.some, p.waiting = whole.part(p.waiting), 0
	}
	if len(p.some.rows) > mostFolded {
		first := &p.some.rows[0]
		return &outcome.UsageError{Err: fmt.Errorf("%s: the customer of line %d has more than %d rows, which a plan does "+
			"not hold: muster check names what they share", first.File, first.Line, mostFolded)}
	}
	if len(whole.rows) > 0 && !send(whole) {
		return pipeline.ErrEnough
	}
	return nil
}

// note takes a row down, and what the checks and the ledger alone say of it.
func (p *prospector) note(w *block.Block, i int) error {
	ordinal := p.next
	p.next++
	verdict, judged, err := p.identifier.Verdicts.At(ordinal)
	if err != nil {
		return err
	}
	row := report.PlanRow{Row: ordinal, File: w.Parsed.Header.File, Sheet: w.Parsed.Header.Sheet,
		Line: w.Parsed.Rows[i].Line, Name: called(w, i)}
	row.Kind, row.Other = p.kindOf(w.Table), w.Table.Kind != nil
	if judged = judged && !verdict.Stays(); w.Rows[i].Status != outcome.Unsent || w.Rows[i].Held || judged {
		o := p.identifier.Unfit(w, i, ordinal, &verdict, judged, nil, p.inputs, nil)
		row.Act = map[outcome.Status]string{outcome.Invalid: report.ActInvalid, outcome.Skipped: report.ActSkipped,
			outcome.Duplicate: report.ActDuplicate, outcome.Rejected: report.ActConflict,
			outcome.Unsent: report.ActHeld}[o.Status]
		if len(o.Problems) > 0 && !o.Problems[0].Warning {
			row.Code, row.Detail = o.Problems[0].Code, o.Problems[0].Detail
		} else {
			row.Detail = o.Detail
		}
		if o.Status == outcome.Rejected { // what the org lacks is no refusal of its yet
			o.Status = outcome.Unsent
		}
		p.some.add(o, row, nil)
		return nil
	}
	if err := p.release(); err != nil {
		return err
	}
	r := p.identifier.Record(w, i, ordinal, &verdict, p.inputs)
	row.Name = nameOf(r.Payload, row.Name)
	if s := w.Rows[i].Promised; s.To > s.From {
		row.NewCompany = string(w.Arena[s.From:s.To])
	}
	p.some.add(block.Outcome{}, row, r)
	p.waiting = len(p.some.rows) - 1
	if w.Table.Folds() {
		p.identifier.Waiting = &deliver.Waiting{Record: r}
		return nil
	}
	return p.release()
}

// called is what people call a row that may make no record: the texts of its columns that go to the name, else its key.
func called(w *block.Block, i int) string {
	var parts []string
	cells := w.Parsed.Rows[i].Cells
	for _, slot := range w.Table.Plan.Slots {
		if slot.Path == "name" && slot.Column >= 0 && slot.Column < len(cells) && len(cells[slot.Column]) > 0 {
			parts = append(parts, string(cells[slot.Column]))
		}
	}
	if len(parts) == 0 {
		return string(w.Key(&w.Rows[i]))
	}
	return strings.Join(parts, " ")
}

// nameOf is the name that a payload gives its customer, else what else it is called by.
func nameOf(payload []byte, otherwise string) string {
	var said struct{ Name string }
	if json.Unmarshal(payload, &said) != nil || said.Name == "" {
		return otherwise
	}
	return said.Name
}

// release looks the row that waited up in the ledger: its record is whole.
func (p *prospector) release() error {
	i := p.waiting
	if p.waiting, p.identifier.Waiting = -1, nil; i < 0 {
		return nil
	}
	r, row := p.some.records[i], &p.some.rows[i]
	known, err := p.ledger.Known(p.orgID, []ledger.KeyHash{r.Mark})
	if err != nil {
		return err
	}
	row.Payload = fmt.Sprintf("%x", r.Hash)
	switch {
	case known[0].Found && known[0].Hash == r.Hash && !p.full && !p.doubts[r.Mark]:
		row.Act, row.Customer = report.ActUnchanged, known[0].CustomerID
		p.some.outcomes[i] = r.Outcome(outcome.Unsent, row.Customer, "", "",
			"unchanged: landed before, and the row is the same")
		p.some.records[i] = nil
	case known[0].Found:
		r.CustomerID = known[0].CustomerID
		times, err := p.ledger.Landed(p.orgID, []ledger.KeyHash{r.Mark})
		if err != nil {
			return err
		}
		r.Landed = times[0]
	}
	return nil
}
