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
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
	"muster/pipeline/profile"
	"muster/pipeline/progress"
	"muster/pipeline/report"
)

// Run is the whole way of data. Without an org it is a check: read, map, validate, find duplicates,
// report; no connection is opened. With one the input goes the way twice: the first pass, the
// survey, sends nothing and knows at its end what is wrong and which rows are the same customer;
// the second sends.
//
// The summary is nil only when nothing could be read at all. An error beside a summary says why
// the run ended early; every row read has its outcome all the same.
func Run(ctx context.Context, c Config) (s *report.Summary, err error) {
	defer parallel.Caught(&err)
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, &outcome.UsageError{Err: err}
	}
	inTurn := progress.NewInTurn(c.Progress)
	defer inTurn.Close()
	c.Progress = inTurn
	begun := &deliver.UnderWay{}
	ctx, release := kustomer.Graceful(ctx, c.Grace, func() { inTurn.Say(begun.Words(c.Grace)) })
	defer release()
	r, err := prepare(ctx, &c)
	if err != nil {
		return nil, err
	}
	defer r.close()
	r.begun = begun
	surveyed, err := r.survey(ctx)
	if err != nil || c.Org == nil && c.ReadOnly == nil || ctx.Err() != nil {
		return r.finish(ctx, surveyed, err)
	}
	pass := r.send
	if c.ReadOnly != nil {
		pass = r.plan
	}
	ended, err := pass(ctx)
	return r.finish(ctx, ended, err)
}

// flow cuts the inputs into blocks, has them checked by several goroutines, and hands them to sink in the order of the
// input. It stops cutting when ctx is done, or sink fails; what has been cut still goes the whole way. The error is that
// of reading, or sink's.
func (r *run) flow(ctx context.Context, p pass, sink func(*block.Block) error) error {
	var free freeBlocks
	return parallel.Ordered(r.config.Workers,
		func(send func(*block.Block) bool) error {
			return r.cutAll(ctx, p, &free, func(w *block.Block) bool { return send(w) && ctx.Err() == nil })
		},
		func() func(*block.Block) {
			checker := r.checker(p)
			return func(w *block.Block) { checker.Check(w, r.inputs[w.Input].Table) }
		},
		func(w *block.Block) error {
			defer free.put(w)
			if err := r.link(ctx, w, p.payloads); err != nil {
				return err
			}
			return sink(w)
		})
}

// checker makes one for a pass: the survey, the comparison of rows that share identities, or the second pass with payloads.
func (r *run) checker(p pass) *check.Checker {
	if p.shares != nil {
		return check.New(check.Options{Seeds: r.seeds, Compared: r.inputs})
	}
	o := check.Options{Seeds: r.seeds, Payloads: p.payloads, Watched: !p.payloads && r.config.Watch != nil}
	if !p.payloads {
		o.Damage, o.Encoder = profile.NewDetector(), r.clerk.Another()
		r.damages = append(r.damages, o.Damage)
	}
	return check.New(o)
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
func (r *run) search(index *dedupe.Index) (*dedupe.Shares, error) {
	defer index.Close()
	search := index.Search(r.config.Workers)
	var helpers errgroup.Group
	for range r.config.Workers {
		helpers.Go(parallel.Guarded(search.Help))
	}
	if err := helpers.Wait(); err != nil {
		search.Close()
		return nil, err
	}
	return search.Shares()
}

// cutAll reads: one input after the other, block by block, until one is not wanted any more.
func (r *run) cutAll(ctx context.Context, p pass, free *freeBlocks, send func(*block.Block) (wanted bool)) error {
	seq, block := int64(0), 0
	for n, in := range r.inputs {
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
				some, err := r.pick(w, p.shares, block)
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

// upload is the second pass behind the checkers: identity, batches, uploads, reconcile. Outcomes
// come from two sides, rows that need no request and batches that were sent, and meet in one
// goroutine.
func (r *run) upload(ctx context.Context, identifier *deliver.Identifier, uploader *deliver.Uploader, reconciler *Reconciler) error {
	batches := make(chan *deliver.Batch)
	outcomes := make(chan []block.Outcome, r.config.Uploads)
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	uploader.Halt.Cancel = cancel

	var uploads, roll errgroup.Group
	for range r.config.Uploads {
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
			failed := parallel.Guarded(func() error { return r.settle(reconciler, some, uploader) })()
			uploader.Halt.Failed(failed)
			err = cmp.Or(err, failed)
		}
		return err
	}))
	readErr := r.flow(reading, pass{payloads: true}, func(w *block.Block) error {
		r.inputs[w.Input].Count(w.Parsed.Header.Sheet, int64(len(w.Rows)), w.Parsed.Blank)
		done, full, err := identifier.Identify(w, r.inputs)
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
