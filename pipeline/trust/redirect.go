package trust

import (
	"errors"
	"fmt"
	"net/http"
)

// Unredirected is a client that follows no redirect: what it sends is for the address that somebody named. An answer
// that points elsewhere is the answer.
func Unredirected(c *http.Client) *http.Client {
	stays := *c
	stays.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &stays
}

// mostHops is how many redirects are followed: a link service, a store and one more.
const mostHops = 5

// Redirected is a client that follows redirects to fetch a file: over https only, but from this machine to itself; with
// Authorization to the same origin only; and with no Referer, whose query may be a signature. to hears of each new
// host.
func Redirected(c *http.Client, to func(host string)) *http.Client {
	follows := *c
	follows.CheckRedirect = func(next *http.Request, before []*http.Request) error {
		last := before[len(before)-1].URL
		switch {
		case len(before) > mostHops:
			return errors.New("it redirects without an end")
		case next.URL.Scheme != "https" && (next.URL.Scheme != "http" || !Loopback(next.URL.Hostname()) ||
			!Loopback(last.Hostname())):
			return fmt.Errorf("it redirects to %s, which is not https", next.URL.Host)
		}
		next.Header.Del("Referer")
		if Origin(next.URL.String()) != Origin(before[0].URL.String()) {
			next.Header.Del("Authorization")
			next.Header.Del("Cookie")
		}
		if next.URL.Host != last.Host && to != nil {
			to(next.URL.Host)
		}
		return nil
	}
	return &follows
}
