package kustomer

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Config says which org to talk to and how. The zero value of every field but URL and Key stands for its default.
// Formatting a Config with any verb prints the key as "[redacted]"; an unexported struct field of type Config escapes that
// (fmt does not call methods there), so do not embed one in a struct that is printed.
type Config struct {
	// URL is the org's address, https://<org>.api.kustomerapp.com, without a path. Plain http is accepted to loopback only.
	URL string
	// Key is the API key. It is sent to the host of URL and to no other.
	Key string `json:"-" yaml:"-"`
	// UserAgent names the program and its version; default "muster".
	UserAgent string
	// Transport carries the requests; nil for one of this package's own. An *http.Transport is cloned and its connections
	// are watched (so that "no byte left" stays known); of any other type every request it is given counts as begun.
	Transport http.RoundTripper
	// Proxy chooses the proxy for the own transport, as http.Transport.Proxy does; nil for none. Unused with Transport.
	Proxy func(*http.Request) (*url.URL, error)
	// Timeout bounds one attempt, from looking for a connection to the last byte of the answer; default 60 s.
	Timeout time.Duration
	// Share is the part of the org's request budget that may be used, above 0 and at most 1; default 0.5.
	Share float64
	// Now and Sleep are the clock; default the system's. Sleep returns early with ctx's error when ctx ends.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
}
