package sandbox

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestCreateReadsBack(t *testing.T) {
	o := start(t, Config{})
	r := o.want(201, "POST", "/v1/customers", `{"name":"Ada Byron King","externalId":"6","emails":[{"email":"Ada@Example.com","type":"work"}],
		"tags":["vip"],"custom":{"vipBool":true,"notesTxt":null},"signedUpAt":"2020-01-01T01:00:00+01:00","username":null}`)
	r.expect(t, "data.type", "customer", "data.attributes.rev", "1", "data.attributes.displayName", "Ada Byron King",
		"data.attributes.firstName", "Ada", "data.attributes.lastName", "Byron King",
		"data.attributes.externalId", "6", "data.attributes.externalIds.0.externalId", "6",
		"data.attributes.externalIds.0.verified", "true",
		"data.attributes.emails.0.email", "Ada@Example.com", "data.attributes.emails.0.verified", "false",
		"data.attributes.custom", "map[vipBool:true]", "data.attributes.signedUpAt", "2020-01-01T00:00:00.000Z",
		"data.attributes.sharedEmails", "[]", "data.relationships.org.data.type", "org")
	if tag := r.at("data.attributes.tags.0"); !isObjectID([]byte(tag)) {
		t.Errorf("tag reads %q", tag)
	}
	again := o.want(200, "GET", "/v1/customers/"+r.at("data.id"), "")
	if string(again.body) != string(r.body) {
		t.Errorf("created %s\nread    %s", r.body, again.body)
	}
}

func TestDisplayNameFallsBack(t *testing.T) {
	o := start(t, Config{})
	for _, c := range []struct{ body, shown string }{
		{`{"name":"Ada","emails":[{"email":"a@b.example"}]}`, "Ada"},
		{`{"name":"","emails":[{"email":"b@b.example"}],"phones":[{"phone":"+15550001"}]}`, "b@b.example"},
	} {
		o.want(201, "POST", "/v1/customers", c.body).expect(t, "data.attributes.displayName", c.shown)
	}
	// such a name is made of how the customer is shown
	for _, body := range []string{`{"phones":[{"phone":"+15550002"}]}`, `{}`} {
		r := o.want(201, "POST", "/v1/customers", body)
		r.expect(t, "data.attributes.displayName", title(r.at("data.attributes.displayColor"))+" "+
			title(r.at("data.attributes.displayIcon")))
		if strings.Contains(string(r.body), `"name"`) {
			t.Errorf("a customer without a name has one: %s", r.body)
		}
		o.want(200, "GET", "/v1/customers/"+r.at("data.id"), "").expect(t, "data.attributes.displayName",
			r.at("data.attributes.displayName"))
	}
}

// Whether a customer is verified follows from what it is known by.
func TestVerifiedIsDerived(t *testing.T) {
	o := start(t, Config{})
	for body, want := range map[string]string{
		`{}`: "false", `{"externalId":"7"}`: "true", `{"emails":[{"email":"a@b.example"}]}`: "false",
		`{"emails":[{"email":"b@b.example","verified":true}]}`:       "true",
		`{"sharedEmails":[{"email":"b@b.example","verified":true}]}`: "false",
	} {
		o.want(201, "POST", "/v1/customers", body).expect(t, "data.attributes.verified", want)
	}
}

func TestKeyedLookUps(t *testing.T) {
	o := start(t, Config{})
	id := o.want(201, "POST", "/v1/customers", `{"externalId":"a/b=c %é","emails":[{"email":"Ada+x@Example.com"}],"phones":[{"phone":"+18005551212"}],
		"externalIds":[{"externalId":"second"}],"sharedEmails":[{"email":"team@example.com"}]}`).at("data.id")
	for _, path := range []string{
		"externalId=" + url.PathEscape("a/b=c %é"), "externalId=second", "email=ada%2Bx%40example.com",
		"email=Ada+x@Example.com",
		"phone=%2B18005551212", "phone=18005551212",
	} {
		o.want(200, "GET", "/v1/customers/"+path, "").expect(t, "data.id", id)
	}
	for path, parameter := range map[string]string{
		"externalId=A%2Fb": "externalId", "email=team%40example.com": "email", "email=": "email",
		"phone=%2B1800555121": "phone",
		"username=x":          "id", "000000000000000000000001": "id", strings.Repeat("f", 24): "id",
	} {
		r := o.want(404, "GET", "/v1/customers/"+path, "")
		r.expect(t, "errors.0.status", "404", "errors.0.code", "notfound", "errors.0.title", "Not Found",
			"errors.0.source.parameter", parameter)
	}
}

