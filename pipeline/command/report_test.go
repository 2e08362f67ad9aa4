package command_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/xeipuuv/gojsonschema"
)

// Every run leaves a report.json that is as `muster explain report.json` says, and the same as a page, for its owner
// alone.
func TestReportsOfRuns(t *testing.T) {
	schema, err := gojsonschema.NewSchema(gojsonschema.NewStringLoader(run(t, "explain", "report.json")))
	if err != nil {
		t.Fatal(err)
	}
	const sample = "../../samples/customers.csv"
	for name, args := range map[string][]string{"check": {"check", sample},
		"import": {"import", sample, "--to", "sandbox"}} {
		t.Run(name, func(t *testing.T) {
			state := t.TempDir()
			run(t, append(args, "--state", state)...)
			text := left(t, state, "report.json")
			result, err := schema.Validate(gojsonschema.NewBytesLoader(text))
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range result.Errors() {
				t.Error(fault)
			}
			page := left(t, state, "report.html")
			for _, says := range []string{"<title>muster " + name, "The books balance", "Exit code 3: finished", "J47",
				"customers.csv"} {
				if !bytes.Contains(page, []byte(says)) {
					t.Errorf("the page does not say %q", says)
				}
			}
		})
	}
}

// left reads the one file of a name that the one run of a state directory left.
func left(t *testing.T, state, name string) []byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(state, "runs", "*", name))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%d files %s, %v", len(paths), name, err)
	}
	if info, err := os.Stat(paths[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	return text
}
