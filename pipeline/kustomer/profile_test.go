package kustomer

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// full is an answer with every attribute and relationship of the documented output, none of them blank.
const full = `{"data":{"type":"customer","id":"5f0000000000000000000001","attributes":{
"name":"Ana Cohen","displayName":"Ana Cohen","firstName":"Ana","lastName":"Cohen","displayColor":"blue","displayIcon":"station","username":"ana","avatarUrl":"https://example.com/a.png","gender":"f","company":"5f0000000000000000000009","companyName":"Acme",
"externalId":"A1","externalIds":[{"externalId":"A1","verified":true,"id":"1"}],"sharedExternalIds":[{"externalId":"S1","verified":false,"id":"2"}],
"emails":[{"email":"ana@example.com","verified":true,"type":"work","id":"3"}],"sharedEmails":[{"email":"home@example.com","verified":false,"type":"home","id":"4"}],
"phones":[{"phone":"+15550100001","verified":false,"type":"mobile","id":"5"}],"sharedPhones":[{"phone":"+15550100002","type":"home","verified":true,"id":"6"}],
"whatsapps":[{"phone":"+15550100003","type":"mobile","verified":true,"id":"7"}],"sharedWhatsapps":[{"phone":"+15550100004","type":"mobile","verified":true,"id":"8"}],
"facebookIds":[{"pageId":"p","userId":"u","name":"Ana","id":"9"}],"instagramIds":[{"pageId":"p","threadId":"t","username":"ana","instagramId":"i","id":"10"}],
"socials":[{"type":"twitter","userid":"77","username":"ana","url":"https://example.com/ana","verified":true,"id":"11"}],"sharedSocials":[{"type":"facebook","userid":"78","username":"fam","url":"https://example.com/f","verified":true,"id":"12"}],
"urls":[{"url":"https://example.com","type":"website","id":"13"}],
"locations":[{"type":"home","name":"Home","address":"1 Main St","address2":"b","address3":"c","latitude":48.5,"longitude":-2.25,"countryCode":"FR","countryName":"France","regionCode":"ID","regionName":"Ile","cityName":"Paris","zipCode":"75007","areaCode":"1","id":"14"}],
"tags":["vip"],"sentiment":{"polarity":-1,"confidence":0.5},"locale":"en_US","timeZone":"Europe/Paris","defaultLang":"en_us",
"birthdayAt":"1990-01-02T00:00:00.000Z","signedUpAt":"2020-01-02T00:00:00.000Z","lastSeenAt":"2021-01-02T00:00:00.000Z","lastActivityAt":"2021-01-03T00:00:00.000Z","lastCustomerActivityAt":"2021-01-04T00:00:00.000Z","lastMessageAt":"2021-01-05T00:00:00.000Z",
"createdAt":"2020-01-01T00:00:00.000Z","updatedAt":"2022-01-01T00:00:00.000Z","modifiedAt":"2022-01-02T00:00:00.000Z","importedAt":"2022-01-03T00:00:00.000Z",
"custom":{"vipBool":true},"activeUsers":["u1"],"watchers":["u2"],"recentLocation":{"updatedAt":"2022-01-01T00:00:00.000Z"},"lastConversation":{"tags":["t"]},
"conversationCounts":{"all":4,"open":1,"snoozed":2,"done":1},"progressiveStatus":"open","presence":"online","verified":true,"deleted":true,"rev":7},
"relationships":{"org":{"links":{"self":"/v1/orgs/o"},"data":{"type":"org","id":"o"}},"messages":{"links":{"self":"/v1/customers/x/messages"}},"createdBy":{"links":{"self":"/v1/users/u"},"data":{"type":"user","id":"u"}},"modifiedBy":{"links":{"self":"/v1/users/u"},"data":{"type":"user","id":"u"}}},
"links":{"self":"/v1/customers/5f0000000000000000000001"}}}`

// Every documented attribute has a typed place: nothing of a full answer is left over, and no field is empty.
func TestProfileHoldsEverything(t *testing.T) {
	p, err := decodeProfile([]byte(full))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Other) != 0 {
		t.Errorf("left over: %v", p.Other)
	}
	v := reflect.ValueOf(*p)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; name != "Other" {
			filled(t, name, v.Field(i))
		}
	}
	// What is said of it is what was answered.
	var sent, said map[string]any
	var envelope struct {
		Data struct{ Attributes json.RawMessage }
	}
	text, _ := json.Marshal(p)
	if json.Unmarshal([]byte(full), &envelope) != nil || json.Unmarshal(envelope.Data.Attributes, &sent) != nil ||
		json.Unmarshal(text, &said) != nil {
		t.Fatal("not JSON")
	}
	for name, want := range sent {
		if name[len(name)-2:] != "At" && name != "recentLocation" && !reflect.DeepEqual(said[name], want) {
			t.Errorf("%s is %v, was %v", name, said[name], want)
		}
	}
}

// filled holds that a value, and every member of what it holds, is not zero.
func filled(t *testing.T, name string, v reflect.Value) {
	if v.IsZero() {
		t.Errorf("%s is empty", name)
	}
	if v.Kind() == reflect.Slice && v.Len() > 0 {
		v = v.Index(0)
	} else if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() {
		return
	}
	for i := range v.NumField() {
		if member := v.Type().Field(i).Name; v.Field(i).IsZero() && member != "Verified" {
			t.Errorf("%s.%s is empty", name, member)
		}
	}
}

// An org of another age answers in other forms: nothing is lost, nothing fails.
func TestProfileOfOtherForms(t *testing.T) {
	p, err := decodeProfile([]byte(`{"id":"x","name":null,"verified":"true","rev":"3","externalIds":"A1","emails":["a@example.com"],"phones":{"phone":"+1"},
		"tags":"vip","createdAt":"yesterday","conversationCounts":"many","strange":{"a":1},"socials":[7,{"type":"twitter","username":"a","extra":1}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Verified || p.Rev != 3 || p.ExternalIDs[0].ExternalID != "A1" || p.Emails[0].Email != "a@example.com" ||
		p.Phones[0].Phone != "+1" || p.Tags[0] != "vip" || p.Socials[1].Username != "a" {
		t.Errorf("%+v", p)
	}
	for _, name := range []string{"createdAt", "conversationCounts", "strange"} {
		if p.Other[name] == nil {
			t.Errorf("%s is lost", name)
		}
	}
	for _, body := range []string{``, `[]`, `{}`, `{"data":[]}`, `<html>`} {
		if p, err := decodeProfile([]byte(body)); err == nil {
			t.Errorf("%q: %+v", body, p)
		}
	}
}

func FuzzProfile(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(`{"id":"x","emails":[[],null,{}],"rev":1e400}`))
	f.Fuzz(func(_ *testing.T, body []byte) { _, _ = decodeProfile(body) })
}

// A read puts a prefix before numbers of WhatsApp, which are no part of them.
func TestProfileNumbersOfWhatsApp(t *testing.T) {
	p, err := decodeProfile([]byte(`{"data":{"id":"64aa00000000000000000001","attributes":{"whatsapps":[{"phone":"whatsapp:+15550100003"}]}}}`))
	if err != nil || len(p.Whatsapps) != 1 || p.Whatsapps[0].Phone != "+15550100003" {
		t.Errorf("%+v %v", p, err)
	}
}
