package command_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"muster/pipeline/config"
)

// notOfJobs are the flags of import that no job has, each with what a project file says in its place.
var notOfJobs = map[string]string{
	"to": "org", "key-file": "key", "share": "share", "timeout": "timeout", "yes-org": "org-name", "grace": "grace",
	"state":       "state",
	"max-invalid": "limits", "max-rejected": "limits", "max-create": "limits", "max-update": "limits",
	"max-sample": "limits", "no-canary": "canary: false", "sandbox-rate": "nothing: it is of rehearsals",
	"dry-run": "nothing: a person reads it", "create-attributes": "nothing: a person is asked",
	"yes":  "nothing: a person is asked",
	"json": "a flag of run", "help": "",
}

// Every option of import is an option of a job, and lint reads each.
func TestEveryOptionOfImportIsOneOfAJob(t *testing.T) {
	o := config.DefaultOptions()
	keys := map[string]bool{}
	var b strings.Builder
	b.WriteString("version: 1\norg: sandbox\njobs:\n  customers:\n    source: a.csv\n")
	for _, one := range o.All() {
		keys[one.Name] = true
		value := "x"
		switch to := one.To.(type) {
		case *bool:
			value = "true"
		case *int:
			value = "1"
		case *string:
			if value = *to; value == "" {
				value = append(one.Words, "x")[0]
			}
		}
		if one.Name != "no-header" && one.Name != "mapping" && one.Name != "properties" {
			fmt.Fprintf(&b, "    %s: %s\n", one.Name, value)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+)`).FindAllStringSubmatch(run(t, "import", "--help"),
		-1) {
		if _, other := notOfJobs[m[1]]; !keys[m[1]] && !other {
			t.Errorf("import has --%s, and a job has no %s", m[1], m[1])
		}
		delete(keys, m[1])
	}
	if len(keys) > 0 {
		t.Errorf("these keys of a job are no flags of import: %v", keys)
	}
	path := filepath.Join(t.TempDir(), "muster.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := run(t, "lint", "--project", path); !strings.Contains(out, "is right") {
		t.Errorf("lint says %s of\n%s", out, b.String())
	}
	wrong := strings.NewReplacer("delimiter: x", "delimiter: xx", "on-conflict: reject",
		"on-conflict: flip").Replace(b.String())
	if err := os.WriteFile(path, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	out := run(t, "lint", "--project", path)
	for _, name := range []string{"delimiter", "on-conflict"} {
		if !strings.Contains(out, name) {
			t.Errorf("lint does not say that %s is wrong: %s", name, out)
		}
	}
}
