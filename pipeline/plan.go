package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/report"
)

// Planner is the stage that says what an import would do to each customer. It holds Readings, which cannot write (law 4).
type Planner struct {
	readings *Readings
	ledger   *ledger.Ledger
	orgID    string
	verb     Verb
	full     bool
	doubts   map[ledger.KeyHash]bool
	file     *report.PlanWriter
	ctx      context.Context
}

// prospect is what will become of some rows that stand one behind the other.
type prospect struct {
	outcomes []Outcome        // of each row
	rows     []report.PlanRow // the same rows, as the plan has them
	records  []*Record        // nil where nothing need be asked
	err      error
}

// plan is the second pass of a plan: every row is held against the live org, and nothing is sent.
func (r *run) plan(ctx context.Context) (*Reconciler, error) {
	c := r.config
	r.closeReaders()
	if err := r.unfolded(); err != nil {
		return nil, err
	}
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
	err = through(readers, func(send func(*prospect) bool) error { return r.prospects(ctx, p, send) }, p.resolve, func(some *prospect) error {
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
	for _, in := range r.inputs {
		r.read += in.rows
		err = errors.Join(err, in.unchanged())
	}
	if err == nil {
		err = ctx.Err()
	}
	r.planned, err = p.file.Close(err)
	return reconciler, err
}

// planner opens the ledger to look into, and begins plan.json.
func (r *run) planner(ctx context.Context) (*Planner, error) {
	c := r.config
	p := &Planner{readings: NewReadings(c.Sight.Viewer, c.Now), orgID: c.Sight.orgID(), verb: c.Verb, full: c.Full, doubts: map[ledger.KeyHash]bool{}, ctx: ctx}
	var err error
	if r.ledger == nil {
		if r.ledger, err = ledger.Open(c.State); err != nil {
			return nil, err
		}
	}
	p.ledger = r.ledger
	doubts, err := p.ledger.Doubts(p.orgID, r.id)
	if err != nil {
		return nil, err
	}
	for _, d := range doubts {
		p.doubts[d.Key] = true
	}
	settings, err := r.settings(c.Sight.Reach)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	p.file, err = report.CreatePlan(r.dir, report.PlanHead{Version: report.Version, Run: r.id, OrgID: p.orgID, Org: c.Sight.Name, Host: c.Sight.Host, Made: r.started, Settings: text})
	return p, err
}

// prospects goes through the input a second time.
func (r *run) prospects(ctx context.Context, p *Planner, send func(*prospect) bool) error {
	identifier := &Identifier{ledger: p.ledger, twins: r.twins}
	linker := newLinker(r.config.Sight.Viewer)
	var ordinal int64
	err := r.flow(ctx, true, func(w *work) error {
		if err := linker.Link(ctx, w); err != nil {
			return err
		}
		r.inputs[w.input].count(w)
		some := &prospect{}
		for i := range w.rows {
			if err := p.note(some, identifier, w, i, ordinal, r.inputs); err != nil {
				return err
			}
			ordinal++
		}
		if !send(some) {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil // who told it to stop says why
	}
	return err
}

// note takes a row down, and what the checks and the ledger alone say of it.
func (p *Planner) note(some *prospect, d *Identifier, w *work, i int, ordinal int64, inputs []*Input) error {
	twin, isTwin, err := d.twins.At(ordinal)
	if err != nil {
		return err
	}
	row := report.PlanRow{Row: ordinal, File: w.block.Header.File, Sheet: w.block.Header.Sheet, Line: w.block.Rows[i].Line}
	if w.rows[i].status != Unsent || isTwin {
		o := d.unfit(w, i, ordinal, twin, isTwin, nil, inputs, nil)
		row.Act = map[Status]string{Invalid: report.ActInvalid, Skipped: report.ActSkipped, Duplicate: report.ActDuplicate, Rejected: report.ActConflict}[o.Status]
		if len(o.Problems) > 0 {
			row.Code, row.Detail = o.Problems[0].Code, o.Problems[0].Detail
		}
		if o.Status == Rejected { // what the org lacks is no refusal of its yet
			o.Status = Unsent
		}
		some.add(o, row, nil)
		return nil
	}
	r := d.record(w, i, ordinal)
	known, err := p.ledger.Known(p.orgID, []ledger.KeyHash{r.Mark})
	if err != nil {
		return err
	}
	row.Payload = fmt.Sprintf("%x", r.Hash)
	switch {
	case known[0].Found && known[0].Hash == r.Hash && !p.full && !p.doubts[r.Mark]:
		row.Act, row.Customer = report.ActUnchanged, known[0].CustomerID
		some.add(r.outcome(Unsent, row.Customer, "", "", "unchanged: landed before, and the row is the same"), row, nil)
		return nil
	case known[0].Found:
		r.CustomerID = known[0].CustomerID
		times, err := p.ledger.Landed(p.orgID, []ledger.KeyHash{r.Mark})
		if err != nil {
			return err
		}
		r.Landed = times[0]
	}
	some.add(Outcome{}, row, r)
	return nil
}

func (s *prospect) add(o Outcome, row report.PlanRow, r *Record) {
	s.outcomes, s.rows, s.records = append(s.outcomes, o), append(s.rows, row), append(s.records, r)
}

// resolve asks the org for the customers of some rows and says what would become of each.
func (p *Planner) resolve(some *prospect) {
	var wanted []Wanted
	var at []int
	for i, r := range some.records {
		if r == nil {
			continue
		}
		w := Wanted{ID: r.CustomerID, Keys: r.matchKeys(), Landed: r.Landed}
		if w.ID != "" {
			w.Keys = r.Keys
		}
		if w.ID == "" && len(w.Keys) == 0 {
			p.become(some, i, nil)
			continue
		}
		wanted, at = append(wanted, w), append(at, i)
	}
	for len(wanted) > 0 && some.err == nil {
		n := min(len(wanted), kustomer.MaxFound)
		found, err := p.readings.Read(p.ctx, wanted[:n])
		if err != nil {
			some.err = err
			return
		}
		for k, c := range found {
			if c == nil && wanted[k].ID != "" { // gone: it may live on under another id
				if c, some.err = p.again(some.records[at[k]]); some.err != nil {
					return
				}
			}
			p.become(some, at[k], c)
		}
		wanted, at = wanted[n:], at[n:]
	}
}

// again looks a record up by its keys.
func (p *Planner) again(r *Record) (*kustomer.Customer, error) {
	found, err := p.readings.Read(p.ctx, []Wanted{{Keys: r.matchKeys(), Fresh: true}})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// become says what would become of a row whose customer is c, nil none.
func (p *Planner) become(some *prospect, i int, c *kustomer.Customer) {
	r, row := some.records[i], &some.rows[i]
	refused := func(code, detail string) {
		row.Act, row.Code, row.Detail = report.ActConflict, code, detail
		some.outcomes[i] = r.outcome(Unsent, row.Customer, code, "", detail)
	}
	if c != nil {
		row.Customer = c.ID
	}
	switch {
	case c == nil && p.verb == Update:
		refused("kustomer.not_found", "")
	case c == nil:
		row.Act = report.ActCreate
		some.outcomes[i] = r.outcome(Unsent, "", "", "", "would be created")
	case p.verb == Create:
		refused("kustomer.exists", "it is customer "+c.ID)
	case otherwiseNamed(r, c):
		refused("identity.conflict", "it matches → "+c.ID+", which has another external id")
	case coversAs(c, r.Payload, r.Table.Plan.Writes()):
		row.Act = report.ActUnchanged
		some.outcomes[i] = r.outcome(Unsent, c.ID, "", "", "unchanged: the org has exactly this already")
	default:
		d, err := differ(r.Payload, c, r.Table.Plan.Writes())
		if err != nil {
			refused("identity.merge", err.Error())
			return
		}
		row.Act, row.State, row.Fields = report.ActUpdate, stateOf(c), changesOf(d.update, c)
		some.outcomes[i] = r.outcome(Unsent, c.ID, "", "", fmt.Sprintf("would be updated: %d fields", len(row.Fields)))
	}
}

// changesOf lists the fields that an update changes, before and after.
func changesOf(update []byte, c *kustomer.Customer) []report.PlanField {
	var sent object
	if json.Unmarshal(update, &sent) != nil {
		return nil
	}
	var list []report.PlanField
	add := func(field string, before, after json.RawMessage) {
		if !has(&kustomer.Customer{Attributes: object{field: before}}, field, after) || len(before) > 0 && isNothing(after) {
			list = append(list, report.PlanField{Field: field, Before: before, After: after})
		}
	}
	for field, after := range sent {
		before := c.Attributes[field]
		if field == "company" {
			before, _ = json.Marshal(c.Company)
		}
		var own, theirs object
		if field != "custom" || json.Unmarshal(after, &own) != nil {
			add(field, writableValue(field, before), after)
			continue
		}
		_ = json.Unmarshal(c.Attributes["custom"], &theirs) // none: it has nothing
		for name, value := range own {
			add("custom."+name, theirs[name], value)
		}
	}
	slices.SortFunc(list, func(a, b report.PlanField) int { return compareText(a.Field, b.Field) })
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
		return nil, nil, &UsageError{fmt.Errorf("%s: the plan's settings cannot be read: version %d", path, s.Version)}
	}
	if here, err := os.Getwd(); err != nil || here != s.Directory {
		s.Config.Directory = s.Directory
	}
	return &head, s, nil
}
