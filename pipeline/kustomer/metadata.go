package kustomer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// MaxProperties is how many attributes one update of a Klass may name
// (https://developer.kustomer.com/api/core-resources/update-custom-attribute-metadata).
const MaxProperties = 100

var errManyProperties = errors.New("more attributes than one request may name")

// AlterKlass lays properties, by name, over the attributes of a Klass: those named are made or changed, all others stay
// as they are. It needs the role org.permission.metadata.update. A call without an answer can be repeated: the same
// properties make the same Klass.
func (c *Client) AlterKlass(ctx context.Context, klass string, properties map[string]json.RawMessage) error {
	path := "/v1/metadata/" + escape(klass)
	alteration := call{method: http.MethodPut, path: path, act: path, decode: func(body []byte) error {
		if !isObject(body) {
			return errUnreadable
		}
		return nil
	}}
	if len(properties) > MaxProperties {
		alteration.wrong = errManyProperties
	}
	body, err := json.Marshal(map[string]any{"properties": properties})
	if err != nil {
		return &Error{Verdict: NotBegun, Act: alteration.name(), Err: fmt.Errorf("properties: %w", err)}
	}
	alteration.body = body
	return c.wire.do(ctx, alteration)
}
