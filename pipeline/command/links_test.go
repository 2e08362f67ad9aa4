//go:build unix

package command_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A state directory may have come with somebody's archive: no link in it is followed to where something would be
// written.
func TestLinksInTheStateDirectory(t *testing.T) {
	for _, link := range []string{"ledger.lock", "ledger.db", "ledger.db-wal", "ledger.db-shm", "sandbox.db",
		"sandbox.db.lock", "sandbox.db-wal",
		"runs", "guesses", "feeds", "keys.json", "sandbox.key", ".probe", "overlap.json"} {
		t.Run(link, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, "people.csv", "externalId,email\n1,a@example.com\n2,nobody\n")
			write(t, "victim", "dear")
			target := "victim"
			if link == "runs" || link == "guesses" || link == "feeds" {
				target = "elsewhere"
			}
			if err := errors.Join(os.Mkdir("elsewhere", 0o700), os.Mkdir("state", 0o700),
				os.Symlink("../"+target, filepath.Join("state", link))); err != nil {
				t.Fatal(err)
			}
			code, said := invoke(t, nil, "import", "people.csv", "--to", "sandbox", "--no-canary", "--state", "state")
			switch link {
			case "keys.json", "sandbox.key", ".probe", "overlap.json": // the sandbox's import needs none of them
			default:
				if code != 2 || !strings.Contains(said, "is a link") ||
					!strings.Contains(said, "hint: see where it leads (ls -l), then remove it: rm ") {
					t.Errorf("exit %d\n%s", code, said)
				}
			}
			invoke(t, nil, "doctor", "--to", "sandbox", "--state", "state")
			if text, err := os.ReadFile("victim"); err != nil || string(text) != "dear" {
				t.Errorf("what the link leads to holds %q, %v", text, err)
			}
			if list, err := os.ReadDir("elsewhere"); err != nil || len(list) > 0 {
				t.Errorf("elsewhere there is %v, %v", list, err)
			}
		})
	}
}

// A run's directory that is there already is written to by verify and undo: not through a link either.
func TestLinksInARunsDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "people.csv", "externalId,email\n1,a@example.com\n")
	write(t, "victim", "dear")
	if code, said := invoke(t, nil, "import", "people.csv", "--to", "sandbox", "--no-canary"); code != 0 {
		t.Fatal(said)
	}
	runs, err := filepath.Glob(".muster/runs/*")
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	if err := os.Symlink("../../../victim", filepath.Join(runs[0], "verify.csv")); err != nil {
		t.Fatal(err)
	}
	code, said := invoke(t, nil, "verify", "last")
	if text, err := os.ReadFile("victim"); err != nil || string(text) != "dear" {
		t.Errorf("exit %d: what the link leads to holds %q, %v\n%s", code, text, err, said)
	}
}

// A directory that somebody else owns or may write to holds no ledger, and the command that mends it is named.
func TestAStateDirectoryOfOthers(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "people.csv", "externalId,email\n1,a@example.com\n")
	for name, test := range map[string]struct {
		mode     os.FileMode
		uid, gid int
		want     string
	}{
		"everybody": {0o777, -1, -1, "hint: chmod go-w"}, "a group": {0o770, 0, 12345, "hint: chmod g-w"},
		"another": {0o700, 12345, 12345, `hint: work as that user, or make it yours: sudo chown "$(id -un)"`},
		"mine":    {0o755, -1, -1, ""},
	} {
		if test.uid >= 0 && os.Getuid() != 0 {
			continue
		}
		if err := errors.Join(os.Mkdir(name, 0o700), os.Chown(name, test.uid, test.gid),
			os.Chmod(name, test.mode)); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"check", "people.csv"}, {"import", "people.csv", "--to", "sandbox", "--no-canary"},
			{"doctor", "--to", "sandbox"}} {
			code, said := invoke(t, nil, append(args, "--state", name)...)
			if test.want == "" && code != 0 || test.want != "" && (code != 2 || !strings.Contains(said, test.want)) {
				t.Errorf("%s, %v: exit %d\n%s", name, args, code, said)
			}
		}
	}
}

// What a night fetches is not laid where a link leads either.
func TestALinkInPlaceOfFeeds(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "muster.yaml", "version: 1\norg: sandbox\nstate: state\njobs:\n"+
		"  people: {source: {command: [echo, \"externalId\"]}}\n")
	if err := errors.Join(os.Mkdir("elsewhere", 0o700), os.Mkdir("state", 0o700),
		os.Symlink("../elsewhere", "state/feeds")); err != nil {
		t.Fatal(err)
	}
	code, said := invoke(t, nil, "run")
	if list, err := os.ReadDir("elsewhere"); code != 2 || !strings.Contains(said, "is a link") || err != nil ||
		len(list) > 0 {
		t.Errorf("exit %d: elsewhere there is %v, %v\n%s", code, list, err, said)
	}
}
