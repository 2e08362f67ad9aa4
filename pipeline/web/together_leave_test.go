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

// TestFilesGoTogetherAllOrNone: where one of the files that are to go into one run does not fit, none follows: else its
// page would say that it goes in there, and it would go in nowhere.
func TestFilesGoTogetherAllOrNone(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for _, one := range [...][2]string{{"a.csv", "Name\nAda\n"}, {"b.csv", "Name\nBo\n"}, {"c.csv", "City\nBath\n"}} {
		files = append(files, filepath.Join(dir, one[0]))
		if err := os.WriteFile(files[len(files)-1], []byte(one[1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v := serve(t, Config{State: filepath.Join(dir, "state"), Files: files})
	named := map[string]*session{}
	for _, one := range v.store.list() {
		named[one.name()] = one
	}
	a, b, c := named["a.csv"], named["b.csv"], named["c.csv"]
	lead := func(ids ...string) error {
		v.store.joining.Lock()
		defer v.store.joining.Unlock()
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.lead(t.Context(), ids, false)
	}
	if err := lead(); err != nil {
		t.Fatal(err)
	}
	if err := lead(b.record.ID, c.record.ID); err == nil || !strings.Contains(err.Error(), "c.csv cannot go into this run") {
		t.Errorf("a file with other columns is taken along: %v", err)
	}
	if b.record.Leader != "" || len(a.record.With) > 0 {
		t.Errorf("the one follows %q, the other leads %q", b.record.Leader, a.record.With)
	}
	if err := lead(b.record.ID); err != nil || b.record.Leader != a.record.ID || len(a.record.With) != 1 {
		t.Errorf("the one follows %q, the other leads %q: %v", b.record.Leader, a.record.With, err)
	}
}
