package pipeline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"muster/mappings/guess"
	"muster/pipeline/printable"
	"muster/pipeline/source"
)

// withFlags puts flags into a command that is printed: before its files where those follow "--", else behind all.
func withFlags(command, flags string) string {
	if !strings.Contains(command, " -- ") {
		return command + flags
	}
	words := strings.SplitN(command, " ", 3) // muster, the act, the rest
	return words[0] + " " + words[1] + flags + " " + words[2]
}

// rulesFlags are the flags that say what cells mean and what becomes of them, for another command on the same rows;
// mapping says whether the one that was named is among them.
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
	if c.RejectsBook {
		text("rejects", "xlsx")
	}
	if c.Source.MaxRow > 0 {
		text("max-row", strconv.Itoa(c.Source.MaxRow))
	}
	return flags
}

// sourceFlags are the flags that have a file read as it was.
func sourceFlags(o *source.Options) (flags string) {
	text := func(flag, value string) {
		if value != "" {
			flags += " --" + flag + " " + printable.Word(value)
		}
	}
	letter := func(flag string, c byte) {
		switch c {
		case 0:
		case '\t':
			text(flag, "tab")
		case source.NoQuote:
			text(flag, "none")
		default:
			text(flag, string(rune(c)))
		}
	}
	text("format", o.Format)
	text("encoding", o.Encoding)
	text("sheet", o.Sheet)
	letter("delimiter", o.Delimiter)
	letter("quote", o.Quote)
	letter("escape", o.Escape)
	if o.SkipLines > 0 {
		text("skip-lines", strconv.Itoa(o.SkipLines))
	}
	if o.NoHeader {
		flags += " --no-header"
	}
	if o.HasHeader {
		flags += " --header"
	}
	return flags
}

// takesIgnore says whether the command that was given can be given again with flags of an import.
func (c *Config) takesIgnore() bool {
	return slices.ContainsFunc([]string{"check", "import", "plan"}, func(act string) bool {
		return c.Command == act && strings.HasPrefix(c.Again, "muster "+act+" ")
	})
}

// importing is the import that this command is, or that it plans; "" none is known.
func (c *Config) importing() string {
	rest, planned := strings.CutPrefix(c.Again, "muster plan ")
	switch {
	case c.Command == "import" && c.takesIgnore():
		return c.Again
	case planned && !c.Full:
		return "muster import " + rest
	}
	return ""
}

// making is the import that makes the attributes which the org lacks; "" it is the one under way, or there is none.
func (c *Config) making() string {
	command := c.importing()
	if command == "" || c.Agree != nil {
		return ""
	}
	return withFlags(command, " --create-attributes")
}

// stateFlag is what a command needs to find this run, nothing where it is found without.
func (c *Config) stateFlag() string {
	if c.State == defaultState {
		return ""
	}
	return " --state " + printable.Word(c.State)
}
