package sandbox

import (
	"context"
	"slices"
	"strings"
)

// mostCompanies is the largest page of a list that names no size (Kustomer's OpenAPI document, Core Resources 1.0).
const mostCompanies = 100

// listCompanies is GET /v1/companies, with externalId or filter. With both of them the org takes neither and lists all
// there are.
func (s *Server) listCompanies(c *call) (*Answer, error) {
	page, err := c.number("page", 1, orDefault(s.switches.ListPages, unbounded))
	if err != nil {
		return nil, err
	}
	size, err := c.number("pageSize", mostCompanies, mostListed)
	if err != nil {
		return nil, err
	}
	takes := func(value) bool { return true }
	where, args := "true"+notDeleted, []any(nil)
	switch {
	case c.query.Has("externalId") && c.query.Has("filter"):
	case c.query.Has("externalId"):
		where, args = where+" and "+companyExternalID+"=?", append(args, c.query.Get("externalId"))
	case c.query.Has("filter"):
		takes = s.switches.companyFilter(c.query.Get("filter"))
	}
	return s.companiesOf(c, where+" order by row", args, takes, page, size)
}

// companyFilter says which companies a filter takes: by their name.
func (w Switches) companyFilter(filter string) func(value) bool {
	folded := func(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
	if w.CompanyFilterCased {
		folded = strings.TrimSpace
	}
	holds := strings.HasPrefix
	switch w.CompanyFilter {
	case "exact":
		holds = func(name, filter string) bool { return name == filter }
	case "substring":
		holds = strings.Contains
	}
	return func(v value) bool {
		name := v.get("name")
		return name.exists() && holds(folded(name.string()), folded(filter))
	}
}

// searchCompanies answers a search within companies: the index is as far behind as that of customers.
func (s *Server) searchCompanies(c *call, q *search, page, size int) (*Answer, error) {
	where, args := s.indexed(q)
	return s.companiesOf(c, where+notDeleted+" order by updated, row", args, q.holdsCompany, page, size)
}

// companiesOf answers with a page of the companies that where, with its order, and takes leave.
func (s *Server) companiesOf(c *call, where string, args []any, takes func(value) bool, page, size int) (*Answer,
	error) {
	rows, err := s.store.reads.QueryContext(c.ctx, "select "+companyColumns+" from companies where "+where, args...)
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
		if !takes(v) {
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
	return pageAnswer(c, data, total, page, size)
}

func (q *search) holdsCompany(v value) bool {
	holds := func(x condition) bool { return x.holds(scalars(v.get(x.attribute), "")) }
	fails := func(x condition) bool { return !holds(x) }
	return !slices.ContainsFunc(q.and, fails) && !slices.ContainsFunc(q.not, holds) &&
		(len(q.or) == 0 || slices.ContainsFunc(q.or, holds))
}

func (s *Server) companyExists(ctx context.Context, id string) (bool, error) {
	var n int
	err := s.store.reads.QueryRowContext(ctx, "select count(*) from companies where row=?"+notDeleted,
		s.store.seed.row(companyKind, id)).Scan(&n)
	return n > 0, err
}
