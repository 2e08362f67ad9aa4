package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestBulkRequestsRefusedAsAWhole(t *testing.T) {
	o := start(t, Config{RatePerMinute: -1})
	id := o.want(201, "POST", "/v1/customers", `{"name":"a"}`).at("data.id")
	items := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(`{},`, n), ",") + "]" }
	ref := func(refs ...string) string {
		for i, r := range refs {
			refs[i] = `{` + r + `}`
		}
		return "[" + strings.Join(refs, ",") + "]"
	}
	for _, c := range []struct {
		name, method, query, body string
		status                    int
		parameter                 string
	}{
		{"a hundred", "POST", "", items(100), 201, ""},
		{"one too many", "POST", "", items(101), 400, "body"},
		{"none", "POST", "", `[]`, 400, "body"},
		{"no list", "POST", "", `{"name":"a"}`, 400, "body"},
		{"no JSON", "POST", "", `[{]`, 400, "body"},
		{"item that is no object", "POST", "", `[{},7]`, 400, ""},
		{"item that breaks the schema", "POST", "", `[{"name":"a"},{"gender":"x"}]`, 400, "gender"},
		{"item with an id", "POST", "", `[{"id":"x"}]`, 400, "id"},
		{"refs on all", "POST", "", ref(`"_clientRef":"a"`, `"_clientRef":"b"`), 201, ""},
		{"refs on some", "POST", "", ref(`"_clientRef":"a"`, `"name":"b"`), 400, "_clientRef"},
		{"ref twice", "POST", "", ref(`"_clientRef":"a"`, `"_clientRef":"a"`), 400, "_clientRef"},
		{"empty ref", "POST", "", ref(`"_clientRef":""`), 400, "_clientRef"},
		{"ref that is no text", "POST", "", ref(`"_clientRef":7`), 400, "_clientRef"},
		{"ref at its limit", "POST", "", ref(`"_clientRef":"` + strings.Repeat("é", 255) + `"`), 201, ""},
		{"ref beyond it", "POST", "", ref(`"_clientRef":"` + strings.Repeat("é", 256) + `"`), 400, "_clientRef"},
		{"update", "PUT", "", ref(`"id":"` + id + `"`), 201, ""},
		{"update without id", "PUT", "", ref(`"name":"x"`), 400, "id"},
		{"update with refs on some", "PUT", "", ref(`"id":"`+id+`","_clientRef":"a"`, `"id":"`+id+`"`), 400, "_clientRef"},
		{"update that breaks the schema", "PUT", "", ref(`"id":"` + id + `","gender":"x"`), 400, "gender"},
		{"change", "PUT", "?ids=" + id, `{"name":"x"}`, 201, ""},
		{"change by a list", "PUT", "?ids=" + id, `[{"name":"x"}]`, 400, "body"},
		{"change with a ref", "PUT", "?ids=" + id, `{"_clientRef":"a"}`, 400, "_clientRef"},
		{"change of none", "PUT", "?ids=", `{"name":"x"}`, 400, "ids"},
		{"change of too many", "PUT", "?ids=" + strings.TrimSuffix(strings.Repeat(id+",", 101), ","), `{"name":"x"}`, 400,
			"ids"},
		{"delete of none", "DELETE", "", ``, 400, "ids"},
		{"delete by key", "DELETE", "?ids=externalId=1", ``, 400, "ids"},
		{"delete", "DELETE", "?ids=" + id, ``, 201, ""},
	} {
		r := o.do(c.method, "/v1/customers/bulk"+c.query, c.body)
		if r.status != c.status {
			t.Errorf("%s: status %d, want %d: %.200s", c.name, r.status, c.status, r.body)
		} else if c.status == 400 && r.at("errors.0.source.parameter") != c.parameter {
			t.Errorf("%s: %s, want the parameter %q", c.name, r.body, c.parameter)
		}
	}
}

