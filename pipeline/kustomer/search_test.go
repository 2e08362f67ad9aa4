package kustomer

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSearchAndList(t *testing.T) {
	const page = `{"meta":{"page":1,"pageSize":500,"total":7},"data":[
		{"type":"customer","id":"a","attributes":{"externalId":"1","rev":2},"relationships":{"company":{"data":{"id":"c"}}}},
		{"type":"customer","id":"b","attributes":{"deleted":true}}],"links":{"next":null}}`
	var asked, query string
	var sent map[string]any
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
		asked, query, sent = r.Method+" "+r.URL.Path, r.URL.RawQuery, nil
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &sent)
		answering(200, page)(w, r)
	})
	from := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", 3600))
	f, err := c.Search(t.Context(), Query{Any: []Condition{{"externalId", "1"}, {"email", "a@b.example"}}, From: from,
		To: from.Add(time.Second), Page: 3})
	if err != nil || asked != "POST /v1/customers/search" || query != "page=3&pageSize=500" {
		t.Fatalf("%s?%s: %v", asked, query, err)
	}
	body, _ := json.Marshal(sent)
	want := `{"and":[{"customer_updated_at":{"gte":"2026-01-02T02:04:05.006Z"}},{"customer_updated_at":{"lt":"2026-01-02T02:04:06.006Z"}}],` +
		`"or":[{"customer_externalId":{"equals":"1"}},{"customer_email":{"equals":"a@b.example"}}],"queryContext":"customer","sort":[{"customer_updated_at":"asc"}]}`
	if string(body) != want {
		t.Errorf("asked for\n%s, want\n%s", body, want)
	}
	if f.Total != 7 || f.Shown != 2 || len(f.Customers) != 1 || f.Customers[0].ID != "a" || f.Customers[0].Company != "c" {
		t.Errorf("found %+v", f)
	}
	f, err = c.List(t.Context(), Query{From: from, Size: 1000})
	if err != nil || f.Total != 7 || asked != "GET /v1/customers" ||
		query != "filter%5BupdatedAt%5D%5Bgte%5D=2026-01-02T02%3A04%3A05.006Z&page=1&pageSize=100&sort=updatedAt" {
		t.Errorf("%s?%s: %v", asked, query, err)
	}
}

func TestASearchThatCannotBeMeantIsNotAsked(t *testing.T) {
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) { t.Error("it was asked"); answering(500, "")(w, r) })
	for name, q := range map[string]Query{
		"21 alternatives": {Any: make([]Condition, 21)}, "a blank one": {Any: []Condition{{"email", " "}}},
		"a name": {Any: []Condition{{"name", "x"}}},
	} {
		if _, err := c.Search(t.Context(), q); VerdictOf(err) != NotBegun {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.List(t.Context(), Query{Any: []Condition{{"email", "a@b.example"}}}); VerdictOf(err) != NotBegun {
		t.Error(err)
	}
}

// A search is a POST that cannot change anything: in doubt it is asked again, unlike any other POST.
func TestASearchInDoubtIsAskedAgain(t *testing.T) {
	n := 0
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 1 {
			answering(502, "")(w, r)
			return
		}
		answering(200, `{"data":[],"meta":{"total":"3"}}`)(w, r)
	})
	if f, err := c.Search(t.Context(), Query{}); err != nil || n != 2 || f.Total != 3 || len(f.Customers) != 0 {
		t.Errorf("%v after %d requests: %+v", err, n, f)
	}
	for body, want := range map[string]Verdict{`{"data":[],"meta":{}}`: 0, `{"data":[]}`: 0, `{}`: InDoubt,
		`{"data":[{}]}`: InDoubt, `{"data":{}}`: InDoubt, `<html>`: InDoubt} {
		c, _ := org(t, answering(200, body))
		f, err := c.Search(t.Context(), Query{})
		if VerdictOf(err) != want || err == nil && f.Total != -1 {
			t.Errorf("%s: %v, %+v", body, err, f)
		}
	}
	c, _ = org(t, answering(403, `{"errors":[{"code":"forbidden"}]}`))
	if _, err := c.Search(t.Context(), Query{Any: []Condition{{"email",
		"canary@b.example"}}}); VerdictOf(err) != Forbidden || strings.Contains(err.Error(), "canary") {
		t.Error(err)
	}
}
