package engage

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"muster/schema/klass"
)

// engageColumns are the columns of a file of properties, and other names they go by.
var engageColumns = map[string][]string{
	"name":     {"name", "technical name", "property"},
	"label":    {"label", "display name"},
	"type":     {"type", "property type"},
	"choices":  {"choices", "options", "values"},
	"customer": {"customer", "shown to the customer", "shown to customer", "visible to customer"},
	"agent":    {"agent", "shown to the agent", "shown to agent", "visible to agent"},
	"access":   {"access", "access control"},
}

// yesOrNo are the words that say whether a property is shown.
var yesOrNo = []string{"yes", "no", "true", "false", "y", "n", "1", "0", "on", "off", "shown", "hidden"}

// engageColumn is the column that a name means, "" none.
func engageColumn(name string) string {
	for column, names := range engageColumns {
		if slices.ContainsFunc(names, func(n string) bool { return klass.Fold(n) == klass.Fold(strings.TrimSpace(name)) }) {
			return column
		}
	}
	return ""
}

// IsDefinitions reports whether a file is one of customer properties: YAML with properties, or a table with name and
// type.
func IsDefinitions(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	first, _, _ := bytes.Cut(text, []byte("\n"))
	columns := map[string]bool{}
	for _, name := range strings.FieldsFunc(string(first),
		func(r rune) bool { return strings.ContainsRune(",;\t\r", r) }) {
		columns[engageColumn(strings.Trim(name, `"`))] = true
	}
	if columns["name"] && columns["type"] {
		return true
	}
	var root struct {
		Properties yaml.Node `yaml:"properties"`
	}
	return yaml.Unmarshal(text, &root) == nil && root.Properties.Kind != 0
}

// ParseDefinitions reads a file of customer properties, YAML or CSV. channel overrides what the file says of it, ""
// leaves it. The error holds every mistake with its line.
func ParseDefinitions(file string, text []byte, channel string) (*Definitions, error) {
	r := &definitionsReader{klass.Reader{Name: file}}
	d := &Definitions{File: file}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var root struct {
		Channel    string    `yaml:"channel"`
		Properties yaml.Node `yaml:"properties"`
	}
	if yaml.Unmarshal(text, &root) == nil && root.Properties.Kind != 0 {
		d.Channel = root.Channel
		r.propertyList(d, &root.Properties)
	} else {
		r.propertyTable(d, text)
	}
	if channel != "" {
		d.Channel = channel
	}
	d.Channel = strings.ToLower(strings.TrimSpace(d.Channel))
	switch {
	case d.Channel == "":
		r.Mistake(&yaml.Node{}, "the channel is not said: number is a phone number for whatsapp and an id for telegram; "+
			"pass --channel whatsapp")
	case !isWord(d.Channel):
		r.Mistake(&yaml.Node{}, "channel %q is no single word such as whatsapp or telegram", d.Channel)
	}
	r.settle(d)
	if len(r.Mistakes) > 0 {
		return nil, errors.Join(r.Mistakes...)
	}
	return d, nil
}

// definitionsReader reads one file of properties.
type definitionsReader struct{ klass.Reader }

func (r *definitionsReader) propertyList(d *Definitions, list *yaml.Node) {
	if list.Kind != yaml.SequenceNode {
		r.Mistake(list, "properties are a list: each begins with  - name:")
		return
	}
	for _, n := range list.Content {
		p := Definition{Line: n.Line}
		text := func(to *string) func(*yaml.Node) { return func(n *yaml.Node) { *to = strings.TrimSpace(n.Value) } }
		r.Members(n, "a property", map[string]func(*yaml.Node){
			"name": text(&p.Name), "label": text(&p.Label), "type": text(&p.Type), "customer": text(&p.Customer),
			"agent": text(&p.Agent), "access": text(&p.Access), "choices": func(n *yaml.Node) { p.Choices = r.Texts(n) },
		})
		d.Properties = append(d.Properties, p)
	}
}

func (r *definitionsReader) propertyTable(d *Definitions, text []byte) {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord = -1
	for _, mark := range ";\t" {
		if bytes.ContainsRune(first, mark) && !bytes.ContainsRune(first, ',') {
			reader.Comma = mark
		}
	}
	var columns []string
	for {
		cells, err := reader.Read()
		if err != nil {
			var syntax *csv.ParseError
			if errors.As(err, &syntax) {
				r.Mistake(&yaml.Node{Line: syntax.Line}, "not a table: %v", syntax.Err)
			}
			return
		}
		line, _ := reader.FieldPos(0)
		if columns == nil {
			for _, name := range cells {
				column := engageColumn(name)
				if column == "" && strings.TrimSpace(name) != "" {
					r.Mistake(&yaml.Node{Line: line}, "no column is called %q: there are name, label, type, choices, shown to the "+
						"customer, "+
						"shown to the agent, access control", strings.TrimSpace(name))
				}
				columns = append(columns, column)
			}
			continue
		}
		p := Definition{Line: line}
		for i, cell := range cells[:min(len(cells), len(columns))] {
			p.set(columns[i], strings.TrimSpace(cell))
		}
		d.Properties = append(d.Properties, p)
	}
}

