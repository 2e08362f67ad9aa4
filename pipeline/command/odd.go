package command

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"muster/pipeline/sandbox"
)

// oddFlags let the built-in org behave otherwise than it does by default.
type oddFlags struct {
	faults, switches []string
	seed             uint64
}

func (f *oddFlags) register(c *cobra.Command) {
	c.Flags().StringSliceVar(&f.faults, "fault", nil,
		"name=probability,…: let the org misbehave; list prints what it can do wrong")
	c.Flags().Uint64Var(&f.seed, "fault-seed", 0, "what the faults' chances are drawn from; the same requests meet the "+
		"same faults")
	c.Flags().StringSliceVar(&f.switches, "switch", nil,
		"name[=value],…: answer an open question of the documentation the other way; list prints them")
}

// listed prints the tables that were asked for, and says whether any was.
func (f *oddFlags) listed(w io.Writer) bool {
	faults, switches := len(f.faults) == 1 && f.faults[0] == "list", len(f.switches) == 1 && f.switches[0] == "list"
	if faults {
		for _, one := range sandbox.NamedFaults() {
			fmt.Fprintf(w, "%-18s %s\n", one.Name, one.Meaning)
		}
	}
	if switches {
		for _, one := range sandbox.NamedSwitches() {
			fmt.Fprintf(w, "%-31s %-7s %s\n", one.Name, one.Unknown, one.Meaning)
		}
	}
	return faults || switches
}

// apply puts faults and switches into the org's configuration. Names that do not exist are refused.
func (f *oddFlags) apply(c *sandbox.Config) error {
	c.Misbehaviour = sandbox.Misbehaviour{Seed: f.seed, Rates: map[string]float64{}}
	for _, one := range f.faults {
		name, text, _ := strings.Cut(one, "=")
		p, err := strconv.ParseFloat(text, 64)
		if err != nil || !(p >= 0 && p <= 1) {
			return usage("--fault %q is not a name and a probability such as slow=0.2", one)
		}
		c.Misbehaviour.Rates[name] = p
	}
	for _, one := range f.switches {
		name, position, _ := strings.Cut(one, "=")
		if err := c.Switches.Set(name, position); err != nil {
			return usage("--switch: %v", err)
		}
	}
	if err := c.Misbehaviour.Check(); err != nil {
		return usage("--fault: %v; --fault list prints what there is", err)
	}
	return nil
}
