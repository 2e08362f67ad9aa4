package sandbox

import (
	"strings"
)

// narrowed is what of a search the database can decide. Whoever is outside of it does not match.
type narrowed struct {
	where string
	args  []any
	order string
	whole bool // it decides all of the search, and the order
}

// narrow turns bounds of updated_at, and identities of which one must be held, into SQL.
func (s *Server) narrow(q *search) narrowed {
	lag := s.switches.SearchLag
	if lag == 0 {
		lag = defaultLag
	}
	now := s.now()
	n := narrowed{where: "updated<=? and updated>=?", whole: len(q.or) == 0 && len(q.not) == 0,
		args: []any{now.Add(-max(lag, 0)).UnixMilli(), now.Add(-searchHorizon).UnixMilli()}}
	if q.archived {
		n.where, n.args = "updated<?", n.args[1:]
	}
	if !q.deleted {
		n.where += " and deleted=0"
	}
	for _, x := range q.and {
		n.whole = n.bound(x) && n.whole
	}
	n.whole = n.sort(q.sorts) && n.whole
	if !q.deleted && !s.identities.exact {
		s.hold(&n, q.or)
	}
	return n
}

// bound takes a condition on when a customer was updated, or says that it is another.
func (n *narrowed) bound(x condition) bool {
	sign := map[string]string{"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "equals": "="}[x.operator]
	t, isTime := searchTime(x.operand)
	if x.attribute != "updated_at" || sign == "" || !isTime {
		return false
	}
	n.where += " and updated" + sign + "?"
	n.args = append(n.args, t.UnixMilli())
	return true
}

// sort takes an order by times, or says that it is another.
func (n *narrowed) sort(sorts []sorting) bool {
	var by []string
	for _, one := range sorts {
		column := map[string]string{"created_at": "created", "updated_at": "updated"}[one.attribute]
		if column == "" {
			return false
		}
		if one.falling {
			column += " desc"
		}
		by = append(by, column)
	}
	n.order = strings.Join(append(by, "row"), ", ")
	return true
}

// hold leaves only the customers that hold one of the identities of which one must be held.
func (s *Server) hold(n *narrowed, or []condition) {
	var pairs []any
	for _, x := range or {
		kind := map[string]byte{"externalId": byExternalID, "email": byEmail, "phone": byPhone}[x.attribute]
		if kind == 0 || x.operator != "equals" {
			return
		}
		id := s.identities.identity(kind, "", x.operand)
		pairs = append(pairs, int64(id.kind), id.value)
	}
	if len(pairs) == 0 {
		return
	}
	// +: SQLite is to begin with the few who hold one, not with the index of times.
	n.where = strings.ReplaceAll(n.where, "updated", "+updated")
	n.where += " and row in (select customer from identities where (kind, value) in (values " + places(len(pairs)/2, 2) +
		"))"
	n.args = append(n.args, pairs...)
}

// searched answers with a page of customers that the database alone has found.
func (s *Server) searched(c *call, n narrowed, page, size int) (*Answer, error) {
	var total int
	if err := s.store.reads.QueryRowContext(c.ctx, "select count(*) from customers where "+n.where,
		n.args...).Scan(&total); err != nil {
		return nil, err
	}
	query := "select " + customerColumns + " from customers where " + n.where + " order by " + n.order +
		" limit ? offset ?"
	found, err := s.records(c.ctx, query, append(n.args, size, (page-1)*size)...)
	if err != nil {
		return nil, err
	}
	return s.listed(c, found, page, size, total)
}
