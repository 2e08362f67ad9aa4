package sandbox

import (
	"net/http"
)

// thingRoutes are the endpoints of messages, notes and KObjects.
func (s *Server) thingRoutes() []route {
	return []route{
		{"POST /v1/messages", roleMessageCreate, s.makes("message")},
		{"POST /v1/conversations/{id}/messages", roleMessageCreate, s.makes("message")},
		{"POST /v1/customers/{id}/messages", roleMessageCreate, s.makesOfCustomer("message")},
		{"GET /v1/messages", roleMessageRead, s.lists("message", "")},
		{"GET /v1/conversations/{id}/messages", roleMessageRead, s.lists("message", "parent")},
		{"GET /v1/customers/{id}/messages", roleMessageRead, s.lists("message", "customer")},
		{"GET /v1/messages/{id}", roleMessageRead, s.shows("message")},
		{"PUT /v1/messages/{id}", roleMessageUpdate, s.changes("message")},
		{"PATCH /v1/messages/{id}", roleMessageUpdate, s.changes("message")},
		{"POST /v1/messages/bulk", roleMessageCreate, s.bulkOf("message", bulkCreate)},
		{"PUT /v1/messages/bulk", roleMessageUpdate, s.bulkOf("message", bulkUpdate)},
		{"POST /v1/notes", roleNoteCreate, s.makes("note")},
		{"POST /v1/conversations/{id}/notes", roleNoteCreate, s.makes("note")},
		{"GET /v1/notes", roleNoteRead, s.lists("note", "")},
		{"GET /v1/conversations/{id}/notes", roleNoteRead, s.lists("note", "parent")},
		{"GET /v1/customers/{id}/notes", roleNoteRead, s.lists("note", "customer")},
		{"GET /v1/notes/{id}", roleNoteRead, s.shows("note")},
		{"PUT /v1/notes/{id}", roleNoteUpdate, s.changes("note")},
		{"PATCH /v1/notes/{id}", roleNoteUpdate, s.changes("note")},
		{"DELETE /v1/notes/{id}", roleNoteDelete, s.removes("note")},
		{"POST /v1/notes/bulk", roleNoteCreate, s.bulkOf("note", bulkCreate)},
		{"PUT /v1/notes/bulk", roleNoteUpdate, s.bulkOf("note", bulkUpdate)},
		{"POST /v1/klasses/{name}", roleKObjectCreate, s.makes("")},
		{"POST /v1/customers/{id}/klasses/{name}", roleKObjectCreate, s.makesOfCustomer("")},
		{"GET /v1/klasses/{name}", roleKlassRead, s.lists("", "")},
		{"GET /v1/customers/{id}/klasses/{name}", roleCustomerRead, s.lists("", "customer")},
		{"GET /v1/companies/{id}/klasses/{name}", roleCompanyRead, s.lists("", "parent")},
		{"GET /v1/klasses/{name}/{id}", roleKObjectRead, s.shows("")},
		{"PUT /v1/klasses/{name}/{id}", roleKObjectUpdate, s.changes("")},
		{"DELETE /v1/klasses/{name}/{id}", roleKObjectDelete, s.removes("")},
		{"POST /v1/klasses/{name}/bulk", roleKObjectCreate, s.bulkOf("", bulkCreate)},
		{"PUT /v1/klasses/{name}/bulk", roleKObjectUpdate, s.bulkOf("", bulkUpdate)},
		{"DELETE /v1/klasses/{name}/bulk", roleKObjectDelete, s.bulkOf("", bulkDelete)},
	}
}

// familyIn is the family that a call is about: that of a name, "" the Klass in its path.
func (s *Server) familyIn(c *call, name string) (*family, error) {
	if name == "" {
		name = kobjectPrefix + c.name
	}
	return s.family(name)
}

func (s *Server) lists(name, by string) func(*call) (*Answer, error) {
	return func(c *call) (*Answer, error) {
		f, err := s.familyIn(c, name)
		if err != nil {
			return nil, err
		}
		if by == "" {
			return s.listThings(c, f, "true")
		}
		return s.listThings(c, f, by+"=?", c.id)
	}
}

func (s *Server) shows(name string) func(*call) (*Answer, error) {
	return func(c *call) (*Answer, error) {
		f, err := s.familyIn(c, name)
		if err != nil {
			return nil, err
		}
		return s.getThing(c, f)
	}
}

// makes makes a thing: of the conversation in its path, or of what its body says.
func (s *Server) makes(name string) func(*call) (*Answer, error) {
	return func(c *call) (*Answer, error) { return s.makeThing(c, name, place{conversation: c.id}) }
}

func (s *Server) makesOfCustomer(name string) func(*call) (*Answer, error) {
	return func(c *call) (*Answer, error) { return s.makeThing(c, name, place{customer: c.id}) }
}

func (s *Server) makeThing(c *call, name string, at place) (*Answer, error) {
	f, err := s.familyIn(c, name)
	if err != nil {
		return nil, err
	}
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := f.bodies.create
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	if f.name == "message" && at == (place{}) && !v.get("direction").exists() {
		return nil, badParameter("direction", "Missing required property: direction", "/required/0")
	}
	return s.writtenThing(http.StatusCreated, f, func(t *tx) (*thing, *refusal, error) {
		return s.createThing(t, f, v, r, at, c.key.user, c.header)
	})
}

func (s *Server) changes(name string) func(*call) (*Answer, error) {
	return func(c *call) (*Answer, error) {
		f, err := s.familyIn(c, name)
		if err != nil {
			return nil, err
		}
		if err := s.limiter.update(s.now(), c.key.user, c.id, c.header); err != nil {
			return nil, err
		}
		v, err := c.parseBody()
		if err != nil {
			return nil, err
		}
		r := f.bodies.update
		if c.Method == http.MethodPatch {
			r = f.bodies.item
		}
		if found := s.checker.check(v, r, ""); found != nil {
			return nil, found.refusal("")
		}
		return s.writtenThing(http.StatusOK, f, func(t *tx) (*thing, *refusal, error) {
			return s.updateThing(t, f, c.id, v, r, c.key.user)
		})
	}
}

func (s *Server) removes(name string) func(*call) (*Answer, error) {
	return func(c *call) (*Answer, error) {
		f, err := s.familyIn(c, name)
		if err != nil {
			return nil, err
		}
		return s.writtenThing(http.StatusNoContent, f, func(t *tx) (*thing, *refusal, error) {
			return s.removeThing(t, f, c.id)
		})
	}
}

func (s *Server) writtenThing(status int, f *family, do func(*tx) (*thing, *refusal, error)) (*Answer, error) {
	return writtenAs(s, status, do, func(one *thing) (*Answer, error) { return s.thing(status, f, one) })
}
