package kustomer

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Record is one record of any kind as the org has it.
type Record struct {
	ID        string
	Rev       int64     // 0 when the answer held none
	CreatedAt time.Time // zero when the answer held none
	UpdatedAt time.Time
	// Attributes are the record's as the org spells them, custom ones under "custom". Owned by the caller.
	Attributes map[string]json.RawMessage
	Related    map[string]string // ids of the records it belongs to, by the names of its relationships
}

// Text is an attribute that is a text, a number or a boolean; "" any other.
func (r *Record) Text(name string) string {
	var l loose
	_ = l.UnmarshalJSON(r.Attributes[name])
	return string(l)
}

// Deleted says whether the org calls the record deleted.
func (r *Record) Deleted() bool { return r.Text("deleted") == "true" }

func recordOf(r resource) *Record {
	one := &Record{ID: string(r.ID), Rev: r.text("rev").count(), CreatedAt: r.text("createdAt").time(),
		UpdatedAt:  r.text("updatedAt").time(),
		Attributes: r.Attributes, Related: map[string]string{}}
	for name := range r.Relationships {
		if id := r.related(name); id != "" {
			one.Related[name] = id
		}
	}
	for _, name := range []string{"customer", "conversation", "company"} {
		if id := string(r.text(name)); one.Related[name] == "" && id != "" {
			one.Related[name] = id
		}
	}
	return one
}

// record does a call that is answered with one record.
func (w *wire) record(ctx context.Context, c call) (*Record, error) {
	var found *Record
	c.decode = func(body []byte) error {
		r, err := decodeResource(body)
		if err == nil && r.ID == "" {
			err = errUnreadable
		}
		if err == nil {
			found = recordOf(r)
		}
		return err
	}
	if err := w.do(ctx, c); err != nil {
		return nil, err
	}
	return found, nil
}

// one is a call about the record of an id below a path.
func one(method, path, id string, body []byte) call {
	c := call{method: method, path: path + "/" + escape(id), act: path + "/…", body: body}
	if isDots(id) {
		c.wrong = errNoID
	}
	return c
}

// Record reads one record by its id. Verdict NotFound when there is none.
func (v *Viewer) Record(ctx context.Context, path, id string) (*Record, error) {
	return v.wire.record(ctx, one(http.MethodGet, path, id, nil))
}

// RecordBy reads the record that has an external id, where the org has a path of it. Verdict NotFound when there is
// none.
func (v *Viewer) RecordBy(ctx context.Context, path, externalID string) (*Record, error) {
	c := reading(path+"/externalId="+escape(externalID), path+"/externalId=…", nil)
	if strings.TrimSpace(externalID) == "" {
		return nil, &Error{Verdict: NotFound, Act: c.name(), Err: errBlank}
	}
	return v.wire.record(ctx, c)
}

// MostIDs is how many ids one path lists: 50 of 24 digits keep an address below 1,300 bytes.
const MostIDs = 50

// RecordsOf reads records by their ids, at most MostIDs, where the org takes a list of them. Who is not there is
// missing from the answer; the verdict is NotFound where none of them is.
func (v *Viewer) RecordsOf(ctx context.Context, path string, ids []string) (found []*Record, err error) {
	if len(ids) == 1 {
		r, err := v.Record(ctx, path, ids[0])
		if err != nil {
			return nil, err
		}
		return []*Record{r}, nil
	}
	err = v.wire.do(ctx, reading(path+"/"+strings.Join(ids, ","), path+"/…", func(body []byte) (err error) {
		found, _, _, err = decodeRecords(body)
		return err
	}))
	return found, err
}

// decodeRecords reads a page of records, how many there are in all (-1 unsaid), and the link to the next page (""
// none).
func decodeRecords(body []byte) (found []*Record, total int, next string, err error) {
	var b struct {
		Data  []json.RawMessage `json:"data"`
		Links json.RawMessage   `json:"links"`
		Meta  struct {
			Total json.RawMessage `json:"total"`
		} `json:"meta"`
	}
	if json.Unmarshal(body, &b) != nil || b.Data == nil {
		return nil, 0, "", errUnreadable
	}
	for _, raw := range b.Data {
		r, err := decodeResource(raw)
		if err != nil || r.ID == "" {
			return nil, 0, "", errUnreadable
		}
		found = append(found, recordOf(r))
	}
	total = -1
	if n, err := strconv.Atoi(string(b.Meta.Total)); err == nil {
		total = n
	}
	return found, total, nextLink(b.Links), nil
}

