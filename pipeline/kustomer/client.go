package kustomer

import (
	"context"
	"net/http"
)

// Viewer reads an org and cannot write to it: it has no writing method, and the wire of NewViewer refuses every request
// but GETs and the search, whose query is the body of a POST. Safe for concurrent use; all callers of one Viewer share
// its budget. A read is tried up to 5 times when it is throttled, in doubt, or cannot connect. All errors are *Error.
type Viewer struct{ wire *wire }

// Client reads and writes an org. Safe for concurrent use. A write is sent again only when nothing of the earlier try
// can have been applied: no byte of it left, or the answer was 429. All errors are *Error.
type Client struct{ *Viewer }

// New checks the configuration, returning all mistakes at once, and opens no connection.
func New(c Config) (*Client, error) {
	w, err := newWire(c, false)
	if err != nil {
		return nil, err
	}
	return &Client{&Viewer{w}}, nil
}

// NewViewer is New for one who only reads.
func NewViewer(c Config) (*Viewer, error) {
	w, err := newWire(c, true)
	if err != nil {
		return nil, err
	}
	return &Viewer{w}, nil
}

func newWire(c Config, readOnly bool) (*wire, error) {
	c = c.withDefaults()
	base, err := c.check()
	if err != nil {
		return nil, err
	}
	plain := base.Scheme == "http"
	bearer := "Bearer " + c.Key
	w := &wire{
		base: base, readOnly: readOnly, agent: c.UserAgent, timeout: c.Timeout, waits: c.Waits,
		sleep:     c.sleeps("the org, which is busy or failed: it is asked again"),
		authorize: func(h http.Header) { h.Set("Authorization", bearer) },
		meter:     newMeter(c, plain),
	}
	w.transport, w.watched = c.transport(plain)
	return w, nil
}

// BulkCreate submits customers to be created and returns the job's id; the items' outcomes are in the job's results.
// More than MaxItems items or MaxBody bytes are refused here (TooLarge, Status 0), malformed items too (NotBegun).
func (c *Client) BulkCreate(ctx context.Context, items []Item) (jobID string, err error) {
	return c.bulk(ctx, http.MethodPost, bulkCustomers, items)
}

// BulkUpdate submits changes to customers, each named by its ID, and returns the job's id. Otherwise it is as
// BulkCreate.
func (c *Client) BulkUpdate(ctx context.Context, items []Item) (jobID string, err error) {
	return c.bulk(ctx, http.MethodPut, bulkCustomers, items)
}

const bulkCustomers = "/v1/customers/bulk"

func (c *Client) bulk(ctx context.Context, method, path string, items []Item) (string, error) {
	body, refused := bulkBody(items, method == http.MethodPut)
	if refused != nil {
		refused.Act = method + " " + path
		return "", refused
	}
	var id string
	err := c.wire.do(ctx, call{method: method, path: path, act: path, body: body, items: len(items),
		decode: func(body []byte) (err error) {
			if id, _, err = decodeJob(body); err == nil && id == "" {
				err = errUnreadable
			}
			return err
		}})
	if err != nil {
		return "", err
	}
	return id, nil
}

// Create creates one customer from a JSON object.
func (c *Client) Create(ctx context.Context, payload []byte) (*Customer, error) {
	const path = "/v1/customers"
	return c.wire.customer(ctx, call{method: http.MethodPost, path: path, act: path, body: payload})
}

// Update changes the named attributes of one customer (PATCH). Kustomer un-links the company when the payload leaves it
// out (https://developer.kustomer.com/kustomer-api-docs/reference/updatecustomer): send Customer.Company along.
func (c *Client) Update(ctx context.Context, id string, payload []byte) (*Customer, error) {
	return c.wire.customer(ctx, ofCustomer(http.MethodPatch, id, payload))
}

// Delete deletes one customer. Verdict NotFound when there is none of that id.
func (c *Client) Delete(ctx context.Context, id string) error {
	deletion := ofCustomer(http.MethodDelete, id, nil)
	deletion.decode = func([]byte) error { return nil } // 204 has no body
	return c.wire.do(ctx, deletion)
}
