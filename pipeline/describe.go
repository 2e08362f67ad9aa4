package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/schema/engage"
)

// FindProfile reads the customer that a key names: an id of 24 hex digits, an e-mail address, a phone number with its plus, else an
// external id. kind says which it is where that is not plain; "": as it looks.
func FindProfile(ctx context.Context, v *kustomer.Viewer, kind, key string) (*kustomer.Profile, error) {
	if kind == "" {
		kind = kindOfKey(key)
	}
	if kind != "id" {
		c, err := v.Lookup(ctx, kind, key)
		if err != nil {
			return nil, err
		}
		key = c.ID
	}
	return v.Profile(ctx, key)
}

func kindOfKey(key string) string {
	switch {
	case customer.IsObjectID(key):
		return "id"
	case strings.Contains(key, "@"):
		return "email"
	case strings.HasPrefix(key, "+"):
		return "phone"
	}
	return "externalId"
}

// Described is what the Web SDK's describeCustomer hands to its callback.
type Described struct {
	Phones     []string                   `json:"phones"`
	Emails     []string                   `json:"emails"`
	Socials    []DescribedSocial          `json:"socials"`
	CustomerID string                     `json:"customerId"`
	Custom     map[string]json.RawMessage `json:"custom,omitempty"`
}

// DescribedSocial is one account in a describeCustomer callback.
type DescribedSocial struct {
	Username string `json:"username"`
	Type     string `json:"type"`
}

// Describe gives a customer in the shape of describeCustomer's callback. The customer's own lists come first, then the shared ones,
// where newer SDKs put what they are told; what is in both is named once.
func Describe(p *kustomer.Profile) Described {
	d := Described{Phones: []string{}, Emails: []string{}, Socials: []DescribedSocial{}, CustomerID: p.ID, Custom: p.Custom}
	for _, one := range slices.Concat(p.Phones, p.SharedPhones) {
		d.Phones = appendNew(d.Phones, one.Phone)
	}
	for _, one := range slices.Concat(p.Emails, p.SharedEmails) {
		d.Emails = appendNew(d.Emails, one.Email)
	}
	for _, one := range slices.Concat(p.Socials, p.SharedSocials) {
		d.Socials = appendNew(d.Socials, DescribedSocial{Username: one.Username, Type: one.Type})
	}
	return d
}

func appendNew[T comparable](list []T, one T) []T {
	if slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}

// DescribedConversation is what the SDKs' describeConversation hands to its callback.
type DescribedConversation struct {
	ConversationID string          `json:"conversationId"`
	Custom         json.RawMessage `json:"custom,omitempty"`
}

// DescribeConversation gives a conversation in the shape of describeConversation's callback.
func DescribeConversation(c *kustomer.Conversation) DescribedConversation {
	d := DescribedConversation{ConversationID: c.ID}
	if custom := c.Attributes["custom"]; !customer.IsNull(custom) {
		d.Custom = custom
	}
	return d
}

// ConversationLines lists what a conversation has, in order of name.
func ConversationLines(c *kustomer.Conversation) []ProfileLine {
	lines := []ProfileLine{{"id", c.ID}}
	if c.Customer != "" {
		lines = append(lines, ProfileLine{"customer", c.Customer})
	}
	attributes := map[string]json.RawMessage{}
	for name, value := range c.Attributes {
		var custom map[string]json.RawMessage
		switch {
		case name == "custom" && json.Unmarshal(value, &custom) == nil:
			for name, value := range custom {
				attributes["custom."+name] = value
			}
		case !customer.IsNull(value):
			attributes[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		lines = append(lines, ProfileLine{name, said(reflect.ValueOf(attributes[name]))})
	}
	return lines
}

// EngageCustomer gives a customer in Engage's form: number, name and the properties of the definitions that it has.
func EngageCustomer(p *kustomer.Profile, d *engage.Definitions) map[string]json.RawMessage {
	row := map[string]json.RawMessage{}
	say := func(name, value string) {
		if value != "" {
			row[name], _ = json.Marshal(value) // a text always marshals
		}
	}
	say("name", p.Name)
	switch {
	case !d.IsPhone():
		say("number", d.NumberBack(p.ExternalID))
	case len(p.Whatsapps) > 0:
		say("number", d.NumberBack(p.Whatsapps[0].Phone))
	case len(p.Phones) > 0:
		say("number", d.NumberBack(p.Phones[0].Phone))
	}
	for _, property := range d.Properties {
		var text string
		value := p.Custom[property.Attribute]
		switch {
		case customer.IsNull(value):
		case json.Unmarshal(value, &text) == nil:
			say(property.Name, property.Back(text))
		default:
			row[property.Name] = value
		}
	}
	return row
}

// ProfileLine is one attribute of a customer for people.
type ProfileLine struct{ Name, Value string }

// ProfileLines lists what a customer has, in the order of the documentation; several values of one attribute follow each other.
func ProfileLines(p *kustomer.Profile) []ProfileLine {
	var lines []ProfileLine
	v := reflect.ValueOf(*p)
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		lines = appendLines(lines, name, v.Field(i))
	}
	return lines
}

func appendLines(lines []ProfileLine, name string, v reflect.Value) []ProfileLine {
	switch {
	case v.Kind() != reflect.Bool && v.IsZero(), v.Kind() == reflect.Struct && said(v) == "":
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			lines = append(lines, ProfileLine{name, said(v.Index(i))})
		}
	case v.Kind() == reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			lines = append(lines, ProfileLine{name + "." + key.String(), said(v.MapIndex(key))})
		}
	default:
		lines = append(lines, ProfileLine{name, said(v)})
	}
	return lines
}

// said is a value in words: of an item the main member first, then what else it has.
func said(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case time.Time:
		return kustomer.Stamp(value)
	case json.RawMessage:
		var text string
		if json.Unmarshal(value, &text) == nil {
			return text
		}
		return string(value)
	case *float64:
		return fmt.Sprint(*value)
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return fmt.Sprint(v.Interface())
	}
	main, rest := "", []string{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch one := v.Field(i); {
		case one.IsZero() && field.Type.Kind() != reflect.Int64, one.Kind() == reflect.Slice && one.Len() == 0:
		case field.Tag.Get("main") != "":
			main = said(one)
		case one.Kind() == reflect.Bool:
			rest = append(rest, name)
		case name == "type":
			rest = append([]string{said(one)}, rest...)
		default:
			rest = append(rest, name+" "+said(one))
		}
	}
	if main == "" {
		return strings.Join(rest, ", ")
	}
	if len(rest) == 0 {
		return main
	}
	return main + "  (" + strings.Join(rest, ", ") + ")"
}
