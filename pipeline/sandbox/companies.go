package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// Companies are held only so far that customers can be linked to them.

// createCompany is POST /v1/companies.
func (s *Server) createCompany(c *call) (*Answer, error) {
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := s.bodies.Load().company
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	now := s.now().UnixMilli()
	one := &record{rev: 1, created: now, updated: now, author: c.key.user, document: documentOf(v, r).bytes()}
	err = s.writer.write(func(t *tx) error {
		t.nextCompany++
		one.row = t.nextCompany
		_, err := t.insertCompany.ExecContext(context.Background(), one.row, one.rev, now, now, one.author, one.document)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.company(http.StatusCreated, one)
}

// getCompany is GET /v1/companies/{id}.
func (s *Server) getCompany(c *call) (*Answer, error) {
	one := &record{row: s.store.seed.row(companyKind, c.id)}
	err := s.store.reads.QueryRowContext(c.ctx, "select rev, created, updated, author, document from companies where row=?", one.row).
		Scan(&one.rev, &one.created, &one.updated, &one.author, &one.document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("id")
	}
	if err != nil {
		return nil, err
	}
	return s.company(http.StatusOK, one)
}

func (s *Server) company(status int, one *record) (*Answer, error) {
	attributes := map[string]any{}
	if err := json.Unmarshal(one.document, &attributes); err != nil {
		return nil, err
	}
	attributes["rev"] = one.rev
	attributes["createdAt"] = stamp(time.UnixMilli(one.created))
	attributes["updatedAt"] = stamp(time.UnixMilli(one.updated))
	id := s.store.seed.id(companyKind, one.row)
	return single(status, &resource{"company", id, attributes, map[string]any{
		"org":       relation("org", s.present.org, "/v1/orgs/"+s.present.org),
		"createdBy": relation("user", one.author, "/v1/users/"+one.author),
	}, map[string]string{"self": "/v1/companies/" + id}})
}

func (s *Server) companyExists(ctx context.Context, id string) (bool, error) {
	var n int
	err := s.store.reads.QueryRowContext(ctx, "select count(*) from companies where row=?", s.store.seed.row(companyKind, id)).Scan(&n)
	return n > 0, err
}
