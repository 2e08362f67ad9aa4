package command

import (
	"strings"

	"muster/pipeline/printable"
)

// carried are the flags of these names as they were given, for another command that is printed.
func (a *app) carried(names ...string) (flags string) {
	for _, name := range names {
		for i, arg := range a.Args {
			value, inOne := strings.CutPrefix(arg, "--"+name+"=")
			if arg == "--"+name && i+1 < len(a.Args) {
				value, inOne = a.Args[i+1], true
			}
			if inOne {
				flags += " --" + name + " " + printable.Word(value)
				break
			}
		}
	}
	return flags
}

// doctorLine is the command that looks at the org of this one.
func (a *app) doctorLine() string {
	reach := a.carried("to", "key-file", "yes-org", "state")
	if a.carried("to") == "" && !a.told("KUSTOMER_URL") {
		reach = " --to ORG" + reach
	}
	return "muster doctor" + reach
}
