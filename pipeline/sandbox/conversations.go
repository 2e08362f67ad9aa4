package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"time"
)

// Conversations are held only so far that they can be made, read and described: their attributes, not their messages.

const conversationKlass = "conversation"

// conversationTable is made when a file is opened, so that orgs of an earlier version have one, too.
const conversationTable = `create table if not exists conversations (id text primary key, rev integer, created integer, updated integer, author text, document blob) without rowid`

// demoConversations are those of a new org, the ones that the samples describe.
func demoConversations() []string {
	return []string{"64c0ffee0000000000000001", "64c0ffee0000000000000002", "64c0ffee0000000000000003"}
}

// prepareConversations makes the table, and in a new org the conversations of the samples.
func (st *store) prepareConversations(ctx context.Context, now time.Time) error {
	var there int
	err := st.db.QueryRowContext(ctx, "select count(*) from sqlite_master where name='conversations'").Scan(&there)
	if err != nil || there > 0 {
		return err
	}
	if _, err := st.db.ExecContext(ctx, conversationTable); err != nil {
		return err
	}
	for _, id := range demoConversations() {
		_, err := st.db.ExecContext(ctx, "insert into conversations values (?,1,?,?,?,?)", id, now.UnixMilli(), now.UnixMilli(), "", `{"name":"Where is my order?"}`)
		if err != nil {
			return err
		}
	}
	return nil
}

// conversation is one as it is stored. Times are milliseconds since 1970.
type conversation struct {
	id                    string
	rev, created, updated int64
	author                string
	document              []byte
}

const conversationColumns = "id, rev, created, updated, author, document"

func scanConversation(row *sql.Row) (*conversation, error) {
	one := &conversation{}
	err := row.Scan(&one.id, &one.rev, &one.created, &one.updated, &one.author, &one.document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return one, err
}

// createConversation is POST /v1/conversations.
func (s *Server) createConversation(c *call) (*Answer, error) {
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := s.bodies.Load().conversation
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	if err := s.checkCustomer(c.ctx, v); err != nil {
		return nil, err
	}
	now := s.now().UnixMilli()
	one := &conversation{rev: 1, created: now, updated: now, author: c.key.user, document: documentOf(v, r).bytes()}
	err = s.writer.write(func(t *tx) error {
		t.nextConversation++
		one.id = t.seed.id(conversationKind, t.nextConversation)
		_, err := t.conn.ExecContext(context.Background(), "insert into conversations values (?,?,?,?,?,?)", one.id, one.rev, now, now, one.author, one.document)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.conversation(http.StatusCreated, one)
}

// checkCustomer refuses a conversation of a customer that is not there.
func (s *Server) checkCustomer(ctx context.Context, v value) error {
	customer := v.get("customer")
	if !customer.exists() || customer.isNull() {
		return nil
	}
	one, err := s.find(ctx, customer.string())
	if err == nil && one == nil {
		err = badParameter("customer", "Customer not found", "/properties/customer")
	}
	return err
}

// getConversation is GET /v1/conversations/{id}.
func (s *Server) getConversation(c *call) (*Answer, error) {
	one, err := scanConversation(s.store.reads.QueryRowContext(c.ctx, "select "+conversationColumns+" from conversations where id=?", c.id))
	switch {
	case err != nil:
		return nil, err
	case one == nil:
		return nil, notFound("id")
	}
	return s.conversation(http.StatusOK, one)
}

// putConversation is PUT /v1/conversations/{id}.
func (s *Server) putConversation(c *call) (*Answer, error) {
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := s.bodies.Load().conversation
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	var one *conversation
	var refused *refusal
	err = s.writer.write(func(t *tx) (err error) {
		one, refused, err = s.describe(t, c.id, v, r)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		return nil, refused
	}
	return s.conversation(http.StatusOK, one)
}

// patchConversation is PATCH /v1/conversations/{id}, which is declared to take application/json-patch+json although its body is a
// plain object (https://developer.kustomer.com/api/core-resources/update-conversation).
func (s *Server) patchConversation(c *call) (*Answer, error) {
	if kind, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type")); kind != "application/json-patch+json" {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, code: "unsupported", title: "Unsupported Media Type"}
	}
	return s.putConversation(c)
}

// bulkConversations is PUT /v1/conversations/bulk with a list of items.
func (s *Server) bulkConversations(c *call) (*Answer, error) {
	return s.bulkItems(c, bulkConversation, s.bodies.Load().conversationItem)
}

// describe lays a checked body over a conversation. A refusal has written nothing.
func (s *Server) describe(t *tx, id string, v value, r *rule) (*conversation, *refusal, error) {
	ctx := context.Background()
	one, err := scanConversation(t.conn.QueryRowContext(ctx, "select "+conversationColumns+" from conversations where id=?", id))
	if err != nil {
		return nil, nil, err
	}
	if one == nil {
		return nil, notFound("id"), nil
	}
	old, err := parse(one.document)
	if err != nil {
		return nil, nil, err
	}
	one.document = s.switches.merge(old, v, r).bytes()
	one.rev++
	one.updated = s.now().UnixMilli()
	_, err = t.conn.ExecContext(ctx, "update conversations set rev=?, updated=?, document=? where id=?", one.rev, one.updated, one.document, id)
	return one, nil, err
}

func (s *Server) conversation(status int, one *conversation) (*Answer, error) {
	attributes := map[string]json.RawMessage{}
	if err := json.Unmarshal(one.document, &attributes); err != nil {
		return nil, err
	}
	var customer string
	_ = json.Unmarshal(attributes["customer"], &customer) // "" where it has none
	delete(attributes, "customer")
	if attributes["custom"] != nil {
		attributes["custom"] = s.present.member("custom", attributes["custom"])
	}
	set := func(name string, x any) { attributes[name], _ = json.Marshal(x) } // none of these can fail
	set("rev", one.rev)
	set("createdAt", stamp(time.UnixMilli(one.created)))
	set("updatedAt", stamp(time.UnixMilli(one.updated)))
	set("status", "open")
	self := "/v1/conversations/" + one.id
	related := map[string]any{
		"org":      relation("org", s.present.org, "/v1/orgs/"+s.present.org),
		"messages": map[string]any{"links": map[string]string{"self": self + "/messages"}},
	}
	if customer != "" {
		related["customer"] = relation("customer", customer, "/v1/customers/"+customer)
	}
	return single(status, &resource{"conversation", one.id, attributes, related, map[string]string{"self": self}})
}

// conversationFields are the members of a conversation that the sandbox keeps.
func conversationFields() fields {
	return fields{
		"customer":   formatted("object-id"),
		"name":       words(256).orNull(),
		"externalId": words(256).atLeast(1).orNull(),
		"tags":       tagList(),
		"importedAt": formatted("date-time"),
		"createdAt":  {shape: text, format: "date-time", dropped: true},
		"rev":        {shape: number, dropped: true},
	}
}
