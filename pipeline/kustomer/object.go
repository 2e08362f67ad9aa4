package kustomer

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"time"
)

// mostObjects bounds how many things are remembered, of 100 bytes each; it takes hundreds of updates of one thing in a
// minute for it to be remembered at all.
const mostObjects = 10_000

// object is the one thing that a call updates, by its path; "" for any other call. Updates of a thing have a limit of
// their own (https://developer.kustomer.com/docs/concepts/rate-limits, Object Rate Limiting).
func (c call) object() string {
	path, _, _ := strings.Cut(c.path, "?")
	if c.method != http.MethodPut && c.method != http.MethodPatch || strings.Count(path, "/") != 3 ||
		strings.HasSuffix(path, "/bulk") {
		return ""
	}
	return path
}

// waitFor returns when a thing may be updated again, or with ctx's error.
func (m *meter) waitFor(ctx context.Context, object string) error {
	for object != "" {
		m.mu.Lock()
		d := m.objects[object].Sub(m.now())
		if d > 0 {
			m.waited += d
		}
		m.mu.Unlock()
		if d <= 0 {
			return nil
		}
		if err := m.rest(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// updated takes over what an answer says of the limit on updates of a thing. Below the floor the thing is left alone
// until the window ends: as the answer has it, else a whole one, since nothing says when it began.
func (m *meter) updated(object string, h http.Header) {
	remaining, known := count(h, "X-Ratelimit-Object-Remaining")
	limit, _ := count(h, "X-Ratelimit-Object-Limit")
	if object == "" || !known || remaining > 0 && float64(remaining) >= float64(limit)*floor {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	d := window
	if reset, ok := until(now, h, "X-Ratelimit-Reset"); ok && remaining == 0 {
		d = reset
	}
	if len(m.objects) >= mostObjects {
		maps.DeleteFunc(m.objects, func(_ string, until time.Time) bool { return !until.After(now) })
	}
	if len(m.objects) < mostObjects {
		m.objects[object] = now.Add(d)
	}
}
