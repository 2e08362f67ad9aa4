package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"muster/pipeline/bind"
	"muster/pipeline/customer"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
	"muster/pipeline/report"
)

// Roles that taking a run back needs: those for what it made, and those for what it changed.
const (
	RoleDelete   = "org.permission.customer.delete"
	RoleUpdate   = "org.permission.customer.update"
	RoleBulkRead = "org.permission.bulk.read"
)

// UndoConfig says which run is to be taken back. It holds nobody who can write.
type UndoConfig struct {
	State    string
	Run      string // its id
	ReadOnly *ReadOnlyOrg
	Again    string // the command, for the report
	Version  string // of muster

	Grace    time.Duration // how long what has begun is waited for once the context is done; default 30 s
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error
	Progress Progress // nil: nobody watches
}

func (c UndoConfig) withDefaults() UndoConfig {
	if c.Grace <= 0 {
		c.Grace = defaultGrace
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = kustomer.Sleep
	}
	if c.Progress == nil {
		c.Progress = silent{}
	}
	return c
}

// UndoPlanner works out what taking a run back would do to each customer that the run made or changed.
// It holds a viewer: it cannot write (law 4).
type UndoPlanner struct {
	UndoConfig
	ctx      context.Context
	ledger   *ledger.Ledger
	book     *ledger.Run // the run that is taken back
	info     ledger.RunInfo
	readings *lookup.Reader
	judge    *undoJudge
	landed   time.Time     // when the run ended
	earlier  []*ledger.Run // that took it back before, the newest first
	redact   report.Redaction
	result   *report.Undo
	todo     struct{ deletions, restorations int64 }
	made     int64 // rows that the ledger says the run landed
}

// PlanUndo says what taking a run back would do. It writes neither to the org nor to the ledger.
func PlanUndo(ctx context.Context, c UndoConfig) (*report.Undo, error) {
	p, err := newUndoPlanner(ctx, c.withDefaults())
	if err != nil {
		return nil, err
	}
	defer p.ledger.Close()
	r, err := p.rows()
	if err != nil {
		return nil, err
	}
	defer r.close()
	err = p.plan(r)
	return p.result, err
}

