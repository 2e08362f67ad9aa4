package command

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"muster/pipeline/config"
	"muster/pipeline/exit"
	"muster/pipeline/nightly"
	"muster/pipeline/options"
)

func (a *app) initCommand() *cobra.Command {
	var file string
	var show bool
	c := &cobra.Command{
		Use:   "init",
		Short: "Write a project file (muster.yaml) with comments, to begin with",
		Long: `Init writes muster.yaml, the file that says what muster run does: jobs, sources, the org, guards,
and who is told. Every choice stands in it with a comment. A file that is there is left alone.`,
		Example: `  muster init
  muster init --print`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if show {
				_, err := fmt.Fprint(a.out, config.Initial())
				return err
			}
			return a.writeProject(file)
		},
	}
	c.Flags().StringVar(&file, "project", config.FileName, "the file to write")
	c.Flags().BoolVar(&show, "print", false, "print it instead")
	return c
}

func (a *app) writeProject(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, os.ErrExist) {
		return &hinted{usage("%s is there already", path),
			"muster init --print shows what it would write; muster lint says what is wrong with yours"}
	}
	if err != nil {
		return fmt.Errorf("write the project file: %w", err)
	}
	_, err = file.WriteString(config.Initial())
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write the project file: %w", err)
	}
	fmt.Fprintf(a.out, "wrote %s; edit it, then muster lint, then muster run\n", path)
	return nil
}

func (a *app) lintCommand() *cobra.Command {
	var file string
	var asJSON bool
	c := &cobra.Command{
		Use:   "lint",
		Short: "Say everything that is wrong with the project file, with its lines",
		Example: `  muster lint
  muster lint --project /srv/crm/muster.yaml`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.lintProject(file, asJSON) },
	}
	c.Flags().StringVar(&file, "project", config.FileName, "the project file")
	c.Flags().BoolVar(&asJSON, "json", false, "print the mistakes as one JSON object")
	return c
}

func (a *app) lintProject(path string, asJSON bool) error {
	p, err := config.Load(path)
	var mistakes config.Mistakes
	switch {
	case err == nil:
		mistakes = append(unfit(p), p.Missing()...)
	case !errors.As(err, &mistakes):
		_, err = a.openProject(path)
		return err
	}
	if len(mistakes) > 0 {
		a.code = exit.Usage
	}
	if asJSON {
		return a.printJSON(map[string]any{"file": path, "mistakes": append(config.Mistakes{}, mistakes...)})
	}
	if len(mistakes) > 0 {
		fmt.Fprintln(a.out, mistakes.Error())
		return nil
	}
	for i := range p.Jobs {
		j := &p.Jobs[i]
		from := j.Source.From
		if from == "" {
			from = "the command " + j.Source.Command[0]
		}
		to := ""
		if len(p.Orgs) > 1 {
			to = " into " + j.Org.Address
		}
		fmt.Fprintf(a.out, "%s: %s from %s%s\n", j.Name, j.Verb, nightly.Shown(from), to)
	}
	fmt.Fprintf(a.out, "%s is right\n", path)
	return nil
}

// unfit is what is wrong with the options of jobs beyond their form.
func unfit(p *config.Project) (mistakes config.Mistakes) {
	for i := range p.Jobs {
		j := &p.Jobs[i]
		if _, err := options.Config(&j.Options); err != nil {
			for line := range strings.Lines(err.Error()) {
				mistakes = append(mistakes, config.Mistake{File: p.File, Line: j.Line, Column: 1, Message: "job " + j.Name + ": " +
					strings.TrimSpace(line)})
			}
		}
	}
	return mistakes
}

func (a *app) acceptCommand() *cobra.Command {
	var file, state string
	c := &cobra.Command{
		Use:   "accept-drift JOB",
		Short: "Take a file that the feed guard held back as what the feed is like from now on",
		Long: `When a feed changes shape, muster run stops before anything is sent (exit 5) and says how. Where
the change is meant, accept-drift takes the new shape: the next run compares with it. Where amounts
have changed the history begins anew with that file.`,
		Example: `  muster accept-drift customers
  muster run customers`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.accept(file, state, args[0]) },
	}
	c.Flags().StringVar(&file, "project", config.FileName, "the project file")
	c.Flags().StringVar(&state, "state", "", "directory of ledger and reports (default: as the project file says)")
	return c
}

func (a *app) accept(file, state, job string) error {
	p, err := a.openProject(file)
	if err != nil {
		return err
	}
	j := p.Job(job)
	if j == nil {
		return &hinted{usage("no job is called %s", job), "muster lint" + a.carried("project") + " lists the jobs"}
	}
	if state == "" {
		state = p.Path(j.Org.State)
	}
	found, err := nightly.AcceptDrift(state, job)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		fmt.Fprintf(a.out, "no file of %s is held back: there is nothing to accept\n", job)
		return nil
	}
	for _, f := range found {
		fmt.Fprintf(a.out, "accepted: %s\n", f.Says)
	}
	fmt.Fprintf(a.out, "now: muster run %s%s\n", job, a.carried("project", "state"))
	return nil
}
