package kustomer

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Law 4: a dry run cannot write. The viewer's methods are these, all of them are called, and only GETs and searches
// leave.
func TestLaw4AViewerCannotWrite(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Method != http.MethodGet && !slices.Contains([]string{"POST /v1/customers/search",
			"POST /v1/customers/archive/search"}, r.Method+" "+r.URL.Path) {
			t.Errorf("a viewer sent %s %s", r.Method, r.URL.Path)
		}
		answering(200, `{"data":{"id":"x","attributes":{"status":"complete"}}}`)(w, r)
	}))
	defer s.Close()
	v, err := NewViewer(Config{URL: s.URL, Key: testKey})
	if err != nil {
		t.Fatal(err)
	}
	value := reflect.ValueOf(v)
	var names []string
	for i := range value.NumMethod() {
		name, method := value.Type().Method(i).Name, value.Method(i)
		names = append(names, name)
		args := make([]reflect.Value, method.Type().NumIn())
		for k := range args {
			switch in := method.Type().In(k); {
			case in == reflect.TypeFor[context.Context]():
				args[k] = reflect.ValueOf(t.Context())
			case in.Kind() == reflect.String && name == "Lookup" && k == 1:
				args[k] = reflect.ValueOf("email")
			case in.Kind() == reflect.String && (strings.Contains(name, "Record") || name == "Page") &&
				name != "SearchRecords" && k == 1:
				args[k] = reflect.ValueOf("/v1/notes")
			case in.Kind() == reflect.String:
				args[k] = reflect.ValueOf("x")
			case in == reflect.TypeFor[func([]byte) string]():
				args[k] = reflect.ValueOf(func([]byte) string { return "" })
			case in.Kind() == reflect.Bool:
				args[k] = reflect.ValueOf(false)
			case in == reflect.TypeFor[Query]():
				args[k] = reflect.ValueOf(Query{})
			case in == reflect.TypeFor[url.Values]():
				args[k] = reflect.ValueOf(url.Values{"email": {"x"}})
			case in == reflect.TypeFor[[]string]():
				args[k] = reflect.ValueOf([]string{"x", "y"})
			case in == reflect.TypeFor[func([]*Record, int) bool]():
				args[k] = reflect.ValueOf(func([]*Record, int) bool { return true })
			case in.Kind() == reflect.Int:
				args[k] = reflect.ValueOf(1)
			case in == reflect.TypeFor[time.Time]():
				args[k] = reflect.ValueOf(time.Now())
			case in == reflect.TypeFor[time.Duration]():
				args[k] = reflect.ValueOf(time.Second)
			default:
				t.Fatalf("%s takes a %v, which this test cannot make up", name, in)
			}
		}
		before := asked
		method.Call(args)
		if name != "Budget" && name != "Named" && name != "Waiting" && asked == before {
			t.Errorf("%s asked nothing, so that this test proves nothing of it", name)
		}
	}
	if want := []string{"Archive", "Budget", "CompaniesByExternalID", "CompaniesByName", "Company", "Conversation",
		"Customer", "EachRecord", "Job", "List", "Lookup", "Metadata", "Named", "Page", "Profile", "Record", "RecordBy", "RecordsOf",
		"Results", "Search", "SearchRecords", "SearchUpdated", "Tags",
		"Token", "Waiting", "Webhooks", "Workflows"}; !slices.Equal(names, want) {
		t.Errorf("a viewer can %v; each addition needs a thought", names)
	}
	// What a viewer's wire would do with a write, if someone added one.
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		for _, path := range []string{"/v1/customers", "/v1/customers/bulk", "/v1/customers/x/search",
			"/v1/customers?/v1/customers/search", "/v1/customers/archive"} {
			if err := v.wire.do(t.Context(), call{method: method, path: path, act: path}); VerdictOf(err) != NotBegun {
				t.Errorf("%s %s: %v", method, path, err)
			}
		}
		if method == "POST" {
			continue
		}
		if err := v.wire.do(t.Context(), call{method: method, path: searchPath,
			act: searchPath}); VerdictOf(err) != NotBegun {
			t.Errorf("%s %s: %v", method, searchPath, err)
		}
	}
}

