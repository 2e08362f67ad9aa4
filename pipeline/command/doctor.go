package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline"
	"muster/pipeline/attributes"
	"muster/pipeline/effects"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/link"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/pipeline/trust"
	"muster/schema/klass"
)

func (a *app) doctorCommand() *cobra.Command {
	o := &orgFlags{}
	var state string
	c := &cobra.Command{
		Use:   "doctor --to ORG",
		Short: "Say what is wrong with the set-up: key, roles, clock, reachability, attributes",
		Long: `Doctor tries everything an import needs without writing anything: the state directory, the
org's address, the key and its roles, the clock, and the customer attributes of the org.`,
		Example: `  muster doctor --to sandbox
  muster doctor --to https://acme.api.kustomerapp.com --key-file key.txt`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.doctor(c.Context(), o, state) },
	}
	o.register(c)
	c.Flags().StringVar(&state, "state", ".muster", "directory of ledger and reports")
	return c
}

// finding is one line of the doctor's.
type finding struct {
	name, says string
	err        error
}

func (a *app) doctor(ctx context.Context, o *orgFlags, state string) error {
	list := []finding{tryState(state)}
	o, err := a.completed(o)
	if err != nil {
		return err
	}
	to := o.to
	config, name, end, err := a.address(ctx, o, to, state)
	if err != nil {
		return err
	}
	defer end()
	viewer, err := kustomer.NewViewer(config)
	if err != nil {
		return noAddress(err)
	}
	found := examine(ctx, viewer, config.URL)
	if name != "sandbox" && found[0].err == nil {
		a.remember(config.Key, config.URL, name, state)
	}
	return a.prescribe(append(list, found...))
}

// examine asks the org everything an import would ask before it sends.
func examine(ctx context.Context, v *kustomer.Viewer, address string) []finding {
	began := time.Now()
	token, err := v.Token(ctx)
	took := time.Since(began)
	if err != nil {
		if kustomer.VerdictOf(err) == kustomer.Unauthorized {
			return []finding{{name: "key", err: &hinted{fmt.Errorf("%s answers and does not take the key: %w", hostOf(address),
				err),
				"copy the key again from Kustomer: Settings › Security › API Keys; it must be a key of this very org"}}}
		}
		return []finding{{"org", "", fmt.Errorf("%s: %w", hostOf(address), err)}}
	}
	list := []finding{
		{"org", fmt.Sprintf("%s answers in %s", hostOf(address), took.Round(time.Millisecond)), nil},
		{"key", keySays(token), nil},
		{name: "roles", says: "every role an import needs"},
	}
	if missing := missingRoles(token); len(missing) > 0 {
		list[2].err = &kustomer.Error{Verdict: kustomer.Forbidden, Act: "the key lacks " + kustomer.InWords(missing...)}
	} else if len(token.Roles) == 0 {
		list[2].says = "the org does not say which roles the key has"
	}
	list = append(list, beyond(token)...)
	list = append(list, clock(v), attributesFinding(ctx, v))
	for _, one := range effects.Of(ctx, v, object.Events()) {
		list = append(list, finding{"may go off", one, nil})
	}
	b := v.Budget()
	if b.Limit > 0 {
		list = append(list, finding{"budget", fmt.Sprintf("%d requests a minute for the whole org, %d left now; a run "+
			"takes at most %.0f", b.Limit, b.Remaining, b.Granted), nil})
	}
	return list
}

// beyond says which roles the key lacks that only some imports need: none of them is a fault.
func beyond(t kustomer.Token) (list []finding) {
	if len(t.Roles) == 0 {
		return nil
	}
	for _, one := range []struct {
		name, needs string
		roles       []string
	}{
		{"search", "without it changed customers are read one by one instead of twenty at a time",
			[]string{link.RoleSearch}},
		{"companies", "an import that names companies needs them",
			[]string{link.RoleCompanyRead, link.RoleCompanyCreate}},
		{"tags", "without it rows with tags are refused where the customer has tags already", []string{lookup.RoleTagRead}},
		{"conversations", "an import of conversations needs them",
			[]string{pipeline.RoleConversationRead, pipeline.RoleConversationUpdate}},
		{"klasses", "muster klass apply needs it, and so does --create-attributes", []string{attributes.RoleMetadataUpdate}},
	} {
		missing := slices.DeleteFunc(slices.Clone(one.roles), t.Has)
		switch {
		case len(missing) > 0:
			list = append(list, finding{one.name, "the key lacks " + kustomer.InWords(missing...) + ": " + one.needs, nil})
		default:
			list = append(list, finding{one.name, "the roles for them, too", nil})
		}
	}
	return list
}

func keySays(t kustomer.Token) string {
	says := "accepted"
	if t.OrgName != "" {
		says += ", org " + t.OrgName
	}
	if !t.ExpiresAt.IsZero() {
		says += ", expires " + t.ExpiresAt.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	return says
}

// skew is how far this machine's clock may be from the org's before stamps and windows are doubtful.
const skew = time.Minute

func clock(v *kustomer.Viewer) finding {
	off := v.Budget().Skew
	switch {
	case off > skew || off < -skew:
		return finding{"clock", "", fmt.Errorf("this machine's clock is %s away from the org's",
			off.Abs().Round(time.Second))}
	default:
		return finding{"clock", "agrees with the org's", nil}
	}
}

func attributesFinding(ctx context.Context, v *kustomer.Viewer) finding {
	body, err := v.Metadata(ctx, "customer")
	if err != nil {
		return finding{"attributes", "", err}
	}
	k, err := klass.Parse(body)
	if err != nil {
		return finding{"attributes", "", err}
	}
	active := 0
	for _, at := range k.Attributes {
		if at.Active {
			active++
		}
	}
	return finding{"attributes", fmt.Sprintf("%d active, %d inactive on the Customer Klass", active,
		len(k.Attributes)-active), nil}
}

// tryState says whether ledger and reports could be written.
func tryState(state string) finding {
	err := trust.State(state)
	if err == nil {
		probe := filepath.Join(state, ".probe")
		if err = trust.WriteWhole(probe, []byte("x")); err == nil {
			err = os.Remove(probe)
		}
	}
	return finding{"state", "ledger and reports can be written to " + state, err}
}

// prescribe prints the findings; the first that is bad decides the exit code.
func (a *app) prescribe(list []finding) error {
	var first error
	for _, f := range list {
		if f.err == nil {
			fmt.Fprintf(a.out, "ok    %-13s %s\n", f.name, f.says)
			continue
		}
		fmt.Fprintf(a.out, "bad   %-13s %s\n", f.name, f.err)
		if first == nil {
			first = f.err
		}
	}
	if first != nil {
		a.code = exit.Code(first)
		if a.code == exit.Internal {
			a.code = exit.Environment
		}
	}
	return first
}
