package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// Messages, notes and KObjects are things of one table. What tells them apart is their family: whose fields they have,
// what they hang on, where they are found.

// thingTables are made when a file is opened, so that orgs of an earlier version have them, too.
func thingTables() []string {
	return []string{
		`create table if not exists things (row integer primary key, kind text, rev integer, created integer, updated integer, deleted integer, author text,
			parent text, customer text, external text, document blob)`,
		"create index if not exists things_external on things (kind, external) where external <> ''",
		"create index if not exists things_parent on things (parent, kind)",
		"create index if not exists things_customer on things (customer, kind)",
		"create table if not exists people (row integer primary key, kind text, name text, email text, deleted integer, " +
			"document blob)",
		"create table if not exists edges (child text, tree text, parent text, row integer, primary key (child, tree)) " +
			"without rowid",
		"create table if not exists attachments (row integer primary key, name text, type text, length integer, uploaded " +
			"integer, redacted integer, user integer, url text, content blob)",
		"create table if not exists outbox (row integer primary key, email text)",
		"create index if not exists conversations_external on conversations (json_extract(cast(document as " +
			"text),'$.externalId'))",
	}
}

// thing is one of them as it is stored. Times are milliseconds since 1970.
type thing struct {
	row, rev, created, updated int64
	kind                       string
	deleted                    bool
	author                     string // id of who made it
	parent                     string // id of the conversation or company it is of, "" none
	customer                   string // id of its customer, "" none
	external                   string
	document                   []byte
}

const thingColumns = "row, kind, rev, created, updated, deleted, author, parent, customer, external, document"

