package pipeline_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
	"muster/pipeline/undo"
)

// undo takes a run of a state directory back.
func undoRun(t testing.TB, o *org, state, run string) (*report.Undo, error) {
	t.Helper()
	connected := o.connect(t)
	return undo.Run(t.Context(), undo.Config{State: state, Run: run, ReadOnly: connected.ReadOnly()}, connected.Client,
		func(*report.Undo) error { return nil })
}

const undoMapping = `version: 1
kind: customer
keys: [externalId, email]
columns:
  id: externalId
  name: name
  email: emails
  phone: phones
  score: custom.avgSatScoreNum
  vip: custom.vipBool
  tag: tags
  birthday: birthdayAt
`

// takeBackOrg is an org with customers of its own, and a file that meets some of them.
type takeBackOrg struct {
	*org
	t      testing.TB
	rng    *rand.Rand
	client *kustomer.Client
	path   string
	state  string
}

func newTakeBackOrg(t testing.TB, seed uint64, w sandbox.Switches) *takeBackOrg {
	dir := t.TempDir()
	o := &takeBackOrg{org: newOrg(t, sandbox.Config{Switches: w}), t: t, rng: rand.New(rand.NewPCG(seed, 0xb)),
		path: filepath.Join(dir, "people.csv"), state: filepath.Join(dir, "state")}
	o.client = o.connect(t).Client
	return o
}

// some is a JSON object of a few of these members.
func (o *takeBackOrg) some(members ...string) string {
	var kept []string
	for _, m := range members {
		if o.rng.IntN(2) == 0 {
			kept = append(kept, m)
		}
	}
	return "{" + strings.Join(kept, ",") + "}"
}

// populate makes n customers of other people, some linked to a company.
func (o *takeBackOrg) populate(n int) {
	company, err := o.client.CreateCompany(o.t.Context(), []byte(`{"name":"Acme"}`))
	if err != nil {
		o.t.Fatal(err)
	}
	for i := range n {
		text := o.some(`"name":"Old name"`, `"company":"`+company.ID+`"`, `"username":"u`+fmt.Sprint(i)+`"`, `"tags":["old"]`,
			`"custom":`+o.some(`"avgSatScoreNum":-1`, `"vipBool":false`), `"birthdayAt":"1970-01-01T00:00:00.000Z"`,
			fmt.Sprintf(`"phones":[{"phone":"+3161000%04d","type":"home"}]`, i), fmt.Sprintf(`"externalId":"p-%d"`, i))
		address := fmt.Sprintf(`"emails":[{"email":"P%d@example.com","type":"work"},{"email":"second%d@example.com"}]`, i, i)
		text = strings.TrimSuffix(text, "}") + map[bool]string{true: "", false: ","}[text == "{}"] + address + "}"
		if _, err := o.client.Create(o.t.Context(), []byte(text)); err != nil {
			o.t.Fatal(err)
		}
	}
}

// write writes a file of rows p-0 … p-n.
func (o *takeBackOrg) write(n int) {
	var b strings.Builder
	b.WriteString("id,name,email,phone,score,vip,tag,birthday\n")
	for i := range n {
		maybe := func(s string) string {
			if o.rng.IntN(4) == 0 {
				return ""
			}
			return s
		}
		fmt.Fprintf(&b, "p-%d,%s,p%d@example.com,%s,%s,%s,%s,%s\n", i, maybe(fmt.Sprintf("New %d", i)), i,
			maybe(fmt.Sprintf("+3162000%04d", i)),
			maybe(fmt.Sprint(i)), maybe("yes"), maybe("new"), maybe("1980-02-29"))
	}
	for path, text := range map[string]string{o.path: b.String(), bind.MappingBeside(o.path): undoMapping} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			o.t.Fatal(err)
		}
	}
}

