package command

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline/config"
	"muster/pipeline/decision"
	"muster/pipeline/history"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
)

const stateHelp = "directory of ledger and reports"

func (a *app) backupCommand() *cobra.Command {
	var state, keep string
	c := &cobra.Command{
		Use:   "backup FILE|DIR",
		Short: "Copy the ledger to a file, also while a run goes on",
		Long: `Backup writes the ledger as it is at this moment to a file: who is who, what was landed, what every
run and every night did. A run may go on meanwhile. What was written is read back and verified.
In a directory that is there the file is called ledger-DAY-TIME.db, and --keep removes those of this
name that are older. Reports are files already: copy them as you copy files.`,
		Example: `  muster backup /backup/ledger-$(date +%F).db
  muster backup /backup --keep 7d`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.backup(args[0], state, keep) },
	}
	c.Flags().StringVar(&state, "state", ".muster", stateHelp)
	c.Flags().StringVar(&keep, "keep", "", "with a directory: how long backups in it are kept, such as 7d (default: "+
		"for ever)")
	return c
}

func (a *app) backup(to, state, keep string) error {
	var span time.Duration
	info, err := os.Stat(to)
	isDir := err == nil && info.IsDir()
	if keep != "" {
		if span, err = config.ParseSpan(keep); err != nil || span == 0 {
			return usage("--keep %q is no time such as 7d", keep)
		}
		if !isDir {
			return &hinted{usage("--keep goes with a directory that is there, and %s is none", to), "make the directory " +
				printable.Word(to) + " first, or name a file"}
		}
	}
	view, err := ledger.OpenReadOnly(state)
	if err != nil {
		return err
	}
	var gone []string
	if isDir {
		to, gone, err = view.BackupInto(to, time.Now(), span)
	} else {
		err = view.Backup(to)
	}
	if err = errors.Join(err, view.Close()); errors.Is(err, os.ErrExist) {
		return &hinted{usage("%s is there already", to), "name a file that is not there; a backup replaces nothing"}
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "wrote and verified %s; muster restore %s%s puts it back\n", to, printable.Word(to),
		a.carried("state"))
	if len(gone) > 0 {
		fmt.Fprintf(a.out, "removed %d backups that are older than %s\n", len(gone), keep)
	}
	return nil
}

func (a *app) restoreCommand() *cobra.Command {
	var state string
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup of the ledger back in its place",
		Long: `Restore puts a backup in the place of the ledger, once it has been read and found whole. What was
there is kept beside it. Rows that landed after the backup are not known to it: the next import
finds their customers in the org by their keys and creates none twice.`,
		Example: `  muster restore /backup/ledger-2026-03-01.db`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			kept, err := ledger.Restore(state, args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "restored %s\n", args[0])
			if kept != "" {
				fmt.Fprintf(a.out, "what was there is kept as %s\n", kept)
			}
			return nil
		},
	}
	c.Flags().StringVar(&state, "state", ".muster", stateHelp)
	return c
}

func (a *app) tidyCommand() *cobra.Command {
	var state, keep string
	var asJSON bool
	c := &cobra.Command{
		Use:   "tidy",
		Short: "Remove the reports of old runs and make the ledger small; who is who stays known",
		Long: `Tidy removes the directories of runs that ended longer ago than --keep says, and what the ledger
has of their single rows. Identities stay: the next import still knows which row is which customer
and what was landed last. Unfinished runs stay whole. muster run does the same by the project
file's retention.`,
		Example: `  muster tidy --keep 90d`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			span, err := config.ParseSpan(keep)
			if err != nil {
				return usage("--keep %q is no time such as 90d", keep)
			}
			l, err := ledger.Open(state)
			if err != nil {
				return err
			}
			t, err := history.Tidy(l, state, time.Now().Add(-span))
			if err = errors.Join(err, l.Close()); err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(t)
			}
			fmt.Fprintf(a.out, "removed %d directories of runs, and %d batches from the ledger\n", len(t.Runs), t.Batches)
			return nil
		},
	}
	c.Flags().StringVar(&state, "state", ".muster", stateHelp)
	c.Flags().StringVar(&keep, "keep", "90d", "how long runs are kept after their end")
	c.Flags().BoolVar(&asJSON, "json", false, "print what went as one JSON object")
	return c
}

