package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/check"
	"muster/pipeline/dedupe"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
	"muster/pipeline/profile"
	"muster/pipeline/report"
	"muster/pipeline/report/workbook"
	"muster/pipeline/trust"
)

// run is what one execution holds: its inputs, its place on disk, and what it has learned.
type run struct {
	config   *Config
	kinds    *bind.Kinds
	seeds    *dedupe.Seeds
	inputs   []*bind.Input
	identity []byte // digest of the mappings, for the fingerprint

	id         string
	dir        string
	started    time.Time
	ledger     *ledger.Ledger
	book       *ledger.Run
	verdicts   *dedupe.Verdicts // of rows that are not the first of their customer
	linker     *deliver.Linker  // nil: companies are left as the records name them
	seen       []profile.Table
	columns    *report.Columns  // what became of them
	books      []*workbook.Book // to be given back with the problems on their cells; nil: not asked for
	throughput throughput
	forecast   forecast // of an import
	begun      *deliver.UnderWay
	spoilt     bool               // the canary found customers that are not as they were sent
	unreadable []string           // files of the run that cannot be read back
	planned    *report.PlanTotals // what a plan came to
	blocks     []int64            // ordinals of the first rows of the blocks that the survey read
	fit        int64              // rows the survey found fit to be sent
	read       int64              // rows the pass under way has read
	whole      int64              // rows of the input, as the survey counted them; 0 where it did not come to its end

	clerk   *check.Encoder      // the reconciler's; the survey's checkers have others that write the same
	damages []*profile.Detector // of the survey's checkers
	damaged []report.Damage     // what they add up to
}

