package mappings

import (
	"fmt"
	"slices"
	"strings"

	"muster/pipeline/spelling"
)

// A target is where a column goes: a place of the record, as a mapping names it.
type target struct {
	field  *field
	label  string // what stands in brackets, or the type in socials.twitter: columns with one label build one item
	kind   string // type of the item, "" none
	member int    // index into the field's members, -1: the item or the value itself
	value  valueType
	name   string // custom: the attribute's name, "" when it is to be made of the column's name
}

// path is the place without item types, as in mappings: "emails", "locations.cityName", "custom.vipBool".
func (t target) path() string {
	path := t.field.label()
	switch {
	case t.field.shape == custom:
		path += "." + t.name
	case t.member >= 0:
		if t.label != "" {
			path += "[" + t.label + "]"
		}
		path += "." + t.field.members[t.member].name
	case t.label != "":
		path += "[" + t.label + "]"
	}
	return path
}

// A targetError is why a target is none, for people.
type targetError struct{ message, fix string }

func (e *targetError) Error() string { return e.message }

// parseTarget reads a target:
//
//	name  emails  emails[work]  emails[work].verified  emails[2]  socials.twitter  socials.twitter.url
//	locations[home].cityName  sentiment.polarity  custom.avgSatScoreNum
func (s fieldSet) parseTarget(text string) (target, *targetError) {
	if f := s.named(text); f != nil && f.called != "" {
		return target{field: f, member: -1, value: f.value}, nil
	}
	head, rest, dotted := strings.Cut(text, ".")
	head, label, labelled := strings.Cut(head, "[")
	t := target{field: s.named(head), member: -1}
	if t.field == nil {
		return t, s.unknownTarget(text)
	}
	t.value = t.field.value
	if labelled {
		if !strings.HasSuffix(label, "]") || len(label) == 1 {
			return t, &targetError{fmt.Sprintf("%q has a [ without its label and ]", text), "write it like emails[work]"}
		}
		if err := t.setLabel(strings.TrimSuffix(label, "]"), text); err != nil {
			return t, err
		}
	}
	switch t.field.shape {
	case custom:
		return t, t.setName(rest, dotted, text)
	case list:
		if head, more, _ := strings.Cut(rest, "."); dotted && t.label == "" && slices.Contains(t.field.types, head) {
			t.label, t.kind = head, head
			rest, dotted = more, strings.Contains(rest, ".")
		}
	case object:
		if !dotted {
			return t, &targetError{fmt.Sprintf("%q is an object", text), "name one of its members: " + t.field.memberList()}
		}
	}
	if dotted {
		return t, t.setMember(rest, text)
	}
	if main := t.field.mainMember(); main >= 0 {
		t.value = t.field.members[main].value
	}
	return t, nil
}

// setLabel takes what stands in brackets: a type, a type and a number, or a number.
func (t *target) setLabel(label, text string) *targetError {
	if t.field.shape != list {
		return &targetError{fmt.Sprintf("%s has no items, so nothing can stand in brackets", t.field.name), "write " +
			t.field.name}
	}
	kind, number, two := strings.Cut(label, " ")
	if slices.Contains(t.field.types, kind) && (!two || isNumber(number)) {
		t.label, t.kind = label, kind
		return nil
	}
	if isNumber(label) {
		t.label = label
		return nil
	}
	return &targetError{fmt.Sprintf("%s has no items of type %q", t.field.name, kind), t.field.typeFix(kind)}
}

func (f *field) typeFix(kind string) string {
	if len(f.types) == 0 {
		return f.name + " have no types: a number can stand there, like " + f.name + "[2]"
	}
	if near := spelling.Nearest(kind, f.types); near != "" {
		return "did you mean " + near + "?"
	}
	return "types are " + f.typeList()
}

func (t *target) setMember(name, text string) *targetError {
	if t.field.shape == scalar || t.field.shape == words {
		return &targetError{fmt.Sprintf("%s has no members", t.field.name), "write " + t.field.name}
	}
	for _, a := range t.field.names {
		if a.name == name {
			t.member = t.field.memberNamed(a.member)
			if t.value = a.value; a.value == asText {
				t.value = t.field.members[t.member].value
			}
			return nil
		}
	}
	if t.member = t.field.memberNamed(name); t.member >= 0 {
		t.value = t.field.members[t.member].value
		return nil
	}
	fix := "members are " + t.field.memberList()
	if near := spelling.Nearest(name, append(t.field.memberNames(), t.field.types...)); near != "" {
		fix = "did you mean " + near + "?"
	}
	return &targetError{fmt.Sprintf("%s has no member %q", t.field.name, name), fix}
}

// setName takes the name of a custom attribute. Its suffix is its type.
func (t *target) setName(name string, dotted bool, text string) *targetError {
	if !dotted {
		return nil // the column's name and as: make it
	}
	if !isName(name) {
		return &targetError{fmt.Sprintf("%q is no system name of an attribute", name),
			"system names are letters and digits without spaces and end in their type: " + exampleName(name)}
	}
	s := suffixOf(name)
	if s == nil {
		return &targetError{fmt.Sprintf("attribute %q does not end in its type", name), "types are " + suffixList() + ": " +
			exampleName(name)}
	}
	t.name, t.value = name, s.value
	return nil
}

// exampleName shows how a name could look.
func exampleName(name string) string {
	if base := Camel(name); base != "" {
		return "custom." + WithSuffix(base, "Str") + " for text, custom." + WithSuffix(base, "Num") + " for numbers"
	}
	return "custom.avgSatScoreNum"
}

// isName is true for what can be an attribute's system name; apps' attributes have _ and - in theirs.
func isName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !isLetter(c) && !isDigit(c) && c != '_' && c != '-' {
			return false
		}
	}
	return name != "" && isLetter(name[0])
}

func isNumber(s string) bool { return s != "" && len(s) <= 3 && onlyDigits([]byte(s)) }

func (s fieldSet) unknownTarget(text string) *targetError {
	e := &targetError{message: fmt.Sprintf("there is no target %q", text)}
	if suffixOf(text) != nil && isName(text) {
		e.fix = "for an attribute of your org write custom." + text
		return e
	}
	head := targetHead(text)
	names := []string{"ignore"}
	for i := range s {
		names = append(names, s[i].label())
	}
	if near := spelling.Nearest(head, names); near != "" {
		e.fix = "did you mean " + near + "?"
		return e
	}
	for _, name := range readOnly {
		if head == name {
			e.fix = "Kustomer sets it itself: write ignore"
			return e
		}
	}
	e.fix = "attributes of your org are written custom.<name>, columns to leave out: ignore"
	return e
}

// targetHead is the field that a target names.
func targetHead(text string) string {
	if end := strings.IndexAny(text, ".["); end >= 0 {
		return text[:end]
	}
	return text
}

func (f *field) memberNames() []string {
	var names []string
	for _, m := range f.members {
		names = append(names, m.name)
	}
	for _, a := range f.names {
		names = append(names, a.name)
	}
	return names
}

func (f *field) memberList() string { return strings.Join(f.memberNames(), ", ") }
