package engage

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/schema/klass"
)

// A PropertyType is a type of customer property in Sinch Engage, and what it becomes in Kustomer.
type PropertyType struct {
	Name   string // as Engage calls it
	Suffix string // of the attribute it becomes
	Rule   string // what becomes of a value, and how it comes back
}

// PropertyTypes are the types of customer properties. The slice belongs to the caller.
func PropertyTypes() []PropertyType {
	return []PropertyType{
		{"Number", "Num", "the same number"},
		{"Text", "Txt", "the same text"},
		{"Word", "Str", "the same word"},
		{"Single choice", "Str", "the same choice; the set of choices is the attribute's enumeration"},
		{"Multiple choice", "Txt", "no counterpart: the choices as they stand in the cell, as one text; split at " +
			"semicolons, commas or bars they come back"},
		{"Location", "Txt", "no counterpart: the place word for word"},
		{"Date", "At", "midnight UTC of that date; its first ten characters come back"},
		{"Time", "Str", "no counterpart: the time of day as HH:MM, as text"},
	}
}

// A Definition is one customer property of Engage.
type Definition struct {
	Name     string   // technical name, without spaces; what the column of customers is called
	Label    string   // what people see
	Type     string   // one of PropertyTypes
	Choices  []string // of Single choice and Multiple choice
	Customer string   // whether the customer sees it, as it was written; "" unsaid
	Agent    string   // whether the agent sees it
	Access   string   // access control for users

	Attribute string // name of the attribute it becomes
	Line      int    // in its file
}

// Definitions are the customer properties of one Engage account.
type Definitions struct {
	File       string
	Channel    string // of the customers' numbers, in lower case: "whatsapp", "telegram", …
	Properties []Definition
}

// phoneChannels are the channels whose number is a phone number. Of every other channel it is an opaque id.
var phoneChannels = []string{"whatsapp", "sms"}

// IsPhone reports whether the customers' number is a phone number.
func (d *Definitions) IsPhone() bool { return slices.Contains(phoneChannels, d.Channel) }

// For is the definition of a column of customers, nil where it is none: capitals and space around it do not count.
func (d *Definitions) For(column string) *Definition {
	for i := range d.Properties {
		if strings.EqualFold(d.Properties[i].Name, strings.TrimSpace(column)) {
			return &d.Properties[i]
		}
	}
	return nil
}

// Klass is what the properties become on the Customer Klass.
func (d *Definitions) Klass() *klass.Klass {
	k := &klass.Klass{Name: "customer"}
	for _, p := range d.Properties {
		a := klass.Attribute{Name: p.Attribute, Type: klass.TypeOf(p.Attribute, ""), Display: p.Label, Active: true}
		if p.Type == "Single choice" {
			a.Enumeration = p.Choices
		}
		k.Attributes = append(k.Attributes, a)
	}
	slices.SortFunc(k.Attributes, func(a, b klass.Attribute) int { return strings.Compare(a.Name, b.Name) })
	return k
}

// Mapping is the mapping file by which a table of customers becomes records: number by its channel, name, and one
// attribute for each property. What has no counterpart in Kustomer stands in its comments.
func (d *Definitions) Mapping() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Customers of Sinch Engage, by the customer properties in %s.\nversion: 1\nkind: customer\n", d.File)
	if d.IsPhone() {
		b.WriteString("keys: [phone] # the number, with its country code\n")
	} else {
		b.WriteString("keys: [externalId] # an id of the channel's, which is no phone number\n")
	}
	b.WriteString("unmapped: error\nmissing: error\ndates: {layout: YYYY-MM-DD}\ncolumns:\n")
	switch {
	case d.Channel == "whatsapp":
		b.WriteString("  number: [{to: phones, type: mobile, prefix: \"+\"}, {to: whatsapps, prefix: \"+\"}]\n")
	case d.IsPhone():
		b.WriteString("  number: {to: phones, type: mobile, prefix: \"+\"}\n")
	default:
		fmt.Fprintf(&b, "  number: {to: externalId, prefix: %s}\n", quotedYAML(d.Channel+":"))
	}
	b.WriteString("  name: {to: name, optional: true}\n")
	for _, p := range d.Properties {
		fmt.Fprintf(&b, "  %s: {to: custom.%s, optional: true} # %s\n", quotedYAML(p.Name), p.Attribute, p.remark())
	}
	return b.Bytes()
}

// remark is what an entry says of its property beside where it goes.
func (p *Definition) remark() string {
	text := p.Type
	for _, one := range [][2]string{{"customer sees it", p.Customer}, {"agent sees it", p.Agent}, {"access", p.Access}} {
		if one[1] != "" {
			text += "; " + one[0] + ": " + strings.Join(strings.Fields(one[1]), " ")
		}
	}
	return text
}

func quotedYAML(text string) string {
	out, _ := yaml.Marshal(text) // a text always marshals
	return strings.TrimSpace(string(out))
}

// Back is the property's value in Engage's form, of the attribute's value as text: it undoes what the import did.
func (p *Definition) Back(value string) string {
	if p.Type == "Date" && len(value) > len("2006-01-02") {
		return value[:len("2006-01-02")]
	}
	return value
}

// NumberBack is a customer's number in Engage's form, of its phone number or external id.
func (d *Definitions) NumberBack(value string) string {
	if d.IsPhone() {
		return strings.TrimPrefix(value, "+")
	}
	return strings.TrimPrefix(value, d.Channel+":")
}

// Carried says, in words, what of the definitions Kustomer has no place for; it stays in their file and in the
// mapping's comments.
func (d *Definitions) Carried() (notes []string) {
	without := map[string][]string{}
	seen := 0
	for _, p := range d.Properties {
		switch p.Type {
		case "Multiple choice", "Location", "Time":
			without[p.Type] = append(without[p.Type], p.Name)
		}
		if p.Customer+p.Agent+p.Access != "" {
			seen++
		}
	}
	for _, t := range PropertyTypes() {
		if names := without[t.Name]; names != nil {
			notes = append(notes, fmt.Sprintf("%s (%s): %s", t.Name, strings.Join(names, ", "), t.Rule))
		}
	}
	if seen > 0 {
		notes = append(notes, fmt.Sprintf("who may see or change a property, said of %d: stays in %s; in Kustomer roles "+
			"and layouts say so", seen, d.File))
	}
	return notes
}
