package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline/bind"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// TestRequestsOfAResume: an import of 6,000 rows that is killed at any moment, and gone on with, costs few requests
// more in all than one that is not: what became of the requests on their way is told by the list of who was updated
// since, not by a look at each row.
func TestRequestsOfAResume(t *testing.T) {
	t.Parallel()
	const rows = 6000
	rng := rand.New(rand.NewPCG(19, 6))
	clean := killedOnce(t, rows, 1<<30, false)
	for range 3 {
		at, applied := int64(4+rng.IntN(rows/100-4)), rng.IntN(2) == 0 // of those that are no looks at jobs
		cost := killedOnce(t, rows, at, applied)
		t.Logf("killed at request %d, carried out %v: %d requests in all, %d without", at, applied, cost, clean)
		if most := clean + resumeExtra; cost > most {
			t.Errorf("%d requests, at most %d are due", cost, most)
		}
	}
}

// resumeExtra is how many requests more a killed import may cost: to learn again who the key is and what the org has,
// one for each batch whose results were read and not written down, and the list, which tells of some seconds before the
// first request in doubt, too: of so quick an org that is everything it has taken, a page for each batch.
const resumeExtra = 2 + 16 + 80

// killedOnce imports rows, is killed when a request reaches the org, which carries that out or not, and goes on. It
// returns what that cost.
func killedOnce(t *testing.T, rows int, at int64, applied bool) (cost int64) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "people.csv")
	var b strings.Builder
	b.WriteString("id,name,email,score,vip\n")
	for i := range rows {
		fmt.Fprintf(&b, "k-%d,Ana %d,k-%d@example.com,1,yes\n", i, i, i)
	}
	for p, text := range map[string]string{path: b.String(), bind.MappingBeside(path): peopleMapping} {
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := newOrg(t, sandbox.Config{RatePerMinute: plenty, Switches: sandbox.Switches{SearchLag: 10 * time.Minute}})
	defer o.close()
	var seen, polls atomic.Int64
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/batches") {
			polls.Add(1) // a look at a job that comes too early is no matter here
		} else if seen.Add(1) == at {
			kill()
			time.Sleep(100 * time.Millisecond)
			return !applied
		}
		return false
	})
	s := runChild(ctx, t, o, path, dir+"/state")
	if s == nil {
		s = runChild(t.Context(), t, o, path, dir+"/state")
	}
	if s == nil || s.ExitCode != 0 || len(o.customers(t)) != rows {
		t.Fatalf("killed at %d: %+v", at, s)
	}
	return seen.Load() + int64(rows/100)
}

func runChild(ctx context.Context, t *testing.T, o *org, file, state string) *report.Summary {
	t.Helper()
	cmd := exec.CommandContext(ctx, os.Args[0]) // its Cancel is SIGKILL
	cmd.Env = append(os.Environ(), "MUSTER_TEST_CHILD=1", "MUSTER_TEST_URL="+o.front.URL, "MUSTER_TEST_KEY="+o.Key(),
		"MUSTER_TEST_FILE="+file, "MUSTER_TEST_STATE="+state)
	out, err := cmd.Output()
	s := &report.Summary{}
	if err != nil && len(out) == 0 || json.Unmarshal(out, s) != nil {
		return nil
	}
	return s
}
