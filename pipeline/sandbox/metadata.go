package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
)

// getMetadata is GET /v1/metadata/{klass}.
func (s *Server) getMetadata(c *call) (*Answer, error) {
	k, ok, err := s.store.klass(c.ctx, c.id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, notFound("resource")
	}
	body, err := k.document(c.id, s.present.org)
	return &Answer{Status: http.StatusOK, Body: body}, err
}

// putMetadata is PUT /v1/metadata/{klass}: the properties it names are laid over those there are.
func (s *Server) putMetadata(c *call) (*Answer, error) {
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	var body struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if json.Unmarshal(v.raw(), &body) != nil {
		return nil, badParameter("properties", "Invalid type (expected object)", "/properties/properties/type")
	}
	if len(body.Properties) > 100 {
		return nil, badParameter("properties", "Too many properties defined, maximum 100",
			"/properties/properties/maxProperties")
	}
	s.metadata.Lock()
	defer s.metadata.Unlock()
	k, ok, err := s.store.klass(c.ctx, c.id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, notFound("resource")
	}
	next, err := k.merged(body.Properties, s.now(), c.key.user)
	if err != nil {
		return nil, err
	}
	if most := s.switches.MostAttributes; most > 0 && len(next) > most && len(next) > len(k) {
		return nil, badParameter("properties", "Attribute limit exceeded", "/properties/properties")
	}
	properties, err := json.Marshal(next)
	if err != nil {
		return nil, err
	}
	err = s.writer.write(func(t *tx) error {
		_, err := t.conn.ExecContext(context.Background(), "update klasses set properties=? where name=?", properties, c.id)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.adopt(c.ctx); err != nil {
		return nil, err
	}
	answered, err := next.document(c.id, s.present.org)
	return &Answer{Status: http.StatusOK, Body: answered}, err
}

const customerKlass = "customer"

// adopt makes what the org's Klasses say what bodies are checked against.
func (s *Server) adopt(ctx context.Context) error {
	k, _, err := s.store.klass(ctx, customerKlass)
	company, _, e1 := s.store.klass(ctx, "company")
	conversation, _, e2 := s.store.klass(ctx, conversationKlass)
	message, _, e3 := s.store.klass(ctx, "message")
	kobjects, e4 := s.store.kobjectRules(ctx, s.switches)
	if err := errors.Join(err, e1, e2, e3, e4); err != nil {
		return err
	}
	targets, required := map[string]string{}, []string(nil)
	for name, a := range k {
		if a.Required && a.DeletedAt == "" {
			required = append(required, name)
		}
		if a.Target != "" && a.DeletedAt == "" {
			targets[name] = a.Target
		}
	}
	slices.Sort(required)
	s.required.Store(&required)
	s.targets.Store(&targets)
	s.bodies.Store(newBodies(customRules{
		customer: k.customRule(s.switches), company: company.customRule(s.switches),
		conversation: conversation.customRule(s.switches), message: message.customRule(s.switches), kobjects: kobjects,
	}, s.switches))
	return nil
}
