package kustomer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"muster/pipeline/kustomer/words"
)

func TestEveryErrorBody(t *testing.T) {
	body := []byte(`[{"name":"A","custom":{"zorgNiveau":"x"},"emails":[{"email":"jan@example.org"}]}]`)
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   Error
	}{
		{"wire, unknown attribute", 400, `{"errors":[{"status":400,"code":"badparam","title":"Additional properties not allowed","source":{"parameter":"fooStr"},"detail":"/properties/custom/additionalProperties"}]}`,
			Error{Verdict: Refused, Code: "badparam", Title: "Additional properties not allowed", Parameter: "fooStr",
				Path: "/properties/custom/additionalProperties"}},
		{"wire, the request's own key", 400, `{"errors":[{"status":400,"code":"badparam","source":{"parameter":"zorgNiveau"}}]}`,
			Error{Verdict: Refused, Code: "badparam", Parameter: "zorgNiveau"}},
		{"wire, not found", 404, `{"errors":[{"status":404,"code":"notfound","title":"Not Found","source":{"parameter":"externalId"}}]}`,
			Error{Verdict: NotFound, Code: "notfound", Title: "Not Found", Parameter: "externalId"}},
		{"portal", 400, `{"errors":[{"code":"bad_request","message":"email must be a string","meta":{"value":"secret"}}]}`,
			Error{Verdict: Refused, Code: "bad_request", Title: "email must be a string"}},
		{"portal, unauthorized", 401, `{"errors":[{"code":"unauthorized","message":"Expired token"}]}`,
			Error{Verdict: Unauthorized, Code: "unauthorized", Title: "Expired token"}},
		{"JSON:API with pointer", 422, `{"errors":[{"status":"422","code":"validation_error","title":"Invalid value","detail":"must match format","source":{"pointer":"/0/emails/0/email"}}]}`,
			Error{Verdict: Refused, Code: "validation_error", Title: "Invalid value", Parameter: "emails",
				Path: "/0/emails/0/email", Items: []int{0}}},
		{"JSON:API with parameters", 400, `{"errors":[{"status":"400","source":{"parameters":"[0].emails"}}]}`,
			Error{Verdict: Refused, Parameter: "[0].emails", Items: []int{0}}},
		{"an index beyond the items", 400, `{"errors":[{"source":{"pointer":"/7/emails"}}]}`,
			Error{Verdict: Refused, Parameter: "emails", Path: "/7/emails"}},
		{"several", 400, `{"errors":[{"title":"Invalid","source":{"pointer":"/0/name"}},{"title":"Invalid","source":{"pointer":"/0/tags"}}]}`,
			Error{Verdict: Refused, Title: "Invalid", Parameter: "name", Path: "/0/name", Items: []int{0}}},
		{"errors within an error", 400, `{"errors":[{"status":400,"code":"badparam","title":"Validation failed","meta":{"subErrors":[` +
			`{"title":"No enum match","source":{"pointer":"/0/custom/zorgNiveau"}},{"source":{"pointer":"/0/emails/0/email"}}]}}]}`,
			Error{Verdict: Refused, Code: "badparam", Title: "No enum match", Parameter: "zorgNiveau",
				Path: "/0/custom/zorgNiveau", Items: []int{0}}},
		{"errors within an error, without words", 409, `{"errors":[{"code":"conflict","title":"Conflict","meta":{"subErrors":[{"source":{"pointer":"/emails"}}]}}]}`,
			Error{Verdict: Conflict, Code: "conflict", Title: "Conflict", Parameter: "emails", Path: "/emails"}},
		{"a meta of another kind", 400, `{"errors":[{"code":"badparam","meta":{"subErrors":"none"}}]}`,
			Error{Verdict: Refused, Code: "badparam"}},
		{"no meta", 400, `{"errors":[{"code":"badparam","meta":[]}]}`, Error{Verdict: Refused, Code: "badparam"}},
		{"a place in the schema", 400, `{"errors":[{"source":{"pointer":"/properties/gender/enum"}}]}`,
			Error{Verdict: Refused, Path: "/properties/gender/enum"}},
		{"a sentence as detail", 400, `{"errors":[{"detail":"name is too long"}]}`,
			Error{Verdict: Refused, Title: "name is too long"}},
		{"error, not errors", 400, `{"error":{"message":"bad request"}}`, Error{Verdict: Refused, Title: "bad request"}},
		{"error as text", 400, `{"error":"bad request"}`, Error{Verdict: Refused, Title: "bad request"}},
		{"message alone", 403, `{"message":"forbidden"}`, Error{Verdict: Forbidden, Title: "forbidden"}},
		{"other region", 400, `{"errors":[{"code":"bad_request","message":"Auth token associated with pod prod2 but request is being handled by prod1"}]}`,
			Error{Verdict: Unauthorized, Code: "wrong_region",
				Title: "Auth token associated with pod prod2 but request is being handled by prod1"}},
		{"a value in the title", 409, `{"errors":[{"code":"conflict","title":"email jan@example.org already exists"}]}`,
			Error{Verdict: Conflict, Code: "conflict", Title: "email … already exists"}},
		{"a value as code and parameter", 400, `{"errors":[{"code":"jan","source":{"parameter":"jan@example.org"}}]}`,
			Error{Verdict: Refused}},
		{"empty", 403, ``, Error{Verdict: Forbidden}},
		{"html", 413, `<html><body>Request Entity Too Large</body></html>`, Error{Verdict: TooLarge}},
		{"errors empty", 402, `{"errors":[]}`, Error{Verdict: Refused}},
		{"errors null", 405, `{"errors":null}`, Error{Verdict: Refused}},
		{"broken off", 400, `{"errors":[{"code":"bad`, Error{Verdict: Refused}},
		{"status 500 with a body", 500, `{"errors":[{"code":"internal","title":"Internal server error"}]}`,
			Error{Verdict: InDoubt, Code: "internal", Title: "Internal server error"}},
		{"408", 408, ``, Error{Verdict: InDoubt}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := &http.Response{StatusCode: tc.status}
			got := call{method: "POST", act: "/x", path: "/x", body: body, items: 1}.judge(res, []byte(tc.body), nil, 0)
			tc.want.Status, tc.want.Act = tc.status, "POST /x"
			if !reflect.DeepEqual(*got, tc.want) {
				t.Errorf("got  %#v\nwant %#v", *got, tc.want)
			}
		})
	}
}

