package sandbox

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// people makes customers p0, p1, … a second apart.
func people(o *org, at *clock, n int) {
	for i := range n {
		o.want(201, "POST", "/v1/customers", fmt.Sprintf(
			`{"name":"p%d","emails":[{"email":"p%d@b.example"}],"custom":{"ordersNum":%d}}`, i, i, i))
		at.move(time.Second)
	}
}

// names are the names of a list's customers.
func names(r reply) string {
	var all []string
	for i := 0; r.at(fmt.Sprintf("data.%d.id", i)) != ""; i++ {
		all = append(all, r.at(fmt.Sprintf("data.%d.attributes.name", i)))
	}
	return strings.Join(all, " ")
}

func TestListCustomers(t *testing.T) {
	at := newClock()
	o := start(t, Config{Now: at.now})
	people(o, at, 5)
	from := url.QueryEscape(stamp(at.now().Add(-3 * time.Second)))
	for query, want := range map[string]string{
		"":                                  "p4 p3 p2 p1 p0",
		"?sort=createdAt":                   "p0 p1 p2 p3 p4",
		"?sort=updatedAt&page=2&pageSize=2": "p2 p3",
		"?page=9":                           "",
		"?sort=createdAt&filter[updatedAt][gte]=" + from:      "p2 p3 p4",
		"?sort=createdAt&filter[updatedAt][gt]=" + from:       "p3 p4",
		"?sort=createdAt&filter[createdAt][lt]=" + from:       "p0 p1",
		"?filter[createdAt][lte]=" + from + "&sort=createdAt": "p0 p1 p2",
	} {
		if got := names(o.want(200, "GET", "/v1/customers"+query, "")); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	o.want(200, "GET", "/v1/customers?page=2&pageSize=2", "").expect(t, "meta.total", "5", "meta.totalPages", "3",
		"meta.page", "2",
		"links.next", "/v1/customers?page=3&pageSize=2", "links.prev", "/v1/customers?page=1&pageSize=2", "links.last",
		"/v1/customers?page=3&pageSize=2")
	o.want(200, "GET", "/v1/customers?page=3&pageSize=2", "").expect(t, "links.next", "")
	for _, query := range []string{"pageSize=101", "pageSize=0", "page=x", "sort=name", "filter[name][equals]=x",
		"filter[createdAt][gte]=monday"} {
		o.want(400, "GET", "/v1/customers?"+query, "")
	}
}

func TestSearch(t *testing.T) {
	at := newClock()
	o := start(t, Config{Now: at.now})
	people(o, at, 4)
	search := func(body string) string { return names(o.want(200, "POST", "/v1/customers/search", body)) }
	if got := search(`{}`); got != "" {
		t.Errorf("the index is not behind: %s", got)
	}
	at.move(time.Minute)
	when := stamp(at.now().Add(-time.Minute - 2*time.Second))
	for body, want := range map[string]string{
		`{}`: "p0 p1 p2 p3",
		`{"sort":{"customer_created_at":"desc"}}`: "p3 p2 p1 p0",
		`{"and":[{"customer_updated_at":{"gte":"` + when +
			`"}}],"sort":[{"customer_updated_at":"asc"}],"queryContext":"customer","or":[]}`: "p2 p3",
		`{"and":{"customer_email":{"equals":"P1@b.example"}}}`:                                          "p1",
		`{"or":[{"customer_email":{"equals":"p1@b.example"}},{"customer_custom_ordersNum":{"gte":3}}]}`: "p1 p3",
		`{"not":[{"customer_custom_ordersNum":{"lt":2}}]}`:                                              "p2 p3",
		`{"and":[{"customer_externalId":{"not_set":true}},{"customer_name":{"equals":"p0"}}]}`:          "p0",
		`{"and":[{"customer_imported":{"equals":true}}]}`:                                               "",
	} {
		if got := search(body); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	id := o.want(200, "GET", "/v1/customers/email=p3@b.example", "").at("data.id")
	o.want(204, "DELETE", "/v1/customers/"+id, "")
	at.move(time.Minute)
	if got := search(`{}`) + "/" + search(`{"includeDeleted":true}`); got != "p0 p1 p2/p0 p1 p2 p3" {
		t.Errorf("after a delete: %s", got)
	}
	o.want(200, "POST", "/v1/customers/search?page=100&pageSize=500", `{}`)
	o.want(400, "POST", "/v1/customers/search?page=101", `{}`)
	o.want(400, "POST", "/v1/customers/search?pageSize=501", `{}`)
	for _, body := range []string{`{"where":1}`, `{"and":[{"name":{"equals":1}}]}`,
		`{"and":[{"customer_name":{"like":1}}]}`, `{"and":"x"}`, `{"queryContext":"order"}`} {
		o.want(400, "POST", "/v1/customers/search", body)
	}
	at.move(searchHorizon)
	if got := search(`{}`); got != "" {
		t.Errorf("older than the horizon: %s", got)
	}
	o.want(201, "POST", "/v1/customers", `{"name":"young"}`)
	archived := func(body string) string { return names(o.want(200, "POST", "/v1/customers/archive/search", body)) }
	if got := archived(`{}`) + "/" + archived(`{"or":[{"customer_email":{"equals":"p1@b.example"}}]}`); got != "p0 p1 p2/p1" {
		t.Errorf("in the archive: %s", got)
	}
}
