package kustomer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// dialing is a client of a host that is never asked, whose connections come from dial.
func dialing(t *testing.T, dial dialer) (*Client, *clock) {
	t.Helper()
	ticking := newClock()
	c, err := New(Config{URL: "http://127.0.0.1:1", Key: testKey, Now: ticking.now, Sleep: ticking.sleep,
		Timeout: 2 * time.Second, Transport: &http.Transport{DialContext: dial}})
	if err != nil {
		t.Fatal(err)
	}
	return c, ticking
}

// brokenConn fails its writes after some bytes.
type brokenConn struct {
	net.Conn
	after int
}

func (b *brokenConn) Write(p []byte) (int, error) {
	if b.after == 0 {
		return 0, syscall.EPIPE
	}
	n, err := b.Conn.Write(p[:min(b.after, len(p))])
	b.after -= n
	if err == nil && n < len(p) {
		err = syscall.EPIPE
	}
	return n, err
}

func TestNoByteLeftIsKnown(t *testing.T) {
	discard, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer discard.Close()
	broken := func(after int) dialer {
		return func(ctx context.Context, network, _ string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, discard.Addr().String())
			return &brokenConn{c, after}, err
		}
	}
	for _, tc := range []struct {
		name  string
		dial  dialer
		want  Verdict
		cause error
		tries int
	}{
		{"connection refused", func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}, NotBegun, syscall.ECONNREFUSED, 5},
		{"no such host", func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{IsNotFound: true}
		}, NotBegun, errNoHost, 1},
		{"nothing could be written", broken(0), NotBegun, syscall.EPIPE, 5},
		{"one byte was written", broken(1), InDoubt, nil, 1},
		{"the headers were written", broken(300), InDoubt, nil, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var dials atomic.Int32
			c, _ := dialing(t, func(ctx context.Context, n, a string) (net.Conn, error) {
				dials.Add(1)
				return tc.dial(ctx, n, a)
			})
			items := bulkOf("r1")
			items[0].Payload = []byte(`{"name":"` + strings.Repeat("x", 20_000) + `"}`)
			_, err := c.BulkCreate(t.Context(), items)
			if got := VerdictOf(err); got != tc.want {
				t.Errorf("verdict %v, want %v (%v)", got, tc.want, err)
			}
			if tc.cause != nil && !errors.Is(err, tc.cause) {
				t.Errorf("cause of %v is not %v", err, tc.cause)
			}
			if got := int(dials.Load()); got != tc.tries {
				t.Errorf("%d tries, want %d", got, tc.tries)
			}
			want := int64(0)
			if tc.want == InDoubt {
				want = 1
			}
			if got := c.Budget().Requests; got != want {
				t.Errorf("%d requests counted, want %d", got, want)
			}
		})
	}
}

func TestACancelledContextBeginsNothing(t *testing.T) {
	var asked atomic.Int32
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); answering(201, accepted)(w, r) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.BulkCreate(ctx, bulkOf("a"))
	if VerdictOf(err) != NotBegun || !errors.Is(err, context.Canceled) || asked.Load() != 0 {
		t.Errorf("%v after %d requests", err, asked.Load())
	}
}

func TestCancellingWhileConnectingBeginsNothing(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, address := range map[string]string{
		"dialing":              "http://127.0.0.1:1",
		"shaking hands in TLS": "https://" + silent.Addr().String(),
	} {
		t.Run(name, func(t *testing.T) {
			connecting := make(chan bool, 1)
			ctx, cancel := context.WithCancel(t.Context())
			c, err := New(Config{URL: address, Key: testKey, Transport: &http.Transport{
				DialContext: func(inner context.Context, network, addr string) (net.Conn, error) {
					connecting <- true
					if name == "dialing" {
						<-inner.Done()
						return nil, inner.Err()
					}
					return new(net.Dialer).DialContext(inner, network, addr)
				}}})
			if err != nil {
				t.Fatal(err)
			}
			go func() { <-connecting; time.Sleep(20 * time.Millisecond); cancel() }()
			start := time.Now()
			_, err = c.BulkCreate(ctx, bulkOf("a"))
			if VerdictOf(err) != NotBegun || !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("giving up took %v", d)
			}
		})
	}
}

func TestASealedGateLetsNothingPass(t *testing.T) {
	near, far := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, far) }()
	defer near.Close()
	g, c := new(gate), &conn{Conn: near}
	c.gate.Store(g)
	if !g.seal() {
		t.Error("a waiting gate cannot be sealed")
	}
	if n, err := c.Write([]byte("x")); n != 0 || err != errSealed {
		t.Errorf("%d bytes passed, %v", n, err)
	}
	g = new(gate)
	c.gate.Store(g)
	if n, err := c.Write([]byte("x")); n != 1 || err != nil || g.seal() {
		t.Errorf("%d bytes passed, %v; or it was sealed after that", n, err)
	}
}

