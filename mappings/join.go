package mappings

import (
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/spelling"
	"muster/pipeline/yamlfile"
)

// A Join takes columns of a second file to the rows of the first, by a key that both have. Its columns are
// called by its name, a dot and their own: org.name.
type Join struct {
	File     string // from where the mapping file is
	Named    string // as the mapping names it
	Name     string
	Own      string // column of the first file that holds the key
	Other    string // column of the second file that holds it
	List     bool   // a key may have several rows there: the values of each column are a list
	Required bool   // a row whose key the second file lacks is a problem
	Line     int    // in the mapping file
	Rule     int    // it only says which values are allowed: number of the mapping's own rule, from 1; 0: it is joined in
}

// Joins are the second files that the mapping joins in. They belong to the mapping.
func (m *Mapping) Joins() []Join { return m.joins }

// Refers is true for a column that some rule of the mapping names.
func (m *Mapping) Refers(column string) bool {
	return m.Reads(column) || m.hasEntry(column, func(*entry) bool { return true })
}

// hasEntry is true for a column that such an entry names.
func (m *Mapping) hasEntry(column string, such func(e *entry) bool) bool {
	return slices.ContainsFunc(m.entries, func(e entry) bool {
		return such(&e) && (e.column == column || spelling.Fold(e.column) == spelling.Fold(column) || e.pattern != nil &&
			e.pattern.MatchString(column))
	})
}

// Reads is true for a column whose cells some rule of the mapping needs.
func (m *Mapping) Reads(column string) bool {
	is := func(name string) bool { return name == column || spelling.Fold(name) == spelling.Fold(column) }
	if m.hasEntry(column, func(e *entry) bool { return !e.ignore && e.open == "" }) {
		return true
	}
	if slices.ContainsFunc(m.constraints, func(c constraint) bool { return c.refers(is) }) {
		return true
	}
	for _, s := range m.skips {
		if slices.ContainsFunc(s.formula.names, is) {
			return true
		}
	}
	for _, d := range m.derivations {
		if d.formula != nil && slices.ContainsFunc(d.formula.names, is) ||
			slices.ContainsFunc(d.template, func(p piece) bool { return p.column && is(p.text) }) {
			return true
		}
	}
	return slices.ContainsFunc(m.filters, func(f filter) bool { return is(f.column) })
}

// readJoins reads joins: a list of second files.
func (p *parser) readJoins(n *yaml.Node) {
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	for _, one := range nodes {
		p.readJoin(one)
	}
}

func (p *parser) readJoin(n *yaml.Node) {
	j := Join{Line: n.Line}
	before := len(p.Mistakes)
	rows, missing := "one", Ignore
	p.object(n, "a join", []rule{
		{"file", func(n *yaml.Node) { j.File, _ = p.text(n, "file") }},
		{"name", func(n *yaml.Node) { j.Name, _ = p.text(n, "name") }},
		{"on", func(n *yaml.Node) { p.readOn(n, &j) }},
		{"rows", func(n *yaml.Node) { p.choice(n, "rows", &rows, "one", "list") }},
		{"missing", func(n *yaml.Node) { p.choice(n, "missing", &missing, onError, Ignore) }},
	})
	if n.Kind != yaml.MappingNode || len(p.Mistakes) > before {
		return
	}
	if j.File == "" || j.Own == "" {
		p.Mistake(n, "write it like  {file: organizations.csv, name: org, on: {organization_id: id}}",
			"a join needs file: and on:")
		return
	}
	if j.Name == "" {
		base := filepath.Base(j.File)
		j.Name = strings.TrimSuffix(base, filepath.Ext(base))
	}
	if i := slices.IndexFunc(p.mapping.joins, func(o Join) bool { return o.Name == j.Name }); i >= 0 {
		p.Mistake(n, "give one of them another name:", "two joins are called %q: this one and that in line %d", j.Name,
			p.mapping.joins[i].Line)
	}
	j.Named = j.File
	j.List, j.Required = rows == "list", missing == onError
	if !filepath.IsAbs(j.File) {
		j.File = filepath.Join(filepath.Dir(p.mapping.Name), j.File)
	}
	p.mapping.joins = append(p.mapping.joins, j)
}

// readOn reads on: the key's column in this file, and in the other where that has another name.
func (p *parser) readOn(n *yaml.Node, j *Join) {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		j.Own, j.Other = n.Value, n.Value
		return
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		p.Mistake(n, "write it like  on: {organization_id: id}", "on must be one column of each file, this is %s",
			yamlfile.Describe(n))
		return
	}
	j.Own, _ = p.text(n.Content[0], "a column's name")
	j.Other, _ = p.text(n.Content[1], "a column's name")
}