func (o *takeBackOrg) imports() *report.Summary {
	s, err := pipeline.Run(o.t.Context(), pipeline.Config{Command: "import", Files: []string{o.path}, State: o.state,
		Org: o.connect(o.t)})
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

// all are the customers of the org by id, without what every write moves.
func (o *takeBackOrg) all() map[string]map[string]any {
	list, err := o.Dump(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	by := map[string]map[string]any{}
	for _, c := range list {
		var a map[string]any
		if err := json.Unmarshal(c.Attributes, &a); err != nil {
			o.t.Fatal(err)
		}
		for _, moved := range []string{"rev", "lastActivityAt", "updatedAt", "modifiedAt", "recentLocation"} {
			delete(a, moved)
		}
		if custom, _ := a["custom"].(map[string]any); len(custom) == 0 {
			delete(a, "custom") // what has held attributes once may be empty and cannot be nothing again
		}
		by[c.ID] = a
	}
	return by
}

// edit is what a person does to a customer now and then; "" nothing.
func (o *takeBackOrg) edit(id string) string {
	edits := []string{`{"name":"Somebody else"}`, `{"username":"edited-` + id + `"}`, `{"custom":{"avgSatScoreNum":99.5}}`,
		`{"tags":["other","more"]}`,
		`{"birthdayAt":null,"gender":"f"}`, `{"phones":[]}`, `{"emails":[{"email":"x` + id + `@example.com"}]}`,
		`{"urls":[{"url":"https://example.com"}]}`}
	n := o.rng.IntN(3 * len(edits))
	switch {
	case n < len(edits):
		c, err := o.client.Customer(o.t.Context(), id)
		if err != nil {
			o.t.Fatal(err)
		}
		text := edits[n]
		if c.Company != "" {
			text = strings.TrimSuffix(text, "}") + `,"company":"` + c.Company + `"}`
		}
		if _, err := o.client.Update(o.t.Context(), id, []byte(text)); err != nil {
			o.t.Fatal(err)
		}
		return text
	case n == len(edits):
		if err := o.client.Delete(o.t.Context(), id); err != nil {
			o.t.Fatal(err)
		}
		return "deleted"
	default:
		return ""
	}
}

// TestUndoIsAsIfItHadNotBeen: an import over a random org, random edits of people, and the import taken back: who was
// edited is untouched, everybody else is field by field as before, or gone. In orgs of many kinds.
func TestUndoIsAsIfItHadNotBeen(t *testing.T) {
	t.Parallel()
	kinds := []sandbox.Switches{{}, {TagNamesOnRead: true}, {CompanyKept: true}, {CustomReplaced: true},
		{DeleteReserves: true, TagNamesOnRead: true},
		{SchemaErrorsPerItem: true, BatchesShape: "bare"}, {IdentitiesExact: true, TagNamesOnRead: true},
		{BulkUpdateFull: true, CreatedAtIgnored: true}}
	seeds := 16
	if testing.Short() || raceEnabled {
		seeds = 8
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			o := newTakeBackOrg(t, uint64(seed), kinds[seed%len(kinds)])
			o.populate(40)
			o.write(80 + o.rng.IntN(80))
			before := o.all()
			s := o.imports()
			imported := o.all()
			want, edits := map[string]map[string]any{}, map[string]string{}
			kept, touched := int64(0), int64(0)
			for _, row := range outcomes(t, s) {
				if row.Status != "created" && row.Status != "updated" {
					continue
				}
				touched++
				edits[row.CustomerID] = o.edit(row.CustomerID)
			}
			edited := o.all()
			for id := range edits {
				switch {
				case edited[id] == nil:
				case reflect.DeepEqual(edited[id], imported[id]):
					edits[id] = "" // nothing was changed by it
				default:
					kept++
				}
			}
			for id, a := range before {
				want[id] = a
			}
			for id, what := range edits {
				if a := edited[id]; what != "" && a != nil {
					want[id] = a
				} else if a == nil {
					delete(want, id)
				}
			}
			u, err := undoRun(t, o.org, o.state, s.Run)
			if err != nil {
				t.Fatal(err)
			}
			if !u.Balanced || u.Customers != touched || u.Kept != kept || u.Failed+u.Unknown+u.Left != 0 ||
				u.ExitCode != exit.Rejects {
				t.Errorf("%d customers, %d edited: %+v", touched, kept, u)
			}
			sameOrg(t, o.all(), want, edits)
			again, err := undoRun(t, o.org, o.state, s.Run)
			if err != nil || again.Deleted+again.Restored != u.Deleted+u.Restored || again.Kept != kept {
				t.Errorf("taken back twice: %+v, %v", again, err)
			}
			sameOrg(t, o.all(), want, edits)
		})
	}
}

