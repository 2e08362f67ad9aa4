package pipeline_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
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
	"muster/pipeline/kustomer"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// org is a sandbox behind a real HTTP server whose requests a test may look at and spoil.
type org struct {
	*sandbox.Server
	front *httptest.Server

	closed sync.Once
	mu     sync.Mutex
	before func(w http.ResponseWriter, r *http.Request) (handled bool)
	writes int
	seen   int
}

func newOrg(t testing.TB, c sandbox.Config) *org {
	t.Helper()
	if c.RatePerMinute == 0 {
		c.RatePerMinute = -1
	}
	server, err := sandbox.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	o := &org{Server: server}
	o.front = httptest.NewServer(http.HandlerFunc(o.serve))
	t.Cleanup(o.close)
	return o
}

// close ends the org; a second time does nothing.
func (o *org) close() {
	o.closed.Do(func() {
		o.front.Close()
		o.Server.Close()
	})
}

func (o *org) serve(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.seen++
	if r.Method != http.MethodGet {
		o.writes++
	}
	before := o.before
	o.mu.Unlock()
	if before != nil && before(w, r) {
		return
	}
	o.Handler().ServeHTTP(w, r)
}

// spoil has f look at every request from now on; nil ends it.
func (o *org) spoil(f func(w http.ResponseWriter, r *http.Request) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.before, o.writes, o.seen = f, 0, 0
}

func (o *org) requests() (all, writes int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen, o.writes
}

// connect is what the command does before a run.
func (o *org) connect(t testing.TB) *pipeline.Org {
	t.Helper()
	return o.reach(t, kustomer.Config{})
}

// reach is connect with a configuration that may name a key and a clock.
func (o *org) reach(t testing.TB, c kustomer.Config) *pipeline.Org {
	t.Helper()
	c.URL, c.Share, c.Timeout = o.front.URL, 1, 5*time.Second
	if c.Key == "" {
		c.Key = o.Key()
	}
	client, err := kustomer.New(c)
	if err != nil {
		t.Fatal(err)
	}
	token, err := client.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	klass, err := client.Metadata(t.Context(), "customer")
	if err != nil {
		t.Fatal(err)
	}
	return &pipeline.Org{Client: client, Token: token, Klass: klass, Name: "test", Host: o.front.URL}
}

