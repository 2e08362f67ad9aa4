package web

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/mappings"
)

// optionNames are the options of a column that the page can change, in the order in which they are written.
var optionNames = [...]string{"join", "prefer", "split", "layout", "decimal", "region", "type", "otherwise"}

// An entry is what a mapping says of one column.
type entry struct {
	Target  string
	Options map[string]string
	Values  []pair // what its texts stand for, in the mapping's order
	Complex bool   // it goes to several places, or has options that only the text can change
}

// A pair is one line under values:.
type pair struct{ From, To string }

// edited is a mapping's text with a change made in its tree, comments and order kept. What cannot be read is left to
// the person.
func edited(text []byte, change func(root *yaml.Node) error) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("the mapping's text cannot be read, so nothing was changed in it: %w", err)
	}
	if len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("the mapping's text is no mapping, so nothing was changed in it")
	}
	if err := change(document.Content[0]); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	err := errors.Join(encoder.Encode(&document), encoder.Close())
	return b.Bytes(), err
}

// member is the value of a key, nil where there is none.
func member(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// set puts a value in the place of a key's, or adds the key.
func set(n *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			value.LineComment = n.Content[i+1].LineComment
			n.Content[i+1] = value
			return
		}
	}
	n.Content = append(n.Content, text(key), value)
}

// drop takes a key away.
func drop(n *yaml.Node, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = append(n.Content[:i], n.Content[i+2:]...)
			return
		}
	}
}

// text is a scalar that stands for itself, quoted where it must be.
func text(value string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(value)
	return n
}

// block is the member of a mapping that holds others; it is made where there is none.
func block(root *yaml.Node, name string) *yaml.Node {
	if n := member(root, name); n != nil && n.Kind == yaml.MappingNode {
		return n
	}
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	set(root, name, n)
	return n
}

// entryOf reads what a mapping's text says of a column; false where it names it not.
func entryOf(columns *yaml.Node, name string) (e entry, found bool) {
	n := member(columns, name)
	if n == nil {
		return e, false
	}
	if n.Kind == yaml.ScalarNode {
		return entry{Target: n.Value}, true
	}
	if n.Kind != yaml.MappingNode {
		return entry{Complex: true}, true
	}
	e.Options = map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1]
		switch {
		case key == "to":
			e.Target = value.Value
		case key == "values" && value.Kind == yaml.MappingNode:
			for j := 0; j+1 < len(value.Content); j += 2 {
				to := value.Content[j+1].Value
				if value.Content[j+1].Tag == "!!null" {
					to = ""
				}
				e.Values = append(e.Values, pair{value.Content[j].Value, to})
			}
		case value.Kind == yaml.ScalarNode && known(key):
			e.Options[key] = value.Value
		default:
			e.Complex = true
		}
	}
	return e, true
}

func known(option string) bool {
	for _, name := range optionNames {
		if name == option {
			return true
		}
	}
	return false
}

// write puts an entry into a mapping's tree. Options that the page does not know stay.
func (e *entry) write(columns *yaml.Node, name string) {
	old := member(columns, name)
	if old == nil || old.Kind != yaml.MappingNode {
		old = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
	}
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle, Content: old.Content}
	set(n, "to", text(e.Target))
	for _, option := range optionNames {
		drop(n, option)
		if value := e.Options[option]; value != "" {
			if option == "otherwise" && value == "null" {
				set(n, option, null())
				continue
			}
			set(n, option, text(value))
		}
	}
	drop(n, "values")
	if len(e.Values) > 0 {
		values := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
		for _, v := range e.Values {
			to := text(v.To)
			if v.To == "" {
				to = null()
			}
			set(values, v.From, to)
		}
		set(n, "values", values)
	}
	if len(n.Content) == 2 || e.Target == mappings.Ignore || e.Target == mappings.Undecided {
		n = text(e.Target)
	}
	set(columns, name, n)
}

func null() *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"} }

// comment tells whoever reads the text who said so.
func comment(columns *yaml.Node, name, says string) {
	for i := 0; i+1 < len(columns.Content); i += 2 {
		if columns.Content[i].Value == name {
			columns.Content[i].HeadComment = "# " + mappings.Printable(strings.ReplaceAll(says, "\n", " "))
		}
	}
}