// EachRecord shows the pages of a list, one after the other, until see is false or the list ends; total is how many
// there are in all, -1 unsaid. whole: the list was read to its end.
func (v *Viewer) EachRecord(ctx context.Context, path string, query url.Values,
	see func(page []*Record, total int) (more bool)) (whole bool, err error) {
	if query == nil {
		query = url.Values{}
	}
	if query.Get("pageSize") == "" {
		query.Set("pageSize", strconv.Itoa(MaxListed))
	}
	var page []*Record
	total, next := -1, ""
	c := reading(path+"?"+query.Encode(), path+"?…", func(body []byte) (err error) {
		page, total, next, err = decodeRecords(body)
		return err
	})
	for seen := map[string]bool{}; !seen[c.path]; {
		seen[c.path] = true
		if err := v.wire.do(ctx, c); err != nil {
			return false, err
		}
		if !see(page, total) {
			return false, nil
		}
		if next == "" {
			return true, nil
		}
		to, ok := v.wire.follow(c.path, next, path)
		if !ok {
			return false, nil
		}
		c.path = to
	}
	return false, nil
}

// Page reads one page of a list; total is how many there are in all, -1 unsaid. more: the org names another behind it.
func (v *Viewer) Page(ctx context.Context, path string, query url.Values) (found []*Record, total int, more bool,
	err error) {
	err = v.wire.do(ctx, reading(path+"?"+query.Encode(), path+"?…", func(body []byte) (err error) {
		var next string
		found, total, next, err = decodeRecords(body)
		more = next != ""
		return err
	}))
	return found, total, more, err
}

// SearchUpdated asks the index, or what is archived of it, for one page of the records of a context that were updated
// at a moment or later, the oldest first; total as Page has it.
func (v *Viewer) SearchUpdated(ctx context.Context, context string, archived bool, from time.Time,
	page int) (found []*Record, total int, err error) {
	path := searchPath
	if archived {
		path = archivePath
	}
	by := context + "_updated_at"
	if strings.HasPrefix(context, "kobject_") {
		by = "kobject_updated_at"
	}
	since := map[string]any{by: map[string]string{"gte": moment3339(from)}}
	body, err := json.Marshal(map[string]any{"and": []any{since}, "sort": []any{map[string]string{by: "asc"}},
		"queryContext": context})
	if err != nil {
		return nil, 0, err
	}
	query := url.Values{"page": {strconv.Itoa(page)}, "pageSize": {strconv.Itoa(MaxFound)}}
	c := call{method: http.MethodPost, path: path + "?" + query.Encode(), act: path, body: body,
		decode: func(body []byte) (err error) {
			found, total, _, err = decodeRecords(body)
			return err
		}}
	return found, total, v.wire.do(ctx, c)
}

// SearchRecords asks the index, which is behind what was written, for the records of a context ("message") one of whose
// attributes ("message_external_id") is one of values, at most MaxConditions.
func (v *Viewer) SearchRecords(ctx context.Context, context, attribute string, values []string) (found []*Record,
	err error) {
	type condition map[string]map[string]string
	var or []condition
	for _, value := range values {
		or = append(or, condition{attribute: {"equals": value}})
	}
	body, err := json.Marshal(map[string]any{"or": or, "queryContext": context})
	if err != nil {
		return nil, err
	}
	c := call{method: http.MethodPost, path: searchPath + "?page=1&pageSize=" + strconv.Itoa(MaxListed), act: searchPath,
		body: body, decode: func(body []byte) (err error) {
			found, _, _, err = decodeRecords(body)
			return err
		}}
	if len(values) == 0 || len(values) > MaxConditions {
		c.wrong = errQuery
	}
	return found, v.wire.do(ctx, c)
}

// CreateRecord creates one record from a JSON object.
func (c *Client) CreateRecord(ctx context.Context, path string, payload []byte) (*Record, error) {
	creation := call{method: http.MethodPost, path: path, act: path, body: payload}
	if !isObject(payload) {
		creation.wrong = errNotObject
	}
	return c.wire.record(ctx, creation)
}

// UpdateRecord changes the named attributes of one record and leaves the others. method is PUT or PATCH, as the kind
// has it.
func (c *Client) UpdateRecord(ctx context.Context, method, path, id string, payload []byte) (*Record, error) {
	update := one(method, path, id, payload)
	if !isObject(payload) {
		update.wrong = errNotObject
	}
	if method == http.MethodPut && path == "/v1/conversations" {
		update.path += "?replace=false"
	}
	return c.wire.record(ctx, update)
}

// DeleteRecord deletes one record. Verdict NotFound when there is none of that id.
func (c *Client) DeleteRecord(ctx context.Context, path, id string) error {
	deletion := one(http.MethodDelete, path, id, nil)
	deletion.decode = func([]byte) error { return nil } // 204 has no body
	return c.wire.do(ctx, deletion)
}

// BulkCreateRecords submits records to be created below a bulk path and returns the job's id. Otherwise it is as
// BulkCreate.
func (c *Client) BulkCreateRecords(ctx context.Context, path string, items []Item) (jobID string, err error) {
	return c.bulk(ctx, http.MethodPost, path, items)
}

// BulkUpdateRecords submits changes to records, each named by its ID. Otherwise it is as BulkCreate.
func (c *Client) BulkUpdateRecords(ctx context.Context, path string, items []Item) (jobID string, err error) {
	return c.bulk(ctx, http.MethodPut, path, items)
}
