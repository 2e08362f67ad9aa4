// Package kustomer speaks the Kustomer REST API over HTTP: single customers, bulk jobs and their results, metadata, the
// key's own description, and the rate budget. It knows nothing of rows, mappings or the ledger.
//
// Every call ends in exactly one of three ways, and the caller can tell which:
//
//   - never begun: no byte of the request left this process (Verdict NotBegun);
//   - answered: a nil error, or an *Error whose Verdict says what the org made of it;
//   - in doubt: it was begun and no usable answer came (Verdict InDoubt). Whether it was applied is for the caller to
//     find out.
//
// "No byte left" is known, not assumed: see gate.go. A request that has begun is no longer cancelled by the caller's
// context but runs to its own timeout, so that stopping a run leaves as little as possible in doubt.
//
// No error text and no formatted value of this package holds the API key, a value that was sent, or words of an answer
// that are not on a closed list.
//
// The protocol is described at https://developer.kustomer.com/docs/guides/bulk-operations and
// https://developer.kustomer.com/docs/concepts/rate-limits.
package kustomer
