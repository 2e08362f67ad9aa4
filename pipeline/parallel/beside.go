package parallel

import (
	"context"
	"io"

	"golang.org/x/sync/errgroup"
)

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
	beside.Go(Guarded(serve))
	err := Guarded(work)()
	_ = stop()        // what is served ends with us, in order or not
	_ = beside.Wait() // serve says that it was stopped
	return err
}
