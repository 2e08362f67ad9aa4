package kustomer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	maxTries = 5
	// maxAnswer bounds what is read of one answer, unpacked: a Klass of a thousand attributes with trees is about 1 MB.
	maxAnswer = 16 << 20
	firstWait = 500 * time.Millisecond // before the second try, doubled for each further one
	longWait  = 8 * time.Second
)

// wire carries requests to one org. Safe for concurrent use.
type wire struct {
	base      *url.URL
	transport http.RoundTripper
	watched   bool // the transport's connections pass the gates
	readOnly  bool
	authorize func(http.Header) // holds the key: no field does, so that none can be printed
	agent     string
	timeout   time.Duration
	meter     *meter
	sleep     func(context.Context, time.Duration) error
	waits     func(what string, most time.Duration)
}

// call is one request and what to make of its answer.
type call struct {
	method string
	path   string // escaped, with the query
	act    string // path for people: identities and ids left out
	body   []byte // nil none
	items  int    // how many items the body is a list of; 0: it is none
	// decode makes sense of a 2xx answer; its error counts as no answer. It may be called once per try.
	decode func(body []byte) error
	wrong  error // why the call must not be made; nil none
}

func (c call) name() string { return c.method + " " + c.act }

// reads reports a call that cannot change anything: every GET, and the search, whose query is a body.
func (c call) reads() bool { return c.method == http.MethodGet || c.class() == search }

// do sends the call until it is answered, as often as is safe, and returns nil or an *Error.
func (w *wire) do(ctx context.Context, c call) error {
	if w.readOnly && !c.reads() {
		c.wrong = errReadOnly
	}
	if c.wrong != nil {
		return &Error{Verdict: NotBegun, Act: c.name(), Err: c.wrong}
	}
	var last *Error
	for try := 0; try < maxTries; try++ {
		if last != nil && w.sleep(ctx, last.pause(try)) != nil {
			return last
		}
		err := w.meter.waitFor(ctx, c.object())
		if err == nil {
			err = w.meter.wait(ctx, c.class())
		}
		if err != nil {
			if last == nil {
				last = &Error{Verdict: NotBegun, Act: c.name(), Err: err}
			}
			return last
		}
		begun := w.meter.now()
		failure := w.attempt(ctx, c)
		w.meter.took(c, w.meter.now().Sub(begun), failure)
		if failure == nil {
			return nil
		}
		last = failure
		if last.Verdict == NotBegun {
			w.meter.uncount()
		}
		if !c.again(last) || ctx.Err() != nil {
			return last
		}
	}
	return last
}

// again reports whether the call may be sent once more: a write only if nothing of it can have been applied.
func (c call) again(e *Error) bool {
	switch e.Verdict {
	case Throttled:
		return true
	case NotBegun:
		return !permanent(e.Err)
	case InDoubt:
		return c.reads() && e.Err != errTooLong
	}
	return false
}

// pause is how long to wait before the given try (1 is the second). What the whole budget has to wait is the meter's.
func (e *Error) pause(try int) time.Duration {
	d := min(firstWait<<(try-1), longWait)
	d = d/2 + rand.N(d/2) // jitter: several callers that failed together do not come back together
	return max(d, e.RetryAfter)
}

// attempt sends the call once.
func (w *wire) attempt(ctx context.Context, c call) *Error {
	g := new(gate)
	outer := ctx
	if !c.reads() {
		outer = Detached(ctx)
	}
	inner, cancel := context.WithTimeout(outer, w.timeout)
	defer cancel()
	// The caller's end stops a write only as long as it has not begun.
	stop := context.AfterFunc(ctx, func() {
		if g.seal() {
			cancel()
		}
	})
	defer stop()
	if ctx.Err() != nil && g.seal() {
		return c.failed(ctx, g, ctx.Err())
	}
	req, err := w.request(g.trace(inner), c)
	if err != nil {
		return &Error{Verdict: NotBegun, Act: c.name(), Err: errAddress}
	}
	if !w.watched {
		g.begin()
	}
	slow := time.AfterFunc(told, func() { w.waits("the org's answer", w.timeout) })
	defer slow.Stop()
	res, err := w.transport.RoundTrip(req)
	if err != nil {
		return c.failed(ctx, g, err)
	}
	defer res.Body.Close()
	body, err := readAll(res.Body)
	w.meter.updated(c.object(), res.Header)
	if err != nil && outer.Err() != nil {
		err = outer.Err()
	}
	wait := w.meter.answered(c.class(), res.StatusCode, res.Header)
	return c.judge(res, body, err, wait)
}

func (w *wire) request(ctx context.Context, c call) (*http.Request, error) {
	var body io.Reader
	if c.body != nil {
		body = bytes.NewReader(c.body)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, w.base.String()+c.path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", w.agent)
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	w.authorize(req.Header)
	return req, nil
}

// failed is the error of a call that got no answer.
func (c call) failed(ctx context.Context, g *gate, err error) *Error {
	e := &Error{Verdict: InDoubt, Act: c.name(), Err: cause(err)}
	sealed := g.seal()
	if sealed {
		e.Verdict = NotBegun
	}
	if ctx.Err() != nil && (sealed || errors.Is(err, context.Canceled)) {
		e.Err = ctx.Err()
	}
	return e
}

// judge turns an answer into nil or an *Error. Redirects are not followed: the key belongs to one host.
func (c call) judge(res *http.Response, body []byte, cut error, wait time.Duration) *Error {
	e := &Error{Verdict: ofStatus(res.StatusCode), Status: res.StatusCode, Act: c.name(), RetryAfter: wait}
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		err := cut
		if err == nil {
			err = c.decode(body)
		}
		if err == nil {
			return nil
		}
		// Whatever a 2xx answer that cannot be read meant to say, it is no refusal.
		e.Verdict, e.Err = InDoubt, err
		return e
	}
	if res.StatusCode < 400 {
		e.Err = errRedirect
	}
	e.explain(c, body)
	return e
}

// readAll reads a whole answer. Its error is errTooLong or a known cause.
func readAll(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, maxAnswer+1))
	switch {
	case err != nil:
		if err = cause(err); err == errTransport {
			err = errCut
		}
		return b.Bytes(), err
	case n > maxAnswer:
		return nil, errTooLong
	}
	return b.Bytes(), nil
}

// escape makes one path segment of any text; unlike url.PathEscape it leaves no "+", which some servers read as a
// space.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
