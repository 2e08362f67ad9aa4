package schema

import (
	"encoding/json"
	"strings"

	"pgregory.net/rapid"
)

// A drawer draws schemas and records for them. The schemas have places a, b, c …, lists, objects, references and, when
// opaque, keywords that the compiler does not understand.
type drawer struct {
	t      *rapid.T
	opaque bool
}

var fieldNames = rapid.SampledFrom([]string{"a", "b", "c", "xStr", "xNum"})

// chance is true once in n times.
func (d drawer) chance(n int, what string) bool { return rapid.IntRange(1, n).Draw(d.t, what) == n }

// set sets a keyword once in n times.
func (d drawer) set(fields map[string]any, n int, keyword string, value func() any) {
	if d.chance(n, keyword) {
		fields[keyword] = value()
	}
}

func pick[V any](d drawer, what string, values ...V) V {
	return rapid.SampledFrom(values).Draw(d.t, what)
}

func (d drawer) number(keyword string, most int) func() any {
	return func() any { return rapid.IntRange(0, most).Draw(d.t, keyword) }
}

func (d drawer) schema() map[string]any {
	root := d.object(d.top)
	root["$schema"] = "http://json-schema.org/draft-0" + pick(d, "draft", "6", "7") + "/schema#"
	root["definitions"] = map[string]any{"one": d.leaf()}
	return root
}

// top is a property of the record: a leaf, a list, an object.
func (d drawer) top() any {
	switch pick(d, "form", "leaf", "leaf", "list", "list", "object") {
	case "leaf":
		return d.leaf()
	case "object":
		return d.object(d.leaf)
	}
	list := map[string]any{"items": d.leaf()}
	if d.chance(2, "of objects") {
		list["items"] = d.object(d.leaf)
	}
	d.set(list, 2, "type", func() any { return pick[any](d, "type", "array", []any{"array", "null"}) })
	d.set(list, 2, "uniqueItems", func() any { return d.chance(2, "unique") })
	d.set(list, 2, "maxItems", d.number("maxItems", 4))
	d.set(list, 4, "minItems", d.number("minItems", 2))
	return list
}

func (d drawer) object(inner func() any) map[string]any {
	properties := map[string]any{}
	for range rapid.IntRange(1, 4).Draw(d.t, "fields") {
		properties[fieldNames.Draw(d.t, "field")] = inner()
	}
	object := map[string]any{"properties": properties}
	d.set(object, 2, "type", func() any { return pick[any](d, "type", "object", []any{"object", "string"}) })
	d.set(object, 4, "required", func() any { return []any{fieldNames.Draw(d.t, "required")} })
	d.set(object, 4, "maxProperties", d.number("maxProperties", 4))
	d.set(object, 6, "minProperties", d.number("minProperties", 2))
	d.set(object, 2, "additionalProperties", func() any {
		return pick[any](d, "rest", false, true, map[string]any{"type": "string"})
	})
	d.set(object, 6, "patternProperties", func() any { return map[string]any{"Str$": d.leaf(), "^b": d.leaf()} })
	if d.opaque {
		d.set(object, 9, "dependencies", func() any { return map[string]any{"a": []any{"b"}} })
		d.set(object, 9, "propertyNames", func() any { return map[string]any{"maxLength": 1} })
		d.set(object, 9, "allOf", func() any { return []any{map[string]any{"required": []any{"a"}}} })
		d.set(object, 9, "enum", func() any { return []any{map[string]any{"a": "x"}} })
	}
	return object
}

var leafLiterals = []any{"", "a", "é", "2024-05-31T09:30:00Z", 0, 1, -1, json.Number("1.0"), json.Number("0.1"),
	json.Number("1e1"), true, false, nil, []any{}, map[string]any{}}