func TestEveryStatusHasItsVerdict(t *testing.T) {
	want := map[int]Verdict{401: Unauthorized, 403: Forbidden, 404: NotFound, 408: InDoubt, 409: Conflict, 412: Conflict,
		413: TooLarge, 429: Throttled}
	for status := 300; status < 600; status++ {
		v, ok := want[status]
		if !ok {
			if v = Refused; status >= 500 {
				v = InDoubt
			}
		}
		if got := ofStatus(status); got != v {
			t.Errorf("%d is %v, want %v", status, got, v)
		}
	}
}

func TestVerdictOf(t *testing.T) {
	if v := VerdictOf(nil); v != 0 {
		t.Error(v)
	}
	if v := VerdictOf(fmt.Errorf("upload: %w", &Error{Verdict: Conflict})); v != Conflict {
		t.Error(v)
	}
	if v := VerdictOf(io.EOF); v != InDoubt {
		t.Error(v)
	}
}

func TestErrorText(t *testing.T) {
	for want, e := range map[string]Error{
		"GET /v1/customers/email=…: not found (404): externalId": {Verdict: NotFound, Status: 404,
			Act: "GET /v1/customers/email=…", Code: "notfound", Title: "Not Found", Parameter: "externalId"},
		"POST /v1/customers/bulk: not begun: context canceled": {Verdict: NotBegun, Act: "POST /v1/customers/bulk",
			Err: context.Canceled},
		"GET /v1/auth: could not connect: connection refused": {Verdict: NotBegun, Act: "GET /v1/auth",
			Err: syscall.ECONNREFUSED},
		"POST /v1/customers/bulk: in doubt (502)": {Verdict: InDoubt, Act: "POST /v1/customers/bulk", Status: 502},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// canaries are values that are sent; each could pass for a name or a code, if it were not for where it comes from.
var canaries = []string{testKey, "canaryalpha", "Canary Bravo", "canary.charlie@example.org", "+31612345678",
	"CANARY-DELTA", "canary_echo"}

// everyCall calls everything that talks to the org, with canaries wherever a value goes.
func everyCall(c *Client) map[string]func(context.Context) error {
	payload := []byte(`{"name":"canaryalpha","username":"canary_echo","tags":["Canary Bravo","CANARY-DELTA"],"phones":[{"phone":"+31612345678"}],"emails":[{"email":"canary.charlie@example.org"}]}`)
	items := []Item{{Ref: "r1", ID: "c1", Payload: payload}}
	calls := map[string]func(context.Context) error{
		"token":       func(ctx context.Context) error { _, err := c.Token(ctx); return err },
		"metadata":    func(ctx context.Context) error { _, err := c.Metadata(ctx, "customer"); return err },
		"customer":    func(ctx context.Context) error { _, err := c.Customer(ctx, "canaryalpha"); return err },
		"job":         func(ctx context.Context) error { _, err := c.Job(ctx, "canaryalpha"); return err },
		"results":     func(ctx context.Context) error { _, err := c.Results(ctx, "canaryalpha"); return err },
		"bulk create": func(ctx context.Context) error { _, err := c.BulkCreate(ctx, items); return err },
		"bulk update": func(ctx context.Context) error { _, err := c.BulkUpdate(ctx, items); return err },
		"create":      func(ctx context.Context) error { _, err := c.Create(ctx, payload); return err },
		"update":      func(ctx context.Context) error { _, err := c.Update(ctx, "canaryalpha", payload); return err },
		"delete":      func(ctx context.Context) error { return c.Delete(ctx, "canaryalpha") },
	}
	for _, kind := range []string{"externalId", "email", "phone", "canaryalpha"} {
		for _, value := range canaries[1:] {
			calls["lookup "+kind+" "+value] = func(ctx context.Context) error {
				_, err := c.Lookup(ctx, kind, value)
				return err
			}
		}
	}
	return calls
}

func mustHoldNoCanary(t *testing.T, what string, v any) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		text := fmt.Sprintf(verb, v)
		for _, canary := range append(canaries, strings.Split(testKey, ".")...) {
			if strings.Contains(strings.ToLower(text), strings.ToLower(canary)) ||
				strings.Contains(text, fmt.Sprintf("%x", canary)) {
				t.Fatalf("%s: %s printed with %s: %s", what, canary, verb, text)
			}
		}
	}
}

