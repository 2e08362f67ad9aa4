package schema

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/schema/klass"
)

// A keyword added to the document without lines in the compiler would quietly cost all speed.
func TestEveryKeywordOfTheCustomerDocumentIsCompiled(t *testing.T) {
	for _, k := range []*klass.Klass{nil, demoKlass()} {
		v := newTestValidator(t, k)
		for pointer, node := range v.doc.nodes {
			fields, _ := node.(map[string]any)
			for name := range fields {
				if keywords[name].reading == opaque {
					t.Errorf("%s: the compiler does not understand %s", pointer, name)
				}
			}
		}
		for path := range customerSamples {
			if v.Rule(path) == nil {
				t.Errorf("%s has no rule", path)
			}
		}
	}
}

func TestDocumentsThatAreRefused(t *testing.T) {
	for document, why := range map[string]string{
		``:      "not one JSON value",
		`{} {}`: "not one JSON value",
		`[]`:    "not a schema",
		`"x"`:   "not a schema",
		`{"$schema": "https://json-schema.org/draft/2020-12/schema"}`: "draft-07",
		`{"$schema": 7}`: "draft-07",
		`{"$ref": "#a", "$defs": {"x": {"$anchor": "a"}}}`: `"$defs"`,
		`{"properties": {"a": {"$anchor": "a"}}}`:          `"$anchor"`,
		`{"$dynamicRef": "#a"}`:                            `"$dynamicRef"`,
		`{"items": {"prefixItems": []}}`:                   `"prefixItems"`,
		`{"$ref": "#"}`:                                    "without end",
		`{"$ref": "#foo"}`:                                 "within the document",
		`{"$ref": "https://example.com/x.json"}`:           "within the document",
		`{"$ref": "file:///etc/passwd"}`:                   "within the document",
		`{"$ref": 1}`:                                      "$ref is not text",
		`{"$ref": "#/definitions/a"}`:                      "leads to no schema",
		`{"$ref": "#/title", "title": "x"}`:                "leads to no schema",
		`{"$ref": "#/examples/0", "examples": [{}]}`:       "leads to no schema",
		`{"properties": {"a": {"$ref": "#/definitions/a"}}, "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}}`: "without end",
		`{"allOf": [{"$ref": "#"}]}`: "without end",
		`{"definitions": {"a": {"anyOf": [{"type": "string"}, {"not": {"$ref": "#/definitions/a"}}]}}, "items": {"$ref": "#/definitions/a"}}`: "without end",
		`{"dependencies": {"a": {"$ref": "#"}}}`: "without end",
		`{"properties": {"a": {"$id": "#a"}}}`:   "$id of its own",
		`{"properties": {"a": {"id": "#a"}}}`:    "id of its own",
		`{"properties": []}`:                     "does not hold schemas",
		`{"definitions": true}`:                  "does not hold schemas",
		`{"allOf": {}}`:                          "does not hold schemas",
		`{"properties": {"a/b~": 1}}`:            "#/properties/a~1b~0 is not a schema",
		`{"type": "text"}`:                       "cannot be compiled",
		`{"pattern": "(?=x)"}`:                   "cannot be compiled",
		`{"minLength": 2, "maxLength": 1}`:       "cannot be compiled",
		`{"required": 1e9999999}`:                "cannot be compiled",
	} {
		v, err := Compile([]byte(document))
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s\n got %v %v\nwant %s", document, v, err, why)
		}
	}
}

