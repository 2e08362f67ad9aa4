package guess

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"muster/mappings"
)

// Limit is the confidence from which on a column of a guess counts as sure.
const Limit = 0.95

// Unsure counts the columns below Limit.
func (g *Guess) Unsure() int {
	n := 0
	g.each(func(c *Column) {
		if c.Confidence < Limit {
			n++
		}
	})
	return n
}

// Below says which columns are less sure than limit, each with how sure it is.
func (g *Guess) Below(limit float64) (columns []string) {
	g.each(func(c *Column) {
		if c.Confidence < limit {
			columns = append(columns, fmt.Sprintf("%q (%.0f %%)", c.Name, 100*c.Confidence))
		}
	})
	return columns
}

// Least is how sure the least sure column is.
func (g *Guess) Least() float64 {
	least := 1.0
	g.each(func(c *Column) { least = min(least, c.Confidence) })
	return least
}

// Open is the guess as YAML gives it, with the layouts of dates left for the whole column to show.
func (g *Guess) Open() []byte {
	open := *g
	open.Columns = slices.Clone(g.Columns)
	for i := range open.Columns {
		open.Columns[i].Layout = ""
	}
	return open.YAML()
}

// Best is the guess as a mapping that can be used unread: layouts of dates are left for the whole column to show, and
// of two decimal marks that fit equally well the point is taken.
func (g *Guess) Best() []byte {
	best := *g
	best.Columns = slices.Clone(g.Columns)
	for i := range best.Columns {
		c := &best.Columns[i]
		if len(c.Readings) > 0 && strings.HasPrefix(c.Readings[0], "decimal") {
			c.Decimal = "."
		}
		c.Layout, c.Readings = "", nil
	}
	return best.YAML()
}

// YAML is the guess as a mapping file with a comment for each column: how sure, and why. Where two
// readings fit, the file says CHOOSE: a check reads them in one of the two, an import asks.
func (g *Guess) YAML() []byte {
	var b bytes.Buffer
	of := ""
	if g.options.File != "" {
		of = " for " + mappings.Printable(g.options.File)
	}
	fmt.Fprintf(&b, guessedHead+"%s from its header and %d rows. %d of %d columns are less than %.0f %% sure: their\n"+
		"# comments begin with a question mark. Read it over, correct it, and give it to muster.\n", of, g.Rows, g.Unsure(),
		len(g.Columns), 100*Limit)
	fmt.Fprintf(&b, "version: 1\nkind: customer\nkeys: [%s] # by which a row finds its customer, in this order\n",
		strings.Join(g.Keys, ", "))
	if g.options.Region != "" {
		fmt.Fprintf(&b, "region: %s\n", mappings.Region(g.options.Region))
	}
	seen, double := map[string]bool{}, false
	var lines []*Column
	for _, joined := range []bool{true, false} { // parts of a name are joined in the order of the file
		g.each(func(c *Column) {
			switch {
			case c.Join != joined:
			case seen[c.called()]:
				double = true
			default:
				seen[c.called()] = true
				lines = append(lines, c)
			}
		})
	}
	slices.SortStableFunc(lines, func(x, y *Column) int { return lineRank(x) - lineRank(y) })
	b.WriteString("unmapped: error # a column that is not named here stops the run, so that none gets lost unseen\n")
	b.WriteString("missing: ignore\n")
	if double {
		b.WriteString("doubles: first # some columns have the same name: only the first of them is read\n")
	}
	if slices.ContainsFunc(lines, (*Column).isUndecided) {
		b.WriteString("# A column that is undecided is left out, and every report says so until a target or ignore stands " +
			"in that place.\n")
	}
	b.WriteString("columns:\n")
	var derived []string
	for _, c := range lines {
		if made := c.derived(); made != nil {
			derived = append(derived, made...)
			continue
		}
		c.write(&b)
	}
	if len(derived) > 0 {
		b.WriteString("derived:\n")
	}
	for _, line := range derived {
		b.WriteString("  " + line + "\n")
	}
	return b.Bytes()
}

// isUndecided is true of a column that the guess leaves out, and of which no person has said so.
func (c *Column) isUndecided() bool { return c.Target == mappings.Ignore && c.Confidence < 1 }

// called is the column's name, or its place where it has none of its own.
func (c *Column) called() string {
	if c.byPlace || strings.TrimSpace(c.Name) == "" {
		return mappings.ColumnAt(c.place)
	}
	return c.Name
}

// lineRank puts the parts of a name in their order, and what fills gaps behind what has them.
func lineRank(c *Column) int {
	if c.Prefer && c.words[len(c.words)-1] == "id" && len(c.words) == 1 {
		return 8 // behind your own id, which is preferred
	}
	if !c.Join {
		return 7
	}
	if c.Behind {
		return 6
	}
	return slices.Index([]string{"@first", "@middle", "@last"}, c.read.concept)
}

// write adds the comment and the entry of one column.
func (c *Column) write(b *bytes.Buffer) {
	mark := ""
	if c.Confidence < Limit {
		mark = "? "
	}
	fmt.Fprintf(b, "  # %s%.0f %%: %s\n", mark, 100*c.Confidence, strings.Join(c.Evidence, "; "))
	if c.isUndecided() {
		fmt.Fprintf(b, "  %s: %s\n", mappings.Quote(c.called()), mappings.Undecided)
		return
	}
	options := []string{"to: " + mappings.Quote(c.Target)}
	if c.Join {
		options = append(options, `join: " "`)
	}
	if c.Prefer {
		options = append(options, "prefer: first")
	}
	if c.Split != "" && c.Split != "," || c.Split != "" && c.Target != "tags" {
		options = append(options, "split: "+mappings.Quote(c.Split))
	}
	if c.Layout != "" {
		options = append(options, "layout: "+mappings.Quote(c.Layout))
	}
	if len(c.Readings) > 0 {
		key := "layout"
		if strings.HasPrefix(c.Readings[0], "decimal") {
			key = "decimal"
		}
		options = append(options, key+": CHOOSE")
	}
	if c.Decimal != "" {
		options = append(options, "decimal: "+mappings.Quote(c.Decimal))
	}
	if c.Values != "" {
		options = append(options, c.Values)
	}
	if len(options) == 1 || c.Target == mappings.Ignore {
		fmt.Fprintf(b, "  %s: %s\n", mappings.Quote(c.called()), mappings.Quote(c.Target))
		return
	}
	fmt.Fprintf(b, "  %s: {%s}\n", mappings.Quote(c.called()), strings.Join(options, ", "))
}
