package mappings

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/unseen"
	"muster/pipeline/yamlfile"
)

func (p *parser) readColumns(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		p.Mistake(n, "write a line for each column, like  E-mail: emails", "columns must have keys and values, this is %s",
			yamlfile.Describe(n))
		return
	}
	p.Members(n, "", func(key, value *yaml.Node) {
		if value.Kind != yaml.SequenceNode {
			p.readEntry(key.Value, value)
			return
		}
		if len(value.Content) == 0 {
			p.Mistake(value, "write ignore to leave the column out", "column %q goes nowhere", key.Value)
		}
		for _, one := range value.Content {
			p.readEntry(key.Value, one)
		}
	})
}

// readEntry reads one rule: a target, ignore, or keys and values.
func (p *parser) readEntry(column string, n *yaml.Node) {
	e := entry{column: column}
	if isPattern(column) {
		e.pattern = compilePattern(column)
	}
	what := fmt.Sprintf("column %q", column)
	if n.Kind != yaml.MappingNode {
		if text, ok := p.text(n, what); ok && p.readTarget(n, text, &e) {
			p.finishEntry(n, what, &e, entryNodes{})
		}
		return
	}
	before := len(p.Mistakes)
	at := p.readOptions(n, what, &e)
	if at.to == nil {
		if len(p.Mistakes) == before {
			p.Mistake(n, "write to: and the target, like {to: emails, type: work}", "%s does not say where it goes", what)
		}
		return
	}
	text, ok := p.text(at.to, "to")
	if ok && p.readTarget(at.to, text, &e) {
		p.finishEntry(n, what, &e, at)
	}
}

// entryNodes are where the options of an entry stand, nil where they don't.
type entryNodes struct {
	to, as, kind, split, layout, zone, decimal, region, join, prefer *yaml.Node
	values, otherwise, trim, prefix, pick, blank, clear, write, bad  *yaml.Node
}

func (p *parser) readOptions(n *yaml.Node, what string, e *entry) entryNodes {
	var at entryNodes
	keep := func(to **yaml.Node, read func(n *yaml.Node)) func(n *yaml.Node) {
		return func(n *yaml.Node) {
			*to = n
			if read != nil {
				read(n)
			}
		}
	}
	p.object(n, what, []rule{
		{"to", keep(&at.to, nil)},
		{"as", keep(&at.as, nil)},
		{"type", keep(&at.kind, nil)},
		{"split", keep(&at.split, func(n *yaml.Node) {
			if e.split, _ = p.text(n, "split"); e.split == "" && n.Tag != "!!null" {
				p.Mistake(n, `write what stands between the values, like split: ";"`, "split is empty")
			}
		})},
		{"layout", keep(&at.layout, func(n *yaml.Node) { p.readLayout(n, &e.manners.layout) })},
		{"zone", keep(&at.zone, func(n *yaml.Node) { p.readZone(n, &e.manners.zone) })},
		{"decimal", keep(&at.decimal, func(n *yaml.Node) { p.readMark(n, &e.manners.decimal) })},
		{"region", keep(&at.region, func(n *yaml.Node) { p.readRegion(n, &e.manners.region) })},
		{"join", keep(&at.join, func(n *yaml.Node) {
			e.combine = combineJoin
			e.glue, _ = p.text(n, "join")
		})},
		{"prefer", keep(&at.prefer, func(n *yaml.Node) {
			var word string
			p.choice(n, "prefer", &word, "first")
			e.combine = combineFirst
		})},
		{"values", keep(&at.values, func(n *yaml.Node) { p.readValues(n, &e.manners.rewriting) })},
		{"otherwise", keep(&at.otherwise, func(n *yaml.Node) { p.readOtherwise(n, &e.manners.rewriting) })},
		{"trim", keep(&at.trim, func(n *yaml.Node) { e.manners.trim, _ = p.text(n, "trim") })},
		{"prefix", keep(&at.prefix, func(n *yaml.Node) { e.manners.prefix, _ = p.text(n, "prefix") })},
		{"pick", keep(&at.pick, func(n *yaml.Node) { e.pick, _ = p.text(n, "pick") })},
		{"blank", keep(&at.blank, func(n *yaml.Node) { p.readBlank(n, &e.manners.blank) })},
		{"clear", keep(&at.clear, func(n *yaml.Node) { p.readClear(n, &e.manners.rewriting) })},
		{"write", keep(&at.write, nil)},
		{"bad-cells", keep(&at.bad, func(n *yaml.Node) { p.choice(n, "bad-cells", &e.bad, onRefuse, onDrop) })},
		{"optional", func(n *yaml.Node) { p.yes(n, "optional", &e.optional) }},
	})
	return at
}

