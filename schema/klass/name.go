package klass

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A Type is a kind of custom attribute by the words people know it by, and by the end of its names
// (https://developer.kustomer.com/docs/concepts/custom-attributes).
type Type struct{ Suffix, Words string }

// Types are the types of custom attributes. The slice belongs to the caller.
func Types() []Type {
	return []Type{
		{"Str", "text"}, {"Txt", "long text"}, {"Num", "number"}, {"At", "date"}, {"Bool", "yes or no"},
		{"Url", "address"}, {"Id", "reference"}, {"Tree", "choice"},
	}
}

// wordsOf is a type in words; "" for one that muster does not know.
func wordsOf(suffix string) string {
	for _, t := range Types() {
		if t.Suffix == suffix {
			return t.Words
		}
	}
	return ""
}

// suffixFor is the type that a word in a file means: its words, its suffix, or what metadata calls it.
func suffixFor(word string) string {
	for _, t := range Types() {
		if strings.EqualFold(word, t.Words) || strings.EqualFold(word, t.Suffix) {
			return t.Suffix
		}
	}
	return wordsForTypes[strings.ToLower(word)]
}

// CheckName says what is wrong with a name for a new attribute: it must be camelCase or PascalCase, letters and digits
// without spaces, and end in its type as a word of its own. nil: nothing is.
func CheckName(name string) error {
	if err := wellFormed(name); err != nil {
		return err
	}
	if IsAppName(name) {
		return fmt.Errorf("the name %q is one that an app gives: install the app, or write %s", name, example(name))
	}
	suffix := TypeOf(name, "")
	if before := strings.TrimSuffix(name, suffix); unicode.IsUpper(rune(before[len(before)-1])) {
		return fmt.Errorf("the name %q does not end in %s as a word of its own; such as %s", name, suffix,
			SystemName(before, suffix))
	}
	return nil
}

// wellFormed says what is wrong with a name that an org may have: it is CheckName for names that others have made.
func wellFormed(name string) error {
	switch {
	case strings.ContainsFunc(name, unicode.IsSpace):
		return fmt.Errorf("the name %q has a space in it; system names are camelCase or PascalCase, such as %s", name,
			example(name))
	case IsAppName(name):
		return nil
	case !isPlainName(name):
		return fmt.Errorf("the name %q is not camelCase or PascalCase: letters and digits only, such as %s", name,
			example(name))
	case TypeOf(name, "") == "":
		return fmt.Errorf("the name %q does not end in its type: %s; such as %s", name, strings.Join(suffixes[:], " "),
			example(name))
	}
	return nil
}

// IsAppName reports a name that an app gave its attribute: those are namespaced, with _ and -, and only their app makes
// them (https://developer.kustomer.com/docs/apps/klasses).
func IsAppName(name string) bool {
	return strings.ContainsAny(name, "_-") && isPlainName(strings.NewReplacer("_", "", "-", "").Replace(name))
}

func isPlainName(name string) bool {
	if name == "" || len(name) > 255 || !isLetter(name[0]) {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !isLetter(c) && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// SystemName makes the name of an attribute of a label or a technical name, and its type: (Avg Sat Score, Num) is
// avgSatScoreNum. "" where the label has no Latin letter to begin with.
func SystemName(label, suffix string) string {
	var b strings.Builder
	upper := false
	for _, r := range label {
		switch {
		case r < unicode.MaxASCII && (isLetter(byte(r)) || b.Len() > 0 && '0' <= r && r <= '9'):
			if upper {
				r = unicode.ToUpper(r)
			}
			b.WriteRune(r)
			upper = false
		default:
			upper = b.Len() > 0
		}
	}
	name := lowerFirst(b.String())
	if name == "" {
		return ""
	}
	if TypeOf(name, "") == suffix && CheckName(name) == nil {
		return name
	}
	end := len(name)
	for end > 1 && unicode.IsUpper(rune(name[end-1])) { // the suffix is a word of its own: klaviyoID is klaviyoIdStr
		end--
	}
	if end < len(name) {
		name = name[:end+1] + strings.ToLower(name[end+1:])
		if unicode.IsUpper(rune(name[len(name)-1])) {
			name = name[:len(name)-1] + strings.ToLower(name[len(name)-1:])
		}
	}
	return name + suffix
}

// lowerFirst puts the first word in lower case: VIP is vip, IDNumber is idNumber.
func lowerFirst(name string) string {
	n := 0
	for n < len(name) && 'A' <= name[n] && name[n] <= 'Z' {
		n++
	}
	if n > 1 && n < len(name) && isLetter(name[n]) {
		n--
	}
	return strings.ToLower(name[:n]) + name[n:]
}

// example shows how a name could look.
func example(name string) string {
	suffix := TypeOf(name, "")
	if suffix == "" {
		suffix = "Str"
	}
	if made := SystemName(name, suffix); made != "" {
		return made
	}
	return "avgSatScoreNum"
}

// checkChoices says what is wrong with the choices of an attribute, nil nothing.
func checkChoices(a Attribute) error {
	if len(a.Enumeration) == 0 {
		return nil
	}
	if a.Type != "Str" && a.Type != "Tree" {
		return fmt.Errorf("%s is %s: only text (Str) has choices", a.Name, wordsOf(a.Type))
	}
	seen := []string{}
	for _, choice := range a.Enumeration {
		switch {
		case strings.TrimSpace(choice) == "":
			return fmt.Errorf("%s has a blank choice", a.Name)
		case len([]rune(choice)) > 1024:
			return fmt.Errorf("%s has a choice of more than 1024 characters", a.Name)
		case slices.Contains(seen, choice):
			return fmt.Errorf("%s has the choice %q twice", a.Name, choice)
		}
		seen = append(seen, choice)
	}
	return nil
}