func scanThing(row interface{ Scan(...any) error }) (*thing, error) {
	one := &thing{}
	err := row.Scan(&one.row, &one.kind, &one.rev, &one.created, &one.updated, &one.deleted, &one.author, &one.parent,
		&one.customer, &one.external, &one.document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return one, err
}

// family is a kind of thing.
type family struct {
	name   string // of its resources' type: message, note, kobject.order
	path   string // /v1/messages, /v1/klasses/order
	id     byte   // in its ids
	exempt bool   // importedAt exempts from the limit on creation
	once   bool   // no two have one external id
	authed bool   // who made it and when is org.admin's to say
	bodies familyBodies
}

// familyBodies are the rules of the bodies of a family.
type familyBodies struct{ create, update, newItem, item *rule }

// isKObject says whether a family is of a Klass.
func (f *family) isKObject() bool { return strings.HasPrefix(f.name, kobjectPrefix) }

const kobjectPrefix = "kobject."

// family finds one by its name; a refusal where the org has no such Klass.
func (s *Server) family(name string) (*family, error) {
	b := s.bodies.Load()
	f := &family{name: name, path: "/v1/" + name + "s", once: s.switches.ExternalIDUnique, exempt: true, authed: true}
	switch {
	case name == "message":
		f.id, f.bodies = messageKind, b.message
	case name == "note":
		f.id, f.bodies, f.exempt = noteKind, b.note, s.switches.NoteImportExempt
	default:
		bodies, is := b.kobjects[name]
		if !is {
			return nil, notFound("klass")
		}
		f.id, f.bodies, f.path, f.authed = kobjectKind, bodies, "/v1/klasses/"+strings.TrimPrefix(name, kobjectPrefix), false
	}
	return f, nil
}

// idOf is the id of a thing.
func (s *Server) idOf(f *family, one *thing) string { return s.store.seed.id(f.id, one.row) }

// findThing reads a thing that is not deleted by a path segment: its id, or externalId=VALUE. nil: there is none.
func (s *Server) findThing(ctx context.Context, f *family, segment string) (*thing, error) {
	lookup := "externalId="
	switch {
	case f.name == "note", f.name == "message" && s.switches.MessageLookup == "none":
		lookup = "\x00" // there is none
	case f.name == "message" && s.switches.MessageLookup == "lower":
		lookup = "externalid="
	}
	if value, keyed := strings.CutPrefix(segment, lookup); keyed {
		return scanThing(s.store.reads.QueryRowContext(ctx, "select "+thingColumns+
			" from things where kind=? and external=? and external<>'' and deleted=0 order by row limit 1", f.name, value))
	}
	return scanThing(s.store.reads.QueryRowContext(ctx, "select "+thingColumns+
		" from things where row=? and kind=? and deleted=0", s.store.seed.row(f.id, segment), f.name))
}

// getThing answers with one thing.
func (s *Server) getThing(c *call, f *family) (*Answer, error) {
	one, err := s.findThing(c.ctx, f, c.id)
	switch {
	case err != nil:
		return nil, err
	case one == nil && strings.HasPrefix(c.id, "externalId="):
		return nil, notFound("externalId")
	case one == nil:
		return nil, notFound("id")
	}
	return s.thing(http.StatusOK, f, one)
}

func (s *Server) thing(status int, f *family, one *thing) (*Answer, error) {
	shown, err := s.thingResource(f, one)
	if err != nil {
		return nil, err
	}
	return single(status, shown)
}

// moments are the members of things that are times.
func moments() []string { return []string{"importedAt", "sentAt", "modifiedAt", "errorAt"} }

// thingResource is how a thing is shown.
func (s *Server) thingResource(f *family, one *thing) (*resource, error) {
	a := map[string]json.RawMessage{}
	if err := json.Unmarshal(one.document, &a); err != nil {
		return nil, err
	}
	set := func(name string, x any) { a[name], _ = json.Marshal(x) } // none of these can fail
	for _, name := range []string{"custom", "tags"} {
		if a[name] != nil {
			a[name] = s.present.member(name, a[name])
		}
	}
	for _, name := range moments() {
		if a[name] != nil {
			a[name] = restamp(a[name])
		}
	}
	for _, name := range []string{"conversation", "customer", "company", "createdBy", "modifiedBy"} {
		delete(a, name)
	}
	set("rev", one.rev)
	set("createdAt", stamp(time.UnixMilli(one.created)))
	set("updatedAt", stamp(time.UnixMilli(one.updated)))
	related := map[string]any{
		"org":       relation("org", s.present.org, "/v1/orgs/"+s.present.org),
		"createdBy": relation("user", one.author, "/v1/users/"+one.author),
	}
	self := f.path + "/" + s.idOf(f, one)
	switch {
	case f.isKObject():
		klass := strings.TrimPrefix(f.name, kobjectPrefix)
		self = "/v1/klasses/" + klass + "s/" + s.idOf(f, one) // as the org writes it: never to be taken apart
		related["klass"] = map[string]any{"link": map[string]string{"self": "/v1/klasses/" + klass}}
		if one.customer != "" {
			related["customer"] = relation("customer", one.customer, "/v1/customers/"+one.customer)
		}
		if one.parent != "" {
			related["company"] = relation("company", one.parent, "/v1/companies/"+one.parent)
		}
		for name, empty := range map[string]string{"images": "[]", "tags": "[]", "icon": `"` + klass + `"`} {
			if a[name] == nil {
				a[name] = json.RawMessage(empty)
			}
		}
	case f.name == "message":
		set("redacted", false)
		var direction string
		_ = json.Unmarshal(a["direction"], &direction)
		set("directionType", "followup-"+direction)
		related["customer"] = relation("customers", one.customer, "/v1/customers/"+one.customer)
		related["conversation"] = relation("conversation", one.parent, "/v1/conversations/"+one.parent)
	default:
		related["customer"] = relation("customer", one.customer, "/v1/customers/"+one.customer)
		related["conversation"] = relation("conversation", one.parent, "/v1/conversations/"+one.parent)
	}
	return &resource{f.name, s.idOf(f, one), a, related, map[string]string{"self": self}}, nil
}

// listThings answers with a page of a family's things that where leaves.
func (s *Server) listThings(c *call, f *family, where string, args ...any) (*Answer, error) {
	page, err := c.number("page", 1, orDefault(s.switches.ListPages, unbounded))
	if err != nil {
		return nil, err
	}
	size, err := c.number("pageSize", mostListed, mostListed)
	if err != nil {
		return nil, err
	}
	if f.isKObject() && !s.switches.KlassPages {
		page, size = 1, unbounded
	}
	return s.thingsPage(c, f, "deleted=0 and "+where, args, page, size)
}

func (s *Server) thingsPage(c *call, f *family, where string, args []any, page, size int) (*Answer, error) {
	where, args = "kind=? and "+where, append([]any{f.name}, args...)
	var total int
	if err := s.store.reads.QueryRowContext(c.ctx, "select count(*) from things where "+where,
		args...).Scan(&total); err != nil {
		return nil, err
	}
	rows, err := s.store.reads.QueryContext(c.ctx, "select "+thingColumns+" from things where "+where+
		" order by row limit ? offset ?", append(args, size, (page-1)*size)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	data := []*resource{}
	for rows.Next() {
		one, err := scanThing(rows)
		if err != nil {
			return nil, err
		}
		shown, err := s.thingResource(f, one)
		if err != nil {
			return nil, err
		}
		data = append(data, shown)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return pageAnswer(c, data, total, page, size)
}