func sameOrg(t testing.TB, got, want map[string]map[string]any, edits map[string]string) {
	t.Helper()
	for id, w := range want {
		for field := range union(w, got[id]) {
			if !reflect.DeepEqual(got[id][field], w[field]) {
				t.Errorf("%s (%q) has %s %v, want %v", id, edits[id], field, got[id][field], w[field])
			}
		}
	}
	for id := range got {
		if want[id] == nil {
			t.Errorf("%s (%q) is there still", id, edits[id])
		}
	}
}

func union(a, b map[string]any) map[string]bool {
	all := map[string]bool{}
	for name := range a {
		all[name] = true
	}
	for name := range b {
		all[name] = true
	}
	return all
}

// TestUndoneIsNotLanded: after an undo the same import makes everybody again; while one who was kept is known. Lines of
// undo.csv say who is where and why, and nobody else can read it.
func TestUndoneIsNotLanded(t *testing.T) {
	o := newTakeBackOrg(t, 1, sandbox.Switches{TagNamesOnRead: true})
	o.write(150)
	s := o.imports()
	rows := outcomes(t, s)
	if _, err := o.client.Update(t.Context(), rows[7].CustomerID, []byte(`{"name":"Edited"}`)); err != nil {
		t.Fatal(err)
	}
	u, err := undoRun(t, o.org, o.state, s.Run)
	if err != nil || u.Deleted != 149 || u.Kept != 1 || len(u.Reasons) != 1 ||
		u.Reasons[0].Samples[0].Line != rows[7].Line {
		t.Fatalf("%+v, %v", u, err)
	}
	lines := undoLines(t, u)
	if got := lines[8]; got[4] != rows[7].CustomerID || got[5] != "kept" || got[6] != "edited since" ||
		!strings.Contains(got[7], "name") {
		t.Errorf("the line of who was edited: %q", got)
	}
	if answer, _ := json.Marshal(u); strings.Contains(string(answer), "Edited") {
		t.Error("the answer holds a value")
	}
	again := o.imports()
	if count(again, "created") != 149 || count(again, "unchanged") != 1 || again.Run == s.Run {
		t.Errorf("imported again: %d created, %d unchanged", count(again, "created"), count(again, "unchanged"))
	}
	audit(t, o.org, again, false)
}

