package plan

import (
	"fmt"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/deliver"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// kindOf is the kind of a table's records, as a plan has it: "" customers.
func (p *Planner) kindOf(t *bind.Table) string {
	switch {
	case t.IsConversation():
		return mappings.Conversations
	case t.Kind != nil:
		return t.Kind.Name
	}
	return ""
}

// many is a kind's records in words.
func many(kind string) string {
	if k := object.Called(kind); k != nil {
		return k.Many
	}
	return "customers"
}

// mostForeseen is how many records of a kind are asked for together: as many as one request of an import carries.
const mostForeseen = 100

// ofKinds says what would become of rows that are no customers, those at the places given.
func (p *Planner) ofKinds(some *prospect, at []int) error {
	for len(at) > 0 {
		k := some.records[at[0]].Table.Kind
		var records []*block.Record
		for _, i := range at {
			if len(records) == mostForeseen || some.records[i].Table.Kind.Name != k.Name {
				break
			}
			records = append(records, some.records[i])
		}
		fates, err := p.kinds.Foresee(p.ctx, k, p.verb, records)
		if err != nil {
			return err
		}
		for n := range fates {
			foreseen(some, at[n], &fates[n])
		}
		at = at[len(records):]
	}
	return nil
}

// foreseen writes down what would become of a row.
func foreseen(some *prospect, i int, f *deliver.Foreseen) {
	r, row := some.records[i], &some.rows[i]
	row.Act, row.Customer, row.State, row.Code, row.Detail = f.Act, f.ID, f.State, f.Code, f.Detail
	column, detail := f.Column, f.Detail
	switch f.Act {
	case report.ActCreate:
		detail = "would be created"
	case report.ActUnchanged:
		detail = "unchanged: the org has exactly this already"
	case report.ActUpdate:
		row.Fields = changesOf(f.Update, f.Have)
		detail = fmt.Sprintf("would be updated: %d fields", len(row.Fields))
	}
	some.outcomes[i] = r.Outcome(outcome.Unsent, f.ID, f.Code, column, detail)
}

// enter notes what a row means for those behind it that may name its record.
func (p *Planner) enter(row *report.PlanRow, o *block.Outcome, r *block.Record) error {
	kind := deliver.KindOf(o.Table)
	if k := o.Table.Kind; k != nil && row.Act == report.ActCreate {
		p.load.Makes(k, r.Ordinal, len(r.Payload), r.Ended())
	} else if k != nil && row.Act == report.ActUpdate {
		p.load.Changes(k)
	}
	switch row.Act {
	case report.ActCreate:
		for _, key := range r.Keys {
			if err := p.kinds.Coming.Makes(kind, key.Kind, key.Value); err != nil {
				return err
			}
		}
	case report.ActUpdate:
		if r.Table.Kind == nil {
			p.kinds.Meet(r, row.Customer)
		}
	case report.ActConflict, report.ActHeld, report.ActInvalid:
		p.kinds.Coming.Refuses(kind, string(o.Key))
	}
	return nil
}
