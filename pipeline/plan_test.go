package pipeline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/plan"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// planFor makes a plan of importing a file, and holds it to sending nothing.
func planFor(t *testing.T, o *org, path, state string, verb deliver.Verb) *report.Summary {
	t.Helper()
	writes := o.onlyWrites(t)
	s, err := plan.Run(t.Context(), pipeline.Config{Command: "plan", Files: []string{path}, State: state,
		ReadOnly: o.sight(t), Verb: verb})
	if err != nil || s.Plan == nil || !s.Balanced {
		t.Fatalf("no plan: %v", err)
	}
	if n := writes(); n != 0 {
		t.Errorf("a plan sent %d requests that were no reading", n)
	}
	for _, name := range []string{s.Plan.Path, strings.TrimSuffix(s.Plan.Path, "json") + "html"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", name, err)
		}
	}
	return s
}

// apply carries a plan out.
func apply(t *testing.T, o *org, made *report.Summary, state string) (*report.Summary, error) {
	t.Helper()
	_, settings, err := plan.Read(made.Plan.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := settings.Unchanged(); err != nil {
		return nil, err
	}
	config := settings.Config
	config.Command, config.Plan, config.State, config.Org = "apply", made.Plan.Path, state, o.connect(t)
	s, err := pipeline.Run(t.Context(), config)
	if s == nil {
		t.Fatal(err)
	}
	return s, err
}

func acts(s *report.Summary) map[string]int64 {
	n := map[string]int64{}
	for _, a := range s.Plan.Acts {
		n[a.Act] = a.Rows
	}
	return n
}

// rewriteFile changes a file's text.
func rewriteFile(t *testing.T, path, from, to string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), from, to)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestPlanIsWhatHappens: what a plan says of an org is what applying it does, whatever is there already.
func TestPlanIsWhatHappens(t *testing.T) {
	t.Parallel()
	for seed := range seeds() / 8 {
		rng := rand.New(rand.NewPCG(9, seed))
		o := newOrg(t, sandbox.Config{})
		dir := t.TempDir()
		p := writePeople(t, dir, fmt.Sprint("p", seed), 50+rng.IntN(600), rng)
		before := countOf(t, o, p, rng.IntN(p.rows), dir)
		state := dir + []string{"/state", "/before"}[rng.IntN(2)] // with a ledger that knows them, or without
		if rng.IntN(2) == 0 {
			rewriteFile(t, p.path, "Ana ", "Bea ")
		}
		plan := planFor(t, o, p.path, state, "")
		n := acts(plan)
		if n["create"] != p.fit-before || n["create"]+n["update"]+n["unchanged"]+n["conflict"] != p.fit ||
			n["invalid"] != p.wrong || n["duplicate"] != p.doubled {
			t.Errorf("seed %d: %d of %d are there, and the plan is %v", seed, before, p.fit, n)
		}
		s, err := apply(t, o, plan, state)
		if err != nil || count(s, "created") != n["create"] || count(s, "updated") != n["update"] ||
			count(s, "unchanged") != n["unchanged"] ||
			count(s, "rejected") != n["conflict"] || count(s, "invalid") != n["invalid"] ||
			count(s, "duplicate") != n["duplicate"] || count(s, "skipped") != 0 {
			t.Errorf("seed %d: the plan was %v, and it came to %v: %v", seed, n, s.Statuses, err)
		}
		audit(t, o, s, false)
		again := acts(planFor(t, o, p.path, t.TempDir(), ""))
		if again["create"]+again["update"] != 0 {
			t.Errorf("seed %d: once applied there is still to do: %v", seed, again)
		}
		o.close()
		if t.Failed() {
			return
		}
	}
}

