// Package spelling tells which word a person meant who wrote another.
package spelling

import (
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"

	"muster/pipeline/unseen"
)

// Nearest is the word that was likely meant, "" when none is close: at most a third of its letters may be wrong, and at
// most three.
func Nearest(word string, words []string) string {
	best, distance := "", 0
	folded := Fold(word)
	most := min(3, (len(folded)+2)/3, len(folded)-1)
	if len(folded) > 100 {
		return ""
	}
	for _, w := range words {
		other := Fold(w)
		d := levenshtein.ComputeDistance(folded, other)
		if d == 2 && swapped(folded, other) {
			d = 1
		}
		if d <= most && (best == "" || d < distance) {
			best, distance = w, d
		}
	}
	return best
}

// swapped says whether two letters that stand beside each other changed places.
func swapped(a, b string) bool {
	for i := 0; len(a) == len(b) && i+1 < len(a); i++ {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}

// Fold makes names that people hold for the same equal: case, spaces, hyphens and underscores go.
func Fold(name string) string {
	return strings.Map(func(r rune) rune {
		if unseen.IsSpace(r) || r == '-' || r == '_' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// Near says whether two folded words differ in one letter that is wrong, missing or too many, or in two that changed
// places.
func Near(a, b string) bool {
	if len(a)-len(b) > 4 || len(b)-len(a) > 4 {
		return false
	}
	d := levenshtein.ComputeDistance(a, b)
	return d == 1 || d == 2 && swapped(a, b)
}
