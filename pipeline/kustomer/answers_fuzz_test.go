package kustomer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// An answerer is an org that gives every request the same answer, and counts.
type answerer struct {
	status   int
	header   http.Header
	body     []byte
	cut      bool // the body breaks off
	requests int
}

// RoundTrip is http.RoundTripper's.
func (a *answerer) RoundTrip(r *http.Request) (*http.Response, error) {
	a.requests++
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	var body io.Reader = bytes.NewReader(a.body)
	if a.cut {
		body = io.MultiReader(body, broken{})
	}
	return &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(body), Request: r}, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) {
	return 0, errors.New("canaryalpha canary.charlie@example.org")
}

// FuzzAnswers: whatever an org answers to whatever is asked of it, each call ends after a bounded number of requests,
// with what was asked for or an *Error of one line that holds neither a value that was sent nor the key.
func FuzzAnswers(f *testing.F) {
	names, _ := everyCallInOrder(f, &answerer{})
	at := func(name string) uint8 {
		for i, one := range names {
			if one == name {
				return uint8(i)
			}
		}
		f.Fatal("no call is named", name)
		return 0
	}
	token := `{"data":{"attributes":{"roles":["org.user.customer.read"],"org":"64aa","orgName":"canaryalpha","expiresAt":"2026-01-01T00:00:00Z"}}}`
	for _, seed := range []struct {
		call, body string
		status     uint16
		retry      string
	}{
		{"bulk create", `{"data":{"id":"j","attributes":{"status":"queued","batches":{"complete":0,"total":1}}}}`, 202, ""},
		{"bulk create", `{"errors":[{"status":400,"code":"badparam","title":"canaryalpha","source":{"pointer":"/0/emails/0/email"},"detail":"/0/custom"}]}`, 400, ""},
		{"bulk update", `{"errors":[{"code":"canary_echo","message":"Canary Bravo","meta":{"subErrors":[{"source":{"parameter":"CANARY-DELTA"}}]}}]}`, 422, ""},
		{"results", `{"data":[{"attributes":{"status":"complete","failureCount":1,"results":[{"_clientRef":"r1","status":"error","error":"duplicate detected"}]}}],"links":{"next":"/v1/bulk/canaryalpha/batches?page=2"}}`, 200, ""},
		{"results", `[{"status":"complete","results":[{"_clientRef":"r1","error":"email canary.charlie@example.org is taken"}]}]`, 200, ""},
		{"results", `{"data":[],"links":{"next":"https://evil.example/v1/bulk/x"}}`, 200, ""},
		{"job", `{"data":{"id":"j","attributes":{"status":"complete","batches":{"complete":"1e999"}}}}`, 200, ""},
		{"customer", full, 200, ""},
		{"customer", `{"data":{"id":7,"attributes":{"rev":{},"createdAt":5,"company":null},"relationships":{"company":[]}}}`,
			200, ""},
		{"create", `{"data":{"id":"x","attributes":` + strings.Repeat(`{"a":`, 300) + `1` + strings.Repeat(`}`, 300) + `}}`,
			201, ""},
		{"token", token, 200, ""},
		{"metadata", `{"data":{"attributes":{"metadata":{"properties":{"canaryalphaStr":{"displayName":"x"}}}}}}`, 200, ""},
		{"delete", `<html>canaryalpha</html>`, 429, "99999999999999999999"},
		{"update", ``, 302, "Wed, 21 Oct 2099 07:28:00 GMT"},
		{"lookup email canary.charlie@example.org", `{"errors":[{"code":"notfound","title":"+31612345678"}]}`, 404, "-1"},
	} {
		f.Add(at(seed.call), seed.status, seed.retry, seed.body, false)
		f.Add(at(seed.call), uint16(200), "", seed.body, true)
	}
	f.Fuzz(func(t *testing.T, call uint8, status uint16, retry, body string, cut bool) {
		a := &answerer{status: 200 + int(status-200)%400, body: []byte(body), cut: cut, header: http.Header{}}
		a.header.Set("Retry-After", retry)
		a.header.Set("X-Ratelimit-Remaining", retry)
		a.header.Set("Location", "https://"+retry)
		names, calls := everyCallInOrder(t, a)
		name := names[int(call)%len(names)]
		err := calls[name](t.Context())
		if most := maxTries * maxPages; a.requests > most {
			t.Fatalf("%s takes %d requests", name, a.requests)
		}
		if err == nil {
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.Verdict == 0 || e.Act == "" {
			t.Fatalf("%s: %#v", name, err)
		}
		if strings.ContainsAny(err.Error(), "\r\n\x1b") {
			t.Fatalf("%s: more than one clean line: %q", name, err)
		}
		if kind, _, _ := strings.Cut(strings.TrimPrefix(name, "lookup "), " "); kind == "canaryalpha" {
			return // a kind is no value
		}
		mustHoldNoCanary(t, name, err)
	})
}

// everyCallInOrder are the calls of everyCall, and their names in order.
func everyCallInOrder(t testing.TB, a *answerer) ([]string, map[string]func(context.Context) error) {
	ticking := newClock()
	c, err := New(Config{URL: "http://127.0.0.1:1", Key: testKey, Now: ticking.now, Sleep: ticking.sleep})
	if err != nil {
		t.Fatal(err)
	}
	c.wire.transport, c.wire.watched = a, false
	calls := everyCall(c)
	names := slices.Sorted(maps.Keys(calls))
	return names, calls
}
