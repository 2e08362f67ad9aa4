package klass

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Names are the Klasses whose attributes muster brings into a file and back.
func Names() []string { return []string{"customer", "company", "conversation"} }

// largestKlassFile bounds a file of attributes: a thousand with a hundred choices each need half of it.
const largestKlassFile = 8 << 20

// WriteFile writes the attributes of Klasses as a file for people: YAML, one entry for each attribute, in order of
// name. comment stands above it. leftOut are the names that no such file can hold.
func WriteFile(w io.Writer, comment string, klasses []*Klass) (leftOut []string, err error) {
	all := &yaml.Node{Kind: yaml.MappingNode}
	for _, k := range klasses {
		entries := &yaml.Node{Kind: yaml.MappingNode}
		for _, a := range k.Attributes {
			if wellFormed(a.Name) != nil {
				leftOut = append(leftOut, a.Name)
				continue
			}
			entries.Content = append(entries.Content, scalar(a.Name), a.node())
		}
		if len(entries.Content) == 0 {
			entries.Style = yaml.FlowStyle
		}
		all.Content = append(all.Content, scalar(k.Name), entries)
	}
	version := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "1"}
	root := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{scalar("version"), version, scalar("klasses"), all}}
	root.Content[0].HeadComment = comment
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	return leftOut, errors.Join(encoder.Encode(root), encoder.Close())
}

// scalar is a text, quoted by the writer where it must be.
func scalar(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	return n
}

// node is an attribute as its entry.
func (a Attribute) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	add := func(name string, value *yaml.Node) { n.Content = append(n.Content, scalar(name), value) }
	flag := func(on bool) *yaml.Node {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(on)}
	}
	if a.Display != "" {
		add("display", scalar(a.Display))
	}
	if words := wordsOf(a.Type); words != "" {
		add("type", scalar(words))
	}
	if len(a.Enumeration) > 0 {
		choices := &yaml.Node{Kind: yaml.SequenceNode}
		if len(a.Enumeration) <= 8 {
			choices.Style = yaml.FlowStyle
		}
		for _, choice := range a.Enumeration {
			choices.Content = append(choices.Content, scalar(choice))
		}
		add("enumeration", choices)
	}
	if a.Array {
		add("list", flag(true))
	}
	if a.Target != "" {
		add("target", scalar(a.Target))
	}
	add("active", flag(a.Active))
	return n
}

// ParseFile reads a file as WriteFile writes it. name stands for the file in messages. The error holds every mistake at
// once, each with its line.
func ParseFile(name string, text []byte) ([]*Klass, error) {
	r := &Reader{Name: name}
	root := r.document(text)
	if root == nil {
		return nil, errors.Join(r.Mistakes...)
	}
	var klasses []*Klass
	r.Members(root, "the file", map[string]func(*yaml.Node){
		"version": func(n *yaml.Node) {
			if n.Value != "1" {
				r.Mistake(n, "version %q is none this program reads (1)", n.Value)
			}
		},
		"klasses": func(n *yaml.Node) {
			r.each(n, "klasses", func(key, value *yaml.Node) {
				if !slices.Contains(Names(), key.Value) {
					r.Mistake(key, "%q is none of the Klasses %s", key.Value, strings.Join(Names(), ", "))
					return
				}
				klasses = append(klasses, r.klass(key.Value, value))
			})
		},
	})
	if len(r.Mistakes) == 0 && len(klasses) == 0 {
		r.Mistake(root, "no Klass is in the file; muster klass pull writes one to look at")
	}
	if len(r.Mistakes) > 0 {
		return nil, errors.Join(r.Mistakes...)
	}
	return klasses, nil
}

// A Reader walks over one file and notes every mistake on its way.
type Reader struct {
	Name     string  // of the file, for messages
	Mistakes []error // what was wrong, each with its line
}

// Mistake notes what is wrong at a node.
func (r *Reader) Mistake(n *yaml.Node, format string, args ...any) {
	r.Mistakes = append(r.Mistakes, fmt.Errorf("%s:%d: %s", r.Name, max(n.Line, 1), fmt.Sprintf(format, args...)))
}

