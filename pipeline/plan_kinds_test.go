package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// planRows are the rows of a plan.
func planRows(t *testing.T, s *report.Summary) (all []*report.PlanRow) {
	t.Helper()
	rows, err := report.OpenPlan(s.Plan.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for {
		row, err := rows.Next()
		if err != nil {
			t.Fatal(err)
		}
		if row == nil {
			return all
		}
		all = append(all, row)
	}
}

// A plan shows what several rows make together, over the borders of blocks, and applying it does that.
func TestPlanFoldsRows(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("id,name,email,phone,city,tag,note\n")
	const people = 2000
	for i := range people { // 250 bytes each: several blocks
		fmt.Fprintf(&b, "%d,Person %d,p%d@example.com,,Utrecht,,%s\n", i, i, i, strings.Repeat("n", 150))
		for k := range i % 4 {
			fmt.Fprintf(&b, "%d,,q%d.%d@example.com,,Breda,,\n", i, i, k)
		}
	}
	b.WriteString("0,,late@example.com,,,,\n") // apart
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	state := dir + "/state"
	path := prepared(t, dir, "people.csv", b.String(), foldingMapping)
	folded := int64(people / 4 * (1 + 2 + 3))
	plan := planFor(t, o, path, state, "")
	if n := acts(plan); n["create"] != people || n["duplicate"] != folded || n["invalid"] != 1 {
		t.Fatalf("%v", n)
	}
	s, err := apply(t, o, plan, state)
	if err != nil || count(s, "created") != people || count(s, "duplicate") != folded || count(s, "invalid") != 1 ||
		count(s, "skipped") != 0 {
		t.Fatalf("%v, %v", err, s.Statuses)
	}
	if got := attributesOf(o.customers(t)["3"][0]); len(got.Emails) != 4 {
		t.Errorf("%+v", got)
	}
	if n := acts(planFor(t, o, path, t.TempDir(), "")); n["unchanged"] != people {
		t.Errorf("once applied: %v", n)
	}
	rewriteFile(t, path, "q3.1@", "r3.1@")
	plan = planFor(t, o, path, state, "")
	if n := acts(plan); n["update"] != 1 || n["unchanged"] != people-1 {
		t.Errorf("%v", n)
	}
	for _, row := range planRows(t, plan) {
		if row.Act == "update" && (len(row.Fields) != 1 || row.Fields[0].Field != "emails" ||
			!strings.Contains(string(row.Fields[0].After), "r3.1@")) {
			t.Errorf("%+v", row)
		}
	}
	if s, err = apply(t, o, plan, state); err != nil || count(s, "updated") != 1 {
		t.Errorf("%v, %v", err, s.Statuses)
	}
	rewriteFile(t, path, "r3.1@", "s3.1@")
	plan = planFor(t, o, path, state, "")
	id := o.customers(t)["3"][0].ID
	if _, err := o.connect(t).Client.Update(t.Context(), id, []byte(`{"name":"Mine"}`)); err != nil {
		t.Fatal(err)
	}
	before := string(o.read(t, id))
	if s, err = apply(t, o, plan, state); err != nil || count(s, "skipped") != 1 || string(o.read(t, id)) != before {
		t.Errorf("who was changed since is not left alone: %v, %v", err, s.Statuses)
	}
}

// A plan finds conflicts by every identity of a row, not only by that which finds its customer, at the cost of a search
// for twenty; applying it leaves those rows out, and an import would have come to the same.
func TestPlanFindsConflictsByEveryKey(t *testing.T) {
	t.Parallel()
	c := sandbox.Config{RatePerMinute: plenty}
	c.Switches.SearchLag = -1
	o := newOrg(t, c)
	dir := t.TempDir()
	client := o.connect(t).Client
	const n = 200
	var b strings.Builder
	b.WriteString("id,name,email,score,vip\n")
	rng := rand.New(rand.NewPCG(9, 4))
	conflicts := map[int64]bool{}
	for i := range n {
		if _, err := client.Create(t.Context(), fmt.Appendf(nil,
			`{"externalId":"c%d","name":"Ana","emails":[{"email":"c%d@example.com"}]}`, i, i)); err != nil {
			t.Fatal(err)
		}
		email := fmt.Sprintf("new%d@example.com", i)
		if rng.IntN(10) == 0 {
			conflicts[int64(i+2)] = true
			email = fmt.Sprintf("taken%d@example.com", i)
			if _, err := client.Create(t.Context(), fmt.Appendf(nil, `{"name":"Other","emails":[{"email":"%s"}]}`,
				email)); err != nil {
				t.Fatal(err)
			}
		}
		fmt.Fprintf(&b, "c%d,Anna,%s,1,yes\n", i, email)
	}
	path := prepared(t, dir, "people.csv", b.String(), peopleMapping)
	o.spoil(nil)
	plan := planFor(t, o, path, dir+"/state", "")
	requests, _ := o.requests()
	for _, row := range planRows(t, plan) {
		if conflicts[row.Line] != (row.Act == "conflict") || row.Act == "conflict" &&
			(row.Code != "identity.conflict" || !strings.Contains(row.Detail, "email → ")) {
			t.Errorf("line %d: %s %s %s", row.Line, row.Act, row.Code, row.Detail)
		}
	}
	t.Logf("%d requests to plan %d changed rows with an identity each that is new", requests, n)
	if most := 2*n/20 + 10; requests > most || len(conflicts) == 0 {
		t.Errorf("%d requests for %d rows, at most %d", requests, n, most)
	}
	s, err := apply(t, o, plan, dir+"/state")
	if err != nil || count(s, "rejected") != int64(len(conflicts)) || count(s, "updated") != n-int64(len(conflicts)) {
		t.Errorf("%v, %v", err, s.Statuses)
	}
}

// A plan is of conversations, too: what would change, field by field, and those that the org lacks. Who was changed
// since is left alone.
func TestPlanOfConversations(t *testing.T) {
	m := talks(t, sandboxConfig())
	path := prepared(t, m.dir, "talks.ndjson", described(talk1, "billing")+described(talk2, "shipping")+
		described(talk3, "late")+described(strings.Repeat("0", 24), "x"), "")
	if _, err := m.imports(described(talk3, "late")); err != nil {
		t.Fatal(err)
	}
	plan := planFor(t, m.org, path, m.dir+"/plans", "")
	n := acts(plan)
	if n["update"] != 2 || n["unchanged"] != 1 || n["conflict"] != 1 {
		t.Fatalf("%v", n)
	}
	if f := planRows(t, plan)[0].Fields; len(f) != 1 || f[0].Field != "custom.reasonStr" ||
		string(f[0].After) != `"billing"` {
		t.Errorf("%+v", f)
	}
	if _, err := m.org.connect(t).Client.UpdateConversation(t.Context(), talk2,
		[]byte(`{"custom":{"lateBool":true}}`)); err != nil {
		t.Fatal(err)
	}
	s, err := apply(t, m.org, plan, m.dir+"/plans")
	if err != nil || count(s, "updated") != 1 || count(s, "skipped") != 1 || count(s, "unchanged") != 1 ||
		count(s, "rejected") != 1 {
		t.Fatalf("%v, %v", err, s.Statuses)
	}
	if m.reason(talk1) != `{"reasonStr":"billing"}` || m.reason(talk2) != `{"lateBool":true}` {
		t.Error(m.reason(talk1), m.reason(talk2))
	}
}

// A plan names the companies that would be made, makes none, and applying it makes each once.
func TestPlanOfCompanies(t *testing.T) {
	m := newTeam(t, searchable())
	there := newCompany(t, m.org) // Acme
	if _, err := m.imports("externalId,name\n1,Ana\n2,Bo\n"); err != nil {
		t.Fatal(err)
	}
	path := prepared(t, m.dir, "staff.csv", "externalId,name,company.name\n1,Ana,Acme\n2,Bo,Globex\n3,Cy,globex\n4,Di,\n",
		"")
	plan := planFor(t, m.org, path, m.dir+"/plans", "")
	if n := acts(plan); n["update"] != 2 || n["create"] != 2 {
		t.Fatalf("%v", n)
	}
	rows := planRows(t, plan)
	if f := rows[1].Fields; rows[1].NewCompany != "Globex" || len(f) != 1 || f[0].Field != "company" ||
		string(f[0].After) != `"Globex"` {
		t.Errorf("%+v", rows[1])
	}
	if rows[0].NewCompany != "" || rows[2].NewCompany != "globex" || rows[3].NewCompany != "" {
		t.Errorf("%+v", rows)
	}
	s, err := apply(t, m.org, plan, m.dir+"/plans")
	if err != nil || count(s, "updated") != 2 || count(s, "created") != 2 {
		t.Fatalf("%v, %v, %v", err, s.Statuses, problems(t, s))
	}
	if c := m.company("1"); c == nil || c.ID != there || m.company("2").Name != "Globex" ||
		m.company("2").ID != m.company("3").ID || m.company("4") != nil {
		t.Error("customers are of other companies than planned")
	}
	if all, err := m.org.Companies(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("%d companies, %v", len(all), err)
	}
	rewriteFile(t, path, "3,Cy", "3,Cyd")
	if s, err := apply(t, m.org, plan, m.dir+"/plans"); err == nil {
		t.Errorf("another file is taken: %v", s.Statuses)
	}
}
