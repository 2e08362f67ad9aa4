package command

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline/history"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/report"
	"muster/pipeline/undo"
)

type undoFlags struct {
	grace                         time.Duration
	keyFile, state, share, yesOrg string
	dryRun, yes, json             bool
}

func (a *app) undoCommand() *cobra.Command {
	f := &undoFlags{}
	c := &cobra.Command{
		Use:   "undo RUN",
		Short: "Take a run back: delete what it made, restore what it changed, leave what people edited since",
		Long: `Undo takes an import back. Customers that it made are deleted; those that it changed get back what
they had before, in the fields that it wrote. Who has been edited since, by people or by a later
run, or has conversations, is left as it is and named. Customers are read in hundreds before they
are written to, and again afterwards; a deletion cannot be made to depend on what was read, so
nobody is deleted by what was read more than ten seconds before.

It shows first what it would do, and asks; --dry-run stops there and cannot write. It is a run of
its own: when it ends early, the same command goes on, and nothing is done twice. Which customer is
in which list, and why, is in undo.csv in its directory. Afterwards nothing of the run counts as
landed: the same import again brings it back.

It exits with 3 when some are kept. Companies that the import made go, too, unless somebody edited
them or customers are of them. Attributes that it made stay, and what conversations were described
with. Given again, it asks for nobody who was taken back before. Kustomer may keep the identities of
deleted customers reserved.

RUN is a run's id, the beginning of one, or last.`,
		Example: `  muster undo last --dry-run
  muster undo last
  muster undo 20260301-0214 --key-file key.txt --yes --yes-org acme`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.undo(c, args[0], f) },
	}
	c.ValidArgsFunction = a.completeRuns
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "only show what would be done")
	c.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	registerYesOrg(c, &f.yesOrg)
	registerKeyFile(c, &f.keyFile)
	c.Flags().StringVar(&f.share, "share", "", "part of the org's request budget this may use (default: as the run)")
	c.Flags().StringVar(&f.state, "state", ".muster", "directory of ledger and reports")
	graceFlag(c, &f.grace, "30s")
	c.Flags().BoolVar(&f.json, "json", false, "print the answer as one JSON object")
	return c
}

func (a *app) undo(c *cobra.Command, word string, f *undoFlags) error {
	settings, _, err := a.settings(word, f.state)
	if err != nil {
		return err
	}
	if !f.dryRun && !f.yes && (f.json || !a.Watched || !a.Asked) {
		return &hinted{usage("nobody is here to say that run %s is to be taken back", settings.Run),
			"--yes says so; --dry-run shows what would be done"}
	}
	config := undo.Config{State: f.state, Run: settings.Run, Again: a.resumeAgain(word, settings.Run),
		Version: a.version(), Progress: a.progress(f.json), Grace: f.grace}
	reach := a.reachAgain(settings, f.keyFile, f.share, f.yesOrg)
	var u *report.Undo
	if f.dryRun {
		u, err = a.planUndo(c, reach, config)
	} else {
		u, err = a.takeBack(c, reach, config, f)
	}
	if u == nil {
		return roleHint(err)
	}
	a.code = u.ExitCode
	if f.json {
		return errors.Join(err, a.answer(u))
	}
	return errors.Join(err, report.UndoText(a.Stdout, u, a.Width, a.colour()))
}

func (a *app) planUndo(c *cobra.Command, reach *orgFlags, config undo.Config) (*report.Undo, error) {
	seen, end, err := a.see(c.Context(), reach, config.State)
	if err != nil {
		return nil, err
	}
	defer end()
	config.ReadOnly = seen
	return undo.Plan(c.Context(), config)
}

// takeBack does it, once the org is meant and the plan is agreed to.
func (a *app) takeBack(c *cobra.Command, reach *orgFlags, config undo.Config, f *undoFlags) (*report.Undo, error) {
	org, end, err := a.connectWith(c.Context(), reach, config.State, func(t kustomer.Token) []string {
		return lacking(t, "org.permission.customer.read", "org.permission.metadata.read")
	})
	if err != nil {
		return nil, err
	}
	defer end()
	if err := a.meant(org.Name, org.Host, f.yesOrg, "This takes run "+config.Run+" back in"); err != nil {
		return nil, err
	}
	config.ReadOnly = org.ReadOnly()
	return undo.Run(c.Context(), config, org.Client, func(plan *report.Undo) error {
		if f.yes {
			return nil
		}
		if err := report.UndoText(a.Stderr, plan, a.Width, false); err != nil {
			return err
		}
		return a.confirm(fmt.Sprintf("take run %s back?", config.Run), false)
	})
}

// roleHint adds what to do where the key lacks a role.
func roleHint(err error) error {
	if kustomer.VerdictOf(err) == kustomer.Forbidden {
		return &hinted{err, "make a key that has these roles in Kustomer: Settings › Security › API Keys (roles of a key " +
			"cannot be changed)"}
	}
	return err
}

// showUndo is show for a run that took another back.
func (a *app) showUndo(h *history.History, run report.Past, f *showFlags) error {
	u, err := h.Undo(run)
	switch {
	case err != nil && run.State == ledger.RunFinished:
		return &hinted{err, "muster runs" + a.carried("state") + " still has its counts"}
	case err != nil && run.State != ledger.RunRunning:
		return &hinted{err, "muster undo " + run.Undoes + a.carried("state") + " goes on with it and writes one"}
	case err != nil:
		return err
	case f.json:
		return a.answer(u)
	default:
		return report.UndoText(a.Stdout, u, a.Width, a.colour())
	}
}
