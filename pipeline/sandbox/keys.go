package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// credential is an API key without the key: the machine user behind it and what it may do.
type credential struct {
	user    string
	token   string
	roles   []string
	expires time.Time // zero: never
}

func (c *credential) may(role string) bool {
	return role == "" || slices.ContainsFunc(granting(role),
		func(one string) bool { return slices.Contains(c.roles, one) })
}

// keyring knows the org's keys. It never changes.
type keyring struct {
	byKey  map[string]*credential
	roles  map[string][]string // by user
	admins map[string]bool     // users with the role org.admin
	first  string              // the key that Server.Key gives
}

func newKeyring(keys map[string][]string, expires map[string]time.Time) *keyring {
	r := &keyring{byKey: map[string]*credential{}, roles: map[string][]string{}, admins: map[string]bool{}}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		c := &credential{user: digest("user", key), token: digest("token", key), roles: keys[key], expires: expires[key]}
		r.byKey[key] = c
		r.roles[c.user] = c.roles
		r.admins[c.user] = slices.Contains(c.roles, roleAdmin)
		if r.first == "" {
			r.first = key
		}
	}
	return r
}

// rolesOf are the roles of a user, none for one of an earlier start.
func (r *keyring) rolesOf(user string) []string {
	if roles := r.roles[user]; roles != nil {
		return roles
	}
	return []string{}
}

// digest is an id that follows from a key and does not give it away.
func digest(kind, key string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + key))
	return hex.EncodeToString(sum[:12])
}

// authenticate finds whose request this is.
func (s *Server) authenticate(h http.Header) (*credential, error) {
	key, ok := strings.CutPrefix(h.Get("Authorization"), "Bearer ")
	c := s.keys.byKey[key]
	switch {
	case !ok || c == nil:
		return nil, &refusal{status: http.StatusUnauthorized, code: "unauthorized", title: "Unauthorized"}
	case !c.expires.IsZero() && !s.now().Before(c.expires):
		return nil, &refusal{status: http.StatusUnauthorized, code: "unauthorized", title: "Expired token"}
	}
	return c, nil
}

// authorize refuses a caller without the role.
func (s *Server) authorize(c *credential, role string) error {
	if c.may(role) {
		return nil
	}
	r := &refusal{status: http.StatusForbidden, code: "forbidden", title: fmt.Sprintf("Missing role: %s", role)}
	if s.switches.MissingRoleIs401 {
		r.status, r.code = http.StatusUnauthorized, "unauthorized"
	}
	return r
}

// currentToken is GET /v1/auth/tokens/current.
func (s *Server) currentToken(c *call) (*Answer, error) {
	attributes := map[string]any{"name": "sandbox", "roles": c.key.roles, "userType": "machine",
		"createdAt": stamp(s.started)}
	if !c.key.expires.IsZero() {
		attributes["expiresAt"] = stamp(c.key.expires)
	}
	return single(http.StatusOK, &resource{"token", c.key.token, attributes, map[string]any{
		"org":  relation("org", s.present.org, "/v1/orgs/"+s.present.org),
		"user": relation("user", c.key.user, "/v1/users/"+c.key.user),
	}, map[string]string{"self": "/v1/auth/tokens/" + c.key.token}})
}

// currentUser is GET /v1/users/current.
func (s *Server) currentUser(c *call) (*Answer, error) {
	attributes := map[string]any{
		"name": "sandbox", "displayName": "sandbox", "userType": "machine", "roles": c.key.roles,
		"email": c.key.user + "@machine.invalid", "createdAt": stamp(s.started), "updatedAt": stamp(s.started),
	}
	return single(http.StatusOK, &resource{"user", c.key.user, attributes, map[string]any{
		"org": relation("org", s.present.org, "/v1/orgs/"+s.present.org),
	}, map[string]string{"self": "/v1/users/" + c.key.user}})
}
