package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// talk is the body of a new conversation of a new customer.
func (o *org) talk(members string) string {
	return `{"customer":"` + o.value(`{}`) + `"` + members + `}`
}

// named is how many companies of three a filter shows.
func named(filter string) func(*org) string {
	return func(o *org) string {
		for _, name := range []string{"Acme", "acme corp", "The Acme Corp"} {
			o.want(201, "POST", "/v1/companies", `{"name":"`+name+`"}`)
		}
		return o.want(200, "GET", "/v1/companies?filter="+filter, "").at("meta.total")
	}
}

// otherSwitchCases are those of companies and conversations.
func otherSwitchCases() map[string]switchCase {
	acme := func(o *org, members string) string {
		return o.status("POST", "/v1/companies", `{"name":"Acme"`+members+`}`)
	}
	gone := func(o *org) string { // a company that is deleted, and the id of a customer of it
		company := o.want(201, "POST", "/v1/companies", `{"name":"Acme","externalId":"C-1"}`).at("data.id")
		customer := o.value(`{"company":"` + company + `"}`)
		o.want(200, "PUT", "/v1/companies/"+company, `{"deleted":true}`)
		return customer
	}
	patch := func(o *org) string {
		id := o.want(201, "POST", "/v1/conversations", o.talk("")).at("data.id")
		return o.status("PATCH", "/v1/conversations/"+id, `{"name":"x"}`)
	}
	return map[string]switchCase{
		"CompanyExternalIDShared": {on: Switches{CompanyExternalIDShared: true}, usual: "201 409", other: "201 201",
			try: func(o *org) string { return acme(o, `,"externalId":"1"`) + " " + acme(o, `,"externalId":"1"`) }},
		"ConversationExternalIDUnique": {on: Switches{ConversationExternalIDUnique: true}, usual: "201 201", other: "201 409",
			try: func(o *org) string {
				return o.status("POST", "/v1/conversations", o.talk(`,"externalId":"1"`)) + " " +
					o.status("POST", "/v1/conversations", o.talk(`,"externalId":"1"`))
			}},
		"ClientIDs": {on: Switches{ClientIDs: "honour"}, usual: "false", other: "true",
			try: func(o *org) string {
				id := strings.Repeat("ab", 12)
				return fmt.Sprint(o.want(201, "POST", "/v1/conversations", o.talk(`,"id":"`+id+`"`)).at("data.id") == id)
			}},
		"ConversationDatesIgnored": {on: Switches{ConversationDatesIgnored: true}, usual: "2015", other: "2026",
			try: func(o *org) string {
				return o.want(201, "POST", "/v1/conversations",
					o.talk(`,"createdAt":"2015-01-01T00:00:00Z"`)).at("data.attributes.createdAt")[:4]
			}},
		"CountsLag": {on: Switches{CountsLag: time.Minute}, usual: "1", other: "0",
			try: func(o *org) string {
				id := o.value(`{}`)
				o.want(201, "POST", "/v1/conversations", `{"customer":"`+id+`"}`)
				return o.want(200, "GET", "/v1/customers/"+id, "").at("data.attributes.conversationCounts.all")
			}},
		"CompanyDeleteReserves": {on: Switches{CompanyDeleteReserves: true}, usual: "201", other: "409",
			try: func(o *org) string { gone(o); return acme(o, `,"externalId":"C-1"`) }},
		"CompanyDeleteUnlinks": {on: Switches{CompanyDeleteUnlinks: true}, usual: "true", other: "false",
			try: func(o *org) string {
				return fmt.Sprint(o.want(200, "GET", "/v1/customers/"+gone(o), "").at("data.relationships.company.data.id") != "")
			}},
		"CompanyFilter":      {on: Switches{CompanyFilter: "substring"}, try: named("ACME"), usual: "2", other: "3"},
		"CompanyFilterCased": {on: Switches{CompanyFilterCased: true}, try: named("Acme"), usual: "2", other: "1"},
		"CompanyUnique": {on: Switches{CompanyUnique: "domains"}, usual: "201 201", other: "201 409",
			try: func(o *org) string {
				return acme(o, `,"domains":[{"domain":"acme.example"}]`) + " " + acme(o, `,"domains":[{"domain":"ACME.example"}]`)
			}},
		"RequiredAttributes": {on: Switches{RequiredAttributes: true}, usual: "201 201", other: "400 201",
			try: func(o *org) string {
				o.want(200, "PUT", "/v1/metadata/customer", `{"properties":{"sourceStr":{"required":true}}}`)
				return o.status("POST", "/v1/customers", `{"name":"Ana"}`) + " " +
					o.status("POST", "/v1/customers", `{"custom":{"sourceStr":"x"}}`)
			}},
		"DoneAtCreation": {on: Switches{DoneAtCreation: true}, usual: "2026", other: "2015",
			try: func(o *org) string {
				r := o.want(201, "POST", "/v1/conversations", o.talk(`,"createdAt":"2015-01-01T00:00:00Z","status":"done"`))
				return r.at("data.attributes.firstDone.createdAt")[:4]
			}},
		"ListPages": {on: Switches{ListPages: 2}, usual: "200 200", other: "400 400",
			try: func(o *org) string {
				return o.status("GET", "/v1/customers?page=3", "") + " " + o.status("GET", "/v1/companies?page=3", "")
			}},
		"ConversationPatch": {on: Switches{ConversationPatch: "json-patch"}, try: patch, usual: "200", other: "415"},
		"MostAttributes": {on: Switches{MostAttributes: 1}, usual: "200 200", other: "200 400",
			try: func(o *org) string {
				return o.status("PUT", "/v1/metadata/company", `{"properties":{"aStr":{}}}`) + " " +
					o.status("PUT", "/v1/metadata/company", `{"properties":{"bStr":{}}}`)
			}},
		"SatisfactionHonoured": {on: Switches{SatisfactionHonoured: true}, usual: "", other: "9",
			try: func(o *org) string {
				id := o.want(201, "POST", "/v1/conversations", o.talk("")).at("data.id")
				return o.want(200, "PUT", "/v1/conversations/"+id,
					`{"satisfactionLevel":{"createdAt":"2026-01-01T00:00:00Z","status":"rated","rating":9}}`).
					at("data.attributes.satisfactionLevel.rating")
			}},
	}
}

