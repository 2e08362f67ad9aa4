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
	var one *record
	taken := ""
	err = s.writer.write(func(t *tx) (err error) {
		if taken, err = t.companyTaken(s.switches, 0, v); taken != "" || err != nil {
			return err
		}
		one, err = s.newCompany(t, v, r, c.key.user)
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

// newCompany makes a company of a checked body.
func (s *Server) newCompany(t *tx, v value, r *rule, author string) (*record, error) {
	now := s.now().UnixMilli()
	one := &record{rev: 1, created: now, updated: now, author: author, document: s.tagged(t, documentOf(v, r)).bytes()}
	if at, ok := momentOf(v.get("createdAt")); ok {
		one.created = at.UnixMilli()
	}
	t.nextCompany++
	one.row = t.nextCompany
	_, err := t.insertCompany.ExecContext(context.Background(), one.row, one.rev, one.created, now, one.author,
		one.document)
	return one, err
}

// conflict refuses what another has already.
func (s *Server) conflict(parameter string) *refusal {
	return &refusal{status: orDefault(s.switches.DuplicateStatus, http.StatusConflict), code: "conflict",
		title: "Conflict", parameter: parameter}
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
				query = "select count(*) from companies, json_each(cast(document as text),'$.'||?) where " +
					"lower(json_extract(value,'$.'||?))=lower(?) and row<>?"
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
	err := s.store.reads.QueryRowContext(c.ctx, "select "+companyColumns+" from companies where row=?",
		s.store.seed.row(companyKind, c.id)).
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
	var one *record
	var refused *refusal
	err = s.writer.write(func(t *tx) (err error) {
		one, refused, err = s.changeCompany(t, c.id, v, r)
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

// changeCompany lays a checked body over a company. A refusal has written nothing.
func (s *Server) changeCompany(t *tx, id string, v value, r *rule) (*record, *refusal, error) {
	one, ctx := &record{}, context.Background()
	err := t.conn.QueryRowContext(ctx, "select "+companyColumns+" from companies where row=?",
		s.store.seed.row(companyKind, id)).
		Scan(&one.row, &one.rev, &one.created, &one.updated, &one.author, &one.document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("id"), nil
	}
	if err != nil {
		return nil, nil, err
	}
	if rev := v.get("rev"); rev.exists() && termOf(rev) != strconv.FormatInt(one.rev, 10) {
		return nil, &refusal{status: http.StatusConflict, code: "conflict", title: "Conflict", parameter: "rev"}, nil
	}
	if taken, err := t.companyTaken(s.switches, one.row, v); taken != "" || err != nil {
		return nil, s.conflict(taken), err
	}
	old, err := parse(one.document)
	if err != nil {
		return nil, nil, err
	}
	if v.get("deleted").isTrue() && s.switches.CompanyDeleteUnlinks {
		if err := t.unlink(id); err != nil {
			return nil, nil, err
		}
	}
	one.document, one.rev, one.updated = s.tagged(t, s.switches.merge(old, v, r)).bytes(), one.rev+1, s.now().UnixMilli()
	_, err = t.conn.ExecContext(ctx, "update companies set rev=?, updated=?, document=? where row=?", one.rev, one.updated,
		one.document, one.row)
	return one, nil, err
}

// unlink takes a company away from every customer that is linked to it.
func (t *tx) unlink(company string) error {
	_, err := t.conn.ExecContext(context.Background(),
		"update customers set document=cast(json_remove(cast(document as text),'$.company') as blob) "+
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
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal(one.document, &raw); err != nil {
		return nil, err
	}
	for _, name := range []string{"tags", "custom"} {
		if raw[name] != nil {
			attributes[name] = s.present.member(name, raw[name])
		}
	}
	if raw["importedAt"] != nil {
		attributes["importedAt"] = restamp(raw["importedAt"])
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
