package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Where the documented limits stand.
const (
	createCustomer   = "https://developer.kustomer.com/api/core-resources/create-customer"
	createCompany    = "https://developer.kustomer.com/api/core-resources/create-company"
	customAttributes = "https://developer.kustomer.com/docs/concepts/custom-attributes"
)

// documented is one place of a customer, as the CRM documents it.
type documented struct{ field, kind, limits, source string }

// documentedFields are all places of the create-customer body (Kustomer's OpenAPI document, Core Resources 1.0), those
// of custom by their suffix, and what muster itself reads of a record and does not send.
func documentedFields() []documented {
	return []documented{
		{"", "object", "closed", createCustomer},
		{"name", "string|null", "maxLength 256", createCustomer},
		{"company", "string|null", "", createCustomer},
		{"externalId", "string|null", "minLength 1; maxLength 256", createCustomer},
		{"username", "string|null", "maxLength 256", createCustomer},
		{"signedUpAt", "string|null", "format date-time", createCustomer},
		{"lastActivityAt", "string|null", "format date-time", createCustomer},
		{"lastCustomerActivityAt", "string|null", "format date-time", createCustomer},
		{"lastSeenAt", "string|null", "format date-time", createCustomer},
		{"avatarUrl", "string|null", "format uri", createCustomer},
		{"externalIds", "array", "maxItems 10; uniqueItems", createCustomer},
		{"externalIds[]", "object", "closed; required externalId", createCustomer},
		{"externalIds[].externalId", "string", "minLength 1; maxLength 255", createCustomer},
		{"externalIds[].verified", "boolean", "", createCustomer},
		{"sharedExternalIds", "array", "maxItems 10; uniqueItems", createCustomer},
		{"sharedExternalIds[]", "object", "closed; required externalId", createCustomer},
		{"sharedExternalIds[].externalId", "string", "minLength 1; maxLength 255", createCustomer},
		{"sharedExternalIds[].verified", "boolean", "", createCustomer},
		{"emails", "array", "maxItems 10; uniqueItems", createCustomer},
		{"emails[]", "object", "closed; required email", createCustomer},
		{"emails[].type", "string", "enum home,work,other", createCustomer},
		{"emails[].email", "string", "format email-relaxed", createCustomer},
		{"emails[].verified", "boolean", "", createCustomer},
		{"sharedEmails", "array", "maxItems 10; uniqueItems", createCustomer},
		{"sharedEmails[]", "object", "closed; required email", createCustomer},
		{"sharedEmails[].type", "string", "enum home,work,other", createCustomer},
		{"sharedEmails[].email", "string", "format email-relaxed", createCustomer},
		{"sharedEmails[].verified", "boolean", "", createCustomer},
		{"phones", "array", "maxItems 10; uniqueItems", createCustomer},
		{"phones[]", "object", "closed; required phone", createCustomer},
		{"phones[].type", "string", "enum mobile,home,work,fax,other", createCustomer},
		{"phones[].phone", "string", "format phone-number", createCustomer},
		{"phones[].verified", "boolean", "", createCustomer},
		{"sharedPhones", "array", "maxItems 10; uniqueItems", createCustomer},
		{"sharedPhones[]", "object", "closed; required phone", createCustomer},
		{"sharedPhones[].type", "string", "enum mobile,home,work,fax,other", createCustomer},
		{"sharedPhones[].phone", "string", "format phone-number", createCustomer},
		{"sharedPhones[].verified", "boolean", "", createCustomer},
		{"whatsapps", "array", "maxItems 10; uniqueItems", createCustomer},
		{"whatsapps[]", "object", "closed; required phone", createCustomer},
		{"whatsapps[].type", "string", "enum mobile", createCustomer},
		{"whatsapps[].phone", "string", "format whatsapp-number", createCustomer},
		{"whatsapps[].verified", "boolean", "", createCustomer},
		{"facebookIds", "array", "maxItems 10; uniqueItems", createCustomer},
		{"facebookIds[]", "object", "closed; required pageId,userId", createCustomer},
		{"facebookIds[].pageId", "string", "maxLength 255", createCustomer},
		{"facebookIds[].userId", "string", "maxLength 255", createCustomer},
		{"facebookIds[].name", "string", "maxLength 255", createCustomer},
		{"instagramIds", "array", "maxItems 10; uniqueItems", createCustomer},
		{"instagramIds[]", "object", "closed; required pageId,threadId,username", createCustomer},
		{"instagramIds[].pageId", "string", "maxLength 255", createCustomer},
		{"instagramIds[].threadId", "string", "maxLength 255", createCustomer},
		{"instagramIds[].username", "string", "maxLength 255", createCustomer},
		{"instagramIds[].instagramId", "string", "maxLength 255", createCustomer},
		{"socials", "array", "maxItems 10; uniqueItems", createCustomer},
		{"socials[]", "object", "closed; required type,username", createCustomer},
		{"socials[].type", "string", "enum twitter,facebook,instagram,linkedin,pinterest", createCustomer},
		{"socials[].userid", "string", "maxLength 256", createCustomer},
		{"socials[].username", "string", "minLength 1; maxLength 256", createCustomer},
		{"socials[].url", "string", "format uri", createCustomer},
		{"socials[].verified", "boolean", "", createCustomer},
		{"sharedSocials", "array", "maxItems 10; uniqueItems", createCustomer},
		{"sharedSocials[]", "object", "closed; required type,username", createCustomer},
		{"sharedSocials[].type", "string", "enum twitter,facebook,instagram,linkedin,pinterest", createCustomer},
		{"sharedSocials[].userid", "string", "maxLength 256", createCustomer},
		{"sharedSocials[].username", "string", "minLength 1; maxLength 256", createCustomer},
		{"sharedSocials[].url", "string", "format uri", createCustomer},
		{"sharedSocials[].verified", "boolean", "", createCustomer},
		{"urls", "array", "maxItems 10; uniqueItems", createCustomer},
		{"urls[]", "object", "closed; required url", createCustomer},
		{"urls[].type", "string", "enum website,blog,other", createCustomer},
		{"urls[].url", "string", "format url", createCustomer},
		{"locations", "array", "maxItems 10; uniqueItems", createCustomer},
		{"locations[]", "object", "closed", createCustomer},
		{"locations[].type", "string|null", "enum home,work,other", createCustomer},
		{"locations[].name", "string|null", "", createCustomer},
		{"locations[].address", "string|null", "maxLength 256", createCustomer},
		{"locations[].address2", "string|null", "maxLength 256", createCustomer},
		{"locations[].address3", "string|null", "maxLength 256", createCustomer},
		{"locations[].latitude", "number|null", "", createCustomer},
		{"locations[].longitude", "number|null", "", createCustomer},
		{"locations[].countryCode", "string|null", "minLength 2; maxLength 2", createCustomer},
		{"locations[].countryName", "string|null", "maxLength 64", createCustomer},
		{"locations[].regionCode", "string|null", "maxLength 2", createCustomer},
		{"locations[].regionName", "string|null", "maxLength 128", createCustomer},
		{"locations[].cityName", "string|null", "maxLength 128", createCustomer},
		{"locations[].zipCode", "string|null", "maxLength 30", createCustomer},
		{"locations[].areaCode", "string|null", "maxLength 30", createCustomer},
		{"locale", "string|null", "maxLength 16", createCustomer},
		{"timeZone", "string|null", "maxLength 64", createCustomer},
		{"tags", "array", "maxItems 20; uniqueItems", createCustomer},
		{"tags[]", "string", "minLength 1; maxLength 64; pattern", createCustomer},
		{"sentiment", "object", "closed; required polarity,confidence", createCustomer},
		{"sentiment.polarity", "number", "enum -1,0,1", createCustomer},
		{"sentiment.confidence", "number", "minimum -1; maximum 1", createCustomer},
		{"custom", "object", "maxProperties 100; closed", createCustomer},
		{"birthdayAt", "string|null", "format date-time", createCustomer},
		{"gender", "string|null", "enum m,f", createCustomer},
		{"createdAt", "string", "format date-time", createCustomer},
		{"importedAt", "string", "format date-time", createCustomer},
		{"rev", "number", "", createCustomer},
		{"defaultLang", "string|null", "maxLength 100", createCustomer},
		{"custom.…Str", "string|null", "maxLength 1024", customAttributes},
		{"custom.…Txt", "string|null", "maxLength 1024", customAttributes},
		{"custom.…Num", "number|null", "", customAttributes},
		{"custom.…At", "string|null", "format date-time", customAttributes},
		{"custom.…Bool", "boolean|null", "", customAttributes},
		{"custom.…Url", "string|null", "format uri", customAttributes},
		{"custom.…Id", "string|null", "pattern", customAttributes},
		{"custom.…Tree", "string|null", "minLength 1; maxLength 1024", customAttributes},
		{"companyName", "string", "minLength 3; maxLength 256", createCompany},
		{"companyExternalId", "string", "minLength 1; maxLength 256", createCompany},
		{"customerId", "string", "pattern", createCustomer},
	}
}

