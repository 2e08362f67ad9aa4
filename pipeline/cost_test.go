package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/kustomer"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// priced is an org and a file of people, for counting what imports cost.
type priced struct {
	t    *testing.T
	o    *org
	at   *timed
	path string
	dir  string
	says []string // the score of each row
	also []string // a further address of each row
	of   string   // whose file it is: part of every identity

	canary  bool
	uploads int // batches in flight, 0: as it comes
}

// ways are how many batches are in flight while requests are counted: one, so that the figure does not hang on who
// comes first; and, with -long and where several are needed, as many as it comes. Then batches that are read at the
// same time learn less from each other.
func ways(n int) []int {
	switch {
	case n >= 100 && raceEnabled:
		return []int{0}
	case n >= 100 && *allSeeds:
		return []int{1, 0}
	}
	return []int{1}
}

// spared is what may be needed in a way, of the most that batches one after the other may need.
func spared(most, uploads int) int {
	if uploads == 0 {
		return 2*most + 10
	}
	return most
}

func newPriced(t *testing.T, rows int) *priced {
	p := &priced{t: t, at: &timed{}, dir: t.TempDir(), says: make([]string, rows), also: make([]string, rows), of: "c"}
	p.o = newOrg(t, sandbox.Config{Now: p.at.now, RatePerMinute: plenty})
	p.path = filepath.Join(p.dir, "cost.csv")
	mapping := strings.Replace(peopleMapping, "email: emails", `email: {to: emails, split: ";"}`, 1)
	if err := os.WriteFile(bind.MappingBeside(p.path), []byte(mapping), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range p.says {
		p.says[i] = "1"
	}
	return p
}

// write writes the file as it is now.
func (p *priced) write() {
	p.t.Helper()
	var b strings.Builder
	b.WriteString("id,name,email,score,vip\n")
	for i := range p.says {
		fmt.Fprintf(&b, "%s-%d,Ana %d,%s-%d@example.com%s,%s,yes\n", p.of, i, i, p.of, i, p.also[i], p.says[i])
	}
	if err := os.WriteFile(p.path, []byte(b.String()), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// run imports the file as it is now and returns what that cost: every request that reached the org, those before the
// run included. Jobs are waited for as long as they take, so that no look at one comes too early.
func (p *priced) run() (s *report.Summary, cost int) {
	p.t.Helper()
	p.write()
	p.o.spoil(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Date", p.at.now().UTC().Format(http.TimeFormat))
		p.at.move(time.Minute / 500) // time passes as half of an org's thousand requests a minute lets it
		return false
	})
	// The budget of searches lets time pass by itself, too.
	connected := p.o.introduced(p.t, kustomer.Config{Now: p.at.now, Sleep: skip(p.at)}, p.dir+"/state", p.at.now())
	s, err := pipeline.Run(p.t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: p.dir +
		"/state", Org: connected, Canary: p.canary, Uploads: p.uploads,
		Now: p.at.now, Sleep: func(context.Context, time.Duration) error { p.o.idle(p.t); return nil }})
	if err != nil {
		p.t.Fatal(err)
	}
	seen, _ := p.o.requests()
	if int64(seen) != s.Requests {
		p.t.Errorf("%d requests reached the org, the report says %d", seen, s.Requests)
	}
	return s, seen
}

// unattributed has the mapping leave out the columns that fill the org's own attributes.
func (p *priced) unattributed() *priced {
	mapping := strings.NewReplacer("custom.avgSatScoreNum", "ignore", "custom.vipBool", "ignore").Replace(peopleMapping)
	if err := os.WriteFile(bind.MappingBeside(p.path), []byte(mapping), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return p
}

// TestRequestsOfCreates: 1,000 clean creates cost a submission and its results for each 100, and one question: who the
// key is, or, where that is remembered, what the org's attributes are. A first import that fills attributes asks both.
func TestRequestsOfCreates(t *testing.T) {
	for _, tc := range []struct {
		name        string
		p           *priced
		first, then int
	}{
		{"no attributes", newPriced(t, 1000).unattributed(), 21, 21},
		{"attributes", newPriced(t, 1000), 22, 21},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := tc.p
			s, first := p.run()
			if count(s, "created") != 1000 || first > tc.first {
				t.Errorf("first: %d created with %d requests", count(s, "created"), first)
			}
			s, again := p.run()
			if count(s, "unchanged") != 1000 || again > 1 {
				t.Errorf("again: %d unchanged with %d requests", count(s, "unchanged"), again)
			}
			p.of = "d"
			s, then := p.run()
			if count(s, "created") != 1000 || then > tc.then {
				t.Errorf("then: %d created with %d requests", count(s, "created"), then)
			}
			t.Logf("1,000 creates, %s: %d requests the first time, %d from then on; the same file again %d", tc.name, first,
				then, again)
		})
	}
}

// TestRequestsOfTheCanary: a first import that is tried on 1, 10 and 100 customers costs nine requests more: two for
// each of the two batches more, and for what is read back one, one and two or three. Agents who are at work make it one
// more for each hundred.
func TestRequestsOfTheCanary(t *testing.T) {
	for agents, most := range map[int]int{0: 9, 300: 15} {
		p := newPriced(t, 1000)
		p.canary = true
		p.of = "a"
		if s, _ := p.run(); count(s, "created") != 1000 {
			t.Fatal("not all were created")
		}
		q := newPriced(t, 1000)
		q.o, q.at, q.canary = p.o, p.at, true
		q.at.move(time.Hour)
		client, all := q.o.connect(t).Client, q.o.customers(t)
		for i := range agents {
			if _, err := client.Update(t.Context(), all[fmt.Sprintf("a-%d", i)][0].ID, []byte(`{"name":"Bo"}`)); err != nil {
				t.Fatal(err)
			}
		}
		s, cost := q.run()
		t.Logf("1,000 creates, the first with this mapping, %d customers at work: %d requests, %d of them for the canary",
			agents, cost, cost-22)
		if count(s, "created") != 1000 || cost > 22+most {
			t.Errorf("%d created with %d requests", count(s, "created"), cost)
		}
	}
}

