package kustomer

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	searchPath  = "/v1/customers/search"
	archivePath = "/v1/customers/archive/search"
	// MaxConditions is how many alternatives one search may name (Kustomer's OpenAPI document, Core Resources 1.0).
	MaxConditions = 20
	// MaxFound is the largest page of a search (https://developer.kustomer.com/docs/concepts/pagination).
	MaxFound = 500
	// MostSearched is the last page that a search gives (the same page).
	MostSearched = 100
	// MaxListed is the largest page of a list (the same page).
	MaxListed = 100
)

var errQuery = errors.New("a search names at most 20 external ids, e-mail addresses or phone numbers, and a list none")

// Query is which customers are searched or listed: those that match all it says. Both are sorted by when they were
// updated, the oldest first.
type Query struct {
	Any  []Condition // a customer that has one of these; at most MaxConditions; of a search only
	From time.Time   // updated at this moment or later; zero: whenever
	To   time.Time   // updated before this moment; zero: whenever
	Size int         // customers per page; 0: as many as may be
	Page int         // 1 … 100; 0: the first
}

// Condition is an identity; Kind is "externalId", "email" or "phone".
type Condition struct{ Kind, Value string }

// Found is one page of an answer.
type Found struct {
	Customers []*Customer // those that are not deleted, in the order of the answer
	Shown     int         // how many the page held, those left out here too
	Total     int         // how many match in all; -1 unsaid
}

// Search asks the index, which is behind what was written, and does not hold customers that were not updated for two
// years: what it does not show may be there all the same. It needs a role of its own: verdict Forbidden, in older orgs
// Unauthorized.
func (v *Viewer) Search(ctx context.Context, q Query) (*Found, error) {
	return v.search(ctx, searchPath, q)
}

// Archive searches those whom Search does not hold since they were not updated for two years. It needs the same role
// (https://developer.kustomer.com/api/core-resources/create-customer-archive-search).
func (v *Viewer) Archive(ctx context.Context, q Query) (*Found, error) {
	return v.search(ctx, archivePath, q)
}

func (v *Viewer) search(ctx context.Context, path string, q Query) (*Found, error) {
	body, ok := q.search()
	c := call{method: http.MethodPost, path: path + "?" + q.page(MaxFound).Encode(), act: path, body: body}
	if !ok {
		c.wrong = errQuery
	}
	return v.wire.found(ctx, c)
}

// List asks the org itself for the customers that were updated within the query's bounds.
func (v *Viewer) List(ctx context.Context, q Query) (*Found, error) {
	const path = "/v1/customers"
	p := q.page(MaxListed)
	p.Set("sort", "updatedAt")
	for operator, t := range map[string]time.Time{"gte": q.From, "lt": q.To} {
		if !t.IsZero() {
			p.Set("filter[updatedAt]["+operator+"]", moment3339(t))
		}
	}
	c := call{method: http.MethodGet, path: path + "?" + p.Encode(), act: path + "?…"}
	if len(q.Any) > 0 {
		c.wrong = errQuery
	}
	return v.wire.found(ctx, c)
}

func (q Query) page(most int) url.Values {
	size := q.Size
	if size <= 0 || size > most {
		size = most
	}
	return url.Values{"page": {strconv.Itoa(max(q.Page, 1))}, "pageSize": {strconv.Itoa(size)}}
}

// search is the query as the body of a search.
func (q Query) search() (body []byte, ok bool) {
	type condition map[string]map[string]string
	var b struct {
		And     []condition         `json:"and,omitempty"`
		Or      []condition         `json:"or,omitempty"`
		Sort    []map[string]string `json:"sort"`
		Context string              `json:"queryContext"`
	}
	for _, x := range q.Any {
		if x.Kind != "externalId" && x.Kind != "email" && x.Kind != "phone" || strings.TrimSpace(x.Value) == "" {
			return nil, false
		}
		b.Or = append(b.Or, condition{"customer_" + x.Kind: {"equals": x.Value}})
	}
	if !q.From.IsZero() {
		b.And = append(b.And, condition{"customer_updated_at": {"gte": moment3339(q.From)}})
	}
	if !q.To.IsZero() {
		b.And = append(b.And, condition{"customer_updated_at": {"lt": moment3339(q.To)}})
	}
	b.Sort, b.Context = []map[string]string{{"customer_updated_at": "asc"}}, "customer"
	body, err := json.Marshal(b)
	return body, err == nil && len(q.Any) <= MaxConditions
}

func moment3339(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// found does a call that is answered with a page of customers.
func (w *wire) found(ctx context.Context, c call) (*Found, error) {
	var f *Found
	c.decode = func(body []byte) (err error) {
		f, err = decodeFound(body)
		return err
	}
	if err := w.do(ctx, c); err != nil {
		return nil, err
	}
	return f, nil
}

func decodeFound(body []byte) (*Found, error) {
	var b struct {
		Data []json.RawMessage `json:"data"`
		Meta struct {
			Total *json.Number `json:"total"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(body, &b); err != nil || b.Data == nil {
		return nil, errUnreadable
	}
	f := &Found{Total: -1, Shown: len(b.Data)}
	if b.Meta.Total != nil {
		if n, err := b.Meta.Total.Int64(); err == nil && n >= 0 {
			f.Total = int(n)
		}
	}
	for _, raw := range b.Data {
		c, err := decodeCustomer(raw)
		if err != nil {
			return nil, err
		}
		if deleted := c.Attributes["deleted"]; string(deleted) != "true" {
			f.Customers = append(f.Customers, c)
		}
	}
	return f, nil
}
