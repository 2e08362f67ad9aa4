package pipeline

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"muster/pipeline/block"
	"muster/pipeline/check"
	"muster/pipeline/dedupe"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/lanes"
	"muster/pipeline/link"
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
	"muster/pipeline/progress"
	"muster/pipeline/report"
)

// Run goes the whole way of data: a check where no org is named, else an import. A check reads, maps and validates,
// finds duplicates and reports; no connection is opened. An import goes the input's way twice: the first pass, the
// survey, sends nothing and knows at its end what is wrong and which rows are the same customer; the second sends.
//
// The summary is nil only when nothing could be read at all. An error beside a summary says why
// the run ended early; every row read has its outcome all the same.
func Run(ctx context.Context, c Config) (*report.Summary, error) { return RunAs(ctx, c, modeOf) }

// RunAs is [Run] in the mode that is made for the config with its defaults.
func RunAs(ctx context.Context, c Config, mode func(*Config) Mode) (s *report.Summary, err error) {
	defer parallel.Caught(&err)
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, &outcome.UsageError{Err: err}
	}
	inTurn := progress.NewInTurn(c.Progress)
	defer inTurn.Close()
	c.Progress, c.begun = inTurn, &lanes.UnderWay{}
	ctx, release := kustomer.Graceful(ctx, c.Grace, func() { inTurn.Say(c.begun.Words(c.Grace)) })
	defer release()
	r, err := prepare(ctx, &c, mode(&c))
	if err != nil {
		return nil, err
	}
	defer r.close()
	err = r.step("survey", func() error { return r.survey(ctx) })
	if err == nil && ctx.Err() == nil {
		err = r.step("gate", func() error { return r.mode.Gate(r.Survey) })
	}
	if err == nil && ctx.Err() == nil && r.mode.Twice() {
		err = r.step(r.acts(), func() error { return r.second(ctx) })
	}
	_ = r.step("finish", func() error {
		s, err = r.finish(ctx, err)
		return nil // it says why the run ended, which was before
	})
	if s != nil {
		s.Steps = r.steps
	}
	return s, err
}

// modeOf is a check where no org is named, an import else.
func modeOf(c *Config) Mode {
	if c.Org == nil {
		return Check{}
	}
	return &importing{config: c, org: c.Org}
}

// prepare opens everything a run needs, so that what is missing is said before any row is read.
func prepare(ctx context.Context, c *Config, m Mode) (*Running, error) {
	r, err := understand(ctx, c, m)
	if err != nil {
		return nil, err
	}
	err = m.Admit(ctx, r)
	if err == nil {
		err = errors.Join(ignoresKnown(c, r.Inputs), r.conversationsFit(), r.kindsFit(ctx), r.companyRoles(),
			c.annotates(r.Inputs))
	}
	if err == nil {
		err = m.Open(r)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// second is the second pass. It writes the reports anew.
func (r *Running) second(ctx context.Context) error {
	r.balanceColumns()
	r.sayColumns()
	if err := r.roll.files.Discard(); err != nil {
		return err
	}
	r.closeReaders()
	var err error
	if r.roll, err = r.reconciler(); err != nil {
		return err
	}
	return r.mode.Second(ctx, r)
}

// pass is one going through the inputs.
type pass struct {
	checker func() *check.Checker // makes one for each worker
	linker  *link.Linker          // nil: companies are left as the records name them
	stretch Stretch               // of the inputs; the zero one is all of them

	shares *dedupe.Shares // only the rows that share identities are looked at; nil: all rows are
	pick   func(w *block.Block, shares *dedupe.Shares, block int) (some bool, err error)
}

// Stretch are inputs that follow each other.
type Stretch struct{ from, to int }

// takes says whether the input of a number is in it.
func (s Stretch) takes(n int) bool { return s.to == 0 || s.from <= n && n < s.to }

// flow cuts the inputs into blocks, has them checked by several goroutines and linked to their companies by one, and
// hands them to sink in the order of the input. It stops cutting when ctx is done, or sink fails; what has been cut
// still goes the whole way. The error is that of reading, of linking, or sink's.
func (r *Running) flow(ctx context.Context, p pass, sink func(*block.Block) error) error {
	var free freeBlocks
	ended := func(w *block.Block) error {
		defer free.put(w)
		return sink(w)
	}
	if p.linker == nil {
		return r.checked(ctx, p, &free, ended)
	}
	return parallel.Ordered(1,
		func(send func(*linked) bool) error {
			err := r.checked(ctx, p, &free, func(w *block.Block) error {
				if !send(&linked{block: w}) {
					return errUnwanted
				}
				return nil
			})
			if errors.Is(err, errUnwanted) {
				return nil // who takes it says why
			}
			return err
		},
		parallel.Each(func(l *linked) { l.err = p.linker.Link(ctx, l.block) }),
		func(l *linked) error {
			if l.err != nil {
				return l.err
			}
			return ended(l.block)
		})
}

// linked is a block whose rows are linked to their companies; err is why they could not be.
type linked struct {
	block *block.Block
	err   error
}

// errUnwanted ends the checking of rows that nobody takes any more.
var errUnwanted = errors.New("nobody takes the rows any more")

// checked is flow up to the checks.
func (r *Running) checked(ctx context.Context, p pass, free *freeBlocks, take func(*block.Block) error) error {
	return parallel.Ordered(r.Config.Workers,
		func(send func(*block.Block) bool) error {
			return r.cutAll(ctx, p, free, func(w *block.Block) bool { return send(w) && ctx.Err() == nil })
		},
		func() func(*block.Block) {
			checker := p.checker()
			return func(w *block.Block) { checker.Check(w, r.Inputs[w.Input].Table) }
		},
		take)
}

// Rows hands every row of a stretch to sink, from the first, in blocks in the order of the input: each checked, each
// fit row with its payload and linked to its company. sink keeps nothing of a block. Rows ends early when ctx is done,
// without an error, or with sink's.
func (r *Running) Rows(ctx context.Context, s Stretch, linker *link.Linker,
	sink func(*block.Block) error) error {
	r.closeReaders()
	checker := func() *check.Checker { return check.New(check.Options{Seeds: r.seeds, Payloads: true}) }
	return r.flow(ctx, pass{checker: checker, linker: linker, stretch: s}, sink)
}

// freeBlocks are blocks that have gone the whole way and may go it again with their buffers.
type freeBlocks struct {
	mu   sync.Mutex
	free []*block.Block
}

func (f *freeBlocks) get() *block.Block {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.free) == 0 {
		return &block.Block{}
	}
	w := f.free[len(f.free)-1]
	f.free = f.free[:len(f.free)-1]
	return w
}

func (f *freeBlocks) put(w *block.Block) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.free = append(f.free, w)
}

