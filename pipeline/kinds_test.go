package pipeline_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/kustomer"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// migration is a help desk of a few people in files, a mapping beside each.
type migration struct {
	files                                               []string
	companies, people, orders, talks, messages, remarks int
}

var migrationMappings = map[string]string{
	"companies": "version: 1\nkind: company\n" +
		"columns: {id: externalId, name: name, domain: domains, staff: employeeCount, tags: tags}\n",
	"people": "version: 1\nkind: customer\n" +
		"columns: {id: externalId, name: name, email: emails, company: company.externalId}\n",
	"orders": "version: 1\nkind: kobject.order\n" +
		"columns: {id: externalId, title: title, who: customer.email, total: custom.totalNum, lines: data, tags: tags}\n",
	"tickets": "version: 1\nkind: conversation\n" +
		"columns: {id: externalId, subject: name, who: customer.externalId, state: status, agent: assignee.email, team: " +
		"team.name, " +
		"begun: createdAt, ended: endedAt, priority: priority, tags: tags}\n",
	"comments": "version: 1\nkind: message\n" +
		"columns: {id: externalId, ticket: conversation.externalId, dir: direction, body: preview, at: sentAt, agent: " +
		"author.email, from: meta.from}\nconstants: {channel: email}\n",
	"notes": "version: 1\nkind: note\n" +
		"columns: {id: externalId, ticket: conversation.externalId, body: body, at: createdAt}\n",
}

