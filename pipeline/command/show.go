package command

import (
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"muster/pipeline/history"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

func (a *app) showCommand() *cobra.Command {
	f := &showFlags{}
	c := &cobra.Command{
		Use:   "show RUN [ROW|KEY]",
		Short: "Show the report of a run again, what happened to one of its rows, or a customer",
		Long: `Show prints the report of a run again. With a row, or one of its keys, it says what happened to
it: the problems of its cells with how to fix them, or the batch, the requests, the job and the
customer it became, and what other runs did with the same customer.

RUN is a run's id, the beginning of one, or last. ROW is the line at which the row starts (14, or
people.csv:14 where there are several files), or its place among all rows of the run (row:13).
KEY is an external id, an e-mail address or a phone number; the ledger holds keys as hashes only.
It works while an import is under way.

With --customer it shows a customer of an org instead: every attribute and relationship, or, with
--as, what the Web SDK's describeCustomer hands to its callback. --conversation does the same.`,
		Example: `  muster show last
  muster show last 14                    what happened to the row at line 14?
  muster show 20260301-0214 people.csv:14
  muster show last ana@example.com       … to the row with this address?
  muster show last --key 1004            1004 is an external id, not a line
  muster show --customer ana@example.com --to sandbox
  muster show --customer ana@example.com --to sandbox --as describeCustomer`,
		Args: func(c *cobra.Command, args []string) error {
			if f.customer != "" || f.conversation != "" {
				return cobra.NoArgs(c, args)
			}
			return cobra.RangeArgs(1, 2)(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case f.customer != "" && f.conversation != "":
				return usage("--customer and --conversation do not go together")
			case f.customer != "":
				return a.showCustomer(c.Context(), f)
			case f.conversation != "":
				return a.showConversation(c.Context(), f)
			}
			return a.look(f.state, func(h *history.History) error {
				run, err := a.findRun(h, args[0], nil)
				switch {
				case err != nil:
					return err
				case len(args) == 2:
					return a.showRow(h, run, args[1], f)
				default:
					return a.showRun(h, run, f)
				}
			})
		},
	}
	c.Flags().StringVar(&f.state, "state", ".muster", "directory of ledger and reports")
	c.Flags().BoolVar(&f.asKey, "key", false, "take a number for a key, not for a line")
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
	f.customerFlags.register(c)
	return c
}

type showFlags struct {
	customerFlags
	state       string
	asKey, json bool
}

func (a *app) showRun(h *history.History, run report.Past, f *showFlags) error {
	if run.Undoes != "" {
		return a.showUndo(h, run, f)
	}
	s, err := h.Report(run)
	switch {
	case errors.Is(err, fs.ErrNotExist) && run.State == ledger.RunRunning:
		return &hinted{err, "it writes one when it ends; muster show " + run.Run + " ROW" + a.carried("state") + " tells of a row meanwhile"}
	case errors.Is(err, fs.ErrNotExist) && run.State == ledger.RunFinished:
		return &hinted{err, "muster runs" + a.carried("state") + " still has its counts"}
	case errors.Is(err, fs.ErrNotExist):
		return &hinted{err, "muster resume " + run.Run + a.carried("state") + " goes on with it and writes one"}
	case err != nil:
		return err
	case f.json:
		return a.answer(s)
	default:
		return errors.Join(report.UndoneText(a.Stdout, &run, a.Width, a.colour()),
			report.Text(a.Stdout, s, a.Width, a.colour()))
	}
}

func (a *app) showRow(h *history.History, run report.Past, word string, f *showFlags) error {
	stories, err := h.RowStories(run, word, f.asKey)
	switch {
	case errors.As(err, new(*outcome.UsageError)):
		return &hinted{err, "a row is named by the line at which it starts, or by one of its keys; muster show --help has " +
			"examples"}
	case err != nil:
		return err
	case f.json:
		return a.answer(map[string]any{"rows": stories})
	default:
		return report.StoryText(a.Stdout, stories, a.Width, a.colour())
	}
}
