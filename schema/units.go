package schema

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The CRM counts characters as JavaScript does, in UTF-16 units: what it says of a field it does not know, "Additional
// properties not allowed" with the place in the schema, are the words of tv4, which compares the length of a string
// (https://github.com/geraintluff/tv4/blob/master/source/string.js). Most emoji have two units. A customer's text is
// held to its longest length in units, and to its shortest in characters: what passes here passes there, whichever of
// the two is counted. Schemas of one's own count characters, as JSON Schema says.

// inUnits is what is added to an expected length where only the units are too many.
const inUnits = ", of which most emoji are two"

// pairs counts the characters of a text that have two units: those whose first byte in UTF-8 is 0xF0 or above.
func pairs(text []byte) (n int) {
	for _, b := range text {
		if b >= 0xF0 {
			n++
		}
	}
	return n
}

// tooManyUnits adds what is wrong with texts whose characters are few enough and whose units are not.
func (v *Validator) tooManyUnits(at []string, value any, found []Finding) []Finding {
	switch value := value.(type) {
	case string:
		n := utf8.RuneCountInString(value)
		more := pairs([]byte(value))
		if more == 0 {
			return found
		}
		fields := v.doc.at(at)
		if most, says := count(fields["maxLength"]); says && n <= most && n+more > most {
			f := v.finding(strings.Join(at, "."), "maxLength", fields, "")
			f.Expected += inUnits
			found = append(found, f)
		}
	case []any:
		for i, item := range value {
			found = v.tooManyUnits(append(at[:len(at):len(at)], strconv.Itoa(i)), item, found)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			found = v.tooManyUnits(append(at[:len(at):len(at)], name), value[name], found)
		}
	}
	return found
}
