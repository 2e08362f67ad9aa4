package object

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// facts are what the pages of https://developer.kustomer.com/api/core-resources (create-company, create-kobject,
// create-conversation, create-message, create-note, each with its update) and Kustomer's OpenAPI document, Core
// Resources 1.0, say of each field that muster writes: type, lengths, items, what is required, and whether only a
// create or only an update takes it.
const facts = `
company name text 3-255 required
company externalId id 1-255 required
company domains list 10
company emails list 10
company phones list 10
company whatsapps list 10 create
company socials list 10
company urls list 10
company locations list 10
company employeeCount number
company avatarUrl url null
company tags words 20 1-64
company defaultLang line 0-100 null
company custom custom
company createdAt moment create
company importedAt moment create
kobject.order title text 1-256 required
kobject.order externalId id 1-255 required
kobject.order customer id create
kobject.order company id create
kobject.order description text 0-10240
kobject.order images words 20
kobject.order icon line 0-64
kobject.order data free
kobject.order tags words 20 1-64
kobject.order custom custom
kobject.order createdAt moment
kobject.order importedAt moment
conversation customer id required create
conversation externalId id 1-255 required
conversation name text 0-256 null
conversation status open|done
conversation priority whole 1..5
conversation direction in|out
conversation replyChannel line 0-256 null
conversation tags words 20 1-64
conversation defaultLang line 0-100 null
conversation custom custom
conversation endedAt moment update
conversation endedReason line 0-128 update
conversation createdAt moment create
conversation importedAt moment create
message conversation id required create
message externalId id 1-255 required
message channel email|sms|chat|facebook|twitter-dm|twitter-tweet|voice|instagram|whatsapp required create
message app line 1-0 create
message direction in|out required create
message preview text 0-10240
message subject text 0-256
message status sent|received|error
message sentAt moment
message meta members
message auto bool
message attachments words 20 create
message lang line 0-100 null
message custom custom
message createdAt moment admin
message importedAt moment create
note conversation id required
note externalId id 1-255 required
note body text 1-10240 required
note lang line 0-100
note attachments words 20 create
note createdAt moment admin
note importedAt moment create
`

// said is a field in the words of facts.
func said(kind string, f Field) string {
	types := map[Type]string{Text: "text", Line: "line", ID: "id", Number: "number", Whole: "whole", Bool: "bool",
		Moment: "moment", URL: "url",
		OneOf: strings.Join(f.Choices, "|"), Words: "words", List: "list", Members: "members", Free: "free", Custom: "custom"}
	words := []string{kind, f.Name, types[f.Type]}
	add := func(is bool, format string, args ...any) {
		if is {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(f.Items > 0, "%d", f.Items)
	add(f.Min > 0 || f.Max > 0, "%d-%d", f.Min, f.Max)
	add(f.Low < f.High, "%g..%g", f.Low, f.High)
	add(f.Must, "required")
	add(f.When == OnMade, "create")
	add(f.When == OnLater, "update")
	add(f.Null, "null")
	add(f.Admin, "admin")
	return strings.Join(words, " ")
}

// Every field and every limit is as the reference has it, and none is missing.
func TestFieldsAreThoseOfTheReference(t *testing.T) {
	var have []string
	for _, name := range []string{"company", "kobject.order", "conversation", "message", "note"} {
		for _, f := range Called(name).Fields {
			have = append(have, said(name, f))
		}
	}
	want := strings.Split(strings.TrimSpace(facts), "\n")
	slices.Sort(have)
	slices.Sort(want)
	for i := range max(len(have), len(want)) {
		if i >= len(have) || i >= len(want) || have[i] != want[i] {
			t.Fatalf("the kinds have\n%s\nthe reference says\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
		}
	}
}

// Where records are sent, by what they are found, what takes them back and what they belong to.
func TestKindsAreThoseOfTheReference(t *testing.T) {
	for _, want := range []string{
		"company 1 /v1/companies /v1/companies/bulk lookup 2 delete 2 ref true limit 0 exempt false []",
		"kobject.order 3 /v1/klasses/order /v1/klasses/order/bulk lookup 1 delete 1 ref false limit 120 exempt true " +
			"[customer customer customer company]",
		"conversation 4 /v1/conversations /v1/conversations/bulk lookup 1 delete 1 ref true limit 120 exempt true " +
			"[customer customer customer user team]",
		"message 5 /v1/messages /v1/messages/bulk lookup 0 delete 0 ref true limit 120 exempt true [conversation user]",
		"note 6 /v1/notes /v1/notes/bulk lookup 0 delete 1 ref true limit 120 exempt false [conversation user]",
	} {
		name, _, _ := strings.Cut(want, " ")
		k := Called(name)
		var of []string
		for _, r := range k.References {
			of = append(of, r.Kind)
		}
		got := fmt.Sprintf("%s %d %s %s lookup %d delete %d ref %v limit %d exempt %v %v", k.Name, k.Rank, k.Path, k.Bulk,
			k.By, k.Delete, k.ClientRef, k.PerMinute, k.Exempt, of)
		if got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		for _, r := range k.References {
			if RankOf(r.Kind) >= k.Rank && r.Kind != "user" && r.Kind != "team" {
				t.Errorf("%s comes before %s, which it names", k.Name, r.Kind)
			}
		}
	}
	if Called("customer") != nil || Called("kobject.") != nil || Called("kobject.a b") != nil || Called("user") != nil {
		t.Error("a kind is there that is none of these")
	}
	if got := (Reference{Name: "customer.externalId"}).Key(); got != "customerExternalId" {
		t.Error(got)
	}
}
