package nightly_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/config"
	"muster/pipeline/kustomer"
	"muster/pipeline/nightly"
	"muster/pipeline/notify"
	"muster/pipeline/sandbox"
)

var update = flag.Bool("update", false, "write the manual's table of nights anew")

// TestMain lets the test binary be a night of its own, so that it can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("MUSTER_TEST_NIGHT") != "" {
		childNight()
		return
	}
	if os.Getenv("MUSTER_TEST_BRANDS") != "" {
		childBrands()
		return
	}
	os.Exit(m.Run())
}

// clock is the time of a test: it goes on by itself, sleeping moves it on, and set puts it to another night.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
	idle  func() // waits until the org has done its work
}

func clockAt(t time.Time) *clock { return &clock{ahead: time.Until(t)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	c.ahead += d
	c.mu.Unlock()
	if c.idle != nil {
		c.idle()
	}
	time.Sleep(time.Millisecond) // what is waited for happens in real time
	return ctx.Err()
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = time.Until(t)
}

// halfPastTwo is 02:30 of a night to come: the ledger and the org have clocks of their own, and what they did must lie
// in the past of every night.
func halfPastTwo(number int) time.Time {
	return time.Now().UTC().Truncate(24 * time.Hour).Add(time.Duration(number)*24*time.Hour + 150*time.Minute)
}

// house is a project with its feed folder, its org and its webhook, for as many nights as a test needs.
type house struct {
	t     *testing.T
	dir   string
	clock *clock
	org   *sandbox.Server
	front *httptest.Server
	hook  *httptest.Server

	mu     sync.Mutex
	before func(w http.ResponseWriter, r *http.Request) bool
	seen   int
	told   []notify.Message
	deaf   bool // the channel takes nothing
}

// hears says whether the channel takes what it is told.
func (h *house) hears(yes bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deaf = !yes
}

func newHouse(t *testing.T, text string) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), clock: clockAt(halfPastTwo(1))}
	server, err := sandbox.Start(sandbox.Config{RatePerMinute: 1_000_000, Now: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	h.org = server
	h.clock.idle = h.idle
	h.front = httptest.NewServer(http.HandlerFunc(h.serve))
	h.hook = httptest.NewServer(http.HandlerFunc(h.hear))
	t.Cleanup(func() { h.front.Close(); h.hook.Close(); server.Close() })
	h.write("muster.yaml", strings.NewReplacer("ORG", h.front.URL, "HOOK", h.hook.URL).Replace(text))
	return h
}

// idle waits until the org has done the jobs it was given, so that no look at one comes too early.
func (h *house) idle() {
	for {
		if n, err := h.org.Unfinished(context.Background()); err != nil || n == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func (h *house) serve(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.seen++
	before := h.before
	h.mu.Unlock()
	if before == nil || !before(w, r) {
		h.org.Handler().ServeHTTP(w, r)
	}
}

func (h *house) hear(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	deaf := h.deaf
	h.mu.Unlock()
	if deaf {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(r.Body)
	var m notify.Message
	if err = errors.Join(err, json.Unmarshal(body, &m)); err != nil {
		h.t.Errorf("the webhook was sent what is no message: %v", err)
	}
	for _, canary := range []string{"@example.com", "Ana", "C-1"} {
		if strings.Contains(string(body), canary) {
			h.t.Errorf("the message holds %q: %s", canary, body)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, m)
}

// spoil has f look at every request to the org from now on; nil ends it.
func (h *house) spoil(f func(w http.ResponseWriter, r *http.Request) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.before = f
}

func (h *house) write(name, text string) {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	an := h.clock.Now().Add(-time.Hour)
	if err := os.Chtimes(path, an, an); err != nil {
		h.t.Fatal(err)
	}
}

// night is the project as of now.
func (h *house) night() *nightly.Night {
	h.t.Helper()
	n, err := nightOf(h.dir, h.front.URL, h.org.Key(), h.clock)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func nightOf(dir, url, key string, c *clock) (*nightly.Night, error) {
	p, err := config.Load(filepath.Join(dir, "muster.yaml"))
	if err != nil {
		return nil, err
	}
	return &nightly.Night{Project: p, Version: "test", Now: c.Now, Sleep: c.Sleep,
		Secret: func(context.Context, config.Secret) (string, error) { return "hush", nil },
		Connect: func(ctx context.Context, _ *config.Org, _ string) (*pipeline.Org, func(), error) {
			pace := &clock{} // the budget of searches lets time pass by itself
			client, err := kustomer.New(kustomer.Config{URL: url, Key: key, Share: 1, Timeout: 5 * time.Second, Now: pace.Now,
				Sleep: pace.Sleep})
			if err != nil {
				return nil, nil, err
			}
			token, err := client.Token(ctx)
			if err != nil {
				return nil, nil, err
			}
			klass, err := client.Metadata(ctx, "customer")
			return &pipeline.Org{Client: client, Token: token, Klass: klass, Name: "test", Host: url}, func() {}, err
		}}, nil
}

// childNight is one night in a process of its own.
func childNight() {
	at, err := time.Parse(time.RFC3339, os.Getenv("MUSTER_TEST_AT"))
	if err == nil {
		var n *nightly.Night
		if n, err = nightOf(os.Getenv("MUSTER_TEST_NIGHT"), os.Getenv("MUSTER_TEST_URL"), os.Getenv("MUSTER_TEST_KEY"),
			clockAt(at)); err == nil {
			_, err = n.Run(context.Background(), nil)
		}
	}
	fmt.Fprintln(os.Stderr, "the night was not killed:", err)
	os.Exit(99)
}

// killed does a night in a process that is killed while its nth request is answered.
func (h *house) killed(nth int) {
	h.t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "MUSTER_TEST_NIGHT="+h.dir, "MUSTER_TEST_URL="+h.front.URL, "MUSTER_TEST_KEY="+
		h.org.Key(),
		"MUSTER_TEST_AT="+h.clock.Now().Format(time.RFC3339))
	c.Stderr = os.Stderr
	now, ended := make(chan struct{}), make(chan struct{})
	var once sync.Once
	n := 0
	h.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		h.mu.Lock()
		n++
		due := n >= nth
		h.mu.Unlock()
		if due {
			once.Do(func() { close(now) })
			<-ended
		}
		return false
	})
	if err := c.Start(); err != nil {
		h.t.Fatal(err)
	}
	select {
	case <-now:
		_ = c.Process.Kill()
	case <-time.After(time.Minute):
		h.t.Errorf("the night came to no %d requests", nth)
		_ = c.Process.Kill()
	}
	_ = c.Wait()
	close(ended)
	if code := c.ProcessState.ExitCode(); code != -1 {
		h.t.Errorf("the night that was to be killed ended with %d", code)
	}
	h.spoil(nil)
}

// person is a customer of the feed.
type person struct {
	id, name, email, city string
	score                 int
}

// crowd is the feed's source system: who is in it tonight.
type crowd struct {
	people []person
	next   int
}

func (c *crowd) grow(n int) {
	for range n {
		c.next++
		c.people = append(c.people, person{fmt.Sprintf("C-1%05d", c.next), fmt.Sprintf("Ana %d", c.next),
			fmt.Sprintf("ana%d@example.com", c.next), "Utrecht", c.next % 100})
	}
}

// change changes n people, beginning at from.
func (c *crowd) change(from, n int) {
	for i := range n {
		p := &c.people[(from+i)%len(c.people)]
		p.score += 7
		p.city = fmt.Sprintf("City %d", p.score)
	}
}

// rescore changes a field of n people that is no list, beginning at from.
func (c *crowd) rescore(from, n int) {
	for i := range n {
		c.people[(from+i)%len(c.people)].score += 7
	}
}

// leave takes n people out.
func (c *crowd) leave(n int) { c.people = slices.Delete(c.people, 10, 10+n) }

const header = "id,name,email,city,score\n"

func (c *crowd) csv(head string) string {
	var b strings.Builder
	b.WriteString(head)
	for _, p := range c.people {
		fmt.Fprintf(&b, "%s,%s,%s,%s,%d\n", p.id, p.name, p.email, p.city, p.score)
	}
	return b.String()
}

const nightMapping = `version: 1
kind: customer
keys: [externalId, email]
write: {locations: replace}
columns:
  id: externalId
  name: name
  email: emails
  city: locations[home].cityName
  score: custom.avgSatScoreNum
`

const nightProject = `version: 1
org: ORG
jobs:
  customers:
    source: {from: "feed-*.csv", max-age: 60h}
    mapping: crm.mapping.yaml
    on-missing: {do: tag, at-most: 1%}
notify:
  - webhook: HOOK
    secret: {env: SIGN}
`

// same holds the org against the feed: whom it has and is not tagged as gone is exactly who is in the file, as the file
// says.
func (h *house) same(c *crowd, when string) {
	h.t.Helper()
	all, err := h.org.Dump(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	type attributes struct {
		ExternalID string
		Name       string
		Emails     []struct{ Email string }
		Locations  []struct{ CityName string }
		Custom     struct{ AvgSatScoreNum int }
		Tags       []string
	}
	have := map[string]person{}
	gone := map[string]bool{}
	for _, one := range all {
		var a attributes
		if err := json.Unmarshal(one.Attributes, &a); err != nil {
			h.t.Fatal(err)
		}
		if _, twice := have[a.ExternalID]; twice || gone[a.ExternalID] {
			h.t.Errorf("%s: the org has %s twice", when, a.ExternalID)
		}
		if len(a.Tags) > 0 { // the org gives tags as ids, and nobody else tags
			gone[a.ExternalID] = true
			continue
		}
		have[a.ExternalID] = person{a.ExternalID, a.Name, a.Emails[0].Email, a.Locations[0].CityName, a.Custom.AvgSatScoreNum}
	}
	wrong := 0
	for _, p := range c.people {
		if have[p.id] != p {
			wrong++
		}
		delete(have, p.id)
	}
	if wrong > 0 || len(have) > 0 {
		h.t.Errorf("%s: %d of %d people are not in the org as the file says, %d are there and not in the file", when, wrong,
			len(c.people), len(have))
	}
}

// A thing is what happens in one night.
type thing struct {
	what  string
	do    func() string // returns the exit code as the table says it, "" from the night itself
	after func()
	exit  string
	told  string
}

// Sixty nights of one feed, with everything that befalls one. Exit code, record and message of each are the manual's
// table, and each night has one record.
func TestSixtyNights(t *testing.T) {
	h := newHouse(t, nightProject)
	h.write("crm.mapping.yaml", nightMapping)
	c := &crowd{}
	c.grow(1000)
	number, lastRequests := 0, 0
	var outcome *nightly.Outcome
	file := func() string { return fmt.Sprintf("feed-%02d.csv", number) }
	feed := func(text string) { h.write(file(), text) }
	run := func() string {
		out, err := h.night().Run(t.Context(), nil)
		if err != nil {
			t.Fatalf("night %d: %v", number, err)
		}
		outcome = out
		lastRequests = int(out.Jobs[0].Requests)
		return fmt.Sprint(out.ExitCode)
	}
	usual := func() string {
		c.change(number*30, 30)
		c.grow(5)
		feed(c.csv(header))
		return run()
	}
	whole := func() { h.same(c, fmt.Sprintf("night %d", number)) }
	down := func(code int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(code); return true }
	}
	release := make(chan struct{})
	slow := make(chan string)
	renamed := "id,name,E-mail address,city,score\n"

	nights := []thing{
		{what: "the first file: 1,000 customers", do: func() string { feed(c.csv(header)); return run() }, after: whole,
			exit: "0"},
		{what: "30 customers changed, 5 are new", do: usual, after: whole, exit: "0"},
		{what: "the same; 3 left the file and are tagged", do: func() string { c.leave(3); return usual() }, after: whole,
			exit: "0"},
		{what: "an ordinary night", do: usual, after: whole, exit: "0"},
		{what: "an ordinary night", do: usual, after: whole, exit: "0"},
		{what: "no new file", do: run, after: whole, exit: "0"},
		{what: "the file comes again under a new name", do: func() string { feed(c.csv(header)); return run() }, after: whole,
			exit: "0"},
		{what: "a column is renamed", do: func() string { c.change(0, 30); feed(c.csv(renamed)); return run() }, exit: "5",
			told: "stopped by the guard of columns"},
		{what: "it still is", do: func() string { c.change(0, 30); feed(c.csv(renamed)); return run() }, exit: "5"},
		{what: "somebody fixes the mapping and accepts the drift", do: func() string {
			h.write("crm.mapping.yaml", strings.Replace(nightMapping, "email: emails", "E-mail address: emails", 1))
			found, err := nightly.AcceptDrift(filepath.Join(h.dir, ".muster"), "customers")
			if err != nil || len(found) == 0 {
				t.Fatalf("accepted %v, %v", found, err)
			}
			return run()
		}, after: whole, exit: "0", told: "well again"},
		{what: "the column has its old name again", do: func() string { return usual() }, exit: "5",
			told: "stopped by the guard of columns"},
		{what: "the mapping is put back and accepted", do: func() string {
			h.write("crm.mapping.yaml", nightMapping)
			if _, err := nightly.AcceptDrift(filepath.Join(h.dir, ".muster"), "customers"); err != nil {
				t.Fatal(err)
			}
			return run()
		}, after: whole, exit: "0", told: "well again"},
		{what: "a file with a header and no row", do: func() string { feed(header); return run() }, exit: "5",
			told: "stopped by the guard of empty"},
		{what: "an ordinary night", do: usual, after: whole, exit: "0", told: "well again"},
		{what: "a file of no bytes", do: func() string { feed(""); return run() }, exit: "5",
			told: "stopped by the guard of empty"},
		{what: "an ordinary night", do: usual, after: whole, exit: "0", told: "well again"},
		{what: "the org is out of reach", do: func() string { h.spoil(down(503)); return usual() }, exit: "6",
			told: "the environment"},
		{what: "it still is", do: usual, exit: "6"},
		{what: "it is back", do: func() string { h.spoil(nil); return usual() }, after: whole, exit: "0", told: "well again"},
		{what: "the machine dies while 300 changes are sent", do: func() string {
			c.change(0, 300)
			feed(c.csv(header))
			h.killed(8)
			return "killed"
		}, exit: "killed"},
		{what: "last night's run is finished first, then this night's", do: func() string {
			code := usual()
			if outcome.Jobs[0].Resumed == "" {
				t.Error("nothing was taken up after the kill")
			}
			return code
		}, after: whole, exit: "0"},
		{what: "a slow night", do: func() string {
			c.change(100, 30)
			feed(c.csv(header))
			begun := make(chan struct{})
			var once sync.Once
			h.spoil(func(http.ResponseWriter, *http.Request) bool {
				once.Do(func() { close(begun) })
				<-release
				return false
			})
			n := h.night()
			go func() {
				out, err := n.Run(context.Background(), nil)
				if err != nil {
					slow <- err.Error()
					return
				}
				slow <- fmt.Sprint(out.ExitCode)
			}()
			<-begun
			return "0"
		}, exit: "0"},
		{what: "the slow night is still under way", do: func() string { return run() }, exit: "7", told: "another run holds",
			after: func() {
				close(release)
				if code := <-slow; code != "0" {
					t.Errorf("the slow night ended with %s", code)
				}
				h.spoil(nil)
				whole()
			}},
		{what: "an ordinary night", do: usual, after: whole, exit: "0"},
		{what: "half of the file is missing", do: func() string {
			half := &crowd{people: c.people[:len(c.people)/2]}
			feed(half.csv(header))
			return run()
		}, exit: "5", told: "stopped by the guard of rows"},
		{what: "every row is in the file twice", do: func() string { feed(c.csv(header) + c.csv("")); return run() },
			exit: "5"},
		{what: "a tenth of the scores are no numbers", do: func() string {
			text := c.csv(header)
			for i := range len(c.people) / 10 {
				p := c.people[i*10]
				text = strings.Replace(text, fmt.Sprintf(",%s,%d\n", p.city, p.score), ","+p.city+",many\n", 1)
			}
			feed(text)
			return run()
		}, exit: "5"},
		{what: "two rows cannot be used", do: func() string {
			feed(c.csv(header) + "C-1X,Ana X,no address,Utrecht,1\nC-1Y,Ana Y,no address,Utrecht,1\n")
			return run()
		}, exit: "3", told: "some rows are invalid"},
		{what: "the key is taken back", do: func() string { h.spoil(down(401)); feed(c.csv(header)); return run() },
			exit: "4", told: "authentication"},
		{what: "a new key; 1,000 customers changed", do: func() string {
			h.spoil(nil)
			c.rescore(0, 1000)
			feed(c.csv(header))
			code := run()
			// Fields that are no lists: a list is replaced by an update, so it is joined with that of this moment.
			if most := 5 + 1000/20; lastRequests > most {
				t.Errorf("1,000 changed rows took %d requests, more than %d", lastRequests, most)
			}
			return code
		}, after: whole, exit: "0", told: "well again"},
	}
	s := &tale{h: h, c: c, number: &number, run: run, usual: usual, feed: feed, whole: whole, down: down,
		last: func() *nightly.Result { return outcome.Jobs[0] }}
	nights = append(nights, s.later()...)
	var rows []string
	for i, n := range nights {
		number = i + 1
		h.clock.set(halfPastTwo(number))
		h.mu.Lock()
		h.seen, h.told = 0, nil
		h.mu.Unlock()
		lastRequests = 0
		exit := n.do()
		if n.after != nil {
			n.after()
		}
		h.mu.Lock()
		told := slices.Clone(h.told)
		h.mu.Unlock()
		says := check(t, number, n, exit, told)
		t.Logf("night %d: %s: exit %s, %d requests, told %q", number, n.what, exit, lastRequests, says)
		if most := 60; number > 1 && lastRequests > most {
			t.Errorf("night %d took %d requests, more than %d", number, lastRequests, most)
		}
		rows = append(rows, fmt.Sprintf("| %d | %s | %s | %%s | %s |\n", number, n.what, n.exit, says))
	}
	if len(nights) != 60 {
		t.Errorf("%d nights", len(nights))
	}
	records := h.records("customers")
	slices.SortStableFunc(records, func(a, b nightly.Result) int { return a.Began.Compare(b.Began) })
	if len(records) != len(nights) {
		t.Fatalf("%d nights, and %d records", len(nights), len(records))
	}
	table := "| night | what happens | exit | recorded | told |\n|---|---|---|---|---|\n"
	for i, r := range records {
		said := r.State
		if r.Fault != "" {
			said += ": " + r.Fault
		}
		if want := nights[i].exit; fmt.Sprint(r.ExitCode) != want && (want != "killed" || r.State != "killed") {
			t.Errorf("night %d ended with %s, and is recorded with %d", i+1, want, r.ExitCode)
		}
		table += fmt.Sprintf(rows[i], said)
	}
	manualPart(t, "nights", table)
}

// check holds a night against the table, and returns what was told in the table's words.
func check(t *testing.T, number int, n thing, exit string, told []notify.Message) string {
	t.Helper()
	if exit != n.exit {
		t.Errorf("night %d (%s): exit %s, want %s", number, n.what, exit, n.exit)
	}
	if n.told == "" {
		if len(told) > 0 {
			t.Errorf("night %d (%s): told %q, want nothing", number, n.what, told[0].Text())
		}
		return ""
	}
	for i := range told {
		if strings.Contains(told[i].Text(), n.told) {
			if told[i].Recovered {
				return "well again"
			}
			if told[i].State == "warned" {
				return "warned: " + n.told
			}
			return "failed: " + n.told
		}
	}
	t.Errorf("night %d (%s): told %v, want %q", number, n.what, told, n.told)
	return ""
}

// manualPart holds a part of the manual's page against what the tests lived through.
func manualPart(t *testing.T, name, table string) {
	t.Helper()
	const path = "../command/manual/nightly.md"
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	old, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("the manual has no %s", strings.TrimSpace(begin))
	}
	if old == table {
		return
	}
	if !*update {
		t.Errorf("the manual's table of %s is another one; go test ./pipeline/nightly -update writes it", name)
		return
	}
	if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