// undoLines are the lines of undo.csv.
func undoLines(t testing.TB, u *report.Undo) [][]string {
	t.Helper()
	info, err := os.Stat(u.Files[0].Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	text, err := os.ReadFile(u.Files[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestUndoOfRunsInTheirOrder: the older of two runs cannot be taken back under the newer, which is named; once the
// newer is taken back it can.
func TestUndoOfRunsInTheirOrder(t *testing.T) {
	o := newTakeBackOrg(t, 2, sandbox.Switches{TagNamesOnRead: true})
	o.write(60)
	first := o.imports()
	was := o.all()
	o.path = filepath.Join(filepath.Dir(o.path), "newer.csv")
	o.write(60)
	second := o.imports()
	changed := count(second, "updated")
	u, err := undoRun(t, o.org, o.state, first.Run)
	if err != nil || changed == 0 || u.Kept != changed || u.Deleted != 60-changed {
		t.Fatalf("%d changed again: %+v, %v", changed, u, err)
	}
	if !strings.Contains(strings.Join(undoLines(t, u)[1], " ")+fmt.Sprint(undoLines(t, u)), second.Run) {
		t.Error("the later run is not named")
	}
	if u, err = undoRun(t, o.org, o.state, second.Run); err != nil || u.Restored != changed || u.ExitCode != 0 {
		t.Fatalf("%+v, %v", u, err)
	}
	for id, a := range o.all() {
		if !reflect.DeepEqual(a, was[id]) {
			t.Errorf("%s is %v, was %v", id, a, was[id])
		}
	}
	if u, err = undoRun(t, o.org, o.state, first.Run); err != nil || u.Deleted != 60 || u.ExitCode != 0 ||
		len(o.all()) != 0 {
		t.Errorf("%+v, %v; %d are left", u.Reasons, err, len(o.all()))
	}
}

// TestUndoWithoutTheFile: who was not touched since is known by the revision; who was is left alone.
func TestUndoWithoutTheFile(t *testing.T) {
	o := newTakeBackOrg(t, 3, sandbox.Switches{})
	o.populate(10)
	before := o.all()
	o.write(40)
	s := o.imports()
	rows := outcomes(t, s)
	if _, err := o.client.Update(t.Context(), rows[39].CustomerID, []byte(`{"name":"Edited"}`)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(o.path); err != nil {
		t.Fatal(err)
	}
	u, err := undoRun(t, o.org, o.state, s.Run)
	if err != nil || u.Kept != 1 || u.Failed+u.Unknown+u.Left != 0 || !u.Balanced {
		t.Fatalf("%+v, %v", u, err)
	}
	now := o.all()
	before[rows[39].CustomerID] = now[rows[39].CustomerID]
	sameOrg(t, now, before, nil)
}

// TestUndoWhatWasInterrupted: an import that ended in the middle is taken back, whatever became of its last requests,
// and is not taken up again.
func TestUndoWhatWasInterrupted(t *testing.T) {
	o := newTakeBackOrg(t, 4, sandbox.Switches{})
	o.populate(60)
	before := o.all()
	o.write(600)
	ctx, cancel := context.WithCancel(t.Context())
	var seen atomic.Int32
	connected := o.reach(t, kustomer.Config{Sleep: func(context.Context, time.Duration) error { return nil }})
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/bulk") || r.Method == http.MethodPut {
			if seen.Add(1) >= 2 {
				cancel()
				o.Handler().ServeHTTP(discard{w.Header()}, r) // it is done, and nobody hears of it
				w.WriteHeader(http.StatusBadGateway)
				return true
			}
		}
		if ctx.Err() != nil {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		return false
	})
	s, _ := pipeline.Run(ctx, pipeline.Config{Command: "import", Files: []string{o.path}, State: o.state, Org: connected,
		Uploads: 2, Sleep: func(context.Context, time.Duration) error { return nil }, JobPatience: time.Nanosecond})
	o.spoil(nil)
	if s == nil || count(s, "unknown") == 0 {
		t.Fatalf("nothing is in doubt: %+v", s)
	}
	u, err := undoRun(t, o.org, o.state, s.Run)
	if err != nil || u.Kept+u.Failed+u.Unknown+u.Left != 0 || !u.Balanced || u.Deleted == 0 {
		t.Fatalf("%v: %+v", err, u)
	}
	sameOrg(t, o.all(), before, nil)
	if again := o.imports(); again.Run == s.Run {
		t.Error("the run that was taken back goes on")
	}
}

// discard is an answer that nobody reads.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return http.Header{} }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// TestUndoOfAnOrgThatDoesNotGiveBack: an org that unites lists takes a restoration and keeps the entries: they are said
// to have failed, for it is read.
func TestUndoOfAnOrgThatDoesNotGiveBack(t *testing.T) {
	o := newTakeBackOrg(t, 5, sandbox.Switches{ArraysUnited: true})
	o.populate(20)
	o.write(20)
	s := o.imports()
	u, err := undoRun(t, o.org, o.state, s.Run)
	if err != nil || u.Failed == 0 || u.Unknown != 0 || u.ExitCode != exit.Rejects {
		t.Errorf("%+v, %v", u, err)
	}
}

// TestUndoNamesTheRoleFirst: a key that may not delete is told before anything is done.
func TestUndoNamesTheRoleFirst(t *testing.T) {
	var roles []string
	for _, role := range sandbox.Roles() {
		if role != undo.RoleDelete {
			roles = append(roles, role)
		}
	}
	o := &takeBackOrg{org: newOrg(t, sandbox.Config{Keys: map[string][]string{"key": roles}}), t: t,
		rng:  rand.New(rand.NewPCG(1, 1)),
		path: filepath.Join(t.TempDir(), "people.csv"), state: t.TempDir()}
	o.write(5)
	s := o.imports()
	writes := o.onlyWrites(t)
	u, err := undoRun(t, o.org, o.state, s.Run)
	if u != nil || kustomer.VerdictOf(err) != kustomer.Forbidden || !strings.Contains(err.Error(), undo.RoleDelete) ||
		writes() != 0 {
		t.Errorf("%+v, %v, %d writes", u, err, writes())
	}
	if p, err := undo.Plan(t.Context(), undo.Config{State: o.state, Run: s.Run, ReadOnly: o.sight(t)}); err != nil ||
		p.ExitCode != exit.Permission || len(p.Lacks) != 1 || p.Deleted != 5 || writes() != 0 {
		t.Errorf("the plan: %+v, %v", p, err)
	} else {
		var text strings.Builder
		if err := report.UndoText(&text, p, 120, false); err != nil ||
			!strings.Contains(text.String(), kustomer.InWords(undo.RoleDelete)) {
			t.Errorf("%v\n%s", err, text.String())
		}
	}
}

// TestLaw4AnUndosPlanCannotWrite: what plans an undo has no way to a client that writes, and leaves org and ledger as
// they are.
func TestLaw4AnUndosPlanCannotWrite(t *testing.T) {
	writing := reflect.TypeFor[kustomer.Client]()
	for _, holder := range []reflect.Type{reflect.TypeFor[undo.Planner](), reflect.TypeFor[undo.Config]()} {
		if path := reaches(holder, writing, map[reflect.Type]bool{}); path != "" {
			t.Errorf("%s holds who can write: %s", holder, path)
		}
	}
	o := newTakeBackOrg(t, 6, sandbox.Switches{})
	o.populate(5)
	o.write(20)
	s := o.imports()
	was, writes := o.all(), o.onlyWrites(t)
	u, err := undo.Plan(t.Context(), undo.Config{State: o.state, Run: s.Run, ReadOnly: o.sight(t)})
	if err != nil || !u.Planned || u.Deleted+u.Restored != 20 || u.ExitCode != 0 || writes() != 0 ||
		!reflect.DeepEqual(was, o.all()) {
		t.Errorf("%+v, %v, %d writes", u, err, writes())
	}
	if newest(t, o.state) != s.Run {
		t.Error("a plan is a run of the ledger")
	}
	if _, err := undoRun(t, o.org, o.state, "none"); !errors.Is(err, ledger.ErrNoRun) {
		t.Errorf("a run that is not there: %v", err)
	}
}

// TestLaw3AnIntentBeforeAnUndo: at the moment a deletion or a restoration arrives the ledger has its intent, and counts
// nothing of the customer as landed.
func TestLaw3AnIntentBeforeAnUndo(t *testing.T) {
	o := newTakeBackOrg(t, 7, sandbox.Switches{})
	o.populate(30)
	o.write(60)
	s := o.imports()
	ordinals := map[string]int64{}
	for i, row := range outcomes(t, s) {
		ordinals[row.CustomerID] = int64(i)
	}
	seen := 0
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodDelete && r.Method != http.MethodPut && r.Method != http.MethodPatch {
			return false
		}
		seen++
		v, err := ledger.OpenReadOnly(o.state)
		if err != nil {
			t.Error(err)
			return false
		}
		defer v.Close()
		runs, err := v.Runs()
		if err != nil || runs[0].Command != "undo" {
			t.Errorf("%+v, %v", runs[0], err)
			return false
		}
		ids := []string{strings.TrimPrefix(r.URL.Path, "/v1/customers/")}
		if r.Method == http.MethodPut {
			ids = nil
			for _, item := range bodyOf(t, r) {
				ids = append(ids, strings.Trim(string(item["id"]), `"`))
			}
		}
		for _, id := range ids {
			traces, err := v.TraceRow(runs[0].ID, ordinals[id])
			if err != nil || len(traces) != 1 || len(traces[0].Requests) != 1 ||
				traces[0].Requests[0].State != ledger.RequestIntended {
				t.Errorf("customer %s: %+v, %v", id, traces, err)
			}
		}
		return false
	})
	if u, err := undoRun(t, o.org, o.state, s.Run); err != nil || u.ExitCode != 0 {
		t.Errorf("%+v, %v", u, err)
	}
	if seen == 0 {
		t.Error("nothing was written")
	}
}

// undoAsChild is the process of an undo that may be killed: it writes its answer to standard output.
func undoAsChild(run string) {
	ctx := context.Background()
	client, err := kustomer.New(kustomer.Config{URL: os.Getenv("MUSTER_TEST_URL"), Key: os.Getenv("MUSTER_TEST_KEY"),
		Share: 1})
	if err == nil {
		var u *report.Undo
		u, err = undo.Run(ctx, undo.Config{State: os.Getenv("MUSTER_TEST_STATE"), Run: run,
			ReadOnly: &pipeline.ReadOnlyOrg{Viewer: client.Viewer, Token: kustomer.Token{OrgID: os.Getenv("MUSTER_TEST_ORG")},
				Name: "test"}}, client, func(*report.Undo) error { return nil })
		if u != nil {
			json.NewEncoder(os.Stdout).Encode(u)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exit.Code(err))
	}
}

// TestUndoKilledAtAnyMoment kills an undo with SIGKILL at random moments of its work and begins it again each time,
// until it ends: the org is as before the import, and its books say so.
func TestUndoKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	kills := 12
	if testing.Short() || raceEnabled {
		kills = 4
	}
	o := newTakeBackOrg(t, 8, sandbox.Switches{TagNamesOnRead: true})
	o.populate(150)
	before := o.all()
	o.write(500)
	s := o.imports()
	killed, runs := 0, map[string]bool{}
	for {
		ctx, cancel := context.WithCancel(t.Context())
		left := atomic.Int64{} // writes until it is killed, at a moment near one of them
		left.Store(int64(1 + o.rng.IntN(50)))
		o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
			if killed < kills && r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "/search") && left.Add(-1) == 0 {
				time.AfterFunc(time.Duration(rand.Int64N(4000))*time.Microsecond, cancel)
			}
			return false
		})
		cmd := exec.CommandContext(ctx, os.Args[0]) // its Cancel is SIGKILL
		cmd.Env = append(os.Environ(), "MUSTER_TEST_UNDO="+s.Run, "MUSTER_TEST_URL="+o.front.URL, "MUSTER_TEST_KEY="+o.Key(),
			"MUSTER_TEST_STATE="+o.state,
			"MUSTER_TEST_ORG="+o.connect(t).Token.OrgID)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		dead := ctx.Err() != nil
		cancel()
		if run := newest(t, o.state); run != s.Run {
			runs[run] = true
		}
		if dead {
			killed++
			continue
		}
		u := &report.Undo{}
		if err != nil || json.Unmarshal(out, u) != nil {
			t.Fatalf("the undo failed: %v", err)
		}
		if !u.Balanced || u.Customers != 500 || u.Deleted+u.Restored != 500 || u.ExitCode != 0 {
			t.Errorf("killed %d times: %+v", killed, u)
		}
		if len(undoLines(t, u)) != 501 {
			t.Errorf("%d lines for 500 customers", len(undoLines(t, u))-1)
		}
		break
	}
	if killed == 0 {
		t.Fatal("no attempt was killed: the test proves nothing")
	}
	if len(runs) != 1 {
		t.Errorf("%d undos, each kill made another", len(runs))
	}
	t.Logf("killed %d times", killed)
	sameOrg(t, o.all(), before, nil)
}

