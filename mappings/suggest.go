package mappings

import "strings"

// Suggest is the line of a mapping that sends a column to an attribute of its own, named after the column and of the type that
// suffix says: "Total Spent: custom.totalSpentNum". column is what the line calls it: its name, or what [ColumnAt] does.
func Suggest(column, name, suffix string) string {
	if strings.TrimSpace(name) == "" {
		name = column
	}
	base, own := systemName(name)
	switch {
	case own:
		return Line(column, "custom."+base)
	case base == "":
		base = "column"
	}
	if bare := bareName(name); bare == strings.ToUpper(bare) {
		if small := camel(strings.ToLower(bare)); small != "" {
			base = small
		}
	}
	return Line(column, "custom."+withSuffix(base, suffix))
}

// Line is the line of a mapping that sends a column to a target, or ignores it.
func Line(column, target string) string { return quoteYAML(column) + ": " + target }
