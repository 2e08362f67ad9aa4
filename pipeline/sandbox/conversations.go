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
	if err != nil {
		return err
	}
	if _, err := st.db.ExecContext(ctx, conversationTable); err != nil {
		return err
	}
	if _, err := st.db.ExecContext(ctx, "create index if not exists conversations_customer on conversations ("+
		conversationCustomer+")"); err != nil || there > 0 {
		return err
	}
	for _, id := range demoConversations() {
		_, err := st.db.ExecContext(ctx, "insert into conversations values (?,1,?,?,?,?)", id, now.UnixMilli(),
			now.UnixMilli(), "", `{"name":"Where is my order?"}`)
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
	if c.id != "" { // the customer is in the path
		if v, err = with(v, "customer", c.id); err != nil {
			return nil, err
		}
	}
	r := s.bodies.Load().conversationCreate
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	if err := s.checkCustomer(c.ctx, v); err != nil {
		return nil, err
	}
	if refused := s.limitNew(v, c.key.user, c.header); refused != nil {
		return nil, refused
	}
	now := s.now()
	one := &conversation{rev: 1, created: s.conversationDate(v, c.key.user, now).UnixMilli(), updated: now.UnixMilli(),
		author: c.key.user}
	made := s.newConversation(v, r, time.UnixMilli(one.created), now)
	var refused *refusal
	err = s.writer.write(func(t *tx) (err error) {
		if refused, err = s.identifyConversation(t, one, v); refused != nil || err != nil {
			return err
		}
		one.document = s.tagged(t, made).bytes()
		_, err = t.conn.ExecContext(context.Background(), "insert into conversations values (?,?,?,?,?,?)", one.id, one.rev,
			one.created, one.updated, one.author, one.document)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		return nil, refused
	}
	s.talks.Store(true)
	return s.conversation(http.StatusCreated, one)
}

// conversationDate is when a new conversation was begun.
func (s *Server) conversationDate(v value, author string, now time.Time) time.Time {
	if s.switches.ConversationDatesIgnored && !s.keys.admins[author] {
		return now
	}
	if t, ok := moment([]byte(v.get("createdAt").string())); ok {
		return t
	}
	return now
}

// newConversation is the document of a new conversation: open, or done from the beginning.
func (s *Server) newConversation(v value, r *rule, created, now time.Time) document {
	d := documentOf(v, r)
	if d.get("status") == nil {
		d = d.set("status", []byte(`"open"`))
	}
	if string(d.get("status")) == `"done"` {
		if s.switches.DoneAtCreation {
			now = created
		}
		d = d.set("firstDone", []byte(`{"createdAt":"`+stamp(now)+`"}`))
	}
	return d
}

// identifyConversation gives a new conversation its id.
func (s *Server) identifyConversation(t *tx, one *conversation, v value) (*refusal, error) {
	if s.switches.ConversationExternalIDUnique {
		taken, err := t.some("select count(*) from conversations where json_extract(cast(document as text),'$.externalId')=?",
			v.get("externalId").string())
		if taken || err != nil {
			return s.conflict("externalId"), err
		}
	}
	if id := v.get("id"); id.exists() && s.switches.ClientIDs == "honour" {
		one.id = id.string()
		taken, err := t.some("select count(*) from conversations where id=?", one.id)
		if taken || err != nil {
			return s.conflict("id"), err
		}
		return nil, nil
	}
	t.nextConversation++
	one.id = t.seed.id(conversationKind, t.nextConversation)
	return nil, nil
}

// some says whether a query counts any.
func (t *tx) some(query string, args ...any) (bool, error) {
	var n int
	err := t.conn.QueryRowContext(context.Background(), query, args...).Scan(&n)
	return n > 0, err
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

// putConversation is PUT /v1/conversations/{id}.
func (s *Server) putConversation(c *call) (*Answer, error) {
	replace, err := s.replaces(c)
	if err != nil {
		return nil, err
	}
	return s.updateConversation(c, replace)
}

func (s *Server) updateConversation(c *call, replace bool) (*Answer, error) {
	if err := s.limiter.update(s.now(), c.key.user, c.id, c.header); err != nil {
		return nil, err
	}
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := s.bodies.Load().conversationUpdate
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	if err := s.checkMove(c.ctx, v); err != nil {
		return nil, err
	}
	var one *conversation
	var refused *refusal
	err = s.writer.write(func(t *tx) (err error) {
		one, refused, err = s.describe(t, c.id, v, r, replace)
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

// patchConversation is PATCH /v1/conversations/{id}, which is declared to take application/json-patch+json although its
// body is a plain object (https://developer.kustomer.com/api/core-resources/update-conversation); clients send
// application/json as well.
func (s *Server) patchConversation(c *call) (*Answer, error) {
	takes := map[string]bool{"application/json-patch+json": s.switches.ConversationPatch != "json",
		"application/json": s.switches.ConversationPatch != "json-patch"}
	if kind, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type")); !takes[kind] {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, code: "unsupported", title: "Unsupported Media Type"}
	}
	return s.updateConversation(c, false)
}

// checkMove holds what moves a conversation to another customer to saying nothing else.
func (s *Server) checkMove(ctx context.Context, v value) error {
	if !v.get("customer").exists() {
		return nil
	}
	if v.len() > 1 {
		return badParameter("customer", "Additional properties not allowed", "/oneOf/1/additionalProperties")
	}
	return s.checkCustomer(ctx, v)
}

// bulkConversations is PUT /v1/conversations/bulk with a list of items, or with ?ids= one object for all of those.
func (s *Server) bulkConversations(c *call) (*Answer, error) {
	if c.query.Has("ids") {
		return s.bulkChangeOf(c, conversationKlass, s.bodies.Load().conversationChange)
	}
	return s.bulkItems(c, bulkConversation, s.bodies.Load().conversationItem)
}

// describe lays a checked body over a conversation. A refusal has written nothing.
func (s *Server) describe(t *tx, id string, v value, r *rule, replace bool) (*conversation, *refusal, error) {
	ctx := context.Background()
	one, err := scanConversation(t.conn.QueryRowContext(ctx, "select "+conversationColumns+
		" from conversations where id=?", id))
	if err != nil {
		return nil, nil, err
	}
	if one == nil || one.deleted() {
		return nil, notFound("id"), nil
	}
	if rev := v.get("rev"); rev.exists() && rev.float() != float64(one.rev) {
		return nil, &refusal{status: http.StatusConflict, code: "conflict", title: "Revision conflict", parameter: "rev"}, nil
	}
	old, err := parse(one.document)
	if err != nil {
		return nil, nil, err
	}
	next := documentOf(v, r)
	if !replace {
		next = s.switches.merge(old, v, r)
	}
	for _, name := range []string{"customer", "status", "firstDone"} { // a conversation is never without the first two
		if before := old.get(name); next.get(name) == nil && before.exists() {
			next = next.set(name, before.raw())
		}
	}
	one.document = s.tagged(t, next).bytes()
	one.rev++
	one.updated = s.now().UnixMilli()
	_, err = t.conn.ExecContext(ctx, "update conversations set rev=?, updated=?, document=? where id=?", one.rev,
		one.updated, one.document, id)
	return one, nil, err
}

func (s *Server) conversation(status int, one *conversation) (*Answer, error) {
	shown, err := s.conversationResource(one)
	if err != nil {
		return nil, err
	}
	return single(status, shown)
}

func (s *Server) conversationResource(one *conversation) (*resource, error) {
	attributes := map[string]json.RawMessage{}
	if err := json.Unmarshal(one.document, &attributes); err != nil {
		return nil, err
	}
	var customer string
	_ = json.Unmarshal(attributes["customer"], &customer) // "" where it has none
	delete(attributes, "customer")
	for _, name := range []string{"custom", "tags"} {
		if attributes[name] != nil {
			attributes[name] = s.present.member(name, attributes[name])
		}
	}
	set := func(name string, x any) { attributes[name], _ = json.Marshal(x) } // none of these can fail
	for _, name := range []string{"endedAt", "importedAt"} {
		if attributes[name] != nil {
			attributes[name] = restamp(attributes[name])
		}
	}
	set("rev", one.rev)
	set("createdAt", stamp(time.UnixMilli(one.created)))
	set("updatedAt", stamp(time.UnixMilli(one.updated)))
	counters, err := s.counters(one.id)
	if err != nil {
		return nil, err
	}
	for name, n := range counters {
		set(name, n)
	}
	if attributes["status"] == nil {
		set("status", "open")
	}
	self := "/v1/conversations/" + one.id
	related := map[string]any{
		"org":      relation("org", s.present.org, "/v1/orgs/"+s.present.org),
		"messages": map[string]any{"links": map[string]string{"self": self + "/messages"}},
	}
	if customer != "" {
		related["customer"] = relation("customer", customer, "/v1/customers/"+customer)
	}
	return &resource{"conversation", one.id, attributes, related, map[string]string{"self": self}}, nil
}

// deleted says whether a conversation was deleted by an update.
func (one *conversation) deleted() bool {
	v, err := parse(one.document)
	return err == nil && v.get("deleted").isTrue()
}

// counts are how many conversations a customer has, in all and by status.
func (s *Server) counts(customer string) (map[string]int, error) {
	counts := map[string]int{"all": 0, "open": 0, "snoozed": 0, "done": 0}
	if !s.talks.Load() {
		return counts, nil
	}
	rows, err := s.store.reads.Query("select json_extract(cast(document as text),'$.status'), count(*) from "+
		"conversations where "+conversationCustomer+"=? and updated<=?"+
		notDeleted+" group by 1", customer, s.now().Add(-s.switches.CountsLag).UnixMilli())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var status string
		var n int
		if err := rows.Scan(&status, &n); err != nil {
			return nil, err
		}
		counts[status], counts["all"] = n, counts["all"]+n
	}
	return counts, rows.Err()
}

// conversationCustomer is the id of a conversation's customer, as the index of them has it.
const conversationCustomer = "json_extract(cast(document as text),'$.customer')"