// The positions of these switches that are neither the first nor the second.
func TestOtherSwitchPositions(t *testing.T) {
	o := start(t, Config{Switches: Switches{ClientIDs: "reject", ConversationPatch: "json", CompanyFilter: "exact",
		CompanyUnique: "emails"}})
	o.want(400, "POST", "/v1/conversations", o.talk(`,"id":"`+strings.Repeat("ab", 12)+`"`)).expect(t,
		"errors.0.source.parameter", "id")
	if got := named("acme")(o); got != "1" {
		t.Errorf("an exact filter shows %s", got)
	}
	o.want(201, "POST", "/v1/companies", `{"name":"Globex","emails":[{"email":"a@b.example"}]}`)
	o.want(409, "POST", "/v1/companies", `{"name":"Globex","emails":[{"email":"A@b.example"}]}`).expect(t,
		"errors.0.source.parameter", "emails")
	o = start(t, Config{Switches: Switches{ErrorShape: "nested", CompanyUnique: "phones"}})
	o.want(400, "POST", "/v1/customers", `{"gender":"x"}`).
		expect(t, "errors.0.meta.subErrors.0.source.pointer", "/gender", "errors.0.meta.subErrors.0.title", "No enum match",
			"errors.0.title", "Validation failed")
	o.want(201, "POST", "/v1/companies", `{"name":"Globex","phones":[{"phone":"+15550001"}]}`)
	o.want(409, "POST", "/v1/companies", `{"name":"Initech","phones":[{"phone":"+15550001"}]}`)
}