func TestIdentitiesAreUniqueAcrossTheOrg(t *testing.T) {
	o := start(t, Config{RatePerMinute: -1})
	o.want(201, "POST", "/v1/customers", `{"externalId":"one","emails":[{"email":"a@b.example"}],"phones":[{"phone":"+15550001"}],
		"whatsapps":[{"phone":"+15550002"}],"socials":[{"type":"twitter","username":"ada"}]}`)
	for _, taken := range []string{
		`{"externalId":"one"}`, `{"externalIds":[{"externalId":"one"}]}`, `{"emails":[{"email":"A@B.Example"}]}`,
		`{"phones":[{"phone":"15550001"}]}`, `{"whatsapps":[{"phone":"+15550002"}]}`,
		`{"socials":[{"type":"twitter","username":"Ada"}]}`,
		`{"name":"new","emails":[{"email":"new@b.example"},{"email":"a@b.example"}]}`,
	} {
		o.want(409, "POST", "/v1/customers", taken).expect(t, "errors.0.status", "409")
	}
	for _, free := range []string{
		`{"externalId":"ONE"}`, `{"sharedEmails":[{"email":"a@b.example"}],"sharedPhones":[{"phone":"+15550001"}]}`,
		`{"phones":[{"phone":"+15550002"}]}`, `{"socials":[{"type":"facebook","username":"ada"}]}`,
		`{"emails":[{"email":"new@b.example"},{"email":"New@b.example","type":"work"}]}`,
	} {
		o.want(201, "POST", "/v1/customers", free)
	}
}

func TestUpdateMerges(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	o := start(t, Config{Now: func() time.Time { return now }})
	id := o.want(201, "POST", "/v1/customers", `{"name":"Ada","username":"ada","emails":[{"email":"a@b.example"},{"email":"c@b.example"}],
		"custom":{"vipBool":true,"sourceStr":"old"}}`).at("data.id")
	now = now.Add(time.Second)
	for _, method := range []string{"PATCH", "PUT"} {
		o.want(200, method, "/v1/customers/"+id, `{"username":null,"emails":[{"email":"d@b.example"}],"custom":{"sourceStr":null,"ordersNum":3}}`)
	}
	r := o.want(200, "GET", "/v1/customers/"+id, "")
	r.expect(t, "data.attributes.name", "Ada", "data.attributes.username", "", "data.attributes.emails.0.email",
		"d@b.example",
		"data.attributes.emails.1", "", "data.attributes.custom", "map[ordersNum:3 vipBool:true]", "data.attributes.rev", "3",
		"data.attributes.createdAt", "2026-01-02T03:04:05.000Z", "data.attributes.updatedAt", "2026-01-02T03:04:06.000Z")
	o.want(201, "POST", "/v1/customers", `{"emails":[{"email":"a@b.example"}]}`) // it was given up
	o.want(409, "PATCH", "/v1/customers/"+id, `{"emails":[{"email":"a@b.example"}]}`)
	o.want(200, "GET", "/v1/customers/email=d%40b.example", "").expect(t, "data.id", id, "data.attributes.rev", "3")
}

func TestPutReplacesWhenAsked(t *testing.T) {
	o := start(t, Config{})
	id := o.want(201, "POST", "/v1/customers", `{"name":"Ada","externalId":"1","phones":[{"phone":"+15550001"}],"custom":{"vipBool":true}}`).at("data.id")
	r := o.want(200, "PUT", "/v1/customers/"+id+"?replace=true",
		`{"externalIds":[{"externalId":"1"}],"custom":{"ordersNum":1}}`)
	r.expect(t, "data.attributes.name", "", "data.attributes.phones", "[]", "data.attributes.custom", "map[ordersNum:1]",
		"data.attributes.externalId", "", "data.attributes.externalIds.0.externalId", "1")
	o.want(201, "POST", "/v1/customers", `{"phones":[{"phone":"+15550001"}]}`)
	o.want(200, "PUT", "/v1/customers/"+id+"?replace=false", `{"name":"B"}`).expect(t, "data.attributes.custom",
		"map[ordersNum:1]")
	o.want(400, "PUT", "/v1/customers/"+id+"?replace=maybe", `{"name":"B"}`)
}

func TestExternalIDAndItsMirror(t *testing.T) {
	o := start(t, Config{})
	id := o.want(201, "POST", "/v1/customers", `{"externalId":"1","externalIds":[{"externalId":"1"},{"externalId":"2"}]}`).at("data.id")
	read := func(want string) {
		t.Helper()
		var v struct {
			Data struct {
				Attributes struct {
					ExternalID  string
					ExternalIDs []struct {
						ExternalID string
						Verified   bool
					}
				}
			}
		}
		if err := json.Unmarshal(o.want(200, "GET", "/v1/customers/"+id, "").body, &v); err != nil {
			t.Fatal(err)
		}
		got := v.Data.Attributes.ExternalID + ":"
		for _, x := range v.Data.Attributes.ExternalIDs {
			got += " " + x.ExternalID
			if x.Verified {
				got += "*"
			}
		}
		if got != want {
			t.Errorf("external ids are %q, want %q", got, want)
		}
	}
	read("1: 1* 2")
	o.want(200, "PATCH", "/v1/customers/"+id, `{"name":"x"}`)
	read("1: 1* 2")
	o.want(200, "PATCH", "/v1/customers/"+id, `{"externalId":"3"}`)
	read("3: 3* 2")
	o.want(404, "GET", "/v1/customers/externalId=1", "")
	o.want(200, "PATCH", "/v1/customers/"+id, `{"externalIds":[{"externalId":"4"}]}`)
	read("3: 3* 4")
	o.want(200, "PATCH", "/v1/customers/"+id, `{"externalId":null}`)
	read(": 4")
}

