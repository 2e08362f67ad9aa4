// Package undo takes a run back: what it made is deleted, what it changed is as before, and what people edited since
// stays.
package undo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/customer"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
	"muster/pipeline/progress"
	"muster/pipeline/redact"
	"muster/pipeline/report"
)

// Roles that taking a run back needs: those for what it made, and those for what it changed.
const (
	RoleDelete   = "org.permission.customer.delete"
	RoleUpdate   = "org.permission.customer.update"
	RoleBulkRead = "org.permission.bulk.read"
)

// Config says which run is to be taken back. It holds nobody who can write.
type Config struct {
	State    string
	Run      string // its id
	ReadOnly *pipeline.ReadOnlyOrg
	Again    string // the command, for the report
	Version  string // of muster

	Grace    time.Duration // how long what has begun is waited for once the context is done; default 30 s
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error
	Progress progress.Reporter // nil: nobody watches
}

func (c Config) withDefaults() Config {
	if c.Grace <= 0 {
		c.Grace = kustomer.DefaultGrace
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = kustomer.Sleep
	}
	if c.Progress == nil {
		c.Progress = progress.Silent{}
	}
	return c
}

// Planner works out what taking a run back would do to each customer that the run made or changed.
// It holds a viewer: it cannot write (law 4).
type Planner struct {
	Config
	ctx      context.Context
	ledger   *ledger.Ledger
	book     *ledger.Run // the run that is taken back
	info     ledger.RunInfo
	readings *lookup.Reader
	judge    *judge
	landed   time.Time     // when the run ended
	earlier  []*ledger.Run // that took it back before, the newest first
	redact   redact.Redaction
	result   *report.Undo
	todo     struct{ deletions, restorations int64 }
	made     int64    // rows that the ledger says the run landed
	roles    []string // that it takes beside those for customers
	kinds    []string // of its rows, in the order of the inputs; "" customers
	employed struct { // companies that customers are of
		sync.Mutex
		of    map[string]bool
		whole bool
	}
}

// Plan says what taking a run back would do. It writes neither to the org nor to the ledger.
func Plan(ctx context.Context, c Config) (*report.Undo, error) {
	p, err := newPlanner(ctx, c.withDefaults())
	if err != nil {
		return nil, err
	}
	defer p.ledger.Close()
	replay, err := p.reopen()
	if err != nil {
		return nil, err
	}
	defer replay.Close()
	err = p.plan(replay)
	return p.result, err
}

