package kustomer

import (
	"context"
	"errors"
)

var errTodo = errors.New("not built yet")

// Viewer reads an org and cannot write to it: it has no writing method, and its wire refuses any method but GET.
// Safe for concurrent use; all its callers share one budget. Calls retry 5xx, 408, 429, timeouts and failed connections up to 5 times.
type Viewer struct{}

// Client reads and writes an org. Safe for concurrent use. A write is sent again only when nothing of it can have been
// applied (no byte left, or 429).
type Client struct{ *Viewer }

// New checks the configuration, all mistakes at once, and opens no connection.
func New(c Config) (*Client, error) { return &Client{&Viewer{}}, nil }

// NewViewer is New for one who only reads.
func NewViewer(c Config) (*Viewer, error) { return &Viewer{}, nil }

// Token describes the key in use.
func (v *Viewer) Token(ctx context.Context) (Token, error) { return Token{}, errTodo }

// Metadata is the raw body that describes a Klass ("customer", "company", …) and its attributes.
func (v *Viewer) Metadata(ctx context.Context, klass string) ([]byte, error) { return nil, errTodo }

// Customer reads one customer by its id.
func (v *Viewer) Customer(ctx context.Context, id string) (*Customer, error) { return nil, errTodo }

// Lookup finds the customer that has an identity. Kind is "externalId", "email" or "phone". Verdict NotFound when there is
// none, also for a blank value, which matches nothing and is not asked for.
func (v *Viewer) Lookup(ctx context.Context, kind, value string) (*Customer, error) {
	return nil, errTodo
}

// Job asks how far a bulk job is.
func (v *Viewer) Job(ctx context.Context, id string) (Job, error) { return Job{}, errTodo }

// Results reads the results of all batches of a job, page by page. With an error it returns what was read before it.
func (v *Viewer) Results(ctx context.Context, jobID string) (Results, error) {
	return Results{}, errTodo
}

// Budget is a snapshot of the budget; it asks nothing of the org.
func (v *Viewer) Budget() Budget { return Budget{} }

// BulkCreate submits customers to be created and returns the job's id. Items' outcomes are in the job's results.
// Items beyond MaxItems or MaxBody are refused here (TooLarge, Status 0), malformed ones too (NotBegun).
func (c *Client) BulkCreate(ctx context.Context, items []Item) (jobID string, err error) {
	return "", errTodo
}

// BulkUpdate submits changes to customers, each named by its ID, and returns the job's id.
func (c *Client) BulkUpdate(ctx context.Context, items []Item) (jobID string, err error) {
	return "", errTodo
}

// Create creates one customer from a JSON object.
func (c *Client) Create(ctx context.Context, payload []byte) (*Customer, error) { return nil, errTodo }

// Update changes the named attributes of one customer (PATCH). Kustomer un-links the company when the payload omits it:
// send Customer.Company along.
func (c *Client) Update(ctx context.Context, id string, payload []byte) (*Customer, error) {
	return nil, errTodo
}

// Delete deletes one customer. Verdict NotFound when there is none of that id.
func (c *Client) Delete(ctx context.Context, id string) error { return errTodo }
