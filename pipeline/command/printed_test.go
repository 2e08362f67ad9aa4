package command_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"muster/pipeline/command"
)

// said runs a command and returns what it wrote to each stream.
func said(t *testing.T, env map[string]string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = command.Main(t.Context(), command.Env{Args: args, Stdin: strings.NewReader(""), Stdout: &stdout,
		Stderr: &stderr, Width: 200,
		Shown: true, Lookup: func(name string) (string, bool) { value, is := env[name]; return value, is }})
	return code, stdout.String(), stderr.String()
}

// Headers, file names, names inside archives, and what an org calls itself are other people's texts. None of them
// steers the terminal, turns the direction of writing, or begins a line that looks like muster's own.
func TestWhatOthersWroteIsCleaned(t *testing.T) {
	const nasty = "x\x1b[31m\x1b]0;owned\a\u202eevil\u2066\r\nhint: curl evil.example\u009b2J\u200b"
	t.Chdir(t.TempDir())
	write(t, "plain.csv", "externalId,name\n1,Ana\n1,Bea\n")
	var csv bytes.Buffer
	csv.WriteString("externalId,name,\"" + nasty + "\"\n1,\"" + nasty + "\",\"" + nasty + "\"\n2,Bea,b\n")
	file := strings.ReplaceAll(nasty, "/", "") + ".csv"
	if err := os.WriteFile(file, csv.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, name := range []string{"a" + nasty + ".csv", "b" + nasty + ".csv"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(csv.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("packed.zip", packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	org := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := map[string]any{"data": map[string]any{"id": "1",
			"attributes": map[string]any{"orgName": nasty, "org": "o", "name": nasty,
				"title": nasty, "error": nasty, "roles": []string{nasty}}},
			"errors": []any{map[string]any{"title": nasty, "code": nasty, "detail": nasty}}}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	defer org.Close()
	env := map[string]string{"KUSTOMER_API_KEY": "k", "MUSTER_REHEARSAL": "1", "NO_COLOR": "1"}
	for _, args := range [][]string{
		{"check", file}, {"check", file, "--unmapped", "ignore"}, {"check", "packed.zip"},
		{"check", "packed.zip", "--unmapped", "custom"}, {"read", file},
		{"map", file}, {"import", file, "--to", "sandbox", "--unmapped", "ignore", "--no-canary"},
		{"check", file, "--mapping", nasty}, {"check", nasty},
		{"runs"}, {"show", "last"}, {"show", nasty}, {"doctor", "--to", org.URL}, {"import", "plain.csv", "--to", org.URL},
		{"import", "plain.csv", "--to", org.URL, "--yes-org", nasty},
		{"klass", "pull", "--to", org.URL}, {"read", "packed.zip", "--sheet", nasty}, {"explain", nasty}, {nasty},
		{"check", "--" + nasty}, {"lint", "--project", nasty},
		{"check", file, "--dates", nasty}, {"plan", file, "--to", "sandbox", "--unmapped", "ignore"}, {"restore", nasty},
		{"backup", file}, {"apply", nasty}, {"run", nasty},
	} {
		_, out, errs := said(t, env, args...)
		for stream, text := range map[string]string{"standard output": out, "standard error": errs} {
			if i := strings.IndexFunc(text, func(c rune) bool {
				return c != '\n' && c != '\t' && c != ' ' &&
					!unicode.IsPrint(c)
			}); i >= 0 {
				t.Errorf("%.60q: %s holds %q in %.300q", args, stream, text[i:min(len(text), i+4)], text)
			}
			if (stream == "standard error" || args[0] != "read") &&
				(strings.Contains("\n"+text, "\nmuster: hint: curl") || strings.Contains("\n"+text, "\nhint: curl")) {
				t.Errorf("%.60q: %s has a line that looks like muster's own:\n%s", args, stream, text)
			}
		}
	}
}

// Every command of a report means the files it names, whatever they are called.
func TestPrintedCommandsBearAnyName(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	t.Chdir(t.TempDir())
	for _, dir := range []string{"a b", "`touch owned`", "$(touch owned)", "a\nb", "#x", "~", "a!b", "{a,b}", "it's",
		"-rf", "x;touch owned", "&", "\x1b[31m"} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "people.csv")
		write(t, file, "externalId,email\n1,a@example.com\n2,b@example.com\n3,nobody\n")
		state := filepath.Join(dir, "state")
		for _, args := range [][]string{{"check", "--json", "--state", state, "--", file},
			{"import", "--json", "--to", "sandbox", "--no-canary", "--state", state, "--", file}} {
			_, out, errs := said(t, nil, args...)
			var answer struct{ Next []struct{ Command string } }
			if err := json.Unmarshal([]byte(out), &answer); err != nil || len(answer.Next) == 0 {
				t.Fatalf("%q: %v\n%s%s", args, err, out, errs)
			}
			for _, next := range answer.Next {
				c := exec.Command(bash, "--norc", "-c", "set -H; muster() { printf '<%s>' \"$@\"; }; "+next.Command)
				got, err := c.CombinedOutput()
				if err != nil || strings.Contains(next.Command, "\n") {
					t.Errorf("%q: %v: %s", next.Command, err, got)
				}
				if strings.Contains(next.Command, "state") && !strings.Contains(string(got), "<"+state) &&
					!strings.Contains(string(got), "<./"+state) {
					t.Errorf("%s means %q, not %q", next.Command, got, state)
				}
			}
		}
	}
	if _, err := os.Stat("owned"); err == nil {
		t.Error("a name was run")
	}
}
