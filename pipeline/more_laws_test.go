package pipeline_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/ledger"
	"muster/pipeline/sandbox"
)

// TestLaw3IntentBeforeAct looks into the ledger at the very moment each writing request arrives: its
// batch, with every row the request carries, is committed there already.
func TestLaw3IntentBeforeAct(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	p := writePeople(t, dir, "intent", 700, rand.New(rand.NewPCG(3, 3)))
	connected := o.connect(t)
	var mu sync.Mutex
	writes := 0
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			return false
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var sent []struct {
			Ref string `json:"_clientRef"`
		}
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Error("a request is not an array: ", err)
		}
		mu.Lock()
		defer mu.Unlock()
		writes++
		db, err := sql.Open("sqlite", "file:"+dir+"/state/ledger.db?mode=ro")
		if err != nil {
			t.Error(err)
			return false
		}
		defer db.Close()
		var intents, rows int
		var first int64
		fmt.Sscanf(sent[0].Ref, "row-%d", &first)
		if err := db.QueryRow("SELECT count(*) FROM requests").Scan(&intents); err != nil {
			t.Error(err)
		}
		if err := db.QueryRow("SELECT count(*) FROM batches WHERE first <= ? AND last >= ?", first,
			first).Scan(&rows); err != nil {
			t.Error(err)
		}
		if intents < writes || rows == 0 {
			t.Errorf("request %d arrived with %d intents in the ledger, its first row in %d batches", writes, intents, rows)
		}
		return false
	})
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: dir + "/state",
		Org: connected})
	if err != nil {
		t.Fatal(err)
	}
	if writes < 6 {
		t.Fatalf("only %d writing requests were seen: the test proves nothing", writes)
	}
	audit(t, o, s, false)
}

// TestLaw4ACheckOpensNoConnection: a check knows no org to talk to, whatever its files say. That
// reading needs no writing method is held in package kustomer.
func TestLaw4ACheckOpensNoConnection(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	o.spoil(nil)
	t.Setenv("KUSTOMER_URL", o.front.URL)
	t.Setenv("HTTP_PROXY", o.front.URL)
	t.Setenv("HTTPS_PROXY", o.front.URL)
	dir := t.TempDir()
	p := writePeople(t, dir, "dry", 300, rand.New(rand.NewPCG(4, 4)))
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{p.path}, State: dir + "/state"})
	if err != nil {
		t.Fatal(err)
	}
	if all, _ := o.requests(); all != 0 || s.Requests != 0 {
		t.Errorf("a check made %d requests", all)
	}
	if _, err := os.Stat(dir + "/state/ledger.db"); !errors.Is(err, os.ErrNotExist) {
		t.Error("a check wrote into the ledger")
	}
}

// canary is a word that no cell's fate may carry out of the files the user asked for.
const canary = "zanzibarcanary"

// TestLaw5PeopleStayOutOfLogs: every cell of the input, also the wrong ones, and the org's own error
// texts hold a canary; it is looked for in everything that is printed or logged, and in report.json.
func TestLaw5PeopleStayOutOfLogs(t *testing.T) {
	o := newOrg(t, sandbox.Config{Switches: sandbox.Switches{ErrorsEchoValues: true, SchemaErrorsPerItem: true}})
	dir := t.TempDir()
	path := filepath.Join(dir, "people.csv")
	c := canary
	lines := []string{
		"id,name,email,score,vip",
		c + "1,Ana " + c + "," + c + "1@example.com,5,yes",
		c + "2,Ana " + c + ",not an address " + c + ",5,yes",
		c + "3,Ana " + c + "," + c + "3@example.com," + c + ",yes",
		c + "4,Ana " + c + "," + c + "4@example.com,5," + c,
		c + "5,\"Ana " + c + "\" " + c + "," + c + "5@example.com,5,yes",
		c + "6,Ana " + c + "," + c + "1@example.com,5,yes",
		c + "7," + strings.Repeat(c, 40) + "," + c + "7@example.com,5,yes",
		c + "8,Ana",
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bind.MappingBeside(path), []byte(peopleMapping), 0o600); err != nil {
		t.Fatal(err)
	}
	printed := &said{}
	connected := o.connect(t)
	for range 2 { // the second time the org refuses what it has
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, Verb: deliver.Create,
			State: dir + "/state", Org: connected, Progress: printed})
		if s == nil {
			t.Fatal(err)
		}
		printed.Say(fmt.Sprint(err))
		raw, _ := json.Marshal(s)
		printed.Say(string(raw))
		for _, f := range s.Files {
			if info, err := os.Stat(f.Path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s may be read by others", f.Path)
			}
		}
		os.RemoveAll(dir + "/state/ledger.db")
	}
	for _, line := range printed.lines {
		if strings.Contains(strings.ToLower(line), canary) {
			t.Errorf("a cell's value was printed: %s", strings.ReplaceAll(line, canary, "█"))
		}
		if strings.Contains(line, o.Key()) {
			t.Error("the key was printed")
		}
	}
}

