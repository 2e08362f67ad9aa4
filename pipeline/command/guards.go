package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"muster/pipeline/deliver"
	"muster/pipeline/options"
	"muster/pipeline/printable"
	"muster/pipeline/trust"
)

// guardFlags keep an import from doing what nobody meant.
type guardFlags struct {
	invalid, rejected, create, update string
	sample                            int64
}

func (f *guardFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.invalid, "max-invalid", "",
		"stop before anything is sent when more rows are invalid: a number or a share, 20 or 2%")
	c.Flags().StringVar(&f.rejected, "max-rejected", "",
		"stop when the org refuses more rows, or a greater share of those it has judged")
	c.Flags().StringVar(&f.create, "max-create", "", "stop before more customers are made: a number, or a share of the "+
		"rows")
	c.Flags().StringVar(&f.update, "max-update", "", "stop before more customers are changed: a number, or a share of "+
		"the rows")
	c.Flags().Int64Var(&f.sample, "max-sample", 0, "a share counts from so many rows on (default 100)")
}

func (f *guardFlags) limits() (l deliver.Limits, err error) {
	l.Sample = f.sample
	for _, one := range []struct {
		flag, value string
		to          **deliver.Allowance
	}{
		{"max-invalid", f.invalid, &l.Invalid}, {"max-rejected", f.rejected, &l.Rejected},
		{"max-create", f.create, &l.Create}, {"max-update", f.update, &l.Update},
	} {
		if one.value == "" {
			continue
		}
		a, err := options.Allowance(one.flag, one.value)
		if err != nil {
			return l, flagged(err)
		}
		*one.to = &a
	}
	if f.sample < 0 {
		return l, usage("--max-sample %d is less than none", f.sample)
	}
	return l, nil
}

// rehearsal is the variable that has an org on this machine count as one where people work, so that
// scripts can be tried on the sandbox as they will run.
const rehearsal = "MUSTER_REHEARSAL"

// production says whether people may work in the org: it is neither the built-in one nor on this machine.
func (a *app) production(name, host string) bool {
	if on, _ := a.Lookup(rehearsal); on != "" {
		return true
	}
	return name != "sandbox" && !trust.LoopbackAddress(host)
}

// meant makes sure that the org is the one that is meant: its name was given with --yes-org, or is
// typed now. An org where nobody works needs no name. asking: what is going to be done, for people.
func (a *app) meant(name, host, yesOrg, asking string) error {
	switch {
	case yesOrg != "" && !isOrg(yesOrg, name, host):
		return &hinted{usage("the org is %s, not %s", name, yesOrg), "look at --to and the key; --yes-org " +
			printable.Word(name) + " says that this org is meant"}
	case yesOrg != "" || a.named == host || !a.production(name, host):
		return nil
	case !a.Watched || !a.Asked:
		return &hinted{usage("%s is an org where people work, and nobody is here to say that it is meant", name),
			"--yes-org " + printable.Word(name) + " says so"}
	}
	a.asking.Lock()
	defer a.asking.Unlock()
	fmt.Fprintf(a.Stderr, "muster: %s the org %s (%s). Type its name to go on: ", printable.Line(asking),
		printable.Line(name), printable.Line(host))
	line, err := readLine(a.Stdin)
	if err != nil {
		return err
	}
	if !isOrg(strings.TrimSpace(string(line)), name, host) {
		return &hinted{usage("that is not the name of the org; nothing was done"), "its name is " + name}
	}
	return nil
}

// isOrg says whether a word names the org: its name, or the first part of its host's. A sandbox that is reached by its
// address, which changes with its port, is called sandbox, too.
func isOrg(word, name, host string) bool {
	first, _, _ := strings.Cut(host, ".")
	return word != "" && (strings.EqualFold(word, name) || strings.EqualFold(word, host) ||
		strings.EqualFold(word, first) ||
		strings.EqualFold(word, "sandbox") && trust.LoopbackAddress(host))
}
