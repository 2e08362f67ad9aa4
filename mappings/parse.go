package mappings

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/spelling"
	"muster/pipeline/yamlfile"
)

// Parse reads a mapping file. name stands for the file in messages. The error is Mistakes: all of
// them at once, each with its line and column.
func Parse(name string, text []byte) (*Mapping, error) {
	p := &parser{Reader: yamlfile.Reader{File: name, What: "a mapping", Begin: "begin it with version: 1",
		NoAlias: "mapping files have no aliases"}, mapping: &Mapping{Name: name, Kind: Customers, fields: fields,
		Unmapped: onError, Missing: onError, Doubles: onError, Attributes: onError, Nulls: onClear, BadCells: onRefuse,
		Keys: slices.Clone(matchKeys)}}
	if root := p.Document(text); root != nil {
		p.kind(root)
		p.file(root)
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return p.mapping, nil
}

// A parser walks over the nodes of one mapping file and notes every mistake on its way.
type parser struct {
	yamlfile.Reader
	mapping *Mapping
	version bool
	columns *yaml.Node // read last: what they mean hangs on the rest
	fixed   *yaml.Node
	keyed   *yaml.Node // keys, where they are said
	derived *yaml.Node
	skip    *yaml.Node
	rules   *yaml.Node
}

// A rule reads the value of one key.
type rule struct {
	name string
	read func(n *yaml.Node)
}

// object reads a YAML mapping by rules: unknown and doubled keys are mistakes.
func (p *parser) object(n *yaml.Node, what string, rules []rule) {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.name
	}
	p.Object(n, what, names, func(i int, value *yaml.Node) { rules[i].read(value) })
}

// text reads one value as it is written.
func (p *parser) text(n *yaml.Node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		p.Mistake(n, "", "%s must be one value, this is %s", what, yamlfile.Describe(n))
		return "", false
	}
	return n.Value, true
}

// choice reads one of a few words.
func (p *parser) choice(n *yaml.Node, what string, to *string, words ...string) {
	s, ok := p.text(n, what)
	if !ok {
		return
	}
	if !slices.Contains(words, s) {
		fix := "write " + strings.Join(words, " or ")
		if near := spelling.Nearest(s, words); near != "" {
			fix = "did you mean " + near + "?"
		}
		p.Mistake(n, fix, "%s cannot be %q", what, s)
		return
	}
	*to = s
}

// yes reads true or false.
func (p *parser) yes(n *yaml.Node, what string, to *bool) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		p.Mistake(n, "write true or false", "%s must be true or false", what)
		return
	}
	*to = strings.EqualFold(n.Value, "true")
}

// file reads the whole mapping.
func (p *parser) file(root *yaml.Node) {
	m := p.mapping
	p.object(root, "a mapping file", []rule{
		{"version", p.readVersion},
		{"kind", p.readKind},
		{"keys", func(n *yaml.Node) { p.keyed = n; p.readKeys(n) }},
		{"region", func(n *yaml.Node) { p.readRegion(n, &m.Region); m.manners.region = m.Region }},
		{"dates", p.readDates},
		{"decimal", func(n *yaml.Node) { p.readDecimal(n, &m.manners.decimal) }},
		{"unmapped", func(n *yaml.Node) { p.choice(n, "unmapped", &m.Unmapped, onError, Ignore, onCustom) }},
		{"missing", func(n *yaml.Node) { p.choice(n, "missing", &m.Missing, onError, Ignore) }},
		{"doubles", func(n *yaml.Node) { p.choice(n, "doubles", &m.Doubles, onError, onFirst) }},
		{"attributes", func(n *yaml.Node) { p.choice(n, "attributes", &m.Attributes, onError, Ignore) }},
		{"bad-cells", func(n *yaml.Node) { p.choice(n, "bad-cells", &m.BadCells, onRefuse, onDrop) }},
		{"nulls", func(n *yaml.Node) { p.choice(n, "nulls", &m.Nulls, onClear, Ignore) }},
		{"apostrophes", p.readApostrophes},
		{"fold", func(n *yaml.Node) { p.yes(n, "fold", &m.Fold) }},
		{"blank", func(n *yaml.Node) { p.readBlank(n, &m.manners.blank) }},
		{"clear", func(n *yaml.Node) { p.readClear(n, &m.manners.rewriting) }},
		{"write", p.readWrite},
		{"match", p.readMatch},
		{"skip", func(n *yaml.Node) { p.skip = n }},
		{"joins", p.readJoins},
		{"rules", func(n *yaml.Node) { p.rules = n }},
		{"examples", p.readExamples},
		{"derived", func(n *yaml.Node) { p.derived = n }},
		{"columns", func(n *yaml.Node) { p.columns = n }},
		{"constants", func(n *yaml.Node) { p.fixed = n }},
		{"skip_blank", func(n *yaml.Node) {
			skip := true
			if p.yes(n, "skip_blank", &skip); !skip {
				m.manners.blank = blankClears
			}
		}},
	})
	if root.Kind == yaml.MappingNode && !p.version {
		p.Mistake(root, "begin it with version: 1", "the file does not say its version")
	}
	if p.derived != nil && p.columns != nil && p.derived.Line < p.columns.Line {
		p.readDerived(p.derived) // what comes first in the mapping comes first in the record
		p.derived = nil
	}
	if m.Kind != Customers {
		if p.keyed != nil {
			p.Mistake(p.keyed, "take keys off", "a %s is found by its %s, and by nothing else", m.Kind, m.keyWords())
		}
		m.Keys = []string{identityNames[externalIdentity]}
	}
	if m.Kind == Conversations {
		m.Keys = slices.Insert(m.Keys, 0, identityNames[conversationIdentity])
	}
	for _, late := range []struct {
		node *yaml.Node
		read func(*yaml.Node)
	}{{p.columns, p.readColumns}, {p.derived, p.readDerived}, {p.fixed, p.readConstants}, {p.skip, p.readSkip},
		{p.rules, p.readRules}} {
		if late.node != nil {
			late.read(late.node)
		}
	}
}