// TestRequestsOfUpdates: N changed known rows among 1,000 that are not cost at most 5 + N/20 requests, everything
// counted. Directly after they landed the search's index cannot be asked, and they cost more.
func TestRequestsOfUpdates(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		n     int
		later time.Duration
		most  int // 0: 5 + n/20
	}{
		{n: 1, later: 24 * time.Hour}, {n: 2, later: 24 * time.Hour}, {n: 20, later: 24 * time.Hour},
		{n: 41, later: 24 * time.Hour},
		{n: 100, later: 24 * time.Hour}, {n: 150, later: 24 * time.Hour}, {n: 300, later: 24 * time.Hour},
		{n: 1000, later: 24 * time.Hour},
		{n: 1}, {n: 2, most: 6}, {n: 20, most: 15}, {n: 100, most: 25}, {n: 300, most: 70}, {n: 1000, most: 250},
	} {
		for _, uploads := range ways(tc.n) {
			t.Run(fmt.Sprintf("%d after %v, %d at a time", tc.n, tc.later, uploads), func(t *testing.T) {
				t.Parallel()
				p := newPriced(t, 1000)
				p.uploads = uploads
				if s, _ := p.run(); count(s, "created") != 1000 {
					t.Fatal("not all were created")
				}
				p.at.move(tc.later)
				for i := range tc.n {
					p.says[(i*7)%1000] = "2"
				}
				most := tc.most
				if most == 0 {
					most = 5 + tc.n/20
				}
				most = spared(most, uploads)
				s, cost := p.run()
				t.Logf("%d changed of 1,000 after %v, %d batches at a time: %d requests, %d are allowed", tc.n, tc.later, uploads,
					cost, most)
				if count(s, "updated") != int64(tc.n) || count(s, "unchanged") != int64(1000-tc.n) || cost > most {
					t.Errorf("%d updated, %d unchanged with %d requests", count(s, "updated"), count(s, "unchanged"), cost)
				}
			})
		}
	}
}

// TestRequestsOfListsThatChange: a list is replaced by an update, so it is joined with that of this moment, which a
// list of all that was updated lately tells. Agents who are at work make it longer.
func TestRequestsOfListsThatChange(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ n, agents, more int }{
		{n: 1}, {n: 2}, {n: 20}, {n: 41}, {n: 100}, {n: 150}, {n: 300}, {n: 1000},
		{n: 2, agents: 90, more: 1}, {n: 20, agents: 400, more: 5}, {n: 300, agents: 400, more: 5},
	} {
		for _, uploads := range ways(tc.n) {
			t.Run(fmt.Sprintf("%d, %d by agents, %d at a time", tc.n, tc.agents, uploads), func(t *testing.T) {
				t.Parallel()
				p := newPriced(t, 1000)
				p.uploads = uploads
				p.run()
				p.at.move(24*time.Hour - time.Minute)
				client := p.o.connect(t).Client
				all := p.o.customers(t)
				for i := range tc.agents { // of others than those that change
					id := all[fmt.Sprintf("c-%d", 999-i)][0].ID
					if _, err := client.Update(t.Context(), id, []byte(`{"name":"Bo"}`)); err != nil {
						t.Fatal(err)
					}
				}
				p.at.move(time.Minute)
				for i := range tc.n {
					p.also[i] = fmt.Sprintf(";also-%d@example.com", i)
				}
				s, cost := p.run()
				t.Logf("%d rows of 1,000 with one more address, %d customers at work, %d batches at a time: %d requests", tc.n,
					tc.agents, uploads, cost)
				if most := spared(5+tc.n/20+tc.more, uploads); count(s, "updated") != int64(tc.n) || cost > most {
					t.Errorf("%d updated with %d requests, at most %d are due", count(s, "updated"), cost, most)
				}
			})
		}
	}
}

// TestRequestsOfALargerFile: the bound is that of each 1,000 rows also where the rows that change are strewn over a
// file of many. Where lists change, what this run itself has written stands in the org's list, too, and lists go back
// by five seconds: in so short a run that is at most everything that the batches before have written, a page for each.
func TestRequestsOfALargerFile(t *testing.T) {
	t.Parallel()
	const rows = 5000
	for _, tc := range []struct {
		every int
		lists bool
	}{{100, false}, {10, false}, {100, true}, {10, true}} {
		t.Run(fmt.Sprint(tc.every, tc.lists), func(t *testing.T) {
			t.Parallel()
			p := newPriced(t, rows)
			p.uploads = 1
			p.run()
			p.at.move(24 * time.Hour)
			n := 0
			for i := 0; i < rows; i += tc.every {
				if n++; tc.lists {
					p.also[i] = fmt.Sprintf(";also-%d@example.com", i)
				} else {
					p.says[i] = "2"
				}
			}
			s, cost := p.run()
			most := 5*rows/1000 + n/20
			if tc.lists {
				batches := n / 100
				most += batches * (batches + 1) / 2
			}
			t.Logf("%d of %d rows changed, in a list %v: %d requests, %d are allowed", n, rows, tc.lists, cost, most)
			if count(s, "updated") != int64(n) || cost > most {
				t.Errorf("%d updated with %d requests", count(s, "updated"), cost)
			}
		})
	}
}
