package mappings

import (
	"strings"
	"sync"
	"unicode/utf8"

	"muster/pipeline/spelling"
)

// shortestMisspelt is how many letters a country's name must have, lest a word that is none be taken for it.
const shortestMisspelt = 6

// NearCountry is the two letters of the country whose name was likely meant, as Nederlnad: one letter is wrong,
// missing, too many, or has changed places with its neighbour, and the first is right. "" where none is so near, or two
// are.
func NearCountry(text string) string {
	folded := spelling.Fold(text)
	letters := utf8.RuneCountInString(folded)
	if letters < shortestMisspelt || letters > longestName || strings.ContainsAny(folded, "0123456789,;/@") {
		return ""
	}
	found := ""
	for _, c := range countriesBy()[folded[0]] {
		switch {
		case c.letters < letters-1 || c.letters > letters+1 || !spelling.Near(folded, c.name):
		case found != "" && found != c.code:
			return ""
		default:
			found = c.code
		}
	}
	return found
}

type countryName struct {
	name, code string
	letters    int // of the name
}

// countriesBy are the names of countries by their first byte: most of them begin with another.
var countriesBy = sync.OnceValue(func() map[byte][]countryName {
	by := map[byte][]countryName{}
	for name, code := range countryCodes() {
		if name != "" {
			by[name[0]] = append(by[name[0]], countryName{name, code, utf8.RuneCountInString(name)})
		}
	}
	return by
})