// prepare opens everything a run needs, so that what is missing is said before any row is read.
func prepare(ctx context.Context, c *Config) (*run, error) {
	r, err := understand(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := r.createAttributes(ctx); err != nil {
		r.close()
		return nil, err
	}
	if err := errors.Join(ignoresKnown(c, r.inputs), r.conversationsFit(), r.companyRoles(), c.annotates(r.inputs)); err != nil {
		r.close()
		return nil, err
	}
	if err := r.open(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// understand opens the inputs and binds them to their mappings, and nothing else.
func understand(ctx context.Context, c *Config) (r *run, err error) {
	r = &run{config: c, seeds: dedupe.NewSeeds(), started: c.Now().UTC(), kinds: bind.NewKinds(ctx, c.binding())}
	if err := stateDirectory(c.State); err != nil {
		return nil, err
	}
	if r.inputs, r.identity, err = bind.Open(ctx, c.binding(), r.kinds); err != nil {
		return nil, err
	}
	return r, nil
}

// stateDirectory makes the state directory where it is not there, and refuses one that somebody else may change, or in which a
// link stands where muster keeps reports.
func stateDirectory(path string) error {
	err := trust.State(path)
	if err == nil {
		err = trust.Unlinked(filepath.Join(path, "runs"), filepath.Join(path, "guesses"), filepath.Join(path, "feeds"))
	}
	if err != nil {
		return fmt.Errorf("make the state directory: %w", err)
	}
	return nil
}

// open makes the run's directory and, for an import, its part of the ledger.
func (r *run) open() error {
	r.id = ledger.NewRunID(r.started)
	if r.config.Org != nil {
		if err := r.begin(); err != nil {
			return err
		}
	}
	r.dir = filepath.Join(r.config.State, "runs", r.id)
	if err := trust.MkdirAll(r.dir); err != nil {
		return fmt.Errorf("make the run's directory: %w", err)
	}
	switch {
	case r.config.Org != nil:
		return r.keepSettings()
	case r.config.ReadOnly != nil:
		_, err := bind.Fingerprint(r.inputs) // the plan keeps what it was made of
		return err
	}
	return nil
}

// begin opens the ledger and takes up the unfinished run of the same inputs, mapping, verb and
// org, if there is one.
func (r *run) begin() (err error) {
	if r.ledger = r.config.Ledger; r.ledger == nil {
		if r.ledger, err = ledger.Open(r.config.State); err != nil {
			return err
		}
	}
	if err := r.strange(); err != nil {
		return err
	}
	content, err := bind.Fingerprint(r.inputs)
	if err != nil {
		return err
	}
	c := r.config
	what := fmt.Sprintf("%x %x %s %s %s %v%s", content, r.identity, c.Verb, c.Unmapped, c.Region, c.Source, c.planOf())
	if len(c.Ignore) > 0 || c.BadCells != "" {
		what += fmt.Sprintf(" ignore %q bad cells %s", c.Ignore, c.BadCells)
	}
	if c.Channel != "" {
		what += " channel " + c.Channel
	}
	if c.Dates != "" {
		what += " " + c.Dates
	}
	if c.OnConflict.Policy != deliver.RejectConflict {
		what += " " + c.OnConflict.String()
	}
	if err := errors.Join(r.mustBe(c.Resume, what), r.remember()); err != nil {
		return err
	}
	r.book, err = r.ledger.Begin(ledger.RunInfo{ID: r.id, Command: c.Command, OrgID: c.Org.ID(), Org: c.Org.Name,
		Fingerprint: what, Version: c.Version, Started: r.started, Stamp: kustomer.Stamp(r.started)})
	if err != nil {
		return err
	}
	r.id = r.book.ID()
	if r.book.Resumed() {
		c.Progress.Say("taking up run " + r.id + " where its evidence ends")
	}
	return nil
}

func (r *run) close() {
	bind.Close(r.inputs)
	r.verdicts.Close()
	if r.ledger != nil && r.config.Ledger == nil {
		r.ledger.Close()
	}
}

// ID names the org in the ledger: its own id, or the host where the token does not tell.
func (o *Org) ID() string {
	if o.Token.OrgID != "" {
		return o.Token.OrgID
	}
	return o.Name
}

// surveyAll goes the survey's way once. The error is errOpenDates where it must be begun again.
func (r *run) surveyAll(ctx context.Context) (*Reconciler, error) {
	reconciler, err := r.reconciler()
	if err != nil {
		return nil, err
	}
	r.fit, r.damages, r.blocks = 0, nil, r.blocks[:0]
	index := dedupe.NewIndex(r.dir)
	seen := &profile.Tables{}
	defer func() { r.seen = seen.Ended() }()
	r.phase("read")
	total := r.bytesBefore()
	err = r.flow(ctx, pass{}, func(w *block.Block) error {
		if w.Open {
			return errOpenDates
		}
		r.blocks = append(r.blocks, r.read)
		in := r.inputs[w.Input]
		in.Count(w.Parsed.Header.Sheet, int64(len(w.Rows)), w.Parsed.Blank)
		seen.Add(w.Table, &w.Profile)
		failed := errors.Join(r.tell(w), r.enter(w, index)) // the rows are counted all the same
		if r.book != nil && r.book.Resumed() {
			var err error
			if reconciler.begun, err = r.book.Assigned(r.read, r.read+int64(len(w.Rows))); err != nil {
				return err
			}
		}
		failed = errors.Join(failed, reconciler.Take(w, r.read))
		r.read += int64(len(w.Rows))
		if failed != nil {
			return failed
		}
		r.config.Progress.Step(total(w.Input))
		if r.config.Org == nil {
			r.throughput.beat(r.config.Now(), r.read, 0)
		}
		return nil
	})
	r.config.Progress.Done()
	if errors.Is(err, errOpenDates) {
		index.Close()
		return reconciler, err
	}
	r.damaged = profile.Judged(r.damages, r.inputs, r.config.acceptsDamage)
	if ctx.Err() == nil {
		r.whole = r.read
		shares, searchErr := r.search(index)
		if searchErr == nil {
			searchErr = r.compare(ctx, shares, reconciler)
		}
		err = errors.Join(err, searchErr)
	}
	index.Close()
	if err == nil && ctx.Err() == nil && r.config.Org != nil {
		err = cmp.Or(r.config.Limits.Surveyed(reconciler.count(outcome.Invalid), r.read), undamaged(r.damaged))
	}
	if err == nil && ctx.Err() == nil && r.config.Watch != nil {
		err = r.surveyed(reconciler, seen)
	}
	if err != nil || r.config.Org == nil && r.config.ReadOnly == nil || ctx.Err() != nil {
		return reconciler, err
	}
	r.seen = seen.Ended()
	r.balanceColumns(reconciler.cells)
	r.sayColumns()
	return reconciler, reconciler.files.Discard() // the second pass writes the reports anew
}

// enter enters the fit rows of a block in the dedup index.
func (r *run) enter(w *block.Block, index *dedupe.Index) error {
	for i := range w.Rows {
		row := &w.Rows[i]
		if row.Status != outcome.Unsent {
			continue
		}
		r.fit++
		if err := index.Add(r.read+int64(i), w.Hashes[row.Hashes.From:row.Hashes.To]); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) reconciler() (*Reconciler, error) {
	files, err := report.Create(r.dir, report.FilesOptions{})
	if err != nil {
		return nil, err
	}
	r.read = 0
	for _, in := range r.inputs {
		in.Rows, in.Read, in.Blank = 0, nil, nil
	}
	r.clerk = check.NewEncoder(r.config.Redact)
	reconciler := newReconciler(files, r.clerk)
	if r.books = r.workbooks(); r.config.Annotate && r.books == nil {
		if reconciler.annotated, err = report.Annotate(r.dir, report.FilesOptions{}); err != nil {
			return nil, err
		}
	}
	return reconciler, nil
}

// phase begins the reading phase of progress.
func (r *run) phase(name string) {
	total := int64(0)
	for _, in := range r.inputs {
		total += in.Size
		for line := range strings.Lines(in.Described) {
			r.config.Progress.Say(strings.TrimSuffix(line, "\n"))
		}
		in.Described = "" // once is enough
	}
	r.config.Progress.Phase(name, total)
}

// send is the second pass.
func (r *run) send(ctx context.Context) (*Reconciler, error) {
	c := r.config
	r.closeReaders()
	rows := r.read
	reconciler, err := r.reconciler()
	if err != nil {
		return nil, err
	}
	identifier, err := deliver.NewIdentifier(r.ledger, r.book, c.Org.ID(), c.Verb, r.verdicts)
	if err != nil {
		return reconciler, err
	}
	identifier.Full = c.Full
	if identifier.Plan, err = r.openPlanned(); err != nil {
		return reconciler, err
	}
	defer identifier.Plan.Close()
	c.Progress.Say(r.foresee(rows))
	c.Progress.Phase("import", rows)
	defer c.Progress.Done()
	uploader := r.uploader(rows)
	if uploader.Canary, err = r.canary(); err != nil {
		return reconciler, err
	}
	if uploader.Canary != nil {
		identifier.Batcher.Steps = deliver.CanarySteps[:]
	}
	r.linker = deliver.NewLinker(c.Org.Client.Viewer).Makes(c.Org.Client, uploader.Halt.Stop, c.Sleep).Keeps(r.ledger, r.book)
	err = r.upload(ctx, identifier, uploader, reconciler)
	if line := r.linker.Says(); line != "" {
		c.Progress.Say(line)
	}
	for _, in := range r.inputs {
		r.read += in.Rows
		err = errors.Join(err, in.Unchanged())
	}
	return reconciler, err
}

func (r *run) closeReaders() {
	for _, in := range r.inputs {
		in.Close()
	}
}

// uploader is that of a run of so many rows.
func (r *run) uploader(rows int64) *deliver.Uploader {
	c := r.config
	l := &c.Limits
	return &deliver.Uploader{Client: c.Org.Client, Readings: lookup.New(c.Org.Client.Viewer, c.Now).KeepTags(r.ledger, c.Org.ID()), Run: r.book, Verb: c.Verb, Clashes: c.OnConflict,
		Stamp: r.book.Info().Stamp, Patience: c.JobPatience, Grace: c.Grace, Begun: r.begun, Now: c.Now, Sleep: c.Sleep, Halt: &deliver.Halt{}, Pace: &deliver.Pace{}, Limiter: deliver.NewLimiter(c.Uploads), Seq: &deliver.Sequence{Next: r.book.NextSeq()},
		Limits: l, Creates: l.QuotaOf("--max-create", "created", l.Create, rows), Updates: l.QuotaOf("--max-update", "updated", l.Update, rows)}
}

// settle hands outcomes to the reconciler. An error is that the reports cannot be written: the run ends.
func (r *run) settle(reconciler *Reconciler, some []block.Outcome, uploader *deliver.Uploader) error {
	if news := uploader.Wary.Look(some, reconciler.rows); news != "" {
		r.config.Progress.Say(news)
		uploader.Limiter.Hold(deliver.WaryBatches)
	}
	var failed error
	for i := range some { // which are counted also when they cannot be written any more
		failed = cmp.Or(failed, reconciler.Add(&some[i]))
	}
	if failed != nil {
		return failed
	}
	r.config.Progress.Step(reconciler.rows)
	b := r.config.Org.Client.Budget()
	r.throughput.beat(r.config.Now(), reconciler.rows, b.Requests)
	recent, barred := uploader.Readings.Singly()
	if line := r.forecast.exceeded(reconciler.rows, b, recent, barred); line != "" {
		r.config.Progress.Say(line)
	}
	return nil
}
