package sandbox

import (
	"strings"
	"testing"
)

func TestCompaniesByTheirExternalIds(t *testing.T) {
	path := t.TempDir() + "/sandbox.db"
	o := start(t, Config{Path: path})
	id := o.want(201, "POST", "/v1/companies", `{"name":"Acme","externalId":"C 1/é"}`).at("data.id")
	o.want(200, "GET", "/v1/companies?externalId=C%201%2F%C3%A9", "").
		expect(t, "meta.total", "1", "data.0.id", id, "data.0.attributes.name", "Acme", "data.0.type", "company")
	o.want(200, "GET", "/v1/companies?externalId=C%202", "").expect(t, "meta.total", "0")
	// no such path is documented
	o.want(404, "GET", "/v1/companies/externalId=C%201%2F%C3%A9", "").expect(t, "errors.0.source.parameter", "id")
	o.want(404, "GET", "/v1/companies/"+strings.Repeat("0", 24), "").expect(t, "errors.0.source.parameter", "id")
	o.want(409, "POST", "/v1/companies", `{"name":"Another","externalId":"C 1/é"}`)
	o.want(201, "POST", "/v1/companies", `{"name":"Acme"}`)
	other := o.want(201, "POST", "/v1/companies", `{"name":"Acme"}`).at("data.id") // a name is no identity
	o.want(409, "PUT", "/v1/companies/"+other, `{"externalId":"C 1/é"}`)
	o.want(200, "PUT", "/v1/companies/"+id, `{"externalId":"C 1/é"}`)
	// With both parameters the org takes neither.
	o.want(200, "GET", "/v1/companies?externalId=C%201%2F%C3%A9&filter=Nobody", "").expect(t, "meta.total", "3")
	o.want(200, "GET", "/v1/companies", "").expect(t, "meta.total", "3")
	o.want(200, "GET", "/v1/companies?filter=acm&pageSize=2", "").expect(t, "data.1.attributes.name", "Acme", "data.2.id",
		"", "links.next", "/v1/companies?page=2&filter=acm&pageSize=2")
	o.stop()
	o = start(t, Config{Path: path})
	o.want(200, "GET", "/v1/companies?externalId=C%201%2F%C3%A9", "").expect(t, "data.0.id", id)
	o.want(409, "POST", "/v1/companies", `{"name":"Another","externalId":"C 1/é"}`)
}

// What a company may be made and changed with.
func TestCompanyBodies(t *testing.T) {
	o := start(t, Config{})
	id := o.want(201, "POST", "/v1/companies", `{"name":"Acme"}`).at("data.id")
	for body, want := range map[string]int{
		`{}`: 400, `{"name":"HP"}`: 400, `{"name":"` + strings.Repeat("a", 256) + `"}`: 201, `{"name":"` +
			strings.Repeat("a", 257) + `"}`: 400,
		`{"name":"` + strings.Repeat("😀", 129) + `"}`: 400, `{"name":"😀x"}`: 201, // characters are counted in UTF-16 units
		`{"name":"Acme","deleted":true}`: 400, `{"name":"Acme","externalId":null}`: 400,
		`{"name":"Acme","custom":{"aStr":"x"}}`:         400,
		`{"name":"Acme","domains":[{"domain":"acme"}]}`: 400, `{"name":"Acme","domains":[{"domain":"acme.example"}]}`: 201,
		`{"name":"Acme","importedAt":"2026-01-01T00:00:00Z"}`: 201,
	} {
		o.want(want, "POST", "/v1/companies", body)
	}
	for body, want := range map[string]int{
		`{}`: 200, `{"name":"HP"}`: 400, `{"importedAt":"2026-01-01T00:00:00Z"}`: 400,
		`{"externalId":null,"deleted":null}`: 200, `{"deleted":true}`: 200,
	} {
		o.want(want, "PUT", "/v1/companies/"+id, body)
	}
}

func TestCompaniesAreSearchedByName(t *testing.T) {
	o := start(t, Config{Switches: Switches{SearchLag: -1}})
	for _, name := range []string{"Acme", "acme", "Acme Corp"} {
		o.want(201, "POST", "/v1/companies", `{"name":"`+name+`"}`)
	}
	search := func(body string) reply { return o.want(200, "POST", "/v1/customers/search", body) }
	search(`{"and":[{"company_name":{"equals":"Acme Corp"}}],"queryContext":"company"}`).expect(t, "meta.total", "1",
		"data.0.attributes.name", "Acme Corp", "data.0.type", "company")
	search(`{"or":[{"company_name":{"equals":"ACME"}}],"queryContext":"company"}`).expect(t, "meta.total", "2")
	search(`{"and":[{"company_name":{"equals":"Nobody"}}],"queryContext":"company"}`).expect(t, "meta.total", "0")
	o.want(400, "POST", "/v1/customers/search", `{"and":[{"customer_email":{"equals":"x"}}],"queryContext":"company"}`)
	o.want(400, "POST", "/v1/customers/search", `{"queryContext":"order"}`)
	behind := start(t, Config{})
	behind.want(201, "POST", "/v1/companies", `{"name":"Acme"}`)
	behind.want(200, "POST", "/v1/customers/search", `{"and":[{"company_name":{"equals":"Acme"}}],"queryContext":"company"}`).expect(t, "meta.total", "0")
}
