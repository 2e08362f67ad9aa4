package sandbox

import (
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Every switch is tried both ways: as it is by default and set. A field without a case fails the test.
func TestEverySwitch(t *testing.T) {
	cases := switchCases()
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Switches]()) {
		c, ok := cases[field.Name]
		if !ok {
			t.Errorf("the switch %s has no case", field.Name)
			continue
		}
		t.Run(field.Name, func(t *testing.T) {
			for _, w := range []Switches{{}, c.on} {
				o := start(t, Config{Switches: w, Now: c.clock.now, Admin: c.admin})
				want := c.usual
				if !reflect.DeepEqual(w, Switches{}) {
					want = c.other
					if reflect.ValueOf(w).FieldByName(field.Name).IsZero() {
						t.Fatal("the case does not set the switch")
					}
				}
				if got := c.try(o); got != want {
					t.Errorf("with %+v: %s, want %s", w, got, want)
				}
				o.stop()
			}
		})
	}
}

// switchCase is what try gives by default and with the switch on.
type switchCase struct {
	on           Switches
	try          func(*org) string
	usual, other string
	clock        *clock
	admin        bool // the key has the role org.admin
}

// status is the status of a call.
func (o *org) status(method, path, body string) string {
	return strconv.Itoa(o.do(method, path, body).status)
}

// value makes a customer and gives the id.
func (o *org) value(body string) string {
	return o.want(201, "POST", "/v1/customers", body).at("data.id")
}

// patched is what a PATCH of a new customer leaves at path.
func (o *org) patched(created, patch, path string) string {
	return o.want(200, "PATCH", "/v1/customers/"+o.value(created), patch).at(path)
}

func switchCases() map[string]switchCase {
	all := customerSwitchCases()
	for name, c := range thingSwitchCases() {
		c.clock = newClock()
		all[name] = c
	}
	return all
}

