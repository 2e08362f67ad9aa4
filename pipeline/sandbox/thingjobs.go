package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// bulkRules are the rules of the bodies of bulk requests about things: of an item, or of the one object that is for
// many ids.
func (s *Server) bulkRules(things string, does act) (*rule, error) {
	b := s.bodies.Load()
	switch {
	case things == "company" && does == bulkCreate:
		return b.companyNew, nil
	case things == "company":
		return b.companyItem, nil
	case things == "conversation" && does == bulkCreate:
		return b.conversationNew, nil
	case things == "conversation":
		return b.conversationChange, nil
	}
	f, err := s.family(things)
	switch {
	case err != nil:
		return nil, err
	case does == bulkCreate:
		return f.bodies.newItem, nil
	}
	return f.bodies.item, nil
}

// bulkOf is a bulk endpoint of things: a list of items, or with ?ids= one object for all of those, or none.
func (s *Server) bulkOf(name string, does act) func(*call) (*Answer, error) {
	return func(c *call) (*Answer, error) {
		things := name
		if things == "" {
			things = kobjectPrefix + c.name
		}
		r, err := s.bulkRules(things, does)
		if err != nil {
			return nil, err
		}
		switch {
		case does == bulkDelete:
			ids, err := c.ids()
			if err != nil {
				return nil, err
			}
			c.Body = nil
			return s.submit(c, &job{act: bulkDelete, things: things, ids: ids})
		case does == bulkUpdate && c.query.Has("ids") && things != "company":
			return s.bulkChangeOf(c, things, r)
		}
		if strings.HasPrefix(things, kobjectPrefix) && !s.switches.KObjectClientRef {
			if v, err := parse(c.Body); err == nil && v.isList() {
				for _, item := range v.items() {
					if item.isGroup() && item.get("_clientRef").exists() {
						return nil, badParameter("_clientRef", "Additional properties not allowed", "/items/additionalProperties")
					}
				}
			}
		}
		return s.bulkThings(c, things, does, r)
	}
}

// bulkChangeOf is a bulk PUT with ?ids=.
func (s *Server) bulkChangeOf(c *call, things string, r *rule) (*Answer, error) {
	ids, err := c.ids()
	if err != nil {
		return nil, err
	}
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	if v.get("_clientRef").exists() {
		return nil, badParameter("_clientRef", "Additional properties not allowed", "/additionalProperties")
	}
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	return s.submit(c, &job{act: bulkChange, things: things, ids: ids, items: []value{v}})
}

// thing applies one item of a job about things.
func (j *job) thing(t *tx, v value, i int) (result, error) {
	r, err := j.s.bulkRules(j.things, j.act)
	if err != nil {
		return result{}, err
	}
	ref, status, id := value{}, map[act]string{bulkCreate: "created", bulkDelete: "deleted"}[j.act], ""
	if status == "" {
		status = "updated"
	}
	if j.ids != nil {
		id = j.ids[i]
	} else {
		ref = v.get("_clientRef")
		if j.act == bulkUpdate {
			id = v.get("id").string()
		}
		if refused := j.unfit(v, r); refused != nil {
			return result{ref: ref, status: "error", err: refused.text()}, nil
		}
	}
	made, refused, err := j.apply(t, v, r, id)
	switch {
	case err != nil:
		return result{}, err
	case refused != nil:
		return result{ref: ref, status: "error", err: refused.text()}, nil
	}
	return result{ref: ref, status: status, id: made}, nil
}

// apply does what a job does to one thing, and gives its id.
func (j *job) apply(t *tx, v value, r *rule, id string) (string, *refusal, error) {
	switch j.things {
	case "company":
		return j.company(t, v, r, id)
	case "conversation":
		var one *conversation
		var refused *refusal
		var err error
		if j.act == bulkCreate {
			one, refused, err = j.s.bulkConversationNew(t, v, r, j.author)
		} else {
			one, refused, err = j.s.describe(t, id, v, r, false)
		}
		if refused != nil || err != nil {
			return "", refused, err
		}
		return one.id, nil, nil
	}
	f, err := j.s.family(j.things)
	if err != nil {
		return "", nil, err
	}
	var one *thing
	var refused *refusal
	switch j.act {
	case bulkCreate:
		one, refused, err = j.s.createThing(t, f, v, r, place{}, j.author, http.Header{})
	case bulkDelete:
		one, refused, err = j.s.removeThing(t, f, id)
	default:
		one, refused, err = j.s.updateThing(t, f, id, v, r, j.author)
	}
	if refused != nil || err != nil {
		return "", refused, err
	}
	return j.s.idOf(f, one), nil, nil
}

// company makes or changes a company.
func (j *job) company(t *tx, v value, r *rule, id string) (string, *refusal, error) {
	row := int64(0)
	if j.act != bulkCreate {
		row = j.s.store.seed.row(companyKind, id)
	}
	if taken, err := t.companyTaken(j.s.switches, row, v); taken != "" || err != nil {
		return "", j.s.conflict(taken), err
	}
	if j.act == bulkCreate {
		one, err := j.s.newCompany(t, v, r, j.author)
		if err != nil {
			return "", nil, err
		}
		return j.s.store.seed.id(companyKind, one.row), nil, nil
	}
	_, refused, err := j.s.changeCompany(t, id, v, r)
	return id, refused, err
}

// Thing is one message, note or KObject as it is stored.
type Thing struct {
	ID, Kind, Author, Parent, Customer string
	Rev                                int64
	Document                           json.RawMessage
}

// Things returns every thing of a kind that is not deleted, in the order of creation: "message", "note",
// "kobject.order".
func (s *Server) Things(ctx context.Context, kind string) (all []Thing, err error) {
	f, err := s.family(kind)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.reads.QueryContext(ctx, "select "+thingColumns+
		" from things where kind=? and deleted=0 order by row", kind)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scanThing(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, Thing{s.idOf(f, one), one.kind, one.author, one.parent, one.customer, one.rev, one.document})
	}
	return all, rows.Err()
}
