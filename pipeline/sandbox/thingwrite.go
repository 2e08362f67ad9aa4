package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// place is what a new thing hangs on by the path it was sent to.
type place struct{ customer, conversation string }

// createThing makes a thing from a checked body. Of its results exactly one is not nil; a refusal has written nothing.
func (s *Server) createThing(t *tx, f *family, v value, r *rule, at place, author string, header http.Header) (*thing,
	*refusal, error) {
	now := s.now()
	one := &thing{kind: f.name, rev: 1, created: now.UnixMilli(), updated: now.UnixMilli(), author: author}
	if refused, err := s.placeThing(t, f, one, v, at); refused != nil || err != nil {
		return nil, refused, err
	}
	if one.customer != "" && !(f.exempt && v.get("importedAt").exists()) {
		if refused := s.limiter.create(now, author, one.customer, header); refused != nil {
			return nil, refused, nil
		}
	}
	if id := v.get("externalId"); id.exists() && !id.isNull() {
		one.external = id.string()
		taken, err := t.some("select count(*) from things where kind=? and external=? and deleted=0", f.name, one.external)
		if err != nil || taken && f.once {
			return nil, s.conflict("externalId"), err
		}
	}
	if refused, err := s.backdate(t, f, one, v, author); refused != nil || err != nil {
		return nil, refused, err
	}
	if refused, err := s.attach(t, v); refused != nil || err != nil {
		return nil, refused, err
	}
	if one.parent == "" && f.name == "message" {
		var err error
		if one.parent, err = s.impliedConversation(t, one.customer, author); err != nil {
			return nil, nil, err
		}
	}
	t.nextThing++
	one.row = t.nextThing
	d := s.tagged(t, documentOf(v, r))
	one.document = d.bytes()
	_, err := t.conn.ExecContext(context.Background(), "insert into things values (?,?,?,?,?,?,?,?,?,?,?)",
		one.row, one.kind, one.rev, one.created, one.updated, false, one.author, one.parent, one.customer, one.external,
		one.document)
	if err != nil {
		return nil, nil, err
	}
	t.fire(s.switches, d)
	return one, nil, s.reopen(t, f, one, v)
}

// placeThing finds what a new thing hangs on.
func (s *Server) placeThing(t *tx, f *family, one *thing, v value, at place) (*refusal, error) {
	text := func(name string) string {
		if m := v.get(name); m.exists() && !m.isNull() {
			return m.string()
		}
		return ""
	}
	one.customer = text("customer")
	if at.customer != "" {
		one.customer = at.customer
	}
	if f.isKObject() {
		one.parent = text("company")
		if one.parent != "" {
			there, err := t.some("select count(*) from companies where row=?"+notDeleted,
				s.store.seed.row(companyKind, one.parent))
			if err != nil || !there {
				return badParameter("company", "Company not found", "/properties/company"), err
			}
		}
		return s.customerThere(t, one.customer)
	}
	one.parent = text("conversation")
	if at.conversation != "" {
		one.parent = at.conversation
	}
	if one.parent == "" && f.name == "message" && one.customer != "" && !s.switches.ConversationNeeded {
		return s.customerThere(t, one.customer)
	}
	talk, err := scanConversation(t.conn.QueryRowContext(context.Background(), "select "+conversationColumns+
		" from conversations where id=?", one.parent))
	if err != nil {
		return nil, err
	}
	if talk == nil || talk.deleted() {
		return badParameter("conversation", "Conversation not found", "/properties/conversation"), nil
	}
	owner := talk.customer()
	if one.customer != "" && one.customer != owner {
		switch s.switches.CustomerMismatch {
		case "accept":
			return nil, nil
		case "":
			return badParameter("customer", "Customer does not match the conversation", "/properties/customer"), nil
		}
	}
	one.customer = owner
	return nil, nil
}

func (s *Server) customerThere(t *tx, id string) (*refusal, error) {
	if id == "" {
		return nil, nil
	}
	one, err := t.customer(s.store.seed.row(customerKind, id))
	if err != nil || one == nil || one.deleted {
		return badParameter("customer", "Customer not found", "/properties/customer"), err
	}
	return nil, nil
}

// impliedConversation makes the conversation of a message that names none.
func (s *Server) impliedConversation(t *tx, customer, author string) (string, error) {
	now := s.now().UnixMilli()
	t.nextConversation++
	id := t.seed.id(conversationKind, t.nextConversation)
	text, _ := json.Marshal(map[string]string{"customer": customer, "status": "open"}) // texts always marshal
	_, err := t.conn.ExecContext(context.Background(), "insert into conversations values (?,1,?,?,?,?)", id, now, now,
		author, text)
	s.talks.Store(true)
	return id, err
}

