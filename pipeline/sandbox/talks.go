package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// getConversation is GET /v1/conversations/{id}, where the segment may be externalId=VALUE, or list several ids.
func (s *Server) getConversation(c *call) (*Answer, error) {
	if value, keyed := strings.CutPrefix(c.id, "externalId="); keyed {
		one, err := scanConversation(s.store.reads.QueryRowContext(c.ctx, "select "+conversationColumns+
			" from conversations where json_extract(cast(document as text),'$.externalId')=?"+notDeleted+" order by id limit 1",
			value))
		switch {
		case err != nil:
			return nil, err
		case one == nil:
			return nil, notFound("externalId")
		}
		return s.conversation(http.StatusOK, one)
	}
	data := []*resource{}
	ids := strings.Split(c.id, ",")
	for _, id := range ids {
		one, err := scanConversation(s.store.reads.QueryRowContext(c.ctx, "select "+conversationColumns+
			" from conversations where id=?", id))
		switch {
		case err != nil:
			return nil, err
		case (one == nil || one.deleted()) && len(ids) == 1:
			return nil, notFound("id")
		case one == nil || one.deleted():
			continue
		}
		shown, err := s.conversationResource(one)
		if err != nil {
			return nil, err
		}
		data = append(data, shown)
	}
	if len(ids) == 1 {
		return single(http.StatusOK, data[0])
	}
	return answer(http.StatusOK, map[string]any{"data": data})
}

// listConversations is GET /v1/conversations, and that of one customer.
func (s *Server) listConversations(c *call) (*Answer, error) {
	page, err := c.number("page", 1, orDefault(s.switches.ListPages, unbounded))
	if err != nil {
		return nil, err
	}
	size, err := c.number("pageSize", mostListed, mostListed)
	if err != nil {
		return nil, err
	}
	where, args := "true"+notDeleted, []any(nil)
	if c.id != "" {
		where, args = where+" and "+conversationCustomer+"=?", append(args, c.id)
	}
	var total int
	if err := s.store.reads.QueryRowContext(c.ctx, "select count(*) from conversations where "+where,
		args...).Scan(&total); err != nil {
		return nil, err
	}
	rows, err := s.store.reads.QueryContext(c.ctx, "select id from conversations where "+where+
		" order by id limit ? offset ?", append(args, size, (page-1)*size)...)
	if err != nil {
		return nil, err
	}
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			rows.Close()
			return nil, err
		}
		ids = append(ids, id)
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	data := []*resource{}
	for _, id := range ids {
		one, err := scanConversation(s.store.reads.QueryRowContext(c.ctx, "select "+conversationColumns+
			" from conversations where id=?", id))
		if err != nil {
			return nil, err
		}
		shown, err := s.conversationResource(one)
		if err != nil {
			return nil, err
		}
		data = append(data, shown)
	}
	return pageAnswer(c, data, total, page, size)
}

// deleteConversation is DELETE /v1/conversations/{id}.
func (s *Server) deleteConversation(c *call) (*Answer, error) {
	var refused *refusal
	err := s.writer.write(func(t *tx) error {
		refused = nil
		ctx := context.Background()
		one, err := scanConversation(t.conn.QueryRowContext(ctx, "select "+conversationColumns+
			" from conversations where id=?", c.id))
		if err != nil {
			return err
		}
		if one == nil || one.deleted() {
			refused = notFound("id")
			return nil
		}
		at := s.now().UnixMilli()
		if _, err := t.conn.ExecContext(ctx, "update conversations set rev=rev+1, updated=?, "+
			"document=cast(json_set(cast(document as text),'$.deleted',json('true')) as blob) where id=?", at,
			c.id); err != nil {
			return err
		}
		if s.switches.ConversationDeleteLeaves {
			return nil
		}
		_, err = t.conn.ExecContext(ctx, "update things set deleted=1, updated=? where parent=?", at, c.id)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		return nil, refused
	}
	return &Answer{Status: http.StatusNoContent}, nil
}

// counters are how many messages and notes a conversation has.
func (s *Server) counters(id string) (map[string]int, error) {
	all := map[string]int{"messageCount": 0, "noteCount": 0, "inboundMessageCount": 0, "outboundMessageCount": 0}
	rows, err := s.store.reads.Query("select kind, ifnull(json_extract(cast(document as text),'$.direction'),''), "+
		"count(*) from things where parent=? and deleted=0 and updated<=? group by 1, 2",
		id, s.now().Add(-s.switches.CountersLag).UnixMilli())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind, direction string
		var n int
		if err := rows.Scan(&kind, &direction, &n); err != nil {
			return nil, err
		}
		all[kind+"Count"] += n
		if kind == "message" {
			all[direction+"boundMessageCount"] += n
		}
	}
	return all, rows.Err()
}

