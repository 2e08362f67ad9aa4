package kustomer

import (
	"errors"
	"time"
)

// Verdict says what became of a request. The list is closed.
type Verdict uint8

// The verdicts. Only InDoubt leaves open whether a write was applied; all others say it was not.
const (
	_            Verdict = iota
	NotBegun             // no byte of the request left: the context ended first, no connection could be made, or it was refused here
	Refused              // answered 400, 402, 422 or another 4xx or 3xx without a verdict of its own
	Unauthorized         // 401: the key is wrong or expired, belongs to another region, or (older orgs) lacks a role
	Forbidden            // 403: the key lacks a role
	NotFound             // 404
	Conflict             // 409: an identity belongs to another customer, or the revision is stale
	TooLarge             // 413, or larger than MaxItems or MaxBody (then Status is 0 and nothing was sent): split and send again
	Throttled            // 429 even after retries
	InDoubt              // 5xx, 408, a timeout or a cut connection after bytes left, an answer that cannot be read
)

// Error is how every failed call of this package ends. Its text and fields hold no value that was sent, no part of an
// answer's body but words on a closed list and names of attributes, and never the API key.
type Error struct {
	Verdict   Verdict
	Status    int    // HTTP status; 0 when there was no answer
	Act       string // method and path, look-up values left out: "GET /v1/customers/email=…"
	Code      string // the answer's own code (badparam, not_found, …), "" when it does not look like one
	Title     string // the answer's words, those not on the closed list replaced by "…"
	Parameter string // the attribute the answer names, "" none
	Path      string // the place in the body or the schema the answer points at, "" none
	// Items are the indexes of a bulk request's items that the answer points at, ascending; nil when it names none.
	Items []int
	// RetryAfter is how long the answer asks to wait, 0 when it does not; at most 90 s.
	RetryAfter time.Duration
	// Err is the cause when there was no answer: context.Canceled, context.DeadlineExceeded, a syscall.Errno or a fixed phrase.
	Err error
}

// Error names the act and what became of it, on one line.
func (e *Error) Error() string { return e.Act }

// Unwrap is Err.
func (e *Error) Unwrap() error { return e.Err }

// VerdictOf is the verdict of an error of this package, 0 for nil, and InDoubt (the one that never loses anything) for any other.
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
