package command

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// Help fits a terminal of 80 columns but for lines that are to be copied, and every command stands in a family.
func TestHelp(t *testing.T) {
	root := (&app{}).root()
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		var out bytes.Buffer
		c.SetOut(&out)
		writeHelp(c, nil)
		for line := range strings.Lines(out.String()) {
			if utf8.RuneCountInString(line) > helpWidth+1 &&
				!slices.Contains(strings.Split(c.Example, "\n"), strings.TrimSuffix(line, "\n")) {
				t.Errorf("%s --help: wider than %d columns: %s", c.CommandPath(), helpWidth, line)
			}
		}
		if c.Parent() == root && c.GroupID == "" {
			t.Errorf("%s stands in no family of help", c.Name())
		}
		for _, sub := range c.Commands() {
			if !strings.Contains(out.String(), "\n  "+sub.Name()+" ") {
				t.Errorf("%s --help does not list %s", c.CommandPath(), sub.Name())
			}
			if c.Name() != "completion" {
				look(sub)
			}
		}
	}
	look(root)
}

func TestWrapped(t *testing.T) {
	for _, tc := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 5, nil}, {"ab cd", 5, []string{"ab cd"}}, {"ab cde", 5, []string{"ab", "cde"}},
		{"abcdefg h", 5, []string{"abcdefg", "h"}}, {"éé ÿÿ a", 5, []string{"éé ÿÿ", "a"}},
	} {
		if got := wrapped(tc.text, tc.width); !slices.Equal(got, tc.want) {
			t.Errorf("%q in %d: %q, want %q", tc.text, tc.width, got, tc.want)
		}
	}
}
