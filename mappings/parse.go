package mappings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// largestFile bounds a mapping file: a thousand columns with comments need a tenth of it.
const largestFile = 1 << 20

// Parse reads a mapping file. name stands for the file in messages. The error is Mistakes: all of
// them at once, each with its line and column.
func Parse(name string, text []byte) (*Mapping, error) {
	p := &parser{mapping: &Mapping{Name: name, Kind: "customer", Unmapped: onError, Missing: onError, Doubles: onError, Attributes: onError, Nulls: onClear, BadCells: onRefuse, Keys: slices.Clone(matchKeys)}}
	if root := p.document(text); root != nil {
		p.file(root)
	}
	if len(p.mistakes) > 0 {
		slices.SortStableFunc(p.mistakes, func(a, b Mistake) int { return (a.Line-b.Line)<<16 + a.Column - b.Column })
		return nil, p.mistakes
	}
	return p.mapping, nil
}

// A parser walks over the nodes of one mapping file and notes every mistake on its way.
type parser struct {
	mapping  *Mapping
	mistakes Mistakes
	version  bool
	columns  *yaml.Node // read last: what they mean hangs on the rest
	fixed    *yaml.Node
	keyed    *yaml.Node // keys, where they are said
	derived  *yaml.Node
	skip     *yaml.Node
}

func (p *parser) mistake(n *yaml.Node, fix, format string, args ...any) {
	p.mistakes = append(p.mistakes, Mistake{File: p.mapping.Name, Line: max(n.Line, 1), Column: max(n.Column, 1), Message: fmt.Sprintf(format, args...), Fix: fix})
}

// document reads the one YAML document of the file, nil when there is none to read on.
func (p *parser) document(text []byte) *yaml.Node {
	nowhere := &yaml.Node{}
	if len(text) > largestFile {
		p.mistake(nowhere, "", "the file has %d bytes, a mapping at most %d", len(text), largestFile)
		return nil
	}
	if !utf8.Valid(text) {
		p.mistake(nowhere, "save it as UTF-8", "the file is not UTF-8")
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0 {
		p.mistake(nowhere, "begin it with version: 1", "the file is empty")
		return nil
	} else if err != nil {
		p.syntax(err)
		return nil
	}
	if err := decoder.Decode(&second); err == nil {
		p.mistake(&second, "put each in a file of its own", "a second document begins here")
	} else if !errors.Is(err, io.EOF) {
		p.syntax(err)
	}
	return document.Content[0]
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntax notes what the YAML reader could not read. Where something does not end as it should, the
// reader names the line before the one where it begins.
func (p *parser) syntax(err error) {
	at := &yaml.Node{}
	message := strings.ReplaceAll(err.Error(), "\n", " ")
	if parts := yamlError.FindStringSubmatch(message); parts != nil {
		at.Line, _ = strconv.Atoi(parts[1])
		message = parts[2]
	}
	if rest, open := strings.CutPrefix(message, "did not find expected "); open {
		at.Line++
		message = "what begins here goes on without " + rest
	}
	p.mistake(at, "texts with : # [ ] { } , or a leading @ % & * need quotes; indent with spaces, not tabs", "not YAML: %s", message)
}

// A rule reads the value of one key.
type rule struct {
	name string
	read func(n *yaml.Node)
}

// object reads a YAML mapping by rules: unknown and doubled keys are mistakes.
func (p *parser) object(n *yaml.Node, what string, rules []rule) {
	if n.Kind != yaml.MappingNode {
		p.mistake(n, "", "%s must have keys and values, this is %s", what, describe(n))
		return
	}
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.name
	}
	p.members(n, func(key, value *yaml.Node) {
		i := slices.Index(names, key.Value)
		if i < 0 {
			fix := "keys are " + strings.Join(names, ", ")
			if near := nearest(key.Value, names); near != "" {
				fix = "did you mean " + near + "?"
			}
			p.mistake(key, fix, "%s has no key %q", what, key.Value)
			return
		}
		rules[i].read(value)
	})
}

// members calls do for every key of a YAML mapping that stands there once and is text.
func (p *parser) members(n *yaml.Node, do func(key, value *yaml.Node)) {
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			p.mistake(key, "", "a key must be text, this is %s", describe(key))
			continue
		}
		if line, twice := lines[key.Value]; twice {
			p.mistake(key, "", "%q stands here and in line %d", key.Value, line)
			continue
		}
		lines[key.Value] = key.Line
		if value.Kind == yaml.AliasNode {
			p.mistake(value, "write the value out", "mapping files have no aliases")
			continue
		}
		do(key, value)
	}
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	if n.Tag == "!!null" {
		return "nothing"
	}
	return "a single value"
}

