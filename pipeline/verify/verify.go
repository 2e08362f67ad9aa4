// Package verify reads back what a run landed, and compares it field by field with what was sent.
package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/deliver"
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

// Config says which run is read back, and how much of it.
type Config struct {
	State    string
	Run      string // its id
	ReadOnly *pipeline.ReadOnlyOrg
	Sample   int              // how many of the rows that landed, chosen at random; 0: every one
	Again    string           // the command, for the report
	Version  string           // of muster
	Redact   redact.Redaction // of the values in verify.csv
	Landed   time.Time        // when the run ended; zero: not known to be long ago

	Now      func() time.Time
	Progress progress.Reporter // nil: nobody watches
}

// directory is where the run keeps its reports.
func (c *Config) directory() string { return filepath.Join(c.State, "runs", c.Run) }

// Verifier reads back what a run says it landed. It holds a viewer: it cannot write (law 4).
type Verifier struct {
	readings *lookup.Reader
	viewer   *kustomer.Viewer
	kinds    *deliver.Kinds
	ctx      context.Context
	landed   time.Time // when the run ended
	began    time.Time // and began; zero: not known
	compare  *customer.Comparer
	result   *report.Verification
	lines    *report.Verdicts
	fields   map[string]*report.FieldVerdict
	progress progress.Reporter
}

// sentRow is a row that landed, whose customer is read back, and what was found.
type sentRow struct {
	claim   report.OutcomeRow
	payload []byte
	writes  map[string]string // fields that an update treats in another way than usual
	keys    []customer.Identity

	conversation bool         // not a customer
	kind         *object.Kind // of any other kind; nil: it is a customer, or a conversation that was described
}

// page is some customers that are read together.
type page struct {
	rows      []*sentRow
	customers []*kustomer.Customer
	err       error
}

// pageSize is how many customers are asked for at a time: as many as a page of a search shows.
const pageSize = kustomer.MaxFound

// Run reads the customers back that a run says it created, updated or left unchanged, and compares
// them field by field with what was sent, which it works out again from the run's own inputs. The
// inputs and mappings must be what they were: the error wraps ErrInputChanged where they are not.
// A Verification beside an error tells of the rows that were read before it.
func Run(ctx context.Context, c Config) (*report.Verification, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Progress == nil {
		c.Progress = progress.Silent{}
	}
	if c.Landed.IsZero() {
		c.Landed = c.Now()
	}
	if err := c.sameOrg(); err != nil {
		return nil, err
	}
	replay, err := pipeline.Reopen(ctx, pipeline.ReplayConfig{State: c.State, Run: c.Run, ReadOnly: c.ReadOnly, Now: c.Now,
		Progress: c.Progress})
	if err != nil {
		return nil, err
	}
	defer replay.Close()
	v := &Verifier{readings: lookup.New(c.ReadOnly.Viewer, c.Now), viewer: c.ReadOnly.Viewer, landed: c.Landed,
		began: ledger.RunBegun(c.Run), compare: customer.NewComparer(), ctx: ctx, fields: map[string]*report.FieldVerdict{},
		progress: c.Progress,
		result: &report.Verification{Muster: c.Version, Run: c.Run, Line: c.Again, Started: c.Now().UTC(),
			Org: &report.Org{Name: c.ReadOnly.Name, Host: c.ReadOnly.Host}}}
	v.kinds = &deliver.Kinds{Viewer: v.viewer, Readings: v.readings}
	err = v.run(replay, &c)
	v.result.Ended, v.result.Requests = c.Now().UTC(), c.ReadOnly.Viewer.Budget().Requests
	return v.finish(&c, err)
}

// sameOrg holds the org that answers against the one the run landed in: of another everybody would be missing.
func (c *Config) sameOrg() error {
	view, err := ledger.OpenReadOnly(c.State)
	if err != nil {
		return err
	}
	runs, err := view.Runs()
	if err = errors.Join(err, view.Close()); err != nil {
		return err
	}
	for _, info := range runs {
		if info.ID == c.Run && info.OrgID != c.ReadOnly.ID() {
			return fmt.Errorf("%s is %w", c.ReadOnly.Host, outcome.ErrOtherOrg)
		}
	}
	return nil
}

