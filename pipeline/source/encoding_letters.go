package source

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// alphabets are the letters beyond ASCII of the languages that share the Latin encodings, the frequent ones first: with
// them Windows-1250, 1252, 1254 and 1257, which mean different letters by the same bytes, are told apart.
func alphabets() []string {
	return []string{
		"üöäß",              // German
		"éèàçêëîôâïûùœæÿ",   // French
		"óíáéñúü",           // Spanish
		"ãçáéíóêâõúàôü",     // Portuguese
		"àèòéìù",            // Italian
		"öäå",               // Swedish, Finnish
		"øåæéö",             // Danish, Norwegian
		"ëéïöüèê",           // Dutch
		"íáðéóöþúæý",        // Icelandic
		"àéèíòóúçïü",        // Catalan
		"łąęóżśćńź",         // Polish
		"íáéěšřčžýůúňťďó",   // Czech
		"áíčéžšýúľťňôďäóŕĺ", // Slovak
		"áéőóöüíúű",         // Hungarian
		"ăîâşţșț",           // Romanian
		"čšžćđ",             // Croatian, Slovene
		"ıişğüçö",           // Turkish
		"āīēšņļūģķčž",       // Latvian
		"ėšųžįąčūę",         // Lithuanian
		"äõüöšž",            // Estonian
	}
}

// frequent are the letters that make up most of any text in their scripts.
const frequent = "оеаинтсрвлкмдпу" + "αοιετνσηυρπκμλςάόίέή" + "יוהלתרמאבשנ" + "اليمنورتبةعدهس"

// letterScore is how well the letters of a text go together as those of languages. In Latin script a letter counts as much
// as the language it is taken for is seen with its frequent letters; in others, the frequent letters must be frequent.
func letterScore(text string) float64 {
	seen := map[rune]int{}
	total, common, latin := 0, 0, false
	for _, r := range text {
		lower := unicode.ToLower(r)
		if lower < utf8.RuneSelf || !unicode.IsLetter(r) {
			continue
		}
		latin = latin || script(r) == "Latin"
		seen[lower]++
		total++
		if strings.ContainsRune(frequent, r) {
			common++
		}
	}
	switch {
	case total == 0:
		return 1
	case !latin:
		return min(1, 1.4*float64(common)/float64(total))
	}
	best := map[rune]float64{}
	for _, alphabet := range alphabets() {
		support := support(alphabet, seen)
		for i, r := range []rune(alphabet) {
			weight := support
			if i >= 5 {
				weight *= 0.9
			}
			best[r] = max(best[r], weight)
		}
	}
	sum := 0.0
	for _, r := range slices.Sorted(maps.Keys(seen)) { // in one order, or equals would change places from run to run
		sum += best[r] * float64(seen[r])
	}
	return sum / float64(total)
}

// support is how far the letters seen bear out a language: the share of its five most frequent letters among them. Few
// letters can bear out only as much as they are.
func support(alphabet string, seen map[rune]int) float64 {
	usual := []rune(alphabet)
	usual = usual[:min(5, len(usual))]
	hits := 0
	for _, r := range usual {
		if seen[r] > 0 {
			hits++
		}
	}
	foreign := 0
	for r := range seen {
		if !strings.ContainsRune(alphabet, r) {
			foreign++
		}
	}
	expected := min(len(usual), max(1, len(seen)-foreign))
	share := float64(min(hits, expected)) / float64(expected)
	if hits == 0 {
		return 0
	}
	return share * (0.5 + 0.5*float64(len(seen)-foreign)/float64(len(seen)))
}
