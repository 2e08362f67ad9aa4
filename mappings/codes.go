package mappings

import (
	"strings"

	records "muster/pipeline/object"
)

// A Target is one place that a mapping can name, for help and documentation.
type Target struct {
	Path    string   // as written in a mapping: "name", "emails[work].verified", "custom.<name>Num"
	Aliases []string // other spellings of the same place
	Type    string   // text, number, date, yes or no, phone number …
	Limit   string   // what Kustomer allows there, "" nothing said
	Meaning string   // one line
}

// Targets lists every place that a mapping can name, in the order of the payload; the list belongs to
// the caller. Brackets show the types of items, which may be left out.
func Targets() []Target { return fields.targets() }

// TargetsOf is Targets for mappings of another kind; nil where there is none of it. Lists are named as wholes, since
// their members are those of customers'.
func TargetsOf(kind string) []Target {
	k := records.Called(kind)
	if k == nil {
		return nil
	}
	var targets []Target
	for _, f := range fieldsOf(k) {
		one := Target{Path: f.label(), Type: conversions[f.value].name, Limit: f.limit, Meaning: f.meaning}
		switch f.shape {
		case custom:
			one.Path, one.Type = "custom.<name>", "by its suffix"
		case list:
			one.Type = "as customers have them"
			if f.name == "domains" {
				one.Type = "domains"
			}
		case object:
			var members []string
			for _, m := range f.members {
				members = append(members, f.name+"."+m.name)
			}
			one.Path, one.Type = strings.Join(members, "`, `"), "text"
		}
		targets = append(targets, one)
	}
	return targets
}

func (s fieldSet) targets() []Target {
	var targets []Target
	for i := range s {
		f := &s[i]
		switch f.shape {
		case scalar, words:
			targets = append(targets, Target{Path: f.label(), Type: conversions[f.value].name, Limit: f.limit,
				Meaning: f.meaning})
		case custom:
			for _, s := range suffixes {
				targets = append(targets, Target{Path: "custom.<name>" + s.Name, Type: s.Type, Limit: s.Limit,
					Meaning: "an attribute of your own org: " + s.Meaning})
			}
		default:
			targets = f.appendTargets(targets)
		}
	}
	return targets
}

// appendTargets lists a field with members: the whole item, then each member.
func (f *field) appendTargets(targets []Target) []Target {
	path := f.name
	if len(f.types) > 0 {
		path += "[" + strings.Join(f.types, "|") + "]"
	}
	if f.shape == list {
		whole := Target{Path: path, Type: "JSON object", Meaning: f.meaning}
		if main := f.mainMember(); main >= 0 {
			whole.Type, whole.Limit = conversions[f.members[main].value].name, f.members[main].limit
		}
		targets = append(targets, whole)
	}
	for _, m := range f.members {
		one := Target{Path: path + "." + m.name, Type: conversions[m.value].name, Limit: m.limit, Meaning: f.meaning}
		if m.name == "type" && len(f.types) > 0 {
			one.Limit = "one of " + f.typeList()
		}
		for _, a := range f.names {
			if a.member == m.name {
				one.Aliases = append(one.Aliases, path+"."+a.name)
			}
		}
		targets = append(targets, one)
	}
	return targets
}
