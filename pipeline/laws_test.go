package pipeline_test

import (
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// allSeeds holds the properties that take minutes on all of their seeds; without it each is held on some.
var allSeeds = flag.Bool("long", false, "hold the long properties on all of their seeds")

// seeds is how many inputs each way of ending is tried with.
func seeds() uint64 {
	switch {
	case *allSeeds:
		return 100
	case raceEnabled:
		return 12
	}
	return 24
}

// ending is one way a run can end.
type ending struct {
	name string
	// arrange prepares the org and the file and returns the context of the run.
	arrange func(t *testing.T, o *org, p *people, rng *rand.Rand) context.Context
	unknown bool // rows may stay unknown
}

func endings() []ending {
	return []ending{
		{name: "clean end", arrange: func(t *testing.T, _ *org, _ *people, _ *rand.Rand) context.Context {
			return t.Context()
		}},
		{name: "file that breaks off", arrange: breakOff},
		{name: "401 in mid-run", arrange: unauthorize, unknown: true},
		{name: "cancel", arrange: cancelAt, unknown: true},
		{name: "slow org", arrange: slow},
	}
}

// TestLaw1TheBooksBalance: every row read becomes exactly one outcome, whatever ends the run, and
// each status is held against the org.
func TestLaw1TheBooksBalance(t *testing.T) {
	t.Parallel()
	for _, end := range endings() {
		t.Run(end.name, func(t *testing.T) {
			t.Parallel()
			for seed := range seeds() {
				balance(t, end, seed)
			}
		})
	}
}

func balance(t *testing.T, end ending, seed uint64) {
	t.Helper()
	// An org of its own: the audit reads all of it.
	o := newOrg(t, sandbox.Config{})
	defer o.close()
	rng := rand.New(rand.NewPCG(seed, 1))
	dir := t.TempDir()
	p := writePeople(t, dir, fmt.Sprintf("s%d", seed), rng.IntN(350), rng)
	o.spoil(nil)
	connected := o.connect(t)
	ctx := end.arrange(t, o, p, rng)
	s, err := pipeline.Run(ctx, pipeline.Config{Command: "import", Files: []string{p.path}, State: dir + "/state",
		Org: connected, Workers: 1 + rng.IntN(3), Uploads: 1 + rng.IntN(4), JobPatience: 5 * time.Second})
	if s == nil {
		t.Fatalf("seed %d: no report: %v", seed, err)
	}
	o.spoil(nil)
	audit(t, o, s, end.unknown)
	if t.Failed() {
		t.Fatalf("seed %d: %v, exit %d, stopped %q", seed, err, s.ExitCode, s.Stopped)
	}
}

// breakOff compresses the file and cuts the end off.
func breakOff(t *testing.T, _ *org, p *people, rng *rand.Rand) context.Context {
	raw, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(p.path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	z.Write(raw)
	z.Close()
	size, _ := f.Seek(0, 1)
	f.Truncate(size - 1 - rng.Int64N(8)) // the checksum at the end is 8 bytes
	f.Close()
	return t.Context()
}

// unauthorize lets the key expire after some requests.
func unauthorize(t *testing.T, o *org, _ *people, rng *rand.Rand) context.Context {
	left := int64(rng.IntN(12))
	var n atomic.Int64
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if n.Add(1) <= left {
			return false
		}
		w.WriteHeader(http.StatusUnauthorized)
		return true
	})
	return t.Context()
}

// cancelAt interrupts the run at some request.
func cancelAt(t *testing.T, o *org, _ *people, rng *rand.Rand) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	at := int64(1 + rng.IntN(10))
	var n atomic.Int64
	o.spoil(func(http.ResponseWriter, *http.Request) bool {
		if n.Add(1) == at {
			cancel()
		}
		return false
	})
	t.Cleanup(cancel)
	return ctx
}

// slow delays every answer by a random moment.
func slow(t *testing.T, o *org, _ *people, rng *rand.Rand) context.Context {
	most := rng.Int64N(20) + 1
	o.spoil(func(http.ResponseWriter, *http.Request) bool {
		time.Sleep(time.Duration(rand.Int64N(most)) * time.Millisecond)
		return false
	})
	return t.Context()
}

// TestLaw2AStatusIsEvidence: an org whose every bulk request is answered 201 and never carried out
// yields no success, only rows without evidence that a look-up resolves.
func TestLaw2AStatusIsEvidence(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sandbox.Config{})
	rng := rand.New(rand.NewPCG(2, 2))
	dir := t.TempDir()
	p := writePeople(t, dir, "ev", 20, rng)
	connected := o.connect(t)
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Method == http.MethodPost:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{"data":{"type":"bulk","id":"aaaaaaaaaaaaaaaaaaaaaaaa","attributes":{"status":"complete","completed":true}}}`)
			return true
		case len(r.URL.Path) > 9 && r.URL.Path[:9] == "/v1/bulk/":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"data":[{"type":"batch","id":"b","attributes":{"status":"complete","successCount":100,"failureCount":0,"objectIds":[],"results":[]}}]}`)
			return true
		}
		return false
	})
	s, _ := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{p.path}, State: dir + "/state",
		Org: connected})
	o.spoil(nil)
	audit(t, o, s, true)
	if n := count(s, "created") + count(s, "updated") + count(s, "unchanged"); n != 0 {
		t.Errorf("%d rows are said to have landed in an org that took none", n)
	}
	if s.ExitCode != exit.Unproven {
		t.Errorf("exit code %d, want %d", s.ExitCode, exit.Unproven)
	}
}

func count(s *report.Summary, status string) int64 {
	for _, c := range s.Statuses {
		if c.Status == status {
			return c.Rows
		}
	}
	return 0
}
