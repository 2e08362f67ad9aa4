package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"muster/pipeline/bind"
	"muster/pipeline/kustomer"
	"muster/schema/klass"
)

func (a *app) klassCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "klass pull|diff|apply",
		Short: "Bring an org's attributes into a file, compare them, make what is missing",
		Long: `Klass works on the attributes that an org has of its own: those of its customers, companies and
conversations. pull writes them to a file to be read over and kept; diff compares that file, a
mapping and the org; apply makes what the org lacks, after showing it. Nothing is ever deleted.`,
		Example: `  muster klass pull --to sandbox > acme.klasses.yaml
  muster klass diff --from acme.klasses.yaml --mapping crm.mapping.yaml --to sandbox
  muster klass apply --from acme.klasses.yaml --to sandbox`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &hinted{usage("klass has no %q", args[0]), "muster klass --help shows pull, diff and apply"}
			}
			return c.Help()
		},
	}
	c.AddCommand(a.klassPullCommand(), a.klassDiffCommand(), a.klassApplyCommand())
	for _, sub := range c.Commands() {
		sub.Args = usageArgs(sub.Args)
	}
	return c
}

func (a *app) klassPullCommand() *cobra.Command {
	o := &orgFlags{}
	var state string
	var names []string
	c := &cobra.Command{
		Use:   "pull --to ORG",
		Short: "Write the org's attributes as a file: name, display name, type, choices, active",
		Long: `Pull writes the attributes of an org's Klasses as YAML to standard output: each with its system
name, the name people see, its type, its choices and whether it is active. It changes nothing.`,
		Example: `  muster klass pull --to sandbox > acme.klasses.yaml
  muster klass pull --to https://acme.api.kustomerapp.com --key-file key.txt --klass customer`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.klassPull(c.Context(), o, state, names) },
	}
	o.register(c)
	c.Flags().StringVar(&state, "state", ".muster", "directory of the built-in org")
	c.Flags().StringSliceVar(&names, "klass", klass.Names(), "the Klasses to write")
	return c
}

func (a *app) klassPull(ctx context.Context, o *orgFlags, state string, names []string) error {
	for _, name := range names {
		if !slices.Contains(klass.Names(), name) {
			return &hinted{usage("--klass %q is none that muster knows", name), "the Klasses are " +
				strings.Join(klass.Names(), ", ")}
		}
	}
	v, called, end, err := a.view(ctx, o, state)
	if err != nil {
		return err
	}
	defer end()
	var klasses []*klass.Klass
	for _, name := range names {
		k, err := bind.ReadKlass(ctx, v, name)
		if err != nil {
			return err
		}
		klasses = append(klasses, k)
	}
	comment := "The attributes of " + called + ".\n" +
		"muster klass diff --from FILE --to ORG compares this file with an org; muster klass apply makes what the org lacks."
	leftOut, err := klass.WriteFile(a.data(), comment, klasses)
	for _, name := range leftOut {
		fmt.Fprintf(a.Stderr, "muster: left out: %q is no name that ends in its type\n", name)
	}
	return err
}

// view reaches the org named by the flags to read its attributes, and no more: it cannot write.
func (a *app) view(ctx context.Context, o *orgFlags, state string) (v *kustomer.Viewer, name string, end func(),
	err error) {
	to := o.to
	if to == "" {
		to, _ = a.Lookup("KUSTOMER_URL")
	}
	if to == "" {
		return nil, "", nil, noOrg()
	}
	config, name, end, err := a.address(ctx, o, to, state)
	if err != nil {
		return nil, "", nil, err
	}
	if v, err = kustomer.NewViewer(config); err != nil {
		end()
		return nil, "", nil, noAddress(err)
	}
	token, err := v.Token(ctx)
	if err == nil && len(token.Roles) > 0 && !token.Has(roleMetadataRead) {
		err = lackingRole(roleMetadataRead)
	}
	if err != nil {
		end()
		return nil, "", nil, fmt.Errorf("%s: %w", name, err)
	}
	if token.OrgName != "" && name != "sandbox" {
		name = token.OrgName
	}
	return v, name, end, nil
}

const roleMetadataRead = "org.permission.metadata.read"

// lackingRole is the error of a key without a role.
func lackingRole(role string) error {
	return &hinted{&kustomer.Error{Verdict: kustomer.Forbidden, Act: "the key lacks " + kustomer.InWords(role)},
		"make a key that has this role in Kustomer: Settings › Security › API Keys (roles of a key cannot be changed)"}
}

// confirm asks a person who watches; nobody watching, only --yes agrees.
func (a *app) confirm(question string, yes bool) error {
	if yes {
		return nil
	}
	if !a.Watched {
		return &hinted{usage("nobody is there to be asked: %s", question), "--yes agrees without being asked"}
	}
	fmt.Fprintf(a.Stderr, "%s [y/N] ", question)
	line, err := readLine(a.Stdin)
	if err != nil && err != io.EOF {
		return fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(string(line))) {
	case "y", "yes":
		return nil
	}
	return &hinted{usage("not agreed to; nothing was changed"), "y agrees, and so does --yes"}
}
