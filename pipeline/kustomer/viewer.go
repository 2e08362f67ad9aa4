package kustomer

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

var (
	errKind  = errors.New("a customer is looked up by id, externalId, email or phone")
	errBlank = errors.New("a blank value matches nothing")
)

// reading is a call that asks for a path; act is the path for people.
func reading(path, act string, decode func([]byte) error) call {
	return call{method: http.MethodGet, path: path, act: act, decode: decode}
}

// Metadata is the raw body that describes a Klass ("customer", "company", …) and its attributes. Owned by the caller.
func (v *Viewer) Metadata(ctx context.Context, klass string) ([]byte, error) {
	var metadata []byte
	path := "/v1/metadata/" + escape(klass)
	err := v.wire.do(ctx, reading(path, path, func(body []byte) error {
		metadata = body
		if !isObject(body) {
			return errUnreadable
		}
		return nil
	}))
	if err != nil {
		return nil, err
	}
	return metadata, nil
}

// Customer reads one customer by its id.
func (v *Viewer) Customer(ctx context.Context, id string) (*Customer, error) {
	return v.wire.customer(ctx, ofCustomer(http.MethodGet, id, nil))
}

// Lookup finds the customer that has an identity; kind is "id", "externalId", "email" or "phone". Verdict NotFound when
// there is none, also for a blank value: it matches nothing and is not asked for.
func (v *Viewer) Lookup(ctx context.Context, kind, value string) (*Customer, error) {
	c := reading("/v1/customers/"+kind+"="+escape(value), "/v1/customers/"+kind+"=…", nil)
	switch kind {
	case "id":
		c = ofCustomer(http.MethodGet, value, nil)
	case "externalId", "email", "phone":
	default:
		c.act = "/v1/customers/…"
		return nil, &Error{Verdict: NotBegun, Act: c.name(), Err: errKind}
	}
	if strings.TrimSpace(value) == "" {
		return nil, &Error{Verdict: NotFound, Act: c.name(), Err: errBlank}
	}
	return v.wire.customer(ctx, c)
}

// Job asks how far a bulk job is. Verdict NotFound can come for a moment after it was submitted.
func (v *Viewer) Job(ctx context.Context, id string) (Job, error) {
	var job Job
	err := v.wire.do(ctx, ofJob(id, "", func(body []byte) (err error) {
		if _, job, err = decodeJob(body); err == nil && job.Status == "" {
			err = errUnreadable
		}
		return err
	}))
	if err != nil {
		return Job{}, err
	}
	return job, nil
}

// Results reads the results of all batches of a job, page by page. With an error it returns what was read before it,
// Complete false. A list that does not end, turns in a circle or leads to another host is cut off without an error,
// Complete false.
func (v *Viewer) Results(ctx context.Context, jobID string) (Results, error) {
	var all Results
	var p page
	c := ofJob(jobID, "/batches", func(body []byte) (err error) {
		p, err = decodePage(body)
		return err
	})
	closed := true // every batch read so far is complete
	some := false
	for seen := make(map[string]bool); len(seen) < maxPages && !seen[c.path]; {
		seen[c.path] = true
		if err := v.wire.do(ctx, c); err != nil {
			return all, err
		}
		for _, b := range p.batches {
			some = true
			closed = closed && b.complete()
			all.Failures += b.failures
			all.Items = append(all.Items, b.results...)
		}
		if len(all.Items) > maxResults {
			all.Items = all.Items[:maxResults]
			break
		}
		if p.next == "" {
			all.Complete = some && closed
			break
		}
		next, ok := v.wire.follow(c.path, p.next, "/v1/bulk/")
		if !ok {
			break
		}
		c.path = next
	}
	return all, nil
}

// Budget is a snapshot of the budget; it asks nothing of the org.
func (v *Viewer) Budget() Budget { return v.wire.meter.budget() }

// ofJob is a call that reads a job, or what is below it.
func ofJob(id, below string, decode func([]byte) error) call {
	c := reading("/v1/bulk/"+escape(id)+below, "/v1/bulk/…"+below, decode)
	if isDots(id) {
		c.wrong = errNoID
	}
	return c
}

// ofCustomer is a call about the one customer of an id.
func ofCustomer(method, id string, body []byte) call {
	c := call{method: method, path: "/v1/customers/" + escape(id), act: "/v1/customers/…", body: body}
	if isDots(id) {
		c.wrong = errNoID
	}
	return c
}

// isDots reports a path segment that would lead to another path than meant.
func isDots(s string) bool { return s == "" || s == "." || s == ".." }

// customer does a call that is answered with a customer.
func (w *wire) customer(ctx context.Context, c call) (*Customer, error) {
	if c.method != http.MethodGet && !isObject(c.body) {
		c.wrong = errNotObject
	}
	var found *Customer
	c.decode = func(body []byte) (err error) {
		found, err = decodeCustomer(body)
		return err
	}
	if err := w.do(ctx, c); err != nil {
		return nil, err
	}
	return found, nil
}
