package guess

import (
	"fmt"
	"slices"
	"strings"

	"muster/mappings"
)

// mostShown is how many values of a column a person is shown.
const mostShown = 3

// Samples are some values of the column, as they stand in the sample's cells, the first that differ. Unlike all else
// that a guess says they are people's data: they are for the person who sits there and asked.
func (c *Column) Samples() []string { return c.look.samples }

// Filled is how many rows of the sample have a value in the column.
func (c *Column) Filled() int { return c.look.filled }

// Custom is the attribute that the column would go to if it had no other place: named after the column, of its values'
// type. It is "" where no name can be made of the column's.
func (c *Column) Custom() string {
	base, _ := mappings.SystemName(c.Name)
	if base == "" {
		return ""
	}
	if bare := mappings.BareName(c.Name); bare == strings.ToUpper(bare) {
		base = mappings.Camel(strings.ToLower(bare))
	}
	looked := *c
	suffix, _ := looked.suffix()
	return "custom." + mappings.WithSuffix(base, suffix)
}

// IsFullName says whether the column holds whole names.
func (c *Column) IsFullName() bool { return c.Target == "name" && !c.Join }

// Known says whether the column's own name says which part of a name it holds.
func (c *Column) Known() bool { return strings.HasPrefix(c.read.concept, "@") }

// Turnable is in how many rows a name is written with the last name in front.
func (c *Column) Turnable() int { return c.look.turnable }

// Separable is how many of the column's values are addresses that can be taken apart.
func (c *Column) Separable() int { return c.look.separable }

// NameParts are the columns that hold parts of a name, in the order in which they are joined.
func (g *Guess) NameParts() (parts []*Column) {
	g.each(func(c *Column) {
		if c.Join {
			parts = append(parts, c)
		}
	})
	slices.SortStableFunc(parts, func(x, y *Column) int { return lineRank(x) - lineRank(y) })
	return parts
}

// JoinNames makes one name of several columns that a person sent there.
func (g *Guess) JoinNames() {
	var names []*Column
	g.each(func(c *Column) {
		if c.Target == "name" {
			names = append(names, c)
		}
	})
	for _, c := range names {
		c.Join = len(names) > 1
	}
	g.Keys = nil
	g.settleKeys()
}

// HasPlace says whether a column goes to this member of an address.
func (g *Guess) HasPlace(member string) bool {
	return slices.ContainsFunc(g.Columns, func(c Column) bool {
		return strings.HasPrefix(c.Target, "locations") && strings.HasSuffix(c.Target, "."+member)
	})
}

// derived are the lines of what is worked out of a column.
func (c *Column) derived() (lines []string) {
	cell := fmt.Sprintf("cell(%q)", c.called())
	quoted := func(expression string) string { return "'" + strings.ReplaceAll(expression, "'", "''") + "'" }
	if c.Turned {
		lines = append(lines, "name: {expr: "+quoted("first_name_first("+cell+")")+"}")
	}
	if c.Apart {
		at, _, _ := strings.Cut(c.Target, ".")
		for _, part := range [][2]string{{"address", "street"}, {"zipCode", "zip"}, {"cityName", "city"},
			{"regionCode", "region"}, {"country", "country"}} {
			lines = append(lines, fmt.Sprintf("%s.%s: {expr: %s}", at, part[0],
				quoted(fmt.Sprintf("address(%s, %q)", cell, part[1]))))
		}
	}
	return lines
}

// letter is what a column is called whose file has no header: A, B, and so on.
func letter(place int) (name string) {
	for n := place + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}
