package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/sandbox"
)

// A report of an import that was interrupted says how many rows of the file it did not read.
func TestInterruptedSaysWhatWasNotRead(t *testing.T) {
	const rows = 20_000
	var b strings.Builder
	b.WriteString("externalId,name,email\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,Person %s,p%d@example.com\n", i+100000, strings.Repeat("x", 60), i)
	}
	dir, o := t.TempDir(), newOrg(t, sandbox.Config{})
	ctx, stop := context.WithCancel(t.Context())
	o.spoil(func(http.ResponseWriter, *http.Request) bool {
		if _, writes := o.requests(); writes >= 3 {
			stop()
		}
		return false
	})
	s, err := pipeline.Run(ctx, pipeline.Config{Command: "import",
		Files: []string{prepared(t, dir, "people.csv", b.String(), "")},
		State: dir + "/state", Org: o.connect(t), Uploads: 1, Workers: 1})
	if err != nil || s.ExitCode != exit.Interrupted || s.Rows >= rows {
		t.Fatal(err, s)
	}
	if want := fmt.Sprintf("interrupted; %d rows of the input were not read", rows-s.Rows); s.Stopped != want {
		t.Errorf("%q, want %q", s.Stopped, want)
	}
}
