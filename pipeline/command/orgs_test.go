package command_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Each org hears the key that its own entry names, and no other; an org whose entry names none hears nothing.
func TestKeysOfManyOrgs(t *testing.T) {
	t.Chdir(t.TempDir())
	var mu sync.Mutex
	heard := map[string][]string{}
	org := func(name string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			heard[name] = append(heard[name], r.Header.Get("Authorization"))
			w.WriteHeader(http.StatusUnauthorized)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	write(t, "muster.yaml", `version: 1
org: `+org("top")+`
key: {file: top.key}
groups:
  own: {org: `+org("own")+`, key: {file: own.key}, jobs: {a: {source: {from: a.csv, stable: 0s}}}}
  none: {org: `+org("none")+`, jobs: {a: {source: {from: a.csv, stable: 0s}}}}
  environment: {org: `+org("environment")+`, key: {env: KUSTOMER_API_KEY}, jobs: {a: {source: {from: a.csv, stable: 0s}}}}
  outer: {jobs: {a: {source: {from: a.csv, stable: 0s}}}}
`)
	write(t, "a.csv", "externalId,name\n1,Ana\n")
	write(t, "top.key", "key-of-top\n")
	write(t, "own.key", "key-of-own\n")
	code, said := invoke(t, map[string]string{"KUSTOMER_API_KEY": "key-of-environment"}, "run")
	if code != 4 || !strings.Contains(said, "none/a: failed, exit 2") ||
		!strings.Contains(said, "does not say that this key is for it") || strings.Contains(said, "key-of-") {
		t.Errorf("exit %d\n%s", code, said)
	}
	for name, want := range map[string]string{"top": "key-of-top", "own": "key-of-own",
		"environment": "key-of-environment", "none": ""} {
		for _, key := range heard[name] {
			if key != "Bearer "+want {
				t.Errorf("%s heard %q", name, key)
			}
		}
		if (len(heard[name]) > 0) != (want != "") {
			t.Errorf("%s heard %d requests", name, len(heard[name]))
		}
	}
}