func (p *Definition) set(column, cell string) {
	switch column {
	case "name":
		p.Name = cell
	case "label":
		p.Label = cell
	case "type":
		p.Type = cell
	case "choices":
		for _, one := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(betweenChoices, r) }) {
			p.Choices = append(p.Choices, strings.TrimSpace(one))
		}
	case "customer":
		p.Customer = cell
	case "agent":
		p.Agent = cell
	case "access":
		p.Access = cell
	}
}

// settle gives each property its attribute and says what is wrong with it.
func (r *definitionsReader) settle(d *Definitions) {
	taken := map[string]string{"number": "", "name": ""}
	attributes := map[string]string{}
	if len(d.Properties) == 0 {
		r.Mistake(&yaml.Node{}, "no property is in the file")
	}
	for i := range d.Properties {
		p := &d.Properties[i]
		at := &yaml.Node{Line: p.Line}
		r.settleName(p, at, taken)
		r.settleShown(p, at)
		suffix := ""
		var types []string
		for _, t := range PropertyTypes() {
			types = append(types, t.Name)
			if klass.Fold(t.Name) == klass.Fold(p.Type) {
				p.Type, suffix = t.Name, t.Suffix
			}
		}
		if suffix == "" {
			r.Mistake(at, "%q is none of the types %s", p.Type, strings.Join(types, ", "))
			continue
		}
		r.settleChoices(p, at)
		if p.Attribute = klass.SystemName(p.Name, suffix); p.Attribute == "" {
			r.Mistake(at, "no attribute's name can be made of %q: it needs a Latin letter", p.Name)
		} else if other, twice := attributes[strings.ToLower(p.Attribute)]; twice {
			r.Mistake(at, "%s and %s would both become the attribute %s", other, p.Name, p.Attribute)
		}
		attributes[strings.ToLower(p.Attribute)] = p.Name
	}
}

func (r *definitionsReader) settleName(p *Definition, at *yaml.Node, taken map[string]string) {
	key := strings.ToLower(p.Name)
	first, twice := taken[key]
	switch {
	case p.Name == "":
		r.Mistake(at, "the property has no name")
	case strings.ContainsFunc(p.Name, unicode.IsSpace):
		r.Mistake(at, "the name %q has a space in it: that is a label; a technical name has none", p.Name)
	case twice && first == "":
		r.Mistake(at, "%s is there by default and cannot be defined again", p.Name)
	case twice:
		r.Mistake(at, "%s stands there twice", p.Name)
	}
	taken[key] = p.Name
}

// settleShown holds what is said of who sees a property to yes and no.
func (r *definitionsReader) settleShown(p *Definition, at *yaml.Node) {
	for _, one := range [][2]string{{"customer", p.Customer}, {"agent", p.Agent}} {
		if one[1] != "" && !slices.Contains(yesOrNo, strings.ToLower(one[1])) {
			r.Mistake(at, "%s: shown to the %s is %q, which is neither yes nor no", p.Name, one[0], one[1])
		}
	}
}

func (r *definitionsReader) settleChoices(p *Definition, at *yaml.Node) {
	chooses := p.Type == "Single choice" || p.Type == "Multiple choice"
	switch {
	case chooses && len(p.Choices) == 0:
		r.Mistake(at, "%s is %s and has no choices", p.Name, p.Type)
	case !chooses && len(p.Choices) > 0:
		r.Mistake(at, "%s is %s, which has no choices", p.Name, p.Type)
	}
	for i, choice := range p.Choices {
		switch {
		case strings.TrimSpace(choice) == "":
			r.Mistake(at, "%s has a blank choice", p.Name)
		case p.Type == "Multiple choice" && strings.ContainsAny(choice, betweenChoices):
			r.Mistake(at, "%s: the choice %q holds one of ; , | which stand between choices", p.Name, choice)
		case slices.Contains(p.Choices[:i], choice):
			r.Mistake(at, "%s has the choice %q twice", p.Name, fmt.Sprint(choice))
		}
	}
}