// said keeps what a run says.
type said struct {
	mu    sync.Mutex
	lines []string
}

func (s *said) Phase(string, int64) {}
func (s *said) Step(int64)          {}
func (s *said) Done()               {}
func (s *said) Say(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

// TestLaw6MemoryIsBounded: rows longer than allowed, far too many columns and a file of errors cost
// rows, not memory. The peak over inputs of growing size is measured by the benchmark in the README.
func TestLaw6MemoryIsBounded(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "huge.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, "id,name,email,score,vip\n")
	long := strings.Repeat("x", 1<<20)
	fmt.Fprint(f, "1,")
	for range 64 {
		fmt.Fprint(f, long)
	}
	fmt.Fprint(f, ",a@example.com,1,yes\n2,Bo,b@example.com,1,yes\n3", strings.Repeat(",", 1<<20),
		"\n4,Cy,c@example.com,1,yes\n")
	f.Close()
	if err := os.WriteFile(bind.MappingBeside(path), []byte(peopleMapping), 0o600); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{path}, State: dir + "/state"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Rows != 4 || count(s, "invalid") != 2 || count(s, "unsent") != 2 {
		t.Errorf("rows %d, invalid %d, unsent %d; want 4, 2, 2", s.Rows, count(s, "invalid"), count(s, "unsent"))
	}
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	// The row alone has 64 MiB; a run's own buffers are below 40.
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 48<<20 {
		t.Errorf("the heap grew by %d MiB for a row that may not be longer than 1", grown>>20)
	}
	if len(s.Problems) == 0 || s.Problems[0].Code != "row.too_long" {
		t.Errorf("the long row is not said to be too long: %+v", s.Problems)
	}
}

// TestLaw8UnsentIsTrue: a row is unsent only when no request for it was begun, and a begun request is
// left to finish although the run is cancelled while it is under way.
func TestLaw8UnsentIsTrue(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	p := writePeople(t, dir, "cut", 900, rand.New(rand.NewPCG(8, 8)))
	connected := o.connect(t)
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	begun := map[string]bool{}
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		var sent []struct{ ExternalID string }
		json.Unmarshal(body, &sent)
		mu.Lock()
		for _, c := range sent {
			begun[c.ExternalID] = true
		}
		enough := len(begun) > 150
		mu.Unlock()
		if enough {
			cancel()
		}
		time.Sleep(50 * time.Millisecond) // the cancel comes while the request is under way
		return false
	})
	s, _ := pipeline.Run(ctx, pipeline.Config{Command: "import", Files: []string{p.path}, State: dir + "/state",
		Org: connected, Uploads: 2})
	o.spoil(nil)
	audit(t, o, s, false)
	if s.ExitCode != exit.Interrupted {
		t.Errorf("exit code %d, want %d", s.ExitCode, exit.Interrupted)
	}
	for _, row := range outcomes(t, s) {
		if row.Status == "unsent" && begun[row.Key] {
			t.Errorf("line %d is unsent, and a request for it was begun", row.Line)
		}
		if begun[row.Key] && row.Status != "created" && row.Status != "duplicate" {
			t.Errorf("line %d was sent and is %s: a begun request is left to finish", row.Line, row.Status)
		}
	}
}

