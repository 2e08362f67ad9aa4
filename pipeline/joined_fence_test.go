package pipeline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
)

// saidLines keeps what is said of a run.
type saidLines struct{ lines []string }

func (*saidLines) Phase(string, int64) {}
func (*saidLines) Step(int64)          {}
func (*saidLines) Done()               {}
func (o *saidLines) Say(line string)   { o.lines = append(o.lines, line) }

// A mapping that came with the export reads nothing but regular files beside it; one that the user names reads what it
// says.
func TestAMappingThatNobodyNamedStaysInItsFolder(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secrets.csv")
	files := map[string]string{"people.csv": "id,org\n1,a\n", "orgs.csv": "id,name\na,Acme\n"}
	for name, test := range map[string]struct {
		join  string
		prep  func(dir string) error
		named bool
		want  string // "" it is read
	}{
		"beside": {join: "orgs.csv"}, "below": {join: "more/orgs.csv", prep: func(dir string) error {
			return os.Mkdir(filepath.Join(dir, "more"), 0o700)
		}},
		"outside":        {join: outside, want: "is not below"},
		"outside, named": {join: outside, named: true},
		"dots": {join: "x/../../secrets.csv", prep: func(dir string) error {
			return os.Mkdir(filepath.Join(dir, "x"), 0o700)
		}, want: "not below"}, "link": {join: "link.csv", prep: func(dir string) error {
			return os.Symlink(outside, filepath.Join(dir, "link.csv"))
		}, want: "is not below"}, "device": {join: "/dev/zero", want: "is not below"},
		"folder": {join: "more", prep: func(dir string) error { return os.Mkdir(filepath.Join(dir, "more"), 0o700) },
			want: "is no regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if test.prep != nil {
				if err := test.prep(dir); err != nil {
					t.Fatal(err)
				}
			}
			put := func(path, text string) {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for file, text := range files {
				put(filepath.Join(dir, file), text)
			}
			put(outside, files["orgs.csv"])
			put(filepath.Join(filepath.Dir(dir), "secrets.csv"), files["orgs.csv"])
			if strings.Contains(test.join, "more/") {
				put(filepath.Join(dir, test.join), files["orgs.csv"])
			}
			mapping := filepath.Join(dir, "people.mapping.yaml")
			put(mapping, "version: 1\ncolumns:\n  id: externalId\n  org: ignore\n  o.name: name\njoins:\n  - {file: "+test.join+
				", name: o, on: {org: id}}\n")
			heard := &saidLines{}
			c := pipeline.Config{Command: "check", Files: []string{filepath.Join(dir, "people.csv")}, State: t.TempDir(),
				Progress: heard}
			if test.named {
				c.Mapping = mapping
			}
			_, err := pipeline.Run(t.Context(), c)
			if said := strings.Join(heard.lines, "\n"); test.want == "" && !test.named &&
				!strings.Contains(said, "joins in "+filepath.Join(dir, test.join)) {
				t.Errorf("said %q", said)
			}
			if test.want == "" && err != nil || test.want != "" &&
				(err == nil || !strings.Contains(err.Error(), test.want) || exit.Code(err) != 2) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
