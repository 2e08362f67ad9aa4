package web

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/mappings"
	"muster/mappings/guess"
)

// mostChoices is how many different values a column may have for each to be mapped by hand.
const mostChoices = 200

// A destination is one place that a column can go to, as the page offers it.
type destination struct{ Path, Type, Sentence string }

// destinations lists every place by a name that can be typed: kinds in brackets are written out.
func destinations() (all []destination) {
	for _, t := range mappings.Targets() {
		if strings.Contains(t.Path, "<name>") {
			continue // offered by "make this attribute", which makes the name too
		}
		sentence := t.Meaning
		if t.Limit != "" {
			sentence += "; " + t.Limit
		}
		for _, alias := range t.Aliases {
			if !strings.Contains(alias, "[") {
				all = append(all, destination{alias, t.Type, sentence})
			} else if head, rest, _ := strings.Cut(alias, "["); strings.Contains(rest, "]") {
				_, tail, _ := strings.Cut(rest, "]")
				all = append(all, destination{head + tail, t.Type, sentence})
			}
		}
		head, rest, bracketed := strings.Cut(t.Path, "[")
		kinds, tail, _ := strings.Cut(rest, "]")
		all = append(all, destination{head + tail, t.Type, sentence})
		if bracketed {
			for kind := range strings.SplitSeq(kinds, "|") {
				all = append(all, destination{head + "[" + kind + "]" + tail, t.Type, sentence})
			}
		}
	}
	return all
}

func targetsByPath() map[string]destination {
	by := map[string]destination{
		mappings.Ignore:    {mappings.Ignore, "", "this column is not imported, and every report says that it was meant"},
		mappings.Undecided: {mappings.Undecided, "", "nobody has said yet where it goes: it is not imported"},
	}
	for _, d := range destinations() {
		by[d.Path] = d
	}
	return by
}

// columnRow is what the table says of the column at a place.
func (s *session) columnRow(m *meaning, i int, columns *yaml.Node, parsed *mappings.Mapping, plan *mappings.Plan,
	targets map[string]destination) columnRow {
	g := &m.guess.Columns[i]
	c := columnRow{Place: i, Name: m.names[i], Called: m.called(i), Percent: int(100*g.Confidence + 0.5),
		Reason: strings.Join(g.Evidence, "; "),
		Unsure: m.preset == "" && (g.Confidence < guess.Limit || len(g.Readings) > 0), Readings: g.Readings,
		Options: map[string]string{}}
	c.Decided = s.record.Decided[c.Called]
	c.fill(m, i)
	e, named := entryOf(columns, c.Called)
	if named {
		c.Target, c.Options, c.Complex, c.Values = e.Target, e.Options, e.Complex, e.Values
	}
	if parsed != nil && (!named || c.Target == "" && c.Complex) {
		c.Target, _ = parsed.Says(c.Called)
	}
	if m.preset != "" && named {
		c.Percent, c.Reason = 99, m.preset+" writes it so"
	}
	c.place(targets)
	if plan != nil {
		switch use := plan.Uses[i]; use.Kind {
		case mappings.Sent:
			c.Fate = "goes in"
		case mappings.Sifts:
			c.Fate = "decides which rows go in"
		case mappings.Ignored:
			c.Fate = "left out, as you say"
		default:
			c.Fate = use.Why
			c.Lost = c.Filled > 0
		}
	}
	if c.Lost && c.Target == "" {
		c.Target = mappings.Undecided
	}
	if len(c.Readings) > 0 && (c.Options["layout"] != "CHOOSE" && c.Options["decimal"] != "CHOOSE") {
		c.Readings = nil
	}
	return c
}

// fill takes three samples, how full the column is, and whether its values are few.
func (c *columnRow) fill(m *meaning, i int) {
	filled, different := 0, map[string]int{}
	for k := range m.rows {
		if i >= len(m.rows[k].Cells) {
			continue
		}
		value := strings.TrimSpace(m.rows[k].Cells[i])
		if value == "" || value == "null" {
			continue
		}
		filled++
		if len(different) <= mostChoices {
			different[value]++
		}
		if len(c.Samples) < 3 && !slices.Contains(c.Samples, short(value)) {
			c.Samples = append(c.Samples, short(value))
		}
	}
	if len(m.rows) > 0 {
		c.Filled = (100*filled + len(m.rows) - 1) / len(m.rows)
	}
	c.Choices = filled >= 4 && len(different) <= 40 && len(different)*2 <= filled
}

// place says what the target is, and which attribute could be made.
func (c *columnRow) place(targets map[string]destination) {
	if d, known := targets[c.Target]; known {
		c.Type, c.Sentence = d.Type, d.Sentence
	}
	name, isAttribute := strings.CutPrefix(c.Target, "custom.")
	c.Suffix = "Str"
	if isAttribute {
		c.Suffix = mappings.SuffixOf(name)
		for _, suffix := range mappings.Suffixes() {
			if suffix.Name == c.Suffix {
				c.Type, c.Sentence = "", "an attribute of your own org; its name ends in "+suffix.Name+", which says that it is "+
					article(suffix.Type)
			}
		}
	}
	base, _ := mappings.SystemName(c.Name)
	if own := mappings.SuffixOf(base); own != "" {
		base = strings.TrimSuffix(base, own)
	}
	c.AttributeName = base
}

func article(kind string) string {
	switch kind {
	case "text", "long text", "yes or no":
		return kind
	case "address":
		return "an address"
	}
	return "a " + kind
}

// short keeps a value to what a table shows of it.
func short(value string) string {
	value = strings.Join(strings.Fields(value), " ")
	if r := []rune(value); len(r) > 60 {
		return string(r[:58]) + "…"
	}
	return value
}