// customer is the id of a conversation's customer, "" none.
func (one *conversation) customer() string {
	v, err := parse(one.document)
	if err != nil || !v.get("customer").exists() {
		return ""
	}
	return v.get("customer").string()
}

// backdate takes over when and by whom a thing was made, where its author may say so.
func (s *Server) backdate(t *tx, f *family, one *thing, v value, author string) (*refusal, error) {
	if f.authed && !s.keys.admins[author] {
		return nil, nil
	}
	if at, ok := momentOf(v.get("createdAt")); ok {
		one.created = at.UnixMilli()
	}
	by := v.get("createdBy")
	if !f.authed || !by.exists() || by.isNull() {
		return nil, nil
	}
	there, err := t.some("select count(*) from people where kind='user' and row=?",
		s.store.seed.row(userKind, by.string()))
	switch {
	case err != nil:
		return nil, err
	case there || s.switches.MessageAuthors == "any":
		one.author = by.string()
	case s.switches.MessageAuthors == "":
		return badParameter("createdBy", "User not found", "/properties/createdBy"), nil
	}
	return nil, nil
}

func momentOf(v value) (time.Time, bool) {
	if !v.exists() || v.isNull() {
		return time.Time{}, false
	}
	return moment(v.bytes())
}

// reopen opens a conversation that is done when a message of its customer comes.
func (s *Server) reopen(t *tx, f *family, one *thing, v value) error {
	if f.name != "message" || v.get("direction").exists() && v.get("direction").string() != "in" {
		return nil
	}
	if s.switches.InboundReopens == "no" || s.switches.InboundReopens == "ifNotImported" && v.get("importedAt").exists() {
		return nil
	}
	_, err := t.conn.ExecContext(context.Background(),
		"update conversations set rev=rev+1, updated=?, document=cast(json_set(cast(document as text),'$.status','open') "+
			"as blob) "+
			"where id=? and json_extract(cast(document as text),'$.status')='done'", s.now().UnixMilli(), one.parent)
	return err
}

// updateThing changes a thing by a checked body.
func (s *Server) updateThing(t *tx, f *family, id string, v value, r *rule, author string) (*thing, *refusal, error) {
	one, err := scanThing(t.conn.QueryRowContext(context.Background(), "select "+thingColumns+
		" from things where row=? and kind=? and deleted=0", s.store.seed.row(f.id, id), f.name))
	switch {
	case err != nil:
		return nil, nil, err
	case one == nil:
		return nil, notFound("id"), nil
	}
	if rev := v.get("rev"); rev.exists() && rev.float() != float64(one.rev) {
		return nil, &refusal{status: http.StatusConflict, code: "conflict", title: "Revision conflict", parameter: "rev"}, nil
	}
	old, err := parse(one.document)
	if err != nil {
		return nil, nil, err
	}
	if refused, err := s.attach(t, v); refused != nil || err != nil {
		return nil, refused, err
	}
	if refused, err := s.backdate(t, f, one, v, author); refused != nil || err != nil {
		return nil, refused, err
	}
	d := s.tagged(t, s.switches.merge(old, v, r))
	one.document, one.rev, one.updated = d.bytes(), one.rev+1, s.now().UnixMilli()
	if id := v.get("externalId"); id.exists() && !id.isNull() {
		one.external = id.string()
	}
	if v.get("deleted").isTrue() {
		one.deleted = true
	}
	t.fire(s.switches, d)
	_, err = t.conn.ExecContext(context.Background(),
		"update things set rev=?, created=?, updated=?, deleted=?, author=?, external=?, document=? where row=?",
		one.rev, one.created, one.updated, one.deleted, one.author, one.external, one.document, one.row)
	return one, nil, err
}

// removeThing deletes a thing.
func (s *Server) removeThing(t *tx, f *family, id string) (*thing, *refusal, error) {
	one, err := scanThing(t.conn.QueryRowContext(context.Background(), "select "+thingColumns+
		" from things where row=? and kind=? and deleted=0", s.store.seed.row(f.id, id), f.name))
	switch {
	case err != nil:
		return nil, nil, err
	case one == nil:
		return nil, notFound("id"), nil
	}
	_, err = t.conn.ExecContext(context.Background(), "update things set deleted=1, updated=?, rev=rev+1 where row=?",
		s.now().UnixMilli(), one.row)
	return one, nil, err
}
