package command

import (
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) importCommand() *cobra.Command {
	f, o, g := newInputFlags(), &orgFlags{}, &guardFlags{}
	var grace time.Duration
	var create, yes, dry, brave bool
	c := &cobra.Command{
		Use:   "import FILE… --to ORG",
		Short: "Bring the customers of files into an org and call the roll",
		Long: `Import reads the files once without sending anything, to find every invalid row and every row
that is the same customer as another. Then it sends what is fit in bulk, and writes a report
in which every row read has exactly one outcome.

When a run ends early, whatever the reason, the same command, or muster resume RUN, goes on where
its evidence ends: nothing is lost and nothing is sent twice.`,
		Example: `  muster import contacts.csv --to sandbox
  muster import contacts.csv --to https://acme.api.kustomerapp.com --key-file key.txt
  muster import a.csv b.ndjson --to sandbox --verb create
  muster import contacts.csv --to sandbox --on-conflict prefer=externalId,email
  muster import contacts.csv --to sandbox --create-attributes`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			if err := a.guideFirst(c, f, files); err != nil {
				return err
			}
			config, err := a.config(c, f, files)
			if err != nil {
				return err
			}
			config.Grace = grace
			if config.Limits, err = g.limits(); err != nil {
				return err
			}
			if dry {
				return a.plan(c.Context(), config, o, f)
			}
			org, end, err := a.connect(c.Context(), o, f.state)
			if err != nil {
				return err
			}
			defer end()
			config.Org, config.Canary = org, !brave
			if err := a.meant(org.Name, org.Host, o.yesOrg, "This imports "+strings.Join(files, ", ")+" into"); err != nil {
				return err
			}
			if create {
				config.Agree = a.agree(yes)
			}
			return a.keptAfter(a.run(c.Context(), config, f.json), c, f, files)
		},
	}
	f.register(c)
	o.register(c)
	g.register(c)
	registerOptions(c, f.Sending())
	graceFlag(c, &grace, "30s")
	c.Flags().BoolVar(&brave, "no-canary", false, "send everything at once, also with a mapping that this org has not "+
		"seen: nothing is read back first")
	c.Flags().BoolVarP(&dry, "dry-run", "n", false, "send nothing: make a plan, as muster plan does")
	c.Flags().BoolVar(&create, "create-attributes", false,
		"make the attributes that the files fill and the org lacks, after showing them and asking")
	c.Flags().BoolVar(&yes, "yes", false, "with --create-attributes: do not ask")
	return c
}
