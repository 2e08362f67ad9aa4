package kustomer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"muster/pipeline/trust"
)

// Config says which org to talk to and how. The zero value of every field but URL and Key stands for its default.
// Formatting a Config with any verb prints the key as "[redacted]"; an unexported struct field of type Config escapes
// that (fmt calls no methods there), so do not keep one in a struct that is printed.
type Config struct {
	// URL is the org's address, https://<org>.api.kustomerapp.com, without a path. Plain http is accepted to loopback
	// only.
	URL string
	// Key is the API key. It is sent to the host of URL and to no other.
	Key string
	// UserAgent names the program and its version; default "muster".
	UserAgent string
	// Transport carries the requests; nil for one of this package's own. An *http.Transport is cloned, kept to HTTP/1.1
	// and its connections are watched, so that "no byte left" stays known; with any other type every request that it is
	// given counts as begun.
	Transport http.RoundTripper
	// Proxy chooses the proxy for the own transport, as http.Transport.Proxy does; nil for none. Never used for plain
	// http.
	Proxy func(*http.Request) (*url.URL, error)
	// Timeout bounds one attempt, from looking for a connection to the last byte of the answer; default 60 s.
	Timeout time.Duration
	// Share is the part of the org's request budget that may be used, above 0 and at most 1; default 0.5.
	Share float64
	// Now and Sleep are the clock; default the system's. Sleep returns early with ctx's error when ctx ends.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
	// Waits hears what is waited for, from two seconds on, and for how long at most; from any goroutine. nil: nobody does.
	Waits func(what string, most time.Duration)
}

const (
	defaultTimeout = 60 * time.Second // twice what gateways commonly allow a request, so that theirs is the one we hear of
	defaultShare   = 0.5              // the budget is the whole org's, its agents' too: half of it stays theirs
	redacted       = "[redacted]"
)

func (c Config) withDefaults() Config {
	if c.UserAgent == "" {
		c.UserAgent = "muster"
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Share == 0 {
		c.Share = defaultShare
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = Sleep
	}
	if c.Waits == nil {
		c.Waits = func(string, time.Duration) {}
	}
	return c
}

// check returns the parsed address, or every mistake at once. No mistake quotes the key or the address.
func (c Config) check() (*url.URL, error) {
	var mistakes []error
	wrong := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Hostname() == "":
		wrong("the org's address is not a URL like https://<org>.api.kustomerapp.com")
	case u.User != nil:
		wrong("the org's address holds a user name or password; the API key is given apart from it")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		wrong("the org's address ends after the host: no path, query or fragment")
	case u.Scheme == "http" && !trust.Loopback(u.Hostname()):
		wrong("plain http is for this machine only; the org's address begins with https://")
	case u.Scheme != "http" && u.Scheme != "https":
		wrong("the org's address begins with https://")
	}
	if c.Key == "" {
		wrong("the API key is missing")
	} else if strings.ContainsFunc(c.Key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		wrong("the API key holds a space, a line break or a letter outside ASCII")
	}
	if strings.ContainsFunc(c.UserAgent, func(r rune) bool { return r < ' ' || r > '~' }) {
		wrong("the user agent holds a control character or a letter outside ASCII")
	}
	if c.Timeout < 0 {
		wrong("the timeout %v is negative", c.Timeout)
	}
	if !(c.Share >= 0 && c.Share <= 1) {
		wrong("the share %v of the budget is not between 0 and 1", c.Share)
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// Format prints the configuration without the key, whatever the verb.
func (c Config) Format(s fmt.State, _ rune) {
	key := redacted
	if c.Key == "" {
		key = ""
	}
	u := "(not a URL)"
	if parsed, err := url.Parse(c.URL); err == nil {
		u = parsed.Redacted()
	}
	fmt.Fprintf(s, "{URL:%s Key:%s UserAgent:%s Timeout:%v Share:%v}", u, key, c.UserAgent, c.Timeout, c.Share)
}

// String is the configuration without the key.
func (c Config) String() string { return fmt.Sprintf("%v", c) }

// GoString is the configuration without the key.
func (c Config) GoString() string { return fmt.Sprintf("%v", c) }

// Sleep waits, or less when ctx is done.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