func TestBulkCreateSucceedsInPart(t *testing.T) {
	o := start(t, Config{})
	o.want(201, "POST", "/v1/customers", `{"emails":[{"email":"taken@b.example"}]}`)
	got := o.bulk("POST", `[
		{"_clientRef":"new","externalId":"1","emails":[{"email":"new@b.example"}]},
		{"_clientRef":"taken","externalId":"2","emails":[{"email":"Taken@b.example"}]},
		{"_clientRef":"inside","externalId":"1"},
		{"_clientRef":"after a refusal","externalId":"2"}]`)
	for ref, status := range map[string]string{"new": "created", "taken": "error", "inside": "error",
		"after a refusal": "created"} {
		r := got[ref]
		if r.Status != status || (status == "error") != (r.Error == "duplicate detected") ||
			(status == "created") == (r.ID == "") {
			t.Errorf("%s: %+v, want %s", ref, r, status)
		}
	}
	o.want(200, "GET", "/v1/customers/externalId=1", "").expect(t, "data.id", got["new"].ID)
	o.want(200, "GET", "/v1/customers/externalId=2", "").expect(t, "data.id", got["after a refusal"].ID)
	if body := string(o.want(200, "GET", "/v1/customers/externalId=1", "").body); strings.Contains(body, "_clientRef") {
		t.Errorf("_clientRef was stored: %s", body)
	}
	if o.count() != 3 {
		t.Errorf("%d customers, want 3", o.count())
	}
}

func TestJobDocument(t *testing.T) {
	o := start(t, Config{JobDelay: 200 * time.Millisecond})
	body := `[{"name":"Ada","_clientRef":"a"}]`
	r := o.want(201, "POST", "/v1/customers/bulk", body)
	r.expect(t, "data.type", "bulk", "data.attributes.status", "queued", "data.attributes.completed", "false",
		"data.attributes.v2", "true",
		"data.attributes.ids", "[]", "data.attributes.context", "api.sobjects.customers.bulk-create",
		"data.attributes.batches", "map[complete:0]",
		"data.attributes.payload.api.method", "POST", "data.attributes.payload.api.service", "sobjects",
		"data.attributes.payload.api.path", "/v1/customers/bulk",
		"data.attributes.payload.api.data.0.name", "Ada", "data.attributes.payload.api.user.userType", "machine",
		"data.links.self", "/v1/bulk/"+r.at("data.id"), "data.relationships.createdBy.data.type", "user")
	id := r.at("data.id")
	o.want(200, "GET", "/v1/bulk/"+id+"/batches", "").expect(t, "data.0.attributes.status", "queued",
		"data.0.attributes.results", "")
	o.finish(id).expect(t, "data.0.attributes.status", "complete", "data.0.attributes.successCount", "1",
		"data.0.attributes.failureCount", "0",
		"data.0.attributes.results.0._clientRef", "a", "data.0.attributes.results.0.status", "created",
		"data.0.attributes.errors", "[]")
	o.want(200, "GET", "/v1/bulk/"+id, "").expect(t, "data.attributes.status", "complete", "data.attributes.completed",
		"true",
		"data.attributes.batches", "map[complete:1 total:1]", "data.attributes.payload.api.data.0.name", "Ada")
	o.want(404, "GET", "/v1/bulk/"+strings.Repeat("0", 24), "")
	o.want(404, "GET", "/v1/bulk/"+strings.Repeat("0", 24)+"/batches", "")
}

