package schema

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/xeipuuv/gojsonschema"

	"muster/schema/klass"
)

// A judge is a document as xeipuuv/gojsonschema holds it. It decides; everything else here only saves it work.
type judge struct {
	whole *gojsonschema.Schema
	// bySuffix, when not nil, judges the properties of custom one by one: the library compiles the expressions of
	// patternProperties anew for every record, which costs five times the rest.
	bySuffix map[string]*gojsonschema.Schema
}

// A complaint is what the judge has against a value.
type complaint struct {
	at      []string // the steps to the value: "emails", "0", "email"
	keyword string
	// the last step is not there, or may not be: it is what a keyword about properties names
	isName  bool
	details gojsonschema.ErrorDetails // the keyword's value, under a name of the library's
}

// newJudge compiles a document. customBySuffix: its custom object types its properties by patternProperties.
func newJudge(doc *document, customBySuffix bool) (*judge, error) {
	registerFormats()
	root := judgedSchema(doc.root)
	j := &judge{}
	if customBySuffix {
		j.bySuffix = map[string]*gojsonschema.Schema{}
		fields := root.(map[string]any)
		custom := fields["properties"].(map[string]any)["custom"].(map[string]any)
		delete(custom, "patternProperties")
		delete(custom, "additionalProperties")
		for _, suffix := range klass.Suffixes() {
			compiled, err := compile(fields["definitions"].(map[string]any)["custom"+suffix], doc.draft)
			if err != nil {
				return nil, err
			}
			j.bySuffix[suffix] = compiled
		}
	}
	var err error
	j.whole, err = compile(root, doc.draft)
	return j, err
}

// compile hands a schema to the library, which panics on some documents it should refuse.
func compile(root any, draft int) (compiled *gojsonschema.Schema, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = errors.New("the schema cannot be compiled: a keyword's value is of the wrong kind")
		}
	}()
	loader := gojsonschema.NewSchemaLoader()
	loader.AutoDetect = false
	loader.Draft = map[int]gojsonschema.Draft{4: gojsonschema.Draft4, 6: gojsonschema.Draft6,
		7: gojsonschema.Draft7}[draft]
	if compiled, err = loader.Compile(gojsonschema.NewRawLoader(root)); err != nil {
		return nil, fmt.Errorf("the schema cannot be compiled: %w", err)
	}
	return compiled, nil
}

// judgedSchema copies a schema for the library: without what says nothing about values, whose content it might take for
// references, and with the formats of this package under their own names.
func judgedSchema(node any) any {
	fields, ok := node.(map[string]any)
	if !ok {
		return node
	}
	kept := map[string]any{}
	for name, value := range fields {
		k, known := keywords[name]
		if !known || k.reading == remark && k.nests == none {
			continue
		}
		switch value := value.(type) {
		case string:
			kept[name] = value
			if name == "format" && formatRule(value) != nil {
				kept[name] = judged(value)
			}
		case []any:
			kept[name] = value
			if k.nests == list || k.nests == singleOrList {
				kept[name] = judgedList(value)
			}
		case map[string]any:
			kept[name] = value
			switch k.nests {
			case single, singleOrList:
				kept[name] = judgedSchema(value)
			case named, namedOrNames:
				kept[name] = judgedNames(value)
			}
		default:
			kept[name] = value
		}
	}
	return kept
}

func judgedList(nodes []any) []any {
	kept := make([]any, len(nodes))
	for i, node := range nodes {
		kept[i] = judgedSchema(node)
	}
	return kept
}

func judgedNames(nodes map[string]any) map[string]any {
	kept := map[string]any{}
	for name, node := range nodes {
		kept[name] = judgedSchema(node)
	}
	return kept
}

// errJudge stands for a panic of the library, whose text may hold the value.
var errJudge = errors.New("the record cannot be judged")

