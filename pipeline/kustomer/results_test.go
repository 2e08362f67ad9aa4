package kustomer

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"muster/pipeline/kustomer/words"
)

func TestResultsInEveryShape(t *testing.T) {
	two := []Result{
		{Ref: "a", Status: "created", ObjectID: "64b0"},
		{Ref: "b", Status: "error", Error: "duplicate detected", Duplicate: true},
	}
	const results = `[{"_clientRef":"a","status":"created","objectId":"64b0"},{"_clientRef":"b","status":"error","error":"duplicate detected"}]`
	for _, tc := range []struct {
		name, body string
		want       Results
	}{
		{"bare array", `[{"status":"complete","successCount":1,"failureCount":1,"results":` + results + `}]`,
			Results{two, true, 1}},
		{"data with attributes", `{"data":[{"type":"bulk_batch","id":"1","attributes":{"status":"complete","failureCount":1,"results":` + results + `}}],"links":{"next":null}}`,
			Results{two, true, 1}},
		{"data flat", `{"meta":{"page":1},"data":[{"status":"complete","failureCount":1,"results":` + results +
			`}],"links":{}}`,
			Results{two, true, 1}},
		{"one batch as data", `{"data":{"attributes":{"status":"complete","failureCount":1,"results":` + results + `}}}`,
			Results{two, true, 1}},
		{"results with attributes", `[{"status":"complete","results":[{"type":"result","attributes":{"_clientRef":"a","status":"created","objectId":"64b0"}}]}]`,
			Results{two[:1], true, 0}},
		{"statuses in other case, counts as text", `[{"status":" COMPLETE ","failureCount":"1","results":[{"_clientRef":"a","status":"Created","objectId":"64b0"}]}]`,
			Results{two[:1], true, 1}},
		{"numbers for texts", `[{"status":"complete","results":[{"_clientRef":17,"status":"updated","objectId":4}]}]`,
			Results{[]Result{{Ref: "17", Status: "updated", ObjectID: "4"}}, true, 0}},
		{"one batch is not done", `[{"status":"complete","results":[{"_clientRef":"a","status":"created","objectId":"64b0"}]},{"status":"scheduled"}]`,
			Results{two[:1], false, 0}},
		{"doubled and unknown refs are passed on", `[{"status":"complete","results":[{"_clientRef":"x","status":"created","objectId":"1"},{"_clientRef":"x","status":"error"},{"status":"created","objectId":"2"}]}]`,
			Results{[]Result{{Ref: "x", Status: "created", ObjectID: "1"}, {Ref: "x", Status: "error"},
				{Status: "created", ObjectID: "2"}}, true, 0}},
		{"an error as an object", `[{"status":"complete","results":[{"_clientRef":"a","status":"error","error":{"code":"badparam","title":"Additional properties not allowed","source":{"parameter":"fooStr"}}}]}]`,
			Results{[]Result{{Ref: "a", Status: "error", Error: "Additional properties not allowed", Parameter: "fooStr"}}, true,
				0}},
		{"errors as a list", `[{"status":"complete","results":[{"_clientRef":"a","status":"error","error":[{"message":"email already exists"}]}]}]`,
			Results{[]Result{{Ref: "a", Status: "error", Error: "email already exists", Duplicate: true}}, true, 0}},
		{"an error that quotes a value", `[{"status":"complete","results":[{"_clientRef":"a","status":"error","error":"email 'jan@example.org' is taken by Jan Jansen"}]}]`,
			Results{[]Result{{Ref: "a", Status: "error", Error: "email … is taken by …"}}, true, 0}},
		{"a code alone", `[{"status":"complete","results":[{"_clientRef":"a","status":"error","error":{"code":"conflict"}}]}]`,
			Results{[]Result{{Ref: "a", Status: "error", Error: "conflict", Duplicate: true}}, true, 0}},
		{"no batches yet", `{"data":[]}`, Results{}},
		{"no results without refs", `[{"status":"complete","objectIds":["1"],"successCount":1}]`, Results{nil, true, 0}},
		{"null and strangers among them", `[null,7,"x",{"status":"complete","results":[null,{"_clientRef":"a","status":"created","objectId":"64b0"}]}]`,
			Results{two[:1], true, 0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, _ := org(t, answering(200, tc.body))
			got, err := c.Results(t.Context(), "j")
			if err != nil || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, tc.want)
			}
		})
	}
}

// paged answers with pages of one result each; link makes links.next of the page that follows, "" for none.
func paged(pages int, link func(next int, r *http.Request) string) (http.HandlerFunc, *atomic.Int32) {
	asked := new(atomic.Int32)
	return func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		n := 1
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		next := "null"
		if n < pages {
			next = link(n+1, r)
		}
		answering(200, fmt.Sprintf(`{"data":[{"status":"complete","results":[{"_clientRef":"%d","status":"created","objectId":"o"}]}],"links":{"next":%s}}`, n, next))(w, r)
	}, asked
}

