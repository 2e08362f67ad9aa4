package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// Klasses of the org's own, and the people that records name: both are there in a new org as far as the samples need
// them.

// prepareThings makes the tables, the Klass and the people of the samples.
func (st *store) prepareThings() error {
	for _, one := range thingTables() {
		if _, err := st.db.Exec(one); err != nil {
			return err
		}
	}
	var has int
	if err := st.db.QueryRow("select count(*) from pragma_table_info('jobs') where name='things'").Scan(&has); err != nil {
		return err
	}
	if has == 0 {
		if _, err := st.db.Exec("alter table jobs add column things text not null default ''"); err != nil {
			return err
		}
	}
	order := klass{}
	for _, name := range []string{"totalNum", "currencyStr", "statusStr", "orderedAt", "paidBool"} {
		s, _ := suffixOf(name)
		order[name] = attribute{Type: s.kind, DisplayName: title(name)}
	}
	properties, err := json.Marshal(order)
	if err != nil {
		return err
	}
	if _, err := st.db.Exec("insert or ignore into klasses values ('kobject.order', ?)", properties); err != nil {
		return err
	}
	for i, one := range demoPeople() {
		document, err := json.Marshal(map[string]any{"name": one.name, "displayName": one.name, "email": one.email,
			"userType": "user"})
		if err != nil {
			return err
		}
		if _, err := st.db.Exec("insert or ignore into people values (?,?,?,?,0,?)", i+1, one.kind, one.name, one.email,
			document); err != nil {
			return err
		}
	}
	return nil
}

// colleague is a user or a team.
type colleague struct{ kind, name, email string }

// demoPeople are the users and teams of a new org.
func demoPeople() []colleague {
	return []colleague{
		{"user", "Mara Lindqvist", "mara@acme.example"},
		{"user", "Tom Okafor", "tom@acme.example"},
		{"team", "Support", ""},
		{"team", "Returns", ""},
	}
}

// kobjectRules are the rules of custom of the Klasses of the org's own.
func (st *store) kobjectRules(ctx context.Context, w Switches) (map[string]*rule, error) {
	rows, err := st.reads.QueryContext(ctx, "select name, properties from klasses where name like 'kobject.%'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]*rule{}
	for rows.Next() {
		var name string
		var properties []byte
		if err := rows.Scan(&name, &properties); err != nil {
			return nil, err
		}
		var k klass
		if err := json.Unmarshal(properties, &k); err != nil {
			return nil, err
		}
		all[name] = k.customRule(w)
	}
	return all, rows.Err()
}

// createKlass is POST /v1/klasses.
func (s *Server) createKlass(c *call) (*Answer, error) {
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := seal(&rule{shape: group, fields: fields{
		"name": words(255).must(), "displayName": words(255), "icon": words(64), "color": words(64),
		"jsonSchema": {shape: anything}, "klassSchema": choice("task"), "mixins": {shape: list,
			item: choice("commentable", "assignable", "editable", "creatable")}, "status": choice("enabled", "disabled"),
	}})
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	name := v.get("name").string()
	if name == "" || !isAttributeName(name) {
		return nil, badParameter("name", "String does not match pattern", "/properties/name/pattern")
	}
	s.metadata.Lock()
	defer s.metadata.Unlock()
	taken := false
	err = s.writer.write(func(t *tx) (err error) {
		if taken, err = t.some("select count(*) from klasses where name=?", kobjectPrefix+name); taken || err != nil {
			return err
		}
		_, err = t.conn.ExecContext(context.Background(), "insert into klasses values (?, '{}')", kobjectPrefix+name)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case taken:
		return nil, s.conflict("name")
	}
	if err := s.adopt(c.ctx); err != nil {
		return nil, err
	}
	return single(http.StatusOK, s.klassResource(name))
}

func (s *Server) klassResource(name string) *resource {
	return &resource{"klass", name, map[string]any{"name": name, "displayName": title(name), "status": "enabled"},
		map[string]any{"org": relation("org", s.present.org, "/v1/orgs/"+s.present.org)},
		map[string]string{"self": "/v1/klasses/" + name}}
}

// listKlasses is GET /v1/klasses.
func (s *Server) listKlasses(c *call) (*Answer, error) {
	var names []string
	for name := range s.bodies.Load().kobjects {
		names = append(names, strings.TrimPrefix(name, kobjectPrefix))
	}
	slices.Sort(names)
	data := []*resource{}
	for _, name := range names {
		data = append(data, s.klassResource(name))
	}
	return answer(http.StatusOK, map[string]any{"meta": map[string]int{"page": 1, "pageSize": mostListed,
		"total": len(data)}, "data": data, "links": pageLinks(c.Path, c.query, 1, 1)})
}
