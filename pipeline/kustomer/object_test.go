package kustomer

import (
	"io"
	"net/http"
	"testing"
	"time"
)

// When the limit on updates of one thing is used up, that thing waits, and no other.
func TestTheLimitOfOneThingIsHeeded(t *testing.T) {
	headers := []string{"X-Ratelimit-Limit", "1000", "X-Ratelimit-Remaining", "900", "X-Ratelimit-Object-Limit", "600",
		"X-Ratelimit-Object-Remaining"}
	const customer = `{"data":{"id":"a","attributes":{}}}`
	for _, tc := range []struct {
		name      string
		status    int
		remaining string
		more      []string
		wait      time.Duration
	}{
		{"plenty", 200, "598", nil, 0},
		{"below the floor", 200, "29", nil, window},
		{"used up", 200, "0", nil, window},
		{"refused", 429, "0", nil, window},
		{"refused until", 429, "0", []string{"X-Ratelimit-Reset", "20"}, 20 * time.Second},
		{"nonsense", 200, "some", nil, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			first := true
			c, ticking := org(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if first && r.Method == http.MethodPatch {
					first = false
					answering(tc.status, customer, append(append(headers[:len(headers):len(headers)], tc.remaining), tc.more...)...)(w,
						r)
					return
				}
				answering(200, customer)(w, r)
			})
			began := ticking.now()
			if _, err := c.Update(t.Context(), "a", []byte(`{}`)); err != nil {
				t.Fatal(err)
			}
			after := ticking.now()
			if _, err := c.Update(t.Context(), "b", []byte(`{}`)); err != nil || ticking.now().Sub(after) > 5*time.Second {
				t.Errorf("another thing waits %v, %v", ticking.now().Sub(after), err)
			}
			if _, err := c.Customer(t.Context(), "a"); err != nil || ticking.now().Sub(after) > 5*time.Second {
				t.Errorf("a look waits %v, %v", ticking.now().Sub(after), err)
			}
			if _, err := c.Update(t.Context(), "a", []byte(`{}`)); err != nil {
				t.Fatal(err)
			}
			if waited := ticking.now().Sub(began); waited < tc.wait || waited > tc.wait+10*time.Second {
				t.Errorf("the thing waited %v, want %v", waited, tc.wait)
			}
		})
	}
}

// What is remembered of things is bounded.
func TestThingsAreForgotten(t *testing.T) {
	ticking := newClock()
	m := newMeter(Config{Share: 1, Now: ticking.now, Sleep: ticking.sleep}, false)
	h := http.Header{}
	h.Set("X-Ratelimit-Object-Remaining", "0")
	for i := range 3 * mostObjects {
		m.updated(string(rune('a'+i%26))+time.Duration(i).String(), h)
		if i == mostObjects {
			_ = ticking.sleep(t.Context(), 2*window)
		}
	}
	if len(m.objects) > mostObjects {
		t.Errorf("%d things", len(m.objects))
	}
}

// Which calls update one thing.
func TestWhichCallsUpdateAThing(t *testing.T) {
	for call, want := range map[*call]string{
		{method: "PATCH", path: "/v1/customers/a"}:                      "/v1/customers/a",
		{method: "PUT", path: "/v1/conversations/a?replace=false"}:      "/v1/conversations/a",
		{method: "PUT", path: "/v1/customers/bulk"}:                     "",
		{method: "GET", path: "/v1/customers/a"}:                        "",
		{method: "POST", path: "/v1/companies"}:                         "",
		{method: "PUT", path: "/v1/metadata/customer?x=/a/b"}:           "/v1/metadata/customer",
		{method: "PATCH", path: "/v1/conversations/a/tags/b?c=/d/bulk"}: "",
	} {
		if got := call.object(); got != want {
			t.Errorf("%s %s updates %q, want %q", call.method, call.path, got, want)
		}
	}
}
