package command

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// helpWidth is how wide help is: a terminal of 80 columns, as every terminal has at least.
const helpWidth = 80

// families are the groups in which help lists the commands, in the order in which a person meets them.
func families() []family {
	return []family{
		{"before", "Before an import:", "start ui check read map plan doctor klass"},
		{"import", "The import:", "import apply resume"},
		{"after", "After it:", "runs show verify undo export"},
		{"night", "Every night:", "init lint run status accept-drift"},
		{"care", "The state directory:", "backup restore tidy forget"},
		{"more", "More:", "explain sandbox version completion help"},
	}
}

type family struct{ id, title, commands string }

// group puts every command into its family.
func group(root *cobra.Command) {
	for _, f := range families() {
		root.AddGroup(&cobra.Group{ID: f.id, Title: f.title})
		for _, c := range root.Commands() {
			if slices.Contains(strings.Fields(f.commands), c.Name()) {
				c.GroupID = f.id
			}
		}
	}
	root.SetHelpCommandGroupID("more")
	root.SetCompletionCommandGroupID("more")
}

// writeHelp prints what there is to know of a command, no line of it wider than a terminal but those that
// are to be copied.
func writeHelp(c *cobra.Command, _ []string) {
	var b strings.Builder
	about := c.Long
	if about == "" {
		about = c.Short
	}
	b.WriteString(filled(about))
	fmt.Fprintf(&b, "\nUsage:\n  %s\n", c.UseLine())
	if c.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", strings.TrimRight(c.Example, "\n"))
	}
	for _, f := range families() {
		writeCommands(&b, f.title, c, f.id)
	}
	writeCommands(&b, "Commands:", c, "")
	if flags := c.LocalFlags().FlagUsagesWrapped(helpWidth); flags != "" {
		fmt.Fprintf(&b, "\nFlags:\n%s", flags)
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s COMMAND --help says more about one of them.\n", c.CommandPath())
	}
	fmt.Fprint(c.OutOrStdout(), b.String())
}

// writeCommands lists the commands below c that are of a group.
func writeCommands(b *strings.Builder, title string, c *cobra.Command, group string) {
	headed := false
	for _, sub := range c.Commands() {
		if sub.GroupID != group || !(sub.IsAvailableCommand() || sub.Name() == "help") {
			continue
		}
		if !headed {
			fmt.Fprintf(b, "\n%s\n", title)
			headed = true
		}
		hang := "  " + strings.Repeat(" ", sub.NamePadding()) + " "
		lines := wrapped(sub.Short, helpWidth-utf8.RuneCountInString(hang))
		fmt.Fprintf(b, "  %-*s %s\n", sub.NamePadding(), sub.Name(), strings.Join(lines, "\n"+hang))
	}
}

// filled sets text in lines of the width of help, paragraph by paragraph. Lines that are set in stay as they are.
func filled(text string) string {
	var b strings.Builder
	for k, paragraph := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if k > 0 {
			b.WriteByte('\n')
		}
		var loose []string
		flush := func() {
			for _, line := range wrapped(strings.Join(loose, " "), helpWidth) {
				b.WriteString(line + "\n")
			}
			loose = nil
		}
		for line := range strings.SplitSeq(paragraph, "\n") {
			if strings.HasPrefix(line, " ") {
				flush()
				b.WriteString(line + "\n")
				continue
			}
			loose = append(loose, line)
		}
		flush()
	}
	return b.String()
}

// wrapped breaks text at blanks into lines of at most width characters; a longer word has a line of its own.
func wrapped(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
