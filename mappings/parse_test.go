package mappings

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"muster/pipeline/spelling"
)

var update = flag.Bool("update", false, "write golden files anew")

// marks takes the » off and says where they stood, as line:column.
func marks(text string) (plain string, places []string) {
	var b strings.Builder
	line, column := 1, 1
	for _, r := range text {
		switch r {
		case '»':
			places = append(places, fmt.Sprintf("%d:%d", line, column))
			continue
		case '\n':
			line, column = line+1, 0
		}
		column++
		b.WriteRune(r)
	}
	return b.String(), places
}

func TestMistakes(t *testing.T) {
	const golden = "testdata/mistakes.txtar"
	archive, err := txtar.ParseFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	var renewed []txtar.File
	wants := map[string]string{}
	for _, f := range archive.Files {
		if name, is := strings.CutSuffix(f.Name, ".want"); is {
			wants[name] = string(f.Data)
		}
	}
	for _, f := range archive.Files {
		name, is := strings.CutSuffix(f.Name, ".yaml")
		if !is {
			continue
		}
		got := mistakesOf(t, f.Name, string(f.Data))
		if got != wants[name] && !*update {
			t.Errorf("%s\n got\n%s\nwant\n%s", f.Name, got, wants[name])
		}
		renewed = append(renewed, f, txtar.File{Name: name + ".want", Data: []byte(got)})
	}
	if *update {
		archive.Files = renewed
		if err := os.WriteFile(golden, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// mistakesOf parses a marked file, holds the places to the marks and gives the mistakes' text.
func mistakesOf(t *testing.T, name, text string) string {
	t.Helper()
	plain, places := marks(text)
	_, err := Parse(name, []byte(plain))
	var mistakes Mistakes
	if !errors.As(err, &mistakes) {
		t.Errorf("%s: got %v, want mistakes", name, err)
		return ""
	}
	var got []string
	for _, m := range mistakes {
		got = append(got, fmt.Sprintf("%d:%d", m.Line, m.Column))
	}
	if len(places) > 0 && strings.Join(got, " ") != strings.Join(places, " ") {
		t.Errorf("%s: mistakes at\n%s\nmarks at\n%s", name, strings.Join(got, " "), strings.Join(places, " "))
	}
	return mistakes.Error() + "\n"
}

func TestStandard(t *testing.T) {
	m := Standard()
	if m.Unmapped != "error" || m.Missing != "ignore" || len(m.entries) < 40 {
		t.Errorf("the standard mapping is %+v", m)
	}
	folded := map[string]string{}
	for _, e := range m.entries {
		if first, twice := folded[spelling.Fold(e.column)]; twice {
			t.Errorf("columns %q and %q of the standard mapping cannot be told apart", first, e.column)
		}
		folded[spelling.Fold(e.column)] = e.column
	}
}

// Every target that is listed can be written in a mapping file, and its aliases mean the same.
func TestTargets(t *testing.T) {
	targets := Targets()
	if len(targets) < 80 {
		t.Errorf("only %d targets", len(targets))
	}
	for _, one := range targets {
		if one.Type == "" || one.Meaning == "" {
			t.Errorf("%s has type %q and meaning %q", one.Path, one.Type, one.Meaning)
		}
		for _, path := range append([]string{one.Path}, one.Aliases...) {
			path = strings.ReplaceAll(path, "<name>", "some")
			if from, to := strings.IndexByte(path, '['), strings.IndexByte(path, ']'); from > 0 {
				kind, _, _ := strings.Cut(path[from+1:to], "|")
				path = path[:from+1] + kind + path[to:]
			}
			kind := Customers
			if path == conversationID {
				kind = Conversations
			}
			if _, err := Parse("target.yaml", []byte("version: 1\nkind: "+kind+"\ncolumns:\n  X: \""+path+"\"\n")); err != nil {
				t.Errorf("%s: %v", one.Path, err)
			}
		}
	}
}
