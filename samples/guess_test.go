package samples_test

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muster/mappings"
	"muster/mappings/guess"
	"muster/pipeline/object"
	"muster/pipeline/source"
)

// The labelled set: the header and rows of every sample, with presets switched off. What is right is
// what the preset says. A column has a right answer where the preset sends it to a place of the
// customer, or to an attribute and the sample has a value to tell its type by.
func TestGuessAgainstPresets(t *testing.T) {
	files, err := filepath.Glob("presets/*.*")
	if err != nil {
		t.Fatal(err)
	}
	right, answers, over, wrongSure := 0, 0, 0, 0
	for _, file := range files {
		names, rows := sampleOf(t, file)
		preset, _ := mappings.Recognise(names)
		if object.Called(preset.Kind) != nil && !strings.HasPrefix(filepath.Base(file), "sdk-") {
			continue // a guess is of customers
		}
		g := guess.Infer(names, rows, guess.Options{})
		for i, c := range g.Columns {
			want, known := preset.Says(c.Name)
			if slices.Index(names, c.Name) < i {
				continue // the second of two with one name
			}
			verdict := judgeGuess(c.Target, want, known, filled(rows, i))
			if verdict == "none" {
				continue
			}
			if verdict != "free" {
				answers++
			}
			if c.Confidence >= guess.Limit {
				over++
			}
			if verdict == "right" {
				right++
			}
			if verdict == "wrong" {
				t.Logf("%s: %s is guessed %s (%.2f), the preset says %s", filepath.Base(file), c.Name, c.Target, c.Confidence, want)
				if c.Confidence >= guess.Limit {
					wrongSure++
				}
			}
		}
	}
	share := float64(right) / float64(answers)
	t.Logf("%d of %d columns with a right answer are guessed rightly: %.1f %%; %d columns are sure, %d of them wrong",
		right, answers, 100*share, over, wrongSure)
	if share < 0.95 || wrongSure > 0 {
		t.Errorf("want at least 95 %% right and none that is sure wrong")
	}
}

// judgeGuess is right, wrong, none (there is no right answer and the guess does no harm), or free.
func judgeGuess(got, want string, known, filled bool) string {
	standard := func(s string) bool {
		return s != "ignore" && s != "undecided" && s != "" && !strings.HasPrefix(s, "custom.")
	}
	switch {
	case !known:
		return "none" // the preset has no rule: a person must say
	case (want == "ignore" || want == "undecided") && standard(got):
		return "wrong"
	case want == "ignore" || want == "undecided":
		return "none"
	case !standard(want) && !filled:
		if standard(got) {
			return "wrong"
		}
		return "none"
	case same(got, want):
		return "right"
	}
	return "wrong"
}

// same compares places: the field, its member, and the kind of phone or address where both say one.
// Country and region are the same place as a code and as a name; of attributes the type counts.
func same(got, want string) bool {
	if strings.HasPrefix(want, "custom.") {
		if strings.HasPrefix(want, "custom.any") {
			return strings.HasPrefix(got, "custom.") // a wildcard says no type
		}
		return strings.HasPrefix(got, "custom.") && suffixOf(got) == suffixOf(want)
	}
	field, kind, member := cutTarget(got)
	f, k, m := cutTarget(want)
	if field == "phones" && (kind == "mobile" || kind == "fax" || k == "mobile" || k == "fax") && kind != k {
		return false
	}
	return field == f && member == m && (kind == "" || k == "" || kind == k)
}

func cutTarget(s string) (field, kind, member string) {
	head, member, _ := strings.Cut(s, "].")
	if head == s {
		head, member, _ = strings.Cut(s, ".")
	}
	field, kind, _ = strings.Cut(strings.TrimSuffix(head, "]"), "[")
	kind = strings.TrimRight(strings.TrimSuffix(kind, "{n}"), " 0123456789")
	for _, either := range []string{"country", "region"} {
		if member == either || member == either+"Code" || member == either+"Name" {
			member = either
		}
	}
	if field == "socials" && kind == "" {
		kind, member = member, ""
	}
	switch member {
	case "street":
		member = "address"
	case "city":
		member = "cityName"
	case "zip":
		member = "zipCode"
	}
	return field, kind, member
}

func suffixOf(s string) string {
	for _, suffix := range mappings.Suffixes() {
		if strings.HasSuffix(s, suffix.Name) {
			if suffix.Name == "Txt" {
				return "Str" // short text in a long field is no mistake
			}
			return suffix.Name
		}
	}
	return ""
}

func filled(rows [][]string, column int) bool {
	for _, row := range rows {
		if column < len(row) && row[column] != "" && row[column] != "null" {
			return true
		}
	}
	return false
}

func sampleOf(t *testing.T, file string) (names []string, rows [][]string) {
	t.Helper()
	reader, err := source.Open(file, nil, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var chunk source.Chunk
	var block source.Block
	names = reader.Header().Names
	for {
		if err := reader.Cut(&chunk); errors.Is(err, io.EOF) {
			return names, rows
		} else if err != nil {
			t.Fatal(err)
		}
		reader.Parse(&chunk, &block)
		for _, row := range block.Rows {
			var cells []string
			for _, c := range row.Cells {
				cells = append(cells, string(c))
			}
			rows = append(rows, cells)
		}
	}
}

// A guess is a mapping that can be used as it stands, unless it asks a person to choose.
func TestGuessesBind(t *testing.T) {
	files, err := filepath.Glob("presets/*.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "customers.csv", "customers.ndjson") {
		names, rows := sampleOf(t, file)
		g := guess.Infer(names, rows, guess.Options{File: file})
		text := g.YAML()
		if strings.Contains(string(text), "CHOOSE") {
			t.Logf("%s asks a person to choose", file)
			continue
		}
		m, err := mappings.Parse(file, text)
		if err == nil {
			_, err = m.Bind(names, mappings.BindOptions{})
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", file, err, numbered(text))
		}
	}
}

func numbered(text []byte) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		fmt.Fprintf(&b, "%3d %s", n, line)
	}
	return b.String()
}
