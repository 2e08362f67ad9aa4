package pipeline

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"muster/pipeline/backup"
	"muster/pipeline/block"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/lanes"
	"muster/pipeline/ledger"
	"muster/pipeline/link"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
	"muster/pipeline/progress"
	"muster/pipeline/report"
)

// Second sends: identity, batches, uploads, evidence.
func (m *importing) Second(ctx context.Context, r *Running) error {
	c, rows := m.config, r.Survey.Rows
	identifier, err := deliver.NewIdentifier(m.ledger, m.book, m.org.ID(), c.Verb, r.Survey.Verdicts)
	if err != nil {
		return err
	}
	identifier.Full = c.Full
	if identifier.Plan, err = m.openPlanned(); err != nil {
		return err
	}
	defer identifier.Plan.Close()
	uploader, err := m.uploader(r)
	if err != nil {
		return err
	}
	line, err := m.foresee(ctx, r, identifier, uploader.Readings)
	if err != nil {
		return err
	}
	c.Progress.Say(line)
	c.Progress.Phase("import", rows)
	defer c.Progress.Done()
	if c.Backup != "" {
		m.backup, err = backup.New(backup.Options{Path: c.Backup, From: c.Directory, Run: r.Run, Resumed: m.book.Resumed(),
			Viewer: m.org.Client.Viewer, Org: m.org.ID(), Readings: uploader.Readings, Now: c.Now, Sleep: c.Sleep,
			Say: c.Progress.Say}, r.Inputs)
		if err != nil {
			return err
		}
		uploader.Backup = func(k *object.Kind, before []*kustomer.Customer) error {
			return m.backup.Keep(kustomer.Detached(ctx), k, before)
		}
	}
	if uploader.Canary, err = m.canary(r); err != nil {
		return err
	}
	if uploader.Canary != nil {
		identifier.Batcher.Steps = deliver.CanarySteps[:]
	}
	m.linker = link.New(m.org.Client.Viewer).Makes(m.org.Client, uploader.Halt.Stop, c.Sleep).Keeps(m.ledger,
		m.book)
	m.linker.Coming = uploader.Kinds.Coming
	for _, s := range r.Stretches() {
		if err = m.upload(ctx, r, s, identifier, uploader); err != nil || ctx.Err() != nil {
			break
		}
		uploader.Kinds.Coming.Seal()
	}
	if line := m.linker.Says(); line != "" {
		c.Progress.Say(line)
	}
	if err == nil && ctx.Err() == nil {
		err = m.endConversations(ctx, r, uploader)
	}
	return errors.Join(err, r.SayMissing(uploader.Kinds), r.Counted())
}

// canary is that of the run; nil where none is asked for, or where this mapping has been proven in this org before.
func (m *importing) canary(r *Running) (*deliver.Canary, error) {
	c := m.config
	if !c.Canary {
		return nil, nil
	}
	name := fmt.Sprintf("canary %s %s", m.org.ID(), hex.EncodeToString(r.identity))
	proven, err := m.ledger.Memo(name)
	if err != nil || proven != nil {
		return nil, err
	}
	without := "--no-canary"
	if c.Command == "run" {
		without = "canary: false"
	}
	c.Progress.Say("the first import with this mapping: 1, 10 and 100 customers are read back before the rest is sent (" +
		without + ")")
	return deliver.NewCanary(func() error { return m.ledger.Remember(name, []byte(r.Run)) }), nil
}

// openPlanned opens the plan that the run was told to carry out; nil: none.
func (m *importing) openPlanned() (*deliver.Planned, error) {
	if m.config.Plan == "" {
		return nil, nil
	}
	rows, err := report.OpenPlan(m.config.Plan)
	if err != nil {
		return nil, err
	}
	if rows.Head.OrgID != m.org.ID() {
		rows.Close()
		return nil, fmt.Errorf("%s is %w", m.org.Host, outcome.ErrOtherOrg)
	}
	return &deliver.Planned{Rows: rows}, nil
}

// planOf names the plan in the fingerprint of a run: carrying it out twice is one run.
func (c *Config) planOf() string {
	if c.Plan == "" {
		return ""
	}
	return " plan " + filepath.Base(filepath.Dir(c.Plan))
}

// uploader is that of the run.
func (m *importing) uploader(r *Running) (*deliver.Uploader, error) {
	c, rows := m.config, r.Survey.Rows
	l := &c.Limits
	readings := lookup.New(m.org.Client.Viewer, c.Now).KeepTags(m.ledger, m.org.ID())
	kinds, err := r.KindsOf(m.org.Client.Viewer, readings, m.ledger, m.org.ID())
	if err != nil {
		return nil, err
	}
	return &deliver.Uploader{Client: m.org.Client, Readings: readings, Kinds: kinds, Run: m.book, Verb: c.Verb,
		Clashes: c.OnConflict,
		Stamp:   m.book.Info().Stamp, Patience: c.JobPatience, Grace: c.Grace, Begun: m.config.begun, Now: c.Now,
		Sleep: c.Sleep, Halt: &lanes.Halt{}, Pace: &deliver.Pace{}, Limiter: lanes.NewLimiter(c.Uploads),
		Seq:    &lanes.Sequence{Next: m.book.NextSeq()},
		Limits: l, Creates: l.QuotaOf("--max-create", "created", l.Create, rows),
		Updates: l.QuotaOf("--max-update", "updated", l.Update, rows)}, nil
}

