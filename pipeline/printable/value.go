package printable

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Words is a JSON value as people read it: a list with a semicolon between its entries, of an entry what it says and
// then, in brackets, of which type it is; yes and no; nothing for null.
func Words(value json.RawMessage) string {
	var v any
	if len(value) == 0 {
		return ""
	}
	d := json.NewDecoder(strings.NewReader(string(value)))
	d.UseNumber() // digits stay as they are
	if d.Decode(&v) != nil {
		return string(value)
	}
	list, is := v.([]any)
	if !is {
		return wordsOf(v)
	}
	var parts []string
	for _, one := range list {
		if text := wordsOf(one); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "; ")
}

func wordsOf(v any) string {
	switch one := v.(type) {
	case nil:
		return ""
	case string:
		return one
	case bool:
		return map[bool]string{true: "yes", false: "no"}[one]
	case json.Number:
		return one.String()
	case map[string]any:
		return entryWords(one)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

func entryWords(entry map[string]any) string {
	var parts []string
	for _, member := range slices.Sorted(maps.Keys(entry)) {
		text := wordsOf(entry[member])
		if flag, is := entry[member].(bool); is {
			if text = member; !flag {
				text = "not " + member
			}
		}
		if text != "" && member != "type" {
			parts = append(parts, text)
		}
	}
	text := strings.Join(parts, ", ")
	if kind := wordsOf(entry["type"]); kind != "" {
		text = strings.TrimSpace(text + " (" + kind + ")")
	}
	return text
}