// writeMigration writes one of so many tickets.
func writeMigration(t testing.TB, dir string, tickets int, seed uint64) *migration {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	m := &migration{companies: 1 + tickets/50, people: 1 + tickets/4, orders: 1 + tickets/2, talks: tickets}
	lines := map[string][]string{"companies": {"id,name,domain,staff,tags"}, "people": {"id,name,email,company"},
		"orders":   {"id,title,who,total,lines,tags"},
		"tickets":  {"id,subject,who,state,agent,team,begun,ended,priority,tags"},
		"comments": {"id,ticket,dir,body,at,agent,from"}, "notes": {"id,ticket,body,at"}}
	add := func(file, format string, args ...any) {
		lines[file] = append(lines[file], fmt.Sprintf(format, args...))
	}
	for i := range m.companies {
		add("companies", "A-%d,Company %d,c%d.example,%d,vip", i, i, i, i*7)
	}
	for i := range m.people {
		add("people", "C-%d,Person %d,p%d@x.example,A-%d", i, i, i, i%m.companies)
	}
	for i := range m.orders {
		add("orders", `O-%d,#%d,p%d@x.example,%d.5,"{""lines"":[{""sku"":""s%d""}]}",web`, i, 1000+i, i%m.people, i, i)
	}
	at := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range m.talks {
		at = at.Add(time.Hour)
		state, ended := "open", ""
		if i%3 > 0 {
			state, ended = "done", at.Add(time.Hour).Format(time.RFC3339)
		}
		add("tickets", "T-%d,Ticket %d,C-%d,%s,%s,%s,%s,%s,%d,old", i, i, i%m.people, state,
			[]string{"", "mara@acme.example"}[i%2], []string{"", "Support"}[i%2], at.Format(time.RFC3339), ended, 1+i%5)
		for range 1 + rng.IntN(4) {
			m.messages++
			add("comments", `M-%d,T-%d,%s,"Hello %d, ünïcode 😀",%s,%s,p%d@x.example`, m.messages, i,
				[]string{"in", "out"}[m.messages%2], m.messages, at.Format(time.RFC3339),
				[]string{"", "tom@acme.example"}[m.messages%2], i)
		}
		if i%5 == 0 {
			m.remarks++
			add("notes", "N-%d,T-%d,psst %d,%s", i, i, i, at.Format(time.RFC3339))
		}
	}
	for name, text := range lines {
		path := filepath.Join(dir, name+".csv")
		m.files = append(m.files, path)
		for file, content := range map[string]string{path: strings.Join(text, "\n") + "\n",
			filepath.Join(dir, name+".mapping.yaml"): migrationMappings[name]} {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	slices.Sort(m.files)
	return m
}

func (m *migration) rows() int64 {
	return int64(m.companies + m.people + m.orders + m.talks + m.messages + m.remarks)
}

// once holds that the org has each record of the migration exactly once.
func (m *migration) once(t *testing.T, o *org) {
	t.Helper()
	unique := func(kind string, want int, documents []json.RawMessage) {
		t.Helper()
		seen := map[string]int{}
		for _, d := range documents {
			var one struct{ ExternalID string }
			if json.Unmarshal(d, &one) == nil && one.ExternalID != "" {
				seen[one.ExternalID]++
			}
		}
		for id, n := range seen {
			if n > 1 {
				t.Errorf("%s %s is there %d times", kind, id, n)
			}
		}
		if len(seen) != want {
			t.Errorf("%d %ss, want %d", len(seen), kind, want)
		}
	}
	var companies, talks []json.RawMessage
	all, err := o.Companies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		companies = append(companies, one.Document)
	}
	conversations, err := o.Conversations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	open := 0
	for _, one := range conversations {
		talks = append(talks, one.Document)
		var d struct {
			Status, EndedAt string
		}
		if json.Unmarshal(one.Document, &d) == nil && d.EndedAt != "" && d.Status != "done" {
			open++
		}
	}
	if open > 0 {
		t.Errorf("%d conversations that ended are open", open)
	}
	unique("company", m.companies, companies)
	unique("conversation", m.talks, talks)
	for kind, want := range map[string]int{"kobject.order": m.orders, "message": m.messages, "note": m.remarks} {
		things, err := o.Things(t.Context(), kind)
		if err != nil {
			t.Fatal(err)
		}
		var documents []json.RawMessage
		for _, one := range things {
			documents = append(documents, one.Document)
		}
		unique(kind, want, documents)
	}
	if n, err := o.Count(t.Context()); err != nil || n != m.people {
		t.Errorf("%d customers, want %d: %v", n, m.people, err)
	}
	if mails, err := o.Outbox(t.Context()); err != nil || len(mails) > 0 {
		t.Errorf("invitations were mailed: %v %v", mails, err)
	}
}

func bring(t *testing.T, o *org, m *migration, state string, change func(*pipeline.Config)) *report.Summary {
	t.Helper()
	c := pipeline.Config{Command: "import", Files: m.files, State: state, Org: o.connect(t)}
	if change != nil {
		change(&c)
	}
	s, err := pipeline.Run(t.Context(), c)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if !s.Balanced {
		t.Error("the books do not balance")
	}
	return s
}

// A migration of every kind: sample → org → read back equal, field by field → the same again is unchanged → taken back
// → as before.
func TestEveryKindThereAndBack(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sandbox.Config{Admin: true})
	dir := t.TempDir()
	m := writeMigration(t, dir, 120, 1)
	s := bring(t, o, m, dir+"/state", nil)
	if got := count(s, "created"); got != m.rows() {
		t.Fatalf("%d created, want %d: %+v", got, m.rows(), s.Problems)
	}
	m.once(t, o)
	t.Logf("%d rows, %d requests", m.rows(), s.Requests)
	v, err := verifyRun(t, o, dir+"/state", s.Run, 0)
	if err != nil || v.Same != m.rows() || v.Different+v.Missing > 0 {
		t.Errorf("read back: %d same, %d different, %d missing: %v %+v", v.Same, v.Different, v.Missing, err, v.Fields)
	}
	before, _ := o.requests()
	again := bring(t, o, m, dir+"/state", nil)
	if got := count(again, "unchanged"); got != m.rows() {
		t.Errorf("the same again: %d unchanged, want %d", got, m.rows())
	}
	if after, _ := o.requests(); after-before > 20 {
		t.Errorf("the same again took %d requests", after-before)
	}
	elsewhere := bring(t, o, m, dir+"/elsewhere", nil) // with no memory of it
	if got := count(elsewhere, "unchanged"); got != m.rows() {
		t.Errorf("from another machine: %d unchanged, %d created, %d updated, want %d", got, count(elsewhere, "created"),
			count(elsewhere, "updated"), m.rows())
	}
	m.once(t, o)
	u, err := undoRun(t, o, dir+"/state", s.Run)
	if err != nil || u.Deleted != m.rows() {
		t.Errorf("taken back: %d deleted of %d: %v %+v", u.Deleted, m.rows(), err, u.Reasons)
	}
	(&migration{}).once(t, o)
}

