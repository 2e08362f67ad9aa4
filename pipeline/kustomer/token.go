package kustomer

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"muster/pipeline/printable"
)

// Token is what the org says of the API key in use.
type Token struct {
	OrgID, OrgName, UserID string // "" unsaid
	Roles                  []string
	ExpiresAt              time.Time // zero: never, or unsaid
}

// Has reports whether the key holds a role such as org.permission.customer.create: by that name, by a wider one of
// which it is a part (org.permission.customer), or by the legacy one that stands for it (org.user.customer.write,
// org.admin.customer.write). It is a forecast; the org's answer decides.
func (t Token) Has(role string) bool {
	return slices.ContainsFunc(slices.Concat([]string{role}, legacy(role), siblings(role)), func(want string) bool {
		return slices.ContainsFunc(t.Roles, func(held string) bool {
			held = strings.TrimSuffix(held, ".*")
			return held == want || strings.HasPrefix(want, held+".")
		})
	})
}

// legacy names the older roles that grant a permission
// (https://developer.kustomer.com/api/core-resources/bulk-create-customers shows one such pair, each page its own).
func legacy(role string) []string {
	rest, ok := strings.CutPrefix(role, "org.permission.")
	dot := strings.LastIndexByte(rest, '.')
	if !ok || dot < 0 {
		return nil
	}
	object, act := rest[:dot], rest[dot+1:]
	if act == "create" || act == "update" || object == "klass" && act == "delete" {
		act = "write"
	}
	if strings.HasPrefix(object, "search") { // searching is a POST, its legacy role is a read
		object, act = "search", "read"
	}
	return []string{"org.user." + object + "." + act, "org.admin." + object + "." + act}
}

// siblings are further permissions that grant what role does, where the documentation lists several
// (https://developer.kustomer.com/api/core-resources/search-customers).
func siblings(role string) []string {
	if role == "org.permission.search.create" {
		return []string{"org.permission.search.update", "org.permission.search_global.create",
			"org.permission.search_preview.create"}
	}
	return nil
}

// InWords names roles as a person has to look for them: each with the older role that does as well, where one is
// documented.
func InWords(roles ...string) string {
	named := make([]string, len(roles))
	for i, role := range roles {
		named[i] = role
		if older := olderName(role); older != "" {
			named[i] += " (or the older " + older + ")"
		}
	}
	return strings.Join(named, ", ")
}

// olderName is the legacy role that the documentation puts beside a permission; "" none.
func olderName(role string) string {
	all := legacy(role)
	switch {
	case len(all) == 0 || strings.HasPrefix(role, "org.permission.tag."): // no page shows one
		return ""
	case role == "org.permission.metadata.update" || strings.HasPrefix(role, "org.permission.klass.") &&
		!strings.HasSuffix(role, ".read"):
		return all[1]
	}
	return all[0]
}

// Token describes the key in use: whose org, which user, which roles. It asks a second time, for the key's user, when
// the first answer leaves any of them out; that answer may be a refusal without harm.
func (v *Viewer) Token(ctx context.Context) (Token, error) {
	const tokenPath, userPath = "/v1/auth/tokens/current", "/v1/users/current"
	var t Token
	err := v.wire.do(ctx, reading(tokenPath, tokenPath, func(body []byte) error {
		r, err := decodeResource(body)
		t = Token{}
		t.learn(r, string(r.text("user")), string(r.text("userId")), r.related("user"))
		return err
	}))
	if err != nil {
		return Token{}, err
	}
	if t.OrgID != "" && t.UserID != "" && len(t.Roles) > 0 {
		return t, nil
	}
	_ = v.wire.do(ctx, reading(userPath, userPath, func(body []byte) error {
		r, err := decodeResource(body)
		t.learn(r, string(r.ID))
		return err
	}))
	return t, nil
}

// OrgOf is whose attributes a body of Metadata describes
// (https://developer.kustomer.com/api/core-resources/get-custom-attribute-metadata); "" where it does not say.
func OrgOf(metadata []byte) string {
	r, err := decodeResource(metadata)
	if err != nil {
		return ""
	}
	return r.related("org")
}

// Named has hash make a name of the key in use. What hash is given is the secret itself: it must not keep it, and what
// it makes must not give it away.
func (v *Viewer) Named(hash func(secret []byte) string) string {
	h := http.Header{}
	v.wire.authorize(h)
	return hash([]byte(h.Get("Authorization")))
}

// learn takes over what is not known yet. The user is the first of the given ids that is not "".
func (t *Token) learn(r resource, user ...string) {
	first := func(to *string, texts ...string) {
		for _, s := range texts {
			if *to == "" {
				*to = s
			}
		}
	}
	first(&t.OrgID, r.related("org"), string(r.text("orgId")), string(r.text("org")))
	first(&t.OrgName, printable.Line(string(r.text("orgName"))))
	first(&t.UserID, user...)
	if len(t.Roles) == 0 {
		t.Roles = roles(r.Attributes["roles"])
	}
	for _, name := range []string{"expiresAt", "expires", "exp"} {
		if t.ExpiresAt.IsZero() {
			t.ExpiresAt = moment(r.text(name))
		}
	}
}

// roles reads a list of names, or of objects with a name or an id.
func roles(raw json.RawMessage) []string {
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		return nil
	}
	var names []string
	for _, e := range elements {
		var text loose
		_ = text.UnmarshalJSON(e)
		var object struct{ Name, ID loose }
		if isObject(e) && json.Unmarshal(e, &object) == nil {
			if text = object.Name; text == "" {
				text = object.ID
			}
		}
		if text != "" {
			names = append(names, string(text))
		}
	}
	return names
}

// moment reads a time in RFC 3339, epoch seconds or epoch milliseconds; zero for anything else.
func moment(l loose) time.Time {
	switch n := l.count(); {
	case n > 1e12:
		return time.UnixMilli(n).UTC()
	case n > 1e9:
		return time.Unix(n, 0).UTC()
	}
	return l.time()
}
