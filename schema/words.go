package schema

import (
	"encoding/json"
	"fmt"
	"strings"
)

// expected says in words for an admin what a keyword of the schema allows. It is written from the schema alone, so it
// can not give a value away.
func expected(fields map[string]any, keyword string) string {
	value := literal(fields[keyword])
	switch keyword {
	case "type":
		return typeWords(fields["type"])
	case "enum":
		return choiceWords(fields["enum"])
	case "const":
		return "exactly " + value
	case "minLength", "maxLength":
		return lengthWords(fields, keyword)
	case "pattern":
		if words, ok := fields["description"].(string); ok {
			return words
		}
		return "text of the form " + value
	case "format":
		return formatWords(value)
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		return rangeWords(fields, keyword)
	case "multipleOf":
		return "a multiple of " + value
	case "minItems":
		return "at least " + plural(value, "entry", "entries")
	case "maxItems":
		return "at most " + plural(value, "entry", "entries")
	case "uniqueItems":
		return "entries that all differ"
	case "required", "dependencies":
		return "a value: it may not be missing here"
	case "additionalProperties":
		return "only fields that the CRM has"
	case "minProperties":
		return "at least " + plural(value, "field", "fields")
	case "maxProperties":
		return "at most " + plural(value, "field", "fields")
	case "contains":
		return "an entry of the required form"
	case "additionalItems":
		return "fewer entries"
	case "anyOf", "oneOf":
		return "one of the allowed forms"
	}
	return "what the schema allows here"
}

// literal writes a value of the schema, text without quotes.
func literal(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	data, _ := json.Marshal(value) // decoded from JSON: it always can be
	return string(data)
}

func plural(number, one, many string) string {
	if number == "1" {
		return number + " " + one
	}
	return number + " " + many
}

var kindWords = []struct {
	kind  kinds
	words string
}{
	{kindText, "text"}, {kindNumber, "a number"}, {kindInteger, "a whole number"}, {kindBool, "true or false"},
	{kindArray, "a list"}, {kindObject, "an object with fields"},
}

// typeWords leaves null out unless nothing else is allowed: leaving a cell empty is not what fails.
func typeWords(value any) string {
	set, _ := kindsOf(value)
	if set&kindNumber != 0 {
		set &^= kindInteger
	}
	var words []string
	for _, k := range kindWords {
		if set&k.kind != 0 {
			words = append(words, k.words)
		}
	}
	if len(words) == 0 {
		return "nothing (null)"
	}
	return strings.Join(words, ", or ")
}

// listedChoices: more are not read, only counted.
const listedChoices = 12

func choiceWords(value any) string {
	values, _ := value.([]any)
	var words []string
	for _, value := range values {
		if value != nil {
			words = append(words, literal(value))
		}
	}
	switch {
	case len(words) == 0:
		return "nothing (null)"
	case len(words) == 1:
		return "only " + words[0]
	case len(words) > listedChoices:
		return fmt.Sprintf("one of %s … (%d in all)", strings.Join(words[:listedChoices], ", "), len(words))
	}
	return "one of " + strings.Join(words, ", ")
}

func lengthWords(fields map[string]any, keyword string) string {
	least, most := literal(fields["minLength"]), literal(fields["maxLength"])
	switch {
	case least == most:
		return "exactly " + plural(least, "character", "characters")
	case keyword == "minLength":
		return "at least " + plural(least, "character", "characters")
	}
	return "at most " + plural(most, "character", "characters")
}

func formatWords(name string) string {
	for _, f := range formats {
		if f.name == name || judged(f.name) == name {
			return f.expected
		}
	}
	return "text in the format " + name
}

func rangeWords(fields map[string]any, keyword string) string {
	_, least := fields["minimum"]
	_, most := fields["maximum"]
	limit := literal(fields[keyword])
	switch {
	case least && most && !strings.HasPrefix(keyword, "exclusive"):
		return "a number from " + literal(fields["minimum"]) + " to " + literal(fields["maximum"])
	case keyword == "minimum":
		return "a number of at least " + limit
	case keyword == "maximum":
		return "a number of at most " + limit
	case keyword == "exclusiveMinimum":
		return "a number greater than " + limit
	}
	return "a number less than " + limit
}