// TestPlanNamesFields: which fields change, before and after, is in the file, and names alone are in the report.
func TestPlanNamesFields(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	path := prepared(t, dir, "people.csv", "id,name,email,score,vip\n1,Ana,a@example.com,5,yes\n2,Bo,b@example.com,6,no\n",
		"")
	if err := os.WriteFile(bind.MappingBeside(path), []byte(peopleMapping), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := limited(t, o, path, dir+"/state", "", deliver.Limits{}); err != nil {
		t.Fatal(err)
	}
	rewriteFile(t, path, "1,Ana,a@example.com,5,yes", "1,Anna,new@example.com,7,yes")
	s := planFor(t, o, path, dir+"/state", "")
	rows, err := report.OpenPlan(s.Plan.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	row, err := rows.Next()
	if err != nil || row.Act != "update" || row.Line != 2 {
		t.Fatalf("%+v, %v", row, err)
	}
	var said []string
	for _, f := range row.Fields {
		said = append(said, fmt.Sprintf("%s: %s → %s", f.Field, f.Before, f.After))
	}
	want := `custom.avgSatScoreNum: 5 → 7|emails: [{"email":"a@example.com","verified":false}] → [{"email":"a@example.com","verified":false},{"email":"new@example.com"}]|name: "Ana" → "Anna"`
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("the plan says\n%s\nwant\n%s", got, want)
	}
	if row, err := rows.Next(); err != nil || row.Act != "unchanged" {
		t.Errorf("%+v, %v", row, err)
	}
	text, _ := json.Marshal(s)
	if strings.Contains(string(text), "Anna") || strings.Contains(string(text), "new@") {
		t.Error("the report holds a value")
	}
	page, err := os.ReadFile(strings.TrimSuffix(s.Plan.Path, "json") + "html")
	if err != nil || !strings.Contains(string(page), "<ins>Anna</ins>") {
		t.Errorf("the page does not show the change: %v", err)
	}
}

// TestApplyLeavesAloneWhoChanged: a thousand customers are edited, made or deleted between plan and apply. Every one is
// found, none is overwritten, and all others become what the plan says.
func TestApplyLeavesAloneWhoChanged(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sandbox.Config{Switches: sandbox.Switches{ObjectUpdatesPerMinute: -1}})
	rng := rand.New(rand.NewPCG(9, 9))
	dir, state := t.TempDir(), t.TempDir()
	p := writePeople(t, dir, "a", 2500, rng)
	there := countOf(t, o, p, 2100, dir)
	rewriteFile(t, p.path, "Ana ", "Bea ")
	plan := planFor(t, o, p.path, state, "")
	client := o.connect(t).Client
	touched, gone := map[string]string{}, map[string]bool{}
	all := o.customers(t)
	for key, list := range all {
		if len(touched)+len(gone) == 1000 {
			break
		}
		c := list[0]
		if !strings.Contains(string(c.Attributes), `"name":"Ana `) {
			continue // the plan leaves it as it is
		}
		var err error
		switch rng.IntN(6) {
		case 0:
			_, err = client.Update(t.Context(), c.ID, []byte(`{"name":"Mine"}`))
		case 1:
			_, err = client.Update(t.Context(), c.ID, []byte(`{"custom":{"avgSatScoreNum":-1}}`))
		case 2:
			_, err = client.Update(t.Context(), c.ID, []byte(`{"sharedEmails":[{"email":"mine@example.com"}]}`))
		case 3:
			_, err = client.Update(t.Context(), c.ID, []byte(`{"custom":{"vipBool":null}}`))
		case 4:
			_, err = client.Update(t.Context(), c.ID, []byte(`{"username":"mine-`+key+`"}`))
		case 5:
			err = client.Delete(t.Context(), c.ID)
			gone[key] = true
		}
		if err != nil {
			t.Fatal(err)
		}
		if !gone[key] {
			touched[key] = string(o.read(t, c.ID))
		}
	}
	// Some of those that were to be created come to exist.
	born := 0
	for _, row := range outcomes(t, plan) {
		if row.Detail != "would be created" || born == 60 {
			continue
		}
		if _, err := client.Create(t.Context(), []byte(`{"externalId":"`+row.Key+`","name":"Mine"}`)); err != nil {
			t.Fatal(err)
		}
		touched[row.Key] = ""
		born++
	}
	s, err := apply(t, o, plan, state)
	if err != nil {
		t.Fatal(err)
	}
	audit(t, o, s, false)
	found := map[string]bool{}
	for _, row := range outcomes(t, s) {
		mine, edited := touched[row.Key]
		switch {
		case row.Code == "plan.changed":
			found[row.Key] = true
			if row.Status != "skipped" || !edited && !gone[row.Key] {
				t.Errorf("line %d is %s as changed, and nobody changed it", row.Line, row.Status)
			}
			if edited && mine != "" && string(o.read(t, row.CustomerID)) != mine {
				t.Errorf("line %d: the customer was overwritten", row.Line)
			}
		case (row.Status == "updated" || row.Status == "created") && (edited || gone[row.Key]):
			t.Errorf("line %d is %s though somebody had changed the customer", row.Line, row.Status)
		}
	}
	want := 0
	for key := range touched {
		if !found[key] {
			t.Errorf("%s was changed and is not reported", key)
		}
		want++
	}
	if len(gone)+want < 1000 || there < 1500 || born == 0 || s.ExitCode != exit.Rejects {
		t.Errorf("%d customers were changed, %d gone, %d born; exit %d", want, len(gone), born, s.ExitCode)
	}
}

// read is a customer as the org's database has it, without what moves by itself.
func (o *org) read(t *testing.T, id string) json.RawMessage {
	t.Helper()
	c, err := o.connect(t).Client.Customer(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(c.Attributes)
	return text
}

// TestApplyRefusesAnotherFile: a plan is of one file and one mapping.
func TestApplyRefusesAnotherFile(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	p := writePeople(t, dir, "x", 50, rand.New(rand.NewPCG(9, 3)))
	plan := planFor(t, o, p.path, dir+"/state", "")
	rewriteFile(t, p.path, "Ana ", "Eve ")
	if _, err := apply(t, o, plan, dir+"/state"); !errors.Is(err, bind.ErrInputChanged) {
		t.Errorf("another file is taken: %v", err)
	}
	rewriteFile(t, p.path, "Eve ", "Ana ")
	other := newOrg(t, sandbox.Config{})
	if s, err := apply(t, other, plan, dir+"/state"); !errors.Is(err, outcome.ErrOtherOrg) || count(s, "created") != 0 {
		t.Errorf("another org is taken: %v", err)
	}
	if s, err := apply(t, o, plan, filepath.Join(dir, "state")); err != nil || count(s, "created") != p.fit {
		t.Errorf("put back it is refused: %v", err)
	}
}
