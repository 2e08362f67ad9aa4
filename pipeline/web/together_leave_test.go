package web

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAFileThatLeavesARunKeepsWhatWasDecided: of files that came together one leads, and only there the columns are
// decided; when it is removed, the other has the mapping that was made for both, and goes its own way.
func TestAFileThatLeavesARunKeepsWhatWasDecided(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for _, name := range []string{"a.csv", "b.csv"} {
		files = append(files, filepath.Join(dir, name))
		if err := os.WriteFile(files[len(files)-1], []byte("Name,City\nAda,Bath\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v := serve(t, Config{State: filepath.Join(dir, "state"), Files: files})
	var leader, follower *session
	for _, one := range v.store.list() {
		if one.name() == "a.csv" {
			leader = one
		} else {
			follower = one
		}
	}
	decide := func(one *session) error {
		one.mu.Lock()
		defer one.mu.Unlock()
		place, nowhere := 1, "ignore"
		return one.change(t.Context(), &change{Revision: one.record.Revision, Place: &place, Target: &nowhere})
	}
	if err := decide(follower); err == nil || !strings.Contains(err.Error(), "goes in with a.csv") {
		t.Errorf("columns are decided where nobody looks for them: %v", err)
	}
	basis := follower.record.Basis
	if err := decide(leader); err != nil {
		t.Fatal(err)
	}
	if follower.record.Basis == basis {
		t.Error("the other file counts as checked by a mapping that has changed")
	}
	if code, text := v.post(leader.url("remove"), url.Values{}); code != 200 {
		t.Fatal(code, text)
	}
	text, err := os.ReadFile(follower.path("mapping.yaml"))
	if err != nil || !strings.Contains(string(text), "City: ignore") || follower.record.Leader != "" ||
		!follower.record.Decided["City"] {
		t.Errorf("%+v has the mapping %q: %v", follower.record, text, err)
	}
}
