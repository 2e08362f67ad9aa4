package pipeline

import (
	"context"
	"sync"
	"time"

	"muster/pipeline/kustomer"
)

// defaultGrace is how long what has begun is waited for after the first signal. Supervisors kill what does not end: Kubernetes
// after 30 s where nothing else is said, systemd after 90 s, so both are told more in samples/deploy.
const defaultGrace = 30 * time.Second

// Graceful bounds what is left to do once ctx is done: told is called then, and for so long what was begun is waited for, and
// what is in doubt is asked of the org. A context that has such a bound keeps it. release must be called when all is done.
func Graceful(ctx context.Context, grace time.Duration, told func()) (bound context.Context, release func()) {
	if kustomer.Ends(ctx) {
		stop := context.AfterFunc(ctx, told)
		return ctx, func() { stop() }
	}
	if grace <= 0 {
		grace = defaultGrace
	}
	end, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(end, func() { timer.Stop() })
		told()
	})
	return kustomer.Ending(ctx, end), func() { stop(); cancel() }
}

// orderly lets several goroutines speak to one Progress, and nobody any more once it is closed.
type orderly struct {
	mu     sync.Mutex
	to     Progress
	closed bool
}

// Phase is to's, and so are the others.
func (o *orderly) Phase(name string, total int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.to.Phase(name, total)
	}
}

func (o *orderly) Step(done int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.to.Step(done)
	}
}

func (o *orderly) Say(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.to.Say(line)
	}
}

func (o *orderly) Done() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.to.Done()
	}
}

func (o *orderly) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

// Detached is for what must be done although ctx is done; it ends when the grace of [Graceful] is over.
func Detached(ctx context.Context) context.Context { return kustomer.Detached(ctx) }