// TestLaw9ARowsFailureIsData: whatever is wrong with rows, the run ends without an error and the
// other rows land.
func TestLaw9ARowsFailureIsData(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	p := writePeople(t, dir, "data", 600, rand.New(rand.NewPCG(9, 9)))
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: dir + "/state",
		Org: o.connect(t)})
	if err != nil {
		t.Fatal(err)
	}
	audit(t, o, s, false)
	created, invalid, doubled := count(s, "created"), count(s, "invalid"), count(s, "duplicate")
	if created != p.fit || invalid != p.wrong || doubled != p.doubled {
		t.Errorf("%d created, %d invalid, %d duplicates; want %d, %d, %d", created, invalid, doubled, p.fit, p.wrong,
			p.doubled)
	}
	if s.ExitCode != exit.Rejects {
		t.Errorf("exit code %d, want %d", s.ExitCode, exit.Rejects)
	}
}

// TestSecondRunFindsTheLock: two runs on one state directory; the second ends at once and says so.
func TestSecondRunFindsTheLock(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	held, err := ledger.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	p := writePeople(t, t.TempDir(), "lock", 10, rand.New(rand.NewPCG(1, 1)))
	_, err = pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: dir,
		Org: o.connect(t)})
	if code := exit.Code(err); code != exit.Locked {
		t.Errorf("exit code %d (%v), want %d", code, err, exit.Locked)
	}
}

// TestInterruptedRunGoesOn interrupts a run and gives the same command again: nothing is sent twice,
// and the second report tells of every row.
func TestInterruptedRunGoesOn(t *testing.T) {
	o := newOrg(t, sandbox.Config{JobDelay: 10 * time.Millisecond})
	dir := t.TempDir()
	p := writePeople(t, dir, "again", 1200, rand.New(rand.NewPCG(5, 5)))
	ctx := cancelAt(t, o, p, rand.New(rand.NewPCG(5, 6)))
	config := pipeline.Config{Command: "import", Files: []string{p.path}, State: dir + "/state", Org: o.connect(t)}
	first, _ := pipeline.Run(ctx, config)
	o.spoil(nil)
	audit(t, o, first, true)
	second, err := pipeline.Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	audit(t, o, second, false)
	if second.Run != first.Run {
		t.Errorf("run %s was begun, run %s went on", first.Run, second.Run)
	}
	if n := count(second, "created"); n != p.fit {
		t.Errorf("%d created over both runs, want %d", n, p.fit)
	}
	third, err := pipeline.Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if third.Run == first.Run || count(third, "unchanged") != count(second, "created") {
		t.Errorf("a finished run was not followed by a new one in which all is unchanged")
	}
}

// TestLostAnswersAreLookedUp: the org carries out every second bulk request and the connection is cut
// before its answer. Nothing is sent twice, and the look-up tells our own customers from those that
// were there before.
func TestLostAnswersAreLookedUp(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir := t.TempDir()
	p := writePeople(t, dir, "lost", 600, rand.New(rand.NewPCG(7, 7)))
	connected := o.connect(t)
	var mu sync.Mutex
	posts := 0
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if r.Method != http.MethodPost {
			return false
		}
		if posts++; posts%2 == 0 {
			return false
		}
		o.Handler().ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler) // cuts the connection
	})
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: dir + "/state",
		Org: connected})
	if err != nil {
		t.Fatal(err)
	}
	audit(t, o, s, false)
	if n := count(s, "created"); n != p.fit {
		t.Errorf("%d created, want %d: %d updated, %d unchanged", n, p.fit, count(s, "updated"), count(s, "unchanged"))
	}
}

