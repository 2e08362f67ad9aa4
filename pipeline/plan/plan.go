// Package plan says what an import would do to each customer, field by field.
package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/effects"
	"muster/pipeline/ledger"
	"muster/pipeline/link"
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
	kinds    *deliver.Kinds // of records that are no customers
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
	load     deliver.Load
	effects  []string // what of the org may go off
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

// Gate lets no plan be made of rows that an import would not take.
func (p *Planner) Gate(s *pipeline.Survey) error { return s.Unmoved() }

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
	p.effects = effects.Of(asking, p.org.Viewer, effects.Kinds(r.Inputs))
	linker := link.New(p.org.Viewer)
	linker.Promises, linker.Coming = true, p.kinds.Coming
	var failed error // why nobody is asked any more; the rows that were read by then have an outcome all the same
	var err error
	at := p.prospector(r)
	for _, s := range r.Stretches() {
		err = parallel.Ordered(lookup.AtOnce, func(send func(*prospect) bool) error {
			return at.prospects(asking, r, s, linker, send)
		}, parallel.Each(p.resolve), func(some *prospect) error {
			if some.err != nil && failed == nil {
				failed = some.err
				stop()
			}
			if failed != nil {
				return some.abandon(r)
			}
			return p.take(r, some)
		})
		if err != nil || ctx.Err() != nil || failed != nil {
			break
		}
		p.kinds.Coming.Seal()
	}
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
		err = errors.Join(err, counted, r.SayMissing(p.kinds))
	}
	p.totals, err = p.file.Close(report.Ending{Columns: r.Survey.Columns, Many: many,
		Effects: p.effects, Requests: p.load.Requests()}, err)
	return err
}

// take takes rows of which it is known what becomes of them. They come in the order of the input.
func (p *Planner) take(r *pipeline.Running, some *prospect) error {
	for i := range some.outcomes {
		err := errors.Join(p.file.Add(&some.rows[i]), r.Add(&some.outcomes[i]), p.enter(&some.rows[i], &some.outcomes[i],
			some.records[i]))
		if err != nil {
			return err
		}
	}
	r.Config.Progress.Step(r.Outcomes())
	return nil
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
	if p.kinds, err = r.KindsOf(p.org.Viewer, p.readings, p.ledger, p.orgID); err != nil {
		return err
	}
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
		if a.Act == report.ActConflict || a.Act == report.ActHeld {
			n += a.Rows
		}
	}
	return n
}

// Next carries the plan out.
func (p *Planner) Next(r *pipeline.Running, s *report.Summary) (first, last []report.Next) {
	if p.totals == nil {
		if r.Config.Again == "" {
			return nil, nil
		}
		return []report.Next{{Command: r.Config.Again, Why: "makes the plan, from the beginning"}}, nil
	}
	return []report.Next{{Command: "muster apply " + printable.File(p.totals.Path) + p.org.Enter,
		Why: "does exactly this, and leaves alone who is changed meanwhile"}}, nil
}

// Close closes the ledger, unless the caller holds it.
func (p *Planner) Close() error {
	if p.own {
		return p.ledger.Close()
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