// Law 5: whatever an answer repeats of what was sent, errors do not.
func TestLaw5NoValueAndNoKeyInAnyError(t *testing.T) {
	shapes := []string{
		`{"errors":[{"status":400,"code":%[1]q,"title":%[1]q,"source":{"parameter":%[1]q},"detail":%[1]q}]}`,
		`{"errors":[{"code":%[1]q,"message":"value %[1]s is invalid","meta":{"x":%[1]q}}]}`,
		`{"errors":[{"status":%[1]q,"code":"a_%[1]s","title":"%[1]s:","detail":%[1]q,"source":{"pointer":"/0/%[1]s"}}]}`,
		`{"error":%[1]q}`, `{"message":%[1]q}`, `%[1]q`, `[%[1]q]`, `%[1]s`, `<html>%[1]s</html>`, ``,
	}
	for n, shape := range shapes {
		for i, canary := range canaries {
			status := []int{200, 302, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503}[(n+i)%12]
			c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "https://"+strings.ReplaceAll(canary, " ", ""))
				w.Header().Set("Retry-After", canary)
				body := shape
				if shape != "" {
					body = fmt.Sprintf(shape, canary)
				}
				answering(status, body)(w, r)
			})
			for name, act := range everyCall(c) {
				if name == "lookup canaryalpha "+canary {
					continue
				}
				for err := act(t.Context()); err != nil; err = errors.Unwrap(err) {
					what := fmt.Sprintf("%s, %d %s", name, status, shape)
					mustHoldNoCanary(t, what, err)
					var e *Error
					if errors.As(err, &e) {
						mustHoldNoCanary(t, what, *e)
						if b, err := json.Marshal(e); err == nil {
							mustHoldNoCanary(t, what, string(b))
						}
					}
				}
			}
		}
	}
}

