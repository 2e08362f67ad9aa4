package mappings

import (
	"strings"
	"testing"
)

// A mapping of conversations fills their id and attributes, and nothing else; one of customers has no use for the id.
func TestKinds(t *testing.T) {
	p := bound(t, "version: 1\nkind: conversation\ncolumns:\n  conversationId: conversationId\n"+
		"  \"customAttributes.{*}\": {to: custom, as: system}\n",
		"conversationId,customAttributes.reasonStr,customAttributes.lateBool", BindOptions{})
	var rec Record
	p.Map(splitCells("64c0ffee0000000000000001|billing|yes"), nil, &rec)
	if got, want := string(p.AppendJSON(nil, &rec)), `{"id":"64c0ffee0000000000000001","custom":{"lateBool":true,"reasonStr":"billing"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	keys := p.Keys(&rec, nil)
	if len(keys) != 1 || keys[0].Kind != "conversation" || string(keys[0].Value) != "64c0ffee0000000000000001" ||
		p.MatchKeys()[0] != "conversation" {
		t.Errorf("%+v", keys)
	}
	for text, want := range map[string]string{
		"version: 1\nkind: conversation\ncolumns:\n  a: colour\n":                        "there is no target",
		"version: 1\nkind: conversation\nkeys: [email]\ncolumns:\n  a: conversationId\n": "a conversation is found by its id",
		"version: 1\nkind: message\ncolumns: {a: name}\n":                                "there is no target \"name\"",
		"version: 1\ncolumns:\n  a: conversationId\n": "conversationId is of " +
			"conversations (write kind: conversation at the top)",
		"version: 1\nkind: mesage\ncolumns: {}\n": "did you mean message?",
	} {
		if _, err := Parse("x.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	m, err := Parse("x.yaml", []byte("version: 1\nkind: conversation\ncolumns: {conversationId: conversationId}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Bind([]string{"conversationId", "name"}, BindOptions{}); err == nil {
		t.Error("a name is taken for that of a conversation that is described")
	}
	m, err = Parse("x.yaml", []byte("version: 1\nkind: conversation\ncolumns: {id: conversationId, subject: name}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Bind([]string{"id", "subject"}, BindOptions{}); err == nil ||
		!strings.Contains(err.Error(), "described with attributes alone") {
		t.Errorf("a conversation is described with its name: %v", err)
	}
	if _, err := Standard().Bind([]string{"conversationId"}, BindOptions{Attributes: []Attribute{}}); err == nil {
		t.Error("a conversation's id is taken for a customer's")
	}
}

// Records of each kind are filled by the fields of their kind, and name others by references.
func TestRecordsOfEveryKind(t *testing.T) {
	for _, c := range []struct{ kind, columns, cells, want string }{
		{"company", "externalId,name,domains,Emails,employeeCount", "A-1|Acme|acme.example|info@acme.example|12",
			`{"name":"Acme","externalId":"A-1","domains":[{"domain":"acme.example"}],"emails":[{"email":"info@acme.example"}],"employeeCount":12}`},
		{"kobject.order", "externalId,title,customer.email,company.externalId,data,tags,custom.totalNum",
			"O-1|#1001|Ann@x.example|A-1|{\"lines\": [1]}|vip, new|9.90",
			`{"customerEmail":"Ann@x.example","companyExternalId":"A-1","title":"#1001","externalId":"O-1","data":{"lines":[1]},"tags":["vip","new"],"custom":{"totalNum":9.90}}`},
		{"conversation", "externalId,name,customer.externalId,status,priority,assignee.email,team.name,createdAt",
			"T-1|Late|C-1|done|3|mara@acme.example|Support|2024-01-02T03:04:05Z",
			`{"customerExternalId":"C-1","assigneeEmail":"mara@acme.example","teamName":"Support","externalId":"T-1","name":"Late","status":"done","priority":3,"createdAt":"2024-01-02T03:04:05.000Z"}`},
		{"message", "externalId,conversation.externalId,channel,direction,preview,meta.from,sentAt",
			"M-1|T-1|email|in|Hi|a@x.example|2024-01-02T03:04:05Z",
			`{"conversationExternalId":"T-1","externalId":"M-1","channel":"email","direction":"in","preview":"Hi","sentAt":"2024-01-02T03:04:05.000Z","meta":{"from":"a@x.example"}}`},
		{"note", "externalId,conversation.externalId,body,author.email", "N-1|T-1|psst|mara@acme.example",
			`{"conversationExternalId":"T-1","authorEmail":"mara@acme.example","externalId":"N-1","body":"psst"}`},
	} {
		p := bound(t, "version: 1\nkind: "+c.kind+"\ncolumns: {}\n", c.columns, BindOptions{})
		var rec Record
		p.Map(splitCells(c.cells), nil, &rec)
		if got := string(p.AppendJSON(nil, &rec)); got != c.want || len(rec.Problems) > 0 {
			t.Errorf("%s\ngot  %s %v\nwant %s", c.kind, got, rec.Problems, c.want)
		}
		if keys := p.Keys(&rec, nil); len(keys) != 1 || keys[0].Kind != "externalId" {
			t.Errorf("%s: %+v", c.kind, keys)
		}
	}
}
