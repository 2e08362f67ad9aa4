package kustomer

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Customer is one customer as the org has it.
type Customer struct {
	ID        string
	Rev       int64     // 0 when the answer held none
	CreatedAt time.Time // zero when the answer held none
	UpdatedAt time.Time
	Company   string // id of the company it is linked to; "" none
	// Attributes are the customer's attributes as the org spells them, custom ones under "custom". Owned by the caller.
	Attributes map[string]json.RawMessage

	// its tags as the org answered them, where their names stand among the attributes; nil: they do not
	TagIDs     []string
	TagsByCase bool // the org has tags that differ in their capitals alone; known with TagIDs
}

// Job is the progress of a bulk job.
type Job struct {
	Status          string // "queued", "running", "complete"; in lower case, other words as they came
	Complete, Total int    // batches of the job done and in all; 0 unknown
}

// Done reports whether processing has ended, which says nothing of success.
func (j Job) Done() bool {
	switch j.Status {
	case "complete", "completed", "failed", "cancelled", "canceled": // only the first is documented
		return true
	}
	return false
}

// loose is a text that may come as a string, a number or a boolean; anything else reads as "".
type loose string

// UnmarshalJSON never fails.
func (l *loose) UnmarshalJSON(b []byte) error {
	*l = ""
	if len(b) == 0 || b[0] == '{' || b[0] == '[' || b[0] == 'n' {
		return nil
	}
	if b[0] != '"' {
		*l = loose(b)
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) == nil {
		*l = loose(s)
	}
	return nil
}

func (l loose) word() string { return strings.ToLower(strings.TrimSpace(string(l))) }

// count is 0 when the text is no number that fits.
func (l loose) count() int64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(string(l)), 64)
	if err != nil || !(f > -1e15 && f < 1e15) {
		return 0
	}
	return int64(f)
}

func (l loose) time() time.Time {
	t, err := time.Parse(time.RFC3339, string(l))
	if err != nil {
		return time.Time{}
	}
	return t
}

// resource is a JSON:API object: {data: {id, attributes, relationships}}, or the same without its envelope.
type resource struct {
	ID            loose                      `json:"id"`
	Attributes    map[string]json.RawMessage `json:"attributes"`
	Relationships map[string]json.RawMessage `json:"relationships"`
}

// decodeResource takes the envelope off. Without "attributes" the object's own members are its attributes.
func decodeResource(body []byte) (resource, error) {
	var envelope struct {
		Data json.RawMessage `json:"data"`
	}
	inner := body
	if json.Unmarshal(body, &envelope) == nil && isObject(envelope.Data) {
		inner = envelope.Data
	}
	var r resource
	if !isObject(inner) || json.Unmarshal(inner, &r) != nil {
		return resource{}, errUnreadable
	}
	if r.Attributes == nil && json.Unmarshal(inner, &r.Attributes) != nil {
		return resource{}, errUnreadable
	}
	return r, nil
}

func isObject(b []byte) bool {
	b = bytes.TrimSpace(b)
	return len(b) > 0 && b[0] == '{'
}

// text is an attribute as a loose text, "" when it is absent.
func (r resource) text(name string) loose {
	var l loose
	_ = l.UnmarshalJSON(r.Attributes[name])
	return l
}

// related is the id of the one object a relationship leads to, "" none.
func (r resource) related(name string) string {
	var to struct {
		Data struct {
			ID loose `json:"id"`
		} `json:"data"`
	}
	if json.Unmarshal(r.Relationships[name], &to) != nil {
		return ""
	}
	return string(to.Data.ID)
}

func decodeCustomer(body []byte) (*Customer, error) {
	r, err := decodeResource(body)
	if err != nil {
		return nil, err
	}
	if r.ID == "" {
		return nil, errUnreadable
	}
	c := &Customer{
		ID: string(r.ID), Rev: r.text("rev").count(), Attributes: r.Attributes,
		CreatedAt: r.text("createdAt").time(), UpdatedAt: r.text("updatedAt").time(),
		Company: r.related("company"),
	}
	if c.Company == "" {
		c.Company = string(r.text("company"))
	}
	return c, nil
}

// decodeJob reads a job document; id is "" when it names none.
func decodeJob(body []byte) (id string, j Job, err error) {
	r, err := decodeResource(body)
	if err != nil {
		return "", Job{}, err
	}
	j.Status = r.text("status").word()
	if j.Status == "" && r.text("completed") == "true" {
		j.Status = "complete"
	}
	var batches struct{ Complete, Total loose }
	if json.Unmarshal(r.Attributes["batches"], &batches) == nil {
		j.Complete, j.Total = int(batches.Complete.count()), int(batches.Total.count())
	}
	return string(r.ID), j, nil
}
