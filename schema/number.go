package schema

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// isDecimal reports whether text is a JSON number without an exponent, of at most 300 characters (so that a float64
// holds it), and whether it has no fraction either.
func isDecimal(text []byte) (integer, ok bool) {
	if len(text) > 300 {
		return false, false
	}
	i := 0
	if i < len(text) && text[i] == '-' {
		i++
	}
	first := i
	for i < len(text) && text[i]-'0' <= 9 {
		i++
	}
	if i == first || text[first] == '0' && i > first+1 {
		return false, false
	}
	if i == len(text) {
		return true, true
	}
	if text[i] != '.' || i+1 == len(text) {
		return false, false
	}
	for _, b := range text[i+1:] {
		if b-'0' > 9 {
			return false, false
		}
	}
	return false, true
}

// isSmallInteger reports whether text is an integer that has exactly one spelling and fits a float64 exactly.
func isSmallInteger(text []byte) bool {
	integer, ok := isDecimal(text)
	return ok && integer && len(text) <= 15 && string(text) != "-0"
}

// A fixed is an exact decimal number in units of 10⁻⁹.
type fixed int64

// parseFixed reads a number that isDecimal accepts; false when it has more than 9 digits on either side of the point.
func parseFixed(text []byte) (fixed, bool) {
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	var n fixed
	i := 0
	for ; i < len(text) && text[i] != '.'; i++ {
		n = n*10 + fixed(text[i]-'0')
	}
	if i > 9 || len(text)-i > 10 {
		return 0, false
	}
	scale := 9
	for i++; i < len(text); i++ {
		n = n*10 + fixed(text[i]-'0')
		scale--
	}
	for ; scale > 0; scale-- {
		n *= 10
	}
	if negative {
		n = -n
	}
	return n, true
}

// isSane reports whether the judge can work with a number: one that overflows a float64, or that would take a megabyte
// of digits to compare, it cannot. Kustomer, which reads numbers as doubles, cannot either.
func isSane(number json.Number) bool {
	exponent := strings.IndexAny(string(number), "eE")
	if exponent < 0 && len(number) <= 300 {
		return true
	}
	if len(number) > 300 || len(number)-exponent > len("e-999") {
		return false
	}
	_, err := strconv.ParseFloat(string(number), 64)
	return err == nil
}

// sane reports whether every number in value isSane.
func sane(value any) bool {
	switch value := value.(type) {
	case json.Number:
		return isSane(value)
	case []any:
		for _, item := range value {
			if !sane(item) {
				return false
			}
		}
	case map[string]any:
		for _, item := range value {
			if !sane(item) {
				return false
			}
		}
	}
	return true
}

// firstInsane gives the steps to a number that is not sane, the first in the order of names and positions. There is
// one.
func firstInsane(value any) []string {
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			if !sane(item) {
				return append([]string{strconv.Itoa(i)}, firstInsane(item)...)
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if !sane(value[name]) {
				return append([]string{name}, firstInsane(value[name])...)
			}
		}
	}
	return nil
}
