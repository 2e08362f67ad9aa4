package parallel

import (
	"errors"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// waitingPerWorker is how many items are on the way for each worker beside the one it works on: one that it will find
// ready, and one that waits for its turn in the order.
const waitingPerWorker = 2

// Ordered has several workers work on what fill sends, and hands it to take in the order in which it was sent. Each
// worker is a function of its own, made by worker in the caller's goroutine. An item is nobody's once take has
// returned, so at most (1 + waitingPerWorker) × workers + 2 items are ever on the way.
//
// After take has failed the rest is received all the same, so that no sender hangs; fill hears of it by what send
// returns. A panic of a worker is the error of its item.
func Ordered[T any](workers int, fill func(send func(T) (wanted bool)) error, worker func() func(T),
	take func(T) error) error {
	type ticket struct {
		item   T
		broken error
		done   chan struct{}
	}
	todo, order := make(chan *ticket, workers), make(chan *ticket, waitingPerWorker*workers)
	var doers, taker errgroup.Group
	for range workers {
		do := worker()
		doers.Go(Guarded(func() error {
			for k := range todo {
				k.broken = Guarded(func() error { do(k.item); return nil })()
				close(k.done)
			}
			return nil
		}))
	}
	var failed atomic.Bool
	taker.Go(Guarded(func() (err error) {
		for k := range order {
			<-k.done
			if err == nil {
				err = k.broken
			}
			if err == nil {
				err = Guarded(func() error { return take(k.item) })()
			}
			failed.Store(err != nil)
		}
		return err
	}))
	err := Guarded(func() error {
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

// Each is the worker of Ordered where all workers do the same.
func Each[T any](do func(T)) func() func(T) { return func() func(T) { return do } }
