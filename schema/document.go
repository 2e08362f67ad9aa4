package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A document is a JSON Schema that was found fit to be compiled: every reference stays inside it and ends. Its numbers
// are json.Number. Immutable.
type document struct {
	root  any            // map[string]any, or a bool
	draft int            // 4, 6 or 7
	nodes map[string]any // every schema in it by its JSON pointer; "" is the root
}

// decode reads one JSON value and nothing after it. Numbers stay the literals they are.
func decode(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, errNotJSON
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errNotJSON
	}
	return value, nil
}

// errNotJSON stands for every decoding error, whose own text may quote the input.
var errNotJSON = errors.New("not one JSON value")

// parseDocument decodes a schema and refuses what the judge could not survive or would silently ignore.
func parseDocument(data []byte) (*document, error) {
	root, err := decode(data)
	if err != nil {
		return nil, err
	}
	return checkDocument(root)
}

// checkDocument is parseDocument for a schema that is already decoded.
func checkDocument(root any) (*document, error) {
	d := &document{root: root, draft: 7, nodes: map[string]any{}}
	if fields, ok := root.(map[string]any); ok {
		if name, ok := fields["$schema"]; ok {
			if d.draft = draftOf(name); d.draft == 0 {
				return nil, errors.New("$schema is none of draft-04, draft-06 and draft-07")
			}
		}
	}
	w := walk{doc: d, references: map[string]string{}, inPlace: map[string][]string{}}
	if err := w.schema("", root); err != nil {
		return nil, err
	}
	return d, w.checkReferences()
}

// draftOf gives the number of the draft a $schema names, 0 for any other.
func draftOf(name any) int {
	text, _ := name.(string)
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(text, "http://"), "https://"), "#")
	return map[string]int{
		"json-schema.org/draft-04/schema": 4, "json-schema.org/draft-06/schema": 6, "json-schema.org/draft-07/schema": 7,
	}[text]
}

// A walk visits every schema of a document once and notes how they hang together.
type walk struct {
	doc        *document
	references map[string]string   // pointer of the schema with a $ref → pointer it names
	inPlace    map[string][]string // pointer → schemas that judge the same value
}

func (w *walk) schema(pointer string, node any) error {
	w.doc.nodes[pointer] = node
	fields, ok := node.(map[string]any)
	if !ok {
		if _, ok := node.(bool); ok {
			return nil
		}
		return fmt.Errorf("%s is not a schema", place(pointer))
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if newerKeywords[name] {
			return fmt.Errorf("%s uses %q, which is of a newer draft than 07", place(pointer), name)
		}
		if _, isText := fields[name].(string); isText && pointer != "" && (name == "$id" || name == "id") {
			return fmt.Errorf("%s has an %s of its own; only the whole document may", place(pointer), name)
		}
		if err := w.keyword(pointer, name, fields[name]); err != nil {
			return err
		}
	}
	return nil
}

// keyword visits the schemas inside one keyword's value.
func (w *walk) keyword(pointer, name string, value any) error {
	if name == "$ref" {
		return w.reference(pointer, value)
	}
	switch keywords[name].nests {
	case single:
		return w.child(pointer, name, value)
	case singleOrList:
		if _, ok := value.([]any); !ok {
			return w.child(pointer, name, value)
		}
		return w.children(pointer, name, value)
	case list, named, namedOrNames:
		return w.children(pointer, name, value)
	}
	return nil
}

// children visits each schema of a list, or of an object by name.
func (w *walk) children(pointer, name string, value any) error {
	switch value := value.(type) {
	case []any:
		if keywords[name].nests == named || keywords[name].nests == namedOrNames {
			break
		}
		for i, node := range value {
			if err := w.child(pointer, name+"/"+strconv.Itoa(i), node); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		if keywords[name].nests == list {
			break
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if _, names := value[key].([]any); names && keywords[name].nests == namedOrNames {
				continue
			}
			if err := w.child(pointer, name+"/"+escape(key), value[key]); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%s: %s does not hold schemas", place(pointer), name)
}

func (w *walk) child(pointer, below string, node any) error {
	child := pointer + "/" + below
	if name, _, _ := strings.Cut(below, "/"); keywords[name].inPlace {
		w.inPlace[pointer] = append(w.inPlace[pointer], child)
	}
	return w.schema(child, node)
}

func (w *walk) reference(pointer string, value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("%s: $ref is not text", place(pointer))
	}
	target, err := url.PathUnescape(strings.TrimPrefix(text, "#"))
	if err != nil || !strings.HasPrefix(text, "#") || target != "" && target[0] != '/' {
		return fmt.Errorf("%s: $ref must be # or #/… within the document", place(pointer))
	}
	w.references[pointer] = target
	return nil
}

// checkReferences holds that every $ref meets a schema and that no schema comes back to itself without going down into
// the value: the judge would follow it until the process dies.
func (w *walk) checkReferences() error {
	for _, pointer := range slices.Sorted(maps.Keys(w.references)) {
		if _, ok := w.doc.nodes[w.references[pointer]]; !ok {
			return fmt.Errorf("%s: its $ref leads to no schema", place(pointer))
		}
		w.inPlace[pointer] = []string{w.references[pointer]} // siblings of a $ref say nothing
	}
	const visiting, done = 1, 2
	state := map[string]int{}
	var visit func(pointer string) error
	visit = func(pointer string) error {
		switch state[pointer] {
		case done:
			return nil
		case visiting:
			return fmt.Errorf("%s refers to itself without end", place(pointer))
		}
		state[pointer] = visiting
		for _, next := range w.inPlace[pointer] {
			if err := visit(next); err != nil {
				return err
			}
		}
		state[pointer] = done
		return nil
	}
	for _, pointer := range slices.Sorted(maps.Keys(w.inPlace)) {
		if err := visit(pointer); err != nil {
			return err
		}
	}
	return nil
}

// follow gives the schema a node stands for: itself, or where its $ref ends. false: a boolean schema, given as the
// bool.
func (d *document) follow(node any) (fields map[string]any, always bool, isObject bool) {
	for {
		fields, ok := node.(map[string]any)
		if !ok {
			always, _ := node.(bool)
			return nil, always, false
		}
		reference, ok := fields["$ref"].(string)
		if !ok {
			return fields, false, true
		}
		target, _ := url.PathUnescape(strings.TrimPrefix(reference, "#"))
		node = d.nodes[target]
	}
}

// place names a schema by its pointer, for messages to the author of the document.
func place(pointer string) string { return "#" + pointer }

// escape writes a name as one token of a JSON pointer.
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
