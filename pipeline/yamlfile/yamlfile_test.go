package yamlfile

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Each mistake has its place, and those of one file come in order of places.
func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"name: Ann\nmail: x": "", "": "f:1:1: the file is empty (write one)",
		"name: x\nmail: a\u0085b": "f:2:8: a line break (U+0085) that cannot be seen stands here (in a text, write " +
			"it in double quotes as \"\\u0085\")",
		"nam: Ann":                     `f:1:1: the file has no key "nam" (did you mean name?)`,
		"colour: red":                  `f:1:1: the file has no key "colour" (keys are name, mail)`,
		"name: a\nname: b":             `f:2:1: "name" stands here and in line 1`,
		"[a]: b":                       "f:1:1: a key must be text, this is a list",
		"- name":                       "f:1:1: the file must have keys and values, this is a list",
		"name: &a x\nmail: *a":         "f:2:7: none here (write the value out)",
		"name: a\n---\nname: b":        "f:2:1: a second document begins here (put each in a file of its own)",
		"name: \"a\nmail: b":           "not YAML",
		"name: \xff":                   "f:1:1: the file is not UTF-8 (save it as UTF-8)",
		strings.Repeat("#", largest+1): "a form at most 1048576",
		"mail: a\nnaem: b\nmail: c": "f:2:1: the file has no key \"naem\" (did you mean name?)\n" +
			"f:3:1: \"mail\" stands here and in line 1",
	} {
		r := Reader{File: "f", What: "a form", Begin: "write one", NoAlias: "none here"}
		read := 0
		if root := r.Document([]byte(text)); root != nil {
			r.Object(root, "the file", []string{"name", "mail"}, func(int, *yaml.Node) { read++ })
		}
		err := r.Err()
		if want == "" {
			if err != nil || read != 2 {
				t.Errorf("%q: %v, %d values", text, err, read)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

func TestAliasesAreFollowed(t *testing.T) {
	r := Reader{File: "f"}
	r.Object(r.Document([]byte("name: &a x\nmail: *a")), "the file", []string{"name", "mail"},
		func(_ int, value *yaml.Node) {
			if value.Value != "x" {
				t.Errorf("%q", value.Value)
			}
		})
	if err := r.Err(); err != nil {
		t.Error(err)
	}
}
