package pipeline_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/ledger"
	"muster/pipeline/sandbox"
)

// imagesOf are what a run kept, by the id of the customer.
func imagesOf(t testing.TB, state, run string) map[string][]ledger.Kept {
	t.Helper()
	v, err := ledger.OpenReadOnly(state)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	by := map[string][]ledger.Kept{}
	for k, err := range v.Images(run) {
		if err != nil {
			t.Fatal(err)
		}
		by[k.CustomerID] = append(by[k.CustomerID], k)
	}
	return by
}

// newest is the run that was begun last.
func newest(t testing.TB, state string) string {
	t.Helper()
	v, err := ledger.OpenReadOnly(state)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	runs, err := v.Runs()
	if err != nil || len(runs) == 0 {
		t.Fatal(err)
	}
	return runs[0].ID
}

// TestLaw3AnImageBeforeAnUpdate: at the moment an update arrives, alone or in bulk, the ledger holds what each customer
// was and what is written over it; the update says nothing that the customer has already.
func TestLaw3AnImageBeforeAnUpdate(t *testing.T) {
	at := &timed{}
	o := newOrg(t, sandbox.Config{Now: at.now})
	dir := t.TempDir()
	path := filepath.Join(dir, "people.csv")
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(bind.MappingBeside(path), peopleMapping)
	write(path, "id,name,email,score,vip\n1,Ana,ana@example.com,1,yes\n2,Bea,bea@example.com,1,yes\n"+
		"3,Cor,cor@example.com,1,yes\n4,Dik,dik@example.com,1,yes\n")
	run := func() string {
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: dir + "/state",
			Org: o.connect(t), Now: at.now})
		if err != nil {
			t.Fatal(err)
		}
		return s.Run
	}
	run()
	at.move(time.Hour)
	before := o.customers(t)
	var mu sync.Mutex
	var updates []map[string]json.RawMessage
	seen := map[string]int{}
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "/search") {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		sent := bodyOf(t, r)
		updates = append(updates, sent...)
		run := newest(t, dir+"/state")
		for _, item := range sent {
			var id string
			if json.Unmarshal(item["id"], &id) != nil {
				id = filepath.Base(r.URL.Path)
			}
			seen[id] = len(imagesOf(t, dir+"/state", run)[id])
		}
		return false
	})
	// Two in bulk: another name; an address more. The third alone, in a later run.
	write(path, "id,name,email,score,vip\n1,Anna,ana@example.com,1,yes\n2,Bea,second@example.com,1,yes\n"+
		"3,Cor,cor@example.com,1,yes\n4,Dik,dik@example.com,1,yes\n")
	id := run()
	images := imagesOf(t, dir+"/state", id)
	if len(images) != 2 || len(updates) != 2 || len(seen) != 2 {
		t.Fatalf("%d images, %d updates, %d seen", len(images), len(updates), len(seen))
	}
	for customer, n := range seen {
		if n != 1 {
			t.Errorf("%d images of %s when its update arrived", n, customer)
		}
	}
	for key, want := range map[string][2]string{
		"1": {`"name":"Ana"`, `{"name":"Anna"}`},
		"2": {`"emails":[{"email":"bea@example.com","verified":false}]`,
			`{"emails":[{"email":"bea@example.com","verified":false},{"email":"second@example.com"}]}`},
	} {
		k := images[before[key][0].ID]
		if len(k) != 1 || k[0].Rev != 1 || !strings.Contains(string(k[0].Before), want[0]) ||
			string(k[0].Update) != want[1] || k[0].Settled == nil || k[0].Settled.Status != "updated" {
			t.Errorf("%s: %s, changed by %s", key, k[0].Before, k[0].Update)
		}
		if !strings.Contains(string(k[0].Before), `"custom":{"avgSatScoreNum":1,"vipBool":true}`) ||
			strings.Contains(string(k[0].Before), "displayName") {
			t.Errorf("%s was %s", key, k[0].Before)
		}
	}
	write(path, "id,name,email,score,vip\n1,Anna,ana@example.com,1,yes\n2,Bea,second@example.com,1,yes\n"+
		"3,Cor,cor@example.com,2,yes\n4,Dik,dik@example.com,1,yes\n")
	id = run()
	images = imagesOf(t, dir+"/state", id)
	if k := images[before["3"][0].ID]; len(images) != 1 || len(k) != 1 || seen[before["3"][0].ID] != 1 ||
		string(k[0].Update) != `{"custom":{"avgSatScoreNum":2,"vipBool":true}}` {
		t.Errorf("alone: %+v", images)
	}
}
