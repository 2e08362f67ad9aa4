package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/draft"
	"muster/pipeline/exit"
	"muster/pipeline/printable"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

func (a *app) mapCommand() *cobra.Command {
	f := newInputFlags()
	var unaided, ask bool
	var lint, to string
	c := &cobra.Command{
		Use:   "map [FILE]",
		Short: "Print a mapping for a file: the preset it matches, or a guess to read over",
		Long: `Map prints a mapping file. Exports of other systems are recognised by their header, and their
preset is printed. Of every other file it guesses what each column is, by its name and its
values, and says how sure it is and why. Save it beside the file, read it over, and import: only
a guess that is sure of every column is taken unread. At a terminal it asks about each column that is not sure.

With --lint it holds a mapping that you have to its own examples and, where FILE is named, to the
file's columns and first rows.`,
		Example: `  muster map contacts.csv -o contacts.mapping.yaml
  muster map shopify.csv --no-presets
  muster map --lint contacts.mapping.yaml
  muster map contacts.csv --lint contacts.mapping.yaml`,
		Args: func(c *cobra.Command, files []string) error {
			if lint != "" && len(files) == 0 {
				return nil
			}
			return cobra.ExactArgs(1)(c, files)
		},
		RunE: func(c *cobra.Command, files []string) error {
			a.looks = true
			options, err := f.source()
			if err != nil {
				return err
			}
			if lint != "" {
				return a.lint(lint, append(files, "")[0], options, mappings.BindOptions{Region: f.Region, Dates: f.Dates})
			}
			if ask || !c.Flags().Changed("ask") && a.sits() && files[0] != "-" {
				return a.talkOver(c.Context(), files[0], f, !unaided, to)
			}
			p, err := draft.Propose(c.Context(), files[0], a.Stdin, options, f.Region, !unaided)
			if err != nil {
				return err
			}
			a.say(p.Said)
			if own := p.Attributes(); len(own) > 0 {
				a.say(fmt.Sprintf("%s of your own, which the org may lack (%s): import with --create-attributes makes what is missing",
					printable.Counted(len(own), "attribute"), strings.Join(own, ", ")))
			}
			return a.mapped(p.Text, to)
		},
	}
	registerOptions(c, f.Source())
	c.Flags().StringVar(&f.state, "state", ".muster", "directory where what you decide is remembered")
	c.Flags().StringVar(&f.Region, "region", "", "country of phone numbers without a country code, such as NL")
	c.Flags().BoolVar(&unaided, "no-presets", false, "guess, even where a preset is recognised")
	c.Flags().BoolVar(&ask, "ask", false, "ask about each column that is not sure (default: where a person sits at the "+
		"terminal)")
	c.Flags().StringVarP(&to, "output", "o", "", "file for the mapping (default: standard output)")
	c.Flags().StringVar(&lint, "lint", "", "mapping file to hold to its examples, and to FILE; nothing is proposed")
	c.Flags().StringVar(&f.Dates, "dates", "", "with --lint: layout of dates for which the mapping says none, such as "+
		"DD/MM/YYYY")
	return c
}

// talkOver asks a person about each column that is not sure, and prints the mapping, or writes it beside the file where
// the answer goes to a terminal.
func (a *app) talkOver(ctx context.Context, file string, f *inputFlags, presets bool, to string) error {
	v, err := a.interviewOf(ctx, file, f, presets)
	if err != nil {
		return err
	}
	if _, err := a.ask(ctx, v, file); err != nil {
		return err
	}
	r := v.Result()
	if a.Shown && to == "" {
		if err := a.settle(file, f, r); err != nil {
			return err
		}
		a.say("next: muster check " + printable.File(file))
		return nil
	}
	text := r.Mapping
	switch {
	case r.Again:
		text, err = trust.ReadText(bind.MappingBeside(file))
	case text == nil:
		text = mappings.PresetFile(r.Preset)
	case r.Trouble != nil:
		a.say(fmt.Sprintf("the answers do not go together yet: %v", r.Trouble))
	}
	if err != nil {
		return err
	}
	return a.mapped(text, to)
}

// mapped prints a mapping, or writes it to a file: what a shell puts into one, on Windows, is in another encoding.
func (a *app) mapped(text []byte, to string) error {
	if to == "" {
		_, err := a.data().Write(text)
		return err
	}
	if err := trust.WriteWhole(to, text); err != nil {
		return err
	}
	a.say("wrote " + to)
	return nil
}

// expected words what a fault's cells should hold.
func expected(f draft.Fault) string {
	if f.Expected == "" {
		return ""
	}
	return "; expected " + f.Expected
}

// lint says what a mapping makes of a file: which columns it leaves out, and what its first rows have
// against it.
func (a *app) lint(mapping, file string, options source.Options, binding mappings.BindOptions) error {
	l, err := draft.Try(mapping, file, a.Stdin, options, binding)
	if err != nil {
		return err
	}
	if l.Examples > 0 || file == "" {
		fmt.Fprintf(a.out, "%s: the mapping can be read; %d examples hold\n", mapping, l.Examples)
	}
	if file == "" {
		return nil
	}
	for _, line := range l.Dates {
		fmt.Fprintf(a.out, "dates     %s\n", line)
	}
	for _, name := range l.Unmet {
		fmt.Fprintf(a.out, "unmet     %s (the mapping names it, the file has no such column)\n", name)
	}
	for _, o := range l.Omitted {
		fmt.Fprintf(a.out, "left out  %s\n", o)
	}
	for _, f := range l.Faults {
		fmt.Fprintf(a.out, "%-9s %s: %d of %d rows, the first in line %d%s\n", f.Code, f.Column, f.Count, l.Rows, f.Line,
			expected(f))
	}
	fmt.Fprintf(a.out, "%d rows read, %d left out by the filter, %d kinds of problem\n", l.Rows, l.Skipped, len(l.Faults))
	if len(l.Faults) > 0 {
		a.code = exit.Rejects
	}
	return nil
}
