package kustomer

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Conversation is one conversation as the org has it.
type Conversation struct {
	ID        string
	Rev       int64     // 0 when the answer held none
	UpdatedAt time.Time // zero when the answer held none
	Customer  string    // id of the customer it is of; "" unsaid
	// Attributes are the conversation's attributes as the org spells them, custom ones under "custom". Owned by the
	// caller.
	Attributes map[string]json.RawMessage
}

const bulkConversations = "/v1/conversations/bulk"

// Conversation reads one conversation by its id.
func (v *Viewer) Conversation(ctx context.Context, id string) (*Conversation, error) {
	return v.wire.conversation(ctx, ofConversation(http.MethodGet, id, nil))
}

// BulkUpdateConversations submits changes to conversations, each named by its ID, and returns the job's id. Otherwise
// it is as BulkCreate.
func (c *Client) BulkUpdateConversations(ctx context.Context, items []Item) (jobID string, err error) {
	return c.bulk(ctx, http.MethodPut, bulkConversations, items)
}

// UpdateConversation changes the named attributes of one conversation and leaves the others. It is a PUT that says so:
// PATCH does the same, but is declared to take application/json-patch+json while clients send it application/json, and
// which of them an org takes is not documented (https://developer.kustomer.com/api/core-resources/update-conversation).
func (c *Client) UpdateConversation(ctx context.Context, id string, payload []byte) (*Conversation, error) {
	update := ofConversation(http.MethodPut, id, payload)
	update.path += "?replace=false"
	if !isObject(payload) {
		update.wrong = errNotObject
	}
	return c.wire.conversation(ctx, update)
}

func ofConversation(method, id string, body []byte) call {
	c := call{method: method, path: "/v1/conversations/" + escape(id), act: "/v1/conversations/…", body: body}
	if isDots(id) {
		c.wrong = errNoID
	}
	return c
}

// conversation does a call that is answered with a conversation.
func (w *wire) conversation(ctx context.Context, c call) (*Conversation, error) {
	var found *Conversation
	c.decode = func(body []byte) error {
		r, err := decodeResource(body)
		if err != nil {
			return err
		}
		if r.ID == "" {
			return errUnreadable
		}
		found = &Conversation{ID: string(r.ID), Rev: r.text("rev").count(), UpdatedAt: r.text("updatedAt").time(),
			Customer: r.related("customer"), Attributes: r.Attributes}
		return nil
	}
	if err := w.do(ctx, c); err != nil {
		return nil, err
	}
	return found, nil
}
