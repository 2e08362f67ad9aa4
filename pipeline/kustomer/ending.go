package kustomer

import "context"

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

// Detached is for what must be asked although ctx is done: it lasts until the end that [Ending] gave ctx, and for
// ever where there is none.
func Detached(ctx context.Context) context.Context {
	if end, ok := ctx.Value(endKey{}).(ending); ok {
		return end
	}
	return context.WithoutCancel(ctx)
}
