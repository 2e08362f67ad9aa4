package command

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"muster/pipeline/outcome"
)

// Every page of the manual is a topic and every topic is a page; its text fits a terminal but for what is to be copied.
func TestManual(t *testing.T) {
	files, err := fs.Glob(manual, "manual/*.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(topics()) {
		t.Errorf("%d pages, and %d topics", len(files), len(topics()))
	}
	for _, topic := range topics() {
		title, text, err := page(topic)
		if err != nil {
			t.Error(err)
			continue
		}
		if title == "" || text == "" {
			t.Errorf("%s has no title or no text", topic)
		}
		for line := range strings.Lines(plain(text)) {
			words := strings.Fields(line)
			if utf8.RuneCountInString(line) > helpWidth+1 && len(words) > 1 && !strings.Contains(text, strings.TrimSpace(line)) {
				t.Errorf("%s: wider than %d columns: %s", topic, helpWidth, line)
			}
		}
	}
	old := regexp.MustCompile(`(?i)\bmend(s|ed|ing)?\b`)
	for _, topic := range topics() {
		if _, text, _ := page(topic); old.MatchString(text) {
			t.Errorf("%s says mend where people say fix", topic)
		}
	}
	for _, c := range outcome.Codes() {
		if old.MatchString(c.Meaning + c.Cause + c.Fix) {
			t.Errorf("%s says mend where people say fix", c.Code)
		}
	}
	for _, c := range Commands() {
		if name, _, _ := strings.Cut(c.Use, " "); slices.Contains(topics(), name) {
			t.Errorf("%s is a topic and a command: muster help %s can print one of them only", name, name)
		}
	}
}

func TestPlain(t *testing.T) {
	const text = "A [page](codes.md), `code` and\n**more**.\n\n1. one\n   two\n\n```\n  as it   is\n```\n\n" +
		"| a | b |\n|---|---|\n| `x` | y \\| z |\n<!-- part -->\n"
	const want = "A page (muster help codes), code and more.\n\n1. one two\n\n      as it   is\n\n  x             y | z\n"
	if got := plain(text); strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
