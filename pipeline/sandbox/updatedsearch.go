package sandbox

import "cmp"

// span takes the bounds of when records were made and updated out of a search, as SQL.
func (q *search) span() (where string, args []any) {
	rest := q.and[:0:0]
	for _, x := range q.and {
		column := map[string]string{"created_at": "created", "updated_at": "updated"}[x.attribute]
		sign := map[string]string{"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}[x.operator]
		at, valid := searchTime(x.operand)
		if column == "" || sign == "" || !valid {
			rest = append(rest, x)
			continue
		}
		where, args = where+" and "+column+sign+"?", append(args, at.UnixMilli())
	}
	q.and = rest
	return where, args
}

// indexed is what of a table its index holds: what was written before its lag, on the side of the horizon that is
// searched.
func (s *Server) indexed(q *search) (where string, args []any) {
	lag := cmp.Or(s.switches.SearchLag, defaultLag)
	where, args = q.span()
	side := " and updated>=?"
	if q.archived {
		side = " and updated<?"
	}
	return "updated<=?" + side + where, append([]any{s.now().Add(-max(lag, 0)).UnixMilli(),
		s.now().Add(-searchHorizon).UnixMilli()}, args...)
}

// searchConversations answers a search within conversations, the oldest update first.
func (s *Server) searchConversations(c *call, q *search, page, size int) (*Answer, error) {
	where, args := s.indexed(q)
	rows, err := s.store.reads.QueryContext(c.ctx, "select "+conversationColumns+" from conversations where "+where+
		notDeleted+" order by updated, id", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	data, total := []*resource{}, 0
	for rows.Next() {
		one := &conversation{}
		if err := rows.Scan(&one.id, &one.rev, &one.created, &one.updated, &one.author, &one.document); err != nil {
			return nil, err
		}
		v, err := parse(one.document)
		if err != nil {
			return nil, err
		}
		if !q.holdsCompany(v) {
			continue
		}
		if total++; total > (page-1)*size && total <= page*size {
			shown, err := s.conversationResource(one)
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
