package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/plan"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// planAll plans an import of several files and holds the plan to sending nothing.
func planAll(t *testing.T, o *org, files []string, state string, verb deliver.Verb) *report.Summary {
	t.Helper()
	before := o.onlyWrites(t)
	s, err := plan.Run(t.Context(), pipeline.Config{Command: "plan", Files: files, State: state, ReadOnly: o.sight(t),
		Verb: verb})
	if err != nil || s.Plan == nil || !s.Balanced {
		t.Fatalf("no plan: %v", err)
	}
	if n := before(); n != 0 {
		t.Errorf("a plan sent %d requests that were no reading", n)
	}
	return s
}

// A plan of every kind says of each record of a folder that it would be made, though what it belongs to is not there
// yet; applied, it makes each once; and then there is nothing left to do, with a memory and without.
func TestPlanOfEveryKind(t *testing.T) {
	t.Parallel()
	o, dir := newOrg(t, sandbox.Config{Admin: true}), t.TempDir()
	m := writeMigration(t, dir, 120, 1)
	made := planAll(t, o, m.files, dir+"/state", "")
	if n := acts(made); n["create"] != m.rows() || made.ExitCode != exit.OK {
		t.Fatalf("%v of %d rows, exit code %d: %+v", n, m.rows(), made.ExitCode, made.Problems)
	}
	(&migration{}).once(t, o)
	s, err := apply(t, o, made, dir+"/state")
	if err != nil || count(s, "created") != m.rows() || s.ExitCode != exit.OK {
		t.Fatalf("%v %+v %+v", err, s.Statuses, s.Problems)
	}
	m.once(t, o)
	for _, state := range []string{"/state", "/elsewhere"} {
		again := planAll(t, o, m.files, dir+state, "")
		if n := acts(again); n["unchanged"] != m.rows() {
			t.Errorf("%s: %v of %d rows", state, n, m.rows())
		}
		s, err := apply(t, o, again, dir+state)
		if err != nil || count(s, "unchanged") != m.rows() {
			t.Errorf("%s: %v %+v %+v", state, err, s.Statuses, s.Problems)
		}
		m.once(t, o)
	}
}

// kindsOf are the acts of a plan by kind.
func kindsOf(s *report.Summary) map[string]string {
	all := map[string]string{}
	for _, k := range s.Plan.Kinds {
		var parts []string
		for _, a := range k.Acts {
			parts = append(parts, fmt.Sprint(a.Rows, " ", a.Act))
		}
		all[k.Kind] = strings.Join(parts, ", ")
	}
	return all
}

// A plan says which rows are held and why, what would change from what to what, by kind, and what may go off; applied,
// it leaves alone what somebody has changed, made or deleted since, and holds what it said it would.
func TestPlanOfKindsKeepsItsPromise(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.tickets("T-1,Lost,C-1,,,,", "T-2,Broken,C-1,,,,", "T-3,Gone,C-1,,,,", "T-5,Late,C-1,,,,")
	firms := prepared(t, d.dir, "firms.csv", "externalId,name\nA-1,Acme\nA-2,No\n", "version: 1\nkind: company\ncolumns: {}\n")
	staff := prepared(t, d.dir, "staff.csv", "externalId,name,company.externalId\nC-8,Di,A-1\nC-9,Ed,A-2\n", "")
	replies := prepared(t, d.dir, "replies.csv", "externalId,ticket,way,text\nM-1,T-6,in,Hi\nM-2,T-7,in,Hi\nM-3,T-1,in,Hi\n",
		"version: 1\nkind: message\ncolumns: {ticket: conversation.externalId, way: direction, text: preview}\n"+
			"constants: {channel: email}\n")
	talks := prepared(t, d.dir, "tickets.csv", ticketColumns+"T-1,Found,C-1,,,,\nT-2,Mended,C-1,,,,\nT-3,Here,C-1,,,,\n"+
		"T-4,New,C-8,,,,\nT-5,Late,C-1,,,,\nT-6,New,C-9,,,,\nT-8,New,C-77,,,,\nT-9,New,C-1,,nobody@acme.example,,\n",
		ticketMapping)
	files := []string{replies, talks, staff, firms}
	plan := planAll(t, d.org, files, d.dir+"/plans", "")
	for kind, want := range map[string]string{"company": "1 create, 1 invalid", "customer": "1 create, 1 held",
		"conversation": "1 create, 3 update, 1 unchanged, 3 held", "message": "1 create, 2 held"} {
		if got := kindsOf(plan)[kind]; got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
	if plan.ExitCode != exit.Rejects || !strings.Contains(strings.Join(plan.Plan.Effects, "\n"),
		"kustomer-assign-user-on-message-send") {
		t.Errorf("exit code %d, %q", plan.ExitCode, plan.Plan.Effects)
	}
	held := map[string]string{}
	for _, row := range planRows(t, plan) {
		if row.Act == report.ActHeld {
			held[row.Name] = row.Code + " " + row.Detail
		}
		if row.Name == "Found" && (len(row.Fields) != 1 || string(row.Fields[0].Before) != `"Lost"` ||
			string(row.Fields[0].After) != `"Found"`) {
			t.Errorf("%+v", row)
		}
	}
	for name, want := range map[string]string{"Ed": "the company that it names is of this input",
		"M-2": "the org has no conversation of this external id", "M-1": "the conversation that it names is of this input"} {
		if !strings.Contains(held[name], "kustomer.no_parent "+want) {
			t.Errorf("%s: %q of %q", name, held[name], held)
		}
	}
	client := d.connect(t).Client
	for id, change := range map[string]string{"T-1": `{"priority":5}`, "T-5": `{"name":"Later"}`} {
		if _, err := client.UpdateRecord(t.Context(), "PUT", "/v1/conversations", d.talks(id)[0].ID,
			[]byte(change)); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.DeleteRecord(t.Context(), "/v1/conversations", d.talks("T-3")[0].ID); err != nil {
		t.Fatal(err)
	}
	s, err := apply(t, d.org, plan, d.dir+"/plans")
	if err != nil || count(s, "created") != 4 || count(s, "updated") != 1 || count(s, "skipped") != 3 ||
		count(s, "unsent") != 6 || count(s, "invalid") != 1 || s.ExitCode != exit.Rejects {
		t.Fatalf("%v %+v %+v", err, s.Statuses, outcomes(t, s))
	}
	for _, one := range []string{"T-1 Lost", "T-2 Mended", "T-4 New", "T-5 Later"} {
		id, name, _ := strings.Cut(one, " ")
		if found := d.talks(id); len(found) != 1 || found[0].Name != name {
			t.Errorf("%s: %+v", one, found)
		}
	}
	if found := append(d.talks("T-3"), append(d.talks("T-6"), d.talks("T-8")...)...); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}