// search goes through the dedup index on as many cores as check the rows.
func (r *Running) search(index *dedupe.Index) (*dedupe.Shares, error) {
	defer index.Close()
	search := index.Search(r.Config.Workers)
	var helpers errgroup.Group
	for range r.Config.Workers {
		helpers.Go(parallel.Guarded(search.Help))
	}
	if err := helpers.Wait(); err != nil {
		search.Close()
		return nil, err
	}
	return search.Shares()
}

// cutAll reads: one input after the other, block by block, until one is not wanted any more.
func (r *Running) cutAll(ctx context.Context, p pass, free *freeBlocks, send func(*block.Block) (wanted bool)) error {
	seq, block := int64(0), 0
	for n, in := range r.Inputs {
		if !p.stretch.takes(n) {
			continue
		}
		if err := in.Reopen(); err != nil {
			return err
		}
		for {
			if p.shares != nil && (!p.shares.Some() || ctx.Err() != nil) {
				return nil
			}
			w := free.get()
			w.Reset(n, in.Reader)
			err := in.Reader.Cut(&w.Chunk)
			if err == io.EOF {
				free.put(w)
				break
			}
			if err != nil {
				return err
			}
			if p.shares != nil {
				some, err := p.pick(w, p.shares, block)
				block++
				if err != nil {
					return err
				}
				if !some {
					free.put(w)
					continue
				}
			}
			w.Seq = seq
			seq++
			if !send(w) {
				return nil
			}
		}
	}
	return nil
}

// upload is the second pass of an import over a stretch of its inputs, behind the checkers: identity, batches, uploads,
// reconcile. Outcomes come from two sides, rows that need no request and batches that were sent, and meet in one
// goroutine.
func (m *importing) upload(ctx context.Context, r *Running, s Stretch, identifier *deliver.Identifier,
	uploader *deliver.Uploader) error {
	batches := make(chan *deliver.Batch)
	outcomes := make(chan []block.Outcome, r.Config.Uploads)
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	uploader.Halt.Cancel = cancel

	var uploads, roll errgroup.Group
	for range r.Config.Uploads {
		uploads.Go(parallel.Guarded(func() error {
			for b := range batches {
				outcomes <- uploader.Guarded(ctx, b)
			}
			return nil
		}))
	}
	roll.Go(parallel.Guarded(func() error {
		var err error
		for some := range outcomes {
			failed := parallel.Guarded(func() error { return m.add(r, some, uploader) })()
			uploader.Halt.Failed(failed)
			err = cmp.Or(err, failed)
		}
		return err
	}))
	readErr := r.Rows(reading, s, m.linker, func(w *block.Block) error {
		r.Inputs[w.Input].Count(w.Parsed.Header.Sheet, int64(len(w.Rows)), w.Parsed.Blank)
		done, full, err := identifier.Identify(w, r.Inputs)
		outcomes <- done
		for _, b := range full {
			batches <- b
		}
		return err
	})
	done, full, err := identifier.Last(readErr == nil && reading.Err() == nil)
	outcomes <- done
	for _, b := range append(full, identifier.Flush()...) {
		batches <- b
	}
	readErr = errors.Join(readErr, err)
	close(batches)
	uploads.Wait()
	close(outcomes)
	return errors.Join(uploader.Halt.Err(), readErr, roll.Wait())
}
