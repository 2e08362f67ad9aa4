// Package plan says what an import would do to each customer, field by field.
package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
	"muster/pipeline/printable"
	"muster/pipeline/report"
)

// Planner is the mode of a run, and the stage in it, that says what an import would do to each customer. It holds
// readings, which cannot write (law 4).
type Planner struct {
	pipeline.Check
	org      *pipeline.ReadOnlyOrg
	readings *lookup.Reader
	ledger   *ledger.Ledger
	own      bool // it has opened the ledger
	orgID    string
	verb     deliver.Verb
	full     bool
	doubts   map[ledger.KeyHash]bool
	clashes  deliver.OnConflict
	file     *report.PlanWriter
	totals   *report.PlanTotals
	ctx      context.Context
}

// Run says what an import of the config would do to the org it looks at, and leaves that as a plan, see [pipeline.Run].
func Run(ctx context.Context, c pipeline.Config) (*report.Summary, error) {
	return pipeline.RunAs(ctx, c, func(c *pipeline.Config) pipeline.Mode {
		return &Planner{org: c.ReadOnly, orgID: c.ReadOnly.ID(), verb: c.Verb, full: c.Full, clashes: c.OnConflict,
			doubts: map[ledger.KeyHash]bool{}}
	})
}

// Open keeps what the plan is made of.
func (p *Planner) Open(r *pipeline.Running) error {
	if err := p.Check.Open(r); err != nil {
		return err
	}
	_, err := bind.Fingerprint(r.Inputs)
	return err
}

// Twice is true: every fit row is held against the org.
func (p *Planner) Twice() bool { return true }

// Second holds every row against the live org. Nothing is sent.
func (p *Planner) Second(ctx context.Context, r *pipeline.Running) error {
	c := r.Config
	asking, stop := context.WithCancel(ctx)
	defer stop()
	p.ctx = asking
	if err := p.begin(r); err != nil {
		return err
	}
	c.Progress.Phase("plan", r.Survey.Rows)
	defer c.Progress.Done()
	linker := deliver.NewLinker(p.org.Viewer)
	linker.Promises = true
	var failed error // why nobody is asked any more; the rows that were read by then have an outcome all the same
	err := parallel.Ordered(lookup.AtOnce, func(send func(*prospect) bool) error {
		return p.prospects(asking, r, linker, send)
	}, parallel.Each(p.resolve), func(some *prospect) error {
		if some.err != nil && failed == nil {
			failed = some.err
			stop()
		}
		if failed != nil {
			return some.abandon(r)
		}
		for i := range some.outcomes {
			if err := errors.Join(p.file.Add(&some.rows[i]), r.Add(&some.outcomes[i])); err != nil {
				return err
			}
		}
		c.Progress.Step(r.Outcomes())
		return nil
	})
	if line := linker.Says(); line != "" {
		c.Progress.Say(line)
	}
	counted := r.Counted()
	switch {
	case ctx.Err() != nil: // what was not asked since then failed for no other reason
		err = ctx.Err()
	case failed != nil:
		err = failed
	default:
		err = errors.Join(err, counted)
	}
	p.totals, err = p.file.Close(r.Survey.Columns, err)
	return err
}

// begin opens the ledger to look into, and begins plan.json.
func (p *Planner) begin(r *pipeline.Running) (err error) {
	c := r.Config
	if p.ledger = c.Ledger; p.ledger == nil {
		if p.ledger, err = ledger.Open(c.State); err != nil {
			return err
		}
		p.own = true
	}
	p.readings = lookup.New(p.org.Viewer, c.Now).KeepTags(p.ledger, p.orgID)
	doubts, err := p.ledger.Doubts(p.orgID, r.Run)
	if err != nil {
		return err
	}
	for _, d := range doubts {
		p.doubts[d.Key] = true
	}
	settings, err := r.Settings(p.org.Reach)
	if err != nil {
		return err
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	p.file, err = report.CreatePlan(r.Dir, report.PlanHead{Version: report.Version, Run: r.Run, OrgID: p.orgID,
		Org: p.org.Name, Host: p.org.Host, Made: r.Started, Settings: text}, c.Redact)
	return err
}

// Report says what the plan came to, and what it took to know.
func (p *Planner) Report(_ *pipeline.Running, s *report.Summary, _ error) error {
	s.Statuses[outcome.Unsent].Meaning = "see the acts below; a plan sends nothing"
	s.Org, s.Requests = &report.Org{Name: p.org.Name, Host: p.org.Host}, p.org.Viewer.Budget().Requests
	if s.Plan = p.totals; s.Plan != nil {
		s.Files = append(s.Files, report.File{Kind: "plan", Path: s.Plan.Path},
			report.File{Kind: "planpage", Path: strings.TrimSuffix(s.Plan.Path, "json") + "html"})
	}
	return nil
}

// Faulty is how many rows the org would refuse.
func (p *Planner) Faulty() (n int64) {
	if p.totals == nil {
		return 0
	}
	for _, a := range p.totals.Acts {
		if a.Act == report.ActConflict {
			n += a.Rows
		}
	}
	return n
}

// Next carries the plan out.
func (p *Planner) Next(r *pipeline.Running, s *report.Summary) (first, last []report.Next) {
	if p.totals == nil {
		return p.Check.Next(r, s)
	}
	return []report.Next{{Command: "muster apply " + printable.File(p.totals.Path),
		Why: "does exactly this, and leaves alone who is changed meanwhile"}}, nil
}

// Close closes the ledger, unless the caller holds it.
func (p *Planner) Close() error {
	if p.own {
		return p.ledger.Close()
	}
	return nil
}

// resolve asks the org for the customers of some rows, and who else has their identities, and says what would become of
// each.
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

// Read reads the beginning of a plan: what it was made with. word is its file, or the directory of its run.
func Read(path string) (*report.PlanHead, *pipeline.Settings, error) {
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
	s, err := pipeline.ParseSettings(head.Settings)
	if err != nil {
		return nil, nil, &outcome.UsageError{Err: fmt.Errorf("%s: the plan's settings cannot be read: %w", path, err)}
	}
	return &head, s, nil
}
