package sandbox

import (
	"strings"
	"testing"
)

func TestCompaniesByTheirExternalIds(t *testing.T) {
	path := t.TempDir() + "/sandbox.db"
	o := start(t, Config{Path: path})
	id := o.want(201, "POST", "/v1/companies", `{"name":"Acme","externalId":"C 1/é"}`).at("data.id")
	o.want(200, "GET", "/v1/companies/externalId=C%201%2F%C3%A9", "").expect(t, "data.id", id, "data.attributes.name", "Acme", "data.type", "company")
	o.want(404, "GET", "/v1/companies/externalId=C%202", "").expect(t, "errors.0.source.parameter", "externalId")
	o.want(404, "GET", "/v1/companies/"+strings.Repeat("0", 24), "").expect(t, "errors.0.source.parameter", "id")
	o.want(409, "POST", "/v1/companies", `{"name":"Another","externalId":"C 1/é"}`)
	o.want(201, "POST", "/v1/companies", `{"name":"Acme"}`)
	o.want(201, "POST", "/v1/companies", `{"name":"Acme"}`) // a name is no identity
	o.want(400, "POST", "/v1/companies", `{"name":"`+strings.Repeat("a", 257)+`"}`)
	o.stop()
	o = start(t, Config{Path: path})
	o.want(200, "GET", "/v1/companies/externalId=C%201%2F%C3%A9", "").expect(t, "data.id", id)
	o.want(409, "POST", "/v1/companies", `{"externalId":"C 1/é"}`)
}

func TestCompaniesAreSearchedByName(t *testing.T) {
	o := start(t, Config{Switches: Switches{SearchLag: -1}})
	for _, name := range []string{"Acme", "acme", "Acme Corp"} {
		o.want(201, "POST", "/v1/companies", `{"name":"`+name+`"}`)
	}
	search := func(body string) reply { return o.want(200, "POST", "/v1/customers/search", body) }
	search(`{"and":[{"company_name":{"equals":"Acme Corp"}}],"queryContext":"company"}`).expect(t, "meta.total", "1", "data.0.attributes.name", "Acme Corp", "data.0.type", "company")
	search(`{"or":[{"company_name":{"equals":"ACME"}}],"queryContext":"company"}`).expect(t, "meta.total", "2")
	search(`{"and":[{"company_name":{"equals":"Nobody"}}],"queryContext":"company"}`).expect(t, "meta.total", "0")
	o.want(400, "POST", "/v1/customers/search", `{"and":[{"customer_email":{"equals":"x"}}],"queryContext":"company"}`)
	o.want(400, "POST", "/v1/customers/search", `{"queryContext":"order"}`)
	behind := start(t, Config{})
	behind.want(201, "POST", "/v1/companies", `{"name":"Acme"}`)
	behind.want(200, "POST", "/v1/customers/search", `{"and":[{"company_name":{"equals":"Acme"}}],"queryContext":"company"}`).expect(t, "meta.total", "0")
}
