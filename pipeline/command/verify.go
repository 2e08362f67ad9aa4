package command

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/history"
	"muster/pipeline/outcome"
	"muster/pipeline/redact"
	"muster/pipeline/report"
	"muster/pipeline/verify"
)

// defaultSample is how many customers verify reads when it is not told: none wrong among 300 of very
// many says that at most one in a hundred is, with 95 % confidence, for 300 requests.
const defaultSample = 300

type verifyFlags struct {
	keyFile, state, share, redact, yesOrg string
	sample                                int
	all, json                             bool
}

func (a *app) verifyCommand() *cobra.Command {
	f := &verifyFlags{}
	c := &cobra.Command{
		Use:   "verify RUN",
		Short: "Read back what a run landed and compare it field by field with what was sent",
		Long: `Verify asks the org for the customers that a run says it created, updated or left unchanged, and
compares each field with what was sent, which it works out again from the run's own files. It knows
what an org does to values: folded e-mail addresses, other forms of phone numbers and moments, tags
shown as ids, masked attributes, list entries of others. It cannot write.

Unless --all is given it reads a random sample and says how sure that makes one. What differs is
named by field and line; the values themselves are only in verify.csv in the run's directory.
It exits with 8 when a customer differs or is missing.

RUN is a run's id, the beginning of one, or last.`,
		Example: `  muster verify last
  muster verify last --all --key-file key.txt
  muster verify 20260301-0214 --sample 3000 --redact mask`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.verify(c, args[0], f) },
	}
	c.ValidArgsFunction = a.completeRuns
	c.Flags().IntVar(&f.sample, "sample", defaultSample, "how many customers to read, chosen at random")
	c.Flags().BoolVar(&f.all, "all", false, "read every customer")
	c.Flags().StringVar(&f.redact, "redact", "none", "hide values in verify.csv: none, mask, hash or full")
	registerKeyFile(c, &f.keyFile)
	registerYesOrg(c, &f.yesOrg)
	c.Flags().StringVar(&f.share, "share", "", "part of the org's request budget this may use (default: as the run)")
	c.Flags().StringVar(&f.state, "state", ".muster", "directory of ledger and reports")
	c.Flags().BoolVar(&f.json, "json", false, "print the answer as one JSON object")
	return c
}

func (a *app) verify(c *cobra.Command, word string, f *verifyFlags) error {
	redact, err := redact.Parse(f.redact)
	switch {
	case err != nil:
		return usage("--redact %v", err)
	case f.sample < 1:
		return usage("--sample %d is less than one customer", f.sample)
	case f.all && c.Flags().Changed("sample"):
		return usage("--all and --sample exclude each other")
	case f.all:
		f.sample = 0
	}
	settings, ended, err := a.settings(word, f.state)
	if err != nil {
		return err
	}
	seen, end, err := a.see(c.Context(), a.reachAgain(settings, f.keyFile, f.share, f.yesOrg), f.state)
	if err != nil {
		return err
	}
	defer end()
	v, err := verify.Run(c.Context(), verify.Config{State: f.state, Run: settings.Run, ReadOnly: seen, Sample: f.sample,
		Landed: ended,
		Again:  a.resumeAgain(word, settings.Run), Version: a.version(), Redact: redact, Progress: a.progress(f.json)})
	if v == nil {
		if errors.Is(err, outcome.ErrOtherOrg) {
			return changed(err)
		}
		return recomputed(err)
	}
	a.code = v.ExitCode
	if f.json {
		return errors.Join(err, a.answer(v))
	}
	report.VerificationText(a.Stdout, v, a.Width, a.colour())
	return err
}

// settings are those of the import that a word names, and when it ended; zero: it did not.
func (a *app) settings(word, state string) (s *pipeline.Settings, ended time.Time, err error) {
	run := report.Past{}
	imported := false
	err = a.look(state, func(h *history.History) (err error) {
		run, err = a.findRun(h, word, h.Imported)
		imported = err == nil && h.Imported(run)
		return err
	})
	if err != nil {
		return nil, ended, err
	}
	if run.Undoes != "" {
		return nil, ended, &hinted{usage("run %s is no import: it took back run %s", run.Run, run.Undoes), "muster show " +
			run.Run + a.carried("state") + " tells what it did; muster runs" + a.carried("state") + " lists the imports"}
	}
	if !imported {
		return nil, ended, &hinted{usage("run %s sent nothing: it is a %s", run.Run, run.Command),
			"muster runs" + a.carried("state") + " lists the imports"}
	}
	if run.Ended != nil {
		ended = *run.Ended
	}
	s, err = pipeline.LoadSettings(state, run.Run)
	return s, ended, err
}

// reachAgain are the flags by which a run reached its org.
func (a *app) reachAgain(s *pipeline.Settings, keyFile, share, yesOrg string) *orgFlags {
	if share == "" {
		share = s.Org.Share
	}
	return &orgFlags{to: s.Org.To, named: byFile, share: share, timeout: s.Org.Timeout, rate: s.Org.SandboxRate,
		keyFile: keyFile, yesOrg: yesOrg}
}

// recomputed adds what can be done when what was sent cannot be worked out again.
func recomputed(err error) error {
	return when(err, bind.ErrInputChanged, "what was sent is worked out from the run's own files: put back what was "+
		"there, or import what is there now and verify that run")
}

// when adds a hint to one kind of error.
func when(err, kind error, hint string) error {
	if errors.Is(err, kind) {
		return &hinted{err, hint}
	}
	return err
}

// completeRuns completes the id of a run.
func (a *app) completeRuns(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	state, _ := c.Flags().GetString("state")
	ids := []string{"last"}
	err := a.look(state, func(h *history.History) error {
		for _, r := range h.Runs() {
			ids = append(ids, r.Run)
		}
		return nil
	})
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