// TestUpsertKeepsWhatTheRowDoesNotSay: a customer who is there already is updated, its other addresses
// and its company stay, and the same row again costs nothing.
func TestUpsertKeepsWhatTheRowDoesNotSay(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	connected := o.connect(t)
	old, err := connected.Client.Create(t.Context(), []byte(
		`{"name":"Old","externalId":"up-1","emails":[{"email":"kept@example.com","type":"home"}],"custom":{"vipBool":true}}`))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "up.csv")
	os.WriteFile(path, []byte("id,name,email,score,vip\nup-1,New,new@example.com,7,\n"), 0o600)
	os.WriteFile(bind.MappingBeside(path), []byte(peopleMapping), 0o600)
	config := pipeline.Config{Command: "import", Files: []string{path}, State: dir + "/state", Org: connected}
	s, err := pipeline.Run(t.Context(), config)
	if err != nil || count(s, "updated") != 1 {
		t.Fatalf("not updated: %v %+v", err, s.Statuses)
	}
	now, err := connected.Client.Customer(t.Context(), old.ID)
	if err != nil {
		t.Fatal(err)
	}
	got := string(now.Attributes["emails"]) + string(now.Attributes["name"]) + string(now.Attributes["custom"])
	for _, want := range []string{"kept@example.com", "new@example.com", `"New"`, `"vipBool":true`, `"avgSatScoreNum":7`} {
		if !strings.Contains(got, want) {
			t.Errorf("after the update the customer lacks %s: %s", want, got)
		}
	}
	again, err := pipeline.Run(t.Context(), config)
	if err != nil || count(again, "unchanged") != 1 {
		t.Errorf("the same row again: %v %+v", err, again.Statuses)
	}
}

// TestVerbs: create refuses who is there, update refuses who is not.
func TestVerbs(t *testing.T) {
	for verb, want := range map[deliver.Verb][2]string{
		deliver.Create: {"rejected kustomer.exists", "created "},
		deliver.Update: {"updated ", "rejected kustomer.not_found"},
		deliver.Upsert: {"updated ", "created "},
	} {
		o := newOrg(t, sandbox.Config{})
		connected := o.connect(t)
		if _, err := connected.Client.Create(t.Context(), []byte(`{"externalId":"there","name":"Old"}`)); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		path := filepath.Join(dir, "verbs.csv")
		os.WriteFile(path, []byte("id,name,email,score,vip\nthere,New,a@example.com,1,\nabsent,New,b@example.com,1,\n"),
			0o600)
		os.WriteFile(bind.MappingBeside(path), []byte(peopleMapping), 0o600)
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: dir + "/state",
			Org: connected, Verb: verb})
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range outcomes(t, s) {
			if got := row.Status + " " + row.Code; got != want[i] {
				t.Errorf("%s: line %d is %q, want %q", verb, row.Line, got, want[i])
			}
		}
	}
}

// TestMendedRejectsAreTaken: the file of rejects, mended where it stands, is imported as it is: its
// mapping lies beside it, its four columns are ignored, and only its rows are sent.
func TestMendedRejectsAreTaken(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	connected := o.connect(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "people.csv")
	os.WriteFile(path, []byte("id,name,email,score,vip\n1,=Ana,a@example.com,1,yes\n2,=Bo,b@example.com,many,yes\n"),
		0o600)
	os.WriteFile(bind.MappingBeside(path), []byte(peopleMapping), 0o600)
	config := pipeline.Config{Command: "import", Files: []string{path}, State: dir + "/state", Org: connected}
	s, err := pipeline.Run(t.Context(), config)
	if err != nil || count(s, "created") != 1 || count(s, "invalid") != 1 {
		t.Fatalf("%v %+v", err, s.Statuses)
	}
	var rejects string
	for _, f := range s.Files {
		if f.Kind == "rejects" {
			rejects = f.Path
		}
	}
	raw, err := os.ReadFile(rejects)
	if err != nil {
		t.Fatal(err)
	}
	mended := strings.Replace(string(raw), "many", "9", 1)
	if mended == string(raw) || strings.Contains(mended, "\n2,=Bo") {
		t.Fatalf("the rejects hold not what was refused, or a formula: %s", raw)
	}
	os.WriteFile(rejects, []byte(mended), 0o600)
	config.Files = []string{rejects}
	s, err = pipeline.Run(t.Context(), config)
	if err != nil || count(s, "created") != 1 || s.Rows != 1 {
		t.Fatalf("the mended row was not taken: %v %+v", err, s.Problems)
	}
	two, err := connected.Client.Lookup(t.Context(), "externalId", "2")
	if err != nil || string(two.Attributes["name"]) != `"=Bo"` {
		t.Errorf("the mended row landed as %s (%v)", two.Attributes["name"], err)
	}
}