// add hands outcomes to the reconciler. An error is that the reports cannot be written: the run ends.
func (m *importing) add(r *Running, some []block.Outcome, uploader *deliver.Uploader) error {
	if news := uploader.Wary.Look(some, r.roll.rows); news != "" {
		m.config.Progress.Say(news)
		uploader.Limiter.Hold(lanes.WaryBatches)
	}
	var failed error
	for i := range some {
		if o := &some[i]; o.Status == outcome.Invalid || o.Status == outcome.Rejected || o.Status == outcome.Unsent {
			uploader.Kinds.Coming.Refuses(deliver.KindOf(o.Table), string(o.Key))
		}
	}
	for i := range some { // which are counted also when they cannot be written any more
		failed = cmp.Or(failed, r.roll.Add(&some[i]))
	}
	if failed != nil {
		return failed
	}
	m.config.Progress.Step(r.roll.rows)
	b := m.org.Client.Budget()
	r.throughput.beat(m.config.Now(), r.roll.rows, b.Requests)
	if watch, is := m.config.Progress.(progress.Roller); is {
		watch.Roll(r.roll.countsByName(), int64(b.Granted), b.Used)
	}
	recent, barred := uploader.Readings.Singly()
	if line := m.forecast.exceeded(r.roll.rows, b, recent, barred); line != "" {
		m.config.Progress.Say(line)
	}
	return nil
}

// Report says where the records went and what that took of the org's budget. A key that was refused is forgotten.
func (m *importing) Report(r *Running, s *report.Summary, cause error) error {
	kept, err := m.backup.Write()
	s.Files = append(s.Files, kept...)
	m.costs(s)
	s.Customers = m.org.pages(r.roll.links)
	m.spoilt = errors.As(cause, new(*deliver.CanaryError))
	return errors.Join(err, m.forgetKey(cause))
}

// costs fills in where the records went and what that took of the org's budget.
func (m *importing) costs(s *report.Summary) {
	org := m.org
	b := org.Client.Budget()
	s.Org = &report.Org{Name: org.Name, Host: org.Host}
	s.Requests = b.Requests
	minutes := s.Ended.Sub(s.Started).Minutes()
	s.Budget = &report.Budget{Limit: int64(b.Limit), Granted: int64(b.Granted), Throttled: b.Throttled}
	if minutes > 0 && b.Limit > 0 {
		// A run shorter than a window is measured against the whole window.
		s.Budget.Used = float64(b.Requests) / max(minutes, 1)
		s.Budget.Share = s.Budget.Used / float64(b.Limit)
	}
}

// Faulty is none: what the org refuses is rejected.
func (m *importing) Faulty() int64 { return 0 }

// Next goes on where the run ended, undoes what the canary found, or reads back what landed.
func (m *importing) Next(r *Running, s *report.Summary) (first, last []report.Next) {
	c := m.config
	unfinished := s.Unknown > 0 || s.Stopped != "" || r.roll.count(outcome.Unsent) > r.roll.held
	to := m.org.Enter + c.stateFlag()
	// what was sent is worked out from the input, and standard input cannot be read again
	again := !slices.Contains(c.Files, "-")
	if m.spoilt {
		if again {
			first = append(first, report.Next{Command: "muster verify " + r.Run + " --all" + to,
				Why: "names every field that is not as it was sent; its values are in verify.csv"})
		}
		first = append(first, report.Next{Command: "muster undo " + r.Run + to, Why: "takes back what was sent"})
	}
	if unfinished && c.Again != "" {
		first = append(first, report.Next{Command: c.Again,
			Why: "goes on where this run's evidence ends; nothing is sent twice"})
	}
	if !unfinished && r.roll.landed() > 0 && again {
		first = append(first, report.Next{Command: "muster verify " + r.Run + to,
			Why: "reads back what landed and compares it field by field with what was sent"})
	}
	return first, nil
}

// End closes the run's part of the ledger.
func (m *importing) End(ctx context.Context, r *Running, s *report.Summary, cause error) error {
	state := m.state(ctx, s, cause)
	var err error
	if r.named() && r.roll.count(outcome.Updated) > 0 { // the ledger may know them by other identities, too
		err = m.book.Overtake()
	}
	return errors.Join(err, m.backup.End(state == ledger.RunFinished), m.book.Finish(state, s.Rows, r.roll.countsByName()))
}

// state is how the ledger remembers the run. One with rows unsent or unknown is not finished: the
// same command takes it up again.
func (m *importing) state(ctx context.Context, s *report.Summary, cause error) string {
	switch {
	case ctx.Err() != nil:
		return ledger.RunInterrupted
	case cause != nil || !s.Balanced || s.Unknown > 0:
		return ledger.RunFailed
	default:
		return ledger.RunFinished
	}
}