func (p *parser) readVersion(n *yaml.Node) {
	p.version = true
	if n.Kind != yaml.ScalarNode || n.Value != "1" {
		p.Mistake(n, "write version: 1", "this muster reads version 1")
	}
}

func (p *parser) readKeys(n *yaml.Node) {
	nodes := n.Content
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		nodes = []*yaml.Node{n}
	} else if n.Kind != yaml.SequenceNode {
		p.Mistake(n, "write it like [externalId, email]", "keys must be a list, this is %s", yamlfile.Describe(n))
		return
	}
	keys := []string{}
	for _, one := range nodes {
		var key string
		p.choice(one, "a match key", &key, matchKeys...)
		if key != "" && slices.Contains(keys, key) {
			p.Mistake(one, "", "match key %s stands there twice", key)
		}
		keys = append(keys, key)
	}
	p.mapping.Keys = keys
}

func (p *parser) readRegion(n *yaml.Node, to *string) {
	s, ok := p.text(n, "region")
	if !ok {
		return
	}
	region := Region(s)
	if !isRegion(region) {
		p.Mistake(n, "write the country's two letters, like NL or DE", "phones have no region %q", s)
		return
	}
	*to = region
}

func (p *parser) readDates(n *yaml.Node) {
	m := p.mapping
	p.object(n, "dates", []rule{
		{"layout", func(n *yaml.Node) { p.readLayout(n, &m.manners.layout) }},
		{"zone", func(n *yaml.Node) { p.readZone(n, &m.manners.zone) }},
	})
}

func (p *parser) readLayout(n *yaml.Node, to **layout) {
	s, ok := p.text(n, "layout")
	if !ok || s == Choose { // the whole column may show it
		return
	}
	l, err := compileLayout(s)
	if err == nil {
		*to = l
		return
	}
	fix := "write it like YYYY-MM-DD, DD.MM.YYYY HH:mm, M/D/YYYY h:mm A, epoch or epoch_ms"
	if near := strings.NewReplacer("y", "Y", "d", "D").Replace(s); near != s {
		if _, err := compileLayout(near); err == nil {
			fix = "write " + near
		}
	}
	p.Mistake(n, fix, "%s", err)
}

func (p *parser) readZone(n *yaml.Node, to **time.Location) {
	s, ok := p.text(n, "zone")
	if !ok {
		return
	}
	zone, err := time.LoadLocation(s)
	if err != nil || s == "" || s == "Local" {
		p.Mistake(n, "write a name of the time zone database, like Europe/Amsterdam or UTC", "there is no time zone %q", s)
		return
	}
	*to = zone
}

func (p *parser) readDecimal(n *yaml.Node, to *byte) {
	var mark string
	p.choice(n, "decimal", &mark, ".", ",")
	if mark != "" {
		*to = mark[0]
	}
}

// readMark is readDecimal for one column, whose mark may be open.
func (p *parser) readMark(n *yaml.Node, to *byte) {
	if n.Value == Choose {
		*to = openMark
		return
	}
	p.readDecimal(n, to)
}

// openMark is the decimal mark of a column of which nobody has said it.
const openMark = '?'
