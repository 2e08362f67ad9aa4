package sandbox

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
)

// Customers read back with the ids of tags, whose names the org lists; a name is one tag, whoever uses it first, and an id
// in a body is the tag that it is of. A file keeps them.
func TestTags(t *testing.T) {
	path := filepath.Join(t.TempDir(), "org.db")
	o := start(t, Config{Path: path})
	first := o.want(201, "POST", "/v1/customers", `{"tags":["vip","new customer"]}`)
	vip := first.at("data.attributes.tags.0")
	o.want(201, "POST", "/v1/customers", `{"tags":["vip","`+first.at("data.attributes.tags.1")+`"]}`).expect(t,
		"data.attributes.tags.0", vip, "data.attributes.tags.1", first.at("data.attributes.tags.1"))
	o.want(400, "POST", "/v1/customers", `{"tags":["refused"],"name":5}`)

	names := map[string]string{}
	for page := 1; page <= 2; page++ {
		r := o.want(200, "GET", fmt.Sprintf("/v1/tags?deleted=false&page=%d&pageSize=1", page), "")
		r.expect(t, "meta.total", "2", "data.0.type", "tag", "data.0.attributes.deleted", "false")
		names[r.at("data.0.id")] = r.at("data.0.attributes.name")
	}
	if len(names) != 2 || names[vip] != "vip" {
		t.Errorf("the org lists %v", names)
	}
	o.stop()
	o = start(t, Config{Path: path})
	o.want(200, "GET", "/v1/tags", "").expect(t, "meta.total", "2")
	o.want(200, "GET", "/v1/tags?deleted=true", "").expect(t, "meta.total", "0")
	o.want(400, "GET", "/v1/tags?deleted=maybe", "")
}

func TestTagsNeedARole(t *testing.T) {
	o := start(t, Config{Keys: map[string][]string{"key": {roleCustomerCreate}}})
	if r := o.want(http.StatusForbidden, "GET", "/v1/tags", ""); r.status != http.StatusForbidden {
		t.Error(r.status)
	}
}
