package command_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/pipeline/command"
	"muster/pipeline/exit"
)

// runOn runs one command on a file given as standard input; watched: at a terminal.
func runOn(input, line string, watched bool) (code int, out, said string) {
	var stdout, stderr strings.Builder
	code = command.Main(context.Background(), command.Env{Args: strings.Fields(line), Stdin: strings.NewReader(input),
		Stdout: &stdout,
		Stderr: &stderr, Lookup: func(string) (string, bool) { return "", false }, Width: 80, Watched: watched})
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
		line := c.line
		if strings.HasPrefix(line, "check") {
			line += " --state " + t.TempDir()
		}
		code, _, said := runOn("name\nPlze\xf2\n", line, c.watched)
		shown := strings.Contains(said, "as Windows-1252   Plzeò\n") && strings.Contains(said, "as Windows-1250   Plzeň\n")
		if code != exit.Usage || shown != c.shown || strings.Contains(said, "Plze") != c.shown {
			t.Errorf("%s, watched %v: exit code %d\n%s", c.line, c.watched, code, said)
		}
	}
}

// What read prints is what it reads: the same rows come back, from CSV and from NDJSON, whatever is in the cells.
func TestWhatIsPrintedIsReadAgain(t *testing.T) {
	cell := rapid.SampledFrom([]string{"", "", "Ann", "ann@x.example", "x, y", "a;b", "a;b;c", "p|q", "tab\there",
		"two\nlines", "two\r\nlines", "5\" pipe", "\"q\"",
		"'x'", "'y'", "Men's", " lead", "trail ", "12", "2024-01-31", "José", "日本", "#1", "\\\"", "c:\\", "a b c", "a^b",
		"="})
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 4).Draw(t, "width")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, width, width), 1, 12).Draw(t, "rows")
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.Write([]string{"id", "name", "mail", "note"}[:width])
		for _, row := range rows {
			if width == 1 && row[0] == "" {
				w.Flush()
				b.WriteString("\"\"\n")
				continue
			}
			w.Write(row)
		}
		w.Flush()
		code, first, said := runOn(b.String(), "read - --header --delimiter , --quote \"", false)
		if code != 0 {
			t.Fatalf("%q: %d %s", b.String(), code, said)
		}
		_, lines, _ := runOn(first, "read - --as ndjson --header", false)
		for input, want := range map[string]string{first: first, lines: first} {
			if code, again, said := runOn(input, "read -", false); code != 0 || again != want {
				t.Fatalf("%q is read again as %q: %s", input, again, said)
			}
		}
		if code, again, said := runOn(lines, "read - --as ndjson", false); code != 0 || again != lines {
			t.Fatalf("%q is read again as %q: %s", lines, again, said)
		}
		if n := strings.Count(lines, "\n"); n != len(rows) {
			t.Fatalf("%q: %d rows of %d", first, n, len(rows))
		}
	})
}

// The tables of an archive that have other columns are not printed as one.
func TestTablesOfOtherColumnsAreNotPrintedAsOne(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, file := range [][2]string{{"a.csv", "name,email\nAda,ada@x.example\n"}, {"b.csv", "id,city\n1,Oslo\n"}} {
		w, err := z.Create(file[0])
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(file[1]))
	}
	z.Close()
	code, out, said := runOn(b.String(), "read -", false)
	if code != exit.Usage || out != "" || !strings.Contains(said,
		"b.csv has other columns than a.csv: name one with --sheet, or use --as ndjson") {
		t.Errorf("exit code %d, %q: %s", code, out, said)
	}
	if code, out, said := runOn(b.String(), "read - --sheet b.csv", false); code != 0 || out != "id,city\n1,Oslo\n" {
		t.Errorf("exit code %d, %q: %s", code, out, said)
	}
}
