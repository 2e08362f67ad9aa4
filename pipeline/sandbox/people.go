package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// Users and teams are looked up by those who import. Making a user mails an invitation: the outbox shows that none was
// sent.

type foundPerson struct {
	row      int64
	kind     string
	deleted  bool
	document []byte
}

// listPeople answers with the users, or teams, that where leaves.
func (s *Server) listPeople(c *call, kind, where string, args ...any) (*Answer, error) {
	page, err := c.number("page", 1, unbounded)
	if err != nil {
		return nil, err
	}
	size, err := c.number("pageSize", mostListed, mostListed)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.reads.QueryContext(c.ctx, "select row, kind, deleted, document from people where kind=? and "+
		where+" order by row", append([]any{kind}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	data, total := []*resource{}, 0
	for rows.Next() {
		one := foundPerson{}
		if err := rows.Scan(&one.row, &one.kind, &one.deleted, &one.document); err != nil {
			return nil, err
		}
		if total++; total > (page-1)*size && total <= page*size {
			data = append(data, s.person(&one))
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return pageAnswer(c, data, total, page, size)
}

func (s *Server) person(one *foundPerson) *resource {
	attributes := map[string]any{}
	_ = json.Unmarshal(one.document, &attributes) // it was written here
	attributes["createdAt"], attributes["updatedAt"] = stamp(s.started), stamp(s.started)
	if one.deleted {
		attributes["deleted"] = true
	}
	kind := userKind
	if one.kind == "team" {
		kind = teamKind
	}
	id := s.store.seed.id(kind, one.row)
	return &resource{one.kind, id, attributes, map[string]any{"org": relation("org", s.present.org, "/v1/orgs/"+
		s.present.org)},
		map[string]string{"self": "/v1/" + one.kind + "s/" + id}}
}

// listUsers is GET /v1/users. Its filters cannot be combined.
func (s *Server) listUsers(c *call) (*Answer, error) {
	filters := 0
	where, args := "deleted=0", []any(nil)
	for _, name := range []string{"pending", "deleted", "userType", "email"} {
		if !c.query.Has(name) {
			continue
		}
		filters++
		switch name {
		case "email":
			where, args = where+" and lower(email)=lower(?)", append(args, c.query.Get(name))
		case "deleted":
			if c.query.Get(name) == "true" {
				where = "deleted=1"
			}
		}
	}
	if filters > 1 {
		return nil, badParameter("query", "Filters cannot be combined", "/query")
	}
	return s.listPeople(c, "user", where, args...)
}

// listTeams is GET /v1/teams.
func (s *Server) listTeams(c *call) (*Answer, error) { return s.listPeople(c, "team", "deleted=0") }

// createUser is POST /v1/users: it mails an invitation.
func (s *Server) createUser(c *call) (*Answer, error) {
	return s.createPerson(c, "user", fields{"name": words(0).must(), "email": formatted("email-relaxed").must(),
		"displayName": words(0), "mobile": words(0),
		"userType": choice("user", "machine", "limited", "hourly"), "roles": {shape: list}, "roleGroups": {shape: list},
		"emailSignature": words(0), "avatarUrl": formatted("uri")})
}

// createTeam is POST /v1/teams.
func (s *Server) createTeam(c *call) (*Answer, error) {
	return s.createPerson(c, "team", fields{"name": words(0).must(), "displayName": words(0), "icon": words(0),
		"members": {shape: list}, "externalId": words(256),
		"createdAt": formatted("date-time"), "importedAt": formatted("date-time")})
}

func (s *Server) createPerson(c *call, kind string, f fields) (*Answer, error) {
	v, err := c.parseBody()
	if err != nil {
		return nil, err
	}
	r := seal(&rule{shape: group, fields: f})
	if found := s.checker.check(v, r, ""); found != nil {
		return nil, found.refusal("")
	}
	one := &foundPerson{kind: kind, document: documentOf(v, r).bytes()}
	email := ""
	if kind == "user" {
		email = v.get("email").string()
	}
	err = s.writer.write(func(t *tx) error {
		ctx := context.Background()
		t.nextPerson++
		one.row = t.nextPerson
		if _, err := t.conn.ExecContext(ctx, "insert into people values (?,?,?,?,0,?)", one.row, kind, v.get("name").string(),
			email, one.document); err != nil || email == "" {
			return err
		}
		_, err := t.conn.ExecContext(ctx, "insert into outbox (email) values (?)", email)
		return err
	})
	if err != nil {
		return nil, err
	}
	return single(http.StatusCreated, s.person(one))
}

// getUsers is GET /v1/users/{id}, where the segment may list several ids.
func (s *Server) getUsers(c *call) (*Answer, error) {
	if c.id == "current" {
		return s.currentUser(c)
	}
	data := []*resource{}
	for _, id := range strings.Split(c.id, ",") {
		one := foundPerson{}
		err := s.store.reads.QueryRowContext(c.ctx, "select row, kind, deleted, document from people where kind='user' "+
			"and row=?", s.store.seed.row(userKind, id)).
			Scan(&one.row, &one.kind, &one.deleted, &one.document)
		if err != nil {
			return nil, notFound("id")
		}
		data = append(data, s.person(&one))
	}
	if len(data) == 1 {
		return single(http.StatusOK, data[0])
	}
	return answer(http.StatusOK, map[string]any{"data": data})
}

// Outbox returns the addresses to which invitations were mailed since the org was made.
func (s *Server) Outbox(ctx context.Context) (mails []string, err error) {
	rows, err := s.store.reads.QueryContext(ctx, "select email from outbox order by row")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		mails = append(mails, one)
	}
	return mails, rows.Err()
}
