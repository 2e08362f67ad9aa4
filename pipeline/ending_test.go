package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// crew writes n people with three identities each, all of them fit.
func crew(t testing.TB, n int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "crew.csv")
	var b strings.Builder
	b.WriteString("id,name,email,phone\n")
	for i := range n {
		fmt.Fprintf(&b, "c-%d,Ana %d,c%d@example.com,+3161234%04d\n", i, i, i, i)
	}
	mapping := "version: 1\nkind: customer\nkeys: [externalId, email, phone]\ncolumns:\n  id: externalId\n" +
		"  name: name\n  email: emails\n  phone: phones\n"
	for name, text := range map[string]string{path: b.String(), bind.MappingBeside(path): mapping} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// sent collects the external ids of the records that creates carry, as often as each comes.
type sent struct {
	mu  sync.Mutex
	ids map[string]int
}

func (s *sent) take(r *http.Request) (records int) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var list []struct{ ExternalID string }
	if json.Unmarshal(body, &list) != nil {
		list = make([]struct{ ExternalID string }, 1)
		json.Unmarshal(body, &list[0])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil {
		s.ids = map[string]int{}
	}
	for _, one := range list {
		s.ids[one.ExternalID]++
	}
	return len(list)
}

func (s *sent) of(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ids[id]
}

// carryOut does what a request asks for, its job included.
func (o *org) carryOut(t testing.TB, r *http.Request) {
	before, _ := o.Dump(context.Background())
	o.Handler().ServeHTTP(httptest.NewRecorder(), r)
	for all := before; len(all) == len(before) && t.Context().Err() == nil; time.Sleep(time.Millisecond) {
		all, _ = o.Dump(context.Background())
	}
}

// unsentAreUnsent holds a report against what the org was sent, by this process or one before it.
func unsentAreUnsent(t *testing.T, s *report.Summary, begun *sent) {
	t.Helper()
	for _, row := range outcomes(t, s) {
		if row.Status == "unsent" && begun.of(row.Key) > 0 {
			t.Errorf("line %d is unsent, and the org was sent it", row.Line)
			return
		}
	}
}

// creates says whether a request makes customers.
func creates(r *http.Request) bool {
	return r.Method == http.MethodPost && (r.URL.Path == "/v1/customers/bulk" || r.URL.Path == "/v1/customers")
}

// looksUp says whether a request asks for one customer by a key.
func looksUp(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1/customers/") &&
		strings.Contains(r.URL.Path, "=")
}

// atStep interrupts a run at the first step of its survey.
type atStep struct {
	said
	cancel context.CancelFunc
}

func (s *atStep) Step(int64) { s.cancel() }

// TestLaw8SentAndNotFoundYet: a create ends without an answer, the org says 404 to whoever asks for its customers, and
// the run is interrupted right then. They are unknown, since the org may carry it out yet. A run that goes on and is
// interrupted at any moment does not say anything else of them.
func TestLaw8SentAndNotFoundYet(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	config := pipeline.Config{Command: "import", Files: []string{crew(t, 250)}, State: t.TempDir(), Org: o.connect(t)}
	begun := &sent{}
	ctx, cancel := context.WithCancel(t.Context())
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case creates(r):
			begun.take(r)
			w.WriteHeader(http.StatusGatewayTimeout)
			return true
		case looksUp(r):
			cancel()
		}
		return false
	})
	s, _ := pipeline.Run(ctx, config)
	unsentAreUnsent(t, s, begun)
	if s.ExitCode != exit.Interrupted || count(s, "unknown") == 0 {
		t.Errorf("exit code %d with %d unknown, want %d with some", s.ExitCode, count(s, "unknown"), exit.Interrupted)
	}
	for after := range 4 { // requests
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		seen := 0
		o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			if seen++; seen > after {
				cancel()
			}
			if creates(r) {
				begun.take(r)
				w.WriteHeader(http.StatusGatewayTimeout)
				return true
			}
			return false
		})
		if after == 0 {
			cancel() // in the survey, or before
		}
		s, err := pipeline.Run(ctx, config)
		if s == nil {
			t.Fatal(err)
		}
		unsentAreUnsent(t, s, begun)
	}
	ctx, cancel = context.WithCancel(t.Context())
	config.Progress = &atStep{cancel: cancel}
	s, err := pipeline.Run(ctx, config)
	if s == nil || s.Rows != 250 {
		t.Fatalf("the survey was not interrupted at its end: %v", err)
	}
	unsentAreUnsent(t, s, begun)
	config.Progress = nil
	o.spoil(nil)
	s, err = pipeline.Run(t.Context(), config)
	if err != nil || count(s, "created") != 250 {
		t.Errorf("in the end %d of 250 are created: %v", count(s, "created"), err)
	}
	audit(t, o, s, true)
}

