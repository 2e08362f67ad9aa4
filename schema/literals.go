package schema

import "encoding/json"

// literals are the values an enum or a const allows. Lists and objects among them are left out: such values are for the
// judge. Immutable.
type literals struct {
	texts   []string        // when they are few
	index   map[string]bool // when they are many
	numbers []string
	null    bool
	yes, no bool
}

// fewTexts: up to this many a comparison of each is cheaper than a hash.
const fewTexts = 8

// newLiterals reads the keyword enum. An empty one means nothing to the judge and everything to the standard: not ok.
func newLiterals(value any) (*literals, bool) {
	values, _ := value.([]any)
	l := &literals{}
	for _, value := range values {
		switch value := value.(type) {
		case string:
			l.texts = append(l.texts, value)
		case json.Number:
			l.numbers = append(l.numbers, string(value))
		case bool:
			l.yes, l.no = l.yes || value, l.no || !value
		case nil:
			l.null = true
		}
	}
	if len(l.texts) > fewTexts {
		l.index = make(map[string]bool, len(l.texts))
		for _, text := range l.texts {
			l.index[text] = true
		}
	}
	return l, len(values) > 0
}

// hold reports whether the value is one of them, numbers by their spelling.
func (l *literals) hold(kind byte, text []byte) bool {
	switch kind {
	case '"':
		return l.holdText(text)
	case '0':
		return contains(l.numbers, text)
	case 't':
		return string(text) == "true" && l.yes || string(text) == "false" && l.no
	}
	return l.null
}

func (l *literals) holdText(text []byte) bool {
	if l.index != nil {
		return l.index[string(text)]
	}
	return contains(l.texts, text)
}

// onlySmallIntegers reports whether every number among them has one spelling, so that another spelling is another
// number.
func (l *literals) onlySmallIntegers() bool {
	if l == nil {
		return true
	}
	for _, number := range l.numbers {
		if !isSmallInteger([]byte(number)) {
			return false
		}
	}
	return true
}

func contains(list []string, text []byte) bool {
	for _, s := range list {
		if s == string(text) {
			return true
		}
	}
	return false
}
