package mappings

import (
	"go.yaml.in/yaml/v3"

	"muster/pipeline/spelling"
	"muster/pipeline/yamlfile"
)

// A filter leaves out rows by what one column holds: skip: {role: [admin, agent]}.
type filter struct {
	column string
	values map[string]bool // folded
}

// A skip is an expression that leaves out the rows for which it is true.
type skip struct {
	formula *formula
	line    int
}

// readSkip reads columns with the texts that leave a row out, an expression, or a list of both.
func (p *parser) readSkip(n *yaml.Node) {
	if n.Kind == yaml.SequenceNode {
		for _, one := range n.Content {
			p.readSkip(one)
		}
		return
	}
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		if f := p.readFormula(n, "skip", true); f != nil {
			p.mapping.skips = append(p.mapping.skips, skip{f, n.Line})
		}
		return
	}
	if n.Kind != yaml.MappingNode {
		p.Mistake(n, "write it like  skip: {role: [admin, agent]}  or  skip: role != \"end-user\"",
			"skip must have keys and values, this is %s", yamlfile.Describe(n))
		return
	}
	p.Members(n, "", func(key, value *yaml.Node) {
		f := filter{column: key.Value, values: map[string]bool{}}
		nodes := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			nodes = value.Content
		}
		for _, one := range nodes {
			if text, ok := p.text(one, "a value to skip"); ok {
				f.values[spelling.Fold(text)] = true
			}
		}
		p.mapping.filters = append(p.mapping.filters, f)
	})
}

// A sieve is a filter bound to a column.
type sieve struct {
	column int
	values map[string]bool
}

// bindFilters finds the columns of the filters. A filter's column counts as known.
func (b *binder) bindFilters() (sieves []sieve) {
	for _, f := range b.mapping.filters {
		found := false
		for i, name := range b.columns {
			if name == f.column || spelling.Fold(name) == spelling.Fold(f.column) {
				found, b.taken[i] = true, true
				sieves = append(sieves, sieve{i, f.values})
			}
		}
		if !found && b.options.Missing == onError {
			b.mistake(Missing, "", "take it off skip, or name a column of the file", []string{f.column},
				"the file has no column %q, by which the mapping skips rows", f.column)
		}
	}
	return sieves
}

// skips is true for a row that the mapping leaves out.
func (p *Plan) skips(cells [][]byte, kinds []byte) bool {
	for i := range p.sieves {
		s := &p.sieves[i]
		text, kind := cell(cells, kinds, s.column)
		if kind != 0 && kind != ' ' && s.values[spelling.Fold(string(text))] {
			return true
		}
	}
	return false
}
