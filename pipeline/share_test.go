package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/kustomer"
	"muster/pipeline/sandbox"
)

// crowded is an org without a network, at which agents are at work. Whoever asks it is in a bubble whose time passes
// only while everybody there waits; it is outside, and its time is that of the last request.
type crowded struct {
	*sandbox.Server
	now    atomic.Int64
	lines  chan *line // free
	calls  chan *line
	agents func(minutes float64) float64 // requests a minute

	mu          sync.Mutex
	ours        int
	refused     int
	denied      int // requests of agents
	worked      int
	first, last time.Time
}

// line carries a request out of the bubble and its answer back.
type line struct {
	request *http.Request
	answer  *http.Response
	done    chan struct{}
}

func newCrowded(t *testing.T, limit int, agents func(float64) float64) *crowded {
	o := &crowded{agents: agents, lines: make(chan *line, 40), calls: make(chan *line)}
	server, err := sandbox.Start(sandbox.Config{RatePerMinute: limit,
		Now: func() time.Time { return time.Unix(0, o.now.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	o.Server = server
	for range cap(o.lines) {
		o.lines <- &line{done: make(chan struct{})}
	}
	for range 4 {
		go func() {
			for l := range o.calls {
				l.answer = o.serve(l.request)
				l.done <- struct{}{}
			}
		}()
	}
	t.Cleanup(func() { close(o.calls) })
	return o
}

// serve answers once no job is under way.
func (o *crowded) serve(r *http.Request) *http.Response {
	for n := 1; n > 0 && strings.HasSuffix(r.URL.Path, "/batches"); {
		n, _ = o.Unfinished(context.Background()) // where that fails, so does the request
	}
	w := httptest.NewRecorder()
	o.Handler().ServeHTTP(w, r)
	return w.Result()
}

// ask has a request answered outside the bubble.
func (o *crowded) ask(r *http.Request) *http.Response {
	body := []byte(nil)
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body) // it is in memory
	}
	l := <-o.lines
	l.request = httptest.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body))
	l.request.Header = r.Header.Clone()
	o.now.Store(time.Now().UnixNano())
	o.calls <- l
	<-l.done
	answer := l.answer
	o.lines <- l
	return answer
}

// RoundTrip answers after a while.
func (o *crowded) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(150 * time.Millisecond)
	answer := o.ask(r)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.last = time.Now(); o.first.IsZero() {
		o.first = o.last
	}
	if answer.StatusCode == http.StatusTooManyRequests {
		o.refused++
	} else {
		o.ours++
	}
	return answer, nil
}

// work has agents do what they do until ctx is done.
func (o *crowded) work(ctx context.Context) {
	const pause = 200 * time.Millisecond
	due := 0.0
	for began := time.Now(); ctx.Err() == nil; time.Sleep(pause) {
		for due += o.agents(time.Since(began).Minutes()) * pause.Minutes(); due >= 1; due-- {
			r := httptest.NewRequest(http.MethodGet, "/v1/users/current", nil)
			r.Header.Set("Authorization", "Bearer "+o.Key())
			status := o.ask(r).StatusCode
			o.mu.Lock()
			if o.worked++; status == http.StatusTooManyRequests {
				o.denied++
			}
			o.mu.Unlock()
		}
	}
}

// TestShareOfARun: a whole import over several windows uses nearly all that it is granted, and is throttled never,
// whatever agents take beside it; nor are they.
func TestShareOfARun(t *testing.T) {
	t.Parallel()
	const limit, share, rows = 200, 0.5, 30_000
	for _, tc := range []struct {
		name   string
		agents func(m float64) float64
		most   float64 // part of the granted share that is there to be used
	}{
		{"nobody else", func(float64) float64 { return 0 }, 1},
		{"agents who take a third", func(float64) float64 { return limit / 3.0 }, 1},
		{"agents who take 5 to 45 %", func(m float64) float64 { return limit * (0.25 + 0.2*math.Sin(m*3)) }, 1},
		// two fifths of the limit are left, and some is kept free
		{"agents who take 40 to 80 %", func(m float64) float64 { return limit * (0.6 + 0.2*math.Sin(m*3)) }, 0.75},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if raceEnabled && tc.name != "agents who take 5 to 45 %" {
				t.Skip("one of them shows what the race detector looks for")
			}
			o := newCrowded(t, limit, tc.agents)
			dir := t.TempDir()
			path := filepath.Join(dir, "many.csv")
			var b strings.Builder
			b.WriteString("id,name,email,score,vip\n")
			for i := range rows {
				fmt.Fprintf(&b, "m-%d,Ana %d,m-%d@example.com,1,yes\n", i, i, i)
			}
			for at, text := range map[string]string{path: b.String(), bind.MappingBeside(path): peopleMapping} {
				if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Test(t, func(t *testing.T) {
				client, err := kustomer.New(kustomer.Config{URL: o.URL(), Key: o.Key(), Share: share, Transport: o})
				if err != nil {
					t.Fatal(err)
				}
				in, err := pipeline.Introduce(t.Context(), client.Viewer, dir+"/state", time.Now(), nil)
				if err != nil {
					t.Fatal(err)
				}
				working, end := context.WithCancel(t.Context())
				var agents sync.WaitGroup
				agents.Go(func() { o.work(working) })
				s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: dir + "/state",
					Org: &pipeline.Org{Client: client, Token: in.Token, Asked: in.Asked, Klass: in.Klass, Name: "test"}})
				end()
				agents.Wait()
				if err != nil || count(s, "created") != rows {
					t.Fatalf("%v", err)
				}
				minutes := o.last.Sub(o.first).Minutes()
				used := float64(o.ours) / (limit * share * minutes)
				t.Logf("%s: used %.1f %% of the granted share over %.1f windows, throttled %d times; agents made %d requests, "+
					"%d were throttled",
					tc.name, 100*used, minutes, o.refused, o.worked, o.denied)
				if used < 0.95*tc.most || used > 1.01 || minutes < 4 || o.refused > 0 || o.denied > 0 {
					t.Error("too little or too much, or somebody was throttled")
				}
			})
		})
	}
}
