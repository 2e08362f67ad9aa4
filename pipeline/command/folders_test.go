package command_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// folderNamed is a folder in the table of a README.
var folderNamed = regexp.MustCompile("`([a-z]+)/`")

// TestFoldersAreNamed: the README of a folder names each folder that it holds, and no other.
func TestFoldersAreNamed(t *testing.T) {
	for _, folder := range []string{"mappings", "schema", "samples", "pipeline"} {
		root := filepath.Join("..", "..", folder)
		text, err := os.ReadFile(filepath.Join(root, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		var named, there []string
		for _, m := range folderNamed.FindAllStringSubmatch(string(text), -1) {
			named = append(named, m[1])
		}
		entries, err := os.ReadDir(root)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() {
				there = append(there, e.Name())
			}
		}
		for _, name := range there {
			if !slices.Contains(named, name) {
				t.Errorf("%s/README.md does not name %s/", folder, name)
			}
		}
		for _, name := range named {
			if !slices.Contains(there, name) {
				t.Errorf("%s/README.md names %s/, which is not there", folder, name)
			}
		}
	}
}
