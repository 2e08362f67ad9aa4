package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/trust"
	"muster/schema/engage"
)

// customerFlags say which customer is shown, and in whose form.
type customerFlags struct {
	orgFlags
	customer, by, as    string
	conversation        string
	properties, channel string
}

func (f *customerFlags) register(c *cobra.Command) {
	f.orgFlags.register(c)
	c.Flags().StringVar(&f.customer, "customer", "", "show a customer of an org, by its id, an e-mail address, a phone "+
		"number with its plus, or its external id")
	c.Flags().StringVar(&f.by, "by", "", "what --customer names: id, externalId, email or phone (default: as it looks)")
	c.Flags().StringVar(&f.conversation, "conversation", "", "show a conversation of an org, by its id")
	c.Flags().StringVar(&f.as, "as", "", "the form: describeCustomer or describeConversation (what the SDK's callback "+
		"gets), or engage (with --properties)")
	c.Flags().StringVar(&f.properties, "properties", "", "with --as engage: the file of customer properties")
	c.Flags().StringVar(&f.channel, "channel", "", "with --as engage: the channel of the number (default: as the file "+
		"says)")
}

// showCustomer prints one customer of an org.
func (a *app) showCustomer(ctx context.Context, f *showFlags) error {
	definitions, err := f.form()
	if err != nil {
		return err
	}
	v, end, err := a.reader(ctx, f)
	if err != nil {
		return err
	}
	defer end()
	p, err := lookup.FindProfile(ctx, v, f.by, f.customer)
	switch {
	case kustomer.VerdictOf(err) == kustomer.NotFound:
		a.code = exit.Usage
		return &hinted{err, "--by id, externalId, email or phone says what --customer names"}
	case err != nil:
		return err
	case f.as == "describeCustomer":
		return a.answer(describe(p))
	case f.as == "engage":
		return a.answer(engageCustomer(p, definitions))
	case f.json:
		return a.answer(p)
	}
	a.showLines(profileLines(p))
	return nil
}

// showLines prints what a customer or a conversation has. Further lines of a value are indented.
func (a *app) showLines(lines []profileLine) {
	for _, line := range lines {
		fmt.Fprintf(a.out, "%-24s %s\n", printable.Line(line.Name),
			strings.ReplaceAll(line.Value, "\n", "\n"+strings.Repeat(" ", 25)))
	}
}

// showConversation prints one conversation of an org.
func (a *app) showConversation(ctx context.Context, f *showFlags) error {
	if f.as != "" && f.as != "describeConversation" {
		return usage("--as %q is no form of a conversation: describeConversation is", f.as)
	}
	v, end, err := a.reader(ctx, f)
	if err != nil {
		return err
	}
	defer end()
	c, err := v.Conversation(ctx, f.conversation)
	switch {
	case kustomer.VerdictOf(err) == kustomer.NotFound:
		a.code = exit.Usage
		return &hinted{err, "the id stands in the address of the conversation's page: 24 characters, 0 to 9 and a to f"}
	case err != nil:
		return err
	case f.as != "":
		return a.answer(describeConversation(c))
	case f.json:
		return a.answer(map[string]any{"id": c.ID, "customer": c.Customer, "attributes": c.Attributes})
	}
	a.showLines(conversationLines(c))
	return nil
}

// form holds --as and what goes with it to each other, and reads the definitions that engage needs.
func (f *showFlags) form() (*engage.Definitions, error) {
	switch f.by {
	case "", "id", "externalId", "email", "phone":
	default:
		return nil, usage("--by %q is none of id, externalId, email, phone", f.by)
	}
	switch {
	case f.as == "engage" && f.properties == "":
		return nil, usage("--as engage needs --properties, the file of customer properties")
	case f.as != "engage" && f.properties != "":
		return nil, usage("--properties goes with --as engage")
	case f.as == "engage":
		text, err := trust.ReadText(f.properties)
		if err != nil {
			return nil, fmt.Errorf("read the properties: %w", err)
		}
		d, err := engage.ParseDefinitions(f.properties, text, f.channel)
		if err != nil {
			return nil, &outcome.UsageError{Err: err}
		}
		return d, nil
	case f.as != "" && f.as != "describeCustomer":
		return nil, usage("--as %q is none of describeCustomer, engage", f.as)
	}
	return nil, nil
}

// reader reaches the org to read from it, and no more.
func (a *app) reader(ctx context.Context, f *showFlags) (*kustomer.Viewer, func(), error) {
	to := f.to
	if to == "" {
		to, _ = a.Lookup("KUSTOMER_URL")
	}
	if to == "" {
		return nil, nil, noOrg()
	}
	config, _, end, err := a.address(ctx, &f.orgFlags, to, f.state)
	if err != nil {
		return nil, nil, err
	}
	v, err := kustomer.NewViewer(config)
	if err != nil {
		end()
		return nil, nil, noAddress(err)
	}
	return v, end, nil
}