// run chooses rows, reads their customers and takes down what differs.
func (v *Verifier) run(replay *pipeline.Replay, c *Config) (err error) {
	landed, err := claimed(c)
	if err != nil {
		return err
	}
	v.result.Landed = landed
	want := landed
	if c.Sample > 0 && int64(c.Sample) < landed {
		want, v.result.Sampled = int64(c.Sample), true
	}
	if v.lines, err = report.CreateVerdicts(c.directory(), c.Redact); err != nil {
		return err
	}
	choose := chooser(landed, want, rand.Int64N)
	v.progress.Phase("verify", want)
	defer v.progress.Done()
	err = parallel.Ordered(lookup.AtOnce, func(send func(*page) bool) error { return v.choose(replay, c, choose, send) },
		parallel.Each(v.read), v.take)
	return errors.Join(err, v.lines.Close())
}

// claimed counts the rows that the run says the org has.
func claimed(c *Config) (n int64, err error) {
	err = pipeline.ReadOutcomes(c.State, c.Run, func(claims *report.Outcomes) error {
		for {
			row, err := claims.Next()
			if row == nil || err != nil {
				return err
			}
			if hasLanded(row) {
				n++
			}
		}
	})
	return n, err
}

func hasLanded(row *report.OutcomeRow) bool {
	return row.CustomerID != "" && (row.Status == "created" || row.Status == "updated" || row.Status == "unchanged")
}

// chooser picks want of total things that are shown to it one after the other, each choice of them as
// likely as any other (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S).
func chooser(total, want int64, below func(n int64) int64) func() bool {
	return func() bool {
		picked := want > 0 && below(total) < want
		total--
		if picked {
			want--
		}
		return picked
	}
}

// choose goes through the inputs beside the outcomes of the run and sends the rows that are chosen.
func (v *Verifier) choose(replay *pipeline.Replay, c *Config, choose func() bool, send func(*page) bool) error {
	some := &page{}
	var last *sentRow // the customer to whom rows that were folded belong; nil: it is not read back
	err := pipeline.ReadOutcomes(c.State, c.Run, func(claims *report.Outcomes) error {
		return replay.Rows(v.ctx, func(w *block.Block) error {
			for i := range w.Rows {
				claim, err := claims.Next()
				if err != nil {
					return err
				}
				if claim == nil || claim.Line != w.Parsed.Rows[i].Line {
					return fmt.Errorf("outcomes.csv of run %s is not about these rows: %w", c.Run, bind.ErrInputChanged)
				}
				if folded(w.Table, claim) {
					if err := last.grow(w, i); err != nil {
						return err
					}
					continue
				}
				if last = nil; !hasLanded(claim) || !choose() {
					continue
				}
				if len(some.rows) == pageSize {
					if !send(some) || v.ctx.Err() != nil {
						return pipeline.ErrEnough
					}
					some = &page{}
				}
				last = rowOf(w, i, claim)
				some.rows = append(some.rows, last)
			}
			return nil
		})
	})
	switch {
	case errors.Is(err, pipeline.ErrEnough):
		return nil // who told it to stop says why
	case err == nil && len(some.rows) > 0:
		send(some)
	}
	return err
}

// rowOf copies one row out of the block.
func rowOf(w *block.Block, i int, claim *report.OutcomeRow) *sentRow {
	g := &sentRow{claim: *claim, payload: bytes.Clone(w.Payload(&w.Rows[i])), writes: w.Table.Plan.Writes()}
	if g.conversation = w.Table.IsConversation(); g.conversation {
		r := &block.Record{Payload: g.payload}
		r.AsConversation()
		g.payload = r.Payload
	}
	g.kind = w.Table.Kind
	spans := w.Rows[i].Keys
	for _, k := range w.Keys[spans.From:spans.To] {
		g.keys = append(g.keys, customer.Identity{Kind: k.Kind.String(), Value: string(w.Arena[k.Value.From:k.Value.To])})
	}
	return g
}