func (a *app) forgetCommand() *cobra.Command {
	var state string
	var yes, asJSON, decisions bool
	c := &cobra.Command{
		Use:   "forget KEY…|--decisions [FILE]",
		Short: "Take a person's values out of the ledger and every report; balances stay as they were",
		Long: `Forget takes a person out of the state directory: every identity by which the ledger knows them,
what it has of their rows, and their values in the reports of every run. Lines keep their place,
status and code, so that every balance stays what it was. KEY is an external id, an e-mail address,
a phone number, or the id of the customer in the org; several name one person more surely.

Files that hold the person and cannot be rewritten go: your own rows with our notes (annotated, rejects.xlsx), plans,
guesses of mappings, feeds that were fetched, and the ledgers that restore put aside. The org is not
changed: delete the customer there, too. Where else they may be is listed at the end: the feed, your
own input files, backups, the built-in org (muster sandbox --forget).

With --decisions it forgets what you decided of files: the mapping, encoding, sheet and country that are
used again for the next file with the same columns. FILE is the file they were decided for; without it
all are forgotten.`,
		Example: `  muster forget C-17 ana@example.com +31612345678 --yes
  muster forget --decisions contacts.csv`,
		Args: func(c *cobra.Command, keys []string) error {
			if decisions {
				return cobra.MaximumNArgs(1)(c, keys)
			}
			return cobra.MinimumNArgs(1)(c, keys)
		},
		RunE: func(_ *cobra.Command, keys []string) error {
			if decisions {
				return a.forgetDecisions(state, append(keys, "")[0])
			}
			if !yes {
				return &hinted{usage("what is forgotten cannot be brought back"),
					"the same command with --yes says that it is meant"}
			}
			if _, err := os.Stat(state); err != nil {
				return err
			}
			f, err := history.Forget(state, keys)
			if errors.Is(err, ledger.ErrState) {
				return &hinted{&outcome.UsageError{Err: errors.New("an unfinished run is about this person, and must be able to " +
					"find out what became of its requests")},
					"muster resume last" + a.carried("state") + " finishes it; then forget"}
			}
			if err != nil {
				return err
			}
			return a.printForgotten(f, asJSON)
		},
	}
	c.Flags().StringVar(&state, "state", ".muster", stateHelp)
	c.Flags().BoolVar(&yes, "yes", false, "it is meant")
	c.Flags().BoolVar(&decisions, "decisions", false, "forget what was decided of files, of one or of all")
	c.Flags().BoolVar(&asJSON, "json", false, "print what was forgotten as one JSON object")
	return c
}

func (a *app) forgetDecisions(state, file string) error {
	forgotten, err := decision.Forget(state, file)
	if err != nil {
		return err
	}
	for _, name := range forgotten {
		fmt.Fprintf(a.out, "forgot what was decided for %s\n", relative(name))
	}
	if len(forgotten) == 0 {
		fmt.Fprintln(a.out, "nothing was decided that could be forgotten")
	}
	return nil
}

func (a *app) printForgotten(f *history.Forgotten, asJSON bool) error {
	if asJSON {
		return a.printJSON(f)
	}
	if f.Identities+f.Rows+f.Lines+f.Memos == 0 && len(f.Removed)+len(f.Files) == 0 {
		fmt.Fprintln(a.out, "nobody is known by that; nothing was changed")
		return nil
	}
	fmt.Fprintf(a.out, "forgotten: %d identities and %d rows of the ledger, %d lines of reports\n", f.Identities, f.Rows,
		f.Lines)
	if len(f.Removed) > 0 {
		fmt.Fprintf(a.out, "removed, since they held the person: %s\n", strings.Join(f.Removed, ", "))
	}
	if f.Memos > 0 {
		fmt.Fprintf(a.out, "what %d jobs remembered of their nights held the person and is gone: the feed guard begins "+
			"its history anew\n", f.Memos)
	}
	fmt.Fprintln(a.out, "still to do, since muster cannot:")
	for _, left := range f.Left {
		fmt.Fprintf(a.out, "  %s\n", left)
	}
	return nil
}
