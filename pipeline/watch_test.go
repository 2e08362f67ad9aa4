package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/profile"
	"muster/pipeline/sandbox"
)

// onlooker is a Watch that keeps what it is told.
type onlooker struct {
	rows   []string
	survey *pipeline.Survey
	stop   error
}

func (o *onlooker) Row(key ledger.KeyHash, sure bool) error {
	o.rows = append(o.rows, fmt.Sprintf("%v %v", key != ledger.KeyHash{}, sure))
	return nil
}

func (o *onlooker) Surveyed(s *pipeline.Survey) error {
	o.survey = s
	return o.stop
}

func watched(t *testing.T, o *org, path string, w *onlooker, state string) (pipeline.Config, func() error) {
	t.Helper()
	c := pipeline.Config{Command: "import", Files: []string{path}, State: state, Org: o.connect(t), Watch: w}
	return c, func() error {
		s, err := pipeline.Run(t.Context(), c)
		if s != nil && !s.Balanced {
			t.Errorf("the run does not balance: %v", s.Statuses)
		}
		return err
	}
}

// The watch is told of every row and of the whole, and its error stops the run with nothing sent.
func TestTheWatchSeesTheSurveyAndMayStopTheRun(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	path := filepath.Join(t.TempDir(), "feed.csv")
	text := "id,name,email,score,vip\n" +
		"1,Ana,ana@example.com,1,yes\n" +
		"2,Bea,,many,no\n" + // invalid, and known to be 2
		",Cid,,2,no\n" + // nobody's
		",Dan,no address,2,no\n" + // invalid, and whose is not known
		"5,\"a \"stray\" quote\",,3,no\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bind.MappingBeside(path), []byte(peopleMapping), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &onlooker{stop: &outcome.GuardError{Guard: "columns", Reason: "one is missing"}}
	_, run := watched(t, o, path, w, t.TempDir())
	o.spoil(nil)
	err := run()
	if exit.Code(err) != exit.Guard {
		t.Errorf("exit code %d of %v, want 5", exit.Code(err), err)
	}
	if _, writes := o.requests(); writes != 0 {
		t.Errorf("%d requests wrote although the guard stopped the run", writes)
	}
	if got, want := strings.Join(w.rows, ", "), "true true, true true, false true, true false, false false"; got != want {
		t.Errorf("rows are\n%s, want\n%s", got, want)
	}
	s := w.survey
	if s.Rows != 5 || s.Invalid != 3 || s.Fit != 2 || len(s.Profiles) != 1 {
		t.Fatalf("the survey is %+v", s)
	}
	p := s.Profiles[0]
	if p.Rows != 4 || p.Line != 1 || len(p.Columns) != 5 {
		t.Fatalf("the profile is %+v", p)
	}
	for i, want := range []profile.ColumnProfile{{Name: "id", Filled: 2}, {Name: "name", Filled: 4},
		{Name: "email", Filled: 2}, {Name: "score", Filled: 4}, {Name: "vip", Filled: 4}} {
		if p.Columns[i].Name != want.Name || p.Columns[i].Filled != want.Filled {
			t.Errorf("column %d is %+v, want %+v", i, p.Columns[i], want)
		}
	}
	if p.Columns[2].Kinds[profile.KindAddress] != 1 || p.Columns[3].Kinds[profile.KindNumber] != 3 ||
		p.Columns[4].Kinds[profile.KindFlag] != 4 || p.Looked != 4 {
		t.Errorf("the kinds of the first block are %+v", p.Columns)
	}
	w.stop = nil
	if err := run(); err != nil {
		t.Errorf("once the guard lets it: %v", err)
	}
}

// With Full what has not changed is read from the org, too, and mended where somebody changed it.
func TestFullReadsWhatHasNotChanged(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	path := filepath.Join(t.TempDir(), "feed.csv")
	if err := os.WriteFile(path, []byte("id,name,email,score,vip\n1,Ana,ana@example.com,1,yes\n"+
		"2,Bea,bea@example.com,1,no\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bind.MappingBeside(path), []byte(peopleMapping), 0o600); err != nil {
		t.Fatal(err)
	}
	c, run := watched(t, o, path, &onlooker{}, t.TempDir())
	if err := run(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Org.Client.Update(t.Context(), o.customers(t)["2"][0].ID, []byte(`{"name":"Somebody"}`)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		full bool
		want string
	}{{false, "unchanged unchanged"}, {true, "unchanged updated"}} {
		c.Full, c.Org = test.full, o.connect(t)
		s, err := pipeline.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if rows := outcomes(t, s); rows[0].Status+" "+rows[1].Status != test.want {
			t.Errorf("full %v: %s %s, want %s", test.full, rows[0].Status, rows[1].Status, test.want)
		}
	}
	if !strings.Contains(string(o.customers(t)["2"][0].Attributes), `"Bea"`) {
		t.Error("the customer somebody changed was not mended")
	}
}

// A ledger that the caller holds serves the run and stays the caller's.
func TestALedgerTheCallerHolds(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	p := filepath.Join(t.TempDir(), "feed.csv")
	if err := os.WriteFile(p, []byte("externalId,name\n1,Ana\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	held, err := ledger.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for range 2 {
		if _, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p}, State: state,
			Org: o.connect(t), Ledger: held}); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := held.Runs()
	if err != nil || len(runs) != 2 || runs[0].State != ledger.RunFinished {
		t.Errorf("the ledger that is held has %v, %v", runs, err)
	}
}
