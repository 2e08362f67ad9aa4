package mappings

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	records "muster/pipeline/object"
	"muster/pipeline/spelling"
)

// kind reads what the records of a file are before all else, since what a target may be hangs on it.
func (p *parser) kind(root *yaml.Node) {
	for i := 0; root.Kind == yaml.MappingNode && i+1 < len(root.Content); i += 2 {
		name := root.Content[i+1].Value
		if root.Content[i].Value == "kind" && records.Called(name) != nil {
			p.mapping.Kind, p.mapping.fields = name, fieldsOf(records.Called(name))
		}
	}
}

// readKind refuses a kind that there is not.
func (p *parser) readKind(n *yaml.Node) {
	name, ok := p.text(n, "kind")
	if !ok || name == Customers || records.Called(name) != nil {
		return
	}
	known := append([]string{Customers}, records.Names()...)
	fix := "write " + strings.Join(known[:len(known)-1], ", ") + " or " + known[len(known)-1]
	if near := spelling.Nearest(name, known); near != "" && !strings.Contains(near, "<") {
		fix = "did you mean " + near + "?"
	}
	p.Mistake(n, fix, "kind cannot be %q", name)
}

// keyWords are by what a record of the mapping's kind is found.
func (m *Mapping) keyWords() string {
	if m.Kind == Conversations {
		return "id or external id"
	}
	return "external id"
}

// fieldsOf are the fields of a kind as mappings fill them, and the references by which its records name others.
func fieldsOf(k *records.Kind) fieldSet {
	var set fieldSet
	if k.Name == Conversations {
		set = append(set, *fields.named(conversationID))
	}
	for _, r := range k.References {
		one := field{name: r.Key(), called: r.Name, value: asLine, limit: "1 to " + strconv.Itoa(r.Max) + " characters",
			meaning: "its " + r.Field + ", by the " + identityWords(r.By) + " of the " + r.Kind}
		switch r.By {
		case "externalId":
			one.value = asID
		case "email":
			one.value = asEmail
		case "phone":
			one.value = asPhone
		}
		set = append(set, one)
	}
	for i := range k.Fields {
		set = append(set, fieldOf(&k.Fields[i]))
	}
	return set
}

func identityWords(by string) string {
	switch by {
	case "externalId":
		return "external id"
	case "email":
		return "e-mail address"
	case "phone":
		return "phone number"
	}
	return by
}

// describing finds out whether the file names conversations that are there, by Kustomer's ids: these are described with
// attributes, and nothing else of them is written.
func (b *binder) describing() {
	isID := func(t target) bool { return t.field != nil && t.field.called == conversationID }
	for _, one := range b.bindings {
		b.describes = b.describes || isID(one.target)
	}
	for i, name := range b.columns {
		b.describes = b.describes || b.mapping.Kind == Conversations && !b.taken[i] &&
			strings.EqualFold(strings.TrimSpace(name), conversationID)
	}
	if !b.describes {
		return
	}
	for _, one := range b.bindings {
		if t := one.target; t.field != nil && t.field.shape != custom && !isID(t) {
			b.mistake(Invalid, t.path(), "take it off; or map externalId in place of conversationId, and conversations are made",
				nil,
				"%s goes to %s, and a conversation that is named by its id is described with attributes alone", b.name(one.column),
				t.path())
		}
	}
}

// takes reports whether a column can go to a target because of its own name.
func (b *binder) takes(t target) bool {
	return b.mapping.takes(t) && (!b.describes || t.field.shape == custom || t.field.called == conversationID)
}

// fieldOf is one field as mappings fill it.
func fieldOf(f *records.Field) field {
	one := field{name: f.Name, null: f.Null && f.When == records.Always, limit: limitOf(f), meaning: f.Meaning}
	switch f.Type {
	case records.Line, records.OneOf:
		one.value = asLine
	case records.ID:
		one.value = asID
	case records.Number, records.Whole:
		one.value = asNumber
	case records.Bool:
		one.value = asBool
	case records.Moment:
		one.value = asDate
	case records.URL:
		one.value = asURL
	case records.Words:
		one.shape, one.items = words, f.Items
		if f.Name == records.Attachments {
			one.value = asLine
		} else if f.Name != "tags" {
			one.value = asURL
		}
	case records.Members:
		one.shape = object
		for _, name := range f.Of {
			one.members = append(one.members, member{name: name, value: asLine})
		}
	case records.Free:
		one.value = asObject
	case records.Custom:
		one.shape = custom
	case records.List:
		if f.Name == "domains" {
			return domainsField(f)
		}
		one = *fields.named(f.Name)
		one.key = noIdentity // what tells customers apart tells nothing of companies
	}
	if f.Name == "externalId" {
		one.key = externalIdentity
	}
	return one
}

func domainsField(f *records.Field) field {
	return field{name: f.Name, shape: list, items: f.Items, same: []ListKey{{"domain", Folded}}, meaning: f.Meaning,
		members: []member{{name: "domain", value: asLine, main: true, limit: "a domain such as acme.example"}}}
}

// limitOf are the limits of a field in words, "" none.
func limitOf(f *records.Field) string {
	switch {
	case len(f.Choices) > 0:
		return "one of " + strings.Join(f.Choices, ", ")
	case f.Low < f.High:
		return strconv.Itoa(int(f.Low)) + " to " + strconv.Itoa(int(f.High))
	case f.Min > 0 && f.Max > 0 && f.Type == records.Words:
		return strconv.Itoa(f.Min) + " to " + strconv.Itoa(f.Max) + " characters each"
	case f.Min > 0 && f.Max > 0:
		return strconv.Itoa(f.Min) + " to " + strconv.Itoa(f.Max) + " characters"
	case f.Max > 0:
		return "at most " + strconv.Itoa(f.Max) + " characters"
	}
	return ""
}
