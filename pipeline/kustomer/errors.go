package kustomer

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Verdict says what became of a request. The list is closed.
type Verdict uint8

// The verdicts. Of a write only InDoubt leaves open whether it was applied; all others say that it was not.
const (
	_ Verdict = iota
	// no byte of it left: the context ended first, no connection could be made, or it was refused here
	NotBegun
	Refused      // answered 400, 402, 422 or another 3xx or 4xx that has no verdict of its own
	Unauthorized // 401: the key is wrong or expired, belongs to another region, or (older orgs) lacks a role
	Forbidden    // 403: the key lacks a role
	NotFound     // 404
	Conflict     // 409, 412: an identity belongs to another customer, or the revision is stale
	TooLarge     // 413, or above MaxItems or MaxBody (then Status is 0 and nothing was sent): split and send again
	Throttled    // 429 even after waiting and trying again
	InDoubt      // 5xx, 408, a timeout or a cut connection after bytes left, or an answer that makes no sense
)

func (v Verdict) String() string {
	switch v {
	case NotBegun:
		return "not begun"
	case Refused:
		return "refused"
	case Unauthorized:
		return "unauthorized"
	case Forbidden:
		return "forbidden"
	case NotFound:
		return "not found"
	case Conflict:
		return "conflict"
	case TooLarge:
		return "too large"
	case Throttled:
		return "throttled"
	case InDoubt:
		return "in doubt"
	}
	return "no verdict"
}

// Error is how every failed call of this package ends. Its text and fields hold no value that was sent, no word of an
// answer but those on a closed list and the names of attributes, and never the API key.
type Error struct {
	Verdict   Verdict
	Status    int    // HTTP status; 0 when there was no answer
	Act       string // method and path, identities and ids left out: "GET /v1/customers/email=…"
	Code      string // the answer's own code (badparam, not_found …; wrong_region is ours); "" none that looks like one
	Title     string // the answer's words, those not on the closed list replaced by "…"
	Parameter string // the attribute the answer names; "" none
	Path      string // the place in the body or the schema the answer points at; "" none
	// Items are the indexes of a bulk request's items that the answer points at, ascending; nil when it names none. They
	// are the answer's word, not evidence.
	Items []int
	// RetryAfter is how long the answer asks to wait, 1 to 90 s; 0 when it does not.
	RetryAfter time.Duration
	// Err is the cause when no answer is: context.Canceled, context.DeadlineExceeded, a syscall.Errno or a fixed phrase.
	Err error
}

// Error names the act, the verdict and what is known of the cause, on one line.
func (e *Error) Error() string {
	var b strings.Builder
	said := e.Verdict.String()
	if e.Verdict == NotBegun && e.Err != nil && !errors.Is(e.Err, context.Canceled) {
		said = "could not connect"
	}
	b.WriteString(e.Act + ": " + said)
	if e.Status != 0 {
		b.WriteString(" (" + strconv.Itoa(e.Status))
		if e.Code != "" && !alike(e.Code, e.Verdict.String()) {
			b.WriteString(" " + e.Code)
		}
		b.WriteString(")")
	}
	title := e.Title
	if alike(title, e.Verdict.String()) || alike(title, e.Code) {
		title = ""
	}
	parameter := e.Parameter
	if e.Path != "" && strings.Contains(e.Path, parameter) {
		parameter = ""
	}
	for _, part := range []string{title, parameter, e.Path} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// alike reports two texts of the same letters: notfound, not_found and Not Found say one thing.
func alike(a, b string) bool {
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if !unicode.IsLetter(r) {
				return -1
			}
			return unicode.ToLower(r)
		}, s)
	}
	return letters(a) == letters(b)
}

// Unwrap is Err.
func (e *Error) Unwrap() error { return e.Err }

// VerdictOf is the verdict of an error of this package; 0 for nil, and InDoubt, which loses nothing, for any other
// error.
func VerdictOf(err error) Verdict {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Verdict
	}
	return InDoubt
}

// ofStatus is the verdict of an answer that is not 2xx.
func ofStatus(status int) Verdict {
	switch {
	case status == 401:
		return Unauthorized
	case status == 403:
		return Forbidden
	case status == 404:
		return NotFound
	case status == 408: // something on the way gave up waiting; what it had passed on is unknown
		return InDoubt
	case status == 409, status == 412:
		return Conflict
	case status == 413:
		return TooLarge
	case status == 429:
		return Throttled
	case status >= 300 && status < 500:
		return Refused
	}
	return InDoubt
}
