package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
	"muster/pipeline/report"
)

// Planner is the stage that says what an import would do to each customer. It holds Readings, which cannot write (law 4).
type Planner struct {
	readings *lookup.Reader
	ledger   *ledger.Ledger
	orgID    string
	verb     deliver.Verb
	full     bool
	doubts   map[ledger.KeyHash]bool
	clashes  deliver.OnConflict
	file     *report.PlanWriter
	ctx      context.Context
}

// plan is the second pass of a plan: every row is held against the live org, and nothing is sent.
func (r *run) plan(ctx context.Context) (*Reconciler, error) {
	c := r.config
	r.closeReaders()
	rows := r.read
	reconciler, err := r.reconciler()
	if err != nil {
		return nil, err
	}
	p, err := r.planner(ctx)
	if err != nil {
		return reconciler, err
	}
	c.Progress.Phase("plan", rows)
	defer c.Progress.Done()
	err = parallel.Ordered(lookup.AtOnce, func(send func(*prospect) bool) error { return r.prospects(ctx, p, send) }, parallel.Each(p.resolve), func(some *prospect) error {
		if some.err != nil {
			return some.err
		}
		for i := range some.outcomes {
			if err := errors.Join(p.file.Add(&some.rows[i]), reconciler.Add(&some.outcomes[i])); err != nil {
				return err
			}
		}
		c.Progress.Step(reconciler.rows)
		return nil
	})
	if line := r.linker.Says(); line != "" {
		c.Progress.Say(line)
	}
	for _, in := range r.inputs {
		r.read += in.Rows
		err = errors.Join(err, in.Unchanged())
	}
	if err == nil {
		err = ctx.Err()
	}
	r.planned, err = p.file.Close(r.columns, err)
	return reconciler, err
}

// planner opens the ledger to look into, and begins plan.json.
func (r *run) planner(ctx context.Context) (*Planner, error) {
	c := r.config
	p := &Planner{orgID: c.ReadOnly.ID(), verb: c.Verb, full: c.Full, clashes: c.OnConflict, doubts: map[ledger.KeyHash]bool{}, ctx: ctx}
	var err error
	if r.ledger == nil {
		if r.ledger, err = ledger.Open(c.State); err != nil {
			return nil, err
		}
	}
	p.ledger, p.readings = r.ledger, lookup.New(c.ReadOnly.Viewer, c.Now).KeepTags(r.ledger, p.orgID)
	doubts, err := p.ledger.Doubts(p.orgID, r.id)
	if err != nil {
		return nil, err
	}
	for _, d := range doubts {
		p.doubts[d.Key] = true
	}
	settings, err := r.settings(c.ReadOnly.Reach)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	p.file, err = report.CreatePlan(r.dir, report.PlanHead{Version: report.Version, Run: r.id, OrgID: p.orgID, Org: c.ReadOnly.Name, Host: c.ReadOnly.Host, Made: r.started, Settings: text}, c.Redact)
	return p, err
}

// resolve asks the org for the customers of some rows, and who else has their identities, and says what would become of each.
func (p *Planner) resolve(some *prospect) {
	var wanted []lookup.Wanted
	var at []int
	for i, r := range some.records {
		if r == nil {
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

// others finds for each row the customers that have an identity of it and are not the one that was found. Only identities
// that nobody has been asked for, and that the customer found has not itself, cost anything.
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
			if lookup.Finds(key.Kind) && key.Kind != "id" && !slices.Contains(asked, key) && !slices.Contains(asked, lookup.Normal(key.Kind, key.Value)) {
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
		row.Act, row.State, row.Fields = report.ActUpdate, customer.State(c), append(newCompany(row.NewCompany, c), changesOf(d.Update, c)...)
		some.outcomes[i] = r.Outcome(outcome.Unsent, c.ID, row.Code, row.Detail, fmt.Sprintf("would be updated: %d fields", len(row.Fields)))
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

// newCompany is the field of a company that would be made for a customer, nil none.
func newCompany(name string, c *kustomer.Customer) []report.PlanField {
	if name == "" {
		return nil
	}
	f := report.PlanField{Field: "company"}
	if c != nil && c.Company != "" {
		f.Before, _ = json.Marshal(c.Company) // a text always marshals
	}
	f.After, _ = json.Marshal(name)
	return []report.PlanField{f}
}

// talk says what would become of a row that describes a conversation: each is read by itself, since Kustomer finds them by
// their ids alone.
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
		row.Act, row.State, row.Fields = report.ActUpdate, customer.State(deliver.AsCustomer(c)), changesOf(r.Payload, deliver.AsCustomer(c))
		some.outcomes[i] = r.Outcome(outcome.Unsent, c.ID, "", "", fmt.Sprintf("would be updated: %d fields", len(row.Fields)))
	}
	return nil
}

// changesOf lists the fields that an update changes, before and after.
func changesOf(update []byte, c *kustomer.Customer) []report.PlanField {
	var sent deliver.Object
	if json.Unmarshal(update, &sent) != nil {
		return nil
	}
	var list []report.PlanField
	add := func(field string, before, after json.RawMessage) {
		if !customer.SameValue(field, after, before) || len(before) > 0 && customer.IsNothing(after) {
			f := report.PlanField{Field: field, Before: before, After: after}
			if e, is := customer.EffectOf(field, before, after); is {
				f.Entries = &report.PlanEntries{Added: e.Added, Changed: e.Changed, Kept: e.Kept, Removed: e.Removed}
			}
			list = append(list, f)
		}
	}
	for field, after := range sent {
		if customer.IsMoved(field) {
			continue
		}
		before := c.Attributes[field]
		if field == "company" {
			before, _ = json.Marshal(c.Company)
		}
		var own, theirs deliver.Object
		if field != "custom" || json.Unmarshal(after, &own) != nil {
			add(field, customer.WritableValue(field, before), after)
			continue
		}
		_ = json.Unmarshal(c.Attributes["custom"], &theirs) // none: it has nothing
		for name, value := range own {
			add("custom."+name, theirs[name], value)
		}
	}
	slices.SortFunc(list, func(a, b report.PlanField) int { return strings.Compare(a.Field, b.Field) })
	return list
}

// ReadPlan reads the beginning of a plan: what it was made with. word is its file, or the directory of its run.
func ReadPlan(path string) (*report.PlanHead, *Settings, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "plan.json")
	}
	rows, err := report.OpenPlan(path)
	if err != nil {
		return nil, nil, err
	}
	head := rows.Head
	if err := rows.Close(); err != nil {
		return nil, nil, err
	}
	s := &Settings{}
	if err := json.Unmarshal(head.Settings, s); err != nil || s.Version != settingsVersion {
		return nil, nil, &outcome.UsageError{Err: fmt.Errorf("%s: the plan's settings cannot be read: version %d", path, s.Version)}
	}
	if here, err := os.Getwd(); err != nil || here != s.Directory {
		s.Config.Directory = s.Directory
	}
	return &head, s, nil
}
