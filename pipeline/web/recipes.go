package web

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/mappings"
)

// A recipe is a change of the mapping that several rows of the table ask for together, made by one click.
type recipe struct {
	ID    string
	Title string
	Why   string
	apply func(root *yaml.Node)
	text  func() ([]byte, error) // the whole mapping, in place of apply
}

var (
	firstNames = []string{"firstname", "givenname", "forename", "vorname", "prenom", "prénom", "nombre", "voornaam",
		"nome", "first"}
	lastNames = []string{"lastname", "surname", "familyname", "nachname", "nom", "apellido", "apellidos", "achternaam",
		"cognome", "last"}
)

// recipesFor finds the recipes that would change something.
func recipesFor(m *meaning, rows []columnRow) (all []recipe) {
	all = append(all, nameParts(rows)...)
	for i := range rows {
		c := &rows[i]
		values := m.valuesOf(c.Place)
		switch {
		case len(values) < 3:
		case c.Target == "name" && c.Options["join"] == "" && most(values, lastFirst):
			all = append(all, recipe{ID: fmt.Sprint("turn-", c.Place), Title: fmt.Sprintf("Turn %q round", c.Called),
				Why: "its names read “Last, First”: they become “First Last”", apply: turned(c.Called)})
		case c.Options["split"] == "" && len(c.Values) == 0 && listed(c.Target):
			if mark := separator(values); mark != "" && !(c.Target == "tags" && mark == ",") {
				all = append(all, recipe{ID: fmt.Sprint("split-", c.Place), Title: fmt.Sprintf("Split %q at %q", c.Called, mark),
					Why: "its cells hold several values", apply: withOption(c, "split", mark)})
			}
		case (c.Target == mappings.Undecided || strings.HasPrefix(c.Target, "custom.")) && most(values, oneCellAddress):
			all = append(all, recipe{ID: fmt.Sprint("address-", c.Place), Title: fmt.Sprintf("Take %q as an address", c.Called),
				Why: "its cells hold street, postcode and city together", apply: withTarget(c.Called, "locations.address")})
		}
	}
	return all
}

func (m *meaning) valuesOf(place int) (values []string) {
	for i := range m.rows[:min(len(m.rows), 500)] {
		if place < len(m.rows[i].Cells) && strings.TrimSpace(m.rows[i].Cells[place]) != "" {
			values = append(values, m.rows[i].Cells[place])
		}
	}
	return values
}

func most(values []string, is func(string) bool) bool {
	n := 0
	for _, v := range values {
		if is(v) {
			n++
		}
	}
	return n*5 >= len(values)*4
}

func lastFirst(v string) bool {
	last, first, cut := strings.Cut(v, ", ")
	return cut && last != "" && first != "" && !strings.ContainsAny(v, "@0123456789") && !strings.Contains(first, ",")
}

// oneCellAddress: several parts, and a number among them.
func oneCellAddress(v string) bool {
	return strings.Count(v, ",") >= 1 && strings.ContainsAny(v, "0123456789") && strings.Contains(v, " ") &&
		!strings.Contains(v, "@") && len(v) >= 15
}

func listed(target string) bool {
	return target == "tags" || strings.HasPrefix(target, "emails") && !strings.Contains(target, "].") ||
		strings.HasPrefix(target, "phones") && !strings.Contains(target, "].")
}

// separator is what stands between the values of several cells, "" nothing does.
func separator(values []string) string {
	for _, mark := range []string{";", "|", ","} {
		n := 0
		for _, v := range values {
			if strings.Contains(strings.Trim(v, mark+" "), mark) {
				n++
			}
		}
		if n*20 >= len(values) && n >= 2 {
			return mark
		}
	}
	return ""
}

// nameParts joins first and last name where they do not go to the name yet.
func nameParts(rows []columnRow) []recipe {
	plain := func(name string) string {
		return strings.NewReplacer(" ", "", "_", "", "-", "", ".", "").Replace(strings.ToLower(name))
	}
	var first, last *columnRow
	for i := range rows {
		switch c := &rows[i]; {
		case first == nil && slices.Contains(firstNames, plain(c.Name)):
			first = c
		case last == nil && slices.Contains(lastNames, plain(c.Name)):
			last = c
		}
	}
	if first == nil || last == nil || first.Target == "name" && last.Target == "name" {
		return nil
	}
	return []recipe{{ID: "join-names", Title: fmt.Sprintf("Join %q and %q", first.Called, last.Called),
		Why: "together they are the customer's name",
		apply: func(root *yaml.Node) {
			columns := block(root, "columns")
			for _, c := range []*columnRow{first, last} {
				e := entry{Target: "name", Options: map[string]string{"join": " "}}
				drop(columns, c.Called)
				e.write(columns, c.Called)
			}
		}}}
}

// turned makes "First Last" of "Last, First", and leaves a name without a comma as it is.
func turned(column string) func(*yaml.Node) {
	return func(root *yaml.Node) {
		cell := fmt.Sprintf("cell(%q)", column)
		expression := fmt.Sprintf(`indexOf(%s, ", ") > 0 ? trim(split(%s, ", ")[1]) + " " + trim(split(%s, ", ")[0]) : %s`,
			cell, cell, cell, cell)
		drop(block(root, "columns"), column)
		made := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		set(made, "expr", text(expression))
		set(block(root, "derived"), "name", made)
	}
}

func withTarget(column, target string) func(*yaml.Node) {
	return func(root *yaml.Node) {
		e := entry{Target: target}
		columns := block(root, "columns")
		drop(columns, column)
		e.write(columns, column)
	}
}

func withOption(c *columnRow, option, value string) func(*yaml.Node) {
	e := entry{Target: c.Target, Options: map[string]string{}, Values: c.Values}
	for name, said := range c.Options {
		e.Options[name] = said
	}
	e.Options[option] = value
	return func(root *yaml.Node) { e.write(block(root, "columns"), c.Called) }
}
