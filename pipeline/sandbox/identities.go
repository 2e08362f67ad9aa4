package sandbox

import (
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
