package pipeline_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/history"
	"muster/pipeline/ledger"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// holding are the files below a directory that hold a text.
func holding(t *testing.T, dir, text string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(bytes.ToLower(raw), []byte(strings.ToLower(text))) {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A person who is forgotten is in no file of the state directory any more, every balance is as it was, and the others
// are still known.
func TestForget(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir, state := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "feed.csv")
	write := func(text string) {
		for name, text := range map[string]string{path: text, bind.MappingBeside(path): peopleMapping} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	run := func() *report.Summary {
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: state,
			Org: o.connect(t)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	const head = "id,name,email,score,vip\n"
	write(head + "P-77,Zuleika Quux,zuleika@example.com,1,yes\nP-78,Bea,bea@example.com,2,no\n" +
		"P-79,=Cid,cid@example.com,many,no\n")
	first := run()
	// A changed row, and one that is refused with everything in it.
	write(head + "P-77,Zuleika Quux-Two,zuleika@example.com,2,yes\nP-78,Bea Two,bea@example.com,2,no\n" +
		"P-77,Zuleika Again,zuleika@example.com,many,no\nP-79,=Cid,cid@example.com,many,no\n")
	second := run()
	check, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{path}, State: state,
		Annotate: true})
	if err != nil || check.Run == second.Run {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(state, "feeds", "job"), 0o700); err != nil {
		t.Fatal(err)
	}
	feed := filepath.Join(state, "feeds", "job", "feed.csv")
	if err := os.WriteFile(feed, []byte(head+"P-77,Zuleika,,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if len(holding(t, state, "zuleika")) < 4 {
		t.Fatalf("the person is only in %v", holding(t, state, "zuleika"))
	}
	before := outcomes(t, second)

	f, err := history.Forget(state, []string{"P-77", "Zuleika@Example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if f.Identities != 1 || f.Rows != 2 || f.Images != 1 || f.Lines < 6 || len(f.Removed) != 2 ||
		filepath.Base(f.Removed[0]) != "annotated.csv" || f.Removed[1] != feed {
		t.Errorf("forgotten were %+v", f)
	}
	id := o.customers(t)["P-77"][0].ID
	kept := 0
	view, err := ledger.OpenReadOnly(state)
	if err != nil {
		t.Fatal(err)
	}
	for image, err := range view.Images(second.Run) {
		if err != nil || image.CustomerID == id || bytes.Contains(image.Before, []byte("Zuleika")) {
			t.Errorf("an image of the person is left, %v", err)
		}
		kept++
	}
	if err := view.Close(); err != nil || kept != 1 {
		t.Errorf("of the others %d images are left, %v, want 1", kept, err)
	}
	for _, text := range []string{"zuleika", "P-77", "Quux", id} {
		if files := holding(t, state, text); len(files) > 0 {
			t.Errorf("%q is still in %v", text, files)
		}
	}
	after := outcomes(t, second)
	for i := range before {
		if after[i].Line != before[i].Line || after[i].Status != before[i].Status || after[i].Code != before[i].Code {
			t.Errorf("the outcome of line %d was %+v and is %+v", before[i].Line, before[i], after[i])
		}
	}
	if rows := outcomes(t, first); rows[0].Key != "" || rows[0].CustomerID != "" || rows[1].Key != "P-78" {
		t.Errorf("the first run's outcomes are %+v", rows)
	}
	rejects, err := os.ReadFile(filepath.Join(state, "runs", second.Run, "rejects.csv"))
	if err != nil || !strings.Contains(string(rejects), "\nP-79,'=Cid,") || strings.Count(string(rejects), "\n") != 3 {
		t.Errorf("the rejects are %s, %v", rejects, err)
	}
	if f, err := history.Forget(state, []string{"P-77"}); err != nil || f.Lines+f.Rows+f.Identities != 0 {
		t.Errorf("the second time %+v, %v", f, err)
	}
	// By the id that the org gave alone.
	if f, err := history.Forget(state, []string{o.customers(t)["P-78"][0].ID}); err != nil || f.Identities != 1 ||
		f.Lines == 0 {
		t.Errorf("by the customer's id %+v, %v", f, err)
	}
	if files := holding(t, state, "P-78"); len(files) > 0 {
		t.Errorf("P-78 is still in %v", files)
	}
}

// Old runs go, with everything of theirs; what is unfinished or young stays.
func TestTidy(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	state := t.TempDir()
	path := filepath.Join(t.TempDir(), "feed.csv")
	if err := os.WriteFile(path, []byte("externalId,name\n1,Ana\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: state,
		Org: o.connect(t)})
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Begin(ledger.RunInfo{ID: "unfinished", OrgID: "o", Fingerprint: "f"}); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(state, "runs", "unfinished"), 0o700); err != nil {
		t.Fatal(err)
	}
	if tidied, err := history.Tidy(l, state, time.Now().Add(-time.Hour)); err != nil || len(tidied.Runs)+
		int(tidied.Batches) != 0 {
		t.Errorf("of what is young %+v went, %v", tidied, err)
	}
	tidied, err := history.Tidy(l, state, time.Now().Add(time.Hour))
	if err != nil || len(tidied.Runs) != 1 || tidied.Runs[0] != s.Run || tidied.Batches != 1 {
		t.Errorf("what went is %+v, %v", tidied, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: state,
		Org: o.connect(t)})
	if err != nil || outcomes(t, again)[0].Status != "unchanged" {
		t.Errorf("after it the row is %+v, %v", again, err)
	}
}