// A row that changes changes its record, and taking that back leaves the record as it was.
func TestEveryKindChanges(t *testing.T) {
	o := newOrg(t, sandbox.Config{Admin: true})
	dir := t.TempDir()
	m := writeMigration(t, dir, 12, 2)
	bring(t, o, m, dir+"/state", nil)
	for file, edit := range map[string][2]string{
		"companies": {"Company 0", "Acme"}, "orders": {"#1000", "#1000 b"}, "tickets": {"Ticket 0,", "Ticket nought,"},
		"comments": {"Hello 1,", "Goodbye 1,"}, "notes": {"psst 0", "aha 0"},
	} {
		path := filepath.Join(dir, file+".csv")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), edit[0], edit[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := bring(t, o, m, dir+"/state", nil)
	if got := count(s, "updated"); got != 5 {
		t.Fatalf("%d updated, want 5: %+v", got, s.Problems)
	}
	m.once(t, o)
	v, err := verifyRun(t, o, dir+"/state", s.Run, 0)
	if err != nil || v.Different+v.Missing > 0 {
		t.Errorf("read back: %d different, %d missing: %v %+v", v.Different, v.Missing, err, v.Fields)
	}
	u, err := undoRun(t, o, dir+"/state", s.Run)
	if err != nil || u.Restored != 5 {
		t.Errorf("taken back: %d restored: %v %+v", u.Restored, err, u.Reasons)
	}
	notes, err := o.Things(t.Context(), "note")
	if err != nil || !strings.Contains(string(notes[0].Document), "psst 0") {
		t.Errorf("a note is not as it was before: %v %s", err, notes[0].Document)
	}
}

// An org that loses answers, applies writes and then fails, and cuts connections: nothing is lost and nothing is there
// twice.
func TestEveryKindThroughTrouble(t *testing.T) {
	t.Parallel()
	seeds := 6
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		o := newOrg(t, sandbox.Config{Admin: true, Misbehaviour: sandbox.Misbehaviour{Seed: uint64(seed),
			Rates: map[string]float64{"error-after": 0.08, "error-before": 0.05, "cut-after": 0.05}}})
		dir := t.TempDir()
		m := writeMigration(t, dir, 60, uint64(seed))
		var s *report.Summary
		for range 12 {
			c := pipeline.Config{Command: "import", Files: m.files, State: dir + "/state",
				Org: o.reach(t, kustomer.Config{Timeout: 2 * time.Second}), JobPatience: 5 * time.Second}
			var err error
			if s, err = pipeline.Run(t.Context(), c); err == nil && count(s, "unknown")+count(s, "unsent") == 0 {
				break
			}
		}
		if left := m.rows() - count(s, "created") - count(s, "unchanged") - count(s, "updated"); left > 0 {
			t.Errorf("seed %d: %d rows have not landed: %+v", seed, left, s.Problems)
		}
		m.once(t, o)
		o.close()
	}
}

// Killed at random moments and begun again: 0 lost, 0 doubled.
func TestEveryKindKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	kills := 20
	if testing.Short() {
		kills = 4
	}
	o := newOrg(t, sandbox.Config{Admin: true, JobDelay: 20 * time.Millisecond})
	o.spoil(func(http.ResponseWriter, *http.Request) bool {
		time.Sleep(time.Duration(rand.Int64N(40)) * time.Millisecond) // so slow that there is something to kill
		return false
	})
	dir := t.TempDir()
	m := writeMigration(t, dir, 200, 4)
	rng := rand.New(rand.NewPCG(4, 4))
	killed := 0
	for {
		after := time.Duration(-1)
		if killed < kills {
			after = time.Duration(40+rng.IntN(250)) * time.Millisecond
		}
		s, dead := importAsChild(t, o, strings.Join(m.files, string(os.PathListSeparator)), dir+"/state", after)
		if dead {
			killed++
			continue
		}
		t.Logf("killed %d times; then %d requests", killed, s.Requests)
		if got := count(s, "created") + count(s, "unchanged"); got != m.rows() {
			t.Errorf("%d rows landed, want %d: %+v", got, m.rows(), s.Problems)
		}
		break
	}
	m.once(t, o)
}

// What records of a kind cost: bulk where the org has it.
func TestEveryKindAtItsPrice(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sandbox.Config{Admin: true})
	asked := map[string]int{}
	var mu sync.Mutex
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		path := regexp.MustCompile(`[0-9a-f]{24}(,[0-9a-f]{24})*|=.*`).ReplaceAllString(r.URL.Path, "…")
		asked[r.Method+" "+path]++
		return false
	})
	dir := t.TempDir()
	m := writeMigration(t, dir, 1000, 5)
	s := bring(t, o, m, dir+"/state", nil)
	if got := count(s, "created"); got != m.rows() {
		t.Fatalf("%d created, want %d", got, m.rows())
	}
	per := float64(s.Requests) / float64(m.rows()) * 1000
	for _, what := range slices.Sorted(maps.Keys(asked)) {
		t.Logf("%5d %s", asked[what], what)
	}
	t.Logf("%d rows, %d requests: %.1f for each thousand", m.rows(), s.Requests, per)
	if per > 45 { // some jobs are looked at twice, more where the machine is slow
		t.Errorf("%.1f requests for each thousand records", per)
	}
}
