package mappings

import (
	"strings"
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
	if n := utf8.RuneCountInString(folded); n < shortestMisspelt || n > longestName ||
		strings.ContainsAny(folded, "0123456789,;/@") {
		return ""
	}
	found := ""
	for name, code := range countryCodes() {
		switch {
		case name == "" || name[0] != folded[0] || !spelling.Near(folded, name):
		case found != "" && found != code:
			return ""
		default:
			found = code
		}
	}
	return found
}