// introduced is reach as the command does it, with a state directory that may remember the key.
func (o *org) introduced(t testing.TB, c kustomer.Config, state string, now time.Time) *pipeline.Org {
	t.Helper()
	c.URL, c.Share, c.Timeout, c.Key = o.front.URL, cmp.Or(c.Share, 1), 5*time.Second, cmp.Or(c.Key, o.Key())
	client, err := kustomer.New(c)
	if err != nil {
		t.Fatal(err)
	}
	in, err := pipeline.Introduce(t.Context(), client.Viewer, state, now, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &pipeline.Org{Client: client, Token: in.Token, Asked: in.Asked, Klass: in.Klass, Name: "test",
		Host: o.front.URL}
}

// customers are all customers of the org by external id.
func (o *org) customers(t testing.TB) map[string][]sandbox.Customer {
	t.Helper()
	all, err := o.Dump(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	by := map[string][]sandbox.Customer{}
	for _, c := range all {
		var attributes struct{ ExternalID string }
		if err := json.Unmarshal(c.Attributes, &attributes); err != nil {
			t.Fatal(err)
		}
		by[attributes.ExternalID] = append(by[attributes.ExternalID], c)
	}
	return by
}

// people is a generated file, and what must become of its rows.
type people struct {
	path                string
	rows                int
	fit, wrong, doubled int64 // rows to be sent, invalid rows, rows that repeat an earlier one
}

const peopleMapping = `version: 1
kind: customer
keys: [externalId, email]
columns:
  id: externalId
  name: name
  email: emails
  score: custom.avgSatScoreNum
  vip: custom.vipBool
`

// writePeople writes n rows with random faults in about one of ten; prefix keeps runs apart.
func writePeople(t testing.TB, dir, prefix string, n int, rng *rand.Rand) *people {
	t.Helper()
	p := &people{path: filepath.Join(dir, prefix+".csv"), rows: n}
	var b strings.Builder
	b.WriteString("id,name,email,score,vip\n")
	fit := []string{}
	for i := range n {
		id := fmt.Sprintf("%s-%d", prefix, i)
		name, score, vip, wrong := fmt.Sprintf("Ana %d", i), fmt.Sprint(rng.IntN(100)), "yes", false
		switch rng.IntN(40) {
		case 0:
			score, wrong = "many", true
		case 1:
			vip, wrong = "perhaps", true
		case 2:
			name = "two\nlines \"quoted\""
		case 3:
			fmt.Fprintf(&b, "%s,\"a stray \"quote\" here\",%s@example.com,1,no\n", id, id)
			p.wrong++
			continue
		case 4:
			if len(fit) > 0 {
				id = fit[rng.IntN(len(fit))]
				fmt.Fprintf(&b, "%s,Somebody else,other-%d@example.com,1,no\n", id, i)
				p.doubled++
				continue
			}
		}
		if wrong {
			p.wrong++
		} else {
			fit = append(fit, id)
		}
		fmt.Fprintf(&b, "%s,\"%s\",%s@example.com,%s,%s\n", id, strings.ReplaceAll(name, `"`, `""`), id, score, vip)
	}
	p.fit = int64(len(fit))
	if err := os.WriteFile(p.path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bind.MappingBeside(p.path), []byte(peopleMapping), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// outcomes reads the outcomes.csv of a run.
func outcomes(t testing.TB, s *report.Summary) []report.OutcomeRow {
	t.Helper()
	for _, f := range s.Files {
		if f.Kind == "outcomes" {
			file, err := os.Open(f.Path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			rows, err := report.ReadOutcomes(file)
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
	}
	t.Fatal("the run wrote no outcomes")
	return nil
}

// audit holds a report against the org: every row has one outcome, and each status is true.
func audit(t testing.TB, o *org, s *report.Summary, allowUnknown bool) {
	t.Helper()
	rows := outcomes(t, s)
	if int64(len(rows)) != s.Rows || !s.Balanced {
		t.Errorf("%d outcomes for %d rows, balanced %v", len(rows), s.Rows, s.Balanced)
	}
	counts, faulty := map[string]int64{}, int64(0)
	for _, row := range rows {
		counts[row.Status]++
		if row.Code != "" && row.Status != "duplicate" {
			faulty++
		}
	}
	givenBack(t, s, faulty)
	for _, c := range s.Statuses {
		if counts[c.Status] != c.Rows {
			t.Errorf("%s: %d in the balance, %d in outcomes.csv", c.Status, c.Rows, counts[c.Status])
		}
	}
	have := o.customers(t)
	for _, row := range rows {
		held := have[row.Key]
		switch row.Status {
		case "created", "updated", "unchanged":
			if len(held) != 1 || held[0].ID != row.CustomerID {
				t.Errorf("line %d is %s as %q, and the org has %d such customers", row.Line, row.Status, row.CustomerID, len(held))
			}
		case "invalid", "unsent":
			if row.Key != "" && len(held) != 0 && row.Code != "kustomer.unauthorized" {
				t.Errorf("line %d is %s, and the org has it", row.Line, row.Status)
			}
		case "unknown":
			if !allowUnknown {
				t.Errorf("line %d is unknown: %s", row.Line, row.Detail)
			}
		}
	}
	for id, list := range have {
		if len(list) > 1 && id != "" {
			t.Errorf("the org has a customer %d times", len(list))
		}
	}
}

// givenBack holds the files of rejects to the rows that have a problem: each is in one, or is counted and named as one
// that no file can have.
func givenBack(t testing.TB, s *report.Summary, faulty int64) {
	t.Helper()
	given := int64(0)
	for _, f := range s.Files {
		if f.Kind != "rejects" {
			continue
		}
		text, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		in := csv.NewReader(bytes.NewReader(text))
		in.FieldsPerRecord = -1
		list, err := in.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		given += int64(len(list) - 1)
	}
	var stray report.Stray
	if s.Stray != nil {
		stray = *s.Stray
	}
	if given+stray.Rows != faulty || len(stray.Places) != int(min(stray.Rows, 5)) {
		t.Errorf("%d rows with a problem, %d of them in the rejects, and %+v", faulty, given, stray)
	}
}

// skip passes the time of c that it is told to wait for.
func skip(c *timed) func(context.Context, time.Duration) error {
	return func(ctx context.Context, d time.Duration) error {
		c.move(d)
		return ctx.Err()
	}
}

// bodyOf are the objects that a request carries; the request can still be served.
func bodyOf(t testing.TB, r *http.Request) []map[string]json.RawMessage {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var one map[string]json.RawMessage
	if json.Unmarshal(body, &one) == nil {
		return []map[string]json.RawMessage{one}
	}
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(body, &list); err != nil {
		t.Error(err)
	}
	return list
}
