package mappings

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/yamlfile"
)

// A constraint is one thing that a mapping's own rules ask of a row, beside what Kustomer asks. It looks at the cells
// as the file has them. Immutable.
type constraint struct {
	code     string
	columns  []string // that it looks at: one, or those of unique
	expected string   // in words; never a cell's value
	when     *formula // it is asked of the rows for which this is true; nil: of all
	warns    bool     // what does not hold to it is listed, and sent all the same
	line     int      // in the mapping file

	pattern  *regexp.Regexp
	words    map[string]bool
	min, max rangeEnd
	formula  *formula
	unique   int // index among those of the mapping, -1: it is none
	lookup   bool
}

// A rangeEnd is one end of a range; text is "" where there is none.
type rangeEnd struct {
	text   string
	number float64
	date   string // RFC 3339 in UTC, "" it is a number
}

const (
	codeRuleRequired = "rule.required"
	codeRulePattern  = "rule.pattern"
	codeRuleRange    = "rule.range"
	codeRuleLength   = "rule.length"
	codeRuleOneOf    = "rule.one_of"
	codeRuleUnique   = "rule.unique"
	codeRuleLookup   = "rule.lookup"
	codeRuleCheck    = "rule.check"
)

const (
	// MostUnique is how many rules of one mapping may ask for values that differ from row to row.
	MostUnique = 8
	// wordsNamed is how many of the values that are allowed a message names.
	wordsNamed = 10
)

// ruleParts are the nodes of one entry of rules.
type ruleParts struct {
	column, say, when                                    *yaml.Node
	required, pattern, span, length, oneOf, unique, file *yaml.Node
	check                                                *yaml.Node
	warns                                                bool
}

// readRules reads rules: a list of what the cells of a row must be like.
func (p *parser) readRules(n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		p.Mistake(n, "write a line for each, like  - {column: Email, required: true}", "rules must be a list, this is %s",
			yamlfile.Describe(n))
		return
	}
	for _, one := range n.Content {
		p.readConstraints(one)
	}
}

func (p *parser) readConstraints(n *yaml.Node) {
	var parts ruleParts
	severity, required := "error", true
	before := len(p.Mistakes)
	keep := func(to **yaml.Node) func(*yaml.Node) { return func(n *yaml.Node) { *to = n } }
	p.object(n, "a rule", []rule{
		{"column", keep(&parts.column)},
		{"required", func(n *yaml.Node) {
			if p.yes(n, "required", &required); required {
				parts.required = n
			}
		}},
		{"pattern", keep(&parts.pattern)},
		{"range", keep(&parts.span)},
		{"length", keep(&parts.length)},
		{"one-of", keep(&parts.oneOf)},
		{"unique", keep(&parts.unique)},
		{"in", keep(&parts.file)},
		{"check", keep(&parts.check)},
		{"when", keep(&parts.when)},
		{"say", keep(&parts.say)},
		{"severity", func(n *yaml.Node) { p.choice(n, "severity", &severity, "error", "warning") }},
	})
	if n.Kind != yaml.MappingNode || len(p.Mistakes) > before {
		return
	}
	parts.warns = severity == "warning"
	tests := []struct {
		node *yaml.Node
		code string
		read func(n *yaml.Node, c *constraint)
	}{
		{parts.required, codeRuleRequired, func(*yaml.Node, *constraint) {}},
		{parts.pattern, codeRulePattern, p.readPattern},
		{parts.span, codeRuleRange, p.readRange},
		{parts.length, codeRuleLength, p.readLength},
		{parts.oneOf, codeRuleOneOf, p.readOneOf},
		{parts.unique, codeRuleUnique, p.readUnique},
		{parts.file, codeRuleLookup, p.readLookup},
		{parts.check, codeRuleCheck, p.readCheck},
	}
	some := false
	for _, t := range tests {
		if t.node == nil {
			continue
		}
		some = true
		p.readConstraint(t.node, &parts, t.code, t.read)
	}
	if !some {
		p.Mistake(n, "add one of required, pattern, range, length, one-of, unique, in, check", "the rule asks for nothing")
	}
}

