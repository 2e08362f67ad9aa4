package sandbox

import (
	"context"
	"net/http"
	"strings"
)

// createCustomer is POST /v1/customers.
func (s *Server) createCustomer(c *call) (*Answer, error) {
	v, r, err := s.customerBody(c)
	if err != nil {
		return nil, err
	}
	return s.written(http.StatusCreated, func(t *tx) (*record, *refusal, error) {
		return s.create(t, v, r, c.key.user)
	})
}

// customerBody is the body of a single write, checked.
func (s *Server) customerBody(c *call) (value, *rule, error) {
	v, err := c.parseBody()
	if err != nil {
		return value{}, nil, err
	}
	r := s.bodies.Load().single
	if found := s.checker.check(v, r, ""); found != nil {
		return value{}, nil, found.refusal("")
	}
	return v, r, s.checkReferences(c.ctx, v)
}

// written runs a single write and answers with the customer it left.
func (s *Server) written(status int, do func(*tx) (*record, *refusal, error)) (*Answer, error) {
	return writtenAs(s, status, do, func(one *record) (*Answer, error) {
		shown, err := s.present.customer(one)
		if err != nil {
			return nil, err
		}
		return single(status, shown)
	})
}

// writtenAs runs a single write and shows what it left, unless its status is that there is nothing to show.
func writtenAs[T any](s *Server, status int, do func(*tx) (T, *refusal, error),
	show func(T) (*Answer, error)) (*Answer, error) {
	var one T
	var refused *refusal
	err := s.writer.write(func(t *tx) (err error) {
		one, refused, err = do(t)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		return nil, refused
	case status == http.StatusNoContent:
		return &Answer{Status: status}, nil
	}
	return show(one)
}

// getCustomer is GET /v1/customers/{id}, where the segment may be a key and its value.
func (s *Server) getCustomer(c *call) (*Answer, error) {
	one, missing, err := s.resolve(c.ctx, c.id)
	switch {
	case err != nil:
		return nil, err
	case one == nil:
		return nil, notFound(missing)
	}
	shown, err := s.present.customer(one)
	if err != nil {
		return nil, err
	}
	return single(http.StatusOK, shown)
}

// resolve finds a customer by a path segment; when there is none, missing names the parameter that found nothing.
func (s *Server) resolve(ctx context.Context, segment string) (one *record, missing string, err error) {
	key, v, keyed := strings.Cut(segment, "=")
	if !keyed {
		one, err = s.find(ctx, segment)
		return one, "id", err
	}
	kind, known := map[string]byte{"externalId": byExternalID, "email": byEmail, "phone": byPhone}[key]
	if !known {
		return nil, "id", nil
	}
	one, err = s.lookup(ctx, s.identities.identity(kind, "", v))
	return one, key, err
}

// putCustomer is PUT /v1/customers/{id}.
func (s *Server) putCustomer(c *call) (*Answer, error) {
	replace, err := s.replaces(c)
	if err != nil {
		return nil, err
	}
	return s.updateCustomer(c, replace)
}

// replaces is what a PUT says of the members that it leaves out: true, they go.
func (s *Server) replaces(c *call) (bool, error) {
	switch c.query.Get("replace") {
	case "":
		return s.switches.PutReplaces, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, badParameter("replace", "Invalid type: string (expected boolean)", "/properties/replace/type")
}

// patchCustomer is PATCH /v1/customers/{id}.
func (s *Server) patchCustomer(c *call) (*Answer, error) { return s.updateCustomer(c, false) }

func (s *Server) updateCustomer(c *call, replace bool) (*Answer, error) {
	if err := s.limiter.update(s.now(), c.key.user, c.id, c.header); err != nil {
		return nil, err
	}
	v, r, err := s.customerBody(c)
	if err != nil {
		return nil, err
	}
	return s.written(http.StatusOK, func(t *tx) (*record, *refusal, error) {
		return s.update(t, s.store.seed.row(customerKind, c.id), v, r, replace, c.key.user)
	})
}

// deleteCustomer is DELETE /v1/customers/{id}.
func (s *Server) deleteCustomer(c *call) (*Answer, error) {
	return s.written(http.StatusNoContent, func(t *tx) (*record, *refusal, error) {
		return s.remove(t, s.store.seed.row(customerKind, c.id))
	})
}

// checkReferences refuses ids in a checked body that lead nowhere: the company, and custom attributes that name their
// target.
func (s *Server) checkReferences(ctx context.Context, v value) error {
	if company := v.get("company"); company.exists() && !company.isNull() {
		ok, err := s.companyExists(ctx, company.string())
		if err != nil {
			return err
		}
		if !ok {
			return badParameter("company", "Company not found", "/properties/company")
		}
	}
	custom := v.get("custom")
	if !custom.exists() {
		return nil
	}
	targets := *s.targets.Load()
	for name, m := range custom.members() {
		target, ok := targets[string(name.bytes())]
		if !ok {
			continue
		}
		if err := s.checkTarget(ctx, name.string(), target, m); err != nil {
			return err
		}
	}
	return nil
}

// checkTarget looks for the customer or company that m, an id or a list of them, means.
func (s *Server) checkTarget(ctx context.Context, name, target string, m value) error {
	if m.isList() {
		for _, item := range m.items() {
			if err := s.checkTarget(ctx, name, target, item); err != nil {
				return err
			}
		}
		return nil
	}
	if m.isNull() {
		return nil
	}
	var ok bool
	var err error
	switch target {
	case "customer":
		var one *record
		one, err = s.find(ctx, m.string())
		ok = one != nil
	case "company":
		ok, err = s.companyExists(ctx, m.string())
	default:
		ok = true // things the sandbox does not hold
	}
	if err == nil && !ok {
		err = badParameter(name, "Target not found", "/properties/custom/properties/"+name)
	}
	return err
}
