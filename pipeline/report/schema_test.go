package report

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/xeipuuv/gojsonschema"
)

// What is written is what the schema says, and the schema says all of it: here it is made strict first.
func TestReportsFitTheSchema(t *testing.T) {
	strict := compile(t, closed(t))
	for name, s := range pages() {
		for _, fault := range judge(t, strict, s) {
			t.Errorf("%s: %s", name, fault)
		}
	}
	broken := *pages()["problems"]
	broken.Statuses = append(broken.Statuses[:8:8], StatusCount{Status: "lost"})
	if len(judge(t, strict, &broken)) == 0 {
		t.Error("a status unheard of passes")
	}
}

func judge(t *testing.T, schema *gojsonschema.Schema, s *Summary) []gojsonschema.ResultError {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	result, err := schema.Validate(gojsonschema.NewBytesLoader(text))
	if err != nil {
		t.Fatal(err)
	}
	return result.Errors()
}

func compile(t *testing.T, document any) *gojsonschema.Schema {
	t.Helper()
	schema, err := gojsonschema.NewSchema(gojsonschema.NewGoLoader(document))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// closed is the schema with every object closed to fields that it does not name.
func closed(t *testing.T) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(Schema()), &document); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(node any) {
		object, is := node.(map[string]any)
		if !is {
			return
		}
		if properties, has := object["properties"].(map[string]any); has {
			object["additionalProperties"] = false
			for _, p := range properties {
				walk(p)
			}
		}
		walk(object["items"])
	}
	walk(document)
	return document
}

// Every field of Summary is in the schema with a description, and the schema has no other.
func TestSchemaNamesEveryField(t *testing.T) {
	var document map[string]any
	if err := json.Unmarshal([]byte(Schema()), &document); err != nil {
		t.Fatal(err)
	}
	compare(t, "report", document, reflect.TypeFor[Summary]())
}

func compare(t *testing.T, at string, node map[string]any, kind reflect.Type) {
	t.Helper()
	if node["description"] == nil {
		t.Errorf("%s is not described", at)
	}
	switch {
	case kind.Kind() == reflect.Pointer:
		compare(t, at, node, kind.Elem())
	case kind.Kind() == reflect.Slice:
		items, _ := node["items"].(map[string]any)
		compare(t, at+"[]", items, kind.Elem())
	case kind.Kind() == reflect.Struct && node["properties"] != nil:
		properties := node["properties"].(map[string]any)
		required, _ := node["required"].([]any)
		always := map[string]bool{}
		for _, r := range required {
			always[r.(string)] = true
		}
		for i := range kind.NumField() {
			name, options, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
			if name == "-" {
				continue // is told elsewhere than in report.json
			}
			p, has := properties[name].(map[string]any)
			if !has {
				t.Errorf("%s.%s is not in the schema", at, name)
				continue
			}
			if always[name] == strings.Contains(options, "omitempty") {
				t.Errorf("%s.%s: required is %v, options are %q", at, name, always[name], options)
			}
			compare(t, at+"."+name, p, kind.Field(i).Type)
			delete(properties, name)
		}
		for name := range properties {
			t.Errorf("%s.%s is no field of the report", at, name)
		}
	}
}