func TestCompanyIsUnlinkedWhenOmitted(t *testing.T) {
	o := start(t, Config{})
	company := o.want(201, "POST", "/v1/companies", `{"name":"Analytical Engines"}`).at("data.id")
	o.want(200, "GET", "/v1/companies/"+company, "").expect(t, "data.attributes.name", "Analytical Engines")
	const link = "data.relationships.company.data.id"
	r := o.want(201, "POST", "/v1/customers", `{"externalId":"1","company":"`+company+`"}`)
	r.expect(t, link, company)
	id := r.at("data.id")
	o.want(200, "PATCH", "/v1/customers/"+id, `{"name":"x","company":"`+company+`"}`).expect(t, link, company)
	o.want(200, "PATCH", "/v1/customers/"+id, `{"name":"y"}`).expect(t, link, "")
	o.want(200, "PATCH", "/v1/customers/"+id, `{"company":"`+company+`"}`).expect(t, link, company)
	o.bulk("PUT", `[{"_clientRef":"a","id":"`+id+`","name":"z"}]`)
	o.want(200, "GET", "/v1/customers/"+id, "").expect(t, link, "", "data.attributes.name", "z")
	o.want(400, "POST", "/v1/customers", `{"company":"Analytical Engines"}`).expect(t, "errors.0.source.parameter",
		"company")
}

func TestStaleRevIsAConflict(t *testing.T) {
	o := start(t, Config{})
	id := o.want(201, "POST", "/v1/customers", `{"name":"a"}`).at("data.id")
	o.want(200, "PATCH", "/v1/customers/"+id, `{"name":"b","rev":1}`).expect(t, "data.attributes.rev", "2")
	o.want(409, "PATCH", "/v1/customers/"+id, `{"name":"c","rev":1}`)
	got := o.bulk("PUT", `[{"_clientRef":"stale","id":"`+id+`","rev":1},{"_clientRef":"new","id":"`+id+`","rev":2}]`)
	if got["stale"].Status != "error" || got["new"].Status != "updated" {
		t.Errorf("%v", got)
	}
}

func TestDeleteFreesIdentities(t *testing.T) {
	o := start(t, Config{})
	id := o.want(201, "POST", "/v1/customers", `{"externalId":"1","emails":[{"email":"a@b.example"}]}`).at("data.id")
	if r := o.want(204, "DELETE", "/v1/customers/"+id, ""); len(r.body) > 0 {
		t.Errorf("204 with a body: %s", r.body)
	}
	o.want(404, "DELETE", "/v1/customers/"+id, "")
	o.want(404, "GET", "/v1/customers/"+id, "")
	o.want(404, "GET", "/v1/customers/externalId=1", "")
	o.want(404, "PATCH", "/v1/customers/"+id, `{}`)
	if again := o.want(201, "POST", "/v1/customers", `{"externalId":"1"}`).at("data.id"); again == id {
		t.Error("an id was given out twice")
	}
}

func TestDatesOnImport(t *testing.T) {
	o := start(t, Config{})
	r := o.want(201, "POST", "/v1/customers", `{"createdAt":"2015-05-05T05:05:05.5Z","importedAt":"2026-01-01T00:00:00Z"}`)
	r.expect(t, "data.attributes.createdAt", "2015-05-05T05:05:05.500Z", "data.attributes.importedAt",
		"2026-01-01T00:00:00.000Z")
}

func TestDumpTellsWhatIsStored(t *testing.T) {
	o := start(t, Config{})
	id := o.want(201, "POST", "/v1/customers", `{"name":"a","username":null,"rev":5,"createdAt":"2015-05-05T05:05:05Z","externalId":"1"}`).at("data.id")
	gone := o.want(201, "POST", "/v1/customers", `{"name":"b"}`).at("data.id")
	o.want(204, "DELETE", "/v1/customers/"+gone, "")
	all, err := o.Dump(context.Background())
	if err != nil || len(all) != 1 || o.count() != 1 {
		t.Fatalf("%d customers, count %d, %v", len(all), o.count(), err)
	}
	want := `{"name":"a","externalId":"1","externalIds":[{"externalId":"1","verified":true}]}`
	if all[0].ID != id || all[0].Rev != 1 || string(all[0].Document) != want {
		t.Errorf("dump has %+v %s, want %s", all[0], all[0].Document, want)
	}
}
