package command

import (
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

// described is what the Web SDK's describeCustomer hands to its callback.
type described struct {
	Phones     []string                   `json:"phones"`
	Emails     []string                   `json:"emails"`
	Socials    []describedSocial          `json:"socials"`
	CustomerID string                     `json:"customerId"`
	Custom     map[string]json.RawMessage `json:"custom,omitempty"`
}

// describedSocial is one account in a describeCustomer callback.
type describedSocial struct {
	Username string `json:"username"`
	Type     string `json:"type"`
}

// describe gives a customer in the shape of describeCustomer's callback. The customer's own lists come first, then the
// shared ones, where newer SDKs put what they are told; what is in both is named once.
func describe(p *kustomer.Profile) described {
	d := described{Phones: []string{}, Emails: []string{}, Socials: []describedSocial{}, CustomerID: p.ID,
		Custom: p.Custom}
	for _, one := range slices.Concat(p.Phones, p.SharedPhones) {
		d.Phones = appendNew(d.Phones, one.Phone)
	}
	for _, one := range slices.Concat(p.Emails, p.SharedEmails) {
		d.Emails = appendNew(d.Emails, one.Email)
	}
	for _, one := range slices.Concat(p.Socials, p.SharedSocials) {
		d.Socials = appendNew(d.Socials, describedSocial{Username: one.Username, Type: one.Type})
	}
	return d
}

func appendNew[T comparable](list []T, one T) []T {
	if slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}

// describedConversation is what the SDKs' describeConversation hands to its callback.
type describedConversation struct {
	ConversationID string          `json:"conversationId"`
	Custom         json.RawMessage `json:"custom,omitempty"`
}

// describeConversation gives a conversation in the shape of describeConversation's callback.
func describeConversation(c *kustomer.Conversation) describedConversation {
	d := describedConversation{ConversationID: c.ID}
	if custom := c.Attributes["custom"]; !customer.IsNull(custom) {
		d.Custom = custom
	}
	return d
}

// conversationLines lists what a conversation has, in order of name.
func conversationLines(c *kustomer.Conversation) []profileLine {
	lines := []profileLine{{"id", c.ID}}
	if c.Customer != "" {
		lines = append(lines, profileLine{"customer", c.Customer})
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
		lines = append(lines, profileLine{name, said(reflect.ValueOf(attributes[name]))})
	}
	return lines
}

// engageCustomer gives a customer in Engage's form: number, name and the properties of the definitions that it has.
func engageCustomer(p *kustomer.Profile, d *engage.Definitions) map[string]json.RawMessage {
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

// profileLine is one attribute of a customer for people.
type profileLine struct{ Name, Value string }

// profileLines lists what a customer has, in the order of the documentation; several values of one attribute follow
// each other.
func profileLines(p *kustomer.Profile) []profileLine {
	var lines []profileLine
	v := reflect.ValueOf(*p)
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		lines = appendLines(lines, name, v.Field(i))
	}
	return lines
}

func appendLines(lines []profileLine, name string, v reflect.Value) []profileLine {
	switch {
	case v.Kind() != reflect.Bool && v.IsZero(), v.Kind() == reflect.Struct && said(v) == "":
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			lines = append(lines, profileLine{name, said(v.Index(i))})
		}
	case v.Kind() == reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			lines = append(lines, profileLine{name + "." + key.String(), said(v.MapIndex(key))})
		}
	default:
		lines = append(lines, profileLine{name, said(v)})
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
