package command_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// saidIn is the environment variable that names where a script's programs leave a copy of all they print.
const saidIn = "MUSTER_TEST_SAID"

// overheard copies a stream of this process for the test of law 5; stream is "out" or "err".
func overheard(w io.Writer, stream string) io.Writer {
	dir := os.Getenv(saidIn)
	if dir == "" {
		return w
	}
	file, err := os.CreateTemp(dir, stream+"-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(file, strings.Join(os.Args[1:], "\x00"))
	return io.MultiWriter(file, w)
}

// canaries are what must not be printed: every e-mail address and phone number in the inputs of a script, every name
// that people plants, and the keys.
var canaries = regexp.MustCompile(`[\w.+-]+@[\w-]+(\.[\w-]+)+|\+\d{9,15}|\bAna \d+\b`)

// printsValues says whether a command prints rows to standard output because that is what it is asked for.
func printsValues(args []string) bool {
	return len(args) > 0 && (args[0] == "read" || args[0] == "show" && len(args) > 2)
}

// asks says whether a command shows values to the person whom it asks about them.
func asks(args []string) bool {
	return len(args) > 0 && (args[0] == "start" || args[0] == "map" && slices.Contains(args, "--ask"))
}

// heldByLaw5 has all that any program of a script prints copied, and fails the script when a value of its inputs or one
// of its keys is in there.
func heldByLaw5(e *testscript.Env, kinds string) error {
	said, err := os.MkdirTemp("", "said-")
	if err != nil {
		return err
	}
	pasted, err := os.MkdirTemp(kinds, "script-")
	if err != nil {
		return err
	}
	e.Setenv(saidIn, said)
	e.Setenv(pasteIn, pasted)
	if *longScripts {
		e.Setenv(pasteAll, "1")
	}
	e.Defer(func() {
		defer os.RemoveAll(said)
		for _, leak := range leaks(e.WorkDir, said) {
			e.T().Log(leak)
			e.T().FailNow()
		}
		if err := heldByLaw11(e.WorkDir, said, pasted); err != nil {
			e.T().Log(err)
			e.T().FailNow()
		}
	})
	return nil
}

// leaks says what of the files below work is found in what was said.
func leaks(work, said string) (found []string) {
	secrets := map[string]bool{}
	_ = filepath.WalkDir(work, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".csv", ".ndjson", ".json", ".tsv", ".vcf", ".key"},
			filepath.Ext(path)) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || strings.Contains(path, "/runs/") {
			return nil
		}
		if filepath.Ext(path) == ".key" {
			secrets[strings.TrimSpace(string(text))] = true
			return nil
		}
		for _, value := range canaries.FindAll(text, -1) {
			secrets[string(value)] = true
		}
		return nil
	})
	// what messages give as examples, and reports repeat
	for _, nobodys := range []string{"", "+31612345678", "name@example.com"} {
		delete(secrets, nobodys)
	}
	files, _ := os.ReadDir(said)
	for _, f := range files {
		text, _ := os.ReadFile(filepath.Join(said, f.Name()))
		command, rest, _ := bytes.Cut(text, []byte("\n"))
		args := strings.Split(string(command), "\x00")
		if strings.HasPrefix(f.Name(), "out") && printsValues(args) || strings.HasPrefix(f.Name(), "err") && asks(args) {
			continue
		}
		for _, value := range canaries.FindAll(rest, -1) {
			if secrets[string(value)] && !strings.Contains(string(command), string(value)) {
				found = append(found, fmt.Sprintf("law 5: muster %s printed a value of its input: %s", strings.Join(args, " "),
					value))
			}
		}
		for secret := range secrets {
			if strings.HasPrefix(secret, "sandbox-") && bytes.Contains(rest, []byte(secret)) {
				found = append(found, "law 5: muster "+strings.Join(args, " ")+" printed the key")
			}
		}
	}
	return found
}

// The test of law 5 finds what it looks for.
func TestLaw5FindsACanary(t *testing.T) {
	for said, want := range map[string]int{
		"import a.csv\nmuster: error: line 2: ana.1@example.com is no number": 1, "import a.csv\nAna 77 is missing": 1,
		"import a.csv\nkey sandbox-KEY refused":          1,
		"import a.csv\nmuster: error: other@example.com": 0, "import a.csv\nall is well": 0,
		"read\x00a.csv\nana.1@example.com": 0, "show\x00last\x00C-1\nAna 77": 0,
	} {
		work, dir := t.TempDir(), t.TempDir()
		for path, text := range map[string]string{work + "/a.csv": "id,name,email\n1,Ana 77,ana.1@example.com\n", work +
			"/org.key": "sandbox-KEY\n", dir + "/out-1": said} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := leaks(work, dir); len(got) != want {
			t.Errorf("%q: %q, want %d", said, got, want)
		}
	}
}