// With a delay a job is queued, then running with some of its batches complete, then complete. The faults let it take
// one step at a time.
func TestJobsPassThroughTheirStates(t *testing.T) {
	var allowed atomic.Int64
	faults := &staged{hold: func(string) bool {
		if allowed.Add(-1) >= 0 {
			return false
		}
		allowed.Add(1)
		return true
	}}
	o := start(t, Config{RatePerMinute: -1, JobDelay: time.Millisecond, Faults: faults, Switches: Switches{BatchSize: 2}})
	id := o.want(201, "POST", "/v1/customers/bulk", `[{"_clientRef":"a"},{"_clientRef":"b"},{"_clientRef":"c"}]`).at(
		"data.id")
	for _, want := range []struct{ status, complete, first, second string }{
		{"queued", "0", "queued", "queued"}, {"running", "0", "scheduled", "scheduled"},
		{"running", "1", "complete", "scheduled"}, {"complete", "2", "complete", "complete"},
	} {
		var r reply
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			r = o.want(200, "GET", "/v1/bulk/"+id, "")
			if r.at("data.attributes.status") == want.status && r.at("data.attributes.batches.complete") == want.complete {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("not %+v but %s", want, r.body)
			}
		}
		r = o.want(200, "GET", "/v1/bulk/"+id+"/batches", "")
		r.expect(t, "data.0.attributes.status", want.first, "data.1.attributes.status", want.second)
		if has := r.at("data.0.attributes.results.0.status") != ""; has != (want.first == "complete") {
			t.Errorf("results of a batch that is %s: %s", want.first, r.body)
		}
		allowed.Add(1)
	}
}

func TestResultsAreShuffledOverSeveralBatches(t *testing.T) {
	o := start(t, Config{})
	var items []string
	for i := range 100 {
		items = append(items, fmt.Sprintf(`{"_clientRef":"%03d","externalId":"%03d"}`, i, i))
	}
	id := o.want(201, "POST", "/v1/customers/bulk", "["+strings.Join(items, ",")+"]").at("data.id")
	r := o.finish(id)
	var refs []string
	for batch := 0; r.at(fmt.Sprintf("data.%d.attributes.status", batch)) != ""; batch++ {
		for i := 0; ; i++ {
			ref := r.at(fmt.Sprintf("data.%d.attributes.results.%d._clientRef", batch, i))
			if ref == "" {
				break
			}
			refs = append(refs, ref)
		}
		if batch == 2 {
			t.Error("more than two batches")
		}
	}
	if slices.IsSorted(refs) {
		t.Error("results are in the order of the input")
	}
	slices.Sort(refs)
	if len(slices.Compact(refs)) != 100 {
		t.Errorf("%d different refs", len(refs))
	}
}

func TestWithoutRefsThereAreNoResults(t *testing.T) {
	o := start(t, Config{})
	id := o.want(201, "POST", "/v1/customers/bulk", `[{"externalId":"1"},{"externalId":"1"}]`).at("data.id")
	r := o.finish(id)
	r.expect(t, "data.0.attributes.successCount", "1", "data.0.attributes.failureCount", "1",
		"data.0.attributes.errors.0.title", "duplicate detected")
	if strings.Contains(string(r.body), `"results"`) {
		t.Errorf("results without refs: %s", r.body)
	}
	if r.at("data.0.attributes.objectIds.0") == "" {
		t.Errorf("no object id: %s", r.body)
	}
}

func TestBulkUpdate(t *testing.T) {
	o := start(t, Config{})
	a := o.want(201, "POST", "/v1/customers", `{"externalId":"1","name":"a","whatsapps":[{"phone":"+15550001"}],"emails":[{"email":"a@b.example"}]}`).at("data.id")
	b := o.want(201, "POST", "/v1/customers", `{"externalId":"2"}`).at("data.id")
	got := o.bulk("PUT", `[
		{"_clientRef":"gives up","id":"`+a+`","emails":[],"whatsapps":[{"phone":"+15550009"}],"unheard":true},
		{"_clientRef":"takes","id":"`+b+`","emails":[{"email":"a@b.example"}]},
		{"_clientRef":"takes too","id":"`+a+`","externalId":"2"},
		{"_clientRef":"nobody","id":"000000000000000000000000"}]`)
	if got["gives up"].Status != "updated" || got["takes"].Status != "updated" || got["takes"].ID != b {
		t.Errorf("%v", got)
	}
	if got["takes too"].Error != "duplicate detected" || got["nobody"].Status != "error" {
		t.Errorf("%v", got)
	}
	o.want(200, "GET", "/v1/customers/"+a, "").expect(t, "data.attributes.name", "a", "data.attributes.whatsapps.0.phone",
		"whatsapp:+15550001",
		"data.attributes.externalId", "1", "data.attributes.rev", "2")
}