// readConstraint reads one test of a rule.
func (p *parser) readConstraint(n *yaml.Node, parts *ruleParts, code string, read func(*yaml.Node, *constraint)) {
	c := constraint{code: code, warns: parts.warns, line: n.Line, unique: -1}
	if parts.column != nil {
		if name, ok := p.text(parts.column, "column"); ok {
			c.columns = []string{name}
		}
	}
	if parts.when != nil {
		c.when = p.readFormula(parts.when, "when", true)
	}
	before := len(p.Mistakes)
	read(n, &c)
	if len(p.Mistakes) > before {
		return
	}
	if len(c.columns) == 0 && c.formula == nil {
		p.Mistake(n, "add  column:  and the name of a column", "the rule does not say of which column it is")
		return
	}
	if parts.say != nil {
		c.expected, _ = p.text(parts.say, "say")
	}
	p.mapping.constraints = append(p.mapping.constraints, c)
}

func (p *parser) readPattern(n *yaml.Node, c *constraint) {
	text, ok := p.text(n, "pattern")
	if !ok {
		return
	}
	compiled, err := regexp.Compile(`^(?:` + text + `)$`)
	if err != nil {
		p.Mistake(n, `write it like  pattern: '[A-Z]{2}\d{4}'  (regular expressions of Go, for the whole cell)`,
			"pattern is no regular expression: %s",
			strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return
	}
	c.pattern, c.expected = compiled, "the whole cell in the form "+text
}

// readEnds reads min and max.
func (p *parser) readEnds(n *yaml.Node, what string, c *constraint) {
	p.object(n, what, []rule{
		{"min", func(n *yaml.Node) { p.readBound(n, &c.min) }},
		{"max", func(n *yaml.Node) { p.readBound(n, &c.max) }},
	})
	if n.Kind == yaml.MappingNode && c.min.text == "" && c.max.text == "" {
		p.Mistake(n, "write it like  {min: 1, max: 10}", "%s says neither min nor max", what)
	}
}

func (p *parser) readBound(n *yaml.Node, to *rangeEnd) {
	text, ok := p.text(n, "an end of a range")
	if !ok {
		return
	}
	*to = rangeEnd{text: text}
	var err error
	if to.number, err = strconv.ParseFloat(text, 64); err == nil {
		return
	}
	var rec Record
	v := Value{Kind: '"', Text: []byte(text)}
	c := newConversion(asDate, manners{})
	if c.run(c, &v, &rec) != nil {
		p.Mistake(n, "write a number, or a date as 2024-12-31", "%q is neither a number nor a date", text)
		return
	}
	to.date = string(v.Text)
}

func (p *parser) readRange(n *yaml.Node, c *constraint) {
	p.readEnds(n, "range", c)
	if c.min.text != "" && c.max.text != "" && (c.min.date == "") != (c.max.date == "") {
		p.Mistake(n, "", "one end of the range is a number and the other a date")
	}
	what := "a number"
	if c.min.date+c.max.date != "" {
		what = "a date"
	}
	c.expected = what + ", " + c.ends()
}

func (p *parser) readLength(n *yaml.Node, c *constraint) {
	if n.Kind == yaml.ScalarNode {
		p.readBound(n, &c.min)
		c.max = c.min
	} else {
		p.readEnds(n, "length", c)
	}
	for _, end := range []rangeEnd{c.min, c.max} {
		if end.date != "" || end.number < 0 || end.number != float64(int(end.number)) {
			p.Mistake(n, "write it like  {min: 3, max: 10}", "a length must be a whole number")
			return
		}
	}
	if c.expected = c.ends() + " characters"; c.min.text == c.max.text {
		c.expected = "exactly " + c.min.text + " characters"
	}
}

// ends are the ends of a range in words.
func (c *constraint) ends() string {
	switch {
	case c.min.text == "":
		return "at most " + c.max.text
	case c.max.text == "":
		return "at least " + c.min.text
	}
	return c.min.text + " to " + c.max.text
}

func (p *parser) readOneOf(n *yaml.Node, c *constraint) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		p.Mistake(n, "write it like  one-of: [gold, silver]", "one-of must be a list, this is %s", yamlfile.Describe(n))
		return
	}
	c.words = map[string]bool{}
	var named []string
	for _, one := range n.Content {
		text := strings.TrimSpace(one.Value) // yes, 1 and null without quotes are texts here
		if one.Kind != yaml.ScalarNode || text == "" {
			p.Mistake(one, "", "a value of one-of must be text, this is %s", yamlfile.Describe(one))
			continue
		}
		c.words[text] = true
		named = append(named, text)
	}
	c.expected = "one of " + strings.Join(named[:min(len(named), wordsNamed)], ", ")
	if len(named) > wordsNamed {
		c.expected += fmt.Sprintf(" and %d more", len(named)-wordsNamed)
	}
}

