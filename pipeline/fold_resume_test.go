package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"muster/pipeline"
	"muster/pipeline/sandbox"
)

// An import that folds and is interrupted goes on with whole records: nothing is sent of a customer whose rows
// were not all read, and nothing twice.
func TestFoldingIsTakenUp(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("id,name,email,phone,city,tag,note\n")
	const people = 2000
	for i := range people {
		fmt.Fprintf(&b, "%d,Person %d,p%d@example.com,,Utrecht,vip,%s\n%d,,q%d@example.com,,Breda,,\n", i, i, i,
			strings.Repeat("n", 400), i, i)
	}
	dir := t.TempDir()
	o := newOrg(t, sandbox.Config{RatePerMinute: -1})
	config := pipeline.Config{Command: "import", State: dir + "/state",
		Files: []string{prepared(t, dir, "people.csv", b.String(), foldingMapping)}}
	for round := 0; ; round++ {
		if round == 20 {
			t.Fatal("it does not come to its end")
		}
		ctx, cancel := context.WithCancel(t.Context())
		var posts atomic.Int32
		o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				if posts.Add(1) == 4 {
					cancel()
				}
			}
			return false
		})
		config.Org = o.connect(t)
		s, err := pipeline.Run(ctx, config)
		interrupted := ctx.Err() != nil
		cancel()
		if s == nil || !s.Balanced {
			t.Fatal(err, s)
		}
		if !interrupted {
			if err != nil || s.ExitCode != 0 {
				t.Fatal(err, s.ExitCode, s.Statuses)
			}
			break
		}
	}
	all := o.customers(t)
	if len(all) != people {
		t.Errorf("%d customers", len(all))
	}
	for id, found := range all {
		if len(found) != 1 || strings.Count(string(found[0].Attributes), "@example.com") != 2 {
			t.Fatalf("%s: %d customers, %s", id, len(found), found[0].Attributes)
		}
	}
}

// What a row that was folded brought is read back as well: a customer who has lost it is not as sent.
func TestVerifyReadsBackWhatWasFolded(t *testing.T) {
	dir := t.TempDir()
	o := newOrg(t, sandbox.Config{RatePerMinute: -1})
	connected := o.connect(t)
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", State: dir + "/state", Org: connected,
		Files: []string{prepared(t, dir, "people.csv", "id,name,email,phone,city,tag,note\n1,Ann,a@example.com,,,,\n"+
			"1,Anna,b@example.com,,,,\n2,Bo,c@example.com,,,,\n", foldingMapping)}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Differences == nil || strings.Contains(s.Differences.Fix, "fold") {
		t.Errorf("rows that are folded: %+v", s.Differences)
	}
	if v, err := verifyRun(t, o, dir+"/state", s.Run, 0); err != nil || v.Same != 2 || v.ExitCode != 0 {
		t.Fatalf("a clean import reads back as %+v, %v", v, err)
	}
	if _, err := connected.Client.Update(t.Context(), outcomes(t, s)[0].CustomerID,
		[]byte(`{"emails":[{"email":"a@example.com"}]}`)); err != nil {
		t.Fatal(err)
	}
	if v, err := verifyRun(t, o, dir+"/state", s.Run, 0); err != nil || v.Different != 1 || v.Same != 1 {
		t.Errorf("without the second address: %+v, %v", v, err)
	}
}
