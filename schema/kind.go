package schema

import (
	"encoding/json"
	"fmt"
	"strconv"

	"muster/pipeline/object"
	"muster/schema/klass"
)

// NewKindValidator makes the validator of records of a kind that is no customer. They may name others by references
// instead of by ids: that one of both is there is for the caller to check. Otherwise it is as NewValidator.
func NewKindValidator(kind *object.Kind, k *klass.Klass) (*Validator, error) {
	doc, err := kindSchema(kind, k)
	if err != nil {
		return nil, err
	}
	return newValidator(doc, k, true)
}

// kindSchema is the schema of a kind's records, made of its description. The lists that it has in common with customers
// are theirs.
func kindSchema(kind *object.Kind, k *klass.Klass) (*document, error) {
	root, err := decode([]byte(customerDocument))
	if err != nil {
		return nil, fmt.Errorf("customer.schema.json: %w", err)
	}
	fields := root.(map[string]any)
	theirs := fields["properties"].(map[string]any)
	custom := theirs["custom"].(map[string]any)
	if k == nil {
		custom["patternProperties"] = bySuffix()
	} else {
		custom["properties"] = byName(k, fields["definitions"].(map[string]any))
	}
	properties := map[string]any{}
	named := map[string]bool{}
	for _, r := range kind.References {
		properties[r.Key()] = map[string]any{"type": "string", "minLength": number(1), "maxLength": number(r.Max)}
		named[r.Field] = true
	}
	required := []any{}
	for _, f := range kind.Fields {
		if properties[f.Name] = theirs[f.Name]; f.Name == "domains" {
			properties[f.Name] = domains()
		} else if properties[f.Name] == nil || f.Type != object.List && f.Type != object.Custom && f.Name != "tags" {
			properties[f.Name] = fieldSchema(&f)
		}
		if f.Must && !named[f.Name] {
			required = append(required, f.Name)
		}
	}
	fields["title"] = "Kustomer " + kind.Name
	fields["properties"], fields["required"] = properties, required
	return checkDocument(root)
}

func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }

func domains() map[string]any {
	return map[string]any{"type": "array", "maxItems": number(10), "uniqueItems": true, "items": map[string]any{
		"type": "object", "additionalProperties": false, "required": []any{"domain"}, "properties": map[string]any{
			"domain": map[string]any{"type": "string", "pattern": `^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)+$`,
				"description": "a domain such as acme.example, without https://"}}}}
}

// fieldSchema is what one field of a kind allows.
func fieldSchema(f *object.Field) map[string]any {
	s := map[string]any{}
	kind := "string"
	switch f.Type {
	case object.Number:
		kind = "number"
	case object.Whole:
		kind = "integer"
	case object.Bool:
		kind = "boolean"
	case object.Moment:
		s["format"] = "date-time"
	case object.URL:
		s["format"] = "uri"
	case object.OneOf:
		choices := []any{}
		for _, c := range f.Choices {
			choices = append(choices, c)
		}
		s["enum"] = choices
	case object.Words:
		kind = "array"
		s["maxItems"], s["uniqueItems"] = number(f.Items), true
		s["items"] = map[string]any{"type": "string", "format": "uri"} // tags are as customers have them
		if f.Name == object.Attachments {
			s["items"] = map[string]any{"type": "string", "minLength": number(1)}
		}
	case object.Members:
		kind = "object"
		s["additionalProperties"] = false
		members := map[string]any{}
		for _, name := range f.Of {
			members[name] = map[string]any{"type": "string"}
		}
		s["properties"] = members
	case object.Free:
		kind = "object"
	case object.ID:
		if f.Name != "externalId" { // it names another record
			return objectID()
		}
	}
	if s["type"] = kind; f.Null {
		s["type"] = []any{kind, "null"}
	}
	if f.Min > 0 && kind == "string" {
		s["minLength"] = number(f.Min)
	}
	if f.Max > 0 && kind == "string" {
		s["maxLength"] = number(f.Max)
	}
	if f.Low < f.High {
		s["minimum"], s["maximum"] = json.Number(strconv.FormatFloat(f.Low, 'f', -1, 64)),
			json.Number(strconv.FormatFloat(f.High, 'f', -1, 64))
	}
	return s
}