func (d drawer) leaf() any {
	switch pick(d, "leaf", "true", "false", "reference", "", "", "", "", "", "", "", "", "") {
	case "true":
		return true
	case "false":
		return false
	case "reference":
		return map[string]any{"$ref": "#/definitions/one", "maxLength": 0} // siblings of a $ref say nothing
	}
	leaf := map[string]any{"description": "a leaf"}
	d.set(leaf, 2, "type", func() any {
		return rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"string", "string", "number", "integer", "boolean", "null",
			"array", "object"}), 1, 3, rapid.ID).Draw(d.t, "types")
	})
	d.set(leaf, 8, "enum", func() any {
		var values []any
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(leafLiterals)-1), 1, 12, rapid.ID).Draw(d.t, "enum") {
			values = append(values, leafLiterals[i])
		}
		return values
	})
	d.set(leaf, 16, "const", func() any { return pick(d, "const", leafLiterals...) })
	for _, keyword := range []string{"minLength", "maxLength"} {
		d.set(leaf, 6, keyword, d.number(keyword, 4))
	}
	for _, keyword := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} {
		d.set(leaf, 8, keyword, func() any {
			return pick[any](d, keyword, 0, 1, -1, json.Number("0.1"), json.Number("1e1"), json.Number("12345678901.5"))
		})
	}
	d.set(leaf, 6, "pattern", func() any {
		return pick(d, "pattern", "^a", "a$", "^[0-9a-zA-ZÀ-ÿ][a-zÀ-ÿ ]*$", "(ab)*b", "\\ba", "(?i)É|x", "^$", "[^a]")
	})
	d.set(leaf, 6, "format", func() any {
		return pick(d, "format", "email-relaxed", "phone-number", "whatsapp-number", "url", "uri", "date-time")
	})
	if d.opaque {
		d.set(leaf, 9, "multipleOf", func() any { return 1 })
		d.set(leaf, 9, "not", func() any { return map[string]any{"type": "string"} })
		d.set(leaf, 9, "anyOf", func() any { return []any{map[string]any{"type": "string"}, map[string]any{"minimum": 1}} })
	}
	return leaf
}

// entries draws a record, mostly of the form the schema asks for; well formed: no place twice, none inside another.
func (d drawer) entries(root map[string]any) []entry {
	properties := root["properties"].(map[string]any)
	var entries []entry
	for _, name := range []string{"a", "b", "c", "d", "xStr", "xNum"} {
		node, known := properties[name].(map[string]any)
		form := formOf(node)
		switch {
		case !known && !d.chance(4, "unknown "+name), d.chance(2, "leave out "+name):
			continue
		case d.chance(12, "another form"):
			form = pick(d, "form", "x", "x[]", "x[].y", "x.y")
		}
		fields := []string{""}
		if strings.HasSuffix(form, ".y") {
			fields = d.fields(node)
		}
		items := 1
		if strings.Contains(form, "[]") {
			items = rapid.IntRange(1, 4).Draw(d.t, "items")
		}
		for item := range items {
			for _, field := range fields {
				path, at := strings.Replace(strings.Replace(form, "x", name, 1), ".y", "."+field, 1), item
				if !strings.Contains(form, "[]") {
					at = -1
				}
				entries = append(entries, newEntry(path, at, pick(d, path, leafValues...)))
			}
		}
	}
	return entries
}

// formOf tells how the values of a property stand in it.
func formOf(node map[string]any) string {
	form := "x"
	if items, isList := node["items"]; isList {
		form = "x[]"
		node, _ = items.(map[string]any)
	}
	if _, isObject := node["properties"]; isObject {
		form += ".y"
	}
	return form
}

// fields chooses fields for an object, mostly those it has.
func (d drawer) fields(node map[string]any) []string {
	if items, isList := node["items"].(map[string]any); isList {
		node = items
	}
	properties, _ := node["properties"].(map[string]any)
	var chosen []string
	for _, name := range []string{"a", "b", "c", "xStr", "xNum"} {
		if _, known := properties[name]; known && !d.chance(3, "leave out") || d.chance(9, "add") {
			chosen = append(chosen, name)
		}
	}
	if len(chosen) == 0 {
		chosen = append(chosen, "a")
	}
	return chosen
}

var leafValues = []string{`"`, `"a`, `"b`, `"ab`, `"é`, "\"\xff", "\"\uFFFD", `"abcde`, `"Éa b`, `"😀`,
	`"2024-05-31T09:30:00Z`, `"a@example.com`, `"+31201234567`, `"https://example.com`,
	"0", "1", "-1", "-0", "1.0", "0.1", "0.10", "1e1", "10", "12345678901.5", "12345678901.50", "100000000000000000001",
	"100000000000000000000", "1E400", "1e-9999999999",
	"true", "false", "null", "[]", "{}", `["a"]`, `{"a":"x"}`}

// newEntry reads a value written as JSON, texts without the closing quote and not escaped.
func newEntry(path string, item int, text string) entry {
	e := entry{path, item, text[0], text}
	switch {
	case e.kind == '"':
		e.text = text[1:]
	case e.kind == 'f':
		e.kind = 't'
	case e.kind == '-' || e.kind >= '1' && e.kind <= '9':
		e.kind = '0'
	}
	return e
}
