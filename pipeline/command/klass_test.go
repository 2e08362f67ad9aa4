package command_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline/command"
)

// On a terminal a person is asked before attributes are made; anything but yes makes nothing.
func TestKlassApplyAsks(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x.yaml")
	if err := os.WriteFile(file, []byte("klasses:\n  customer:\n    hatSizeNum: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(answer string) (code int, said string) {
		var out bytes.Buffer
		code = command.Main(context.Background(), command.Env{
			Args:  []string{"klass", "apply", "--from", file, "--to", "sandbox", "--state", dir},
			Stdin: strings.NewReader(answer), Stdout: &out, Stderr: &out, Watched: true, Width: 80,
			Lookup: func(string) (string, bool) { return "", false }})
		return code, out.String()
	}
	for _, answer := range []string{"n\n", "", "\n", "what?\n"} {
		if code, said := ask(answer); code != 2 || !strings.Contains(said, "make or extend 1 attribute? [y/N]") ||
			!strings.Contains(said, "nothing was changed") {
			t.Errorf("%q: exit %d\n%s", answer, code, said)
		}
	}
	if code, said := ask("y\n"); code != 0 || !strings.Contains(said, "made or extended 1 attribute;") {
		t.Errorf("exit %d\n%s", code, said)
	}
	if code, said := ask("y\n"); code != 0 || !strings.Contains(said, "nothing to make") {
		t.Errorf("exit %d\n%s", code, said)
	}
}