// complaints judges a value decoded with json.Number, in no order. The error means that the library panicked, which no
// value is known to make it do.
func (j *judge) complaints(value any) (found []complaint, err error) {
	defer func() {
		if recover() != nil {
			found, err = nil, errJudge
		}
	}()
	if found, err = judgeWith(j.whole, nil, value, nil); err != nil || j.bySuffix == nil {
		return found, err
	}
	record, _ := value.(map[string]any)
	custom, _ := record["custom"].(map[string]any)
	for name, value := range custom {
		at := []string{"custom", name}
		schema := j.bySuffix[klass.TypeOf(name, "")]
		if schema == nil {
			found = append(found, complaint{at: at, keyword: "additionalProperties", isName: true})
			continue
		}
		if found, err = judgeWith(schema, at, value, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// judgeWith appends the complaints of one compiled schema about a value that stands at the steps above.
func judgeWith(schema *gojsonschema.Schema, above []string, value any, found []complaint) ([]complaint, error) {
	result, err := schema.Validate(gojsonschema.NewRawLoader(value))
	if err != nil {
		return nil, errJudge
	}
	for _, e := range result.Errors() {
		c := complaint{at: append([]string(nil), above...), keyword: judgeKeywords[e.Type()], details: e.Details()}
		// The context begins with (root); NUL cannot stand in a name the way a dot can.
		if _, below, inside := strings.Cut(e.Context().String("\x00"), "\x00"); inside {
			c.at = append(c.at, strings.Split(below, "\x00")...)
		}
		if name, ok := nameIn(c.details); ok {
			c.at, c.isName = append(c.at, name), true
		}
		found = append(found, c)
	}
	return found, nil
}

// nameIn is the property a complaint is about: the value the path leads to is then the one that is missing or too many.
func nameIn(details gojsonschema.ErrorDetails) (name string, ok bool) {
	if name, ok = details["property"].(string); !ok {
		name, ok = details["dependency"].(string)
	}
	return name, ok
}

// judgeKeywords translates the library's kinds of error.
var judgeKeywords = map[string]string{
	"required": "required", "invalid_type": "type", "number_any_of": "anyOf", "number_one_of": "oneOf",
	"number_all_of": "allOf",
	"number_not":    "not", "missing_dependency": "dependencies", "const": "const", "enum": "enum",
	"array_no_additional_items": "additionalItems", "array_min_items": "minItems", "array_max_items": "maxItems",
	"unique": "uniqueItems", "contains": "contains", "array_min_properties": "minProperties",
	"array_max_properties": "maxProperties", "additional_property_not_allowed": "additionalProperties",
	"invalid_property_name": "propertyNames", "string_gte": "minLength", "string_lte": "maxLength", "pattern": "pattern",
	"format": "format", "multiple_of": "multipleOf", "number_gte": "minimum", "number_gt": "exclusiveMinimum",
	"number_lte": "maximum", "number_lt": "exclusiveMaximum", "condition_then": "then", "condition_else": "else",
	"false": "false",
}

// word turns a complaint into a finding. The words come from the schema that stands at the place; where the place alone
// does not tell which schema that was (inside anyOf and the like), from the library's details.
func (v *Validator) word(c complaint) Finding {
	holder, name := c.at, ""
	if c.isName {
		holder, name = c.at[:len(c.at)-1], c.at[len(c.at)-1]
	}
	fields := v.doc.at(holder)
	if _, says := fields[c.keyword]; !says {
		fields = detailFields(c)
	}
	return v.finding(strings.Join(c.at, "."), c.keyword, fields, name)
}

// detailFields makes a schema of the one keyword from what the library says of it.
func detailFields(c complaint) map[string]any {
	switch c.keyword {
	case "type":
		text, _ := c.details["expected"].(string)
		var names []any
		for _, name := range strings.Split(strings.Trim(text, "[]"), ",") {
			names = append(names, name)
		}
		return map[string]any{c.keyword: names}
	case "enum":
		return map[string]any{c.keyword: []any{c.details["allowed"]}}
	case "const":
		return map[string]any{c.keyword: c.details["allowed"]}
	case "pattern":
		if expression, ok := c.details["pattern"].(*regexp.Regexp); ok {
			return map[string]any{c.keyword: expression.String()}
		}
	case "format":
		return map[string]any{c.keyword: c.details["format"]}
	}
	for _, detail := range []string{"min", "max", "multiple"} {
		if value, ok := c.details[detail]; ok {
			return map[string]any{c.keyword: fmt.Sprint(value)}
		}
	}
	return map[string]any{}
}