// Run takes a run back through client, once agree has seen the plan and returned nil: what the run made
// is deleted, what it changed is as before, unless somebody has edited it since. It is a run of its own:
// when it ends early, the same again goes on. The result is nil when nothing was done.
func Run(ctx context.Context, c Config, client *kustomer.Client, agree func(*report.Undo) error) (*report.Undo, error) {
	p, err := newPlanner(ctx, c.withDefaults())
	if err != nil {
		return nil, err
	}
	defer p.ledger.Close()
	replay, err := p.reopen()
	if err != nil {
		return nil, err
	}
	defer replay.Close()
	if err := p.plan(replay); err != nil {
		return nil, err
	}
	if len(p.result.Lacks) > 0 {
		return nil, &kustomer.Error{Verdict: kustomer.Forbidden, Act: "the key lacks " + kustomer.InWords(p.result.Lacks...)}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err := agree(p.result); err != nil {
		return nil, err
	}
	u, err := p.undoer(client)
	if err != nil {
		return nil, err
	}
	return u.run(replay)
}

func newPlanner(ctx context.Context, c Config) (p *Planner, err error) {
	p = &Planner{Config: c, ctx: ctx, readings: lookup.New(c.ReadOnly.Viewer, c.Now),
		result: &report.Undo{Muster: c.Version, Undoes: c.Run, Line: c.Again, Started: c.Now().UTC(), Planned: true,
			Org: &report.Org{Name: c.ReadOnly.Name, Host: c.ReadOnly.Host}}}
	if p.ledger, err = ledger.Open(c.State); err != nil {
		return nil, err
	}
	if err := p.open(); err != nil {
		return nil, errors.Join(err, p.ledger.Close())
	}
	return p, nil
}

// open finds the run and sees that it can be taken back in this org.
func (p *Planner) open() (err error) {
	c := &p.Config
	if p.book, err = p.ledger.Find(c.Run); err != nil {
		return err
	}
	p.info = p.book.Info()
	switch {
	case p.info.Undoes() != "":
		return &outcome.UsageError{Err: fmt.Errorf("run %s took back run %s itself: an import of that run's files brings "+
			"it back", c.Run, p.info.Undoes())}
	case p.info.OrgID != c.ReadOnly.ID():
		return fmt.Errorf("%s is %w", c.ReadOnly.Host, outcome.ErrOtherOrg)
	}
	if p.landed = p.info.Ended; p.landed.IsZero() {
		p.landed = c.Now()
	}
	p.readings.KeepTags(p.ledger, p.info.OrgID)
	p.judge = &judge{compare: customer.NewComparer(), stamp: p.info.Stamp}
	return p.before()
}

// before finds the runs that took the run back already. Whom they took back nobody is asked for again: should somebody
// have brought a customer back since, it stays.
func (p *Planner) before() error {
	runs, err := p.ledger.Runs()
	if err != nil {
		return err
	}
	for _, info := range runs {
		if info.Undoes() != p.Run || info.State != ledger.RunFinished || info.OrgID != p.info.OrgID {
			continue
		}
		run, err := p.ledger.Find(info.ID)
		if err != nil {
			return err
		}
		p.earlier = append(p.earlier, run)
	}
	return nil
}

// reopen opens the inputs of the run, as they are needed to know what was sent. Where they are not what
// they were, or cannot be read again, the run's outcomes must do, which tell who is where: then who was
// made by the run is known as untouched by the revision alone.
func (p *Planner) reopen() (*pipeline.Replay, error) {
	settings, err := pipeline.LoadSettings(p.State, p.Run)
	if err != nil {
		return nil, err
	}
	p.redact = settings.Config.Redact
	replay, err := pipeline.Reopen(p.ctx, pipeline.ReplayConfig{State: p.State, Run: p.Run, ReadOnly: p.ReadOnly,
		Now: p.Now, Progress: p.Progress})
	if err == nil {
		return replay, nil
	}
	if !errors.Is(err, bind.ErrInputChanged) && !errors.As(err, new(*outcome.UsageError)) {
		return nil, err
	}
	if _, missing := os.Stat(filepath.Join(p.State, "runs", p.Run, "outcomes.csv")); missing != nil {
		return nil, err
	}
	if settings.Kinds() {
		return nil, errors.Join(err, errKinds)
	}
	p.Progress.Say("what was sent cannot be worked out again (" + outcome.OneLine(err) +
		"): who was edited since is told by the customers' revisions")
	return nil, nil
}

// planSize is how many customers are read together for the plan: as many as a page of a search shows.
const planSize = kustomer.MaxFound

// plan counts what would be done.
func (p *Planner) plan(replay *pipeline.Replay) error {
	if p.info.Counts[outcome.Created.String()]+p.info.Counts[outcome.Updated.String()] > 0 && p.book.NextSeq() == 1 {
		return &outcome.UsageError{Err: fmt.Errorf("what run %s did row by row was tidied away: it cannot be taken back",
			p.Run)}
	}
	p.Progress.Phase("plan", p.info.Counts[outcome.Created.String()]+p.info.Counts[outcome.Updated.String()])
	err := parallel.Ordered(lookup.AtOnce, func(send func(*batch) bool) error { return p.each(replay, planSize, send) },
		parallel.Each(p.look), p.tally)
	p.Progress.Done()
	u := p.result
	companies, made := p.book.MadeCompanies()
	if err = errors.Join(err, made); len(companies) > 0 {
		u.Companies = &report.UndoCompanies{Made: int64(len(companies))}
	}
	expected := u.Customers
	if landed := p.info.Counts[outcome.Created.String()] +
		p.info.Counts[outcome.Updated.String()]; p.info.State == ledger.RunFinished && landed != p.made &&
		len(p.info.Counts) > 0 {
		expected = landed
	}
	u.Settle(expected)
	u.Lacks = p.lacks()
	u.Needs = kustomer.InWords(u.Lacks...)
	u.Ended, u.Requests = p.Now().UTC(), p.ReadOnly.Viewer.Budget().Requests
	u.ExitCode = exit.OK
	switch {
	case err != nil:
		u.Stopped, u.ExitCode = outcome.OneLine(err), exit.Code(err)
	case p.ctx.Err() != nil:
		u.Stopped, u.ExitCode = "interrupted", exit.BySignal(p.ctx)
	case len(u.Lacks) > 0:
		u.ExitCode = exit.Permission
	default:
		u.ExitCode = exitCode(u)
	}
	u.Exit = exit.Meaning(u.ExitCode)
	return err
}

// exitCode is what the lists of an undo that came to its end amount to.
func exitCode(u *report.Undo) int {
	switch {
	case !u.Balanced || u.Unknown > 0:
		return exit.Unproven
	case u.Kept+u.Failed > 0:
		return exit.Rejects
	default:
		return exit.OK
	}
}

// lacks are the roles that the key needs and has not; one that does not say its roles is believed.
func (p *Planner) lacks() (missing []string) {
	token := p.ReadOnly.Token
	if len(token.Roles) == 0 {
		return nil
	}
	need := func(role string, n int64) {
		if n > 0 && !token.Has(role) {
			missing = append(missing, role)
		}
	}
	need(RoleDelete, p.todo.deletions)
	need(RoleUpdate, p.todo.restorations)
	need(RoleBulkRead, p.todo.restorations)
	for _, role := range p.roles {
		need(role, 1)
	}
	return missing
}

// count counts what is to be done to a customer, or notes the role that it takes for a record of another kind.
func (p *Planner) count(t *takenRow, role func(*object.Kind) string, customers *int64) {
	if t.kind == nil {
		*customers++
	} else if one := role(t.kind); !slices.Contains(p.roles, one) {
		p.roles = append(p.roles, one)
	}
}

// look reads the customers of some rows and judges them.
func (p *Planner) look(b *batch) {
	if b.err = p.ctx.Err(); b.err == nil {
		b.err = p.judgeAll(p.ctx, b, false)
	}
}

// judgeAll reads the customers of the rows of b that are not done, and judges them. fresh: as the org has
// them at this moment, whatever its search remembers.
func (p *Planner) judgeAll(ctx context.Context, b *batch, fresh bool) error {
	if k := b.kind(); k != nil {
		return p.judgeKind(ctx, k, b)
	}
	var idx []int
	var wanted []lookup.Wanted
	for i, t := range b.rows {
		if !t.done && p.judge.needs(t) {
			idx = append(idx, i)
			wanted = append(wanted, lookup.Wanted{ID: t.row.CustomerID, Keys: t.keys, Landed: p.landed, Earliest: p.info.Started,
				Fresh: fresh || t.row.CustomerID == "", Since: t.begun, Above: t.rev, Age: moment})
		}
	}
	customers, err := p.readings.Read(ctx, wanted)
	if err == nil {
		customers, err = p.readings.Named(ctx, customers, func(k int) bool { return b.rows[idx[k]].tagged() })
	}
	if err != nil {
		return err
	}
	for k, i := range idx {
		p.judge.look(b.rows[i], customers[k])
	}
	return nil
}

// moment is how old a reading of a customer may be that is judged, and then written back: half of what it may be when
// it is deleted.
const moment = freshFor / 2

// tally counts what would become of some rows.
func (p *Planner) tally(b *batch) error {
	if b.err != nil {
		return b.err
	}
	if kind := b.rows[0].kindName(); !slices.Contains(p.kinds, kind) {
		p.kinds = append(p.kinds, kind)
	}
	for _, t := range b.rows {
		p.made += t.landed()
		switch t.act {
		case toDelete:
			p.count(t, func(k *object.Kind) string { return k.Roles.Delete }, &p.todo.deletions)
			t.row.List = report.ListDeleted
		case toRestore:
			p.count(t, func(k *object.Kind) string { return k.Roles.Update }, &p.todo.restorations)
			t.row.List = report.ListRestored
		}
		p.result.Count(&t.row)
	}
	p.Progress.Step(p.result.Customers)
	return nil
}
