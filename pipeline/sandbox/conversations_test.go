package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

func TestConversationsAreDescribed(t *testing.T) {
	path := t.TempDir() + "/sandbox.db"
	o := start(t, Config{Path: path})
	o.want(200, "PUT", "/v1/metadata/conversation", `{"properties":{"reasonStr":{"enumeration":["billing","shipping"]},"closedAt":{}}}`)
	customer := o.want(201, "POST", "/v1/customers", `{}`).at("data.id")
	id := o.want(201, "POST", "/v1/conversations", `{"customer":"`+customer+
		`","name":"Late","custom":{"reasonStr":"billing"}}`).at("data.id")
	at := "/v1/conversations/" + id
	o.want(200, "PUT", at, `{"custom":{"closedAt":"2024-01-02T03:04:05+01:00"}}`)
	r := o.want(200, "GET", at, "")
	r.expect(t, "data.type", "conversation", "data.id", id, "data.attributes.custom.reasonStr", "billing",
		"data.attributes.custom.closedAt", "2024-01-02T02:04:05.000Z",
		"data.attributes.rev", "2", "data.relationships.customer.data.id", customer)
	for body, want := range map[string]int{ // each that is taken is one revision more
		`{"custom":{"reasonStr":null}}`: 200, `{"custom":{"reasonStr":"other"}}`: 400, `{"custom":{"vipBool":true}}`: 400,
		`{"mood":1}`: 400, `[]`: 400,
	} {
		o.want(want, "PUT", at, body)
	}
	for kind, want := range map[string]int{"application/json": 200, "application/json-patch+json; charset=utf-8": 200,
		"text/plain": 415} {
		if got := o.patchAs(kind, at, `{"custom":{"reasonStr":"shipping"}}`); got != want {
			t.Errorf("PATCH with %s: %d", kind, got)
		}
	}
	o.want(404, "GET", "/v1/conversations/"+strings.Repeat("0", 24), "").expect(t, "errors.0.source.parameter", "id")
	o.want(404, "PUT", "/v1/conversations/"+strings.Repeat("0", 24), `{}`)
	o.want(400, "POST", "/v1/conversations", `{"customer":"`+strings.Repeat("0", 24)+`"}`)
	for _, demo := range demoConversations() {
		o.want(200, "GET", "/v1/conversations/"+demo, "")
	}
	o.stop()
	o = start(t, Config{Path: path})
	o.want(400, "POST", "/v1/conversations", `{}`).expect(t, "errors.0.source.parameter", "customer")
	if next := o.want(201, "POST", "/v1/conversations", `{"customer":"`+customer+`"}`).at("data.id"); next == id {
		t.Error("an id is given twice")
	}
	o.want(200, "GET", at, "").expect(t, "data.attributes.rev", "5")
}

// patchAs is the status of a PATCH of a content type.
func (o *org) patchAs(kind, path, body string) int {
	o.t.Helper()
	q, err := http.NewRequest(http.MethodPatch, o.base+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+o.key)
	q.Header.Set("Content-Type", kind)
	answered, err := o.client.Do(q)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answered.Body.Close()
	return answered.StatusCode
}

// An update leaves what it does not name, unless it replaces; what moves a conversation says nothing else; a deleted
// one is gone.
func TestConversationUpdates(t *testing.T) {
	o := start(t, Config{})
	ann, ben := o.value(`{"name":"Ann"}`), o.value(`{"name":"Ben"}`)
	at := "/v1/conversations/" + o.want(201, "POST", "/v1/conversations", `{"customer":"`+ann+
		`","name":"Late","priority":3,"direction":"in"}`).at("data.id")
	o.want(200, "PUT", at+"?replace=false", `{"status":"snoozed","rev":1}`).expect(t, "data.attributes.name", "Late",
		"data.attributes.status", "snoozed")
	o.want(409, "PUT", at, `{"rev":1}`)
	o.want(200, "PUT", at+"?replace=true", `{"name":"New"}`).expect(t, "data.attributes.priority", "",
		"data.attributes.status", "snoozed", "data.relationships.customer.data.id", ann)
	o.want(400, "PUT", at+"?replace=maybe", `{}`)
	o.want(400, "PUT", at, `{"priority":6}`)
	o.want(400, "PUT", at, `{"status":"closed"}`)
	o.want(400, "PUT", at, `{"customer":"`+ben+`","name":"x"}`)
	o.want(200, "PUT", at, `{"customer":"`+ben+`"}`).expect(t, "data.relationships.customer.data.id", ben,
		"data.attributes.name", "New")
	o.want(200, "PUT", at, `{"deleted":true}`)
	o.want(404, "GET", at, "")
	o.want(404, "PUT", at, `{"deleted":false}`)
}

// A customer is shown with the numbers of its conversations by status.
func TestConversationCounts(t *testing.T) {
	path := t.TempDir() + "/sandbox.db"
	o := start(t, Config{Path: path})
	ann := o.value(`{"name":"Ann"}`)
	counts := func(want string) {
		t.Helper()
		r := o.want(200, "GET", "/v1/customers/"+ann, "")
		got := ""
		for _, status := range []string{"all", "open", "snoozed", "done"} {
			got += r.at("data.attributes.conversationCounts." + status)
		}
		if got != want {
			t.Errorf("all, open, snoozed, done: %s, want %s", got, want)
		}
	}
	counts("0000")
	var last string
	for _, status := range []string{"open", "open", "done"} {
		last = o.want(201, "POST", "/v1/conversations", `{"customer":"`+ann+`","status":"`+status+`"}`).at("data.id")
	}
	counts("3201")
	o.want(200, "PUT", "/v1/conversations/"+last, `{"status":"snoozed"}`)
	counts("3210")
	o.stop()
	o = start(t, Config{Path: path})
	counts("3210")
	o.want(200, "PUT", "/v1/conversations/"+last, `{"deleted":true}`)
	counts("2200")
}

func TestConversationsInBulk(t *testing.T) {
	o := start(t, Config{})
	o.want(200, "PUT", "/v1/metadata/conversation", `{"properties":{"reasonStr":{}}}`)
	demo := demoConversations()
	o.want(400, "PUT", "/v1/conversations/bulk", `[{"custom":{}}]`).expect(t, "errors.0.source.parameter", "id")
	o.want(400, "PUT", "/v1/conversations/bulk", `[{"id":"`+demo[0]+`","custom":{"nobodyStr":"x"}}]`).expect(t,
		"errors.0.source.parameter", "nobodyStr")
	r := o.want(201, "PUT", "/v1/conversations/bulk", `[{"_clientRef":"a","id":"`+demo[0]+
		`","custom":{"reasonStr":"billing"}},{"_clientRef":"b","id":"`+strings.Repeat("0", 24)+
		`","custom":{"reasonStr":"x"}}]`)
	r.expect(t, "data.attributes.context", "api.sobjects.conversations.bulk-update", "data.attributes.payload.api.path",
		"/v1/conversations/bulk")
	results := o.outcomes(r.at("data.id"))
	if len(results) != 2 || results["a"].Status != "updated" || results["a"].ID != demo[0] ||
		results["b"].Status != "error" {
		t.Errorf("%+v", results)
	}
	o.want(200, "GET", "/v1/conversations/"+demo[0], "").expect(t, "data.attributes.custom.reasonStr", "billing")
}
