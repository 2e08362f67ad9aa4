package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// getJob is GET /v1/bulk/{id}.
func (s *Server) getJob(c *call) (*Answer, error) {
	j, err := s.findJob(c.ctx, c.id)
	if err != nil {
		return nil, err
	}
	body, err := s.payload(c.ctx, j)
	if err != nil {
		return nil, err
	}
	c.Body = body
	status, err := s.jobStatus(c.ctx, j)
	if err != nil {
		return nil, err
	}
	return s.jobAnswer(c, http.StatusOK, j, status)
}

// findJob reads a job by its id. One that is kept no longer is not found.
func (s *Server) findJob(ctx context.Context, id string) (*job, error) {
	j, err := s.scanJob(s.store.jobByRow.QueryRowContext(ctx, s.store.seed.row(jobKind, id)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("id")
	}
	if err != nil {
		return nil, err
	}
	kept := s.switches.JobRetention
	if kept > 0 && j.state == finished && s.now().Sub(j.updated) > kept {
		return nil, notFound("id")
	}
	return j, nil
}

func (s *Server) payload(ctx context.Context, j *job) (body []byte, err error) {
	if s.switches.NoPayloadEcho {
		return nil, nil
	}
	err = s.store.reads.QueryRowContext(ctx, "select body from payloads where job=?", j.row).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return body, err
}

// jobStatus is the word for how far a job is.
func (s *Server) jobStatus(ctx context.Context, j *job) (string, error) {
	switch j.state {
	case queued:
		return "queued", nil
	case running:
		return "running", nil
	}
	if s.switches.FailedState {
		var succeeded int
		err := s.store.reads.QueryRowContext(ctx, "select sum(succeeded) from batches where job=?", j.row).Scan(&succeeded)
		if err != nil || succeeded == 0 {
			return "failed", err
		}
	}
	return "complete", nil
}

// jobAnswer is a job's document. c.Body is the payload to echo; it goes into the answer as it came, since it is most of
// it.
func (s *Server) jobAnswer(c *call, code int, j *job, status string) (*Answer, error) {
	batches := map[string]int{"complete": j.done}
	if code != http.StatusCreated { // on submission only complete was seen
		batches["total"] = j.batches
	}
	ids := j.ids
	if ids == nil {
		ids = []string{}
	}
	name, method := j.act.names()
	things := "customers"
	if klass, is := strings.CutPrefix(j.things, kobjectPrefix); is {
		things = "klasses/" + klass
	} else if j.things == "company" {
		things = "companies"
	} else if j.things != "" {
		things = j.things + "s"
	} else if j.act == bulkConversation {
		things = "conversations"
	}
	head, e1 := json.Marshal(map[string]any{
		"ids": ids, "context": "api.sobjects." + things + "." + name, "status": status, "v2": true, "batches": batches,
		"completed": status == "complete", "createdAt": stamp(j.accepted), "updatedAt": stamp(j.updated),
	})
	api, e2 := json.Marshal(map[string]any{
		"method": method, "service": "sobjects", "path": "/v1/" + things + "/bulk", "requestId": j.request,
		"user": map[string]any{
			"id": j.author, "userType": "machine", "roles": s.keys.rolesOf(j.author), "orgName": "sandbox", "subject": j.author,
			"org": s.present.org,
		},
	})
	tail, e3 := json.Marshal(map[string]any{
		"org":       relation("org", s.present.org, "/v1/orgs/"+s.present.org),
		"createdBy": relation("user", j.author, "/v1/users/"+j.author),
	})
	if err := errors.Join(e1, e2, e3); err != nil {
		return nil, err
	}
	body := make([]byte, 0, len(c.Body)+len(head)+len(api)+len(tail)+256)
	body = fmt.Appendf(body, `{"data":{"type":"bulk","id":"%s","attributes":`, j.id)
	body = append(body, head[:len(head)-1]...)
	if !s.switches.NoPayloadEcho {
		body = append(append(body, `,"payload":{"api":`...), api[:len(api)-1]...)
		body = append(body, `,"data":`...)
		if len(c.Body) == 0 {
			body = append(body, "{}"...)
		}
		body = append(append(body, c.Body...), "}}"...)
	}
	body = append(append(body, `},"relationships":`...), tail...)
	body = fmt.Appendf(body, `,"links":{"self":"/v1/bulk/%s"}}}`, j.id)
	return &Answer{Status: code, Body: body}, nil
}

// names are an act's last part of the context and its method.
func (a act) names() (name, method string) {
	switch a {
	case bulkCreate:
		return "bulk-create", http.MethodPost
	case bulkDelete:
		return "bulk-delete", http.MethodDelete
	}
	return "bulk-update", http.MethodPut
}

// batchAttributes are what is known of a batch.
type batchAttributes struct {
	Status       string          `json:"status"`
	ObjectIDs    json.RawMessage `json:"objectIds"`
	SuccessCount int             `json:"successCount"`
	FailureCount int             `json:"failureCount"`
	CompletedAt  *string         `json:"completedAt"`
	Errors       json.RawMessage `json:"errors"`
	Results      json.RawMessage `json:"results,omitempty"`
}

// getBatches is GET /v1/bulk/{id}/batches.
func (s *Server) getBatches(c *call) (*Answer, error) {
	j, err := s.findJob(c.ctx, c.id)
	if err != nil {
		return nil, err
	}
	size := orDefault(s.switches.BatchesPageSize, j.batches)
	page, err := c.number("page", 1, unbounded)
	if err != nil {
		return nil, err
	}
	from := min((page-1)*size, j.batches)
	to := min(from+size, j.batches)
	shown, err := s.batchesDone(c.ctx, j, from, to)
	if err != nil {
		return nil, err
	}
	for len(shown) < to-from {
		status := map[state]string{queued: "queued", running: "scheduled"}[j.state]
		shown = append(shown, batchAttributes{Status: status, ObjectIDs: json.RawMessage("[]"),
			Errors: json.RawMessage("[]")})
	}
	return s.batchesAnswer(j, shown, page, size, from)
}

// batchesDone reads the batches from..to of a job as far as they are complete.
func (s *Server) batchesDone(ctx context.Context, j *job, from, to int) ([]batchAttributes, error) {
	rows, err := s.store.reads.QueryContext(ctx, `select succeeded, failed, finished, ids, errors, results from batches
		where job=? and number>=? and number<? order by number`, j.row, from, min(to, j.done))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var done []batchAttributes
	for rows.Next() {
		one := batchAttributes{Status: "complete"}
		var at int64
		if err := rows.Scan(&one.SuccessCount, &one.FailureCount, &at, (*[]byte)(&one.ObjectIDs), (*[]byte)(&one.Errors),
			(*[]byte)(&one.Results)); err != nil {
			return nil, err
		}
		completed := stamp(time.UnixMilli(at))
		one.CompletedAt = &completed
		done = append(done, one)
	}
	return done, rows.Err()
}

// batchesAnswer gives a page of batches the shape that the switches ask for.
func (s *Server) batchesAnswer(j *job, shown []batchAttributes, page, size, from int) (*Answer, error) {
	if s.switches.BatchesShape == "bare" {
		return answer(http.StatusOK, shown)
	}
	data := make([]any, len(shown))
	for i, one := range shown {
		data[i] = one
		if s.switches.BatchesShape != "flat" {
			id := s.store.seed.id(batchKind, j.row*mostItems+int64(from+i))
			data[i] = resource{Type: "bulk_batch", ID: id, Attributes: one}
		}
	}
	self := "/v1/bulk/" + j.id + "/batches"
	return answer(http.StatusOK, map[string]any{
		"data": data, "meta": map[string]int{"page": page, "pageSize": size},
		"links": pageLinks(self, nil, page, (j.batches+size-1)/size),
	})
}

// pageAnswer answers with one page of a list that holds total resources.
func pageAnswer(c *call, data []*resource, total, page, size int) (*Answer, error) {
	pages := (total + size - 1) / size
	return answer(http.StatusOK, map[string]any{
		"meta": map[string]int{"page": page, "pageSize": size, "total": total, "totalPages": pages},
		"data": data, "links": pageLinks(c.Path, c.query, page, pages),
	})
}

// pageLinks are the links of a page of a list. query holds the other parameters, page is 1-based.
func pageLinks(path string, query map[string][]string, page, pages int) map[string]any {
	at := func(n int) string {
		text := path + "?page=" + strconv.Itoa(n)
		if more := encoded(query); more != "" {
			text += "&" + more
		}
		return text
	}
	links := map[string]any{"self": at(page), "first": at(1), "last": at(max(1, pages)), "prev": nil, "next": nil}
	if page > 1 {
		links["prev"] = at(page - 1)
	}
	if page < pages {
		links["next"] = at(page + 1)
	}
	return links
}
