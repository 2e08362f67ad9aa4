package mappings

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// Suggest is the line of a mapping that sends a column to an attribute of its own, named after the column and of the
// type that suffix says: "Total Spent: custom.totalSpentNum". column is what the line calls it: its name, or what
// [ColumnAt] does.
func Suggest(column, name, suffix string) string {
	if strings.TrimSpace(name) == "" {
		name = column
	}
	base, own := SystemName(name)
	switch {
	case own:
		return Line(column, "custom."+base)
	case base == "":
		base = "column"
	}
	if bare := BareName(name); bare == strings.ToUpper(bare) {
		if small := Camel(strings.ToLower(bare)); small != "" {
			base = small
		}
	}
	return Line(column, "custom."+WithSuffix(base, suffix))
}

// Line is the line of a mapping that sends a column to a target, or ignores it.
func Line(column, target string) string { return Quote(column) + ": " + target }

// Quote writes a text for YAML, so that it stands for itself, in a key or between braces.
func Quote(s string) string {
	plain := s != ""
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0xBF && r < 0x2000
		if !letter && (i == 0 || !strings.ContainsRune("0123456789_. -/()", r) || i == len(s)-1 && r == ' ') {
			plain = false
		}
	}
	if plain && !slices.Contains([]string{"null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"},
		strings.ToLower(s)) {
		return s
	}
	node := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: s}
	text, err := yaml.Marshal(&node)
	if err != nil {
		return `""` // a text always marshals
	}
	return escaped(strings.TrimSuffix(string(text), "\n"))
}

// escaped writes what cannot be seen in a quoted text as YAML's escapes.
func escaped(quoted string) string {
	var b strings.Builder
	for _, r := range quoted {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	return b.String()
}

// Printable keeps a name from ending the comment that it stands in, and from turning it round.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
