package sandbox

import (
	"strconv"
	"sync"
	"testing"
	"time"
)

// clock is a time that a test moves.
type clock struct {
	mutex sync.Mutex
	time  time.Time
}

func newClock() *clock { return &clock{time: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.time
}

func (c *clock) move(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.time = c.time.Add(d)
}

func TestTheOrgsBudgetIsShared(t *testing.T) {
	at := newClock()
	o := start(t, Config{RatePerMinute: 3, Now: at.now, Keys: map[string][]string{"a": Roles(), "b": Roles()}})
	headers := func(r reply, limit, remaining, reset string) {
		t.Helper()
		for name, want := range map[string]string{"X-Ratelimit-Limit": limit, "X-Ratelimit-Remaining": remaining,
			"X-Ratelimit-Reset": reset, "Retry-After": ""} {
			if got := r.header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	}
	headers(o.want(200, "GET", "/v1/users/current", ""), "3", "2", "")
	at.move(30 * time.Second)
	o.key = "b"
	headers(o.want(404, "GET", "/v1/customers/email=x", ""), "3", "1", "")
	o.key = "nobody"
	headers(o.want(401, "GET", "/v1/users/current", ""), "", "", "")
	o.key = "b"
	headers(o.want(201, "POST", "/v1/customers/bulk", `[{},{},{}]`), "3", "0", "")
	reset := strconv.FormatInt(at.time.Add(30*time.Second).Unix(), 10)
	headers(o.want(429, "GET", "/v1/users/current", ""), "3", "0", reset)
	headers(o.want(429, "POST", "/v1/customers", `{}`), "3", "0", reset)
	at.move(30 * time.Second)
	headers(o.want(200, "GET", "/v1/users/current", ""), "3", "2", "")
}

func TestNoLimit(t *testing.T) {
	o := start(t, Config{RatePerMinute: -1})
	for range 1100 {
		if r := o.want(200, "GET", "/v1/users/current", ""); r.header.Get("X-Ratelimit-Limit") != "" {
			t.Fatal("a limit is told")
		}
	}
}

func TestUsualLimitIsEnterprises(t *testing.T) {
	o := start(t, Config{})
	r := o.want(200, "GET", "/v1/users/current", "")
	if r.header.Get("X-Ratelimit-Limit") != "1000" || r.header.Get("X-Kustomer-Pod") != "prod1" {
		t.Errorf("headers: %v", r.header)
	}
}

func TestSearchHasALimitOfItsOwn(t *testing.T) {
	at := newClock()
	o := start(t, Config{Now: at.now, Switches: Switches{SearchesPerMinute: 2}})
	for _, status := range []int{200, 200, 429} {
		o.want(status, "POST", "/v1/customers/search", `{}`)
	}
	o.want(200, "GET", "/v1/customers", "")
	at.move(time.Minute)
	o.want(200, "POST", "/v1/customers/search", `{}`)
}

func TestUpdatesOfOneCustomerAreLimited(t *testing.T) {
	at := newClock()
	o := start(t, Config{Now: at.now, Switches: Switches{ObjectUpdatesPerMinute: 2}})
	a := o.want(201, "POST", "/v1/customers", `{}`).at("data.id")
	b := o.want(201, "POST", "/v1/customers", `{}`).at("data.id")
	for left, status := range []int{200, 200, 429} {
		r := o.want(status, "PATCH", "/v1/customers/"+a, `{"name":"x"}`)
		if r.header.Get("X-Ratelimit-Object-Limit") != "2" ||
			r.header.Get("X-Ratelimit-Object-Remaining") != strconv.Itoa(max(1-left, 0)) ||
			r.header.Get("X-Ratelimit-Limit") != "1000" {
			t.Errorf("%d: %v", status, r.header)
		}
	}
	o.want(200, "PUT", "/v1/customers/"+b, `{"name":"x"}`)
	at.move(time.Minute)
	o.want(200, "PATCH", "/v1/customers/"+a, `{"name":"x"}`)
}