func customerSwitchCases() map[string]switchCase {
	at := newClock()
	const one = `[{"_clientRef":"a","gender":"x"},{"_clientRef":"b"}]`
	batches := func(path string) func(*org) string {
		return func(o *org) string {
			var items []string
			for i := range 60 {
				items = append(items, fmt.Sprintf(`{"_clientRef":"%d"}`, i))
			}
			return o.finish(o.want(201, "POST", "/v1/customers/bulk", "["+strings.Join(items, ",")+"]").at("data.id")).at(path)
		}
	}
	twice := func(o *org) string {
		a := o.want(201, "POST", "/v1/customers/bulk", `[{"_clientRef":"a"}]`).at("data.id")
		b := o.want(201, "POST", "/v1/customers/bulk", `[{"_clientRef":"a"}]`).at("data.id")
		o.finish(a)
		o.finish(b)
		return fmt.Sprint(a == b)
	}
	reset := func(o *org) string {
		return o.want(200, "GET", "/v1/users/current", "").header.Get("X-Ratelimit-Reset")
	}
	exceeded := func(name string) func(*org) string {
		return func(o *org) string {
			o.limiter.search.limit = 0
			return o.want(429, "POST", "/v1/customers/search", `{}`).header.Get(name)
		}
	}
	unix := at.now().Add(time.Minute).Unix()
	cases := map[string]switchCase{
		"SchemaErrorsPerItem": {on: Switches{SchemaErrorsPerItem: true}, usual: "400", other: "No enum match: gender created",
			try: func(o *org) string {
				r := o.do("POST", "/v1/customers/bulk", one)
				if r.status != 201 {
					return strconv.Itoa(r.status)
				}
				got := o.outcomes(r.at("data.id"))
				return got["a"].Error + " " + got["b"].Status
			}},
		"BatchesShape": {on: Switches{BatchesShape: "flat"}, try: batches("data.0.status"), usual: "", other: "complete"},
		"BatchesPageSize": {on: Switches{BatchesPageSize: 1}, try: batches("data.1.attributes.status"), usual: "complete",
			other: ""},
		"BatchSize": {on: Switches{BatchSize: 20}, try: batches("data.2.attributes.successCount"), usual: "", other: "20"},
		"BodyLimit": {on: Switches{BodyLimit: 100}, usual: "201", other: "413",
			try: func(o *org) string { return o.status("POST", "/v1/customers", `{}`+strings.Repeat(" ", 99)) }},
		"DuplicateStatus": {on: Switches{DuplicateStatus: 422}, usual: "409", other: "422",
			try: func(o *org) string {
				o.value(`{"externalId":"1"}`)
				return o.status("POST", "/v1/customers", `{"externalId":"1"}`)
			}},
		"ResentIsSameJob": {on: Switches{ResentIsSameJob: true}, try: twice, usual: "false", other: "true"},
		"ResetFormat": {on: Switches{ResetFormat: "ms"}, try: exceeded("X-Ratelimit-Reset"), usual: fmt.Sprint(unix),
			other: fmt.Sprint(unix * 1000)},
		"ResetAlways": {on: Switches{ResetAlways: true}, try: reset, usual: "", other: fmt.Sprint(unix)},
		"RetryAfter":  {on: Switches{RetryAfter: true}, try: exceeded("Retry-After"), usual: "", other: "60"},
		"ObjectUpdatesPerMinute": {on: Switches{ObjectUpdatesPerMinute: 1}, usual: "200", other: "429",
			try: func(o *org) string {
				id := o.value(`{}`)
				o.want(200, "PATCH", "/v1/customers/"+id, `{}`)
				return o.status("PATCH", "/v1/customers/"+id, `{}`)
			}},
		"CompanyKept": {on: Switches{CompanyKept: true}, usual: "false", other: "true",
			try: func(o *org) string {
				company := o.want(201, "POST", "/v1/companies", `{"name":"Acme"}`).at("data.id")
				return fmt.Sprint(o.patched(`{"company":"`+company+`"}`, `{"name":"a"}`,
					"data.relationships.company.data.id") == company)
			}},
		"ArraysUnited": {on: Switches{ArraysUnited: true}, usual: "[b]", other: "[a b]",
			try: func(o *org) string {
				id := o.value(`{"tags":["a"]}`)
				o.want(200, "PATCH", "/v1/customers/"+id, `{"tags":["b"]}`)
				v, _ := parse(o.dumped(id))
				return fmt.Sprint(scalars(v.get("tags"), ""))
			}},
		"CustomReplaced": {on: Switches{CustomReplaced: true}, usual: "map[ordersNum:1 sourceStr:x]",
			other: "map[ordersNum:1]",
			try: func(o *org) string {
				return o.patched(`{"custom":{"sourceStr":"x"}}`, `{"custom":{"ordersNum":1}}`, "data.attributes.custom")
			}},
		"ImportedAtIsSilent": {on: Switches{ImportedAtIsSilent: true}, usual: "2", other: "1",
			try: func(o *org) string {
				o.value(`{}`)
				o.value(`{"importedAt":"2026-01-01T00:00:00Z"}`)
				return fmt.Sprint(o.Workflows())
			}},
		"CreatedAtIgnored": {on: Switches{CreatedAtIgnored: true}, usual: "2015-01-01T00:00:00.000Z 2016-01-01T00:00:00.000Z",
			other: "2026-01-01T00:00:00.000Z ",
			try: func(o *org) string {
				r := o.want(201, "POST", "/v1/customers", `{"createdAt":"2015-01-01T00:00:00Z","importedAt":"2016-01-01T00:00:00Z"}`)
				return r.at("data.attributes.createdAt") + " " + r.at("data.attributes.importedAt")
			}},
		"IdentitiesExact": {on: Switches{IdentitiesExact: true}, usual: "409 409", other: "201 201",
			try: func(o *org) string {
				o.value(`{"emails":[{"email":"a@b.example"}],"phones":[{"phone":"+15550001"}]}`)
				return o.status("POST", "/v1/customers", `{"emails":[{"email":"A@b.example"}]}`) + " " +
					o.status("POST", "/v1/customers", `{"phones":[{"phone":"15550001"}]}`)
			}},
		"SharedUnique": {on: Switches{SharedUnique: true}, usual: "201", other: "409",
			try: func(o *org) string {
				o.value(`{"emails":[{"email":"a@b.example"}]}`)
				return o.status("POST", "/v1/customers", `{"sharedEmails":[{"email":"a@b.example"}]}`)
			}},
		"JobRetention": {on: Switches{JobRetention: time.Second}, usual: "200", other: "404",
			try: func(o *org) string {
				id := o.want(201, "POST", "/v1/customers/bulk", `[{}]`).at("data.id")
				o.finish(id)
				at.move(2 * time.Second)
				return o.status("GET", "/v1/bulk/"+id, "")
			}},
		"FailedState": {on: Switches{FailedState: true}, usual: "complete", other: "failed",
			try: func(o *org) string {
				o.value(`{"externalId":"1"}`)
				id := o.want(201, "POST", "/v1/customers/bulk", `[{"externalId":"1"}]`).at("data.id")
				o.finish(id)
				return o.want(200, "GET", "/v1/bulk/"+id, "").at("data.attributes.status")
			}},
		"EnumerationsOpen": {on: Switches{EnumerationsOpen: true}, usual: "400", other: "201",
			try: func(o *org) string { return o.status("POST", "/v1/customers", `{"custom":{"loyaltyTierStr":"tin"}}`) }},
		"PutReplaces": {on: Switches{PutReplaces: true}, usual: "a", other: "",
			try: func(o *org) string {
				return o.want(200, "PUT", "/v1/customers/"+o.value(`{"name":"a"}`), `{"locale":"sv"}`).at("data.attributes.name")
			}},
		"MirrorChecked": {on: Switches{MirrorChecked: true}, usual: "201", other: "400",
			try: func(o *org) string {
				return o.status("POST", "/v1/customers", `{"externalId":"`+strings.Repeat("x", 256)+`"}`)
			}},
		"KnownTags": {on: Switches{KnownTags: []string{"vip"}}, usual: "201 201", other: "201 400",
			try: func(o *org) string {
				return o.status("POST", "/v1/customers", `{"tags":["vip"]}`) + " " +
					o.status("POST", "/v1/customers", `{"tags":["vip","new"]}`)
			}},
		"TagNamesOnRead": {on: Switches{TagNamesOnRead: true}, usual: "false", other: "true",
			try: func(o *org) string {
				return fmt.Sprint(o.want(201, "POST", "/v1/customers", `{"tags":["vip"]}`).at("data.attributes.tags.0") == "vip")
			}},
		"UnknownTagsDropped": {on: Switches{UnknownTagsDropped: true, KnownTags: []string{"vip"}}, usual: "true",
			other: "false",
			try: func(o *org) string {
				return fmt.Sprint(isObjectID([]byte(o.want(201, "POST", "/v1/customers",
					`{"tags":["vip","new"]}`).at("data.attributes.tags.1"))))
			}},
		"TagIDsAreNames": {on: Switches{TagIDsAreNames: true}, usual: "true", other: "false",
			try: func(o *org) string {
				id := o.want(201, "POST", "/v1/customers", `{"tags":["vip"]}`).at("data.attributes.tags.0")
				return fmt.Sprint(o.want(201, "POST", "/v1/customers", `{"tags":["`+id+`"]}`).at("data.attributes.tags.0") == id)
			}},
		"BulkUpdateFull": {on: Switches{BulkUpdateFull: true}, usual: "", other: "whatsapp:+15550001",
			try: func(o *org) string {
				id := o.value(`{}`)
				o.bulk("PUT", `[{"_clientRef":"a","id":"`+id+`","whatsapps":[{"phone":"+15550001"}]}]`)
				return o.want(200, "GET", "/v1/customers/"+id, "").at("data.attributes.whatsapps.0.phone")
			}},
		"BulkUpdateClosed": {on: Switches{BulkUpdateClosed: true}, usual: "201", other: "400",
			try: func(o *org) string {
				return o.status("PUT", "/v1/customers/bulk", `[{"id":"`+o.value(`{}`)+`","unheard":1}]`)
			}},
		"DeleteReserves": {on: Switches{DeleteReserves: true}, usual: "201", other: "409",
			try: func(o *org) string {
				o.want(204, "DELETE", "/v1/customers/"+o.value(`{"externalId":"1"}`), "")
				return o.status("POST", "/v1/customers", `{"externalId":"1"}`)
			}},
		"MissingRoleIs401": {on: Switches{MissingRoleIs401: true}, usual: "403", other: "401",
			try: func(o *org) string {
				o.keys.byKey["weak"] = &credential{user: "u"}
				o.key = "weak"
				return o.status("GET", "/v1/customers", "")
			}},
		"MissingIDPerItem": {on: Switches{MissingIDPerItem: true}, usual: "400", other: "201",
			try: func(o *org) string { return o.status("PUT", "/v1/customers/bulk", `[{"name":"x"}]`) }},
		"SubmitStatus": {on: Switches{SubmitStatus: "running"}, usual: "queued", other: "running",
			try: func(o *org) string {
				return o.want(201, "POST", "/v1/customers/bulk", `[{}]`).at("data.attributes.status")
			}},
		"ErrorShape": {on: Switches{ErrorShape: "portal"}, usual: "badparam No enum match ",
			other: "bad_request  No enum match",
			try: func(o *org) string {
				r := o.want(400, "POST", "/v1/customers", `{"gender":"x"}`)
				return r.at("errors.0.code") + " " + r.at("errors.0.title") + " " + r.at("errors.0.message")
			}},
		"ErrorsEchoValues": {on: Switches{ErrorsEchoValues: true}, usual: "No enum match", other: `No enum match: "x"`,
			try: func(o *org) string {
				return o.want(400, "POST", "/v1/customers", `{"gender":"x"}`).at("errors.0.title")
			}},
		"NoPayloadEcho": {on: Switches{NoPayloadEcho: true}, usual: "a", other: "",
			try: func(o *org) string {
				id := o.want(201, "POST", "/v1/customers/bulk", `[{"name":"a"}]`).at("data.id")
				return o.want(200, "GET", "/v1/bulk/"+id, "").at("data.attributes.payload.api.data.0.name")
			}},
		"SearchLag": {on: Switches{SearchLag: -1}, usual: "0", other: "1",
			try: func(o *org) string {
				o.value(`{}`)
				return o.want(200, "POST", "/v1/customers/search", `{}`).at("meta.total")
			}},
		"SearchesPerMinute": {on: Switches{SearchesPerMinute: 1}, usual: "200", other: "429",
			try: func(o *org) string {
				o.want(200, "POST", "/v1/customers/search", `{}`)
				return o.status("POST", "/v1/customers/search", `{}`)
			}},
	}
	maps.Copy(cases, otherSwitchCases())
	for name, c := range cases {
		c.clock = at
		cases[name] = c
	}
	return cases
}

