package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Limits of a bulk request (https://developer.kustomer.com/docs/guides/bulk-operations).
const (
	mostItems     = 100
	mostRefLength = 255
)

// bulkCreate is POST /v1/customers/bulk.
func (s *Server) bulkCreate(c *call) (*Answer, error) {
	return s.bulkItems(c, bulkCreate, s.bodies.Load().bulkCreate)
}

// bulkUpdate is PUT /v1/customers/bulk: a list of items, or with ?ids= one object for all of those.
func (s *Server) bulkUpdate(c *call) (*Answer, error) {
	if !c.query.Has("ids") {
		return s.bulkItems(c, bulkUpdate, s.bodies.Load().bulkUpdate)
	}
	ids, err := c.ids()
	if err != nil {
		return nil, err
	}
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	if v.get("_clientRef").exists() {
		return nil, badParameter("_clientRef", "Additional properties not allowed", "/additionalProperties")
	}
	if found := s.checker.check(v, s.bodies.Load().bulkChange, ""); found != nil {
		return nil, found.refusal("")
	}
	if err := s.checkReferences(c.ctx, v); err != nil {
		return nil, err
	}
	return s.submit(c, &job{act: bulkChange, ids: ids, items: []value{v}})
}

// bulkDelete is DELETE /v1/customers/bulk?ids=.
func (s *Server) bulkDelete(c *call) (*Answer, error) {
	ids, err := c.ids()
	if err != nil {
		return nil, err
	}
	c.Body = nil
	return s.submit(c, &job{act: bulkDelete, ids: ids})
}

// ids are the ids of the query.
func (c *call) ids() ([]string, error) {
	ids := strings.Split(c.query.Get("ids"), ",")
	for _, id := range ids {
		if !isObjectID([]byte(id)) {
			return nil, badParameter("ids", "Format validation failed (object-id)", "/properties/ids")
		}
	}
	return ids, boundItems("ids", len(ids))
}

func boundItems(parameter string, n int) error {
	switch {
	case n == 0:
		return badParameter(parameter, "Array is too short (0), minimum 1", "/minItems")
	case n > mostItems:
		return badParameter(parameter, fmt.Sprintf("Array is too long (%d), maximum %d", n, mostItems), "/maxItems")
	}
	return nil
}

// bulkItems accepts a list of items about customers. Nothing is accepted when the request as a whole is wrong.
func (s *Server) bulkItems(c *call, does act, r *rule) (*Answer, error) {
	return s.bulkThings(c, "", does, r)
}

// bulkThings is bulkItems for things of any kind; "" are customers.
func (s *Server) bulkThings(c *call, things string, does act, r *rule) (*Answer, error) {
	v, err := parse(c.Body)
	if err != nil {
		return nil, badParameter("body", "Invalid JSON", "")
	}
	if !v.isList() {
		return nil, badParameter("body", "Invalid type: "+typeName(v)+" (expected array)", "/type")
	}
	if err := boundItems("body", v.len()); err != nil {
		return nil, err
	}
	items := make([]value, 0, v.len())
	for _, item := range v.items() {
		items = append(items, item)
	}
	if err := checkRefs(items); err != nil {
		return nil, err
	}
	for _, item := range items {
		if (does == bulkUpdate || does == bulkConversation) && !s.switches.MissingIDPerItem && item.get("id").string() == "" {
			return nil, badParameter("id", "Missing required property: id", "/items/required/0")
		}
		if err := s.checkItem(c, things, does, item, r); err != nil {
			return nil, err
		}
	}
	return s.submit(c, &job{act: does, things: things, items: items})
}

// checkItem holds an item to the schema, unless items are to fail alone.
func (s *Server) checkItem(c *call, things string, does act, item value, r *rule) error {
	if s.switches.SchemaErrorsPerItem {
		return nil
	}
	if found := s.checker.check(item, r, ""); found != nil {
		return found.refusal("/items")
	}
	if does == bulkConversation || things != "" {
		return nil
	}
	return s.checkReferences(c.ctx, item)
}

// checkRefs holds the rules of _clientRef: on all items or on none, a text of 1 to 255 characters, each once.
func checkRefs(items []value) error {
	seen := make(map[string]bool, len(items))
	wrong := func(title string) error { return badParameter("_clientRef", title, "/items/properties/_clientRef") }
	for _, item := range items {
		ref := item.get("_clientRef")
		if !ref.exists() {
			continue
		}
		if ref.kind() != '"' {
			return wrong("Invalid type: " + typeName(ref) + " (expected string)")
		}
		text := ref.string()
		if length := utf8.RuneCountInString(text); length == 0 || length > mostRefLength {
			return wrong(fmt.Sprintf("String must have 1 to %d chars, has %d", mostRefLength, length))
		}
		if seen[text] {
			return wrong("Duplicate _clientRef")
		}
		seen[text] = true
	}
	if len(seen) > 0 && len(seen) < len(items) {
		return wrong("_clientRef must be on every item or on none")
	}
	return nil
}

// submit accepts a job and answers with its document once it is durable.
func (s *Server) submit(c *call, j *job) (*Answer, error) {
	status := s.switches.SubmitStatus
	if status == "" {
		status = "queued"
	}
	mine, known := s.resent.find(c, s.now())
	if known != nil && s.switches.ResentIsSameJob {
		return s.jobAnswer(c, http.StatusCreated, known, status)
	}
	j.s = s
	j.author = c.key.user
	j.request = rand.Text()
	j.accepted = s.now()
	j.size = orDefault(s.switches.BatchSize, 50)
	j.batches = (j.count() + j.size - 1) / j.size
	j.due = time.Now().Add(s.config.JobDelay / 2)
	var submitted job // as it was accepted: the writer works on j at once
	err := s.writer.write(func(t *tx) error {
		err := t.accept(j, c.Body)
		submitted = *j
		return err
	})
	if err != nil {
		return nil, err
	}
	s.resent.note(mine, &submitted)
	return s.jobAnswer(c, http.StatusCreated, &submitted, status)
}

// resends remembers the bulk requests of the last minute by what they said.
type resends struct {
	mutex sync.Mutex
	jobs  map[[32]byte]*job
}

// find is the mark of a request and the job that the same request got lately, nil for none.
func (r *resends) find(c *call, now time.Time) ([32]byte, *job) {
	if r.jobs == nil {
		return [32]byte{}, nil
	}
	mark := sha256.Sum256([]byte(c.key.user + c.Method + c.Query + string(c.Body)))
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for m, j := range r.jobs {
		if now.Sub(j.accepted) > time.Minute {
			delete(r.jobs, m)
		}
	}
	return mark, r.jobs[mark]
}

func (r *resends) note(mark [32]byte, j *job) {
	if r.jobs == nil {
		return
	}
	j.items = nil
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.jobs[mark] = j
}