func (p *parser) readTarget(n *yaml.Node, text string, e *entry) bool {
	switch text {
	case Ignore:
		e.ignore = true
		return true
	case Undecided:
		e.open = NotYet
		return true
	}
	plain := strings.ReplaceAll(text, wildNumber, "1")
	if e.numbered = plain != text; e.numbered && !strings.Contains(e.column, wildNumber) {
		p.Mistake(n, "write the number, or {n} in the column's name too", "%q has {n} and its column has not", text)
		return false
	}
	t, err := p.mapping.fields.parseTarget(plain)
	if err != nil {
		p.Mistake(n, err.fix, "%s", err.message)
		return false
	}
	if !p.fits(n, t) {
		return false
	}
	e.target = t
	return true
}

// fits notes a target that records of the mapping's kind do not have.
func (p *parser) fits(n *yaml.Node, t target) bool {
	if p.mapping.takes(t) {
		return true
	}
	p.Mistake(n, "write kind: conversation at the top", "%s is of conversations", t.path())
	return false
}

// finishEntry holds the options to the target and keeps the entry.
func (p *parser) finishEntry(n *yaml.Node, what string, e *entry, at entryNodes) {
	nowhere := e.ignore || e.open != ""
	if !nowhere {
		p.finishKind(at, e)
		p.finishName(n, what, at, e)
	}
	t := e.target
	values := nowhere || t.field.shape != list && t.field.shape != words || t.member >= 0
	single := !nowhere && (values && t.field.shape != words)
	textual := !nowhere && single && isTextual(e.valueType())
	cleared := !nowhere && e.target.nullable() && e.valueType() != asCodeOrName
	if at.write != nil && !nowhere {
		e.write = p.writeOf(at.write, e.target)
	}
	for _, option := range []struct {
		node  *yaml.Node
		name  string
		fits  bool
		wants string
	}{
		{at.split, "split", !values, "lists such as emails and tags"},
		{at.layout, "layout", !nowhere && e.valueType() == asDate, "dates"},
		{at.zone, "zone", !nowhere && e.valueType() == asDate, "dates"},
		{at.decimal, "decimal", !nowhere && e.valueType() == asNumber, "numbers"},
		{at.region, "region", !nowhere && e.valueType() == asPhone, "phones"},
		{at.join, "join", textual, "single texts"},
		{at.prefer, "prefer", single, "single values"},
		{at.values, "values", !nowhere, "columns that are not ignored"},
		{at.trim, "trim", !nowhere, "columns that are not ignored"},
		{at.prefix, "prefix", !nowhere, "columns that are not ignored"},
		{at.blank, "blank", cleared || e.manners.blank == blankIgnored && !nowhere, "single values that can be cleared"},
		{at.clear, "clear", cleared, "single values that can be cleared"},
		{at.write, "write", !nowhere, "columns that are not ignored"},
		{at.bad, "bad-cells", !nowhere, "columns that are not ignored"},
		{at.pick, "pick", !values, "lists such as emails and tags"},
	} {
		if option.node != nil && !option.fits {
			p.Mistake(option.node, "take it off", "%s: %s goes with %s", what, option.name, option.wants)
		}
	}
	if at.otherwise != nil && at.values == nil {
		p.Mistake(at.otherwise, "add values:, or take it off", "%s: otherwise goes with values", what)
	}
	if at.join != nil && at.prefer != nil {
		p.Mistake(at.prefer, "keep one of them", "%s cannot both join and prefer", what)
	}
	p.mapping.entries = append(p.mapping.entries, *e)
}

// valueType is how cells of the column are read.
func (e *entry) valueType() valueType {
	if e.suffix != nil {
		return e.suffix.value
	}
	return e.target.value
}

// isTextual is true for values whose texts can be joined.
func isTextual(t valueType) bool {
	return t == asText || t == asLine || t == asHandle || t == asID || t == asLocale || t == asLanguage
}

// finishKind takes type:, the type of a list's items.
func (p *parser) finishKind(at entryNodes, e *entry) {
	if at.kind == nil {
		return
	}
	kind, ok := p.text(at.kind, "type")
	if !ok {
		return
	}
	t := &e.target
	switch {
	case t.field.shape != list || len(t.field.types) == 0:
		p.Mistake(at.kind, "take it off", "%s takes no type", t.field.name)
	case t.label != "" && t.kind != "" && t.kind != kind:
		p.Mistake(at.kind, "keep one of them", "type %q and %s do not agree", kind, t.path())
	default:
		if err := (&target{field: t.field}).setLabel(kind, kind); err != nil || isNumber(kind) {
			p.Mistake(at.kind, t.field.typeFix(kind), "%s has no items of type %q", t.field.name, kind)
			return
		}
		if t.kind = kind; t.label == "" {
			t.label = kind
		}
	}
}

