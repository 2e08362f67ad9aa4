package mappings

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzParse: no mapping file makes Parse panic or take memory out of proportion, every mistake has a place in the file,
// and what Parse takes can be bound and mapped.
func FuzzParse(f *testing.F) {
	f.Add([]byte(everything))
	f.Add([]byte(typical))
	f.Add(standardFile)
	archive, err := txtar.ParseFile("testdata/mistakes.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		f.Add(bytes.ReplaceAll(file.Data, []byte("»"), nil))
	}
	files, err := fs.Glob(presetFiles, "presets/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := presetFiles.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	laughs := "version: 1\na: &a [x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		laughs += fmt.Sprintf("%c: &%[1]c [%s]\n", c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 8), ", "))
	}
	f.Add([]byte(laughs))
	f.Add([]byte("version: 1\ncolumns: &a\n  A: name\n  <<: *a\n"))
	f.Add([]byte("version: 1\ncolumns: &a {A: *a}\nkeys: *a\n"))
	f.Add([]byte("version: 1\ncolumns: " + strings.Repeat("[", 2000) + strings.Repeat("]", 2000)))
	f.Add([]byte("version: 1\n? {a: b}\n: c\n!!binary x: !!set {}\n--- \n..."))
	f.Fuzz(func(t *testing.T, text []byte) {
		allocatedAtMost(t, 64<<20+uint64(len(text))*20_000, func() { parseOnce(t, text) })
	})
}

func parseOnce(t *testing.T, text []byte) {
	m, err := Parse("fuzz.yaml", text)
	if err != nil {
		var mistakes Mistakes
		if !errors.As(err, &mistakes) || len(mistakes) == 0 {
			t.Fatalf("error %v", err)
		}
		for _, one := range mistakes {
			if one.Line < 1 || one.Column < 1 || one.Line > bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte("\r"))+2 ||
				one.Message == "" {
				t.Fatalf("mistake %+v", one)
			}
		}
		return
	}
	var header []string
	for _, e := range m.entries {
		header = append(header, e.column)
	}
	p, err := m.Bind(header, BindOptions{Unmapped: "ignore", Missing: "ignore"})
	if err != nil {
		return
	}
	var rec Record
	for _, cell := range []string{"", "1", "ann@x.org"} {
		holdLaws(t, p, cellsOf(strings.Split(strings.Repeat(cell+"|", len(header)), "|")), nil, &rec)
	}
}

// FuzzMap: whatever stands in the cells of whatever kinds, the laws of records hold. Cells are split
// at the first byte of the text.
func FuzzMap(f *testing.F) {
	m, err := Parse("fuzz.yaml", []byte(everything))
	if err != nil {
		f.Fatal(err)
	}
	p, err := m.Bind(strings.Split(everythingHeader, ","), BindOptions{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("|7|Ann|Lee|a@x.org;b@x.org|c@x.org|yes|+31612345678|06-12345678/+31201234567|||x|NL|NH|52,1|a,b|1|en|nl|1.234,5|31.01.2024|no|https://x.org|text|1706709906|f"), []byte(nil))
	f.Add([]byte(`|7|"|"|["a@x.org"]|[{"email":"a@x.org"}]|true|[31612345678]|null|[{"type":"twitter","username":"ann"}]|x|y|{"cityName":"x"}`), []byte(`0""[[t[n[""{`))
	f.Fuzz(func(t *testing.T, text, kinds []byte) {
		if len(text) == 0 {
			return
		}
		if len(kinds) == 0 {
			kinds = nil
		}
		var rec Record
		holdLaws(t, p, bytes.Split(text[1:], text[:1]), kinds, &rec)
	})
}