// text reads one value as it is written.
func (p *parser) text(n *yaml.Node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		p.mistake(n, "", "%s must be one value, this is %s", what, describe(n))
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
		if near := nearest(s, words); near != "" {
			fix = "did you mean " + near + "?"
		}
		p.mistake(n, fix, "%s cannot be %q", what, s)
		return
	}
	*to = s
}

// yes reads true or false.
func (p *parser) yes(n *yaml.Node, what string, to *bool) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		p.mistake(n, "write true or false", "%s must be true or false", what)
		return
	}
	*to = strings.EqualFold(n.Value, "true")
}

// file reads the whole mapping.
func (p *parser) file(root *yaml.Node) {
	m := p.mapping
	p.object(root, "a mapping file", []rule{
		{"version", p.readVersion},
		{"kind", func(n *yaml.Node) { p.choice(n, "kind", &m.Kind, Customers, Conversations) }},
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
		p.mistake(root, "begin it with version: 1", "the file does not say its version")
	}
	if p.derived != nil && p.columns != nil && p.derived.Line < p.columns.Line {
		p.readDerived(p.derived) // what comes first in the mapping comes first in the record
		p.derived = nil
	}
	if m.Kind == Conversations {
		if p.keyed != nil {
			p.mistake(p.keyed, "take keys off", "a conversation is found by its id, and by nothing else")
		}
		m.Keys = []string{identityNames[conversationIdentity]}
	}
	for _, late := range []struct {
		node *yaml.Node
		read func(*yaml.Node)
	}{{p.columns, p.readColumns}, {p.derived, p.readDerived}, {p.fixed, p.readConstants}, {p.skip, p.readSkip}} {
		if late.node != nil {
			late.read(late.node)
		}
	}
}

func (p *parser) readVersion(n *yaml.Node) {
	p.version = true
	if n.Kind != yaml.ScalarNode || n.Value != "1" {
		p.mistake(n, "write version: 1", "this muster reads version 1")
	}
}

func (p *parser) readKeys(n *yaml.Node) {
	nodes := n.Content
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		nodes = []*yaml.Node{n}
	} else if n.Kind != yaml.SequenceNode {
		p.mistake(n, "write it like [externalId, email]", "keys must be a list, this is %s", describe(n))
		return
	}
	keys := []string{}
	for _, one := range nodes {
		var key string
		p.choice(one, "a match key", &key, matchKeys...)
		if key != "" && slices.Contains(keys, key) {
			p.mistake(one, "", "match key %s stands there twice", key)
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
	if !isRegion(strings.ToUpper(s)) {
		p.mistake(n, "write the country's two letters, like NL or DE", "phones have no region %q", s)
		return
	}
	*to = strings.ToUpper(s)
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
	if !ok {
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
	p.mistake(n, fix, "%s", err)
}

func (p *parser) readZone(n *yaml.Node, to **time.Location) {
	s, ok := p.text(n, "zone")
	if !ok {
		return
	}
	zone, err := time.LoadLocation(s)
	if err != nil || s == "" || s == "Local" {
		p.mistake(n, "write a name of the time zone database, like Europe/Amsterdam or UTC", "there is no time zone %q", s)
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
