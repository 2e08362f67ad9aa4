package sandbox

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// staged is Faults made of functions; a nil one does nothing.
type staged struct {
	before func(*Request) *Answer
	after  func(*Request, *Answer) *Answer
	hold   func(string) bool
}

func (s *staged) Before(r *Request) *Answer {
	if s.before == nil {
		return nil
	}
	return s.before(r)
}

func (s *staged) After(r *Request, a *Answer) *Answer {
	if s.after == nil {
		return a
	}
	return s.after(r, a)
}

func (s *staged) Hold(job string) bool { return s.hold != nil && s.hold(job) }

func TestFaultBeforeIsNotApplied(t *testing.T) {
	faults := &staged{before: func(r *Request) *Answer {
		if r.Method == "POST" {
			return &Answer{Status: 503, Header: http.Header{"content-type": {"text/html"}, "X-Kustomer-Pod": nil},
				Body: []byte("<html>")}
		}
		return nil
	}}
	o := start(t, Config{Faults: faults})
	r := o.want(503, "POST", "/v1/customers", `{"externalId":"1"}`)
	if string(r.body) != "<html>" || r.header.Get("Content-Type") != "text/html" ||
		r.header.Get("X-Ratelimit-Limit") == "" || r.header.Get("X-Kustomer-Pod") != "" {
		t.Errorf("%v %s", r.header, r.body)
	}
	o.want(404, "GET", "/v1/customers/externalId=1", "")
}

func TestFaultAfterIsApplied(t *testing.T) {
	faults := &staged{after: func(r *Request, a *Answer) *Answer {
		if r.Method == "POST" {
			return &Answer{Status: 502}
		}
		return a
	}}
	o := start(t, Config{Faults: faults})
	o.want(502, "POST", "/v1/customers", `{"externalId":"1"}`)
	o.want(200, "GET", "/v1/customers/externalId=1", "")
}

func TestCutConnections(t *testing.T) {
	for _, partial := range []bool{false, true} {
		faults := &staged{after: func(r *Request, a *Answer) *Answer {
			if r.Method == "POST" {
				a.Cut = true
				if !partial {
					a.Body = nil
				}
			}
			return a
		}}
		o := start(t, Config{Faults: faults})
		r, err := o.send("POST", "/v1/customers", `{"externalId":"1"}`)
		if err == nil || (r.status == 201) != partial {
			t.Errorf("partial %v: answered %d, %v", partial, r.status, err)
		}
		o.want(200, "GET", "/v1/customers/externalId=1", "")
		o.stop()
	}
}

func TestFaultsMayChangeTheBodyAndWriteThemselves(t *testing.T) {
	var o *org
	faults := &staged{before: func(r *Request) *Answer {
		if strings.Contains(string(r.Body), "rival") {
			return nil
		}
		if r.Method == "POST" && r.Path == "/v1/customers" {
			o.want(201, "POST", "/v1/customers", `{"name":"rival","externalId":"1"}`)
		}
		r.Body = []byte(strings.ReplaceAll(string(r.Body), "long text", "long"))
		return nil
	}}
	o = start(t, Config{Faults: faults})
	o.want(409, "POST", "/v1/customers", `{"externalId":"1"}`)
	id := o.want(200, "GET", "/v1/customers/externalId=1", "").at("data.id")
	o.want(200, "PATCH", "/v1/customers/"+id, `{"name":"long text"}`).expect(t, "data.attributes.name", "long")
}

func TestHeldJobsStay(t *testing.T) {
	var held atomic.Bool
	held.Store(true)
	o := start(t, Config{Faults: &staged{hold: func(string) bool { return held.Load() }}})
	id := o.want(201, "POST", "/v1/customers/bulk", `[{"_clientRef":"a","externalId":"1"}]`).at("data.id")
	time.Sleep(3 * heldFor)
	o.want(200, "GET", "/v1/bulk/"+id, "").expect(t, "data.attributes.status", "queued")
	if n, err := o.Unfinished(context.Background()); n != 1 || err != nil {
		t.Errorf("%d unfinished jobs, %v", n, err)
	}
	held.Store(false)
	if got := o.outcomes(id)["a"]; got.Status != "created" {
		t.Errorf("%+v", got)
	}
}

// Close is quick though requests hang and connections lie unused, and what was accepted is there afterwards.
func TestCloseIsQuickAndLosesNothing(t *testing.T) {
	path := t.TempDir() + "/sandbox.db"
	hanging := make(chan struct{})
	faults := &staged{before: func(r *Request) *Answer {
		if r.Path == "/v1/users/current" {
			close(hanging)
			<-r.Context.Done()
			return &Answer{Cut: true}
		}
		return nil
	}}
	o := start(t, Config{Path: path, Faults: faults, JobDelay: time.Hour})
	id := o.want(201, "POST", "/v1/customers/bulk", `[{"_clientRef":"a","externalId":"1"}]`).at("data.id")
	go o.send("GET", "/v1/users/current", "")
	<-hanging
	unused, err := net.Dial("tcp", o.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer unused.Close()
	time.Sleep(20 * time.Millisecond) // until the server has it
	begun := time.Now()
	o.stop()
	// An unused connection holds http.Server.Shutdown up for 5 s.
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("Close took %v", took)
	}
	again := start(t, Config{Path: path})
	if got := again.outcomes(id)["a"]; got.Status != "created" {
		t.Errorf("%+v", got)
	}
}
