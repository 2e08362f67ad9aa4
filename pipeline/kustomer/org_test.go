package kustomer

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// clock is a time that passes only by sleeping.
type clock struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	c.at = c.at.Add(d)
	c.slept = append(c.slept, d)
	return nil
}

const testKey = "eyJrZXkiOiJDQU5BUlkifQ.key-canary_0000"

// org is a server and a client of it whose time passes only by sleeping.
func org(t *testing.T, h http.HandlerFunc) (*Client, *clock) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	ticking := newClock()
	c, err := New(Config{URL: s.URL, Key: testKey, Now: ticking.now, Sleep: ticking.sleep, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.wire.transport.(*http.Transport).CloseIdleConnections() })
	return c, ticking
}

// answering is a handler that always gives the same answer.
func answering(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// bulkOf is a valid bulk request of n items.
func bulkOf(refs ...string) []Item {
	items := make([]Item, len(refs))
	for i, r := range refs {
		items[i] = Item{Ref: r, ID: "id-" + r, Payload: []byte(`{"name":"A"}`)}
	}
	return items
}
