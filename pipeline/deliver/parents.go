package deliver

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"strings"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
)

// Records name others by references; in their place the org gets ids. Who was landed by this ledger is known from it
// without a request; the others are asked for, many at a time. A record whose reference leads nowhere is held: it is
// not sent, and its outcome says so.

// Resolved are the payloads of records of one kind with ids in place of their references; nil where one leads nowhere.
func (s *Kinds) Resolved(ctx context.Context, k *object.Kind, payloads [][]byte) ([][]byte, error) {
	records := make([]*block.Record, len(payloads))
	for i, p := range payloads {
		records[i] = &block.Record{Payload: p}
	}
	list, err := s.resolve(ctx, k, records)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if payloads[i] = withNamesOfFiles(list[i].payload); list[i].code != "" {
			payloads[i] = nil
		}
	}
	return payloads, nil
}

// Comparable is a record of any kind as customers are compared: by its attributes, the ids of what it belongs to among
// them.
func Comparable(r *kustomer.Record) *kustomer.Customer {
	c := asKind(r)
	c.Attributes = maps.Clone(r.Attributes)
	if files := c.Attributes[object.Attachments]; files != nil {
		c.Attributes[object.Attachments] = namesOfFiles(files)
	}
	for name, id := range r.Related {
		c.Attributes[name], _ = json.Marshal(id) // a text always marshals
	}
	return c
}

// resolved is a record with ids in place of its references, or why it has none.
type resolved struct {
	payload []byte
	code    string // of why it is held; "" it is not
	detail  string
	column  string
}

// resolve puts ids in the place of the references of records of one kind. The error is that of an org that could not be
// asked.
func (s *Kinds) resolve(ctx context.Context, k *object.Kind, records []*block.Record) ([]resolved, error) {
	bodies := make([]Object, len(records))
	wanted := map[named]bool{}
	for i, r := range records {
		if json.Unmarshal(r.Payload, &bodies[i]) != nil {
			continue // the checker made it: it is an object
		}
		for _, ref := range k.References {
			if n, is := s.name(&ref, bodies[i]); is {
				wanted[n] = true
			}
		}
	}
	if err := s.learn(ctx, wanted); err != nil {
		return nil, err
	}
	list := make([]resolved, len(records))
	for i := range records {
		list[i] = s.exchange(k, bodies[i])
	}
	return list, nil
}

// name is what a record names by a reference; false: nothing.
func (s *Kinds) name(ref *object.Reference, body Object) (named, bool) {
	value := strings.TrimSpace(textOf(body, ref.Key()))
	if value == "" {
		return named{}, false
	}
	if ref.By == "email" {
		value = strings.ToLower(value)
	}
	if ref.Kind == "user" || ref.Kind == "team" {
		if other, told := s.Users[strings.ToLower(value)]; told {
			value = other
		}
	}
	return named{ref.Kind, ref.By, value}, value != ""
}

// NoParent is the code of a record that names one which the org has not.
const NoParent = "kustomer.no_parent"

// NotSent says that what a record names was refused itself.
func NotSent(kind string) string {
	return "the " + kind + " that it names is of this input, and its row is not sent"
}

// notYet stands for the id of a record that would be made: no record has it.
var notYet = json.RawMessage(`"not yet"`)

// exchange makes the payload of a record whose references are known.
func (s *Kinds) exchange(k *object.Kind, body Object) (r resolved) {
	named := maps.Clone(body)
	var lacking []*object.Reference
	for i := range k.References {
		ref := &k.References[i]
		n, names := s.name(ref, body)
		delete(body, ref.Key())
		if !names || body[ref.Field] != nil {
			continue
		}
		id, _ := s.recall(n)
		switch {
		case id == "" && s.Coming.Made(n.kind, n.by, n.value):
			body[ref.Field] = notYet
		case id == "":
			lacking = append(lacking, ref)
			if ref.Kind == "user" || ref.Kind == "team" {
				s.miss(n)
			}
		case ref.Many:
			body[ref.Field], _ = json.Marshal([]string{id}) // texts always marshal
		default:
			body[ref.Field], _ = json.Marshal(id)
		}
	}
	for _, ref := range lacking {
		if body[ref.Field] != nil {
			continue // another reference of the same field led somewhere
		}
		r.code, r.column = NoParent, ref.Key()
		r.detail = "the org has no " + ref.Kind + " of this " + wordsOf(ref.By)
		if n, _ := s.name(ref, named); s.Coming.Refused(n.kind, n.by, n.value) {
			r.detail = NotSent(ref.Kind)
		}
		if ref.Kind == "user" || ref.Kind == "team" {
			r.code = "kustomer.no_user"
		}
		break
	}
	r.payload, _ = json.Marshal(body) // what was JSON is JSON again
	return r
}

