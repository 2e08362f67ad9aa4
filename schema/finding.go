package schema

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"muster/schema/klass"
)

// A Finding is one thing that the schema does not allow. It never holds the value.
type Finding struct {
	Path     string // where: "emails.0.email", "custom.fooStr"; list positions count from 0; "" is the record itself
	Keyword  string // the JSON Schema keyword that failed: type, enum, maxLength, format, required, additionalProperties …
	Code     string // schema.* or klass.*, one of Codes()
	Expected string // what is allowed there, in words for an admin: "at most 256 characters"
	Hint     string // what to do, when there is more to say: the nearest name, where to activate; often ""
}

// codes gives each keyword its code. What is not listed is schema.rule.
var codes = map[string]string{
	"type": "schema.type", "enum": "schema.enum", "const": "schema.enum",
	"minLength": "schema.length", "maxLength": "schema.length", "pattern": "schema.pattern", "format": "schema.format",
	"minimum": "schema.range", "maximum": "schema.range", "exclusiveMinimum": "schema.range",
	"exclusiveMaximum": "schema.range",
	"multipleOf":       "schema.range", "minItems": "schema.items", "maxItems": "schema.items",
	"uniqueItems": "schema.unique",
	"required":    "schema.required", "dependencies": "schema.required", "additionalProperties": "schema.field",
	"minProperties": "schema.properties", "maxProperties": "schema.properties",
}

// Codes lists every code a Finding can have, sorted:
//
//	klass.enum         a custom attribute's value is none of the choices the org defined
//	klass.inactive     a custom attribute exists but is not active
//	klass.suffix       without the org's attributes: a custom name that does not end in a type suffix
//	klass.unknown      a custom attribute the org does not have
//	schema.enum        none of the values the field allows
//	schema.field       a field the CRM does not have
//	schema.format      not an e-mail address, phone number, date and time … where one belongs
//	schema.items       too many or too few entries in a list
//	schema.length      too long or too short
//	schema.pattern     characters that may not stand there
//	schema.properties  too many or too few fields
//	schema.range       a number out of range
//	schema.required    a field that must be there is missing
//	schema.rule        a rule of a schema of one's own
//	schema.type        text where a number belongs, and the like
//	schema.unique      two equal entries in one list
func Codes() []string {
	all := []string{"klass.enum", "klass.inactive", "klass.suffix", "klass.unknown", "schema.rule"}
	for _, code := range codes {
		all = append(all, code)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// finding words what is wrong at path. fields is the schema that holds the keyword; name, for keywords about an
// object's properties, the property, which path includes already.
func (v *Validator) finding(path, keyword string, fields map[string]any, name string) Finding {
	f := Finding{Path: path, Keyword: keyword, Code: codes[keyword], Expected: expected(fields, keyword)}
	if f.Code == "" {
		f.Code = "schema.rule"
	}
	custom, isCustom := strings.CutPrefix(path, "custom.")
	isCustom = isCustom && v.isCustomer
	switch {
	case path == "custom" && (keyword == "required" || keyword == "minProperties"): // of a conversation
		f.Code, f.Expected = "schema.required", "at least one attribute to describe the conversation with (custom.…)"
	case keyword == "additionalProperties" && isCustom && custom == name:
		v.wordUnknownAttribute(&f, name)
	case keyword == "additionalProperties":
		f.Hint = nearestHint(klass.Nearest(name, propertyNames(fields)))
	case keyword == "pattern" && path == OwnID:
		f.Hint = "this column is Kustomer's own id; an id of your own system goes to externalId: rename the column so, " +
			"or map it so"
	case keyword == "enum" && isCustom:
		f.Code = "klass.enum"
		f.Hint = "use one of these, or add the choice in " + v.settings()
	}
	return f
}

// wordUnknownAttribute says why a name may not stand in custom.
func (v *Validator) wordUnknownAttribute(f *Finding, name string) {
	if v.klass == nil {
		f.Code = "klass.suffix"
		f.Expected = "an attribute whose name ends in its type: " + strings.Join(klass.Suffixes(), ", ")
		return
	}
	f.Expected = "an active attribute of the " + title(v.klass.Name) + " Klass"
	for _, a := range v.klass.Attributes {
		if a.Name == name {
			f.Code = "klass.inactive"
			f.Hint = "activate " + name + " in " + v.settings()
			return
		}
	}
	f.Code = "klass.unknown"
	f.Hint = "create it in " + v.settings()
	if near := v.Nearest(name); near != "" {
		f.Hint = nearestHint(near) + " Otherwise " + f.Hint
	}
}

// settings is where an admin changes the Klass.
func (v *Validator) settings() string {
	if v.klass == nil {
		return "Settings › Platform › Klasses"
	}
	return "Settings › Platform › Klasses › " + title(v.klass.Name)
}

func nearestHint(near string) string {
	if near == "" {
		return ""
	}
	return "did you mean " + near + "?"
}

func propertyNames(fields map[string]any) []string {
	properties, _ := fields["properties"].(map[string]any)
	return slices.Sorted(maps.Keys(properties))
}

// tidy puts findings in their order and keeps one for each cause and place. A value of the wrong type, or outside a set
// of values, may fail other keywords too; an empty one often fails pattern and format: the first cause is the one to
// tell. What fails inside a form of anyOf, oneOf or not says little: the choice itself is told. Of allOf and if what
// failed inside is told.
func tidy(findings []Finding) []Finding {
	if len(findings) < 2 {
		return findings
	}
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(comparePaths(a.Path, b.Path), cmp.Compare(rank(a.Keyword), rank(b.Keyword)),
			cmp.Compare(a.Keyword, b.Keyword))
	})
	kept := findings[:0]
	choice := "-" // the path of the last anyOf, oneOf or not: no path begins so
	for i, f := range findings {
		if isBelow(f.Path, choice) {
			continue
		}
		if rank(f.Keyword) == 0 {
			choice = f.Path
		}
		if isWrapper(f.Keyword) && hasOther(findings[i+1:], kept, f.Path) {
			continue
		}
		if !isConsequence(kept, f) {
			kept = append(kept, f)
		}
	}
	return kept
}

