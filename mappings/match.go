package mappings

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/yamlfile"
)

// A Match says how files that a mapping is for are recognised by their header alone. Order and
// further columns do not matter.
type Match struct {
	Name    string   // what people call such files: "Shopify customers"
	Must    []string // names that are always there, spelled so; "A | B": one of them is; {*} stands for any text
	Typical []string // names that are mostly there
	Never   []string // names that another kind of file has
	Only    []string // every column is one of these; nil: others may be there
	Named   bool     // it is never taken unless it is named: another preset takes other rows of the same files
	Common  bool     // many files have names like these: nine in ten columns of a file must be known
}

const (
	// Sure is the confidence from which on a preset is taken without a person's say.
	Sure = 0.9
	// A file with all that must be there and nothing typical is still that kind of file.
	plainMatch = 0.92
)

func (p *parser) readMatch(n *yaml.Node) {
	m := &Match{}
	p.mapping.Match = m
	p.object(n, "match", []rule{
		{"name", func(n *yaml.Node) { m.Name, _ = p.text(n, "name") }},
		{"must", func(n *yaml.Node) { p.readNames(n, "must", &m.Must) }},
		{"typical", func(n *yaml.Node) { p.readNames(n, "typical", &m.Typical) }},
		{"never", func(n *yaml.Node) { p.readNames(n, "never", &m.Never) }},
		{"only", func(n *yaml.Node) { p.readNames(n, "only", &m.Only) }},
		{"named", func(n *yaml.Node) { p.yes(n, "named", &m.Named) }},
		{"common", func(n *yaml.Node) { p.yes(n, "common", &m.Common) }},
	})
	if n.Kind == yaml.MappingNode && len(m.Must) == 0 {
		p.Mistake(n, "name the columns that are always there", "match has no must")
	}
}

func (p *parser) readNames(n *yaml.Node, what string, to *[]string) {
	if n.Kind != yaml.SequenceNode {
		p.Mistake(n, "write it like [Email, First Name]", "%s must be a list, this is %s", what, yamlfile.Describe(n))
		return
	}
	for _, one := range n.Content {
		if name, ok := p.text(one, "a column's name"); ok {
			*to = append(*to, name)
		}
	}
}

// Fit is how surely a file with these columns is what the mapping is for: 0 when a name is missing
// that must be there, else up to 1.
func (m *Mapping) Fit(columns []string) float64 {
	if m.Match == nil || m.Match.Named || len(columns) == 0 {
		return 0
	}
	has := map[string]bool{}
	for _, name := range columns {
		has[strings.TrimSpace(name)] = true
	}
	for _, name := range m.Match.Must {
		if !slices.ContainsFunc(strings.Split(name, " | "),
			func(one string) bool { return has[one] || isPattern(one) && some(columns, one) }) {
			return 0
		}
	}
	if m.Match.Only != nil && !m.Match.covers(columns) {
		return 0
	}
	for _, name := range m.Match.Never {
		if has[name] {
			return 0
		}
	}
	typical := 0
	for _, name := range m.Match.Typical {
		if has[name] {
			typical++
		}
	}
	sure := plainMatch
	if n := len(m.Match.Typical); n > 0 {
		sure += (1 - plainMatch) * float64(typical) / float64(n)
	} else {
		sure = 1
	}
	if m.Match.Common {
		sure *= m.share(columns)
	}
	return sure
}

// some reports whether a pattern stands for one of the columns.
func some(columns []string, pattern string) bool {
	return slices.ContainsFunc(columns, compilePattern(pattern).MatchString)
}

// covers reports whether every column is one of Only.
func (m *Match) covers(columns []string) bool {
	for _, name := range columns {
		if !slices.ContainsFunc(m.Only, func(one string) bool {
			return one == strings.TrimSpace(name) || isPattern(one) && compilePattern(one).MatchString(name)
		}) {
			return false
		}
	}
	return true
}

// share is the part of the columns that the mapping has a rule for.
func (m *Mapping) share(columns []string) float64 {
	known := 0
	for _, name := range columns {
		if slices.Contains(m.Match.Must, name) {
			known++
			continue
		}
		for i := range m.entries {
			e := &m.entries[i]
			if e.column == name || e.pattern != nil && e.pattern.MatchString(name) {
				known++
				break
			}
		}
	}
	return float64(known) / float64(len(columns))
}
