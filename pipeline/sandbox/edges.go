package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
)

// Edges are the hierarchy of companies (https://developer.kustomer.com/docs/guides/company-hierarchy).
const (
	usualTree     = "company_hierarchy"
	deepestTree   = 20
	mostCompanion = 2000 // companies of one tree
)

// createEdge is POST /v1/kedge. A second one of a child takes the place of the first.
func (s *Server) createEdge(c *call) (*Answer, error) {
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := seal(&rule{shape: group, fields: fields{"sourceId": words(0).must(), "targetId": words(0).must(),
		"name": words(255), "sourceType": choice("company"), "targetType": choice("company")}})
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	parent, child, tree := v.get("sourceId").string(), v.get("targetId").string(), usualTree
	if name := v.get("name"); name.exists() {
		tree = name.string()
	}
	var refused *refusal
	var row int64
	err = s.writer.write(func(t *tx) (err error) {
		refused, row, err = s.edge(t, parent, child, tree)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		return nil, refused
	}
	id := s.store.seed.id(edgeKind, row)
	return single(http.StatusCreated, &resource{"kedge", id,
		map[string]any{"name": tree, "sourceId": parent, "targetId": child}, nil,
		map[string]string{"self": "/v1/kedge/" + id}})
}

func (s *Server) edge(t *tx, parent, child, tree string) (*refusal, int64, error) {
	for name, id := range map[string]string{"sourceId": parent, "targetId": child} {
		there, err := t.some("select count(*) from companies where row=?"+notDeleted, s.store.seed.row(companyKind, id))
		if err != nil || !there {
			return badParameter(name, "Company not found", "/properties/"+name), 0, err
		}
	}
	if parent == child {
		return badParameter("targetId", "A company cannot be its own parent", "/properties/targetId"), 0, nil
	}
	above, at := 1, parent
	for ; ; above++ {
		next, err := t.parentOf(at, tree)
		if err != nil {
			return nil, 0, err
		}
		if next == "" {
			break
		}
		if next == child {
			return badParameter("targetId", "Cycle detected", "/properties/targetId"), 0, nil
		}
		at = next
	}
	below, size, err := t.below(child, tree)
	if err != nil {
		return nil, 0, err
	}
	_, around, err := t.below(at, tree)
	switch {
	case err != nil:
		return nil, 0, err
	case above+below > deepestTree:
		return badParameter("targetId", "Maximum depth exceeded", "/properties/targetId"), 0, nil
	case around+size > mostCompanion:
		return badParameter("targetId", "Maximum tree size exceeded", "/properties/targetId"), 0, nil
	}
	t.nextEdge++
	_, err = t.conn.ExecContext(context.Background(),
		"insert into edges values (?,?,?,?) on conflict (child, tree) do update set parent=excluded.parent, row=excluded.row",
		child, tree, parent, t.nextEdge)
	return nil, t.nextEdge, err
}

// parentOf is the id of a company's parent in a tree, "" none.
func (t *tx) parentOf(child, tree string) (parent string, err error) {
	err = t.conn.QueryRowContext(context.Background(), "select parent from edges where child=? and tree=?", child,
		tree).Scan(&parent)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return parent, err
}

// below is how many levels a company's tree has from it downwards, itself included, and how many companies.
func (t *tx) below(company, tree string) (levels, size int, err error) {
	err = t.conn.QueryRowContext(context.Background(), `with recursive down(id, level) as (select ?, 1 union all
		select e.child, d.level+1 from edges e join down d on e.parent=d.id where e.tree=? and d.level<=64) select max(level), count(*) from down`, company, tree).Scan(&levels, &size)
	return levels, size, err
}

// Edges returns the parents of companies by the ids of their children, in the usual tree.
func (s *Server) Edges(ctx context.Context) (map[string]string, error) {
	rows, err := s.store.reads.QueryContext(ctx, "select child, parent from edges where tree=?", usualTree)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	edges := map[string]string{}
	for rows.Next() {
		var child, parent string
		if err := rows.Scan(&child, &parent); err != nil {
			return nil, err
		}
		edges[child] = parent
	}
	return edges, rows.Err()
}