// read asks the org for some customers.
func (v *Verifier) read(g *page) {
	if g.err = v.ctx.Err(); g.err != nil {
		return
	}
	var wanted []lookup.Wanted
	var at []int
	g.customers = make([]*kustomer.Customer, len(g.rows))
	for i, one := range g.rows {
		if one.conversation {
			if g.customers[i], g.err = v.conversation(one.claim.CustomerID); g.err != nil {
				return
			}
			continue
		}
		if one.kind != nil {
			continue
		}
		wanted, at = append(wanted, lookup.Wanted{ID: one.claim.CustomerID, Keys: one.keys, Landed: v.landed,
			Earliest: v.began}), append(at, i)
	}
	if g.err = v.readKinds(g); g.err != nil || len(wanted) == 0 {
		return
	}
	found, err := v.readings.Read(v.ctx, wanted)
	if err == nil {
		found, err = v.readings.Named(v.ctx, found, func(k int) bool { return lookup.Tagged(g.rows[at[k]].payload) })
	}
	for k, c := range found {
		g.customers[at[k]] = c
	}
	g.err = err
}

// conversation reads one conversation; nil where the org has none.
func (v *Verifier) conversation(id string) (*kustomer.Customer, error) {
	c, err := v.viewer.Conversation(v.ctx, id)
	switch {
	case kustomer.VerdictOf(err) == kustomer.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return deliver.AsCustomer(c), nil
}

// take notes what became of some customers; they come in the order of the rows.
func (v *Verifier) take(g *page) error {
	if g.err != nil {
		return g.err
	}
	for i, one := range g.rows {
		if err := v.hold(one, g.customers[i]); err != nil {
			return err
		}
	}
	v.progress.Step(v.result.Read)
	return nil
}

// hold holds one customer against what was sent.
func (v *Verifier) hold(g *sentRow, c *kustomer.Customer) error {
	s := v.result
	s.Read++
	at := report.Sample{File: g.claim.File, Sheet: g.claim.Sheet, Line: g.claim.Line}
	if c == nil {
		s.Missing++
		v.field("").Note(report.VerdictMissing, at)
		return v.lines.Add(&g.claim, "", report.VerdictMissing, nil, nil)
	}
	found, err := v.compare.Landed(g.payload, c, g.writes, g.claim.Status == outcome.Created.String())
	if err != nil {
		return err
	}
	for _, field := range found.Extra {
		v.field(field).Extra++
		s.Extra++
	}
	for _, field := range found.Veiled {
		v.field(field).Veiled++
		s.Veiled++
	}
	if len(found.Gaps) == 0 {
		s.Same++
		return nil
	}
	s.Different++
	for _, gap := range found.Gaps {
		verdict := report.VerdictDifferent
		if gap.Missing {
			verdict = report.VerdictMissing
		}
		v.field(gap.Field).Note(verdict, at)
		if err := v.lines.Add(&g.claim, gap.Field, verdict, gap.Sent, gap.Have); err != nil {
			return err
		}
	}
	return nil
}

// field is what is counted of one field; "" is the customer as a whole.
func (v *Verifier) field(name string) *report.FieldVerdict {
	f := v.fields[name]
	if f == nil {
		f = &report.FieldVerdict{Field: name}
		v.fields[name] = f
	}
	return f
}

// finish words the answer and leaves verify.json beside verify.csv.
func (v *Verifier) finish(c *Config, cause error) (*report.Verification, error) {
	s := v.result
	for _, f := range v.fields {
		s.Fields = append(s.Fields, *f)
	}
	if cause == nil {
		cause = v.ctx.Err()
	}
	if cause != nil {
		s.Stopped = outcome.OneLine(cause)
	}
	s.AtMost = atMost(s.Landed, s.Read, s.Different+s.Missing)
	s.ExitCode = exit.Code(cause)
	if cause == nil && s.Different+s.Missing > 0 {
		s.ExitCode = exit.Unproven
	}
	if v.lines != nil {
		s.Files = append(s.Files, report.File{Kind: "verdicts", Path: v.lines.Path()})
	}
	if told, err := report.ReadJSON(filepath.Join(c.directory(), "report.json")); err == nil { // without it less is said
		s.Columns, s.Differences = told.Columns, told.Differences
	}
	s.Exit = exit.Meaning(s.ExitCode)
	s.Settle()
	path := filepath.Join(c.directory(), "verify.json")
	s.Files = append(s.Files, report.File{Kind: "answer", Path: path})
	return s, errors.Join(cause, report.WriteVerification(path, s))
}
