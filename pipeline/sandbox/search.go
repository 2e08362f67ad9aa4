package sandbox

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// searchHorizon is how far back the search looks.
const searchHorizon = 2 * 365 * 24 * time.Hour

// defaultLag is how far the index is behind where the switch says nothing.
const defaultLag = time.Minute

// searchCustomers is POST /v1/customers/search: a part of Kustomer's query language over an index that is behind. A
// customer is in the index, as it is, once its last write is older than the lag.
func (s *Server) searchCustomers(c *call) (*Answer, error) { return s.search(c, false) }

// searchArchive is POST /v1/customers/archive/search: the same of those whom the search does not look back to.
func (s *Server) searchArchive(c *call) (*Answer, error) { return s.search(c, true) }

func (s *Server) search(c *call, archived bool) (*Answer, error) {
	page, size, err := c.page(mostSearchPage, mostFound)
	if err != nil {
		return nil, err
	}
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	q, err := parseSearch(v)
	if err != nil {
		return nil, err
	}
	if q.archived = archived; q.context == "company" {
		return s.searchCompanies(c, q, page, size)
	}
	if q.context == "conversation" {
		return s.searchConversations(c, q, page, size)
	}
	if q.context != "customer" {
		return s.searchThings(c, q, page, size)
	}
	if n := s.narrow(q); n.whole {
		return s.searched(c, n, page, size)
	}
	found, err := s.matches(c, q)
	if err != nil {
		return nil, err
	}
	total := len(found)
	from := min((page-1)*size, total)
	var shown []*record
	for _, h := range found[from:min(from+size, total)] {
		one, err := scanRecord(s.store.reads.QueryRowContext(c.ctx, "select "+customerColumns+" from customers where row=?",
			h.row))
		if err != nil {
			return nil, err
		}
		shown = append(shown, one)
	}
	return s.listed(c, shown, page, size, total)
}

// search is a parsed query.
type search struct {
	and, or, not []condition
	sorts        []sorting
	deleted      bool
	context      string // what is searched: customer, company, conversation, message, note, kobject_<klass>
	archived     bool   // the other side of searchHorizon
}

type condition struct{ attribute, operator, operand string }

type sorting struct {
	attribute string
	falling   bool
}

func parseSearch(v value) (*search, error) {
	q := &search{context: "customer"}
	if context := v.get("queryContext"); context.exists() {
		q.context = context.string()
	}
	if !slices.Contains([]string{"customer", "company", "conversation", "message", "note"}, q.context) &&
		!strings.HasPrefix(q.context, "kobject_") {
		return nil, badParameter("queryContext", "No enum match", "/properties/queryContext/enum")
	}
	for name, member := range v.members() {
		var err error
		switch name.string() {
		case "and":
			q.and, err = q.parse("and", member)
		case "or":
			q.or, err = q.parse("or", member)
		case "not":
			q.not, err = q.parse("not", member)
		case "sort":
			q.sorts, err = q.parseSorts(member)
		case "includeDeleted":
			q.deleted = member.isTrue()
		case "queryContext", "timeZone", "fields", "aggs", "searchHash": // taken, and without further effect here
		default:
			err = badParameter(name.string(), "Additional properties not allowed", "/additionalProperties")
		}
		if err != nil {
			return nil, err
		}
	}
	return q, nil
}

// groups are the groups of v, which is one or a list of at most so many.
func groups(parameter string, v value, most int) ([]value, error) {
	list := []value{v}
	if v.isList() {
		list = nil
		for _, item := range v.items() {
			list = append(list, item)
		}
	}
	if len(list) > most || slices.ContainsFunc(list, func(one value) bool { return !one.isGroup() }) {
		return nil, badParameter(parameter, "Invalid query", "/properties/"+parameter)
	}
	return list, nil
}

// prefix is what the names of attributes begin with.
func (q *search) prefix() string {
	if strings.HasPrefix(q.context, "kobject_") {
		return "kobject_"
	}
	return q.context + "_"
}

func (q *search) parse(parameter string, v value) ([]condition, error) {
	list, err := groups(parameter, v, 20)
	if err != nil {
		return nil, err
	}
	var conditions []condition
	for _, one := range list {
		for name, operators := range one.members() {
			if !operators.isGroup() || !strings.HasPrefix(name.string(), q.prefix()) {
				return nil, badParameter(parameter, "Invalid condition", "/properties/"+parameter)
			}
			for operator, operand := range operators.members() {
				if !slices.Contains([]string{"equals", "gt", "gte", "lt", "lte", "not_set"}, operator.string()) {
					return nil, badParameter(parameter, "Invalid operator", "/properties/"+parameter)
				}
				conditions = append(conditions, condition{strings.TrimPrefix(name.string(), q.prefix()), operator.string(),
					termOf(operand)})
			}
		}
	}
	return conditions, nil
}