// TestJobUnderWayIsNotSentAgain: the org has accepted a job, says that it is under way for longer than it is waited
// for, and shows none of its customers yet. Nothing of it is sent again, by this run or the one that goes on.
func TestJobUnderWayIsNotSentAgain(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	begun := &sent{}
	slow := true
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case creates(r) && slow:
			begun.take(r)
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, `{"data":{"type":"bulk","id":"5f0000000000000000000001","attributes":{"status":"queued"}}}`)
		case strings.HasSuffix(r.URL.Path, "/batches") && slow:
			io.WriteString(w, `{"data":[{"type":"batch","id":"1","attributes":{"status":"complete","results":[]}}]}`)
		case strings.HasPrefix(r.URL.Path, "/v1/bulk/") && slow:
			io.WriteString(w, `{"data":{"type":"bulk","id":"5f0000000000000000000001","attributes":{"status":"running"}}}`)
		default:
			return false
		}
		return true
	})
	config := pipeline.Config{Command: "import", Files: []string{crew(t, 40)}, State: t.TempDir(), Org: o.connect(t),
		JobPatience: 300 * time.Millisecond}
	for range 2 {
		s, err := pipeline.Run(t.Context(), config)
		if err != nil || count(s, "unknown") != 40 || s.ExitCode != exit.Unproven {
			t.Errorf("%d unknown, exit code %d (%v); want 40 and %d", count(s, "unknown"), s.ExitCode, err, exit.Unproven)
		}
	}
	if n := begun.of("c-7"); n != 1 {
		t.Errorf("a record whose job is under way was sent %d times", n)
	}
	// Another run with the same people does not send them either.
	other := config
	other.Files, other.Region = []string{crew(t, 40)}, "NL"
	s, err := pipeline.Run(t.Context(), other)
	if err != nil || count(s, "unknown") != 40 || begun.of("c-7") != 1 {
		t.Errorf("another run: %d unknown (%v), sent %d times", count(s, "unknown"), err, begun.of("c-7"))
	}
}

// TestUnreachableIsNotAskedForEach: once the org cannot be asked what became of one record, the others are not tried
// one after another.
func TestUnreachableIsNotAskedForEach(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	connected := o.reach(t, kustomer.Config{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	asked := &sent{}
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		asked.mu.Lock()
		defer asked.mu.Unlock()
		if asked.ids == nil {
			asked.ids = map[string]int{}
		}
		if looksUp(r) {
			asked.ids[r.URL.Path]++
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	s, _ := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{crew(t, 800)}, State: t.TempDir(),
		Org: connected, Uploads: 4})
	if n := len(asked.ids); n == 0 || n > 4*8 {
		t.Errorf("%d records were asked for one by one after the first could not be", n)
	}
	if count(s, "unknown") == 0 || !s.Balanced {
		t.Errorf("%d unknown, balanced %v", count(s, "unknown"), s.Balanced)
	}
}

// TestFirstSignalHasABound: the org answers nothing any more, be it a create, the results of a job or a look-up. The
// run ends all the same, each row has its outcome, and the terminal says what is waited for. Were there no bound, this
// test would not end: the client waits for an hour.
func TestFirstSignalHasABound(t *testing.T) {
	for name, hangs := range map[string]func(*http.Request) bool{
		"create":  creates,
		"results": func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1/bulk/") },
		"look-up": func(r *http.Request) bool { return looksUp(r) },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrg(t, sandbox.Config{})
			client, err := kustomer.New(kustomer.Config{URL: o.front.URL, Key: o.Key(), Share: 1, Timeout: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			connected := o.connect(t)
			connected.Client = client
			begun := &sent{}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
				if creates(r) {
					begun.take(r)
				}
				switch {
				case hangs(r):
					cancel()
					select {
					case <-ended:
					case <-r.Context().Done():
					}
					panic(http.ErrAbortHandler)
				case creates(r) && name == "look-up":
					w.WriteHeader(http.StatusBadGateway)
					return true
				}
				return false
			})
			terminal := &said{}
			s, _ := pipeline.Run(ctx, pipeline.Config{Command: "import", Files: []string{crew(t, 450)}, State: t.TempDir(),
				Org:   connected,
				Grace: 200 * time.Millisecond, Progress: terminal})
			close(ended)
			unsentAreUnsent(t, s, begun)
			if s.ExitCode != exit.Interrupted || !s.Balanced || count(s, "unknown") == 0 {
				t.Errorf("exit code %d, balanced %v, %d unknown", s.ExitCode, s.Balanced, count(s, "unknown"))
			}
			if text := strings.Join(terminal.lines, "\n"); !strings.Contains(text, "under way") ||
				!strings.Contains(text, "200ms at most") {
				t.Errorf("the terminal does not say what is waited for: %s", text)
			}
		})
	}
}

