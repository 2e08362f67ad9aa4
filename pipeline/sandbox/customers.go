package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"
)

// record is a customer as it is stored. Times are milliseconds since 1970.
type record struct {
	row, rev         int64
	created, updated int64
	deleted          bool
	author           string // id of the user who created it
	document         []byte
}

func scanRecord(row interface{ Scan(...any) error }) (*record, error) {
	r := &record{}
	err := row.Scan(&r.row, &r.rev, &r.created, &r.updated, &r.deleted, &r.author, &r.document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

// duplicateText is the documented error of a bulk item whose identity belongs to another customer.
const duplicateText = "duplicate detected"

func (s *Server) duplicate() *refusal {
	status := s.switches.DuplicateStatus
	if status == 0 {
		status = http.StatusConflict
	}
	return &refusal{status: status, code: "conflict", title: duplicateText}
}

// create adds a customer from a checked body. Exactly one of its three results is not nil; a refusal has written
// nothing.
func (s *Server) create(t *tx, v value, r *rule, author string) (*record, *refusal, error) {
	if refused := s.lacking(v); refused != nil {
		return nil, refused, nil
	}
	ids := s.identities.read(nil, v)
	if err := t.claims.assume(ids); err != nil {
		return nil, nil, err
	}
	row := t.nextCustomer + 1
	if !t.claims.take(row, nil, ids) {
		return nil, s.duplicate(), nil
	}
	t.nextCustomer = row
	now := s.now()
	d := s.tagged(t, s.dated(documentOf(v, r).mirror(nil), author))
	one := &record{row: row, rev: 1, created: s.createdAt(v, author, now).UnixMilli(), updated: now.UnixMilli(),
		author: author, document: d.bytes()}
	_, err := t.insertCustomer.ExecContext(context.Background(), row, one.rev, one.created, one.updated, false, author,
		one.document)
	if err != nil {
		return nil, nil, err
	}
	t.fire(s.switches, d)
	return one, nil, nil
}

// lacking refuses a new customer without a required attribute, where the API minds.
func (s *Server) lacking(v value) *refusal {
	if !s.switches.RequiredAttributes {
		return nil
	}
	for _, name := range *s.required.Load() {
		if m := v.get("custom").get(name); !m.exists() || m.isNull() {
			return badParameter(name, "Missing required property: "+name, "/properties/custom/required")
		}
	}
	return nil
}

// mayDate reports whether a user's createdAt and importedAt are honoured.
func (s *Server) mayDate(author string) bool {
	return !s.switches.CreatedAtIgnored || s.keys.admins[author]
}

// dated is d without the dates that author may not set.
func (s *Server) dated(d document, author string) document {
	if s.mayDate(author) {
		return d
	}
	return d.set("importedAt", nil)
}

// createdAt is the time of creation a body asks for, or otherwise.
func (s *Server) createdAt(v value, author string, otherwise time.Time) time.Time {
	if given := v.get("createdAt"); given.exists() && s.mayDate(author) {
		if t, ok := moment(given.bytes()); ok {
			return t
		}
	}
	return otherwise
}

// fire counts the workflows and webhooks that a write of d sets off.
func (t *tx) fire(w Switches, d document) {
	if !w.ImportedAtIsSilent || d.get("importedAt") == nil {
		t.fired++
	}
}

// update changes the customer in a row by a checked body; replace drops what the body omits. Exactly one of its three
// results is not nil; a refusal has written nothing.
func (s *Server) update(t *tx, row int64, v value, r *rule, replace bool, author string) (*record, *refusal, error) {
	one, err := t.customer(row)
	if err != nil {
		return nil, nil, err
	}
	if one == nil || one.deleted {
		return nil, notFound("id"), nil
	}
	if rev := v.get("rev"); rev.exists() && rev.float() != float64(one.rev) {
		return nil, &refusal{status: http.StatusConflict, code: "conflict", title: "Revision conflict", parameter: "rev"}, nil
	}
	old, err := parse(one.document)
	if err != nil {
		return nil, nil, err
	}
	d := s.changed(old, v, r, replace)
	d = s.tagged(t, s.dated(d, author))
	had := s.identities.read(nil, old)
	one.document = d.bytes()
	after, err := parse(one.document)
	if err != nil {
		return nil, nil, err
	}
	wanted := s.identities.read(nil, after)
	if err := errors.Join(t.claims.load(had), t.claims.load(wanted)); err != nil {
		return nil, nil, err
	}
	if !t.claims.take(row, had, wanted) {
		return nil, s.duplicate(), nil
	}
	one.rev++
	one.updated = s.now().UnixMilli()
	one.created = s.createdAt(v, author, time.UnixMilli(one.created)).UnixMilli()
	t.fire(s.switches, d)
	return one, nil, t.replace(one)
}

// changed is the document old after an update with v. The mirror of an externalId that is gone goes with it, unless
// v states the list itself.
func (s *Server) changed(old, v value, r *rule, replace bool) document {
	if replace {
		return documentOf(v, r).mirror(nil)
	}
	var before []byte
	if id := old.get("externalId"); id.exists() && !v.get("externalIds").exists() {
		before = id.raw()
	}
	return s.switches.merge(old, v, r).mirror(before)
}

// remove deletes the customer in a row, which frees its identities unless a switch reserves them.
func (s *Server) remove(t *tx, row int64) (*record, *refusal, error) {
	one, err := t.customer(row)
	if err != nil {
		return nil, nil, err
	}
	if one == nil || one.deleted {
		return nil, notFound("id"), nil
	}
	if !s.switches.DeleteReserves {
		old, err := parse(one.document)
		if err != nil {
			return nil, nil, err
		}
		had := s.identities.read(nil, old)
		if err := t.claims.load(had); err != nil {
			return nil, nil, err
		}
		t.claims.take(row, had, nil)
	}
	one.deleted = true
	one.rev++
	one.updated = s.now().UnixMilli()
	return one, nil, t.replace(one)
}

// customer reads a customer within the transaction; nil when there never was one.
func (t *tx) customer(row int64) (*record, error) {
	return scanRecord(t.readCustomer.QueryRowContext(context.Background(), row))
}

func (t *tx) replace(one *record) error {
	_, err := t.updateCustomer.ExecContext(context.Background(), one.rev, one.created, one.updated, one.deleted,
		one.document, one.row)
	return err
}

// find reads a committed customer that is not deleted by its id, nil when there is none.
func (s *Server) find(ctx context.Context, id string) (*record, error) {
	row := s.store.seed.row(customerKind, id)
	if row == 0 {
		return nil, nil
	}
	return scanRecord(s.store.customerByRow.QueryRowContext(ctx, row))
}

// lookup reads a committed customer that is not deleted by an identity, nil when there is none.
func (s *Server) lookup(ctx context.Context, one identity) (*record, error) {
	return scanRecord(s.store.customerByIdentity.QueryRowContext(ctx, int64(one.kind), one.value))
}
