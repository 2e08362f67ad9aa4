package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Companies are held only so far that customers can be linked to them: they can be made, changed, read by id, listed by external id
// or by name, and searched.

// createCompany is POST /v1/companies.
func (s *Server) createCompany(c *call) (*Answer, error) {
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := s.bodies.Load().companyCreate
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	now := s.now().UnixMilli()
	one := &record{rev: 1, created: now, updated: now, author: c.key.user, document: documentOf(v, r).bytes()}
	taken := ""
	err = s.writer.write(func(t *tx) error {
		if taken, err = t.companyTaken(s.switches, 0, v); taken != "" || err != nil {
			return err
		}
		t.nextCompany++
		one.row = t.nextCompany
		_, err := t.insertCompany.ExecContext(context.Background(), one.row, one.rev, now, now, one.author, one.document)
		return err
	})
	if err != nil {
		return nil, err
	}
	if taken != "" {
		return nil, s.conflict(taken)
	}
	return s.company(http.StatusCreated, one)
}

// conflict refuses what another has already.
func (s *Server) conflict(parameter string) *refusal {
	return &refusal{status: orDefault(s.switches.DuplicateStatus, http.StatusConflict), code: "conflict", title: "Conflict", parameter: parameter}
}

// companyTaken names the first member of v that another company than the one in row has and no two may have; "" none.
func (t *tx) companyTaken(w Switches, row int64, v value) (string, error) {
	own := map[string]string{"domains": "domain", "emails": "email", "phones": "phone"}
	for _, name := range []string{"externalId", w.CompanyUnique} {
		m := v.get(name)
		if !m.exists() || m.isNull() || name == "externalId" && w.CompanyExternalIDShared {
			continue
		}
		for _, term := range scalars(m, own[name]) {
			query, args := "select count(*) from companies where "+companyExternalID+"=? and row<>?", []any{term, row}
			if name != "externalId" {
				query = "select count(*) from companies, json_each(cast(document as text),'$.'||?) where lower(json_extract(value,'$.'||?))=lower(?) and row<>?"
				args = []any{name, own[name], term, row}
			}
			if !w.CompanyDeleteReserves {
				query += notDeleted
			}
			var n int
			if err := t.conn.QueryRowContext(context.Background(), query, args...).Scan(&n); err != nil || n > 0 {
				return name, err
			}
		}
	}
	return "", nil
}

// notDeleted leaves out the companies that are deleted.
const notDeleted = " and json_extract(cast(document as text),'$.deleted') is not 1"

// companyExternalID is a company's external id, as the index of them has it.
const companyExternalID = "json_extract(cast(document as text),'$.externalId')"

const companyColumns = "row, rev, created, updated, author, document"

// getCompany is GET /v1/companies/{id}. No path of an external id is documented: it is listed by.
func (s *Server) getCompany(c *call) (*Answer, error) {
	one := &record{}
	err := s.store.reads.QueryRowContext(c.ctx, "select "+companyColumns+" from companies where row=?", s.store.seed.row(companyKind, c.id)).
		Scan(&one.row, &one.rev, &one.created, &one.updated, &one.author, &one.document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("id")
	}
	if err != nil {
		return nil, err
	}
	return s.company(http.StatusOK, one)
}

// putCompany is PUT /v1/companies/{id}, by which a company is deleted, too
// (https://developer.kustomer.com/kustomer-apps-platform/docs/tutorial-delete-companies-with-the-kustomer-api).
func (s *Server) putCompany(c *call) (*Answer, error) {
	if err := s.limiter.update(s.now(), c.key.user, c.id, c.header); err != nil {
		return nil, err
	}
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := s.bodies.Load().companyUpdate
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	one := &record{}
	var refused *refusal
	err = s.writer.write(func(t *tx) error {
		one, refused = &record{}, nil
		ctx := context.Background()
		err := t.conn.QueryRowContext(ctx, "select "+companyColumns+" from companies where row=?", s.store.seed.row(companyKind, c.id)).
			Scan(&one.row, &one.rev, &one.created, &one.updated, &one.author, &one.document)
		if errors.Is(err, sql.ErrNoRows) {
			refused = notFound("id")
			return nil
		}
		if err != nil {
			return err
		}
		if rev := v.get("rev"); rev.exists() && termOf(rev) != strconv.FormatInt(one.rev, 10) {
			refused = &refusal{status: http.StatusConflict, code: "conflict", title: "Conflict", parameter: "rev"}
			return nil
		}
		if taken, err := t.companyTaken(s.switches, one.row, v); taken != "" || err != nil {
			refused = s.conflict(taken)
			return err
		}
		old, err := parse(one.document)
		if err != nil {
			return err
		}
		if v.get("deleted").isTrue() && s.switches.CompanyDeleteUnlinks {
			if err := t.unlink(c.id); err != nil {
				return err
			}
		}
		one.document, one.rev, one.updated = s.switches.merge(old, v, r).bytes(), one.rev+1, s.now().UnixMilli()
		_, err = t.conn.ExecContext(ctx, "update companies set rev=?, updated=?, document=? where row=?", one.rev, one.updated, one.document, one.row)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		return nil, refused
	}
	return s.company(http.StatusOK, one)
}

// unlink takes a company away from every customer that is linked to it.
func (t *tx) unlink(company string) error {
	_, err := t.conn.ExecContext(context.Background(), "update customers set document=cast(json_remove(cast(document as text),'$.company') as blob) "+
		"where json_extract(cast(document as text),'$.company')=?", company)
	return err
}

func (s *Server) company(status int, one *record) (*Answer, error) {
	shown, err := s.companyResource(one)
	if err != nil {
		return nil, err
	}
	return single(status, shown)
}

func (s *Server) companyResource(one *record) (*resource, error) {
	attributes := map[string]any{}
	if err := json.Unmarshal(one.document, &attributes); err != nil {
		return nil, err
	}
	attributes["rev"] = one.rev
	attributes["createdAt"] = stamp(time.UnixMilli(one.created))
	attributes["updatedAt"] = stamp(time.UnixMilli(one.updated))
	id := s.store.seed.id(companyKind, one.row)
	return &resource{"company", id, attributes, map[string]any{
		"org":       relation("org", s.present.org, "/v1/orgs/"+s.present.org),
		"createdBy": relation("user", one.author, "/v1/users/"+one.author),
	}, map[string]string{"self": "/v1/companies/" + id}}, nil
}
