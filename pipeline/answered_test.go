package pipeline_test

import (
	"net/http"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/sandbox"
)

// TestGoesOnBehindAnAnswer: a run that ended between the answer to a request and the end of its
// batch (here: the results name a duplicate, and the org may not be asked for it) is taken up again.
func TestGoesOnBehindAnAnswer(t *testing.T) {
	o, dir := newOrg(t, sandbox.Config{}), t.TempDir()
	c := pipeline.Config{Command: "import", State: dir + "/before", Files: []string{prepared(t, dir, "ana.csv", ana, "")}}
	c.Org = o.connect(t)
	if _, err := pipeline.Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	c.Files, c.State = []string{prepared(t, dir, "both.csv", ana+"2,Bo,bo@example.com\n", "")}, dir+"/state"
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		asked := r.Method == http.MethodGet && strings.Contains(r.URL.Path, "externalId=")
		if asked {
			w.WriteHeader(http.StatusForbidden)
		}
		return asked
	})
	s, err := pipeline.Run(t.Context(), c)
	if err == nil || s.Unknown != 1 {
		t.Fatalf("the first run was to end in doubt: %v", err)
	}
	o.spoil(nil)
	s, err = pipeline.Run(t.Context(), c)
	if err != nil || s.ExitCode != exit.OK {
		t.Fatalf("exit code %d: %v", s.ExitCode, err)
	}
	audit(t, o, s, false)
}
