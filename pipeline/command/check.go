package command

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"muster/pipeline"
	"muster/pipeline/report"
)

func (a *app) checkCommand() *cobra.Command {
	f := newInputFlags()
	var annotate bool
	var klasses string
	c := &cobra.Command{
		Use:   "check FILE…",
		Short: "Read, map and validate files; no network, nothing is sent",
		Long: `Check reads files, maps their columns and validates every record. It opens no connection.
Without a mapping it takes its best guess of each column and names those that it is not sure of; with
--confidence it stops where a column is less sure than that.
Every problem is listed with its cell in problems.csv, and the rows that have one are
written to rejects.csv, to be fixed and given to muster again. With --annotate the whole
table comes back as annotated.csv, in the same order, which muster reads as it reads the table;
a workbook comes back as it was, with its wrong cells coloured and commented.`,
		Example: `  muster check contacts.csv
  muster check contacts.csv --annotate
  muster check export.csv --mapping crm.mapping.yaml --region NL
  muster check customers.csv --properties properties.csv --channel whatsapp
  zcat customers.csv.gz | muster check -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			a.looks = a.Watched
			config, err := a.config(c, f, files)
			if err != nil {
				return err
			}
			config.Annotate, config.Klasses = annotate, klasses
			config.BestGuess = !c.Flags().Changed("confidence")
			return a.keptAfter(a.run(c.Context(), config, f.json), c, f, files)
		},
	}
	f.register(c)
	c.Flags().StringVar(&klasses, "klasses", "", "file of the org's attributes, as muster klass pull writes it: only "+
		"what it names is taken")
	c.Flags().BoolVar(&annotate, "annotate", false, "give the table back as annotated.csv, with what is wrong behind "+
		"each row, or the workbook with its wrong cells coloured")
	return c
}

// run runs the pipeline and shows its report: the whole answer goes to standard output, why it ended
// early to standard error.
func (a *app) run(ctx context.Context, config pipeline.Config, asJSON bool) error {
	return a.runAs(ctx, pipeline.Run, config, asJSON)
}

// runAs is run of a way that is not an import or a check.
func (a *app) runAs(ctx context.Context, run func(context.Context, pipeline.Config) (*report.Summary, error),
	config pipeline.Config, asJSON bool) error {
	summary, err := run(ctx, config)
	if summary == nil {
		return err
	}
	a.code = summary.ExitCode
	if asJSON {
		encoder := json.NewEncoder(a.Stdout)
		encoder.SetEscapeHTML(false)
		return errors.Join(err, encoder.Encode(summary))
	}
	report.Text(a.Stdout, summary, a.Width, a.colour())
	return err
}

// colour is for terminals whose owner did not ask for none (https://no-color.org).
func (a *app) colour() bool {
	_, plain := a.Lookup("NO_COLOR")
	return a.Shown && !plain
}