// The same where there is no HTTP to speak of: what the transport says of it can quote it.
func TestLaw5NoCanaryWhenTheAnswerIsNotHTTP(t *testing.T) {
	for _, canary := range canaries {
		for _, raw := range []string{canary + "\r\n\r\n", "HTTP/1.1 " + canary + "\r\n\r\n", "HTTP/1.1 200 OK\r\n" + canary +
			"\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: " + canary + "\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + canary + "\r\n"} {
			c, _ := org(t, func(w http.ResponseWriter, r *http.Request) { hijacked(w, r, raw) })
			for name, act := range map[string]func() error{
				"read":  func() error { _, err := c.Customer(t.Context(), "1"); return err },
				"write": func() error { return c.Delete(t.Context(), "1") },
			} {
				err := act()
				if VerdictOf(err) != InDoubt {
					t.Errorf("%s, %q: %v", name, raw, err)
				}
				mustHoldNoCanary(t, name, err)
			}
		}
	}
}

func TestLaw5ResultsHoldNoValue(t *testing.T) {
	for _, canary := range canaries[1:] {
		body := fmt.Sprintf(`[{"status":"complete","results":[{"_clientRef":"r","status":"error","error":"email %[1]s is taken"},`+
			`{"_clientRef":"r","status":"error","error":{"title":%[1]q,"source":{"parameter":%[1]q}}}]}]`, canary)
		c, _ := org(t, answering(200, body))
		got, err := c.Results(t.Context(), "j")
		if err != nil || len(got.Items) != 2 {
			t.Fatal(got, err)
		}
		mustHoldNoCanary(t, "results", got)
	}
}

func TestLookupsAreEncodedAndLeaveTheErrorClean(t *testing.T) {
	for _, value := range []string{"+31 6", "a/b?c#d", "..", "%2F", "é", "a=b&c", "x;y,z:@"} {
		var path string
		c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
			path = r.RequestURI
			if r.URL.Path != "/v1/customers/phone="+value {
				t.Errorf("%q arrived as %q", value, r.URL.Path)
			}
			answering(404, "")(w, r)
		})
		_, err := c.Lookup(t.Context(), "phone", value)
		if VerdictOf(err) != NotFound || strings.ContainsAny(path, "+ ?#;") {
			t.Errorf("%q went out as %s: %v", value, path, err)
		}
	}
	c, _ := org(t, func(http.ResponseWriter, *http.Request) { t.Error("a blank value was asked for") })
	for _, blank := range []string{"", " ", "\t\n"} {
		if _, err := c.Lookup(t.Context(), "externalId", blank); VerdictOf(err) != NotFound {
			t.Error(err)
		}
	}
	for _, id := range []string{"", ".", ".."} {
		if err := c.Delete(t.Context(), id); VerdictOf(err) != NotBegun {
			t.Errorf("delete %q: %v", id, err)
		}
		if _, err := c.Results(t.Context(), id); VerdictOf(err) != NotBegun {
			t.Errorf("results of %q: %v", id, err)
		}
	}
}

