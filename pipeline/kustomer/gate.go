package kustomer

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// gate stands between one request and its connection. The first byte passes it or it is sealed, never both: that is how
// "no byte of the request left" is known. It is waiting until one of the two happens.
type gate struct{ state atomic.Uint32 }

const (
	waiting uint32 = iota
	begun
	sealed
)

var errSealed = errors.New("the request was given up before it began")

// begin lets bytes pass. First reports whether it was this call that opened the gate; ok is false when it is sealed.
func (g *gate) begin() (first, ok bool) {
	if g.state.CompareAndSwap(waiting, begun) {
		return true, true
	}
	return false, g.state.Load() == begun
}

// seal stops every byte from now on. It is false when a byte may have passed.
func (g *gate) seal() bool {
	return g.state.CompareAndSwap(waiting, sealed) || g.state.Load() == sealed
}

// trace ties the gate to the connection the transport picks, before anything is written to it.
func (g *gate) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if c := watchedConn(info.Conn); c != nil {
			c.gate.Store(g)
			return
		}
		g.begin() // a connection nobody watches: take it that bytes left
	}})
}

// conn is a connection whose writes pass the gate of the request that has it. HTTP/1.1 gives a connection to one
// request at a time, which is why this package speaks nothing newer. Under TLS it carries the records, so an alert
// counts as a byte too: the error is on the side of doubt.
type conn struct {
	net.Conn
	gate atomic.Pointer[gate] // nil while the connection is being made
}

func (c *conn) Write(p []byte) (int, error) {
	g := c.gate.Load()
	if g == nil {
		return c.Conn.Write(p)
	}
	first, ok := g.begin()
	if !ok {
		return 0, errSealed
	}
	n, err := c.Conn.Write(p)
	if n == 0 && err != nil && first {
		g.state.CompareAndSwap(begun, waiting) // nothing left: the transport may try another connection
	}
	return n, err
}

func watchedConn(c net.Conn) *conn {
	for c != nil {
		switch v := c.(type) {
		case *conn:
			return v
		case interface{ NetConn() net.Conn }: // *tls.Conn
			c = v.NetConn()
		default:
			return nil
		}
	}
	return nil
}

const (
	dialTimeout = 10 * time.Second
	// idleTimeout is below what load balancers commonly keep a silent connection (60 s), so that a request seldom meets
	// one that is just being closed.
	idleTimeout = 20 * time.Second
	idleConns   = 32
)

// transport returns what carries the requests, and whether its connections are watched.
func (c Config) transport(plain bool) (http.RoundTripper, bool) {
	t, isHTTP := c.Transport.(*http.Transport)
	switch {
	case c.Transport == nil:
		t = &http.Transport{Proxy: c.Proxy, IdleConnTimeout: idleTimeout, TLSHandshakeTimeout: dialTimeout}
	case !isHTTP || t == nil:
		return c.Transport, false
	default:
		t = t.Clone()
	}
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.ForceAttemptHTTP2 = false
	t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	if t.TLSClientConfig != nil {
		t.TLSClientConfig.NextProtos = nil // the clone's own: it may still offer HTTP/2
	}
	if t.MaxIdleConnsPerHost == 0 {
		t.MaxIdleConnsPerHost = idleConns
	}
	if plain {
		t.Proxy = nil // the key would reach the proxy in the clear
	}
	if t.DialContext == nil {
		t.DialContext = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	t.DialContext = watch(t.DialContext, plain)
	if t.DialTLSContext != nil {
		t.DialTLSContext = watch(t.DialTLSContext, false)
	}
	return t, true
}

type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

var errNotLoopback = errors.New("plain http is for this machine only, and the address leads elsewhere")

func watch(dial dialer, plain bool) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		// A name such as localhost may resolve to anywhere.
		if a, ok := c.RemoteAddr().(*net.TCPAddr); plain && ok && !a.IP.IsLoopback() {
			_ = c.Close()
			return nil, errNotLoopback
		}
		return &conn{Conn: c}, nil
	}
}