// TestReservedIdentitiesAreNamed: where an org keeps the identities of deleted customers, an import after an undo is
// refused and says what may be behind it.
func TestReservedIdentitiesAreNamed(t *testing.T) {
	o := newTakeBackOrg(t, 9, sandbox.Switches{DeleteReserves: true})
	o.write(10)
	s := o.imports()
	if u, err := undoRun(t, o.org, o.state, s.Run); err != nil || u.Deleted != 10 {
		t.Fatalf("%+v, %v", u, err)
	}
	again := o.imports()
	if count(again, "rejected") != 10 {
		t.Errorf("%d of 10 are rejected", count(again, "rejected"))
	}
	if row := outcomes(t, again)[0]; row.Code != "kustomer.duplicate" || !strings.Contains(row.Detail, "deleted") {
		t.Errorf("%s: %s", row.Code, row.Detail)
	}
}

// TestUndoneTwice: who was taken back is not asked for again, nor taken back a second time if somebody brought the
// customer back meanwhile; who was kept is looked at once more.
func TestUndoneTwice(t *testing.T) {
	o := newTakeBackOrg(t, 2, sandbox.Switches{TagNamesOnRead: true})
	o.write(450)
	s := o.imports()
	rows := outcomes(t, s)
	kept := rows[7]
	if _, err := o.client.Update(t.Context(), kept.CustomerID, []byte(`{"name":"Edited"}`)); err != nil {
		t.Fatal(err)
	}
	if u, err := undoRun(t, o.org, o.state, s.Run); err != nil || u.Deleted != 449 || u.Kept != 1 {
		t.Fatalf("%+v, %v", u, err)
	}
	back, err := o.client.Create(t.Context(), fmt.Appendf(nil, `{"externalId":"%s"}`, rows[9].Key))
	if err != nil {
		t.Fatal(err)
	}
	o.spoil(nil)
	u, err := undoRun(t, o.org, o.state, s.Run)
	if err != nil || u.Deleted != 449 || u.Kept != 1 || !u.Balanced || u.Reasons[0].Reason != "taken back before" ||
		u.Reasons[0].Count != 449 {
		t.Fatalf("%+v, %v", u, err)
	}
	if seen, _ := o.requests(); seen > 10 { // the connection's three, and who was kept twice
		t.Errorf("%d requests for an undo of what was taken back before", seen)
	}
	if _, err := o.client.Customer(t.Context(), back.ID); err != nil {
		t.Errorf("who was brought back is gone: %v", err)
	}
}

