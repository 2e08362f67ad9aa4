package command

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"

	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Say what a problem's code means and how to fix it",
		Long: `Explain says what a problem's code means, how it usually comes about and how to fix it. Without a
code it lists all. For report.json it prints the JSON Schema of that file, which is also that of --json.`,
		Example: "  muster explain cell.date\n  muster explain\n  muster explain report.json > report.schema.json",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var codes []string
			for _, c := range outcome.Codes() {
				codes = append(codes, c.Code)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				for _, c := range outcome.Codes() {
					fmt.Fprintf(a.out, "%-26s%s\n", c.Code, folded(c.Meaning, 26, a.Width))
				}
				return nil
			}
			if args[0] == "report.json" {
				_, err := io.WriteString(a.Stdout, report.Schema())
				return err
			}
			c, ok := outcome.Explain(strings.ToLower(args[0]))
			if !ok {
				return &hinted{usage("no code %q", args[0]), "did you mean muster explain " + nearest(codes(), args[0]) +
					"? muster explain lists all"}
			}
			fmt.Fprintf(a.out, "%s\n  means  %s\n  cause  %s\n  fix    %s\n", c.Code,
				folded(c.Meaning, 9, a.Width), folded(c.Cause, 9, a.Width), folded(c.Fix, 9, a.Width))
			return nil
		},
	}
}

func codes() (codes []string) {
	for _, c := range outcome.Codes() {
		codes = append(codes, c.Code)
	}
	return codes
}

// nearest is the word with the fewest other letters, the first of equals.
func nearest(words []string, word string) string {
	return slices.MinFunc(words, func(a, b string) int {
		return levenshtein.ComputeDistance(word, a) - levenshtein.ComputeDistance(word, b)
	})
}

// folded breaks a text between words so that it fits a terminal of width columns when it begins at
// column indent; further lines are indented as much.
func folded(text string, indent, width int) string {
	var b strings.Builder
	at := indent
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}
