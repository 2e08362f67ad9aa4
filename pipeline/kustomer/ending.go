package kustomer

import (
	"context"
	"time"
)

// ending is a context that is its own end.
type ending struct{ context.Context }

// endKey is under which a context holds its end.
type endKey struct{}

// Value is the context itself where its end is asked for.
func (e ending) Value(key any) any {
	if key == (endKey{}) {
		return e
	}
	return e.Context.Value(key)
}

// Ending gives a context an end of another kind than its own. When ctx is done no request is begun under it and no
// read goes on; a write that has begun is left to finish until end is done. Then nothing is.
func Ending(ctx, end context.Context) context.Context {
	return context.WithValue(ctx, endKey{}, ending{end})
}

// Ends says whether a context has an end of [Ending].
func Ends(ctx context.Context) bool { return ctx.Value(endKey{}) != nil }

// DefaultGrace is how long what has begun is waited for after the first signal. Supervisors kill what does not end:
// Kubernetes after 30 s where nothing else is said, systemd after 90 s, so both are told more in samples/deploy.
const DefaultGrace = 30 * time.Second

// Graceful bounds what is left to do once ctx is done: told is called then, and for so long what was begun is waited
// for, and what is in doubt is asked of the org. A context that has such a bound keeps it. release must be called when
// all is done.
func Graceful(ctx context.Context, grace time.Duration, told func()) (bound context.Context, release func()) {
	if Ends(ctx) {
		stop := context.AfterFunc(ctx, told)
		return ctx, func() { stop() }
	}
	if grace <= 0 {
		grace = DefaultGrace
	}
	end, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(end, func() { timer.Stop() })
		told()
	})
	return Ending(ctx, end), func() { stop(); cancel() }
}

// Detached is for what must be asked although ctx is done: it lasts until the end that [Ending] gave ctx, and for
// ever where there is none.
func Detached(ctx context.Context) context.Context {
	if end, ok := ctx.Value(endKey{}).(ending); ok {
		return end
	}
	return context.WithoutCancel(ctx)
}