// TestUndoReadsAgainBeforeItIsLate: a deletion carries no revision, so what was read of a customer may not be old when
// the customer is deleted. Who is edited while others of the batch are deleted slowly is seen, and kept.
func TestUndoReadsAgainBeforeItIsLate(t *testing.T) {
	o := newTakeBackOrg(t, 3, sandbox.Switches{TagNamesOnRead: true})
	o.write(90)
	s := o.imports()
	rows := outcomes(t, s)
	last := rows[len(rows)-1].CustomerID
	var late atomic.Int64
	deletions := 0
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodDelete {
			late.Add(int64(time.Second))
			if deletions++; deletions == 15 {
				if _, err := o.client.Update(context.Background(), last, []byte(`{"name":"Edited"}`)); err != nil {
					t.Error(err)
				}
			}
		}
		return false
	})
	connected := o.connect(t)
	u, err := undo.Run(t.Context(), undo.Config{State: o.state, Run: s.Run, ReadOnly: connected.ReadOnly(),
		Now: func() time.Time { return time.Now().Add(time.Duration(late.Load())) }}, connected.Client,
		func(*report.Undo) error { return nil })
	if err != nil || u.Deleted != 89 || u.Kept != 1 || !u.Balanced {
		t.Fatalf("%+v, %v", u, err)
	}
	if c, err := o.client.Customer(t.Context(), last); err != nil || string(c.Attributes["name"]) != `"Edited"` {
		t.Errorf("who was edited is gone: %v", err)
	}
}
