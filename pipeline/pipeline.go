package pipeline

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"muster/pipeline/dedupe"
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
	defer Caught(&err)
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, &UsageError{err}
	}
	r, err := prepare(ctx, &c)
	if err != nil {
		return nil, err
	}
	defer r.close()
	surveyed, err := r.survey(ctx)
	if err != nil || c.Org == nil && c.Sight == nil || ctx.Err() != nil {
		return r.finish(ctx, surveyed, err)
	}
	pass := r.send
	if c.Sight != nil {
		pass = r.plan
	}
	ended, err := pass(ctx)
	return r.finish(ctx, ended, err)
}

// blocksPerWorker is how many blocks are on the way for each checker: one it works on, one it will
// find ready, one that waits for its turn in the order.
const blocksPerWorker = 3

// flow cuts the inputs into blocks, has them checked by several goroutines, and hands them to sink
// in the order of the input. It stops cutting when ctx is done, or sink fails; what has been cut
// still goes the whole way. The error is that of reading, or sink's.
func (r *run) flow(ctx context.Context, payloads bool, sink func(*work) error) error {
	workers := r.config.Workers
	free := make(chan *work, workers*blocksPerWorker)
	cut := make(chan *work, workers)
	checked := make(chan *work, workers)
	for range cap(free) {
		free <- &work{}
	}
	var failed atomic.Bool
	var stages errgroup.Group
	stages.Go(guarded(func() error {
		defer close(cut)
		return r.cutAll(func() bool { return ctx.Err() != nil || failed.Load() }, free, cut)
	}))
	var checkers errgroup.Group
	for range workers {
		checker := r.checker(payloads)
		checkers.Go(guarded(func() error {
			for w := range cut {
				w.broken = guarded(func() error { checker.Check(w, r.inputs[w.input].table); return nil })()
				checked <- w
			}
			return nil
		}))
	}
	stages.Go(guarded(func() error {
		defer close(checked)
		return checkers.Wait()
	}))
	sinkErr := inOrder(checked, free, func(w *work) error {
		err := w.broken
		if err == nil {
			err = r.link(ctx, w, payloads)
		}
		if err == nil {
			err = sink(w)
		}
		if err != nil {
			failed.Store(true)
		}
		return err
	})
	return errors.Join(sinkErr, stages.Wait())
}

// search goes through the dedup index on as many cores as check the rows.
func (r *run) search(index *dedupe.Index) (*dedupe.Duplicates, error) {
	defer index.Close()
	search := index.Search(r.config.Workers)
	var helpers errgroup.Group
	for range r.config.Workers {
		helpers.Go(guarded(search.Help))
	}
	if err := helpers.Wait(); err != nil {
		search.Close()
		return nil, err
	}
	r.damaged = worstFirst(append(r.damaged, r.sharedDamage(search.Shared())...))
	return search.Duplicates()
}

// cutAll is the reading goroutine: one input after the other, block by block.
func (r *run) cutAll(stop func() bool, free <-chan *work, cut chan<- *work) error {
	seq := int64(0)
	var w *work // in hand: taken from free and not yet sent on
	for n, in := range r.inputs {
		if err := in.reopen(); err != nil {
			return err
		}
		for {
			if stop() {
				return nil
			}
			if w == nil {
				w = <-free
			}
			w.reset(n, in.reader)
			err := in.reader.Cut(&w.chunk)
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			w.seq = seq
			seq++
			cut <- w
			w = nil
		}
	}
	return nil
}

// inOrder receives until the channel is closed and hands blocks on in the order they were cut.
// After sink has failed the rest is received all the same, so that no sender hangs.
func inOrder(checked <-chan *work, free chan<- *work, sink func(*work) error) (err error) {
	early := map[int64]*work{}
	next := int64(0)
	for w := range checked {
		early[w.seq] = w
		for early[next] != nil {
			w := early[next]
			delete(early, next)
			next++
			if err == nil {
				err = guarded(func() error { return sink(w) })()
			}
			free <- w
		}
	}
	return err
}

// upload is the second pass behind the checkers: identity, batches, uploads, reconcile. Outcomes
// come from two sides, rows that need no request and batches that were sent, and meet in one
// goroutine.
func (r *run) upload(ctx context.Context, identifier *Identifier, uploader *Uploader, reconciler *Reconciler) error {
	batches := make(chan *Batch)
	outcomes := make(chan []Outcome, r.config.Uploads)
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	uploader.halt.cancel = cancel

	var uploads, roll errgroup.Group
	for range r.config.Uploads {
		uploads.Go(guarded(func() error {
			for b := range batches {
				outcomes <- uploader.Guarded(ctx, b)
			}
			return nil
		}))
	}
	roll.Go(guarded(func() error {
		var err error
		for some := range outcomes {
			if err == nil {
				err = guarded(func() error { return r.settle(reconciler, some, uploader) })()
				uploader.halt.Failed(err)
			}
		}
		return err
	}))
	readErr := r.flow(reading, true, func(w *work) error {
		r.inputs[w.input].count(w)
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
	return errors.Join(uploader.halt.Err(), readErr, roll.Wait())
}

// through has several goroutines work on what fill sends, and hands it to take in the order in which it
// was sent, at most twice as many at a time as there are workers. After take has failed the rest is
// received all the same; fill hears of it by what send returns.
func through[T any](workers int, fill func(send func(T) (wanted bool)) error, do func(T), take func(T) error) error {
	type ticket struct {
		item   T
		broken error
		done   chan struct{}
	}
	todo, order := make(chan *ticket), make(chan *ticket, workers)
	var doers, taker errgroup.Group
	for range workers {
		doers.Go(guarded(func() error {
			for k := range todo {
				k.broken = guarded(func() error { do(k.item); return nil })()
				close(k.done)
			}
			return nil
		}))
	}
	var failed atomic.Bool
	taker.Go(guarded(func() (err error) {
		for k := range order {
			<-k.done
			if err == nil {
				err = k.broken
			}
			if err == nil {
				err = guarded(func() error { return take(k.item) })()
			}
			failed.Store(err != nil)
		}
		return err
	}))
	err := guarded(func() error {
		return fill(func(item T) bool {
			k := &ticket{item: item, done: make(chan struct{})}
			order <- k
			todo <- k
			return !failed.Load()
		})
	})()
	close(todo)
	close(order)
	return errors.Join(err, doers.Wait(), taker.Wait())
}

// Interruptible reads from r until ctx is done, and then no more: a read that waits for someone to write
// ends with ctx's error. It asks r for no more than it is asked for. The goroutine of a read that was
// given up lives as long as r keeps it waiting.
func Interruptible(ctx context.Context, r io.Reader) io.Reader {
	return &interruptible{ctx: ctx, from: r}
}

type interruptible struct {
	ctx  context.Context
	from io.Reader
}

func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	own := make([]byte, len(p)) // p is the caller's again once this returns
	var n int
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer Caught(&err)
		n, err = r.from.Read(own)
	}()
	select {
	case <-done:
		return copy(p, own[:n]), err
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	}
}

// Beside does work while serve runs beside it, and has stop end serve once the work is done. The error is work's.
func Beside(serve, stop func() error, work func() error) error {
	var beside errgroup.Group
	beside.Go(guarded(serve))
	err := guarded(work)()
	_ = stop()        // what is served ends with us, in order or not
	_ = beside.Wait() // serve says that it was stopped
	return err
}
