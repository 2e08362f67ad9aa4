package sandbox

import (
	"strings"
	"testing"
	"time"
)

func TestKeysAreAskedFor(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	o := start(t, Config{
		Keys:    map[string][]string{"good": Roles(), "old": Roles()},
		Expires: map[string]time.Time{"old": now, "good": now.Add(time.Hour)},
		Now:     func() time.Time { return now },
	})
	o.key = "good"
	o.want(200, "GET", "/v1/users/current", "").expect(t, "data.attributes.userType", "machine")
	r := o.want(200, "GET", "/v1/auth/tokens/current", "")
	r.expect(t, "data.type", "token", "data.attributes.expiresAt", "2026-01-01T01:00:00.000Z",
		"data.attributes.roles.0", roleCustomerCreate, "data.relationships.org.data.id", o.store.orgID())
	if strings.Contains(string(r.body), "good") {
		t.Errorf("the key is in the answer: %s", r.body)
	}
	for _, key := range []string{"", "bad", "goo", "old"} {
		o.key = key
		r := o.want(401, "GET", "/v1/users/current", "")
		if expired := r.at("errors.0.title") == "Expired token"; expired != (key == "old") {
			t.Errorf("key %q: %s", key, r.body)
		}
	}
}

// Each endpoint needs its role, under the new name or an old one, and no other role will do.
func TestRoles(t *testing.T) {
	for _, c := range []struct{ role, older, method, path, body string }{
		{roleCustomerCreate, "org.user.customer.write", "POST", "/v1/customers", `{}`},
		{roleCustomerCreate, "org.user.customer.write", "POST", "/v1/customers/bulk", `[{}]`},
		{roleCustomerRead, "org.user.customer.read", "GET", "/v1/customers", ``},
		{roleCustomerRead, "org.user.customer.read", "GET", "/v1/customers/email=x", ``},
		{roleCustomerUpdate, "org.user.customer.write", "PUT", "/v1/customers/x", `{}`},
		{roleCustomerUpdate, "org.user.customer.write", "PATCH", "/v1/customers/x", `{}`},
		{roleCustomerUpdate, "org.user.customer.write", "PUT", "/v1/customers/bulk?ids=x", `{}`},
		{roleCustomerDelete, "org.user.customer.delete", "DELETE", "/v1/customers/x", ``},
		{roleCustomerDelete, "org.user.customer.delete", "DELETE", "/v1/customers/bulk?ids=x", ``},
		{roleBulkRead, "org.user.bulk.read", "GET", "/v1/bulk/x", ``},
		{roleBulkRead, "org.user.bulk.read", "GET", "/v1/bulk/x/batches", ``},
		{roleMetadataRead, "org.user.metadata.read", "GET", "/v1/metadata/customer", ``},
		{roleMetadataUpdate, "org.admin.metadata.write", "PUT", "/v1/metadata/customer", `{}`},
		{roleSearchCreate, "org.user.search.read", "POST", "/v1/customers/search", `{}`},
		{roleSearchCreate, "org.admin.search.read", "POST", "/v1/customers/search", `{}`},
		{roleSearchCreate, "org.user.search.read", "POST", "/v1/customers/archive/search", `{}`},
		{roleCompanyCreate, "org.user.company.write", "POST", "/v1/companies", `{}`},
		{roleCompanyRead, "org.user.company.read", "GET", "/v1/companies/x", ``},
		{roleCompanyUpdate, "org.user.company.write", "PUT", "/v1/companies/x", `{}`},
	} {
		var others []string
		for _, role := range Roles() {
			if role != c.role {
				others = append(others, role)
			}
		}
		o := start(t, Config{Keys: map[string][]string{"new": {c.role}, "older": {c.older}, "others": others}})
		for _, key := range []string{"new", "older"} {
			o.key = key
			if r := o.do(c.method, c.path, c.body); r.status == 403 || r.status == 401 {
				t.Errorf("%s %s with %s role: %d %s", c.method, c.path, key, r.status, r.body)
			}
		}
		o.key = "others"
		o.want(403, c.method, c.path, c.body)
		o.stop()
	}
}

func TestGeneratedKeyStays(t *testing.T) {
	path := t.TempDir() + "/sandbox.db"
	first := start(t, Config{Path: path})
	first.want(201, "POST", "/v1/customers", `{"externalId":"1"}`)
	first.stop()
	second := start(t, Config{Path: path})
	if second.Key() != first.Key() {
		t.Error("another key after a restart")
	}
	second.want(200, "GET", "/v1/customers/externalId=1", "")
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	o := start(t, Config{})
	for _, path := range []string{"/", "/v1", "/v1/customer", "/v2/customers", "/v1/customers/x/y"} {
		o.want(404, "GET", path, "")
	}
}
