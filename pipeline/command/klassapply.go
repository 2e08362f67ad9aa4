package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"muster/pipeline/attributes"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/printable"
	"muster/schema/klass"
)

func (a *app) klassApplyCommand() *cobra.Command {
	f := &klassFlags{}
	c := &cobra.Command{
		Use:   "apply --from FILE --to ORG",
		Short: "Make the attributes and choices that the org lacks, after showing them",
		Long: `Apply makes the attributes of a file that the org does not have, and adds choices that its
attributes do not have. It shows them first and asks, or goes on with --yes. It deletes nothing,
changes no type, and activates nothing: where that is needed it says where.

The key needs the role org.permission.metadata.update.`,
		Example: `  muster klass apply --from acme.klasses.yaml --to sandbox
  muster klass apply --from acme.klasses.yaml --to https://acme.api.kustomerapp.com --key-file key.txt --yes
  muster klass apply --from properties.csv --to sandbox        customer properties of Sinch Engage`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.from == "" {
				return &hinted{usage("no file of attributes is named"),
					"--from FILE names one; muster klass pull --to ORG writes one"}
			}
			return a.klassApply(c.Context(), f)
		},
	}
	f.register(c)
	c.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	return c
}

func (a *app) klassApply(ctx context.Context, f *klassFlags) error {
	list, err := a.compare(ctx, f)
	if err != nil {
		return err
	}
	todo, left := 0, 0
	for _, one := range list {
		a.showApplicable(one)
		for _, d := range one.Differences {
			switch {
			case d.CanApply():
				todo++
			case d.Asks():
				left++
			}
		}
	}
	a.showNotes(f.notes)
	if todo == 0 {
		fmt.Fprintf(a.out, "nothing to make; %d that only a person can do\n", left)
	} else if err := a.confirm(fmt.Sprintf("make or extend %s?", printable.Counted(todo, "attribute")),
		f.yes); err != nil {
		return err
	} else if err := a.amend(ctx, f, list, todo); err != nil {
		return err
	}
	if left > 0 {
		a.code = exit.Rejects
	}
	return nil
}

// showApplicable leaves out what needs nothing done.
func (a *app) showApplicable(c comparison) {
	var some []klass.Difference
	for _, d := range c.Differences {
		if d.CanApply() || d.Asks() {
			some = append(some, d)
		}
	}
	if len(some) > 0 {
		c.Differences = some
		a.showComparison(c)
	}
}

// amend enters the org with a key that may write, and makes what is listed.
func (a *app) amend(ctx context.Context, f *klassFlags, list []comparison, todo int) error {
	to := f.to
	if to == "" {
		to, _ = a.Lookup("KUSTOMER_URL")
	}
	config, name, end, err := a.address(ctx, &f.orgFlags, to, f.state)
	if err != nil {
		return err
	}
	defer end()
	client, err := kustomer.New(config)
	if err != nil {
		return noAddress(err)
	}
	token, err := client.Token(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(token.Roles) > 0 && !token.Has(attributes.RoleMetadataUpdate) {
		return lackingRole(attributes.RoleMetadataUpdate)
	}
	for _, one := range list {
		if err := attributes.Amend(ctx, client, one.Klass, one.Differences); err != nil {
			if kustomer.VerdictOf(err) == kustomer.Forbidden {
				return lackingRole(attributes.RoleMetadataUpdate)
			}
			return err
		}
	}
	fmt.Fprintf(a.out, "made or extended %s; read back and found as asked for\n", printable.Counted(todo, "attribute"))
	return nil
}

// agree shows the attributes that an import would make and asks.
func (a *app) agree(yes bool) func(string, []klass.Difference) error {
	return func(name string, list []klass.Difference) error {
		todo := 0
		for _, d := range list {
			mark, says := explain(name, d)
			fmt.Fprintf(a.Stderr, "  %s %-24s %s\n", mark, d.Name, folded(says, 29, a.Width))
			if d.CanApply() {
				todo++
			}
		}
		return a.confirm(fmt.Sprintf("make %s on the Klass %s?", printable.Counted(todo, "attribute"), name), yes)
	}
}
