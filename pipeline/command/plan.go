package command

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/config"
	"muster/pipeline/outcome"
	"muster/pipeline/plan"
)

func (a *app) planCommand() *cobra.Command {
	f, o, g := newInputFlags(), &orgFlags{}, &guardFlags{}
	var full bool
	c := &cobra.Command{
		Use:   "plan FILE… --to ORG",
		Short: "Say what an import would do to each customer, field by field; nothing is sent",
		Long: `Plan holds every row against the live org and says what would become of it: create, update (with
each field before and after), unchanged, duplicate, conflict, invalid or skipped. It cannot write.
It asks the org at the least cost: what the ledger knows costs nothing, the rest is searched for.
Files of several kinds are planned in the order of what belongs to what: a record may name one that
the plan would make, and is held where nothing makes what it names. Rows that fold into one record are planned as that record, a row
is held against every customer that has one of its identities, and companies that would be made are
named.

The terminal shows numbers and fields; the values are in plan.json and plan.html in the run's
directory, which nobody else can read. muster apply does exactly what a plan says.`,
		Example: `  muster plan contacts.csv --to sandbox
  muster plan contacts.csv --to https://acme.api.kustomerapp.com --key-file key.txt
  muster apply .muster/runs/20260301-021400-7f3a/plan.json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			if err := a.guideFirst(c, f, files); err != nil {
				return err
			}
			config, err := a.config(c, f, files)
			if err != nil {
				return err
			}
			config.Full = full
			if config.Limits, err = g.limits(); err != nil {
				return err
			}
			return a.keptAfter(a.plan(c.Context(), config, o, f), c, f, files)
		},
	}
	f.register(c)
	o.register(c)
	g.register(c)
	c.Flags().StringVar(&f.Verb, "verb", "upsert", "upsert; create (who is there already is a conflict); update (who "+
		"is not there is one)")
	registerOptions(c, slices.DeleteFunc(f.Sending(), func(o config.Option) bool { return o.Name != "users" }))
	c.Flags().BoolVar(&full, "full", false, "ask the org also for rows that have not changed since they landed")
	return c
}

// plan makes a plan of what config would import.
func (a *app) plan(ctx context.Context, config pipeline.Config, o *orgFlags, f *inputFlags) error {
	seen, end, err := a.see(ctx, o, f.state)
	if err != nil {
		return err
	}
	defer end()
	config.Command, config.ReadOnly = "plan", seen
	return a.runAs(ctx, plan.Run, config, f.json)
}

type applyFlags struct {
	config.Options         // of which it has the backup
	keyFile, state, yesOrg string
	json, brave            bool
	grace                  time.Duration
}

func (a *app) applyCommand() *cobra.Command {
	f := &applyFlags{Options: config.DefaultOptions()}
	c := &cobra.Command{
		Use:   "apply PLAN",
		Short: "Do exactly what a plan says; who was changed since is left alone",
		Long: `Apply carries out a plan of muster plan, with the files, the mapping and every setting it was made
with. Every customer that is to be updated is read again first: one that somebody has changed since
the plan was made, and one that has come to exist or is gone, is left alone, skipped with the code
plan.changed. A plan shows what would be sent, not what the org makes of it: so the first customers
of a mapping that is new to the org are read back before the rest is sent, as import does. Where a
file or a mapping has changed, or another org answers, nothing is sent and it exits with 5.

PLAN is the plan.json, or the directory of the run that made it. When apply ends early, the same
command goes on where its evidence ends.`,
		Example: `  muster apply .muster/runs/20260301-021400-7f3a/plan.json
  muster apply .muster/runs/20260301-021400-7f3a --key-file key.txt --yes-org acme`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.apply(c.Context(), args[0], f) },
	}
	registerKeyFile(c, &f.keyFile)
	c.Flags().StringVar(&f.state, "state", "", "directory of ledger and reports (default: that of the plan)")
	registerOptions(c, slices.DeleteFunc(f.Sending(), func(o config.Option) bool { return o.Name != "backup" }))
	registerYesOrg(c, &f.yesOrg)
	graceFlag(c, &f.grace, "30s")
	c.Flags().BoolVar(&f.brave, "no-canary", false, "send everything at once, also with a mapping that this org has "+
		"not seen: nothing is read back first")
	c.Flags().BoolVar(&f.json, "json", false, "print the report as one JSON object")
	return c
}

func (a *app) apply(ctx context.Context, path string, f *applyFlags) error {
	head, settings, err := plan.Read(path)
	if err != nil {
		return &hinted{&outcome.UsageError{Err: err}, "muster plan FILE --to ORG makes a plan and names its plan.json"}
	}
	if filepath.Base(path) != "plan.json" {
		path = filepath.Join(path, "plan.json")
	}
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	if f.state == "" { // the plan is in STATE/runs/RUN/plan.json
		f.state = filepath.Dir(filepath.Dir(filepath.Dir(path)))
	}
	if err := settings.Unchanged(); err != nil {
		return outdated(err)
	}
	org, end, err := a.connect(ctx, a.reachAgain(settings, f.keyFile, "", f.yesOrg), f.state)
	if err != nil {
		return err
	}
	defer end()
	if err := a.meant(org.Name, org.Host, f.yesOrg, "This carries out plan "+head.Run+" in"); err != nil {
		return err
	}
	config := settings.Config
	config.Command, config.Plan, config.State, config.Org, config.Canary = "apply", path, f.state, org, !f.brave
	config.Version, config.Again, config.Progress, config.Stdin = a.version(), a.again(), a.progress(f.json), a.Stdin
	config.Grace, config.Backup = f.grace, f.Backup
	return outdated(a.run(ctx, config, f.json))
}

// outdated adds what can be done when a plan cannot be carried out any more.
func outdated(err error) error {
	return when(err, bind.ErrInputChanged, "the plan is of what was there before: make a new one, and apply that")
}