// TestDoubtIsCheap: what became of a hundred records in doubt is told by a list of all that was updated since their
// request was begun. Where the doubt is older than the search's index lags, five searches find those that are there.
func TestDoubtIsCheap(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{false, true} {
		o := newOrg(t, sandbox.Config{RatePerMinute: 1_000_000})
		c := &timed{}
		state, path := t.TempDir(), crew(t, 100)
		run := func(sleep func(context.Context, time.Duration) error,
			spoil func(w http.ResponseWriter, r *http.Request) bool) *report.Summary {
			connected := o.reach(t, kustomer.Config{})
			o.spoil(spoil)
			s, _ := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: state,
				Org: connected, Now: c.now, Sleep: sleep})
			return s
		}
		var mu sync.Mutex
		looks, searches, lists, posts := 0, 0, 0, 0
		tally := func(w http.ResponseWriter, r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case creates(r):
				if posts++; posts > 1 {
					return false
				}
				if applied {
					o.carryOut(t, r)
				}
				w.WriteHeader(http.StatusBadGateway)
				return true
			case strings.HasSuffix(r.URL.Path, "/search"):
				searches++
			case r.Method == http.MethodGet && r.URL.Path == "/v1/customers":
				lists++
			case looksUp(r):
				looks++
			}
			return false
		}
		s := run(nil, tally)
		if looks > 0 || searches > 0 || lists > 2 || count(s, "created") != 100 {
			t.Errorf("applied %v: %d keyed reads, %d lists, %d searches, %d created; want none, 2 at most, none, 100", applied,
				looks, lists, searches, count(s, "created"))
		}
		t.Logf("applied %v: %d lists", applied, lists)
	}
	// An hour after the process died with a request of which nothing is known.
	o := newOrg(t, sandbox.Config{RatePerMinute: 1_000_000, Switches: sandbox.Switches{SearchLag: -1}})
	c := &timed{}
	state, path := t.TempDir(), crew(t, 100)
	connected := o.reach(t, kustomer.Config{})
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if creates(r) {
			o.carryOut(t, r)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	config := pipeline.Config{Command: "import", Files: []string{path}, State: state, Org: connected, Now: c.now}
	first, _ := pipeline.Run(t.Context(), config)
	if count(first, "unknown") != 100 {
		t.Fatalf("%d unknown at first", count(first, "unknown"))
	}
	c.move(time.Hour)
	looks, searches := 0, 0
	var mu sync.Mutex
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if looksUp(r) {
			looks++
		}
		if strings.HasSuffix(r.URL.Path, "/search") {
			searches++
		}
		return false
	})
	s, err := pipeline.Run(t.Context(), config)
	if err != nil || looks > 0 || searches > 5 || count(s, "created") != 100 {
		t.Errorf("an hour later: %d keyed reads, %d searches, %d created (%v); want 0, at most 5, 100", looks, searches,
			count(s, "created"), err)
	}
	t.Logf("an hour later: %d keyed reads, %d searches", looks, searches)
}
