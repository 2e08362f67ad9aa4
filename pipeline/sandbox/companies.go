package sandbox

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Companies are held only so far that customers can be linked to them: they can be made, read by id and by external id, which no two
// of them share, and searched by name.

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
	externalID, taken := v.get("externalId"), false
	err = s.writer.write(func(t *tx) error {
		if taken = false; externalID.exists() && !externalID.isNull() {
			if taken, err = t.companyTaken(externalID.string()); taken || err != nil {
				return err
			}
		}
		t.nextCompany++
		one.row = t.nextCompany
		_, err := t.insertCompany.ExecContext(context.Background(), one.row, one.rev, now, now, one.author, one.document)
		return err
	})
	if err != nil {
		return nil, err
	}
	if taken {
		return nil, &refusal{status: orDefault(s.switches.DuplicateStatus, http.StatusConflict), code: "conflict", title: "Conflict", parameter: "externalId"}
	}
	return s.company(http.StatusCreated, one)
}

// companyTaken reports whether a company has an external id.
func (t *tx) companyTaken(externalID string) (bool, error) {
	var n int
	err := t.conn.QueryRowContext(context.Background(), "select count(*) from companies where "+companyExternalID+"=?"+notDeleted, externalID).Scan(&n)
	return n > 0, err
}

// notDeleted leaves out the companies that are deleted.
const notDeleted = " and json_extract(cast(document as text),'$.deleted') is not 1"

// companyExternalID is a company's external id, as the index of them has it.
const companyExternalID = "json_extract(cast(document as text),'$.externalId')"

const companyColumns = "row, rev, created, updated, author, document"

// getCompany is GET /v1/companies/{id} and GET /v1/companies/externalId={externalId}.
func (s *Server) getCompany(c *call) (*Answer, error) {
	where, what, parameter := "row=?", any(s.store.seed.row(companyKind, c.id)), "id"
	if externalID, ok := strings.CutPrefix(c.id, "externalId="); ok {
		where, what, parameter = companyExternalID+"=?"+notDeleted, externalID, "externalId"
	}
	one := &record{}
	err := s.store.reads.QueryRowContext(c.ctx, "select "+companyColumns+" from companies where "+where, what).
		Scan(&one.row, &one.rev, &one.created, &one.updated, &one.author, &one.document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound(parameter)
	}
	if err != nil {
		return nil, err
	}
	return s.company(http.StatusOK, one)
}

// putCompany is PUT /v1/companies/{id}, by which a company is deleted, too
// (https://developer.kustomer.com/kustomer-apps-platform/docs/tutorial-delete-companies-with-the-kustomer-api).
func (s *Server) putCompany(c *call) (*Answer, error) {
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := s.bodies.Load().company
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
		old, err := parse(one.document)
		if err != nil {
			return err
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

// searchCompanies answers a search within companies: the index is as far behind as that of customers.
func (s *Server) searchCompanies(c *call, q *search, page, size int) (*Answer, error) {
	lag := cmp.Or(s.switches.SearchLag, time.Minute)
	rows, err := s.store.reads.QueryContext(c.ctx, "select "+companyColumns+" from companies where updated<=? order by row", s.now().Add(-max(lag, 0)).UnixMilli())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	data := []*resource{}
	total := 0
	for rows.Next() {
		one := &record{}
		if err := rows.Scan(&one.row, &one.rev, &one.created, &one.updated, &one.author, &one.document); err != nil {
			return nil, err
		}
		v, err := parse(one.document)
		if err != nil {
			return nil, err
		}
		if v.get("deleted").isTrue() || !q.holdsCompany(v) {
			continue
		}
		if total++; total > (page-1)*size && total <= page*size {
			shown, err := s.companyResource(one)
			if err != nil {
				return nil, err
			}
			data = append(data, shown)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	pages := (total + size - 1) / size
	return answer(http.StatusOK, map[string]any{
		"meta": map[string]int{"page": page, "pageSize": size, "total": total, "totalPages": pages},
		"data": data, "links": pageLinks(c.Path, c.query, page, pages),
	})
}

func (q *search) holdsCompany(v value) bool {
	holds := func(x condition) bool { return x.holds(scalars(v.get(x.attribute), "")) }
	fails := func(x condition) bool { return !holds(x) }
	return !slices.ContainsFunc(q.and, fails) && !slices.ContainsFunc(q.not, holds) && (len(q.or) == 0 || slices.ContainsFunc(q.or, holds))
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

func (s *Server) companyExists(ctx context.Context, id string) (bool, error) {
	var n int
	err := s.store.reads.QueryRowContext(ctx, "select count(*) from companies where row=?"+notDeleted, s.store.seed.row(companyKind, id)).Scan(&n)
	return n > 0, err
}
