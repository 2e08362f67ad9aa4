// Package effects says what of an org goes off when records come in: workflows, webhooks, and what nobody can see.
package effects

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/kustomer"
	"muster/pipeline/printable"
)

// Unseen is what no documented endpoint shows of what an import may set off.
const Unseen = "business rules, queue rules, SLAs and satisfaction surveys may go off, too: which are on cannot " +
	"be read, and Kustomer documents no quiet import; pause them first (muster help objects)"

// effectsNamed is how many workflows, or webhooks, are named.
const effectsNamed = 5

// Of says in a sentence each what of the org can be seen to go off for records of kinds, as events name them, and
// what cannot be known of it. An org that cannot be asked is no error of a run: it is said.
func Of(ctx context.Context, v *kustomer.Viewer, kinds []string) []string {
	var said []string
	for _, one := range []struct {
		what, role string
		list       func(context.Context) ([]kustomer.Automation, error)
	}{
		{"workflows", kustomer.RoleWorkflowRead, v.Workflows},
		{"webhooks", kustomer.RoleWebhookRead, v.Webhooks},
	} {
		all, err := one.list(ctx)
		switch kustomer.VerdictOf(err) {
		case 0:
			said = append(said, setOff(one.what, all, kinds))
		case kustomer.Unauthorized, kustomer.Forbidden:
			said = append(said, fmt.Sprintf("which %s are on cannot be read: the key lacks %s; pause them first", one.what,
				kustomer.InWords(one.role)))
		default:
			said = append(said, fmt.Sprintf("which %s are on could not be read; pause them first", one.what))
		}
	}
	return append(said, Unseen)
}

// setOff says which of what the org has are set off.
func setOff(what string, all []kustomer.Automation, kinds []string) string {
	var names []string
	for i := range all {
		if all[i].SetOffBy(kinds) {
			names = append(names, printable.Word(all[i].Name))
		}
	}
	switch more := len(names) - effectsNamed; {
	case len(names) == 0:
		return what + " that these records set off: none"
	case more > 0:
		return fmt.Sprintf("%s that these records set off: %s and %d more", what, strings.Join(names[:effectsNamed], ", "), more)
	}
	return what + " that these records set off: " + strings.Join(names, ", ")
}

// Kinds are the kinds of the inputs' records as events name them.
func Kinds(inputs []*bind.Input) (kinds []string) {
	for _, in := range inputs {
		kind, _, _ := strings.Cut(in.Kind(), ".") // of every Klass
		if kind == "" {
			kind = mappings.Customers
		}
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}