// dumped is the stored document of a customer.
func (o *org) dumped(id string) []byte {
	all, err := o.Dump(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	for _, one := range all {
		if one.ID == id {
			return one.Document
		}
	}
	o.t.Fatalf("no customer %s", id)
	return nil
}

// The switches with more than two positions.
func TestSwitchPositions(t *testing.T) {
	at := newClock()
	for format, want := range map[string]string{"delta": "60", "absent": ""} {
		o := start(t, Config{RatePerMinute: 1, Now: at.now, Switches: Switches{ResetFormat: format}})
		o.want(200, "GET", "/v1/users/current", "")
		if got := o.want(429, "GET", "/v1/users/current", "").header.Get("X-Ratelimit-Reset"); got != want {
			t.Errorf("reset %s is %q", format, got)
		}
		o.stop()
	}
	o := start(t, Config{Switches: Switches{BatchesShape: "bare"}})
	id := o.want(201, "POST", "/v1/customers/bulk", `[{"_clientRef":"a"}]`).at("data.id")
	o.finish(id).expect(t, "0.results.0._clientRef", "a", "0.status", "complete")
	o = start(t, Config{Switches: Switches{ErrorShape: "jsonapi"}})
	o.want(400, "POST", "/v1/customers", `{"gender":"x"}`).expect(t, "errors.0.status", "400", "errors.0.source.pointer",
		"/properties/gender/enum")
	o = start(t, Config{Switches: Switches{BatchesPageSize: 1, BatchSize: 1}})
	id = o.want(201, "POST", "/v1/customers/bulk", `[{"_clientRef":"a"},{"_clientRef":"b"}]`).at("data.id")
	next := o.finish(id).at("links.next")
	o.want(200, "GET", next, "").expect(t, "data.0.attributes.results.0._clientRef", "b", "links.next", "", "meta.page",
		"2")
	o = start(t, Config{Switches: Switches{BodyLimit: -1}})
	o.want(201, "POST", "/v1/customers", `{}`+strings.Repeat(" ", 500_000))
}
