package schema

import (
	"regexp"
	"strings"
)

// A target is where a path leads in a schema.
type target struct {
	path       string           // as asked, "emails[].email"
	names      []string         // its steps, "[]" for into a list
	containers []map[string]any // the schema of the record and of every object and list on the way, as far as it went
	node       any              // the schema of the place itself
	name       string           // forbidden: the name that is not allowed
	forbidden  bool             // the last step is a property that additionalProperties: false shuts out
	opaque     bool             // some schema on the way has keywords the compiler does not understand, or the way ends
}

// steps takes a path apart: "emails[].email" is emails, [], email.
func steps(path string) []string {
	return strings.Split(strings.ReplaceAll(path, "[]", ".[]"), ".")
}

// resolve goes along a path with [] for lists.
func (v *Validator) resolve(path string) target {
	t := target{path: path, names: steps(path), node: v.doc.root, opaque: v.doc.draft < 6}
	for i, name := range t.names {
		fields, always, isObject := v.doc.follow(t.node)
		if !isObject {
			t.opaque = t.opaque || !always
			fields = map[string]any{} // true: anything, anywhere below
		}
		t.containers = append(t.containers, fields)
		t.opaque = t.opaque || !isReadableContainer(fields, name == "[]")
		if name == "[]" {
			t.node = v.doc.item(fields)
			t.opaque = t.opaque || t.node == nil
		} else {
			t.node, t.forbidden = v.doc.property(fields, name)
			t.opaque = t.opaque || t.node == nil && !t.forbidden
		}
		if t.opaque || t.forbidden {
			t.name = name
			t.opaque = t.opaque || i < len(t.names)-1
			t.forbidden = t.forbidden && !t.opaque
			return t
		}
	}
	return t
}

// isReadableContainer reports whether the compiler understands everything a schema says of an object, or a list, as a
// whole.
func isReadableContainer(fields map[string]any, isList bool) bool {
	for name := range fields {
		if keywords[name].reading == opaque || name == "enum" || name == "const" {
			return false
		}
	}
	kind := kindObject
	if isList {
		kind = kindArray
	}
	if types, says := fields["type"]; says {
		set, ok := kindsOf(types)
		return ok && set&kind != 0
	}
	return true
}

// item is the schema of a list's items, nil when they do not all have the same.
func (d *document) item(fields map[string]any) any {
	switch items := fields["items"].(type) {
	case nil:
		return true
	case []any:
		return nil
	default:
		return items
	}
}

// property is the schema of one property of an object: nil when several apply, or none because it is forbidden.
func (d *document) property(fields map[string]any, name string) (node any, forbidden bool) {
	var found []any
	if properties, ok := fields["properties"].(map[string]any); ok {
		if node, ok := properties[name]; ok {
			found = append(found, node)
		}
	}
	patterns, _ := fields["patternProperties"].(map[string]any)
	for pattern, node := range patterns {
		if matched, err := regexp.MatchString(pattern, name); matched && err == nil {
			found = append(found, node)
		}
	}
	switch len(found) {
	case 0:
		rest, says := fields["additionalProperties"]
		if !says {
			return true, false
		}
		if rest == false {
			return nil, true
		}
		return rest, false
	case 1:
		return found[0], false
	}
	return nil, false
}

// at goes along the steps of a real value ("emails", "0", "email") and gives the schema that stands there; nil when the
// way there cannot be told from the value's path alone.
func (d *document) at(names []string) map[string]any {
	node := d.root
	for _, name := range names {
		fields, _, isObject := d.follow(node)
		if !isObject {
			return nil
		}
		if _, isList := fields["items"]; isList && isPosition(name) {
			node = d.item(fields)
		} else {
			node, _ = d.property(fields, name)
		}
	}
	fields, _, _ := d.follow(node)
	return fields
}

func isPosition(name string) bool {
	return name != "" && strings.Trim(name, "0123456789") == ""
}
