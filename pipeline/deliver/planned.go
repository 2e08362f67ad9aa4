package deliver

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// PlanChanged is the code of rows that a plan says something of that is no longer true.
const PlanChanged = "plan.changed"

// Planned is the plan that a run carries out, row by row beside its input. It belongs to one goroutine.
type Planned struct{ Rows *report.PlanRows }

// Close closes the plan; nil has none.
func (p *Planned) Close() {
	if p != nil {
		p.Rows.Close()
	}
}

// at is what the plan says of the next row; nil without a plan. Rows are asked for one after the other.
func (p *Planned) at(ordinal int64) (*report.PlanRow, error) {
	if p == nil {
		return nil, nil
	}
	row, err := p.Rows.Next()
	if err != nil {
		return nil, err
	}
	if row == nil || row.Row != ordinal {
		return nil, fmt.Errorf("the plan says nothing of row %d: %w", ordinal+1, bind.ErrInputChanged)
	}
	return row, nil
}

// carryOut decides by the plan what a record is sent for; done: it is not. known: the ledger has its id.
func carryOut(r *block.Record, known bool) (intent Intent, done *block.Outcome) {
	end := func(s outcome.Status, code, detail string) (Intent, *block.Outcome) {
		o := r.Outcome(s, r.Planned.Customer, code, "", detail)
		return 0, &o
	}
	switch p := r.Planned; {
	case p.Payload != plannedHash(r):
		return end(outcome.Skipped, PlanChanged, "the row is not the one that the plan was made of")
	case p.Act == report.ActCreate:
		return ToCreate, nil
	case p.Act == report.ActUpdate:
		r.CustomerID = p.Customer
		return ToUpdate, nil
	case p.Act == report.ActUnchanged && !known && r.Table.Kind != nil && r.Table.Kind.Name == "conversation":
		r.CustomerID = p.Customer // what comes in opens it again, so its end has to know it
		return ToUpdate, nil
	case p.Act == report.ActUnchanged:
		return end(outcome.Unchanged, "", "as the plan found it")
	case p.Act == report.ActHeld:
		return end(outcome.Unsent, p.Code, p.Detail)
	case p.Act == report.ActConflict:
		return end(outcome.Rejected, p.Code, p.Detail)
	case p.Act == report.ActSkipped && p.Code != "":
		return end(outcome.Skipped, "", p.Code+": "+p.Detail)
	default:
		return end(outcome.Skipped, PlanChanged, "the plan leaves it out, and it is fit now")
	}
}

// plannedHash is the hash by which a plan knows the record: where its company was to be made first, that of the rest.
func plannedHash(r *block.Record) string {
	hash := r.Hash
	if r.Planned.NewCompany != "" {
		var fields Object
		if json.Unmarshal(r.Payload, &fields) == nil {
			delete(fields, "company")
			rest, _ := json.Marshal(fields) // what was JSON is JSON again
			hash = RecordHash(rest)
		}
	}
	return hex.EncodeToString(hash[:])
}

// outdated says whether a customer that was found is not what the plan was made for, and leaves it alone then.
func (p *inFlight) outdated(i int, c *kustomer.Customer) bool {
	plan := p.batch.Records[i].Planned
	switch {
	case plan == nil || p.states[i].tries > 0 && p.states[i].updating:
		return false // a request of ours may have changed it
	case plan.Act == report.ActCreate:
		p.leave(i, c.ID, "it is customer "+c.ID+" by now")
	case c.ID != plan.Customer:
		p.leave(i, c.ID, "it is another customer by now: "+c.ID)
	case customer.State(c) != plan.State:
		p.leave(i, c.ID, "somebody has changed the customer since")
	default:
		return false
	}
	return true
}

// overtaken is outdated for a record of any kind but customers, as the org has it; nil: it has none.
func (p *inFlight) overtaken(k *object.Kind, i int, have *kustomer.Record) bool {
	plan, e := p.batch.Records[i].Planned, &p.states[i]
	switch {
	case plan == nil || e.tries > 0 && e.updating:
		return false
	case have == nil && plan.Act == report.ActCreate:
		return false
	case have == nil:
		p.leave(i, "", "it is gone")
	case plan.Act == report.ActCreate:
		p.leave(i, have.ID, "it is "+k.Name+" "+have.ID+" by now")
	case have.ID != plan.Customer:
		p.leave(i, have.ID, "it is another "+k.Name+" by now: "+have.ID)
	default:
		return false
	}
	return true
}

// edited says whether a record of which something is to be written is not as the plan found it.
func (p *inFlight) edited(k *object.Kind, i int, have *kustomer.Record) bool {
	plan, e := p.batch.Records[i].Planned, &p.states[i]
	return plan != nil && (e.tries == 0 || !e.updating) &&
		(plan.Act == report.ActUnchanged || plan.State != stateOf(k, have))
}

// leave ends a record whose plan is no longer true. Nothing of it was written.
func (p *inFlight) leave(i int, id, detail string) {
	e := &p.states[i]
	e.phase, e.status, e.id, e.code, e.detail = ended, outcome.Skipped, id, PlanChanged, detail
}
