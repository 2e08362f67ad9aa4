package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"
)

// Tags: a body names them, and what reads back are their ids
// (https://developer.kustomer.com/api/core-resources/create-customer). Documents keep the names. A tag that nobody has
// named before is made by its first use.

const tagTable = "create table if not exists tags (id text primary key, name text, created integer) without rowid"

// tagBook is the org's tags by their ids. Those of a transaction are in it once they are durable.
type tagBook struct {
	mu    sync.RWMutex
	names map[string]string
}

func (b *tagBook) name(id string) string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.names[id]
}

func (b *tagBook) add(names map[string]string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.Copy(b.names, names)
}

// tagID follows from the name, so that the same name is the same tag.
func (st *store) tagID(name string) string {
	sum := sha256.Sum256([]byte(st.orgID() + name))
	return hex.EncodeToString(sum[:12])
}

// prepareTags makes the table in a file of a time before it, of the tags that its customers have, and reads it.
func (st *store) prepareTags(known []string) error {
	var there int
	if err := st.db.QueryRow("select count(*) from sqlite_schema where name = 'tags'").Scan(&there); err != nil {
		return err
	}
	if _, err := st.db.Exec(tagTable); err != nil {
		return err
	}
	names := slices.Clone(known)
	if there == 0 {
		used, err := st.usedTags()
		if err != nil {
			return err
		}
		names = append(names, used...)
	}
	for _, name := range names {
		if _, err := st.db.Exec("insert or ignore into tags values (?, ?, ?)", st.tagID(name), name,
			time.Now().UnixMilli()); err != nil {
			return err
		}
	}
	st.tags.names = map[string]string{}
	rows, err := st.db.Query("select id, name from tags")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		st.tags.names[id] = name
	}
	return rows.Err()
}

func (st *store) usedTags() (names []string, err error) {
	rows, err := st.db.Query("select distinct t.value from customers, json_each(cast(document as text), '$.tags') t")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if !isObjectID([]byte(name)) {
			names = append(names, name)
		}
	}
	return names, rows.Err()
}

// tagged is a document with the names of its tags, which are made where the org has none of the name.
func (s *Server) tagged(t *tx, d document) document {
	var given []string
	if text := d.get("tags"); text == nil || json.Unmarshal(text, &given) != nil {
		return d
	}
	names := make([]string, 0, len(given))
	for _, one := range given {
		if isObjectID([]byte(one)) && !s.switches.TagIDsAreNames {
			if name := t.tagName(one); name != "" {
				one = name
			}
		} else if s.switches.UnknownTagsDropped && t.tagName(t.tagID(one)) == "" {
			continue
		} else {
			t.makeTag(one)
		}
		if !slices.Contains(names, one) {
			names = append(names, one)
		}
	}
	text, _ := json.Marshal(names) // texts always marshal
	return d.set("tags", text)
}

func (t *tx) tagName(id string) string {
	if name := t.newTags[id]; name != "" {
		return name
	}
	return t.tags.name(id)
}

func (t *tx) makeTag(name string) {
	id := t.tagID(name)
	if t.tagName(id) != "" {
		return
	}
	if t.newTags == nil {
		t.newTags = map[string]string{}
	}
	t.newTags[id] = name
}

// writeTags writes the tags that a transaction makes.
func (t *tx) writeTags() error {
	for id, name := range t.newTags {
		if _, err := t.conn.ExecContext(context.Background(), "insert or ignore into tags values (?, ?, ?)", id, name,
			time.Now().UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

// listTags is GET /v1/tags with page, pageSize and deleted. No tag is ever deleted here.
func (s *Server) listTags(c *call) (*Answer, error) {
	page, size, err := c.page(unbounded, mostListed)
	if err != nil {
		return nil, err
	}
	deleted := c.query.Get("deleted")
	if !slices.Contains([]string{"", "true", "false"}, deleted) {
		return nil, badParameter("deleted", "Value must be true or false", "/properties/deleted")
	}
	data, total := []*resource{}, 0
	if deleted != "true" {
		if data, total, err = s.tagPage(c, page, size); err != nil {
			return nil, err
		}
	}
	return pageAnswer(c, data, total, page, size)
}

func (s *Server) tagPage(c *call, page, size int) (data []*resource, total int, err error) {
	if err := s.store.reads.QueryRowContext(c.ctx, "select count(*) from tags").Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.store.reads.QueryContext(c.ctx, "select id, name, created from tags order by id limit ? offset ?", size,
		(page-1)*size)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	data = []*resource{}
	for rows.Next() {
		var id, name string
		var created int64
		if err := rows.Scan(&id, &name, &created); err != nil {
			return nil, 0, err
		}
		at := stamp(time.UnixMilli(created))
		attributes := map[string]any{"name": name, "color": nil, "deleted": false, "deletedAt": nil, "createdAt": at,
			"updatedAt": at, "modifiedAt": at}
		data = append(data, &resource{"tag", id, attributes,
			map[string]any{"org": relation("org", s.present.org, "/v1/orgs/"+s.present.org)},
			map[string]string{"self": "/v1/tags/" + id}})
	}
	return data, total, rows.Err()
}
