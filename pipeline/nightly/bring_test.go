package nightly_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"muster/pipeline/exit"
	"muster/pipeline/ledger"
)

// TestNobodyIsKeptOutWhileAFileIsFetched: while the place of a feed answers, another run may hold the state directory.
// When it still does after that, the night has been in its way, and what was fetched before stands where it stood.
func TestNobodyIsKeptOutWhileAFileIsFetched(t *testing.T) {
	h := newHouse(t, nightProject)
	c := &crowd{}
	c.grow(3)
	h.write("crm.mapping.yaml", nightMapping)
	var held *ledger.Ledger
	keep := false
	place := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		l, err := ledger.Open(filepath.Join(h.dir, ".muster"))
		if err != nil {
			t.Errorf("the state directory is held while the file is fetched: %v", err)
		} else if held = l; !keep {
			l.Close()
		}
		w.Write([]byte(c.csv(header)))
	}))
	defer place.Close()
	h.write("muster.yaml", "version: 1\norg: "+h.front.URL+"\njobs:\n  crm:\n    source: "+place.URL+
		"/people.csv\n    mapping: crm.mapping.yaml\n    canary: false\n")
	out, err := h.night().Run(t.Context(), nil)
	if err != nil || out.ExitCode != exit.OK || out.Jobs[0].Counts["created"] != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	at := filepath.Join(h.dir, ".muster", "feeds", "crm", "people.csv")
	before, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	c.grow(3)
	keep = true
	out, err = h.night().Run(t.Context(), nil)
	if err != nil || out.ExitCode != exit.Locked {
		t.Errorf("%+v, %v", out, err)
	}
	held.Close()
	if after, _ := os.ReadFile(at); string(after) != string(before) {
		t.Error("a night that was in another's way replaced its file")
	}
	if all, _ := os.ReadDir(filepath.Dir(at)); len(all) != 1 {
		t.Errorf("%d files are left", len(all))
	}
	keep = false
	if out, err = h.night().Run(t.Context(), nil); err != nil || out.Jobs[0].Counts["created"] != 3 {
		t.Errorf("the night after: %+v, %v", out.Jobs[0], err)
	}
}