// readUnique reads true, of the rule's column, or a list of columns whose values differ together.
func (p *parser) readUnique(n *yaml.Node, c *constraint) {
	if n.Kind == yaml.SequenceNode {
		if c.columns != nil {
			p.Mistake(n, "take column: off, or write  unique: true", "the rule names its columns twice")
			return
		}
		for _, one := range n.Content {
			if name, ok := p.text(one, "a column of unique"); ok {
				c.columns = append(c.columns, name)
			}
		}
	} else {
		unique := true
		if p.yes(n, "unique", &unique); !unique {
			p.Mistake(n, "take it off", "unique: false asks for nothing")
		}
	}
	for i := range p.mapping.constraints {
		c.unique = max(c.unique, p.mapping.constraints[i].unique)
	}
	if c.unique++; c.unique == MostUnique {
		p.Mistake(n, "", "a mapping has at most %d rules with unique", MostUnique)
	}
}

// readLookup reads in: a file, and its column that holds the values which are allowed.
func (p *parser) readLookup(n *yaml.Node, c *constraint) {
	if len(c.columns) == 0 {
		return // the caller says so
	}
	j := Join{Line: n.Line, Own: c.columns[0], Other: c.columns[0], List: true, Rule: len(p.mapping.constraints) + 1,
		Name: fmt.Sprintf("rule %d", len(p.mapping.constraints)+1)}
	p.object(n, "in", []rule{
		{"file", func(n *yaml.Node) { j.File, _ = p.text(n, "file") }},
		{"column", func(n *yaml.Node) { j.Other, _ = p.text(n, "column") }},
	})
	if n.Kind == yaml.MappingNode && j.File == "" {
		p.Mistake(n, "write it like  in: {file: stores.csv, column: id}", "in does not name its file")
	}
	if n.Kind != yaml.MappingNode || j.File == "" {
		return
	}
	j.Named, c.lookup = j.File, true
	c.expected = fmt.Sprintf("a value of the column %s of %s", j.Other, filepath.Base(j.File))
	if !filepath.IsAbs(j.File) {
		j.File = filepath.Join(filepath.Dir(p.mapping.Name), j.File)
	}
	p.mapping.joins = append(p.mapping.joins, j)
}

func (p *parser) readCheck(n *yaml.Node, c *constraint) {
	if c.formula = p.readFormula(n, "check", true); c.formula == nil {
		return
	}
	if c.expected = strings.Join(strings.Fields(n.Value), " "); utf8.RuneCountInString(c.expected) > 200 {
		c.expected = fmt.Sprintf("what line %d of the mapping asks", n.Line)
	}
}

// refers says whether a rule names a column in an expression.
func (c *constraint) refers(is func(name string) bool) bool {
	return c.when != nil && slices.ContainsFunc(c.when.names, is) || c.formula != nil &&
		slices.ContainsFunc(c.formula.names, is) || slices.ContainsFunc(c.columns, is)
}
