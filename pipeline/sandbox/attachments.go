package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// blockedExtensions are those that the knowledge base refuses; that they hold for attachments is a guess
// (https://developer.kustomer.com/docs/guides/attachments).
func blockedExtensions() []string {
	return strings.Fields("bin bat chm com cpl crt exe hlp hta inf ins isp jse lnk mdb msc msi msp mst pcd pif ps1 reg " +
		"scr sct shs vbe vba vbs wsf wsh wsl")
}

// attachment is one as it is stored.
type attachment struct {
	row, length        int64
	name, kind, url    string
	uploaded, redacted bool
	user               int64 // how many messages and notes it stands in
	content            []byte
}

const attachmentColumns = "row, name, type, length, uploaded, redacted, user, url, content"

func scanAttachment(row *sql.Row) (*attachment, error) {
	a := &attachment{}
	err := row.Scan(&a.row, &a.name, &a.kind, &a.length, &a.uploaded, &a.redacted, &a.user, &a.url, &a.content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return a, err
}

// createAttachment is POST /v1/attachments: the first of two steps.
func (s *Server) createAttachment(c *call) (*Answer, error) {
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := seal(&rule{shape: group, fields: fields{"name": words(0).must(), "contentType": words(0).must(),
		"contentLength": {shape: integer, required: true},
		"externalUrl":   formatted("uri"), "renderMode": choice("default", "metadata_only")}})
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	a := &attachment{name: v.get("name").string(), kind: v.get("contentType").string(),
		length: int64(v.get("contentLength").float())}
	switch extension := strings.ToLower(strings.TrimPrefix(path.Ext(a.name), ".")); {
	case a.name == "", a.kind == "":
		return nil, badParameter("name", "String is too short (0 chars), minimum 1", "/properties/name/minLength")
	case !s.switches.AttachmentExtensionsOpen && slices.Contains(blockedExtensions(), extension):
		return nil, badParameter("name", "File type not allowed", "/properties/name")
	case s.switches.AttachmentBytes > 0 && a.length > int64(s.switches.AttachmentBytes):
		return nil, badParameter("contentLength", "File is too large", "/properties/contentLength")
	}
	if external := v.get("externalUrl"); external.exists() {
		if a.url = external.string(); !strings.HasPrefix(a.url, "https://") || strings.Contains(a.url, "@") {
			return nil, badParameter("externalUrl", "Format validation failed (uri)", "/properties/externalUrl")
		}
		a.uploaded = true
	}
	err = s.writer.write(func(t *tx) error {
		t.nextAttachment++
		a.row = t.nextAttachment
		_, err := t.conn.ExecContext(context.Background(), "insert into attachments values (?,?,?,?,?,0,0,?,null)", a.row,
			a.name, a.kind, a.length, a.uploaded, a.url)
		return err
	})
	if err != nil {
		return nil, err
	}
	shown := s.attachment(a)
	body := map[string]any{"data": shown}
	if !a.uploaded {
		body["meta"] = map[string]any{"upload": map[string]any{"url": s.URL() + "/upload/" + shown.ID,
			"fields": map[string]string{
				"key": "attachments/" + shown.ID, "acl": "private", "Content-Type": a.kind, "X-Amz-Meta-Attachment-Id": shown.ID,
				"bucket": "sandbox",
			}}}
	}
	return answer(http.StatusCreated, body)
}

func (s *Server) attachment(a *attachment) *resource {
	id := s.store.seed.id(attachmentKind, a.row)
	links := map[string]string{"self": "/v1/attachments/" + id, "related": s.URL() + "/upload/" + id}
	if a.url != "" {
		links["related"] = a.url
	}
	return &resource{"attachment", id, map[string]any{"name": a.name, "contentType": a.kind, "contentLength": a.length,
		"uploaded": a.uploaded, "redacted": a.redacted}, nil, links}
}

// upload is the second step: a form with the fields of the first, and last the file. It is not the API: it takes no
// key, and costs none of its budget.
func (s *Server) upload(w http.ResponseWriter, q *http.Request) {
	id := q.PathValue("id")
	row := s.store.seed.row(attachmentKind, id)
	a, err := scanAttachment(s.store.reads.QueryRowContext(q.Context(), "select "+attachmentColumns+
		" from attachments where row=?", row))
	switch {
	case err != nil:
		w.WriteHeader(http.StatusInternalServerError)
	case a == nil || q.Method == http.MethodGet && a.content == nil:
		w.WriteHeader(http.StatusNotFound)
	case q.Method == http.MethodGet:
		w.Header().Set("Content-Type", a.kind)
		_, _ = w.Write(a.content) // a client that has gone is its own affair
	default:
		w.WriteHeader(s.take(q, a))
	}
}

// take takes the file of one attachment out of a form.
func (s *Server) take(q *http.Request, a *attachment) int {
	_, parameters, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if err != nil || q.Header.Get("Authorization") != "" {
		return http.StatusForbidden
	}
	form := multipart.NewReader(q.Body, parameters["boundary"])
	given := map[string]string{}
	for {
		part, err := form.NextPart()
		if err != nil {
			return http.StatusBadRequest
		}
		content, err := io.ReadAll(io.LimitReader(part, mostBody))
		if err != nil {
			return http.StatusBadRequest
		}
		if part.FormName() != "file" {
			given[part.FormName()] = string(content)
			continue
		}
		if given["key"] == "" || given["Content-Type"] != a.kind || int64(len(content)) != a.length {
			return http.StatusForbidden // what was signed is not what came
		}
		err = s.writer.write(func(t *tx) error {
			_, err := t.conn.ExecContext(context.Background(), "update attachments set uploaded=1, content=? where row=?",
				content, a.row)
			return err
		})
		if err != nil {
			return http.StatusInternalServerError
		}
		return http.StatusNoContent
	}
}

// attach holds the attachments of a message or note to what there is, and takes them.
func (s *Server) attach(t *tx, v value) (*refusal, error) {
	list := v.get("attachments")
	if !list.isList() {
		return nil, nil
	}
	var taken []int64
	for i, item := range list.items() {
		at := "/properties/attachments/items/" + strconv.Itoa(i)
		id := item
		if item.isGroup() {
			for _, name := range []string{"_id", "name", "contentType", "contentLength"} {
				if !item.get(name).exists() {
					return badParameter(name, "Missing required property: "+name, at), nil
				}
			}
			id = item.get("_id")
		}
		a, err := scanAttachment(t.conn.QueryRowContext(context.Background(), "select "+attachmentColumns+
			" from attachments where row=?", s.store.seed.row(attachmentKind, id.string())))
		switch {
		case err != nil:
			return nil, err
		case a == nil:
			return badParameter("attachments", "Attachment not found", at), nil
		case !a.uploaded && s.switches.AttachmentRefs == "":
			return badParameter("attachments", "Attachment not uploaded", at), nil
		case a.user > 0 && !s.switches.AttachmentReuse:
			return badParameter("attachments", "Attachment already in use", at), nil
		}
		taken = append(taken, a.row)
	}
	for _, row := range taken {
		if _, err := t.conn.ExecContext(context.Background(), "update attachments set user=user+1 where row=?",
			row); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// getAttachments is GET /v1/attachments/{id}, where the segment may list several ids.
func (s *Server) getAttachments(c *call) (*Answer, error) {
	data := []*resource{}
	for _, id := range strings.Split(c.id, ",") {
		a, err := scanAttachment(s.store.reads.QueryRowContext(c.ctx, "select "+attachmentColumns+
			" from attachments where row=?", s.store.seed.row(attachmentKind, id)))
		if err != nil {
			return nil, err
		}
		if a == nil {
			return nil, notFound("id")
		}
		data = append(data, s.attachment(a))
	}
	if len(data) == 1 {
		return single(http.StatusOK, data[0])
	}
	return answer(http.StatusOK, map[string]any{"data": data})
}