func TestToken(t *testing.T) {
	at := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	current := map[string]string{
		"documented": `{"data":{"type":"auth_token","id":"t","attributes":{"name":"import","roles":["org.user.customer.write"]},"relationships":{"org":{"data":{"id":"o1"}},"user":{"data":{"id":"u1"}}}}}`,
		"expiring":   `{"data":{"id":"t","attributes":{"orgName":"acme","roles":["org.user.customer.write"],"expiresAt":"2027-01-02T03:04:05.000Z"},"relationships":{"org":{"data":{"id":"o1"}},"user":{"data":{"id":"u1"}}}}}`,
		"flat":       `{"id":"t","org":"o1","orgName":"acme","user":"u1","roles":[{"name":"org.user.customer.write"}],"exp":` + fmt.Sprint(at.Unix()) + `}`,
		"scant":      `{"data":{"id":"t","attributes":{}}}`,
	}
	const user = `{"data":{"id":"u1","attributes":{"roles":["org.user.customer.write"]},"relationships":{"org":{"data":{"id":"o1"}}}}}`
	for name, body := range current {
		c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/users/current" {
				if name != "scant" {
					t.Errorf("%s: asked a second time", name)
				}
				answering(200, user)(w, r)
				return
			}
			answering(200, body)(w, r)
		})
		got, err := c.Token(t.Context())
		want := Token{OrgID: "o1", UserID: "u1", Roles: []string{"org.user.customer.write"}}
		if name == "expiring" || name == "flat" {
			want.OrgName, want.ExpiresAt = "acme", at
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/users/current") {
			answering(403, "")(w, r)
			return
		}
		answering(200, current["scant"])(w, r)
	})
	if got, err := c.Token(t.Context()); err != nil || got.OrgID != "" {
		t.Errorf("%+v, %v", got, err)
	}
	c, _ = org(t, answering(401, `{"errors":[{"code":"unauthorized","message":"Expired token"}]}`))
	if _, err := c.Token(t.Context()); VerdictOf(err) != Unauthorized {
		t.Error(err)
	}
}

func TestRoles(t *testing.T) {
	for _, tc := range []struct {
		held, asked string
		want        bool
	}{
		{"org.permission.customer.create", "org.permission.customer.create", true},
		{"org.permission.customer", "org.permission.customer.create", true},
		{"org.permission.*", "org.permission.customer.create", true},
		{"org.permission.custom", "org.permission.customer.create", false},
		{"org.permission.customer.create", "org.permission.customer.update", false},
		{"org.user.customer.write", "org.permission.customer.create", true},
		{"org.user.customer.write", "org.permission.customer.update", true},
		{"org.user.customer.write", "org.permission.customer.read", false},
		{"org.user.customer.delete", "org.permission.customer.delete", true},
		{"org.user.bulk.read", "org.permission.bulk.read", true},
		{"org.user.customer.read", "org.permission.bulk.read", false},
		{"org.admin.metadata.write", "org.permission.metadata.update", true},
		{"org.admin", "org.permission.metadata.update", true},
		{"org.user.search.read", "org.permission.search_global.create", true},
		{"org.permission.search.update", "org.permission.search.create", true},
		{"org.permission.search_preview.create", "org.permission.search.create", true},
		{"org.permission.search.create", "org.permission.search.update", false},
		{"org.admin.klass.write", "org.permission.klass.delete", true},
		{"", "org.permission.customer.create", false},
		{"org.user.customer.write", "org.user.customer.write", true},
	} {
		if got := (Token{Roles: []string{tc.held}}).Has(tc.asked); got != tc.want {
			t.Errorf("%q grants %q: %v, want %v", tc.held, tc.asked, got, tc.want)
		}
	}
}

// A role is named with the older one that does as well.
func TestRolesInWords(t *testing.T) {
	for role, want := range map[string]string{
		"org.permission.customer.create":     "org.permission.customer.create (or the older org.user.customer.write)",
		"org.permission.customer.update":     "org.permission.customer.update (or the older org.user.customer.write)",
		"org.permission.customer.delete":     "org.permission.customer.delete (or the older org.user.customer.delete)",
		"org.permission.bulk.read":           "org.permission.bulk.read (or the older org.user.bulk.read)",
		"org.permission.metadata.read":       "org.permission.metadata.read (or the older org.user.metadata.read)",
		"org.permission.metadata.update":     "org.permission.metadata.update (or the older org.admin.metadata.write)",
		"org.permission.klass.delete":        "org.permission.klass.delete (or the older org.admin.klass.write)",
		"org.permission.klass.read":          "org.permission.klass.read (or the older org.user.klass.read)",
		"org.permission.search.create":       "org.permission.search.create (or the older org.user.search.read)",
		"org.permission.conversation.update": "org.permission.conversation.update (or the older org.user.conversation.write)",
		"org.permission.tag.read":            "org.permission.tag.read",
	} {
		if got := InWords(role); got != want {
			t.Errorf("%s is %q", role, got)
		}
	}
	if got := InWords("org.permission.tag.read", "org.permission.bulk.read"); got != "org.permission.tag.read, "+
		"org.permission.bulk.read (or the older org.user.bulk.read)" {
		t.Error(got)
	}
}