// wordsOf is an identity as people call it.
func wordsOf(by string) string {
	switch by {
	case "externalId":
		return "external id"
	case "email":
		return "e-mail address"
	case "phone":
		return "phone number"
	}
	return by
}

// learn finds the ids of names that are not remembered.
func (s *Kinds) learn(ctx context.Context, wanted map[named]bool) error {
	s.asking.Lock() // several batches mostly ask for the same
	defer s.asking.Unlock()
	groups := map[string][]named{}
	for n := range wanted {
		if _, known := s.recall(n); !known {
			groups[n.kind] = append(groups[n.kind], n)
		}
	}
	for _, kind := range []string{"customer", "company", "conversation"} {
		left, err := s.landed(groups[kind])
		if err != nil {
			return err
		}
		groups[kind] = left
	}
	if err := s.customers(ctx, groups["customer"]); err != nil {
		return err
	}
	for kind, find := range map[string]func(context.Context, named) (string, error){"company": s.company,
		"conversation": s.conversation, "user": s.user, "team": s.team} {
		some := groups[kind]
		err := lookup.AtATime(len(some), func(i int) error {
			id, err := find(ctx, some[i])
			if err == nil {
				s.remember(some[i], id)
			}
			return err
		})
		if len(some) > 0 && err != nil {
			return err
		}
	}
	return nil
}

// landed takes the names that this ledger has landed, and returns the others.
func (s *Kinds) landed(some []named) (left []named, err error) {
	if len(some) == 0 || s.Ledger == nil {
		return some, nil
	}
	marks := make([]ledger.KeyHash, len(some))
	for i, n := range some {
		realm := n.kind
		if realm == "customer" {
			realm = ""
		}
		marks[i] = MarkOf(s.Ledger, realm, n.by, n.value)
	}
	known, err := s.Ledger.Known(s.OrgID, marks)
	if err != nil {
		return nil, err
	}
	for i, n := range some {
		if known[i].Found && known[i].CustomerID != "" {
			s.remember(n, known[i].CustomerID)
		} else {
			left = append(left, n)
		}
	}
	return left, nil
}

// customers asks for customers, many at a time where that is cheaper.
func (s *Kinds) customers(ctx context.Context, some []named) error {
	if len(some) == 0 {
		return nil
	}
	wanted := make([]lookup.Wanted, len(some))
	for i, n := range some {
		wanted[i] = lookup.Wanted{Keys: []customer.Identity{{Kind: n.by, Value: n.value}}}
	}
	found, err := s.Readings.Read(ctx, wanted)
	if err != nil {
		return err
	}
	for i, n := range some {
		id := ""
		if found[i] != nil {
			id = found[i].ID
		}
		s.remember(n, id)
	}
	return nil
}

func (s *Kinds) company(ctx context.Context, n named) (string, error) {
	found, err := s.Viewer.CompaniesByExternalID(ctx, n.value)
	if err != nil || len(found) == 0 {
		return "", orGone(err)
	}
	return found[0].ID, nil
}

func (s *Kinds) conversation(ctx context.Context, n named) (string, error) {
	found, err := s.Viewer.RecordBy(ctx, "/v1/conversations", n.value)
	if err != nil {
		return "", orGone(err)
	}
	return found.ID, nil
}

// user finds a user by the e-mail address. The filter is compared here: the org may list others as well.
func (s *Kinds) user(ctx context.Context, n named) (id string, err error) {
	_, err = s.Viewer.EachRecord(ctx, "/v1/users", url.Values{"email": {n.value}},
		func(page []*kustomer.Record, _ int) bool {
			for _, one := range page {
				if strings.EqualFold(one.Text("email"), n.value) && !one.Deleted() {
					id = one.ID
				}
			}
			return id == ""
		})
	return id, orGone(err)
}

// team finds a team by its name among all of them, which are listed once.
func (s *Kinds) team(ctx context.Context, n named) (string, error) {
	s.mu.Lock()
	teams := s.teams
	s.mu.Unlock()
	if teams == nil {
		teams = map[string]string{}
		_, err := s.Viewer.EachRecord(ctx, "/v1/teams", nil, func(page []*kustomer.Record, _ int) bool {
			for _, one := range page {
				for _, name := range []string{one.Text("displayName"), one.Text("name")} {
					if name != "" && !one.Deleted() {
						teams[strings.ToLower(name)] = one.ID
					}
				}
			}
			return len(teams) < mostMissing
		})
		if err = orGone(err); err != nil {
			return "", err
		}
		s.mu.Lock()
		s.teams = teams
		s.mu.Unlock()
	}
	return teams[strings.ToLower(n.value)], nil
}

// orGone is an error that is more than that nothing was found.
func orGone(err error) error {
	if kustomer.VerdictOf(err) == kustomer.NotFound {
		return nil
	}
	return err
}