func TestDocumentsThatAreTaken(t *testing.T) {
	for document, fixtures := range map[string][]string{
		`true`:  {`1`, `{}`},
		`false`: {`{"!false": 1}`},
		`{}`:    {`{"a": [1, null]}`},
		`{"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"a": {"minimum": 1, "exclusiveMinimum": true}}}`:             {`{"a": 2}`, `{"a": {"!exclusiveMinimum": 1}}`},
		`{"$id": "https://example.com/x.json", "properties": {"a": {"$ref": "#/definitions/a"}}, "definitions": {"a": {"type": "string"}}}`: {`{"a": "x"}`, `{"a": {"!type": 1}}`},
		`{"properties": {"id": {"type": "string"}, "$ref": {"type": "number"}, "format": {"type": "string"}, "$anchor": true}}`:             {`{"id": "x", "$ref": 1}`, `{"$ref": {"!type": "x"}}`},
		`{"items": {"$ref": "#"}, "type": "array"}`:                                                                    {`[[], [[]]]`, `[[{"!type": 1}]]`},
		`{"properties": {"a b/c~é": {"type": "string"}, "d": {"$ref": "#/properties/a%20b~1c~0%C3%A9"}}}`:              {`{"d": "x"}`, `{"d": {"!type": 1}}`},
		`{"default": {"$ref": "x", "$id": "y"}, "examples": [{"$anchor": "z"}], "enum": [{"$ref": "x"}]}`:              {`{"$ref": "x"}`, `{"!enum": 1}`},
		`{"items": [{"type": "string"}, {"type": "number"}], "additionalItems": false}`:                                {`["a", 1]`, `["a", {"!type": "b"}]`, `{"!additionalItems": ["a", 1, 2]}`},
		`{"properties": {"a": {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "number"}]}}}`:                   {`{"a": 1}`, `{"a": {"!oneOf": "abcd"}}`},
		`{"properties": {"a": {"anyOf": [{"minimum": 3}, {"multipleOf": 2}]}}}`:                                        {`{"a": 2}`, `{"a": {"!anyOf": 1}}`},
		`{"properties": {"a": {"not": {"type": "string"}}, "b": {"const": "x"}, "c": {"contains": {"type": "null"}}}}`: {`{"a": 1, "b": "x", "c": [null]}`, `{"a": {"!not": ""}, "b": {"!const": "y"}, "c": {"!contains": []}}`},
		`{"allOf": [{"required": ["a"]}, {"properties": {"b": {"type": "string"}}}]}`:                                  {`{"a": 1}`, `{"!required a": 0, "b": {"!type": 1}}`},
		`{"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}}`:                        {`{"a": 1, "b": 1}`, `{"a": 1, "!required b": 0}`, `{"!required c": 0}`},
		`{"dependencies": {"a": ["b"], "c": {"minProperties": 2}}}`:                                                    {`{"a": 1, "b": 1}`, `{"a": 1, "!dependencies b": 0}`, `{"!minProperties": {"c": 1}}`},
		`{"propertyNames": {"maxLength": 2}}`:                                                                          {`{"ab": 1}`},
		`{"properties": {"a": {"type": ["integer", "null"], "multipleOf": 5, "exclusiveMaximum": 10}}}`:                {`{"a": 5.0}`, `{"a": {"!type": 5.5}}`, `{"a": {"!multipleOf": 7}}`, `{"a": {"!exclusiveMaximum": 10}}`},
	} {
		v, err := Compile([]byte(document))
		if err != nil {
			t.Errorf("%s: %v", document, err)
			continue
		}
		for _, fixture := range fixtures {
			record, marks := unmark(t, fixture)
			findings, err := v.Validate(record)
			if got := places(findings); err != nil || fmt.Sprint(got) != fmt.Sprint(marks) {
				t.Errorf("%s\n%s\n found %q %v\nmarked %q", document, record, got, err, marks)
			}
			for _, f := range findings {
				if f.Code == "" || f.Expected == "" {
					t.Errorf("%s: %+v", document, f)
				}
			}
		}
	}
}

// Any JSON for a document, any JSON for a record: an answer, never a panic.
func FuzzCompile(f *testing.F) {
	f.Add([]byte(customerDocument), []byte(`{"name":1e400}`))
	f.Add([]byte(`{"items":{"$ref":"#"},"enum":[1e400],"uniqueItems":true}`), []byte(`[[1e-400]]`))
	f.Add([]byte(`{"definitions":{"a":{"not":{"$ref":"#/definitions/a"}}}}`), []byte(`[]`))
	f.Fuzz(func(t *testing.T, document, record []byte) {
		v, err := Compile(document)
		if err != nil {
			return
		}
		if _, err := v.Validate(record); err == errJudge {
			t.Errorf("the judge panics on %s with %s", record, document)
		}
		v.Shape([]string{"a", "a.b", "a[]", "a[].b", "", "[]", "a[][]", "name"})
	})
}

// The automaton is only a faster way to say what package regexp says.
func TestPatternsAgreeWithPackageRegexp(t *testing.T) {
	expressions := rapid.StringMatching(`\^?(\(?(a|b|\[a-c\]|\[\^a\]|\.|é|\\d|\\b|\|)(\*|\+|\?|\{2\}|\{1,3\})?\)?){0,5}\$?`)
	texts := rapid.StringMatching(`[abc0éÿĀ東 \n-]{0,8}`)
	tables := 0
	rapid.Check(t, func(t *rapid.T) {
		p := newPattern(expressions.Draw(t, "expression"))
		if p == nil {
			return
		}
		if p.table != nil {
			tables++
		}
		for range 5 {
			text := strings.Replace(texts.Draw(t, "text"), "東", "\xc3", 1) // invalid UTF-8
			if got, want := p.match([]byte(text)), p.expression.MatchString(text); got != want {
				t.Fatalf("%s on %q: %v, package regexp says %v", p.expression, text, got, want)
			}
		}
	})
	if tables == 0 {
		t.Error("no expression got a table")
	}
	for expression, states := range map[string]int{"^[0-9a-fA-F]{24}$": 26,
		`^[0-9a-zA-ZÀ-ÿ_/<>\-.][0-9a-zA-ZÀ-ÿ_/<>\-. ]*$`: 3, `\bx`: 0, `(?m)^x`: 0, `a{100}`: 0} {
		p := newPattern(expression)
		if p.table == nil && states != 0 || p.table != nil && len(p.table.accept) != states {
			t.Errorf("%s: %v, want %d states", expression, p.table != nil, states)
		}
	}
}