// limitNew counts a new conversation of its customer, unless it says when it was imported.
func (s *Server) limitNew(v value, author string, header http.Header) *refusal {
	if v.get("importedAt").exists() || !v.get("customer").exists() {
		return nil
	}
	return s.limiter.create(s.now(), author, v.get("customer").string(), header)
}

// with is a body with one more text in it.
func with(v value, name, text string) (value, error) {
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(v.raw(), &all); err != nil {
		return value{}, err
	}
	all[name], _ = json.Marshal(text) // a text always marshals
	body, err := json.Marshal(all)
	if err != nil {
		return value{}, err
	}
	return parse(body)
}

// bulkConversationNew makes a conversation of an item of a job.
func (s *Server) bulkConversationNew(t *tx, v value, r *rule, author string) (*conversation, *refusal, error) {
	if refused, err := s.customerThere(t, v.get("customer").string()); refused != nil || err != nil {
		return nil, refused, err
	}
	if refused := s.limitNew(v, author, http.Header{}); refused != nil {
		return nil, refused, nil
	}
	now := s.now()
	one := &conversation{rev: 1, created: s.conversationDate(v, author, now).UnixMilli(), updated: now.UnixMilli(),
		author: author}
	if refused, err := s.identifyConversation(t, one, v); refused != nil || err != nil {
		return nil, refused, err
	}
	d := s.tagged(t, s.newConversation(v, r, now, now))
	one.document = d.bytes()
	_, err := t.conn.ExecContext(context.Background(), "insert into conversations values (?,?,?,?,?,?)", one.id, one.rev,
		one.created, one.updated, one.author, one.document)
	s.talks.Store(true)
	t.fire(s.switches, d)
	return one, nil, err
}

// addTags is POST /v1/conversations/{id}/tags, which makes tags that are not there.
func (s *Server) addTags(c *call) (*Answer, error) {
	return s.retag(c, func(have, given []string) []string {
		for _, one := range given {
			if !slices.Contains(have, one) {
				have = append(have, one)
			}
		}
		return have
	})
}

// removeTags is DELETE /v1/conversations/{id}/tags.
func (s *Server) removeTags(c *call) (*Answer, error) {
	return s.retag(c, func(have, given []string) []string {
		return slices.DeleteFunc(have, func(one string) bool { return slices.Contains(given, one) })
	})
}

func (s *Server) retag(c *call, change func(have, given []string) []string) (*Answer, error) {
	var given []string
	if json.Unmarshal(c.Body, &given) != nil || len(given) == 0 || len(given) > 20 {
		return nil, badParameter("body", "Invalid type (expected array)", "/type")
	}
	var one *conversation
	var refused *refusal
	err := s.writer.write(func(t *tx) (err error) {
		one, err = scanConversation(t.conn.QueryRowContext(context.Background(), "select "+conversationColumns+
			" from conversations where id=?", c.id))
		if err != nil {
			return err
		}
		if refused = nil; one == nil || one.deleted() {
			refused = notFound("id")
			return nil
		}
		var d struct{ Tags []string }
		if err := json.Unmarshal(one.document, &d); err != nil {
			return err
		}
		for i, name := range given {
			if isObjectID([]byte(name)) && t.tagName(name) != "" {
				given[i] = t.tagName(name)
			}
		}
		tags := change(d.Tags, given)
		if len(tags) > 20 {
			refused = badParameter("tags", "Array is too long, maximum 20", "/maxItems")
			return nil
		}
		text, _ := json.Marshal(map[string]any{"tags": tags}) // texts always marshal
		v, err := parse(text)
		if err != nil {
			return err
		}
		one, refused, err = s.describe(t, c.id, v, s.bodies.Load().conversationUpdate, false)
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
