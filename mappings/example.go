package mappings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/spelling"
	"muster/pipeline/yamlfile"
)

// An example is a row and what the mapping must make of it: the mapping's own test.
type example struct {
	columns []string
	cells   [][]byte
	kinds   []byte
	wanted  *yaml.Node
	line    int
	column  int
}

// Examples is how many examples the mapping has.
func (m *Mapping) Examples() int { return len(m.examples) }

// readExamples reads examples: a list of given cells and wanted records.
func (p *parser) readExamples(n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		p.Mistake(n, "write a list of  - {given: {Name: Ann}, wanted: {name: Ann}}", "examples must be a list, this is %s",
			yamlfile.Describe(n))
		return
	}
	for _, one := range n.Content {
		e := example{line: one.Line, column: one.Column}
		var given *yaml.Node
		before := len(p.Mistakes)
		p.object(one, "an example", []rule{
			{"name", func(n *yaml.Node) { p.text(n, "name") }},
			{"given", func(n *yaml.Node) { given = n }},
			{"wanted", func(n *yaml.Node) { e.wanted = n }},
		})
		switch {
		case len(p.Mistakes) > before:
		case given == nil || e.wanted == nil:
			p.Mistake(one, "", "an example needs given: and wanted:")
		case given.Kind != yaml.MappingNode:
			p.Mistake(given, "write a cell for each column, like  {Name: Ann}", "given must have keys and values, this is %s",
				yamlfile.Describe(given))
		case e.wanted.Kind == yaml.ScalarNode && e.wanted.Value != "skipped":
			p.Mistake(e.wanted, "write the record, skipped, or {problem: cell.date}", "wanted cannot be %q", e.wanted.Value)
		default:
			p.Members(given, "", func(key, value *yaml.Node) { e.give(key, value) })
			p.mapping.examples = append(p.mapping.examples, e)
		}
	}
}

// give adds one cell: a text as it is written, or JSON of a list or object.
func (e *example) give(key, value *yaml.Node) {
	text, kind := []byte(value.Value), byte('"')
	switch value.Kind {
	case yaml.SequenceNode, yaml.MappingNode:
		text, _ = json.Marshal(plainOf(value)) // what a file's node is made of always marshals
		kind = text[0]
	default:
		if value.Tag == "!!null" {
			text = nil
		}
	}
	e.columns, e.cells, e.kinds = append(e.columns, key.Value), append(e.cells, text), append(e.kinds, kind)
}

// plainOf is a node's value as JSON has it; numbers keep their digits.
func plainOf(n *yaml.Node) any {
	switch n.Kind {
	case yaml.SequenceNode:
		list := []any{}
		for _, one := range n.Content {
			list = append(list, plainOf(one))
		}
		return list
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			object[n.Content[i].Value] = plainOf(n.Content[i+1])
		}
		return object
	}
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		if _, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return json.Number(n.Value)
		}
	}
	return n.Value
}

// Try makes records of the mapping's examples. Its error is Mistakes: the examples of which another record
// came, each with its first difference. What stands in an example is shown: it is the mapping's, nobody's data.
func (m *Mapping) Try(o BindOptions) error {
	var failed Mistakes
	for i := range m.examples {
		e := &m.examples[i]
		if said := e.try(m, o); said != "" {
			failed = append(failed, Mistake{File: m.Name, Line: e.line, Column: e.column,
				Message: "the example does not hold: " + said})
		}
	}
	if failed == nil {
		return nil
	}
	return failed
}

func (e *example) try(m *Mapping, o BindOptions) (said string) {
	o.Missing = Ignore
	plan, err := m.Bind(e.columns, o)
	if err != nil {
		return strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	wanted := plainOf(e.wanted)
	object, _ := wanted.(map[string]any)
	problem, _ := object["problem"].(string)
	var rec Record
	plan.Map(e.cells, e.kinds, &rec)
	rec.Problems = slices.DeleteFunc(rec.Problems, func(p Problem) bool {
		return p.Dropped && p.Code == codeBirthday ||
			p.Warning && p.Code != problem
	})
	switch {
	case rec.Skipped && wanted == "skipped":
		return ""
	case rec.Skipped:
		return "the row is skipped"
	case len(rec.Problems) > 0:
		first := rec.Problems[0]
		if first.Code == problem {
			return ""
		}
		where := ""
		if first.Column >= 0 {
			where = fmt.Sprintf(" in %q", e.columns[first.Column])
		}
		return fmt.Sprintf("%s%s: expected %s", first.Code, where, first.Detail)
	case wanted == "skipped":
		return "the row is not skipped"
	case problem != "":
		return "no problem is found"
	}
	decoder := json.NewDecoder(bytes.NewReader(plan.AppendJSON(nil, &rec)))
	decoder.UseNumber()
	var got any
	if err := decoder.Decode(&got); err != nil {
		return "the record is no JSON"
	}
	return difference("", got, wanted)
}

// difference says where two values differ first, "" nowhere.
func difference(path string, got, wanted any) string {
	here := path
	if here == "" {
		here = "the record"
	}
	switch w := wanted.(type) {
	case map[string]any:
		g, is := got.(map[string]any)
		if !is {
			break
		}
		for _, name := range namesOf(g, w) {
			one, has := g[name]
			want, wants := w[name]
			at := strings.TrimPrefix(path+"."+name, ".")
			switch {
			case !has:
				return fmt.Sprintf("%s is missing, wanted %s", at, shown(want))
			case !wants:
				return fmt.Sprintf("%s is %s, and nothing is wanted there", at, shown(one))
			}
			if said := difference(at, one, want); said != "" {
				return said
			}
		}
		return ""
	case []any:
		g, is := got.([]any)
		if !is {
			break
		}
		for i := range min(len(g), len(w)) {
			if said := difference(fmt.Sprintf("%s.%d", path, i), g[i], w[i]); said != "" {
				return said
			}
		}
		if len(g) != len(w) {
			return fmt.Sprintf("%s has %d items, wanted %d", here, len(g), len(w))
		}
		return ""
	}
	if equalPlain(got, wanted) {
		return ""
	}
	return fmt.Sprintf("%s is %s, wanted %s", here, shown(got), shown(wanted))
}

// equalPlain compares plain values: numbers by value, and a text with a number or date that YAML took it for.
func equalPlain(got, wanted any) bool {
	if got == wanted {
		return true
	}
	x, isX := got.(json.Number)
	y, isY := wanted.(json.Number)
	if isX && isY {
		a, _ := x.Float64()
		b, _ := y.Float64()
		return a == b
	}
	text, isText := got.(string)
	return isText && isY && text == y.String()
}

func namesOf(a, b map[string]any) []string {
	var names []string
	for _, m := range []map[string]any{a, b} {
		for name := range m {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return slices.Compact(names)
}

func shown(v any) string {
	text, _ := json.Marshal(v) // what was decoded marshals again
	return string(text)
}

// Unmet are the columns that the mapping names and a file with these columns lacks. Names with wildcards,
// and columns that are worked out, are left out.
func (m *Mapping) Unmet(columns []string) (names []string) {
	has := map[string]bool{}
	for _, name := range m.extend(columns) {
		has[name], has[spelling.Fold(name)] = true, true
	}
	for _, e := range m.entries {
		if e.pattern == nil && !has[e.column] && !has[spelling.Fold(e.column)] && !slices.Contains(names, e.column) {
			names = append(names, e.column)
		}
	}
	return names
}
