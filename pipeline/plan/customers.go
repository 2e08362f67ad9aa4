package plan

import (
	"fmt"
	"slices"
	"strings"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// resolve asks the org for the customers of some rows, and who else has their identities, and says what would become of
// each.
func (p *Planner) resolve(some *prospect) {
	var wanted []lookup.Wanted
	var at []int
	var others []int
	for i, r := range some.records {
		if r == nil {
			continue
		}
		if r.Table.Kind != nil {
			others = append(others, i)
			continue
		}
		if r.Table.IsConversation() {
			if some.err = p.talk(some, i); some.err != nil {
				return
			}
			continue
		}
		w := lookup.Wanted{ID: r.CustomerID, Keys: r.MatchKeys(), Landed: r.Landed}
		if w.ID != "" {
			w.Keys = r.Keys
		}
		wanted, at = append(wanted, w), append(at, i)
	}
	some.err = p.ofKinds(some, others)
	for len(wanted) > 0 && some.err == nil {
		n := min(len(wanted), kustomer.MaxFound)
		some.err = p.resolveSome(some, wanted[:n], at[:n])
		wanted, at = wanted[n:], at[n:]
	}
}

func (p *Planner) resolveSome(some *prospect, wanted []lookup.Wanted, at []int) error {
	byID := make([]bool, len(wanted))
	for k := range wanted {
		byID[k] = wanted[k].ID != ""
	}
	found, err := p.readings.Read(p.ctx, wanted)
	if err != nil {
		return err
	}
	for k, c := range found {
		if c == nil && byID[k] { // gone: it may live on under another id
			if found[k], err = p.again(some.records[at[k]]); err != nil {
				return err
			}
		}
	}
	found, err = p.readings.Named(p.ctx, found, func(k int) bool { return lookup.Tagged(some.records[at[k]].Payload) })
	if err != nil {
		return err
	}
	others, err := p.others(some, found, at)
	if err != nil {
		return err
	}
	for k, c := range found {
		p.become(some, at[k], c, others[k])
	}
	return nil
}

// again looks a record up by its keys.
func (p *Planner) again(r *block.Record) (*kustomer.Customer, error) {
	found, err := p.readings.Read(p.ctx, []lookup.Wanted{{Keys: r.MatchKeys(), Fresh: true}})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// others finds for each row the customers that have an identity of it and are not the one that was found. Only
// identities that nobody has been asked for, and that the customer found has not itself, cost anything.
func (p *Planner) others(some *prospect, found []*kustomer.Customer, at []int) ([][]deliver.Owner, error) {
	var keys []customer.Identity
	var of []int // place in at of each key
	for k, i := range at {
		r := some.records[i]
		var asked []customer.Identity
		if found[k] == nil {
			asked = r.MatchKeys() // each of them was asked for, and finds nobody
		} else {
			asked = lookup.IdentitiesOf(found[k])
		}
		for _, key := range r.Keys {
			if lookup.Finds(key.Kind) && key.Kind != "id" && !slices.Contains(asked, key) &&
				!slices.Contains(asked, lookup.Normal(key.Kind, key.Value)) {
				keys, of = append(keys, key), append(of, k)
			}
		}
	}
	customers, err := p.readings.Owners(p.ctx, keys)
	if err != nil {
		return nil, err
	}
	others := make([][]deliver.Owner, len(at))
	for n, c := range customers {
		if k := of[n]; c != nil && (found[k] == nil || c.ID != found[k].ID) {
			others[k] = append(others[k], deliver.Owner{Key: keys[n], Customer: c})
		}
	}
	return others, nil
}

// become says what would become of a row whose customer is c, nil none, where others have identities of it, too.
func (p *Planner) become(some *prospect, i int, c *kustomer.Customer, others []deliver.Owner) {
	r, row := some.records[i], &some.rows[i]
	refused := func(code, detail string) {
		row.Act, row.Code, row.Detail = report.ActConflict, code, detail
		some.outcomes[i] = r.Outcome(outcome.Unsent, row.Customer, code, "", detail)
	}
	clash := func(detail string) {
		switch p.clashes.Policy {
		case deliver.SkipConflict:
			row.Act, row.Code, row.Detail = report.ActSkipped, "identity.conflict", detail
			some.outcomes[i] = r.Outcome(outcome.Skipped, row.Customer, "", "", row.Code+": "+detail)
			return
		case deliver.PreferInConflict:
			detail += "; a plan prefers none of them: muster import --on-conflict " + p.clashes.String() + " does"
		}
		refused("identity.conflict", detail)
	}
	if c != nil {
		row.Customer = c.ID
	}
	switch {
	case c == nil && (p.verb == deliver.Update || r.Named):
		refused("kustomer.not_found", "")
	case c != nil && r.IsOther(c):
		clash(deliver.OtherID(c))
	case c != nil && p.verb == deliver.Create:
		refused("kustomer.exists", "it is customer "+c.ID)
	case len(others) > 0:
		clash(named(c, others))
	case c == nil:
		row.Act, row.Fields = report.ActCreate, newCompany(row.NewCompany, nil)
		some.outcomes[i] = r.Outcome(outcome.Unsent, "", "", "", "would be created")
	case deliver.OtherwiseNamed(r, c):
		clash("it matches → " + c.ID + ", which has another external id")
	case row.NewCompany == "" && customer.Covers(c, r.Payload, r.Table.Plan.Writes()):
		row.Act = report.ActUnchanged
		some.outcomes[i] = r.Outcome(outcome.Unsent, c.ID, "", "", "unchanged: the org has exactly this already")
	default:
		d, err := customer.Differ(r.Payload, c, r.Table.Plan.Writes())
		if err != nil {
			refused("identity.merge", err.Error())
			return
		}
		if rev := deliver.Expected(r.Payload); rev > 0 && rev != c.Rev {
			refused(deliver.StaleRev, deliver.StaleWords(rev, c.Rev))
			return
		}
		if code, field := deliver.Untold(&d); code != "" && d.Empty && row.NewCompany == "" {
			refused(code, "")
			return
		} else if code != "" {
			row.Code, row.Detail = code, field
		}
		row.Act, row.State, row.Fields = report.ActUpdate, customer.State(c),
			append(newCompany(row.NewCompany, c), changesOf(d.Update, c)...)
		some.outcomes[i] = r.Outcome(outcome.Unsent, c.ID, row.Code, row.Detail,
			fmt.Sprintf("would be updated: %d fields", len(row.Fields)))
	}
}

// named names the customers that a row belongs to.
func named(c *kustomer.Customer, others []deliver.Owner) string {
	var all []string
	if c != nil {
		all = append(all, "it is customer "+c.ID)
	}
	for _, o := range others {
		all = append(all, o.String())
	}
	return strings.Join(all, ", ")
}

// talk says what would become of a row that describes a conversation: each is read by itself, since Kustomer finds them
// by their ids alone.
func (p *Planner) talk(some *prospect, i int) error {
	r, row := some.records[i], &some.rows[i]
	row.Customer = r.CustomerID
	c, err := p.readings.Conversation(p.ctx, r.CustomerID)
	switch {
	case err != nil:
		return err
	case c == nil:
		row.Act, row.Code = report.ActConflict, "kustomer.no_conversation"
		some.outcomes[i] = r.Outcome(outcome.Unsent, "", row.Code, "id", "")
	case customer.Covers(deliver.AsCustomer(c), r.Payload, nil):
		row.Act = report.ActUnchanged
		some.outcomes[i] = r.Outcome(outcome.Unsent, c.ID, "", "", "unchanged: the org has exactly this already")
	default:
		row.Act, row.State, row.Fields = report.ActUpdate, customer.State(deliver.AsCustomer(c)),
			changesOf(r.Payload, deliver.AsCustomer(c))
		some.outcomes[i] = r.Outcome(outcome.Unsent, c.ID, "", "",
			fmt.Sprintf("would be updated: %d fields", len(row.Fields)))
	}
	return nil
}
