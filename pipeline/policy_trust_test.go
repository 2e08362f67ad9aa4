package pipeline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whom muster believes is decided in one room: no other tells this machine by the beginning of a name, starts a command
// with the whole environment, or writes to a place by its name, where a link may stand.
func TestPolicyOfStrangers(t *testing.T) {
	// asked are files that write where a person says, each with its reason.
	asked := map[string]string{
		"pipeline/command/man.go": "the folder of man pages that is named",
	}
	for _, s := range readModule(t) {
		if s.tested || !strings.HasPrefix(s.path, "pipeline/") || strings.HasPrefix(s.path, "pipeline/trust/") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(s.path)))
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		if strings.Contains(text, `"127.`) && strings.Contains(text, "HasPrefix") ||
			strings.Contains(text, `== "localhost"`) {
			t.Errorf("%s: trust.Loopback says which host is this machine", s.path)
		}
		if strings.Count(text, "exec.Command") > strings.Count(text, "trust.Environment(") {
			t.Errorf("%s: a command is given trust.Environment", s.path)
		}
		if (strings.Contains(text, "os.WriteFile(") || strings.Contains(text, "os.Create(")) && asked[s.path] == "" {
			t.Errorf("%s: trust.Open and trust.WriteWhole follow no link", s.path)
		}
	}
}
