package mappings

import (
	"strings"
	"testing"
)

// A mapping of conversations fills their id and attributes, and nothing else; one of customers has no use for the id.
func TestKinds(t *testing.T) {
	p := bound(t, "version: 1\nkind: conversation\ncolumns:\n  conversationId: conversationId\n  \"customAttributes.{*}\": {to: custom, as: system}\n",
		"conversationId,customAttributes.reasonStr,customAttributes.lateBool", BindOptions{})
	var rec Record
	p.Map(splitCells("64c0ffee0000000000000001|billing|yes"), nil, &rec)
	if got, want := string(p.AppendJSON(nil, &rec)), `{"id":"64c0ffee0000000000000001","custom":{"lateBool":true,"reasonStr":"billing"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	keys := p.Keys(&rec, nil)
	if len(keys) != 1 || keys[0].Kind != "conversation" || string(keys[0].Value) != "64c0ffee0000000000000001" || p.MatchKeys()[0] != "conversation" {
		t.Errorf("%+v", keys)
	}
	for text, want := range map[string]string{
		"version: 1\nkind: conversation\ncolumns:\n  a: name\n":                          "a conversation has no name that muster fills",
		"version: 1\nkind: conversation\nkeys: [email]\ncolumns:\n  a: conversationId\n": "a conversation is found by its id",
		"version: 1\nkind: conversation\ncolumns: {}\nconstants:\n  name: x\n":           "a conversation has no name",
		"version: 1\ncolumns:\n  a: conversationId\n":                                    "conversationId is of conversations (write kind: conversation at the top)",
		"version: 1\nkind: message\ncolumns: {}\n":                                       "kind cannot be",
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
		t.Error("a name is taken for a conversation's")
	}
	if _, err := Standard().Bind([]string{"conversationId"}, BindOptions{Attributes: []Attribute{}}); err == nil {
		t.Error("a conversation's id is taken for a customer's")
	}
}