func TestPagesAreFollowed(t *testing.T) {
	for _, tc := range []struct {
		name     string
		link     func(int, *http.Request) string
		pages    int
		asked    int
		complete bool
	}{
		{"relative to the host", func(n int, _ *http.Request) string {
			return fmt.Sprintf(`"/v1/bulk/j/batches?page=%d"`,
				n)
		}, 5, 5, true},
		{"relative to the page", func(n int, _ *http.Request) string { return fmt.Sprintf(`"?page=%d"`, n) }, 5, 5, true},
		{"absolute", func(n int, r *http.Request) string {
			return fmt.Sprintf(`"http://%s/v1/bulk/j/batches?page=%d"`, r.Host, n)
		}, 3, 3, true},
		{"as an object", func(n int, _ *http.Request) string { return fmt.Sprintf(`{"href":"?page=%d"}`, n) }, 3, 3, true},
		{"without end", func(n int, _ *http.Request) string { return fmt.Sprintf(`"?page=%d"`, n) }, 1 << 30, maxPages,
			false},
		{"in a circle", func(n int, _ *http.Request) string { return fmt.Sprintf(`"?page=%d"`, n%3+1) }, 1 << 30, 4, false},
		{"to another host", func(int, *http.Request) string { return `"https://evil.example/v1/bulk/j/batches?page=2"` }, 2,
			1, false},
		{"to another host without a scheme", func(int, *http.Request) string { return `"//evil.example/v1/bulk/j"` }, 2, 1,
			false},
		{"to something else", func(int, *http.Request) string { return `"/v1/bulk/../customers/1"` }, 2, 1, false},
		{"not a link", func(int, *http.Request) string { return `"http://%zz"` }, 2, 1, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, asked := paged(tc.pages, tc.link)
			c, _ := org(t, h)
			got, err := c.Results(t.Context(), "j")
			if err != nil || got.Complete != tc.complete || int(asked.Load()) != tc.asked {
				t.Errorf("%d pages asked for, complete %v, %v; want %d, %v", asked.Load(), got.Complete, err, tc.asked, tc.complete)
			}
			if tc.complete && len(got.Items) != tc.pages {
				t.Errorf("%d results of %d", len(got.Items), tc.pages)
			}
		})
	}
}

func TestResultsReadBeforeAnErrorAreKept(t *testing.T) {
	first, _ := paged(2, func(int, *http.Request) string { return `"?page=2"` })
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("page") {
			answering(404, "")(w, r)
			return
		}
		first(w, r)
	})
	got, err := c.Results(t.Context(), "j")
	if VerdictOf(err) != NotFound || len(got.Items) != 1 || got.Complete {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestResultsAreBounded(t *testing.T) {
	const one = `{"_clientRef":"x","status":"created"},`
	body := `[{"status":"complete","results":[` + strings.TrimSuffix(strings.Repeat(one, maxResults+5), ",") + `]}]`
	c, _ := org(t, answering(200, body))
	got, err := c.Results(t.Context(), "j")
	if err != nil || len(got.Items) != maxResults || got.Complete {
		t.Errorf("%d results, complete %v, %v", len(got.Items), got.Complete, err)
	}
}

func TestJob(t *testing.T) {
	for _, tc := range []struct {
		body string
		want Job
		done bool
	}{
		{`{"data":{"id":"j","attributes":{"status":"queued","batches":{"complete":0}}}}`, Job{"queued", 0, 0}, false},
		{`{"data":{"id":"j","attributes":{"status":"Running","batches":{"complete":1,"total":2}}}}`, Job{"running", 1, 2},
			false},
		{`{"id":"j","status":"COMPLETE","batches":{"complete":"2","total":"2"}}`, Job{"complete", 2, 2}, true},
		{`{"data":{"id":"j","attributes":{"completed":true}}}`, Job{"complete", 0, 0}, true},
		{`{"data":{"id":"j","attributes":{"status":"failed","batches":7}}}`, Job{"failed", 0, 0}, true},
	} {
		c, _ := org(t, answering(200, tc.body))
		if got, err := c.Job(t.Context(), "j"); err != nil || got != tc.want || got.Done() != tc.done {
			t.Errorf("%s: %+v, done %v, %v", tc.body, got, got.Done(), err)
		}
	}
}

func FuzzResults(f *testing.F) {
	f.Add([]byte(`{"data":[{"attributes":{"status":"complete","failureCount":1,"results":[{"_clientRef":"a","status":"error","error":"duplicate detected"}]}}],"links":{"next":"/v1/bulk/j/batches?page=2"}}`))
	f.Add([]byte(`[{"status":"complete","results":[{"_clientRef":1,"error":{"errors":[{"code":"x"}]}}]}]`))
	f.Add([]byte(`{"data":{"results":{}}}`))
	f.Add([]byte(` [[[{"error":[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decodePage(body)
		if err != nil && (len(p.batches) > 0 || p.next != "") {
			t.Error("something was read of what cannot be read")
		}
		for _, b := range p.batches {
			if b.failures < 0 {
				t.Errorf("%d failures", b.failures)
			}
			for _, r := range b.results {
				for _, word := range strings.Fields(r.Error) {
					if word != words.Gap && !words.Known(word, nil) && !words.Placed(word, nil) && !words.IsCode(r.Error) {
						t.Errorf("the unknown word %q is passed on", word)
					}
				}
				if r.Status != strings.ToLower(r.Status) {
					t.Errorf("status %q is not in lower case", r.Status)
				}
			}
		}
		_, _, _ = decodeJob(body)
		_, _ = decodeCustomer(body)
	})
}
