package sandbox

import (
	"context"
	"net/http"
)

// Faults decides where the org misbehaves. Its methods are called from many goroutines at once. Before and After may
// block: a hanging or slow org is one that waits for its time or for r.Context.
type Faults interface {
	// Before is consulted when the request has been read, authenticated and counted, and nothing of it was applied.
	// A non-nil answer is given in place of handling it. It may change r.Body, and act on the org as another writer.
	Before(r *Request) *Answer
	// After is consulted when whatever the request writes is durable, before it is answered. The answer it returns is
	// the one that is sent; it may change a and return it.
	After(r *Request, a *Answer) *Answer
	// Hold reports whether an accepted job should stay as it is for now. It is asked each time the job comes up, by the
	// goroutine that writes: it alone must not block, nor call the org.
	Hold(job string) bool
}

// Request is what Faults sees of a call.
type Request struct {
	Context context.Context // ends with the connection or the server
	Method  string
	Path    string // escaped, as received: /v1/customers/email=a%40b.example
	Query   string // raw, without the question mark
	Header  http.Header
	Body    []byte

	refused []string // references of the items that Before took out of the body
}

// Answer is a response before it is written. Its Header goes over the usual ones; a name without values takes one of
// those away.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Cut    bool // drop the connection: without an answer, or when Body is not empty in the middle of it
}
