package command_test

import (
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/command"
)

// musterOn runs one command on a file given as standard input.
func musterOn(t *testing.T, input, line string, watched bool) (code int, out, said string) {
	t.Helper()
	var stdout, stderr strings.Builder
	args := strings.Fields(line)
	if args[0] == "check" {
		args = append(args, "--state", t.TempDir())
	}
	code = command.Main(t.Context(), command.Env{Args: args, Stdin: strings.NewReader(input), Stdout: &stdout, Stderr: &stderr,
		Lookup: func(string) (string, bool) { return "", false }, Width: 80, Watched: watched})
	return code, stdout.String(), stderr.String()
}

// A person who looks into a file sees one word of it as each encoding reads it; a log never does.
func TestReadingsOfAnEncodingAreShown(t *testing.T) {
	for _, c := range []struct {
		line           string
		watched, shown bool
	}{
		{"read -", false, true}, {"map -", false, true}, {"check -", true, true}, {"check -", false, false},
	} {
		code, _, said := musterOn(t, "name\nPlze\xf2\n", c.line, c.watched)
		shown := strings.Contains(said, "as Windows-1252   Plzeò\n") && strings.Contains(said, "as Windows-1250   Plzeň\n")
		if code != pipeline.ExitUsage || shown != c.shown || strings.Contains(said, "Plze") != c.shown {
			t.Errorf("%s, watched %v: exit code %d\n%s", c.line, c.watched, code, said)
		}
	}
}
