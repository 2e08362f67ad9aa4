package sandbox

import (
	"slices"
	"strings"
	"time"
)

// searchThings answers a search within messages, notes or KObjects: the index is as far behind as that of customers.
func (s *Server) searchThings(c *call, q *search, page, size int) (*Answer, error) {
	name := q.context
	if klass, is := strings.CutPrefix(name, "kobject_"); is {
		name = kobjectPrefix + klass
	}
	f, err := s.family(name)
	if err != nil {
		return nil, badParameter("queryContext", "No enum match", "/properties/queryContext/enum")
	}
	where, args := s.indexed(q)
	where, args = "kind=? and deleted=0 and "+where, append([]any{f.name}, args...)
	if ids := q.externalIDs(); ids != nil {
		where += " and external in (?" + strings.Repeat(",?", len(ids)-1) + ")"
		for _, id := range ids {
			args = append(args, id)
		}
	}
	rows, err := s.store.reads.QueryContext(c.ctx, "select "+thingColumns+" from things where "+where+
		" order by updated, row", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	data, total := []*resource{}, 0
	for rows.Next() {
		one, err := scanThing(rows)
		if err != nil {
			return nil, err
		}
		v, err := parse(one.document)
		if err != nil {
			return nil, err
		}
		if !q.holdsThing(one, v) {
			continue
		}
		if total++; total > (page-1)*size && total <= page*size {
			shown, err := s.thingResource(f, one)
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

// externalIDs are those that a search asks for where it asks for nothing else; nil: it does.
func (q *search) externalIDs() (ids []string) {
	for _, x := range q.or {
		if x.attribute != "external_id" || x.operator != "equals" {
			return nil
		}
		ids = append(ids, x.operand)
	}
	return ids
}

func (q *search) holdsThing(one *thing, v value) bool {
	holds := func(x condition) bool { return x.holds(thingTerms(one, v, x.attribute)) }
	fails := func(x condition) bool { return !holds(x) }
	return !slices.ContainsFunc(q.and, fails) && !slices.ContainsFunc(q.not, holds) &&
		(len(q.or) == 0 || slices.ContainsFunc(q.or, holds))
}

// thingTerms are the values of a thing that an attribute of the search stands for.
func thingTerms(one *thing, v value, attribute string) []string {
	some := func(text string) []string {
		if text == "" {
			return nil
		}
		return []string{text}
	}
	switch attribute {
	case "created_at":
		return []string{stamp(time.UnixMilli(one.created))}
	case "updated_at":
		return []string{stamp(time.UnixMilli(one.updated))}
	case "external_id":
		return some(one.external)
	case "customer_id":
		return some(one.customer)
	case "conversation_id", "company_id":
		return some(one.parent)
	case "imported_at":
		return scalars(v.get("importedAt"), "")
	}
	return scalars(v.get(attribute), "")
}
