package pipeline_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// TestMain lets the test binary be a muster of its own, so that it can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("MUSTER_TEST_CHILD") != "" {
		child()
		return
	}
	if spec := os.Getenv("MUSTER_TEST_ENDURE"); spec != "" {
		endure(spec)
		return
	}
	if run := os.Getenv("MUSTER_TEST_UNDO"); run != "" {
		undoAsChild(run)
		return
	}
	// Most of a test's time is waiting for its org; an answer to -parallel goes first.
	atOnce := "6"
	if raceEnabled {
		atOnce = "3"
	}
	if err := flag.Set("test.parallel", atOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// child imports what the environment names and writes its report to standard output.
func child() {
	ctx := context.Background()
	client, err := kustomer.New(kustomer.Config{URL: os.Getenv("MUSTER_TEST_URL"), Key: os.Getenv("MUSTER_TEST_KEY"),
		Share: 1})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	token, err := client.Token(ctx)
	if err == nil {
		var klass []byte
		if klass, err = client.Metadata(ctx, "customer"); err == nil {
			var s *report.Summary
			s, err = pipeline.Run(ctx, pipeline.Config{Command: "import",
				Files: filepath.SplitList(os.Getenv("MUSTER_TEST_FILE")),
				State: os.Getenv("MUSTER_TEST_STATE"), Org: &pipeline.Org{Client: client, Token: token, Klass: klass,
					Name: "test"}})
			if s != nil {
				json.NewEncoder(os.Stdout).Encode(s)
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exit.Code(err))
	}
}

// TestKilledAtAnyMoment kills an import with SIGKILL at random moments and runs the same command
// again each time, until it ends: every customer is in the org exactly once, and the report of the
// last run says so.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	kills := 20
	if testing.Short() {
		kills = 5
	}
	o := newOrg(t, sandbox.Config{JobDelay: 20 * time.Millisecond})
	rng := rand.New(rand.NewPCG(20, 20))
	dir := t.TempDir()
	p := writePeople(t, dir, "kill", 2500, rng)
	o.spoil(func(http.ResponseWriter, *http.Request) bool {
		time.Sleep(time.Duration(rand.Int64N(60)) * time.Millisecond) // so slow that there is something to kill twenty times
		return false
	})
	killed := 0
	for attempt := 0; ; attempt++ {
		after := time.Duration(-1)
		if killed < kills {
			after = time.Duration(30+rng.IntN(400)) * time.Millisecond
		}
		s, dead := importAsChild(t, o, p.path, dir+"/state", after)
		if dead {
			killed++
			continue
		}
		if s == nil {
			t.Fatalf("attempt %d ended without a report", attempt)
		}
		if killed == 0 {
			t.Fatal("no attempt was killed: the test proves nothing")
		}
		t.Logf("killed %d times, then: %d created, %d requests", killed, count(s, "created"), s.Requests)
		audit(t, o, s, false)
		// A kill that fell behind the end of a run leaves nothing to the next, which finds that run's customers unchanged.
		made := count(s, "created")
		if made == 0 {
			made = madeBefore(t, dir+"/state")
		}
		if made != p.fit {
			t.Errorf("%d created, %d rows were fit", made, p.fit)
		}
		return
	}
}

// madeBefore is how many customers the finished runs of a ledger created.
func madeBefore(t *testing.T, state string) (n int64) {
	t.Helper()
	l, err := ledger.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	runs, err := l.Runs()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		if r.State == ledger.RunFinished {
			n += r.Counts["created"]
		}
	}
	return n
}

// importAsChild runs an import in a process of its own and kills it after a while; dead says that
// it was killed before it ended.
func importAsChild(t *testing.T, o *org, file, state string, after time.Duration) (s *report.Summary, dead bool) {
	t.Helper()
	ctx := t.Context()
	if after >= 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, after)
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, os.Args[0]) // its Cancel is SIGKILL
	cmd.Env = append(os.Environ(), "MUSTER_TEST_CHILD=1", "MUSTER_TEST_URL="+o.front.URL, "MUSTER_TEST_KEY="+o.Key(),
		"MUSTER_TEST_FILE="+file, "MUSTER_TEST_STATE="+state)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, true
	}
	if err != nil && len(out) == 0 {
		t.Fatalf("the import failed: %v", err)
	}
	s = &report.Summary{}
	if err := json.Unmarshal(out, s); err != nil {
		t.Fatalf("the report cannot be read: %v", err)
	}
	return s, false
}
