package sandbox

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// identity is one value by which a customer is found, in the form in which it is unique across the org.
type identity struct {
	kind  byte
	value string
}

const (
	byExternalID byte = 1 + iota
	byEmail
	byPhone
	byWhatsapp
	bySocial
)

// identityList is a list of a customer whose values are unique across the org.
type identityList struct {
	field  string
	member string
	kind   byte
	shared bool
}

func identityLists() []identityList {
	return []identityList{
		{"externalIds", "externalId", byExternalID, false},
		{"emails", "email", byEmail, false},
		{"phones", "phone", byPhone, false},
		{"whatsapps", "phone", byWhatsapp, false},
		{"socials", "username", bySocial, false},
		{"sharedExternalIds", "externalId", byExternalID, true},
		{"sharedEmails", "email", byEmail, true},
		{"sharedPhones", "phone", byPhone, true},
		{"sharedSocials", "username", bySocial, true},
	}
}

// identityReader finds the identities of a customer.
type identityReader struct {
	lists map[string]identityList
	exact bool
}

func newIdentityReader(w Switches) *identityReader {
	r := &identityReader{lists: map[string]identityList{}, exact: w.IdentitiesExact}
	for _, l := range identityLists() {
		if !l.shared || w.SharedUnique {
			r.lists[l.field] = l
		}
	}
	return r
}

// read appends the identities of v, a customer's body or document, each once. Of an invalid one it reads what it can.
func (r *identityReader) read(dst []identity, v value) []identity {
	if !v.isGroup() {
		return dst
	}
	first := len(dst)
	add := func(one identity) {
		if !slices.Contains(dst[first:], one) {
			dst = append(dst, one)
		}
	}
	for name, member := range v.members() {
		field := name.bytes()
		if string(field) == "externalId" && member.kind() == '"' {
			add(r.identity(byExternalID, "", member.string()))
			continue
		}
		l, ok := r.lists[string(field)]
		if !ok || !member.isList() {
			continue
		}
		for _, item := range member.items() {
			network := ""
			if l.kind == bySocial {
				network = item.get("type").string()
			}
			add(r.identity(l.kind, network, item.get(l.member).string()))
		}
	}
	return dst
}

// identity is a value in the form in which it is compared: emails and user names by lower case, phones by their
// digits, external ids as they are.
func (r *identityReader) identity(kind byte, network, value string) identity {
	if !r.exact {
		switch kind {
		case byEmail:
			value = strings.ToLower(strings.TrimSpace(value))
		case bySocial:
			value = strings.ToLower(value)
		case byPhone, byWhatsapp:
			value = digits(value)
		}
	}
	if kind == bySocial {
		value = network + ":" + value
	}
	return identity{kind, value}
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// claims is who owns which identities within one transaction. They are read and written for many customers at once,
// and decided upon in memory in between, in the order of the customers: the first to claim has it.
type claims struct {
	st      *store
	index   map[identity]int
	entries []claim
}

type claim struct {
	identity
	before, now int64 // rows of customers, 0 for none
}

func newClaims(st *store) *claims { return &claims{st: st, index: map[identity]int{}} }

// load reads the owners of those of ids that are not known yet.
func (c *claims) load(ids []identity) error {
	first := len(c.entries)
	for _, id := range ids {
		if _, known := c.index[id]; !known {
			c.index[id] = len(c.entries)
			c.entries = append(c.entries, claim{identity: id})
		}
	}
	return inSteps(len(c.entries)-first, func(step, from, to int) error {
		args := make([]any, 0, 2*(to-from))
		for _, e := range c.entries[first+from : first+to] {
			args = append(args, int64(e.kind), e.value)
		}
		rows, err := c.st.readOwners[step].QueryContext(context.Background(), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var kind, owner int64
			var value string
			if err := rows.Scan(&kind, &value, &owner); err != nil {
				return err
			}
			e := &c.entries[c.index[identity{byte(kind), value}]]
			e.before, e.now = owner, owner
		}
		return rows.Err()
	})
}

// take gives a customer the identities wanted in place of those it had, or none of them when one belongs to another.
// All must have been loaded.
func (c *claims) take(customer int64, had, wanted []identity) bool {
	for _, id := range wanted {
		if owner := c.entries[c.index[id]].now; owner != 0 && owner != customer {
			return false
		}
	}
	for _, id := range had {
		c.entries[c.index[id]].now = 0
	}
	for _, id := range wanted {
		c.entries[c.index[id]].now = customer
	}
	return true
}

// flush writes what changed, in the order of the table.
func (c *claims) flush() error {
	var added []claim
	for _, e := range c.entries {
		if e.now == e.before {
			continue
		}
		if e.before != 0 {
			if _, err := c.st.deleteIdentity.ExecContext(context.Background(), int64(e.kind), e.value); err != nil {
				return err
			}
		}
		if e.now != 0 {
			added = append(added, e)
		}
	}
	slices.SortFunc(added, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.value, b.value))
	})
	return inSteps(len(added), func(step, from, to int) error {
		args := make([]any, 0, 3*(to-from))
		for _, e := range added[from:to] {
			args = append(args, int64(e.kind), e.value, e.now)
		}
		_, err := c.st.insertIdentities[step].ExecContext(context.Background(), args...)
		return err
	})
}

// inSteps calls do for consecutive parts of n things, each as large as one of steps.
func inSteps(n int, do func(step, from, to int) error) error {
	from := 0
	for step, size := range steps() {
		for ; n-from >= size; from += size {
			if err := do(step, from, from+size); err != nil {
				return err
			}
		}
	}
	return nil
}
