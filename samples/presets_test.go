package samples_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/mappings"
	"muster/pipeline/object"
	"muster/pipeline/source"
	"muster/schema"
)

var update = flag.Bool("update", false, "write the golden records anew")

// Every sample of another system's export is recognised by its header alone as the preset that its
// name begins with, unless that is taken by its name alone, and becomes the records in testdata. A change there is a
// change of what people get.
func TestPresetSamples(t *testing.T) {
	files, err := filepath.Glob("presets/*.*")
	if err != nil || len(files) < 30 {
		t.Fatal(len(files), err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		seen["preset "+name] = true
		t.Run(filepath.Base(file), func(t *testing.T) {
			got := recordsOf(t, file, "preset "+name)
			golden := filepath.Join("testdata", filepath.Base(file)+".records")
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	for _, m := range mappings.Presets() {
		if !seen[m.Name] {
			t.Errorf("%s has no sample", m.Name)
		}
	}
}

// recordsOf reads a file with the preset that its header shows and gives its records, one a line:
// the payload and what it goes without, or skipped.
func recordsOf(t *testing.T, file, preset string) []byte {
	reader, err := source.Open(file, nil, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	m, sure := mappings.Recognise(reader.Header().Names)
	for _, one := range mappings.Presets() {
		if one.Name == preset && one.Match.Named {
			m, sure = one, 1
		}
	}
	if m == nil || m.Name != preset || sure < mappings.Sure {
		t.Fatalf("recognised as %v with confidence %.2f, want %s", m, sure, preset)
	}
	validator, err := schema.NewValidator(nil)
	if kind := object.Called(m.Kind); kind != nil && !strings.HasPrefix(preset, "preset sdk-") {
		validator, err = schema.NewKindValidator(kind, nil)
	} else if m.Kind == mappings.Conversations {
		validator, err = schema.NewConversationValidator(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	var chunk source.Chunk
	var block source.Block
	var record mappings.Record
	for {
		if err := reader.Cut(&chunk); errors.Is(err, io.EOF) {
			return out.Bytes()
		} else if err != nil {
			t.Fatal(err)
		}
		reader.Parse(&chunk, &block)
		plan, err := m.Bind(block.Header.Names, mappings.BindOptions{Region: "US"})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range block.Rows {
			plan.Map(row.Cells, row.Kinds, &record)
			if record.Skipped {
				out.WriteString("skipped\n")
				continue
			}
			payload := plan.AppendJSON(nil, &record)
			fmt.Fprintf(&out, "%s\n", payload)
			for _, p := range record.Problems {
				if !p.Dropped {
					t.Errorf("line %d: %v", row.Line, p)
					continue
				}
				fmt.Fprintf(&out, "without its %s: %s\n", block.Header.Names[p.Column], p.Code)
			}
			findings, err := validator.Validate(payload)
			if err != nil || row.Code != "" || len(findings) > 0 {
				t.Errorf("line %d: %v %s %v", row.Line, err, row.Code, findings)
			}
		}
	}
}
