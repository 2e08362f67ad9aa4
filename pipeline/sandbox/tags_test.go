package sandbox

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
)

// Customers read back with the ids of tags, whose names the org lists; a name is one tag, whoever uses it first, and an
// id in a body is the tag that it is of. A file keeps them.
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

// Tags of conversations are tags of the org as those of customers are: named in a body, read back by their ids.
func TestTagsOfConversations(t *testing.T) {
	o := start(t, Config{})
	customer := o.want(201, "POST", "/v1/customers", `{"tags":["vip"]}`)
	vip := customer.at("data.attributes.tags.0")
	made := o.want(201, "POST", "/v1/conversations", `{"customer":"`+customer.at("data.id")+`","tags":["vip","late"]}`)
	made.expect(t, "data.attributes.tags.0", vip)
	at := "/v1/conversations/" + made.at("data.id")
	o.want(200, "GET", at, "").expect(t, "data.attributes.tags.0", vip, "data.attributes.tags.1",
		made.at("data.attributes.tags.1"))
	o.want(200, "PUT", at, `{"tags":["`+vip+`","refund"]}`).expect(t, "data.attributes.tags.0", vip)
	o.want(200, "GET", "/v1/tags", "").expect(t, "meta.total", "3")
	o = start(t, Config{Switches: Switches{TagNamesOnRead: true}})
	customer = o.want(201, "POST", "/v1/customers", `{}`)
	o.want(201, "POST", "/v1/conversations", `{"customer":"`+customer.at("data.id")+`","tags":["vip"]}`).expect(t,
		"data.attributes.tags.0", "vip")
}

func TestTagsNeedARole(t *testing.T) {
	o := start(t, Config{Keys: map[string][]string{"key": {roleCustomerCreate}}})
	if r := o.want(http.StatusForbidden, "GET", "/v1/tags", ""); r.status != http.StatusForbidden {
		t.Error(r.status)
	}
}
