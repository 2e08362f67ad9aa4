package kustomer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const accepted = `{"data":{"type":"bulk","id":"64b000000000000000000001","attributes":{"status":"queued"}}}`

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

// hijacked answers with raw bytes and cuts the connection.
func hijacked(w http.ResponseWriter, r *http.Request, raw string) {
	_, _ = io.Copy(io.Discard, r.Body)
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(c, raw)
	_ = c.Close()
}

func TestCutConnections(t *testing.T) {
	for _, tc := range []struct{ name, raw string }{
		{"before the answer", ""},
		{"in the status line", "HTTP/1."},
		{"in the headers", "HTTP/1.1 201 Created\r\nContent-Le"},
		{"in the body", "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"data\":{\"id\":\"64b0\""},
		{"in a chunk", "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"data\":"},
		{"not HTTP", "SSH-2.0-secret\r\n\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var asked atomic.Int32
			c, _ := org(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); hijacked(w, r, tc.raw) })
			if _, err := c.BulkCreate(t.Context(), bulkOf("r1")); VerdictOf(err) != InDoubt {
				t.Errorf("write: %v", err)
			} else if strings.Contains(err.Error(), "SSH") {
				t.Errorf("the error quotes the answer: %v", err)
			}
			if n := asked.Swap(0); n != 1 {
				t.Errorf("the write was sent %d times", n)
			}
			if _, err := c.Job(t.Context(), "j"); VerdictOf(err) != InDoubt {
				t.Errorf("read: %v", err)
			}
			// The transport itself repeats a read once on a connection that dies under it.
			if n := asked.Load(); n < maxTries {
				t.Errorf("the read was sent %d times, want %d", n, maxTries)
			}
		})
	}
}

func TestUnusableAnswersAreInDoubt(t *testing.T) {
	long := `{"data":{"id":"x","pad":"` + strings.Repeat("x", maxAnswer) + `"}}`
	for name, body := range map[string]string{
		"empty": "", "html": "<html>busy</html>", "no id": `{"data":{"attributes":{}}}`, "null": "null", "list": "[]",
		"too long": long,
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			c, _ := org(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); answering(200, body)(w, r) })
			if id, err := c.BulkCreate(t.Context(), bulkOf("r1")); VerdictOf(err) != InDoubt || id != "" {
				t.Errorf("BulkCreate: %q, %v", id, err)
			}
			if n := asked.Swap(0); n != 1 {
				t.Errorf("a write was sent %d times", n)
			}
			if got, err := c.Create(t.Context(), []byte(`{}`)); VerdictOf(err) != InDoubt || got != nil {
				t.Errorf("Create: %v, %v", got, err)
			}
			asked.Store(0)
			if got, err := c.Customer(t.Context(), "1"); VerdictOf(err) != InDoubt || got != nil {
				t.Errorf("Customer: %v, %v", got, err)
			}
			want := int32(maxTries)
			if name == "too long" {
				want = 1
			}
			if n := asked.Load(); n != want {
				t.Errorf("a read was sent %d times, want %d", n, want)
			}
		})
	}
}

func TestAReadIsTriedAgainAWriteIsNot(t *testing.T) {
	for _, status := range []int{408, 500, 502, 503, 504} {
		var asked atomic.Int32
		c, ticking := org(t, func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) == 3 {
				answering(200, `{"data":{"id":"c1","attributes":{}}}`)(w, r)
				return
			}
			answering(status, "")(w, r)
		})
		if _, err := c.Lookup(t.Context(), "email", "a@example.org"); err != nil || asked.Load() != 3 {
			t.Errorf("%d: a read gave %v after %d tries, want an answer at the third", status, err, asked.Load())
		}
		if len(ticking.slept) != 2 || ticking.slept[0] > firstWait || ticking.slept[1] > 2*firstWait {
			t.Errorf("%d: waits %v", status, ticking.slept)
		}
		for name, write := range map[string]func() error{
			"create":      func() error { _, err := c.Create(t.Context(), []byte(`{"name":"A"}`)); return err },
			"update":      func() error { _, err := c.Update(t.Context(), "1", []byte(`{"name":"A"}`)); return err },
			"delete":      func() error { return c.Delete(t.Context(), "1") },
			"bulk create": func() error { _, err := c.BulkCreate(t.Context(), bulkOf("a")); return err },
			"bulk update": func() error { _, err := c.BulkUpdate(t.Context(), bulkOf("a")); return err },
		} {
			asked.Store(10)
			if err := write(); VerdictOf(err) != InDoubt || asked.Load() != 11 {
				t.Errorf("%d: %s gave %v after %d tries, want one in doubt", status, name, err, asked.Load()-10)
			}
		}
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
			if d := time.Since(start); d > time.Second {
				t.Errorf("giving up took %v", d)
			}
		})
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
	c.wire.timeout = 80 * time.Millisecond
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

func TestConnectionsAreReused(t *testing.T) {
	var opened atomic.Int32
	s := httptest.NewUnstartedServer(answering(404, `{"errors":[]}`))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c, err := New(Config{URL: s.URL, Key: testKey})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := c.Customer(t.Context(), "1"); VerdictOf(err) != NotFound {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for 20 requests in a row", n)
	}
}

func TestTLS(t *testing.T) {
	proto := make(chan string, 9)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proto <- r.Proto
		answering(204, "")(w, r)
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	ticking := newClock()
	config := Config{URL: s.URL, Key: testKey, Transport: s.Client().Transport, Now: ticking.now, Sleep: ticking.sleep}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	if p := <-proto; p != "HTTP/1.1" {
		t.Errorf("spoke %s, where one connection may carry several requests", p)
	}
	for name, transport := range map[string]*http.Transport{
		"untrusted":  nil,
		"other host": {TLSClientConfig: &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "other.example.net"}},
	} {
		config.Transport = nil
		if transport != nil {
			config.Transport = transport
		}
		c, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		ticking.slept = nil
		err = c.Delete(t.Context(), "1")
		if VerdictOf(err) != NotBegun || len(ticking.slept) > 0 || !strings.Contains(err.Error(), "TLS certificate") {
			t.Errorf("%s: %v after waits %v", name, err, ticking.slept)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var strayed atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Add(1) }))
	defer other.Close()
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusFound)
	})
	_, err := c.Customer(t.Context(), "1")
	if VerdictOf(err) != Refused || !strings.Contains(err.Error(), "redirect") || strayed.Load() != 0 {
		t.Errorf("%v; the other host was asked %d times", err, strayed.Load())
	}
}

func TestPlainHTTPStaysOnThisMachine(t *testing.T) {
	c, err := New(Config{URL: "http://localhost:1", Key: testKey, Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			a, b := net.Pipe()
			_ = b.Close()
			return elsewhere{a}, nil
		}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(t.Context(), "1"); VerdictOf(err) != NotBegun || !errors.Is(err, errNotLoopback) {
		t.Error(err)
	}
}

type elsewhere struct{ net.Conn }

func (elsewhere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80} }