func TestBulkByIDs(t *testing.T) {
	o := start(t, Config{})
	a := o.want(201, "POST", "/v1/customers", `{"name":"a"}`).at("data.id")
	b := o.want(201, "POST", "/v1/customers", `{"name":"b"}`).at("data.id")
	r := o.want(201, "PUT", "/v1/customers/bulk?ids="+a+","+b, `{"locale":"sv_SE"}`)
	r.expect(t, "data.attributes.ids.0", a, "data.attributes.ids.1", b, "data.attributes.context",
		"api.sobjects.customers.bulk-update",
		"data.attributes.payload.api.data.locale", "sv_SE")
	o.finish(r.at("data.id")).expect(t, "data.0.attributes.successCount", "2", "data.0.attributes.results", "")
	for _, id := range []string{a, b} {
		o.want(200, "GET", "/v1/customers/"+id, "").expect(t, "data.attributes.locale", "sv_SE")
	}
	nobody := strings.Repeat("0", 24)
	r = o.want(201, "DELETE", "/v1/customers/bulk?ids="+a+","+nobody, "")
	r.expect(t, "data.attributes.context", "api.sobjects.customers.bulk-delete", "data.attributes.payload.api.method",
		"DELETE")
	o.finish(r.at("data.id")).expect(t, "data.0.attributes.successCount", "1", "data.0.attributes.failureCount", "1")
	o.want(404, "GET", "/v1/customers/"+a, "")
	o.want(200, "GET", "/v1/customers/"+b, "")
}

// Many jobs at once that all want the same hundred people: each person is created once and refused in every other job.
func TestConcurrentJobsShareOneOrg(t *testing.T) {
	o := start(t, Config{RatePerMinute: -1})
	const jobs = 8
	ids := make([]string, jobs)
	var clients sync.WaitGroup
	for j := range jobs {
		clients.Go(func() {
			var items []string
			for i := range 100 {
				items = append(items, fmt.Sprintf(`{"_clientRef":"%d","emails":[{"email":"p%d@b.example"}],"externalId":"%d"}`, i,
					(i*(j+1))%101, (i*(j+1))%101))
			}
			ids[j] = o.do("POST", "/v1/customers/bulk", "["+strings.Join(items, ",")+"]").at("data.id")
		})
	}
	clients.Wait()
	created := 0
	for _, id := range ids {
		for _, r := range o.outcomes(id) {
			if r.Status == "created" {
				created++
			}
		}
	}
	if n := o.count(); n != created || n > 101 || n < 100 {
		t.Errorf("%d customers, %d created", n, created)
	}
	all, err := o.Dump(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, one := range all {
		var d struct{ ExternalID string }
		if err := json.Unmarshal(one.Document, &d); err != nil || seen[d.ExternalID] {
			t.Errorf("%s twice, %v", d.ExternalID, err)
		}
		seen[d.ExternalID] = true
	}
}

func TestBodyLimit(t *testing.T) {
	o := start(t, Config{})
	body := func(size int) string {
		head, tail := `[{"custom":{"notesTxt":"`, `"}}]`
		return head + strings.Repeat("x", 1000) + tail + strings.Repeat(" ", size-len(head)-len(tail)-1000)
	}
	o.want(201, "POST", "/v1/customers/bulk", body(100_000))
	o.want(413, "POST", "/v1/customers/bulk", body(100_001))
	o.want(413, "POST", "/v1/customers/bulk", body(3_000_000))
}
