package sandbox

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Everything the org writes goes through one goroutine, which owns the writing connection. It takes the writes that
// wait for it into one transaction, since in SQLite a transaction costs more than a row; between two of those it works
// on the jobs that are due.

const (
	mostWrites = 32 // writes of one transaction, so that the first of them does not wait long
	mostJobs   = 8  // jobs of one transaction, for the same reason
)

var errClosed = errors.New("the sandbox is closed")

// writer is the goroutine's side of a Server.
type writer struct {
	st      *store
	writes  chan write
	stop    chan struct{}
	stopped chan struct{}
	queue   *queue
	wary    bool // the last transaction met identities that had an owner
	fired   *atomic.Int64
}

// write is something to do in a transaction. run's error is one of the database: the whole transaction is undone and
// every write in it fails. A write that is refused notes that elsewhere and returns nil without having written. run may
// be called again, after all that it did was undone.
type write struct {
	run  func(*tx) error
	done chan error
}

// tx is a transaction that is under way.
type tx struct {
	*store
	claims   *claims
	accepted []*job            // to be taken up when the transaction is durable
	fired    int64             // workflows that go off then
	newTags  map[string]string // by their ids
}

// write runs a write and returns when it is durable.
func (w *writer) write(run func(*tx) error) error {
	one := write{run, make(chan error, 1)}
	select {
	case w.writes <- one:
		return <-one.done
	case <-w.stopped:
		return errClosed
	}
}

// loop works until stop is closed.
func (w *writer) loop() {
	defer close(w.stopped)
	for {
		timer := time.NewTimer(w.queue.wait())
		select {
		case first := <-w.writes:
			w.together(first)
		case <-timer.C:
		case <-w.stop:
			timer.Stop()
			return
		}
		timer.Stop()
		w.work()
	}
}

// together commits first and the writes that wait behind it.
func (w *writer) together(first write) {
	writes := []write{first}
	err := w.transaction(func(t *tx) error {
		for i := 0; i < len(writes); i++ {
			if err := writes[i].run(t); err != nil {
				return err
			}
			if len(writes) == mostWrites {
				continue
			}
			select {
			case next := <-w.writes:
				writes = append(writes, next)
			default:
			}
		}
		return nil
	})
	for _, one := range writes {
		one.done <- err
	}
}

// transaction runs do between begin and commit, twice when it assumed too much.
func (w *writer) transaction(do func(*tx) error) error {
	err := w.attempt(do, w.wary)
	if errors.Is(err, errAssumed) {
		err = w.attempt(do, true)
	}
	return err
}

func (w *writer) attempt(do func(*tx) error, wary bool) error {
	ctx := context.Background()
	if _, err := w.st.conn.ExecContext(ctx, "begin immediate"); err != nil {
		return err
	}
	t := &tx{store: w.st, claims: newClaims(w.st, wary)}
	err := spared(do, t)
	if err == nil {
		err = errors.Join(t.claims.flush(), t.writeTags())
	}
	if err == nil {
		_, err = w.st.conn.ExecContext(ctx, "commit")
	}
	if err != nil {
		_, undo := w.st.conn.ExecContext(ctx, "rollback")
		return errors.Join(err, undo)
	}
	w.wary = t.claims.met
	w.fired.Add(t.fired)
	w.st.tags.add(t.newTags)
	for _, j := range t.accepted {
		w.queue.add(j)
	}
	return nil
}

var errPanic = errors.New("the sandbox has a defect")

// spared is do with a panic in it turned into an error without its text, which may hold a value: nobody else would
// catch it, and the program that the org is a part of would end with printing it.
func spared(do func(*tx) error, t *tx) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return do(t)
}

// work does what is due of the jobs, some at a time. A step the database has failed is tried again a little later.
func (w *writer) work() {
	due := w.queue.due(mostJobs)
	if len(due) == 0 {
		return
	}
	err := w.transaction(func(t *tx) error {
		for _, j := range due {
			if err := j.advance(t); err != nil {
				return err
			}
		}
		return nil
	})
	w.queue.settle(due, err)
}
