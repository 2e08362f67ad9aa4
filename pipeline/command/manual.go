package command

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// manual holds one page a topic, in Markdown: a title, then what there is to know.
//
//go:embed manual/*.md
var manual embed.FS

// topics are the pages in the order in which a person needs them. A test holds them to the files.
func topics() []string {
	return []string{"migrate", "nightly", "operate", "spreadsheet", "browser", "commands", "statuses", "exit-codes",
		"codes", "state", "security", "mappings", "columns", "systems",
		"sdk", "attributes", "formats", "misread", "guess", "identity", "companies", "conversations", "objects", "engage",
		"sandbox-org",
		"budget", "endurance", "figures", "way", "changes"}
}

// page is a topic's title and its Markdown behind the title.
func page(topic string) (title, text string, err error) {
	raw, err := fs.ReadFile(manual, path.Join("manual", topic+".md"))
	if err != nil {
		return "", "", err
	}
	title, text, _ = strings.Cut(string(raw), "\n")
	return strings.TrimPrefix(title, "# "), strings.TrimSpace(text), nil
}

// helpCommand answers `muster help`, `muster help COMMAND` and `muster help TOPIC`.
func (a *app) helpCommand() *cobra.Command {
	var man string
	c := &cobra.Command{
		Use:     "help [COMMAND|TOPIC]",
		Short:   "Print the manual's page about a topic, or the help of a command",
		Example: "  muster help migrate\n  muster help mappings\n  muster help import",
		ValidArgsFunction: func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			words := topics()
			for _, sub := range c.Root().Commands() {
				words = append(words, sub.Name())
			}
			return words, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			if man != "" {
				return writeMan(c.Root(), man)
			}
			if len(args) == 0 {
				if err := c.Root().Help(); err != nil {
					return err
				}
				return writeTopics(a.Stdout)
			}
			sub, _, err := c.Root().Find(args)
			if err == nil && sub != c.Root() {
				return sub.Help()
			}
			title, text, err := page(args[0])
			if err != nil || len(args) > 1 {
				return &hinted{usage("no topic %q", strings.Join(args, " ")),
					"did you mean muster help " + nearest(topics(), args[0]) + "? muster help lists all topics"}
			}
			_, err = io.WriteString(a.Stdout, title+"\n"+strings.Repeat("=", utf8.RuneCountInString(title))+"\n\n"+plain(text))
			return err
		},
	}
	c.Flags().StringVar(&man, "man", "", "write man pages of all commands (section 1) and topics (section 7) to this "+
		"`folder`")
	return c
}

// writeTopics lists the manual's pages.
func writeTopics(w io.Writer) error {
	var b strings.Builder
	b.WriteString("\nThe manual, a page a topic:\n")
	for _, topic := range topics() {
		title, _, err := page(topic)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "  muster help %-14s %s\n", topic, title)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var (
	comments = regexp.MustCompile(`(?m)^ *<!-- .* -->\n`)
	links    = regexp.MustCompile(`\[([^\]]+)\]\(([^)]+)\)`)
	listed   = regexp.MustCompile(`^( *)(?:[-*]|\d+\.) +`)
	divider  = regexp.MustCompile(`^\|[-:| ]+\|$`)
)

// plain sets the manual's Markdown for a terminal: text filled to the width of help, blocks of code as they are, and a
// table as one entry a row.
func plain(text string) string {
	var b strings.Builder
	var loose []string
	first, hang := "", ""
	flush := func() {
		for i, line := range wrapped(bare(strings.Join(loose, " ")), helpWidth-len(hang)) {
			if i == 0 {
				b.WriteString(first + line + "\n")
				continue
			}
			b.WriteString(hang + line + "\n")
		}
		loose, first, hang = nil, "", ""
	}
	fenced := false
	lines := strings.Split(comments.ReplaceAllString(text, ""), "\n")
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			flush()
			fenced = !fenced
		case fenced:
			b.WriteString("    " + line + "\n")
		case trimmed == "":
			flush()
			b.WriteByte('\n')
		case strings.HasPrefix(line, "#"):
			flush()
			b.WriteString(bare(strings.TrimLeft(line, "# ")) + "\n")
		case strings.HasPrefix(trimmed, "|"):
			flush()
			if titled := i+1 < len(lines) && divider.MatchString(strings.TrimSpace(lines[i+1])); !titled {
				writeRow(&b, trimmed)
			}
		case listed.MatchString(line):
			flush()
			first = listed.FindString(line)
			hang = strings.Repeat(" ", len(first))
			loose = []string{line[len(first):]}
		default:
			if loose == nil {
				first = line[:len(line)-len(strings.TrimLeft(line, " "))]
				hang = first
			}
			loose = append(loose, trimmed)
		}
	}
	flush()
	return b.String()
}

// writeRow sets one row of a table: its first cell, and the others beside or below it. Rows that divide say nothing.
func writeRow(b *strings.Builder, row string) {
	if divider.MatchString(row) {
		return
	}
	// behind the words that stand in most first columns: statuses, codes of exits, suffixes
	const hang = "                "
	cells := strings.Split(strings.ReplaceAll(strings.Trim(row, "|"), `\|`, "\x00"), "|")
	for i, c := range cells {
		c = strings.ReplaceAll(bare(strings.TrimSpace(c)), "\x00", "|")
		start := hang
		switch n := utf8.RuneCountInString(c); {
		case i == 0 && n < len(hang)-3 && len(cells) > 1:
			b.WriteString("  " + c + hang[:len(hang)-2-n])
			continue
		case i == 0:
			b.WriteString("  " + c + "\n")
			continue
		case i == 1 && !strings.HasSuffix(b.String(), "\n"):
			start = ""
		}
		for _, line := range wrapped(c, helpWidth-len(hang)) {
			b.WriteString(start + line + "\n")
			start = hang
		}
	}
	if !strings.HasSuffix(b.String(), "\n") {
		b.WriteByte('\n')
	}
}

// bare takes the marks of Markdown off a stretch of text; a link to another page is the command that prints it.
func bare(text string) string {
	text = links.ReplaceAllStringFunc(text, func(link string) string {
		m := links.FindStringSubmatch(link)
		switch topic, isPage := strings.CutSuffix(m[2], ".md"); {
		case isPage && slices.Contains(topics(), topic):
			return m[1] + " (muster help " + topic + ")"
		case strings.Contains(m[2], "://"):
			return m[1] + " (" + m[2] + ")"
		default:
			return m[1]
		}
	})
	return strings.NewReplacer("`", "", "**", "").Replace(text)
}
