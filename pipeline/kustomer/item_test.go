package kustomer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestABodyIsAsLongAsItsItemsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, MaxItems).Draw(t, "n")
		withRef, withID := rapid.Bool().Draw(t, "refs"), rapid.Bool().Draw(t, "ids")
		items := make([]Item, n)
		size := 1
		for i := range items {
			items[i].Payload = []byte(rapid.SampledFrom([]string{`{}`, `{ }`, ` {"name":"A"} `, `{"name":"é\"","tags":["x"]}`,
				"{\n}"}).Draw(t, "payload"))
			if withRef {
				items[i].Ref = fmt.Sprint(i, "-") + rapid.StringN(0, 9, -1).Draw(t, "ref")
			}
			if withID {
				items[i].ID = fmt.Sprint("<", i)
			}
			size += items[i].Size()
		}
		body, refused := bulkBody(items, withID)
		if refused != nil || len(body) != size {
			t.Fatalf("%d bytes, said to be %d, %v", len(body), size, refused)
		}
		var list []map[string]any
		if err := json.Unmarshal(body, &list); err != nil || len(list) != n {
			t.Fatalf("%v in %s", err, body)
		}
		for i, o := range list {
			if got, _ := o["_clientRef"].(string); withRef && strings.ToValidUTF8(items[i].Ref, "\uFFFD") != got {
				t.Fatalf("ref %q became %q", items[i].Ref, got)
			}
			if got, _ := o["id"].(string); withID != (got == items[i].ID && got != "") {
				t.Fatalf("id %q became %q", items[i].ID, got)
			}
		}
	})
}

func TestWhatCannotBeSentIsRefusedHere(t *testing.T) {
	c, _ := org(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	long := func(n int) []byte { return []byte(`{"name":"` + strings.Repeat("x", n) + `"}`) }
	ok := Item{Ref: "a", ID: "1", Payload: []byte(`{}`)}
	many := make([]Item, MaxItems+1)
	for i := range many {
		many[i] = Item{Ref: fmt.Sprint(i), ID: "1", Payload: []byte(`{}`)}
	}
	for name, tc := range map[string]struct {
		items []Item
		want  Verdict
	}{
		"none":              {nil, NotBegun},
		"101":               {many, TooLarge},
		"too large":         {[]Item{{Ref: "a", ID: "1", Payload: long(MaxBody)}}, TooLarge},
		"not an object":     {[]Item{ok, {Ref: "b", ID: "1", Payload: []byte(`[]`)}}, NotBegun},
		"not JSON":          {[]Item{ok, {Ref: "b", ID: "1", Payload: []byte(`{"a":}`)}}, NotBegun},
		"empty payload":     {[]Item{{Ref: "a", ID: "1"}}, NotBegun},
		"a ref missing":     {[]Item{ok, {ID: "1", Payload: []byte(`{}`)}}, NotBegun},
		"a ref on one only": {[]Item{{ID: "1", Payload: []byte(`{}`)}, ok}, NotBegun},
		"a ref twice":       {[]Item{ok, ok}, NotBegun},
		"a ref of 256":      {[]Item{{Ref: strings.Repeat("é", 256), ID: "1", Payload: []byte(`{}`)}}, NotBegun},
		"an update's id":    {[]Item{{Ref: "a", Payload: []byte(`{}`)}}, NotBegun},
	} {
		_, err := c.BulkUpdate(t.Context(), tc.items)
		if VerdictOf(err) != tc.want || !strings.HasPrefix(err.Error(), "PUT /v1/customers/bulk: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, payload := range []string{"", "[]", "null", `"x"`} {
		if _, err := c.Create(t.Context(), []byte(payload)); VerdictOf(err) != NotBegun {
			t.Errorf("create %s: %v", payload, err)
		}
		if _, err := c.Update(t.Context(), "1", []byte(payload)); VerdictOf(err) != NotBegun {
			t.Errorf("update %s: %v", payload, err)
		}
	}
}

func TestTheLargestBodyGoesOut(t *testing.T) {
	item := Item{Ref: strings.Repeat("é", 255), Payload: []byte(`{"name":""}`)}
	pad := MaxBody - 1 - item.Size()
	item.Payload = []byte(`{"name":"` + strings.Repeat("x", pad) + `"}`)
	var got int
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = len(b)
		answering(201, accepted)(w, r)
	})
	if _, err := c.BulkCreate(t.Context(), []Item{item}); err != nil || got != MaxBody {
		t.Errorf("%d bytes arrived, %v", got, err)
	}
	item.Payload = append(bytes.TrimSuffix(item.Payload, []byte(`"}`)), `x"}`...)
	if _, err := c.BulkCreate(t.Context(), []Item{item}); VerdictOf(err) != TooLarge {
		t.Errorf("one byte more: %v", err)
	}
}

func TestWhatIsSent(t *testing.T) {
	type sent struct{ method, path, body, contentType string }
	var got sent
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = sent{r.Method, r.URL.Path, string(b), r.Header.Get("Content-Type")}
		if a := r.Header.Get("Authorization"); a != "Bearer "+testKey {
			t.Errorf("authorization %q", a)
		}
		if a := r.Header.Get("User-Agent"); a != "muster" {
			t.Errorf("user agent %q", a)
		}
		answering(201, `{"data":{"id":"j1","attributes":{"status":"queued"}}}`)(w, r)
	})
	items := []Item{{Ref: "a", ID: "1", Payload: []byte(`{"name":"A"}`)}, {Ref: "b", ID: "2", Payload: []byte(`{}`)}}
	for _, tc := range []struct {
		name string
		act  func() error
		want sent
	}{
		{"bulk create", func() error {
			_, err := c.BulkCreate(t.Context(), []Item{{Ref: "a", Payload: items[0].Payload},
				{Ref: "b", Payload: items[1].Payload}})
			return err
		}, sent{"POST", "/v1/customers/bulk", `[{"name":"A","_clientRef":"a"},{"_clientRef":"b"}]`, "application/json"}},
		{"bulk update", func() error { _, err := c.BulkUpdate(t.Context(), items); return err },
			sent{"PUT", "/v1/customers/bulk", `[{"name":"A","_clientRef":"a","id":"1"},{"_clientRef":"b","id":"2"}]`,
				"application/json"}},
		{"create", func() error { _, err := c.Create(t.Context(), items[0].Payload); return err },
			sent{"POST", "/v1/customers", `{"name":"A"}`, "application/json"}},
		{"update", func() error { _, err := c.Update(t.Context(), "c/1", items[0].Payload); return err },
			sent{"PATCH", "/v1/customers/c/1", `{"name":"A"}`, "application/json"}},
		{"delete", func() error { return c.Delete(t.Context(), "c1") }, sent{"DELETE", "/v1/customers/c1", "", ""}},
		{"job", func() error { _, err := c.Job(t.Context(), "j1"); return err }, sent{"GET", "/v1/bulk/j1", "", ""}},
		{"metadata", func() error { _, err := c.Metadata(t.Context(), "customer"); return err },
			sent{"GET", "/v1/metadata/customer", "", ""}},
	} {
		got = sent{}
		if err := tc.act(); err != nil || got != tc.want {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", tc.name, err, got, tc.want)
		}
	}
}
