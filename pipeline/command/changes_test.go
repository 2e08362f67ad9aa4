package command_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muster/pipeline/command"
)

// The page of muster help changes is made of one file for each change: the newest version first, and in it what was
// added, changed, fixed and removed.
func TestChangesArePrinted(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Changes\n")
	versions, err := filepath.Glob("../../.changes/[0-9u]*")
	if err != nil || len(versions) == 0 {
		t.Fatalf("there are no changes: %v", err)
	}
	slices.Reverse(versions)
	form := regexp.MustCompile("^(Added|Changed|Fixed|Removed): (.+[.])$")
	for _, version := range versions {
		files, err := filepath.Glob(filepath.Join(version, "*.md"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n## %s\n\n", filepath.Base(version))
		var lines []string
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(text), "\n")
			m := form.FindStringSubmatch(first)
			if m == nil {
				t.Errorf("%s: the first line is not like  Added: what it is.", file)
				continue
			}
			lines = append(lines, fmt.Sprintf("- **%s** %s\n", m[1], m[2]))
		}
		slices.Sort(lines)
		b.WriteString(strings.Join(lines, ""))
	}
	const page = "manual/changes.md"
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(page); err != nil || string(text) != b.String() {
		t.Errorf("%s is not what .changes says (go test ./pipeline/command -run Changes -update writes it): %v", page, err)
	}
}

// firstQuestion is what muster start asks first of the sample that the README takes for contacts.csv.
func firstQuestion(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../samples/exports/no-header.csv")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "contacts.csv")
	write(t, file, string(text))
	var errs strings.Builder
	command.Main(t.Context(), command.Env{Args: []string{"start", file}, Stdin: strings.NewReader("\nq\n"),
		Stdout: io.Discard, Stderr: &errs, Width: 80,
		Lookup: func(string) (string, bool) { return "", false }})
	first, _, _ := strings.Cut(strings.TrimLeft(errs.String(), "\n"), "\n> ")
	return "```\n" + first + "\n> \n```\n"
}
