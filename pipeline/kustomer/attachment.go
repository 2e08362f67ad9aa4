package kustomer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"muster/pipeline/trust"
)

// Attachment is a file as a message or note names it.
type Attachment struct {
	ID     string `json:"_id"`
	Name   string `json:"name"`
	Type   string `json:"contentType"`
	Length int64  `json:"contentLength"`
}

// Upload is where the content of an attachment goes, and the form that goes with it.
type Upload struct {
	URL    string            `json:"url"`
	Fields map[string]string `json:"fields"`
}

const attachmentsPath = "/v1/attachments"

var errUpload = errors.New("the org names no place for the file")

// CreateAttachment announces a file, and says where its content goes
// (https://developer.kustomer.com/docs/guides/attachments).
func (c *Client) CreateAttachment(ctx context.Context, name, kind string, length int64) (a Attachment, up Upload,
	err error) {
	body, err := json.Marshal(map[string]any{"name": name, "contentType": kind, "contentLength": length})
	if err != nil {
		return a, up, err
	}
	err = c.wire.do(ctx, call{method: http.MethodPost, path: attachmentsPath, act: attachmentsPath, body: body,
		decode: func(body []byte) error {
			r, err := decodeResource(body)
			var b struct{ Meta struct{ Upload Upload } }
			if err != nil || r.ID == "" || json.Unmarshal(body, &b) != nil {
				return errUnreadable
			}
			a, up = Attachment{string(r.ID), name, kind, length}, b.Meta.Upload
			return nil
		}})
	return a, up, err
}

// uploading bounds the upload of one file.
const uploading = 5 * time.Minute

// Upload sends the content of a file, of which body gives length bytes, to where the org wants it. That is another
// host: the key does not go there, and it costs nothing of the budget. The verdict is Refused where it was answered so.
func (c *Client) Upload(ctx context.Context, up Upload, a Attachment, body io.Reader) error {
	const act = "POST the attachment's file"
	u, err := url.Parse(up.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && trust.Loopback(u.Hostname())) {
		return &Error{Verdict: NotBegun, Act: act, Err: errUpload}
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for _, name := range slices.Sorted(maps.Keys(up.Fields)) {
		if err := w.WriteField(name, up.Fields[name]); err != nil {
			return err
		}
	}
	if _, err := w.CreateFormFile("file", a.Name); err != nil { // the last: what follows it is not looked at
		return err
	}
	head := form.Len()
	if err := w.Close(); err != nil {
		return err
	}
	whole := form.Bytes()
	ctx, cancel := context.WithTimeout(ctx, uploading)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, up.URL, io.MultiReader(bytes.NewReader(whole[:head]),
		io.LimitReader(body, a.Length), bytes.NewReader(whole[head:])))
	if err != nil {
		return &Error{Verdict: NotBegun, Act: act, Err: errUpload}
	}
	q.ContentLength = int64(len(whole)) + a.Length
	q.Header.Set("Content-Type", w.FormDataContentType())
	answer, err := c.wire.transport.RoundTrip(q)
	if err != nil {
		return &Error{Verdict: InDoubt, Act: act, Err: cause(err)}
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer)) // so that the connection can be used again
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return nil
	}
	return &Error{Verdict: ofStatus(answer.StatusCode), Status: answer.StatusCode, Act: act,
		Err: errors.New("status " + strconv.Itoa(answer.StatusCode))}
}
