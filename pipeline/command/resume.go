package command

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/history"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

func (a *app) resumeCommand() *cobra.Command {
	f := &resumeFlags{}
	c := &cobra.Command{
		Use:   "resume RUN",
		Short: "Go on with a run that did not come to its end, exactly as it was begun",
		Long: `Resume takes up an import that was interrupted, failed or left rows unknown. It goes on where
the run's evidence ends, with the files, the mapping, the org and every setting it was begun with.
What was in doubt is asked of the org first; nothing is sent twice. Where a file or a mapping has
changed since, it says so and stops before anything is sent.

RUN is a run's id, the beginning of one, or last.`,
		Example: `  muster resume last
  muster resume 20260301-0214 --key-file key.txt`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.resume(c, args[0], f) },
	}
	registerKeyFile(c, &f.keyFile)
	registerYesOrg(c, &f.yesOrg)
	c.Flags().IntVar(&f.rate, "sandbox-rate", 0, "requests a minute the built-in org allows, -1 for no limit (default: "+
		"as the run was begun)")
	c.Flags().StringVar(&f.state, "state", ".muster", "directory of ledger and reports")
	graceFlag(c, &f.grace, "as the run was begun")
	c.Flags().BoolVar(&f.json, "json", false, "print the report as one JSON object")
	return c
}

type resumeFlags struct {
	keyFile, state, yesOrg string
	rate                   int
	json                   bool
	grace                  time.Duration
}

func (a *app) resume(c *cobra.Command, word string, f *resumeFlags) error {
	run, err := a.unfinished(word, f.state)
	if err != nil {
		return err
	}
	if run.Undoes != "" && run.State != ledger.RunFinished {
		return &hinted{usage("run %s takes back run %s", run.Run, run.Undoes), "muster undo " + run.Undoes +
			a.carried("state", "key-file", "yes-org") + " goes on with it"}
	}
	if run.State == ledger.RunFinished {
		fmt.Fprintf(a.out, "run %s is finished: there is nothing to resume\n", run.Run)
		return nil
	}
	settings, err := pipeline.LoadSettings(f.state, run.Run)
	if errors.Is(err, fs.ErrNotExist) {
		return &hinted{err, "run the import again as it was begun: it takes the run up, and nothing is sent twice"}
	}
	if err == nil {
		err = settings.Unchanged()
	}
	if err != nil {
		return changed(err)
	}
	if c.Flags().Changed("sandbox-rate") {
		settings.Org.SandboxRate = f.rate
	}
	org, end, err := a.connect(c.Context(), a.reachAgain(settings, f.keyFile, "", f.yesOrg), f.state)
	if err != nil {
		return err
	}
	defer end()
	config := settings.Config
	config.Org, config.State, config.Stdin = org, f.state, a.Stdin
	if f.grace > 0 {
		config.Grace = f.grace
	}
	config.Version, config.Again, config.Progress = a.version(), a.resumeAgain(word, run.Run), a.progress(f.json)
	return changed(a.run(c.Context(), config, f.json))
}

// resumeAgain is the command line with the run's whole id: it means the same run tomorrow.
func (a *app) resumeAgain(word, run string) string {
	whole := *a
	whole.Args = slices.Clone(a.Args)
	if i := slices.Index(whole.Args, word); i >= 0 {
		whole.Args[i] = run
	}
	return whole.again()
}

// unfinished is the run that is asked for; a check counts as finished.
func (a *app) unfinished(word, state string) (run report.Past, err error) {
	err = a.look(state, func(h *history.History) error {
		run, err = a.findRun(h, word, h.Imported)
		if err == nil && !h.Imported(run) && run.Undoes == "" {
			run.State = ledger.RunFinished
		}
		return err
	})
	return run, err
}

// changed adds what can be done when a run is not what it was.
func changed(err error) error {
	switch {
	case errors.Is(err, bind.ErrInputChanged):
		return &hinted{err, "put back what was there and resume, or import what is there now: rows that landed are known, " +
			"and what is in doubt is asked first"}
	case errors.Is(err, outcome.ErrOtherOrg):
		return &hinted{err, "use the key of the org the run was begun with; the list of runs names it"}
	default:
		return err
	}
}
