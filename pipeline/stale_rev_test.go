package pipeline_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// Somebody writes to customers after they were read and before they are written: a row that expects a revision is
// refused as stale and leaves what the other wrote, in bulk and alone; the rows beside it land.
func TestStaleRevAtTheMomentOfWriting(t *testing.T) {
	for _, people := range []int{1, 5} {
		t.Run(fmt.Sprint(people, " at once"), func(t *testing.T) {
			o, dir := newOrg(t, sandbox.Config{}), t.TempDir()
			imports := func(name, head string, row func(n int) string) *report.Summary {
				text := head + "\n"
				for n := range people {
					text += row(n) + "\n"
				}
				s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import",
					Files: []string{prepared(t, dir, name, text, "")}, State: dir + "/state", Org: o.connect(t)})
				if err != nil || !s.Balanced {
					t.Fatal(err, s)
				}
				return s
			}
			imports("before.csv", "externalId,name", func(n int) string { return fmt.Sprintf("%d,Ana", n) })
			all := o.customers(t)
			var written atomic.Bool
			rival := o.connect(t).Client
			o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1/customers/") &&
					!strings.HasSuffix(r.URL.Path, "/search") && !written.Swap(true) {
					if _, err := rival.Update(t.Context(), all["0"][0].ID, []byte(`{"name":"Rival"}`)); err != nil {
						t.Error(err)
					}
				}
				return false
			})
			s := imports("after.csv", "externalId,name,rev", func(n int) string { return fmt.Sprintf("%d,Bea,1", n) })
			for n, row := range outcomes(t, s) {
				status, code, name := "updated", "", `"name":"Bea"`
				if n == 0 {
					status, code, name = "rejected", "kustomer.stale_rev", `"name":"Rival"`
				}
				if has := string(o.customers(t)[fmt.Sprint(n)][0].Attributes); row.Status != status || row.Code != code ||
					!strings.Contains(has, name) {
					t.Errorf("row %d is %s %s: %s", n+1, row.Status, row.Code, has)
				}
			}
			if s.ExitCode != exit.Rejects {
				t.Errorf("exit %d", s.ExitCode)
			}
		})
	}
}
