package kustomer

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"muster/pipeline/kustomer/words"
)

const (
	// maxPages bounds how far links.next is followed: a job has at most MaxItems items, so even one item on a page ends
	// earlier.
	maxPages = MaxItems + 1
	// maxResults bounds what one job's results may hold, doubled ones and strangers included.
	maxResults = 100 * MaxItems
)

// Result is what the org says became of one item of a bulk request.
type Result struct {
	Ref       string // the item's Ref; "" when the org left it out
	Status    string // "created", "updated", "error"; in lower case, other words as they came
	ObjectID  string // "" on failure
	Error     string // the org's words on failure, those not on the closed list replaced by "…"; "" none
	Parameter string // the attribute the failure names; "" none
	Duplicate bool   // the failure says that an identity is taken
	Throttled bool   // the failure says that a limit on records of one customer is used up
}

// Results are the results of a bulk job as the org lists them: in any order, possibly doubled, missing, or for refs
// that were never sent. Judging that is the caller's.
type Results struct {
	Items    []Result
	Complete bool // every batch is complete and the list was read to its end
	Failures int  // the sum of the batches' own counts of failures
}

// page is one page of batches.
type page struct {
	batches []batch
	next    string // as the answer has it, "" none
}

type batch struct {
	status   string
	failures int
	results  []Result
}

func (b batch) complete() bool { return b.status == "complete" || b.status == "completed" }

type wireBatch struct {
	Status       loose           `json:"status"`
	FailureCount loose           `json:"failureCount"`
	Results      json.RawMessage `json:"results"`
}

type wireResult struct {
	ClientRef loose           `json:"_clientRef"`
	Ref       loose           `json:"clientRef"`
	Status    loose           `json:"status"`
	ObjectID  loose           `json:"objectId"`
	ID        loose           `json:"id"`
	Error     json.RawMessage `json:"error"`
}

// decodePage reads a page in any of its shapes: a bare array, data[] with attributes, data[] without. What is not a
// batch in it is passed over; what is not a list at all is errUnreadable.
func decodePage(body []byte) (page, error) {
	var p page
	list := bytes.TrimSpace(body)
	if isObject(list) {
		var envelope struct {
			Data  json.RawMessage `json:"data"`
			Links json.RawMessage `json:"links"`
		}
		if json.Unmarshal(list, &envelope) != nil {
			return page{}, errUnreadable
		}
		p.next = nextLink(envelope.Links)
		if list = bytes.TrimSpace(envelope.Data); isObject(list) { // a single batch
			list = append(append([]byte{'['}, list...), ']')
		}
	}
	var elements []json.RawMessage
	if len(list) == 0 || list[0] != '[' || json.Unmarshal(list, &elements) != nil {
		return page{}, errUnreadable
	}
	for _, e := range elements {
		if b, ok := decodeBatch(e); ok {
			p.batches = append(p.batches, b)
		}
	}
	return p, nil
}

func nextLink(links json.RawMessage) string {
	var l struct {
		Next json.RawMessage `json:"next"`
	}
	if json.Unmarshal(links, &l) != nil {
		return ""
	}
	var object struct {
		Href loose `json:"href"`
	}
	if isObject(l.Next) && json.Unmarshal(l.Next, &object) == nil {
		return string(object.Href)
	}
	var text loose
	_ = text.UnmarshalJSON(l.Next)
	return string(text)
}

// bare takes the attributes out of a JSON:API object that has them.
func bare(object json.RawMessage) json.RawMessage {
	var r struct {
		Attributes json.RawMessage `json:"attributes"`
	}
	if json.Unmarshal(object, &r) == nil && isObject(r.Attributes) {
		return r.Attributes
	}
	return object
}

func decodeBatch(element json.RawMessage) (batch, bool) {
	var w wireBatch
	if !isObject(element) || json.Unmarshal(bare(element), &w) != nil {
		return batch{}, false
	}
	b := batch{status: w.Status.word(), failures: int(max(w.FailureCount.count(), 0))}
	var results []json.RawMessage
	if json.Unmarshal(w.Results, &results) != nil {
		return b, true
	}
	for _, e := range results {
		if r, ok := decodeResult(e); ok {
			b.results = append(b.results, r)
		}
	}
	return b, true
}

func decodeResult(element json.RawMessage) (Result, bool) {
	var w wireResult
	if !isObject(element) || json.Unmarshal(bare(element), &w) != nil {
		return Result{}, false
	}
	r := Result{Ref: string(w.ClientRef), Status: w.Status.word(), ObjectID: string(w.ObjectID)}
	if r.Ref == "" {
		r.Ref = string(w.Ref)
	}
	if r.ObjectID == "" {
		r.ObjectID = string(w.ID)
	}
	r.fail(faultsOf(w.Error))
	return r, true
}

// fail takes over the first error, and whether any of them is about an identity that is taken.
func (r *Result) fail(faults []fault) {
	for i, f := range faults {
		text := f.text()
		r.Throttled = r.Throttled || strings.Contains(strings.ToLower(text), "rate limit")
		r.Duplicate = r.Duplicate || saysDuplicate(text) || saysDuplicate(string(f.Code))
		if i == 0 {
			if r.Error = words.Say(text, nil); r.Error == "" && words.IsCode(string(f.Code)) {
				r.Error = string(f.Code)
			}
			r.Parameter = f.parameter(nil)
		}
	}
}

// saysDuplicate matches a text because there is nothing else: of an item's failure the documentation shows only the
// text "duplicate detected" (https://developer.kustomer.com/api/core-resources/bulk-create-customers).
func saysDuplicate(text string) bool {
	text = strings.ToLower(text)
	for _, sign := range []string{"duplicate", "already", "conflict", "not unique", "must be unique"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// follow resolves the link to the next page against the page it stood on, and returns its path and query. It is false
// for a link to another host, or to a path that does not begin with under.
func (w *wire) follow(from, link, under string) (string, bool) {
	at, err := url.Parse(w.base.String() + from)
	if err != nil {
		return "", false
	}
	to, err := at.Parse(link)
	if err != nil || to.Scheme != w.base.Scheme || to.Host != w.base.Host || to.User != nil {
		return "", false
	}
	return to.RequestURI(), strings.HasPrefix(to.Path, under)
}