func TestCustomerIsRead(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	for name, body := range map[string]string{
		"envelope": `{"data":{"type":"customer","id":"c1","attributes":{"name":"A","rev":3,"createdAt":"2026-01-02T03:04:05.678Z","updatedAt":"2026-01-02T03:04:05.678Z"},"relationships":{"company":{"data":{"type":"company","id":"co"}},"messages":{"links":{}}}}}`,
		"bare":     `{"id":"c1","attributes":{"name":"A","rev":"3","company":"co","createdAt":"2026-01-02T03:04:05.678Z","updatedAt":"2026-01-02T03:04:05.678Z"},"relationships":{"company":{"data":null}}}`,
		"flat":     `{"id":"c1","name":"A","rev":3,"company":"co","createdAt":"2026-01-02T03:04:05.678Z","updatedAt":"2026-01-02T03:04:05.678Z"}`,
	} {
		c, _ := org(t, answering(200, body))
		got, err := c.Customer(t.Context(), "c1")
		if err != nil || got.ID != "c1" || got.Rev != 3 || got.Company != "co" || !got.CreatedAt.Equal(at) ||
			!got.UpdatedAt.Equal(at) ||
			string(got.Attributes["name"]) != `"A"` {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	odd := `{"data":{"id":7,"attributes":{"rev":{},"createdAt":5,"company":null},"relationships":{"company":[]}}}`
	c, _ := org(t, answering(200, odd))
	if got, err := c.Customer(t.Context(), "7"); err != nil || got.ID != "7" || got.Rev != 0 || got.Company != "" ||
		!got.CreatedAt.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzErrorBody(f *testing.F) {
	f.Add([]byte(`{"errors":[{"status":400,"code":"badparam","title":"Additional properties not allowed","source":{"parameter":"fooStr"},"detail":"/properties/custom"}]}`))
	f.Add([]byte(`{"errors":[{"code":"bad_request","message":"x","meta":{}}]}`))
	f.Add([]byte(`{"errors":{"0":[]},"error":["a",{"source":"x"}]}`))
	f.Add([]byte(`{"error":{"error":{"error":"deep"}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := call{method: "POST", act: "/x", path: "/x", body: []byte(`[{"name":"A"}]`), items: 3}
		e := c.judge(&http.Response{StatusCode: 400}, body, nil, 0)
		if e.Verdict != Refused && e.Code != "wrong_region" {
			t.Errorf("verdict %v", e.Verdict)
		}
		for _, word := range strings.Fields(e.Title) {
			if names := map[string]bool{"name": true}; word != words.Gap && !words.Known(word, names) &&
				!words.Placed(word, names) {
				t.Errorf("the unknown word %q is passed on", word)
			}
		}
		if strings.ContainsAny(e.Error(), "\r\n") {
			t.Errorf("more than one line: %q", e.Error())
		}
		for _, i := range e.Items {
			if i < 0 || i >= 3 {
				t.Errorf("item %d of 3", i)
			}
		}
	})
}

func TestAnErrorSaysAThingOnce(t *testing.T) {
	for _, tc := range []struct {
		e    Error
		want string
	}{
		{Error{Verdict: Unauthorized, Status: 401, Act: "GET /x", Code: "unauthorized", Title: "Unauthorized"},
			"GET /x: unauthorized (401)"},
		{Error{Verdict: NotFound, Status: 404, Act: "GET /x", Code: "notfound", Title: "Not Found", Parameter: "externalId"},
			"GET /x: not found (404): externalId"},
		{Error{Verdict: Refused, Status: 400, Act: "PUT /x", Code: "badparam", Title: "Invalid value"},
			"PUT /x: refused (400 badparam): Invalid value"},
		{Error{Verdict: Unauthorized, Status: 401, Act: "GET /x", Code: "unauthorized", Title: "Expired token"},
			"GET /x: unauthorized (401): Expired token"},
	} {
		if got := tc.e.Error(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}
