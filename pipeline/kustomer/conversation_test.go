package kustomer

import (
	"io"
	"net/http"
	"testing"
)

// The quirks of the endpoints of conversations: the verb of a single change, ids in bulk.
func TestConversations(t *testing.T) {
	var seen []string
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Content-Type")+" "+string(body))
		if r.URL.Path == bulkConversations {
			answering(201, accepted)(w, r)
			return
		}
		answering(200, `{"data":{"id":"c1","attributes":{"rev":3,"custom":{"reasonStr":"x"}},"relationships":{"customer":{"data":{"id":"p1"}}}}}`)(w, r)
	})
	one, err := c.UpdateConversation(t.Context(), "c1", []byte(`{"custom":{"reasonStr":"x"}}`))
	if err != nil || one.ID != "c1" || one.Rev != 3 || one.Customer != "p1" ||
		string(one.Attributes["custom"]) != `{"reasonStr":"x"}` {
		t.Errorf("%+v, %v", one, err)
	}
	if _, err := c.BulkUpdateConversations(t.Context(),
		[]Item{{Ref: "r", ID: "c1", Payload: []byte(`{"custom":{}}`)}}); err != nil {
		t.Error(err)
	}
	if _, err := c.Conversation(t.Context(), "c1"); err != nil {
		t.Error(err)
	}
	want := []string{
		`PUT /v1/conversations/c1?replace=false application/json {"custom":{"reasonStr":"x"}}`,
		`PUT /v1/conversations/bulk application/json [{"custom":{},"_clientRef":"r","id":"c1"}]`,
		"GET /v1/conversations/c1  ",
	}
	for i := range want {
		if i >= len(seen) || seen[i] != want[i] {
			t.Errorf("%q, want %q", seen, want)
			break
		}
	}
	for _, id := range []string{"", ".."} {
		if _, err := c.UpdateConversation(t.Context(), id, []byte(`{}`)); VerdictOf(err) != NotBegun {
			t.Errorf("%q: %v", id, err)
		}
	}
	if _, err := c.UpdateConversation(t.Context(), "c1", []byte(`[]`)); VerdictOf(err) != NotBegun {
		t.Error(err)
	}
}
