package schema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"muster/schema/klass"
)

//go:embed customer.schema.json
var customerDocument string

// CustomerDocument is the embedded draft-07 schema of the create-customer body, without the org's own attributes. The
// copy belongs to the caller.
func CustomerDocument() []byte { return []byte(customerDocument) }

// customerSchema is the embedded document with its custom object completed: by the Klass, or by suffix when k is nil.
func customerSchema(k *klass.Klass) (*document, error) {
	root, err := decode([]byte(customerDocument))
	if err != nil {
		return nil, fmt.Errorf("customer.schema.json: %w", err)
	}
	fields := root.(map[string]any)
	custom := fields["properties"].(map[string]any)["custom"].(map[string]any)
	definitions := fields["definitions"].(map[string]any)
	addCompany(fields["properties"].(map[string]any))
	fields["properties"].(map[string]any)[OwnID] = objectID()
	if k == nil {
		custom["patternProperties"] = bySuffix()
	} else {
		custom["properties"] = byName(k, definitions)
	}
	return checkDocument(root)
}

// conversationSchema is what a conversation may be described with: its id, and attributes. They are typed as those of
// customers are; the org's Klass of conversations says which there are, or, when k is nil, their suffixes.
func conversationSchema(k *klass.Klass) (*document, error) {
	root, err := decode([]byte(customerDocument))
	if err != nil {
		return nil, fmt.Errorf("customer.schema.json: %w", err)
	}
	fields := root.(map[string]any)
	custom := fields["properties"].(map[string]any)["custom"].(map[string]any)
	definitions := fields["definitions"].(map[string]any)
	if k == nil {
		custom["patternProperties"] = bySuffix()
	} else {
		custom["properties"] = byName(k, definitions)
	}
	fields["title"] = "Kustomer conversation, as it is described"
	// Without attributes there is nothing to describe: the SDKs require both (https://developer.kustomer.com/chat-sdk,
	// describeConversation).
	fields["required"], custom["minProperties"] = []any{"id", "custom"}, json.Number("1")
	fields["properties"] = map[string]any{
		"id":     objectID(),
		"custom": custom,
	}
	return checkDocument(root)
}

// How many characters the name of a company has (https://developer.kustomer.com/api/core-resources/create-company).
const (
	ShortestCompanyName = 3
	LongestCompanyName  = 256
)

// OwnID is the member of a record that names its customer by Kustomer's own id; the org does not get it.
const OwnID = "customerId"

// addCompany adds what a record says of its company before that is found or made: the org gets its id in their place.
func addCompany(properties map[string]any) {
	for _, name := range CompanyFields() {
		properties[name] = map[string]any{"type": "string", "minLength": json.Number("1"), "maxLength": json.Number("256")}
	}
	properties["companyName"].(map[string]any)["minLength"] = json.Number(strconv.Itoa(ShortestCompanyName))
}

func objectID() map[string]any {
	return map[string]any{"type": "string", "pattern": "^[0-9a-fA-F]{24}$",
		"description": "an id of 24 characters, 0 to 9 and a to f"}
}

// CompanyFields are the two members of a record that name its company by other means than its id: by external id, and
// by name.
func CompanyFields() []string { return []string{"companyExternalId", "companyName"} }

// bySuffix types any name by how it ends.
func bySuffix() map[string]any {
	patterns := map[string]any{}
	for _, suffix := range klass.Suffixes() {
		patterns[`[\s\S]`+suffix+"$"] = map[string]any{"$ref": "#/definitions/custom" + suffix}
	}
	return patterns
}

// byName types the active attributes of a Klass.
func byName(k *klass.Klass, definitions map[string]any) map[string]any {
	properties := map[string]any{}
	for _, a := range k.Attributes {
		if a.Active {
			properties[a.Name] = schemaOf(a, definitions)
		}
	}
	return properties
}

// schemaOf is what an attribute allows: its type's definition, its enumeration, a list of them; always null, which
// clears it.
func schemaOf(a klass.Attribute, definitions map[string]any) any {
	definition, known := definitions["custom"+a.Type].(map[string]any)
	if !known {
		return true
	}
	one := map[string]any{"$ref": "#/definitions/custom" + a.Type}
	if len(a.Enumeration) > 0 {
		one = map[string]any{}
		for name, value := range definition {
			one[name] = value
		}
		var choices []any
		for _, choice := range a.Enumeration {
			if !slices.Contains(choices, any(choice)) { // the judge refuses a schema that names one twice
				choices = append(choices, choice)
			}
		}
		one["enum"] = append(choices, nil)
	}
	if a.Array {
		return map[string]any{"type": []any{"array", "null"}, "items": one}
	}
	return one
}
