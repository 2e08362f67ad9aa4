package sandbox

import (
	"strings"
	"testing"
)

func TestConversationsAreDescribed(t *testing.T) {
	path := t.TempDir() + "/sandbox.db"
	o := start(t, Config{Path: path})
	o.want(200, "PUT", "/v1/metadata/conversation", `{"properties":{"reasonStr":{"enumeration":["billing","shipping"]},"closedAt":{}}}`)
	customer := o.want(201, "POST", "/v1/customers", `{}`).at("data.id")
	id := o.want(201, "POST", "/v1/conversations", `{"customer":"`+customer+`","name":"Late","custom":{"reasonStr":"billing"}}`).at("data.id")
	at := "/v1/conversations/" + id
	o.want(200, "PUT", at, `{"custom":{"closedAt":"2024-01-02T03:04:05+01:00"}}`)
	r := o.want(200, "GET", at, "")
	r.expect(t, "data.type", "conversation", "data.id", id, "data.attributes.custom.reasonStr", "billing", "data.attributes.custom.closedAt", "2024-01-02T02:04:05.000Z",
		"data.attributes.rev", "2", "data.relationships.customer.data.id", customer)
	for body, want := range map[string]int{
		`{"custom":{"reasonStr":null}}`: 200, `{"custom":{"reasonStr":"other"}}`: 400, `{"custom":{"vipBool":true}}`: 400, `{"mood":1}`: 400, `[]`: 400,
	} {
		o.want(want, "PUT", at, body)
	}
	o.want(415, "PATCH", at, `{"custom":{"reasonStr":"shipping"}}`)
	o.want(404, "GET", "/v1/conversations/"+strings.Repeat("0", 24), "").expect(t, "errors.0.source.parameter", "id")
	o.want(404, "PUT", "/v1/conversations/"+strings.Repeat("0", 24), `{}`)
	o.want(400, "POST", "/v1/conversations", `{"customer":"`+strings.Repeat("0", 24)+`"}`)
	for _, demo := range demoConversations() {
		o.want(200, "GET", "/v1/conversations/"+demo, "")
	}
	o.stop()
	o = start(t, Config{Path: path})
	if next := o.want(201, "POST", "/v1/conversations", `{}`).at("data.id"); next == id {
		t.Error("an id is given twice")
	}
	o.want(200, "GET", at, "").expect(t, "data.attributes.rev", "3")
}

func TestConversationsInBulk(t *testing.T) {
	o := start(t, Config{})
	o.want(200, "PUT", "/v1/metadata/conversation", `{"properties":{"reasonStr":{}}}`)
	demo := demoConversations()
	o.want(400, "PUT", "/v1/conversations/bulk", `[{"custom":{}}]`).expect(t, "errors.0.source.parameter", "id")
	o.want(400, "PUT", "/v1/conversations/bulk", `[{"id":"`+demo[0]+`","custom":{"nobodyStr":"x"}}]`).expect(t, "errors.0.source.parameter", "nobodyStr")
	r := o.want(201, "PUT", "/v1/conversations/bulk", `[{"_clientRef":"a","id":"`+demo[0]+`","custom":{"reasonStr":"billing"}},{"_clientRef":"b","id":"`+strings.Repeat("0", 24)+`","custom":{"reasonStr":"x"}}]`)
	r.expect(t, "data.attributes.context", "api.sobjects.conversations.bulk-update", "data.attributes.payload.api.path", "/v1/conversations/bulk")
	results := o.outcomes(r.at("data.id"))
	if len(results) != 2 || results["a"].Status != "updated" || results["a"].ID != demo[0] || results["b"].Status != "error" {
		t.Errorf("%+v", results)
	}
	o.want(200, "GET", "/v1/conversations/"+demo[0], "").expect(t, "data.attributes.custom.reasonStr", "billing")
}
