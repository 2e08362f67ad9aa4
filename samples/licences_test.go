package samples_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var updateLicences = flag.Bool("update-licences", false, "write testdata/licences.txt anew")

// licences tell one from another by words that only it has. All of them let the program be used, changed and passed on.
var licences = []struct{ name, words string }{
	{"Apache-2.0", "Apache License\\s+Version 2\\.0"},
	{"MPL-2.0", "Mozilla Public License,? [Vv]ersion 2\\.0"},
	{"ISC", "Permission to use, copy, modify, and(/or)? distribute this software"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"BSD-3-Clause", "Neither the name of"},
	{"BSD-3-Clause", "names? of (its|the) contributors may"},
	{"BSD-2-Clause", "Redistributions in binary form must reproduce"},
	{"Unlicense", "This is free and unencumbered software"},
}

// TestLicencesAndToolsAreListed: every module that is in the program, and every tool of go.mod, stands in
// testdata/licences.txt with its licence, and nothing else does. A module that comes in, or changes its licence, is
// seen here first.
func TestLicencesAndToolsAreListed(t *testing.T) {
	if testing.Short() {
		t.Skip("lists every package of the program")
	}
	var lines []string
	for _, one := range []struct{ what, packages string }{{"program", ".."}, {"tool", "tool"}} {
		c := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}{{end}}{{end}}",
			one.packages)
		c.Dir = ".."
		if one.packages == ".." {
			c.Args[len(c.Args)-1] = "."
		}
		c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
		c.Stderr = os.Stderr
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			path, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
			entry := fmt.Sprintf("%s %s %s", one.what, path, licenceOf(t, path, dir))
			if path != "" && !slices.Contains(lines, entry) {
				lines = append(lines, entry)
			}
		}
	}
	slices.Sort(lines)
	found := strings.Join(lines, "\n") + "\n"
	at := filepath.Join("testdata", "licences.txt")
	if *updateLicences {
		if err := os.WriteFile(at, []byte(found), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	listed, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if !strings.Contains(string(listed), line+"\n") {
			t.Errorf("not listed: %s (go test ./samples -run Licences -update-licences lists it, once it has been read)", line)
		}
	}
	for line := range strings.Lines(string(listed)) {
		if !slices.Contains(lines, strings.TrimSpace(line)) {
			t.Errorf("listed, and gone: %s", line)
		}
	}
}

// licenceOf names the licence of a module by the text it comes with.
func licenceOf(t *testing.T, path, dir string) string {
	if path == "" {
		return ""
	}
	files, _ := filepath.Glob(filepath.Join(dir, "[LC][IiOo][CcPp][EeYy]*"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, l := range licences {
			if regexp.MustCompile(l.words).Match(text) {
				return l.name
			}
		}
	}
	t.Errorf("%s comes with no licence that is known here", path)
	return "unknown"
}
