package command_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// filesWith names the files below a directory whose bytes, unpacked, hold a word in any of its capitals.
func filesWith(t *testing.T, dir, word string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if z, err := zip.NewReader(bytes.NewReader(text), int64(len(text))); err == nil {
			for _, member := range z.File {
				r, err := member.Open()
				if err != nil {
					return err
				}
				part, err := io.ReadAll(r)
				if err != nil {
					return err
				}
				text = append(text, part...)
			}
		}
		if bytes.Contains(bytes.ToLower(text), []byte(strings.ToLower(word))) {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// Whoever is forgotten is in no file of the state directory afterwards, however the file holds them; whoever is not is
// still there.
func TestForgetForgets(t *testing.T) {
	t.Chdir(t.TempDir())
	people := "externalId;name;emails;custom.scoreNum\n" +
		"C-17;Ana;ana@example.com, Ana.Two@Example.com;x\n" + // refused: several addresses in one cell
		"C-18;Bea;bea@example.com;y\n" +
		"C-19;Cid;\"[\"\"cid@example.com\"\",\"\"ana@example.com\"\"]\";z\n"
	write(t, "people.csv", people)
	write(t, "sound.csv", "externalId,name,email\nC-17,Ana,ana@example.com\nC-18,Bea,bea@example.com\n")
	for _, args := range [][]string{
		{"import", "sound.csv", "--to", "sandbox", "--no-canary"},
		{"check", "people.csv", "--annotate"},
		{"backup", "copy.db"}, {"restore", "copy.db"},
	} {
		if code, said := invoke(t, nil, args...); code != 0 && code != 3 {
			t.Fatalf("%v: exit %d\n%s", args, code, said)
		}
	}
	if err := os.MkdirAll(".muster/guesses", 0o700); err != nil {
		t.Fatal(err)
	}
	// What older versions wrote of a feed without its header, and what a kill left behind.
	write(t, ".muster/guesses/x.mapping.yaml", "# ana@example.com\nversion: 1\n")
	write(t, ".muster/guesses/y.mapping.yaml", "# bea@example.com\nversion: 1\n")
	runs, err := filepath.Glob(".muster/runs/*/report.json")
	if err != nil || len(runs) == 0 {
		t.Fatal(runs, err)
	}
	text, err := os.ReadFile(runs[0])
	if err != nil {
		t.Fatal(err)
	}
	write(t, runs[0], strings.Replace(string(text), `"version"`, `"column": "Ana@example.com", "version"`, 1))
	write(t, filepath.Join(filepath.Dir(runs[0]), ".duplicates-1"), "x ana@example.com x")
	code, out, errs := said(t, nil, "forget", "C-17", "ana@example.com", "ana.two@example.com", "--yes", "--json")
	var gone struct {
		Removed, Left []string
		Lines         int64
	}
	if err := json.Unmarshal([]byte(out), &gone); code != 0 || err != nil {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	for _, want := range []string{"annotated", "ledger.db.before-", "guesses/x.mapping.yaml", ".duplicates-1"} {
		if !strings.Contains(strings.Join(gone.Removed, " "), want) {
			t.Errorf("removed %v, without %s", gone.Removed, want)
		}
	}
	if all := strings.Join(gone.Left, "\n"); !strings.Contains(all, "the org") || !strings.Contains(all, "backups") ||
		!strings.Contains(all, "snapshots") ||
		!strings.Contains(all, "muster sandbox --forget") {
		t.Errorf("left: %v", gone.Left)
	}
	for _, word := range []string{"ana@example.com", "ana.two@example.com", "C-17"} {
		for _, path := range filesWith(t, ".muster", word) {
			if !strings.Contains(path, "sandbox.db") {
				t.Errorf("%s is in %s", word, path)
			}
		}
	}
	if len(filesWith(t, ".muster/runs", "bea@example.com")) == 0 ||
		len(filesWith(t, ".muster/guesses", "bea@example.com")) == 0 {
		t.Error("somebody else was forgotten")
	}
	if code, said := invoke(t, nil, "show", "last"); code != 0 {
		t.Errorf("a report can be shown no more: exit %d\n%s", code, said)
	}
	// The built-in org is an org: it is told apart.
	if len(filesWith(t, ".muster", "ana@example.com")) == 0 {
		t.Error("the built-in org was changed")
	}
	if code, said := invoke(t, nil, "sandbox", "--forget", "ana@example.com"); code != 0 ||
		!strings.Contains(said, "1 customer of the built-in org") {
		t.Errorf("exit %d\n%s", code, said)
	}
	for _, word := range []string{"ana@example.com", "C-17"} {
		if paths := filesWith(t, ".muster", word); len(paths) > 0 {
			t.Errorf("%s is in %v", word, paths)
		}
	}
	if code, said := invoke(t, nil, "show", "--customer", "bea@example.com", "--to", "sandbox"); code != 0 ||
		!strings.Contains(said, "C-18") {
		t.Errorf("Bea: exit %d\n%s", code, said)
	}
	if code, said := invoke(t, nil, "import", "sound.csv", "--to", "sandbox", "--no-canary"); code != 0 ||
		!strings.Contains(said, "created    1") {
		t.Errorf("afterwards: exit %d\n%s", code, said)
	}
	if code, said := invoke(t, nil, "sandbox", "--wipe"); code != 0 ||
		len(filesWith(t, ".muster", "c-18-is-nowhere")) > 0 {
		t.Errorf("exit %d\n%s", code, said)
	}
	if left, _ := filepath.Glob(".muster/sandbox*"); len(left) > 1 { // the lock's file stays
		t.Errorf("left: %v", left)
	}
	if code, _ := invoke(t, nil, "sandbox", "--wipe"); code != 2 {
		t.Errorf("nothing to wipe: exit %d", code)
	}
}

// A plan made with --redact shows nobody's values, and can be carried out all the same.
func TestPlanHeedsRedact(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "before.csv", "externalId,name,email\nC-1,Anastasia,ana@example.com\n")
	write(t, "after.csv", "externalId,name,email\nC-1,Bernadette,ana.two@example.com\nC-2,Charlotte,c@example.com\n")
	for _, how := range []string{"mask", "hash", "full"} {
		state := "state-" + how
		if code, said := invoke(t, nil, "import", "before.csv", "--to", "sandbox", "--no-canary", "--state",
			state); code != 0 {
			t.Fatal(said)
		}
		code, said := invoke(t, nil, "plan", "after.csv", "--to", "sandbox", "--redact", how, "--state", state)
		plans, err := filepath.Glob(state + "/runs/*/plan.json")
		if code != 0 || err != nil || len(plans) != 1 {
			t.Fatalf("exit %d, %v, %v\n%s", code, plans, err, said)
		}
		for _, word := range []string{"nastasia", "ernadette", "na@example.com", "na.two@", "harlotte"} {
			if paths := filesWith(t, filepath.Dir(plans[0]), word); len(paths) > 0 {
				t.Errorf("%s: %s is in %v", how, word, paths)
			}
		}
		if code, said := invoke(t, nil, "apply", plans[0], "--no-canary"); code != 0 ||
			!strings.Contains(said, "updated    1") || !strings.Contains(said, "created    1") {
			t.Errorf("%s: apply: exit %d\n%s", how, code, said)
		}
	}
}

// The name of a state directory is no pattern: what is forgotten there is found, whatever the directory is called.
func TestForgetWhateverTheDirectoryIsCalled(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "people.csv", "externalId,name,email\nC-17,Ana,ana@example.com\nC-18,Bea,bea@example.com\n")
	for _, state := range []string{"st[a]te", "st[ate"} {
		for _, args := range [][]string{{"import", "people.csv", "--to", "sandbox", "--no-canary"}, {"backup", state + ".db"},
			{"restore", state + ".db"}} {
			if code, said := invoke(t, nil, append(args, "--state", state)...); code != 0 {
				t.Fatalf("%v: exit %d\n%s", args, code, said)
			}
		}
		if code, said := invoke(t, nil, "forget", "C-17", "--yes", "--state", state); code != 0 ||
			!strings.Contains(said, "ledger.db.before-") {
			t.Fatalf("exit %d\n%s", code, said)
		}
		if paths := filesWith(t, state, "C-17"); len(paths) > 1 { // the built-in org has its own command
			t.Errorf("C-17 is in %v", paths)
		}
	}
}
