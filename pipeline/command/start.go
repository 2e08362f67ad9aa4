package command

import (
	"context"

	"github.com/spf13/cobra"

	"muster/pipeline/bind"
)

func (a *app) startCommand() *cobra.Command {
	f := newInputFlags()
	c := &cobra.Command{
		Use:   "start FILE",
		Short: "The guided way: a few questions about a file, then what is wrong with it and what comes next",
		Long: `Start asks what a file does not say itself: how its letters are written, which sheet has the customers,
of which country its phone numbers are, and what each column is that is not sure. Every question shows
three values of the file and in how many rows there is one. Enter takes what is marked, b goes back, q
leaves; nothing is sent and no network is used.

What you decided is written beside the file (customers.csv: customers.mapping.yaml) and remembered in
the state directory: the next file with these columns is read the same way, whatever it is called.
muster forget --decisions forgets it.`,
		Example: `  muster start contacts.csv
  muster start workbook.xlsx`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			if files[0] == "-" {
				return &hinted{usage("start asks about a file, and reads your answers from standard input"),
					"save it as a file first, then: muster start FILE"}
			}
			if err := a.guided(c.Context(), files[0], f, true); err != nil {
				return err
			}
			a.looks = a.Watched
			config, err := a.config(c, f, files)
			if err != nil {
				return err
			}
			config.Command, config.BestGuess = "check", true
			return a.run(c.Context(), config, f.json)
		},
	}
	f.register(c)
	return c
}

// guided asks about a file and takes the answers. Where nothing was open, nothing is written unless always is said.
func (a *app) guided(ctx context.Context, file string, f *inputFlags, always bool) error {
	v, err := a.interviewOf(ctx, file, f, true)
	if err != nil {
		return err
	}
	asked, err := a.ask(ctx, v, file)
	if err != nil || !asked && !always {
		return err
	}
	return a.settle(file, f, v.Result())
}

// guideFirst asks about a file that is to be sent, where a person sits there and nothing says what its columns are.
func (a *app) guideFirst(c *cobra.Command, f *inputFlags, files []string) error {
	if !a.sits() || len(files) != 1 || files[0] == "-" || f.json || bind.IsSpecial(files[0]) ||
		hasText(bind.MappingBeside(files[0])) {
		return nil
	}
	for _, flag := range [...]string{"mapping", "properties", "unmapped", "ignore", "confidence"} {
		if c.Flags().Changed(flag) {
			return nil
		}
	}
	if a.earlier(c.Context(), files[0], f, 1) != nil {
		return nil
	}
	return a.guided(c.Context(), files[0], f, false)
}