// finishName takes as:, which makes an attribute's name of the column's.
func (p *parser) finishName(n *yaml.Node, what string, at entryNodes, e *entry) {
	nameless := e.target.field.shape == custom && e.target.name == ""
	switch {
	case nameless && e.pattern != nil:
		if e.as = "Str"; at.as != nil {
			p.choice(at.as, "as", &e.as, append(suffixNames(), asSystem)...)
		}
		if e.as == asSystem {
			e.target.value = asIs
			return
		}
		e.suffix = suffixOf("any" + e.as)
		e.target.value = e.suffix.value
	case at.as == nil && nameless:
		p.Mistake(n, "write custom.<name>, or as: and one of "+suffixList(), "%s does not name its attribute", what)
	case at.as == nil:
	case !nameless:
		p.Mistake(at.as, "write to: custom, or take it off", "%s: as goes with to: custom", what)
	default:
		var name string
		if p.choice(at.as, "as", &name, suffixNames()...); name == "" {
			return
		}
		base, _ := SystemName(e.column)
		if base == "" {
			p.Mistake(at.as, "write to: custom.<name>", "%s has no letters that a system name can be made of", what)
			return
		}
		e.target.name = WithSuffix(base, name)
		e.suffix = suffixOf(e.target.name)
		e.target.value = e.suffix.value
	}
}

// readConstants reads the values that every record gets. Their dates are ISO 8601, their numbers have
// a decimal point.
func (p *parser) readConstants(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		p.Mistake(n, "write a line for each, like  custom.sourceStr: old CRM",
			"constants must have keys and values, this is %s", yamlfile.Describe(n))
		return
	}
	places := map[string]int{}
	p.Members(n, "", func(key, value *yaml.Node) {
		t, err := p.mapping.fields.parseTarget(key.Value)
		if err != nil {
			p.Mistake(key, err.fix, "%s", err.message)
			return
		}
		if t.field.shape == custom && t.name == "" {
			p.Mistake(key, "write custom.<name>", "the constant does not name its attribute")
			return
		}
		listed := (t.field.shape == list || t.field.shape == words) && t.member < 0
		if line, twice := places[t.path()]; twice && !listed {
			p.Mistake(key, "", "%s is set here and in line %d", t.path(), line)
			return
		}
		if !p.fits(key, t) {
			return
		}
		places[t.path()] = key.Line
		if listed && value.Kind == yaml.SequenceNode {
			for _, one := range value.Content {
				p.readConstant(key.Value, t, one)
			}
			return
		}
		p.readConstant(key.Value, t, value)
	})
}

func (p *parser) readConstant(name string, t target, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode {
		p.Mistake(n, "", "constant %s must be one value, this is %s", name, yamlfile.Describe(n))
		return
	}
	if n.Tag == "!!null" {
		if !t.nullable() {
			p.Mistake(n, "take it off", "constant %s cannot be cleared", name)
			return
		}
		p.mapping.constants = append(p.mapping.constants, constant{t, Value{Column: -1, Kind: 'n', Text: nullText}})
		return
	}
	if t.field.shape == list && t.member < 0 && t.field.mainMember() < 0 {
		p.Mistake(n, "name one of its members: "+t.field.memberList(), "constant %s is an object", name)
		return
	}
	pieces := []string{n.Value}
	if t.field.shape == words {
		pieces = strings.Split(n.Value, ",")
	}
	for _, piece := range pieces {
		p.keepConstant(name, t, n, unseen.Trim([]byte(piece)))
	}
}

func (p *parser) keepConstant(name string, t target, n *yaml.Node, text []byte) {
	value := Value{Column: -1, Kind: '"', Text: text}
	if len(value.Text) == 0 {
		p.Mistake(n, "write a value, null to clear it, or take it off", "constant %s is blank", name)
		return
	}
	conversion := newConversion(t.value, manners{region: p.mapping.Region})
	var scratch Record
	if f := conversion.run(conversion, &value, &scratch); f != nil {
		p.Mistake(n, "write "+f.detail, "constant %s does not have the value of its type", name)
		return
	}
	p.mapping.constants = append(p.mapping.constants, constant{t, value})
}

// nullable is true where null clears what Kustomer has.
func (t target) nullable() bool {
	switch {
	case t.field.shape == custom:
		return true
	case t.member >= 0:
		return t.field.members[t.member].null
	}
	return t.field.shape == scalar && t.field.null
}
