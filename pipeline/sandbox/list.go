package sandbox

import (
	"context"
	"net/url"
	"strconv"
	"strings"
)

// Pages of a list and of a search (https://developer.kustomer.com/docs/concepts/pagination).
const (
	usualPage      = 25
	mostListed     = 100
	mostFound      = 500
	mostSearchPage = 100 // pages of one search
)

// number is a query parameter between 1 and most.
func (c *call) number(name string, otherwise, most int) (int, error) {
	text := c.query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, badParameter(name, "Value must be a whole number from 1 to "+strconv.Itoa(most), "/properties/"+name)
	}
	return n, nil
}

// page is the page and page size a call asks for.
func (c *call) page(mostPages, mostSize int) (page, size int, err error) {
	if page, err = c.number("page", 1, mostPages); err != nil {
		return 0, 0, err
	}
	size, err = c.number("pageSize", usualPage, mostSize)
	return page, size, err
}

// encoded is a query without its page.
func encoded(query map[string][]string) string {
	rest := url.Values{}
	for name, values := range query {
		if name != "page" {
			rest[name] = values
		}
	}
	return rest.Encode()
}

// listCustomers is GET /v1/customers with page, pageSize, sort, and filter[createdAt] and filter[updatedAt].
func (s *Server) listCustomers(c *call) (*Answer, error) {
	page, size, err := c.page(orDefault(s.switches.ListPages, unbounded), mostListed)
	if err != nil {
		return nil, err
	}
	where, args, err := c.filters()
	if err != nil {
		return nil, err
	}
	order, err := c.order()
	if err != nil {
		return nil, err
	}
	var total int
	if err := s.store.reads.QueryRowContext(c.ctx, "select count(*) from customers where "+where,
		args...).Scan(&total); err != nil {
		return nil, err
	}
	query := "select " + customerColumns + " from customers where " + where + " order by " + order + " limit ? offset ?"
	found, err := s.records(c.ctx, query, append(args, size, (page-1)*size)...)
	if err != nil {
		return nil, err
	}
	return s.listed(c, found, page, size, total)
}

// column is the column of an attribute that lists are filtered and sorted by, "" when there is none.
func column(attribute string) string {
	return map[string]string{"createdAt": "created", "updatedAt": "updated"}[attribute]
}

// filters are the conditions of the query's filter[attribute][operator] parameters.
func (c *call) filters() (where string, args []any, err error) {
	where = "deleted=0"
	for name, values := range c.query {
		rest, ok := strings.CutPrefix(name, "filter[")
		if !ok {
			continue
		}
		attribute, operator, _ := strings.Cut(strings.TrimSuffix(rest, "]"), "][")
		sign := map[string]string{"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "equals": "="}[operator]
		t, valid := moment([]byte(values[0]))
		if column(attribute) == "" || sign == "" || !valid {
			return "", nil, badParameter(name, "Invalid filter", "/properties/filter")
		}
		where += " and " + column(attribute) + sign + "?"
		args = append(args, t.UnixMilli())
	}
	return where, args, nil
}

// order is the query's sort as SQL; the newest come first without one.
func (c *call) order() (string, error) {
	by := c.query.Get("sort")
	if by == "" {
		by = "-createdAt"
	}
	attribute, falling := strings.CutPrefix(by, "-")
	if column(attribute) == "" {
		return "", badParameter("sort", "Invalid sort", "/properties/sort")
	}
	if falling {
		return column(attribute) + " desc, row desc", nil
	}
	return column(attribute) + ", row", nil
}

// records reads the customers of a query for customerColumns.
func (s *Server) records(ctx context.Context, query string, args ...any) ([]*record, error) {
	rows, err := s.store.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []*record
	for rows.Next() {
		one, err := scanRecord(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// listed answers with a page of customers.
func (s *Server) listed(c *call, found []*record, page, size, total int) (*Answer, error) {
	data := make([]*resource, len(found))
	for i, one := range found {
		shown, err := s.present.customer(one)
		if err != nil {
			return nil, err
		}
		data[i] = shown
	}
	return pageAnswer(c, data, total, page, size)
}