func (q *search) parseSorts(v value) ([]sorting, error) {
	list, err := groups("sort", v, 5)
	if err != nil {
		return nil, err
	}
	var sorts []sorting
	for _, one := range list {
		for name, direction := range one.members() {
			sorts = append(sorts, sorting{strings.TrimPrefix(name.string(), q.prefix()), direction.string() == "desc"})
		}
	}
	return sorts, nil
}

// hit is a customer that was found, with what it is sorted by.
type hit struct {
	row  int64
	keys []string
}

func (s *Server) matches(c *call, q *search) ([]hit, error) {
	n := s.narrow(q)
	rows, err := s.store.reads.QueryContext(c.ctx, "select "+customerColumns+" from customers where "+n.where+
		" order by row", n.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []hit
	for rows.Next() {
		one, err := scanRecord(rows)
		if err != nil {
			return nil, err
		}
		v, err := parse(one.document)
		if err != nil {
			return nil, err
		}
		if !q.matches(one, v) {
			continue
		}
		h := hit{row: one.row}
		for _, by := range q.sorts {
			h.keys = append(h.keys, strings.Join(terms(one, v, by.attribute), "\x00"))
		}
		found = append(found, h)
	}
	slices.SortStableFunc(found, func(a, b hit) int {
		for i, by := range q.sorts {
			if order := compareTerms(a.keys[i], b.keys[i]); order != 0 && by.falling {
				return -order
			} else if order != 0 {
				return order
			}
		}
		return 0
	})
	return found, rows.Err()
}

func (q *search) matches(one *record, v value) bool {
	holds := func(x condition) bool { return x.holds(terms(one, v, x.attribute)) }
	fails := func(x condition) bool { return !holds(x) }
	return (q.deleted || !one.deleted) && !slices.ContainsFunc(q.and, fails) && !slices.ContainsFunc(q.not, holds) &&
		(len(q.or) == 0 || slices.ContainsFunc(q.or, holds))
}

func (x condition) holds(terms []string) bool {
	if x.operator == "not_set" {
		return (len(terms) == 0) == (x.operand != "false")
	}
	return slices.ContainsFunc(terms, func(term string) bool {
		order := compareTerms(term, x.operand)
		switch x.operator {
		case "gt":
			return order > 0
		case "gte":
			return order >= 0
		case "lt":
			return order < 0
		case "lte":
			return order <= 0
		}
		return order == 0
	})
}

// compareTerms orders two terms as numbers or times when they both are, else as texts without regard to case.
func compareTerms(a, b string) int {
	if x, err := strconv.ParseFloat(a, 64); err == nil {
		if y, err := strconv.ParseFloat(b, 64); err == nil {
			return cmp.Compare(x, y)
		}
	}
	x, isTime := searchTime(a)
	if y, alsoTime := searchTime(b); isTime && alsoTime {
		return x.Compare(y)
	}
	return cmp.Compare(strings.ToLower(a), strings.ToLower(b))
}

// searchTime reads a date-time or a date.
func searchTime(s string) (time.Time, bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, true
	}
	return moment([]byte(s))
}

// termOf is a scalar as the search compares it.
func termOf(v value) string {
	if v.kind() == '"' {
		return v.string()
	}
	return string(v.raw())
}

// terms are the values of a customer that an attribute of the search stands for.
func terms(one *record, v value, attribute string) []string {
	switch attribute {
	case "created_at":
		return []string{stamp(time.UnixMilli(one.created))}
	case "updated_at":
		return []string{stamp(time.UnixMilli(one.updated))}
	case "imported":
		return []string{strconv.FormatBool(v.get("importedAt").exists())}
	}
	if name, ok := strings.CutPrefix(attribute, "custom_"); ok {
		return scalars(v.get("custom").get(name), "")
	}
	listed := map[string]struct{ field, member string }{
		"externalId": {"externalIds", "externalId"}, "shared_externalId": {"sharedExternalIds", "externalId"},
		"email": {"emails", "email"}, "shared_email": {"sharedEmails", "email"},
		"phone": {"phones", "phone"}, "shared_phone": {"sharedPhones", "phone"},
		"imported_at": {"importedAt", ""}, "name": {"name", ""}, "tags": {"tags", ""}, "companyId": {"company", ""},
	}[attribute]
	return scalars(v.get(listed.field), listed.member)
}

// scalars are the terms of v: of itself, or of its items or their member.
func scalars(v value, member string) []string {
	if !v.exists() || v.isNull() {
		return nil
	}
	if !v.isList() {
		return []string{termOf(v)}
	}
	var all []string
	for _, item := range v.items() {
		if member != "" {
			item = item.get(member)
		}
		if item.exists() {
			all = append(all, termOf(item))
		}
	}
	return all
}