// document is the root of the one YAML document, nil when there is none.
func (r *Reader) document(text []byte) *yaml.Node {
	nowhere := &yaml.Node{}
	if len(text) > largestKlassFile {
		r.Mistake(nowhere, "the file has %d bytes, at most %d are read", len(text), largestKlassFile)
		return nil
	}
	var root yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&root); err != nil && err != io.EOF {
		r.Mistake(nowhere, "not YAML: %s", strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\n", " "), "yaml: "))
		return nil
	}
	if len(root.Content) == 0 {
		r.Mistake(nowhere, "the file is empty; muster klass pull writes one to look at")
		return nil
	}
	return root.Content[0]
}

// each calls do for each member of an object; doubled keys are mistakes.
func (r *Reader) each(n *yaml.Node, what string, do func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.Mistake(n, "%s must have names and values below it", what)
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		if line := seen[key.Value]; line > 0 {
			r.Mistake(key, "%s stands in line %d already", key.Value, line)
			continue
		}
		seen[key.Value] = key.Line
		do(key, value)
	}
}

// Members calls for each member of an object what reads it; keys that nothing reads are mistakes.
func (r *Reader) Members(n *yaml.Node, what string, read map[string]func(*yaml.Node)) {
	r.each(n, what, func(key, value *yaml.Node) {
		do := read[key.Value]
		if do == nil {
			r.Mistake(key, "%s has no key %q; keys are %s", what, key.Value, strings.Join(slices.Sorted(maps.Keys(read)), ", "))
			return
		}
		do(value)
	})
}

func (r *Reader) klass(name string, n *yaml.Node) *Klass {
	k := &Klass{Name: name}
	spelled := map[string]string{}
	r.each(n, name, func(key, value *yaml.Node) {
		a := r.attribute(key, value)
		if other := spelled[strings.ToLower(a.Name)]; other != "" {
			r.Mistake(key, "%s and %s differ only in capitals: they would be mistaken for each other", a.Name, other)
		}
		spelled[strings.ToLower(a.Name)] = a.Name
		k.Attributes = append(k.Attributes, a)
	})
	slices.SortFunc(k.Attributes, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	return k
}

func (r *Reader) attribute(key, n *yaml.Node) Attribute {
	a := Attribute{Name: key.Value, Type: TypeOf(key.Value, ""), Active: true}
	if err := wellFormed(a.Name); err != nil {
		r.Mistake(key, "%v", err)
		return a
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return a
	}
	r.Members(n, a.Name, map[string]func(*yaml.Node){
		"display":     func(n *yaml.Node) { a.Display = n.Value },
		"type":        func(n *yaml.Node) { r.typed(&a, n) },
		"enumeration": func(n *yaml.Node) { a.Enumeration = r.Texts(n) },
		"list":        func(n *yaml.Node) { a.Array = r.flag(n) },
		"target":      func(n *yaml.Node) { a.Target = n.Value },
		"active":      func(n *yaml.Node) { a.Active = r.flag(n) },
	})
	if err := checkChoices(a); err != nil {
		r.Mistake(key, "%v", err)
	}
	return a
}

// typed holds the type that is said to the one that the name says.
func (r *Reader) typed(a *Attribute, n *yaml.Node) {
	said := suffixFor(n.Value)
	switch {
	case said == "":
		var words []string
		for _, t := range Types() {
			words = append(words, t.Words)
		}
		r.Mistake(n, "%q is none of the types %s", n.Value, strings.Join(words, ", "))
	case a.Type == "":
		a.Type = said // an app's attribute: its name says nothing
	case said != a.Type && (said != "Str" || a.Type != "Txt"): // metadata calls both string
		r.Mistake(n, "%s is %s by its name, which ends in %s, and %s by its type: give it the name %s", a.Name,
			wordsOf(a.Type), a.Type,
			n.Value, SystemName(strings.TrimSuffix(a.Name, a.Type), said))
	}
}

// Texts reads a list of texts.
func (r *Reader) Texts(n *yaml.Node) (list []string) {
	if n.Kind != yaml.SequenceNode {
		r.Mistake(n, "write the choices as a list: [bronze, silver]")
		return nil
	}
	for _, one := range n.Content {
		if one.Kind != yaml.ScalarNode {
			r.Mistake(one, "a choice is a text")
			continue
		}
		list = append(list, one.Value)
	}
	return list
}

func (r *Reader) flag(n *yaml.Node) bool {
	switch n.Value {
	case "true":
		return true
	case "false":
	default:
		r.Mistake(n, "write true or false")
	}
	return false
}