func TestConfigIsChecked(t *testing.T) {
	ok := Config{URL: "https://acme.api.kustomerapp.com", Key: "k"}
	for name, tc := range map[string]struct {
		change func(*Config)
		want   string // part of the mistake, "" none
	}{
		"good":                      {func(*Config) {}, ""},
		"a slash at the end":        {func(c *Config) { c.URL += "/" }, ""},
		"http to localhost":         {func(c *Config) { c.URL = "http://localhost:8080" }, ""},
		"http to 127.0.0.1":         {func(c *Config) { c.URL = "http://127.0.0.1:1" }, ""},
		"http to ::1":               {func(c *Config) { c.URL = "http://[::1]:1" }, ""},
		"http elsewhere":            {func(c *Config) { c.URL = "http://acme.api.kustomerapp.com" }, "plain http"},
		"http to 10.0.0.1":          {func(c *Config) { c.URL = "http://10.0.0.1" }, "plain http"},
		"http to localhost.evil":    {func(c *Config) { c.URL = "http://localhost.evil.example" }, "plain http"},
		"ftp":                       {func(c *Config) { c.URL = "ftp://acme" }, "https://"},
		"no scheme":                 {func(c *Config) { c.URL = "acme.api.kustomerapp.com" }, "not a URL"},
		"no address":                {func(c *Config) { c.URL = "" }, "not a URL"},
		"a path":                    {func(c *Config) { c.URL += "/v1" }, "after the host"},
		"a query":                   {func(c *Config) { c.URL += "?x" }, "after the host"},
		"the key in the address":    {func(c *Config) { c.URL = "https://" + testKey + "@acme.example" }, "user name"},
		"no key":                    {func(c *Config) { c.Key = "" }, "key is missing"},
		"a key with a line break":   {func(c *Config) { c.Key = testKey + "\n" }, "line break"},
		"a share of 2":              {func(c *Config) { c.Share = 2 }, "share"},
		"a share below 0":           {func(c *Config) { c.Share = -0.1 }, "share"},
		"a negative timeout":        {func(c *Config) { c.Timeout = -1 }, "timeout"},
		"a user agent of two lines": {func(c *Config) { c.UserAgent = "a\r\nX: y" }, "user agent"},
	} {
		c := ok
		tc.change(&c)
		_, err := New(c)
		if _, viewing := NewViewer(c); fmt.Sprint(viewing) != fmt.Sprint(err) {
			t.Errorf("%s: a viewer gets %v, a client %v", name, viewing, err)
		}
		if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
		if err != nil {
			mustHoldNoCanary(t, name, err)
		}
	}
	_, err := New(Config{URL: "ftp://x", Share: 3})
	if n := strings.Count(fmt.Sprint(err), "\n") + 1; n != 3 {
		t.Errorf("%d mistakes at once, want 3: %v", n, err)
	}
}

// Law 5: the key cannot be printed, neither on purpose nor by accident.
func TestLaw5TheKeyIsNotPrintable(t *testing.T) {
	config := Config{URL: "https://acme.api.kustomerapp.com", Key: testKey}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewViewer(config)
	if err != nil {
		t.Fatal(err)
	}
	inURL := config
	inURL.URL = "https://user:" + testKey + "@acme.example"
	for name, thing := range map[string]any{
		"config": config, "pointer": &config, "in the address": inURL, "nested": struct{ C Config }{config},
		"list": []Config{config}, "client": c, "client value": *c, "viewer": v, "viewer value": *v, "wire": *v.wire,
		"wrapped": fmt.Errorf("%v", config),
	} {
		mustHoldNoCanary(t, name, thing)
	}
	if s := config.String() + config.GoString(); !strings.Contains(s, redacted) || !strings.Contains(s, "acme.api") {
		t.Error(s)
	}
}