func TestPlainHTTPHasNoProxy(t *testing.T) {
	s := httptest.NewServer(answering(204, ""))
	defer s.Close()
	proxy := func(*http.Request) (*url.URL, error) { t.Error("a proxy was asked for"); return nil, nil }
	for _, config := range []Config{{Proxy: proxy}, {Transport: &http.Transport{Proxy: proxy}}} {
		config.URL, config.Key = s.URL, testKey
		c, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Delete(t.Context(), "1"); err != nil {
			t.Error(err)
		}
	}
}

// Bytes to a proxy are not bytes of the request, which begins after the tunnel stands.
func TestAProxyThatRefusesBeginsNothing(t *testing.T) {
	var tunnels atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Header.Get("Authorization") != "" {
			t.Errorf("the proxy got %s with authorization %q", r.Method, r.Header.Get("Authorization"))
		}
		tunnels.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer proxy.Close()
	ticking := newClock()
	c, err := New(Config{URL: "https://org.example", Key: testKey, Now: ticking.now, Sleep: ticking.sleep,
		Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(t.Context(), "1"); VerdictOf(err) != NotBegun || tunnels.Load() != maxTries {
		t.Errorf("%v after %d tunnels", err, tunnels.Load())
	}
}

func TestCancellingBetweenConnectingAndWritingBeginsNothing(t *testing.T) {
	var asked atomic.Int32
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); answering(201, accepted)(w, r) })
	for i := range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
			cancel()
			time.Sleep(time.Duration(i) * 200 * time.Microsecond) // for the cancellation to arrive, or not yet
		}})
		_, err := c.BulkCreate(traced, bulkOf("a"))
		if n := asked.Swap(0); VerdictOf(err) == NotBegun && n > 0 || err == nil && n != 1 || VerdictOf(err) == InDoubt {
			t.Errorf("%v, and %d arrived", err, n)
		}
		if i > 10 && err == nil {
			t.Error("the cancellation came too late; this test proves nothing")
		}
	}
}

func TestABegunRequestIsLeftToFinish(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		time.Sleep(50 * time.Millisecond)
		answering(201, accepted)(w, r)
	})
	if id, err := c.BulkCreate(ctx, bulkOf("a")); err != nil || id != "64b000000000000000000001" {
		t.Errorf("job %q, %v", id, err)
	}
	if _, err := c.BulkCreate(ctx, bulkOf("a")); VerdictOf(err) != NotBegun {
		t.Errorf("the next one: %v", err)
	}
}

func TestABegunRequestEndsAtItsOwnTimeout(t *testing.T) {
	release := make(chan bool)
	var asked atomic.Int32
	c, _ := org(t, func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		<-release
	})
	defer close(release)
	c.wire.timeout = 500 * time.Millisecond
	_, err := c.BulkCreate(t.Context(), bulkOf("a"))
	if VerdictOf(err) != InDoubt || !errors.Is(err, context.DeadlineExceeded) || asked.Load() != 1 {
		t.Errorf("%v after %d requests", err, asked.Load())
	}
}

// What is called not begun must never reach the org, wherever the cancellation falls.
func TestNotBegunNeverArrives(t *testing.T) {
	var mu sync.Mutex
	arrived := map[string]bool{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		arrived[strings.TrimPrefix(r.URL.Path, "/v1/customers/")] = true
		mu.Unlock()
		answering(204, "")(w, r)
	}))
	c, err := New(Config{URL: s.URL, Key: testKey})
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[Verdict]int{}
	said := map[string]Verdict{}
	for i := range 600 {
		if i%3 == 0 {
			c.wire.transport.(*http.Transport).CloseIdleConnections()
		}
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(rand.N(300*time.Microsecond), cancel)
		id := fmt.Sprint("c", i)
		v := VerdictOf(c.Delete(ctx, id))
		timer.Stop()
		cancel()
		said[id] = v
		verdicts[v]++
	}
	s.Close()
	for id, v := range said {
		if v == NotBegun && arrived[id] {
			t.Errorf("%s was called not begun and arrived", id)
		}
		if v == 0 && !arrived[id] {
			t.Errorf("%s was called answered and never arrived", id)
		}
	}
	if verdicts[NotBegun] == 0 || verdicts[0] == 0 || verdicts[InDoubt] > 0 {
		t.Errorf("verdicts %v: want some not begun, some answered, none in doubt", verdicts)
	}
}

func TestAForeignTransportCountsAsBegun(t *testing.T) {
	c, err := New(Config{URL: "https://org.example", Key: testKey,
		Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED })})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(t.Context(), "1"); VerdictOf(err) != InDoubt {
		t.Error(err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
