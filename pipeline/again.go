package pipeline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"muster/mappings/guess"
	"muster/pipeline/bind"
	"muster/pipeline/printable"
)

// withFlags puts flags into a command that is printed: before its files where those follow "--", else behind all.
func withFlags(command, flags string) string {
	if !strings.Contains(command, " -- ") {
		return command + flags
	}
	words := strings.SplitN(command, " ", 3) // muster, the act, the rest
	return words[0] + " " + words[1] + flags + " " + words[2]
}

// rulesFlags are the flags that say what cells mean and what becomes of them, for another command on the same rows; mapping says
// whether the one that was named is among them.
func (c *Config) rulesFlags(mapping bool) (flags string) {
	text := func(flag, value string) {
		if value != "" {
			flags += " --" + flag + " " + printable.Word(value)
		}
	}
	if mapping {
		text("mapping", c.Mapping)
	}
	text("properties", c.Properties)
	text("channel", c.Channel)
	text("region", c.Region)
	text("dates", c.Dates)
	text("unmapped", c.Unmapped)
	text("bad-cells", c.BadCells)
	for _, name := range c.Ignore {
		text("ignore", name)
	}
	text("accept-damage", strings.Join(c.AcceptDamage, ","))
	switch {
	case c.Confidence > 1:
		text("confidence", "never")
	case c.Confidence > 0 && c.Confidence != guess.Limit:
		text("confidence", fmt.Sprintf("%g%%", c.Confidence*100))
	}
	text("redact", string(c.Redact))
	if c.Source.MaxRow > 0 {
		text("max-row", strconv.Itoa(c.Source.MaxRow))
	}
	return flags
}

// rejectsFlags are those for a file of refused rows. The mapping lies beside it where it is a file; what several inputs leave out
// by name, one of them alone may not have.
func (r *Running) rejectsFlags() string {
	c := *r.Config
	if len(r.Inputs) > 1 {
		c.Ignore = nil
	}
	preset := !slices.ContainsFunc(r.Inputs, func(in *bind.Input) bool { return in.Ruled != "" || in.Guessed != nil })
	return c.rulesFlags(preset)
}

// making is the flag without which an org that lacks the attributes of a guess does not take it.
func (r *Running) making() string {
	if slices.ContainsFunc(r.Inputs, func(in *bind.Input) bool { return in.Makes }) {
		return " --create-attributes"
	}
	return ""
}
