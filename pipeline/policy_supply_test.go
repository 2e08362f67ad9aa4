package pipeline_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var updateGolden = flag.Bool("update", false, "write the list of modules and licences anew")

// licences are those by which what muster is made of may come, each by words that stand in its text and in no other's.
// The more special come first.
func licences() []struct{ name, words string } {
	return []struct{ name, words string }{
		{"Apache-2.0", "Apache License Version 2.0"},
		{"MPL-2.0", "Mozilla Public License Version 2.0"},
		{"BSD-3-Clause", "Neither the name"},
		{"BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright notice"},
		{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and " +
			"associated documentation"},
		{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"},
	}
}

// TestPolicySupply: every module whose code is in the program, and every one that the tools of go.mod are made of,
// stands in testdata/supply.txt with its licence. One whose licence is another, or cannot be told, is not let in.
func TestPolicySupply(t *testing.T) {
	var lines []string
	program := modules(t, ".")
	tools := modules(t, "tool")
	for module, dir := range program {
		lines = append(lines, "program "+module+" "+licenceOf(t, module, dir))
	}
	for module, dir := range tools {
		if program[module] == "" {
			lines = append(lines, "tool "+module+" "+licenceOf(t, module, dir))
		}
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	const list = "testdata/supply.txt"
	if *updateGolden {
		if err := os.WriteFile(list, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	was := strings.Split(strings.TrimSpace(string(want)), "\n")
	for _, line := range lines {
		if !slices.Contains(was, line) {
			t.Errorf("new, or of another licence: %s", line)
		}
	}
	for _, line := range was {
		if !slices.Contains(lines, line) {
			t.Errorf("gone: %s", line)
		}
	}
	if t.Failed() {
		t.Log("go test ./pipeline -run PolicySupply -update writes the list anew; a new module needs a reason")
	}
}

// modules are the modules of the packages of a pattern, on every system it is built for, with where each lies.
func modules(t *testing.T, pattern string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		c := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}",
			pattern)
		c.Dir, c.Env = "..", append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH=amd64")
		out, err := c.Output()
		if err != nil {
			t.Fatalf("go list %s for %s: %v", pattern, system, err)
		}
		for line := range strings.Lines(string(out)) {
			if path, dir, listed := strings.Cut(strings.TrimSpace(line), "\t"); listed {
				found[path] = dir
			}
		}
	}
	if len(found) == 0 {
		t.Fatalf("go list %s names no module", pattern)
	}
	return found
}

// licenceOf is the licence of a module by the text that lies in its folder.
func licenceOf(t *testing.T, module, dir string) string {
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	isLicence, blank := regexp.MustCompile(`(?i)^(licen[cs]e|copying)(-apache-2\.0)?(\.txt|\.md)?$`),
		regexp.MustCompile(`[\s*#>]+`)
	for _, file := range files {
		if !isLicence.MatchString(file.Name()) {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ToLower(blank.ReplaceAllString(string(raw), " "))
		for _, licence := range licences() {
			if strings.Contains(text, strings.ToLower(licence.words)) {
				return licence.name
			}
		}
	}
	t.Errorf("the licence of %s cannot be told from %s", module, dir)
	return "unknown"
}