// rank orders the keywords that fail at one place by how much they explain.
func rank(keyword string) int {
	switch keyword {
	case "anyOf", "oneOf", "not", "false":
		return 0
	case "type":
		return 1
	case "const", "enum":
		return 2
	case "minLength":
		return 3
	}
	return 4
}

func isWrapper(keyword string) bool {
	return keyword == "allOf" || keyword == "then" || keyword == "else"
}

// hasOther reports whether something else was found at path or below it.
func hasOther(after, before []Finding, path string) bool {
	other := func(f Finding) bool { return isBelow(f.Path, path) && !isWrapper(f.Keyword) }
	return slices.ContainsFunc(after, other) || slices.ContainsFunc(before, other)
}

// isConsequence reports whether f says the same as, or follows from, a finding already kept for its place.
func isConsequence(kept []Finding, f Finding) bool {
	for i := len(kept) - 1; i >= 0 && kept[i].Path == f.Path; i-- {
		switch k := kept[i].Keyword; {
		case k == f.Keyword, rank(k) < 3 && rank(f.Keyword) > rank(k), rank(k) == 2 && rank(f.Keyword) == 2:
			return true
		case k == "minLength" && (f.Keyword == "pattern" || f.Keyword == "format"):
			return true
		}
	}
	return false
}

// isBelow reports whether path is at or inside the place top.
func isBelow(path, top string) bool {
	return path == top || top == "" || strings.HasPrefix(path, top) && path[len(top)] == '.'
}

// comparePaths orders by steps, list positions as numbers.
func comparePaths(a, b string) int {
	for a != "" && b != "" {
		var stepA, stepB string
		stepA, a, _ = strings.Cut(a, ".")
		stepB, b, _ = strings.Cut(b, ".")
		if isPosition(stepA) && isPosition(stepB) {
			stepA, stepB = strings.TrimLeft(stepA, "0"), strings.TrimLeft(stepB, "0")
			if c := cmp.Compare(len(stepA), len(stepB)); c != 0 {
				return c
			}
		}
		if c := cmp.Compare(stepA, stepB); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// Nearest names the active attribute of the validator's Klass that is closest to name, as [Klass.Nearest] does; ""
// without a Klass.
func (v *Validator) Nearest(name string) string {
	if v.klass == nil {
		return ""
	}
	return v.klass.Nearest(name)
}

// title is a Klass's name as the settings show it.
func title(name string) string {
	if name == "" {
		return "Customer"
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