// The schema is the documentation, field by field: none is missing, none is more, and every limit is the same.
func TestTheSchemaIsAsDocumented(t *testing.T) {
	doc, err := customerSchema(nil)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]documented{}
	describe(doc, "", doc.root, have)
	for _, want := range documentedFields() {
		got, there := have[want.field]
		if want.source = ""; !there || got != want {
			t.Errorf("%q is %q, documented %q", want.field, got.kind+" "+got.limits, want.kind+" "+want.limits)
		}
		delete(have, want.field)
	}
	for _, more := range have {
		t.Errorf("%q is not documented", more.field)
	}
}

// describe notes a place of the schema and all places below it.
func describe(doc *document, field string, node any, into map[string]documented) {
	fields, _, _ := doc.follow(node)
	one := documented{field: field}
	switch kind := fields["type"].(type) {
	case string:
		one.kind = kind
	case []any:
		for _, k := range kind {
			one.kind = strings.TrimPrefix(one.kind+"|"+k.(string), "|")
		}
	}
	var limits []string
	note := func(name string, value any) { limits = append(limits, strings.TrimSpace(name+" "+fmt.Sprint(value))) }
	for _, name := range []string{"minLength", "maxLength", "format", "enum", "minimum", "maximum", "maxItems",
		"uniqueItems", "maxProperties", "additionalProperties", "required", "pattern"} {
		switch value := fields[name].(type) {
		case string, json.Number:
			if name == "pattern" {
				value = ""
			}
			note(name, value)
		case bool:
			note(map[bool]string{true: name, false: "closed"}[value], "")
		case []any:
			value = slices.DeleteFunc(slices.Clone(value), func(one any) bool { return one == nil })
			note(name, strings.Trim(strings.ReplaceAll(fmt.Sprint(value), " ", ","), "[]"))
		}
	}
	one.limits = strings.Join(limits, "; ")
	into[field] = one
	for name, inner := range asMap(fields["properties"]) {
		describe(doc, strings.TrimPrefix(field+"."+name, "."), inner, into)
	}
	for name, inner := range asMap(fields["patternProperties"]) {
		describe(doc, field+".…"+strings.TrimSuffix(strings.TrimPrefix(name, `[\s\S]`), "$"), inner, into)
	}
	if items, ok := fields["items"]; ok {
		describe(doc, field+"[]", items, into)
	}
}

func asMap(value any) map[string]any {
	m, _ := value.(map[string]any)
	return m
}