// Undo takes a run back through client, once agree has seen the plan and returned nil: what the run made
// is deleted, what it changed is as before, unless somebody has edited it since. It is a run of its own:
// when it ends early, the same again goes on. The result is nil when nothing was done.
func Undo(ctx context.Context, c UndoConfig, client *kustomer.Client, agree func(*report.Undo) error) (*report.Undo, error) {
	p, err := newUndoPlanner(ctx, c.withDefaults())
	if err != nil {
		return nil, err
	}
	defer p.ledger.Close()
	r, err := p.rows()
	if err != nil {
		return nil, err
	}
	defer r.close()
	if err := p.plan(r); err != nil {
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
	return u.run(r)
}

func newUndoPlanner(ctx context.Context, c UndoConfig) (p *UndoPlanner, err error) {
	p = &UndoPlanner{UndoConfig: c, ctx: ctx, readings: lookup.New(c.ReadOnly.Viewer, c.Now),
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
func (p *UndoPlanner) open() (err error) {
	c := &p.UndoConfig
	if p.book, err = p.ledger.Find(c.Run); err != nil {
		return err
	}
	p.info = p.book.Info()
	switch {
	case Undoes(p.info) != "":
		return &outcome.UsageError{Err: fmt.Errorf("run %s took back run %s itself: an import of that run's files brings it back", c.Run, Undoes(p.info))}
	case p.info.OrgID != c.ReadOnly.orgID():
		return fmt.Errorf("%s is %w", c.ReadOnly.Host, outcome.ErrOtherOrg)
	}
	if p.landed = p.info.Ended; p.landed.IsZero() {
		p.landed = c.Now()
	}
	p.readings.KeepTags(p.ledger, p.info.OrgID)
	p.judge = &undoJudge{compare: customer.NewComparer(), stamp: p.info.Stamp}
	return p.before()
}

// before finds the runs that took the run back already. Whom they took back nobody is asked for again: should somebody have
// brought a customer back since, it stays.
func (p *UndoPlanner) before() error {
	runs, err := p.ledger.Runs()
	if err != nil {
		return err
	}
	for _, info := range runs {
		if Undoes(info) != p.Run || info.State != ledger.RunFinished || info.OrgID != p.info.OrgID {
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

// undoMark begins the fingerprint of a run that takes another back; the other's id follows.
const undoMark = "undo "

// Undoes is the run that a run takes back, "" none.
func Undoes(info ledger.RunInfo) string {
	run, is := strings.CutPrefix(info.Fingerprint, undoMark)
	if info.Command != "undo" || !is {
		return ""
	}
	return run
}

// rows opens the inputs of the run, as they are needed to know what was sent. Where they are not what
// they were, or cannot be read again, the run's outcomes must do, which tell who is where: then who was
// made by the run is known as untouched by the revision alone.
func (p *UndoPlanner) rows() (*run, error) {
	settings, err := LoadSettings(p.State, p.Run)
	if err != nil {
		return nil, err
	}
	p.redact = settings.Config.Redact
	back := &VerifyConfig{State: p.State, Run: p.Run, ReadOnly: p.ReadOnly, Now: p.Now, Progress: p.Progress}
	r, err := back.recompute(p.ctx)
	if err == nil {
		r.linker = deliver.NewLinker(p.ReadOnly.Viewer)
		return r, nil
	}
	if !errors.Is(err, bind.ErrInputChanged) && !errors.As(err, new(*outcome.UsageError)) {
		return nil, err
	}
	r = &run{id: p.Run, dir: filepath.Join(p.State, "runs", p.Run)}
	if _, missing := os.Stat(filepath.Join(r.dir, "outcomes.csv")); missing != nil {
		return nil, err
	}
	p.Progress.Say("what was sent cannot be worked out again (" + oneLine(err) + "): who was edited since is told by the customers' revisions")
	return r, nil
}

// undoPlanSize is how many customers are read together for the plan: as many as a page of a search shows.
const undoPlanSize = kustomer.MaxFound

// plan counts what would be done.
func (p *UndoPlanner) plan(r *run) error {
	if p.info.Counts[outcome.Created.String()]+p.info.Counts[outcome.Updated.String()] > 0 && p.book.NextSeq() == 1 {
		return &outcome.UsageError{Err: fmt.Errorf("what run %s did row by row was tidied away: it cannot be taken back", p.Run)}
	}
	p.Progress.Phase("plan", p.info.Counts[outcome.Created.String()]+p.info.Counts[outcome.Updated.String()])
	err := parallel.Ordered(readers, func(send func(*undoBatch) bool) error { return p.each(r, undoPlanSize, send) }, parallel.Each(p.look), p.tally)
	p.Progress.Done()
	u := p.result
	companies, made := p.book.MadeCompanies()
	if err = errors.Join(err, made); len(companies) > 0 {
		u.Companies = &report.UndoCompanies{Made: int64(len(companies))}
	}
	expected := u.Customers
	if landed := p.info.Counts[outcome.Created.String()] + p.info.Counts[outcome.Updated.String()]; p.info.State == ledger.RunFinished && landed != p.made && len(p.info.Counts) > 0 {
		expected = landed
	}
	u.Settle(expected)
	u.Lacks = p.lacks()
	u.Needs = kustomer.InWords(u.Lacks...)
	u.Ended, u.Requests = p.Now().UTC(), p.ReadOnly.Viewer.Budget().Requests
	u.ExitCode = exit.OK
	switch {
	case err != nil:
		u.Stopped, u.ExitCode = oneLine(err), exit.Code(err)
	case p.ctx.Err() != nil:
		u.Stopped, u.ExitCode = "interrupted", exit.BySignal(p.ctx)
	case len(u.Lacks) > 0:
		u.ExitCode = exit.Permission
	default:
		u.ExitCode = undoExit(u)
	}
	u.Exit = exit.Meaning(u.ExitCode)
	return err
}

// undoExit is what the lists of an undo that came to its end amount to.
func undoExit(u *report.Undo) int {
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
func (p *UndoPlanner) lacks() (missing []string) {
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
	return missing
}

// look reads the customers of some rows and judges them.
func (p *UndoPlanner) look(b *undoBatch) {
	if b.err = p.ctx.Err(); b.err == nil {
		b.err = p.judgeAll(p.ctx, b, false)
	}
}

// judgeAll reads the customers of the rows of b that are not done, and judges them. fresh: as the org has
// them at this moment, whatever its search remembers.
func (p *UndoPlanner) judgeAll(ctx context.Context, b *undoBatch, fresh bool) error {
	var idx []int
	var wanted []lookup.Wanted
	for i, t := range b.rows {
		if !t.done && p.judge.needs(t) {
			idx = append(idx, i)
			wanted = append(wanted, lookup.Wanted{ID: t.row.CustomerID, Keys: t.keys, Landed: p.landed, Fresh: fresh || t.row.CustomerID == ""})
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

// tally counts what would become of some rows.
func (p *UndoPlanner) tally(b *undoBatch) error {
	if b.err != nil {
		return b.err
	}
	for _, t := range b.rows {
		p.made += t.landed()
		switch t.act {
		case toDelete:
			p.todo.deletions++
			t.row.List = report.ListDeleted
		case toRestore:
			p.todo.restorations++
			t.row.List = report.ListRestored
		}
		p.result.Count(&t.row)
	}
	p.Progress.Step(p.result.Customers)
	return nil
}
