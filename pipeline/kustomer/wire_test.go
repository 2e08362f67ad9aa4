package kustomer

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

const accepted = `{"data":{"type":"bulk","id":"64b000000000000000000001","attributes":{"status":"queued"}}}`

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
		"untrusted": nil,
		"other host": {TLSClientConfig: &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs,
			ServerName: "other.example.net"}},
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
