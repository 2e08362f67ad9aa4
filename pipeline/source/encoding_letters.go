package source

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// alphabets are the letters of languages, of those in Latin script the ones beyond ASCII, the frequent first: with them
// encodings that mean different letters by the same bytes are told apart.
func alphabets() []string {
	return []string{
		"é",                 // English, where signs prevail: see signShares
		"äüöß",              // German
		"éèàêçôîâûëïùœæ",    // French
		"óíáéñúü",           // Spanish
		"ãçáéíóêõâúàôü",     // Portuguese
		"àèòùéì",            // Italian
		"äöå",               // Swedish, Finnish
		"øåæéö",             // Danish, Norwegian
		"ëéïöüèê",           // Dutch
		"íáðéóöþúæý",        // Icelandic
		"óàéèíòúçïü",        // Catalan
		"łąęóżśćńź",         // Polish
		"íáéěšřčžýůúťďňó",   // Czech
		"áíčéžšýúľťňôďäóŕĺ", // Slovak
		"áéőóöüíúű",         // Hungarian
		"ăîâşţșț",           // Romanian
		"čšžćđ",             // Croatian, Slovene
		"ıişğüçöİ",          // Turkish
		"āīēšņļūģķčž",       // Latvian
		"ėšųžįąčūę",         // Lithuanian
		"äõüöšž",            // Estonian
		"оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", // Russian
		"оаниівтеркслмудпязьбгчйхцжшюїєщфґ", // Ukrainian
		"аиоентрсвлкдпмзгъбчуящжшцйхюфь",    // Bulgarian
		"αοιετνσηυρπκμλςωίόέάγύδθχήώβφξζψϊϋΐ",
		"יוהלתרמאבשנכעדחפקגצסטזםןךףץ",
		"اليمنورتبةعدهسفكحجقشطخصضزذثغظأإؤئءىآ",
	}
}

// signs are what stands in names, addresses and notes beside letters and digits, the frequent first.
const signs = "€’–°£“”„«»§…º•—ª‘\u00a0·½´®©™²³¿¡×№±¼¾µ¥¢‚‹›†‡‰¤"

// The shares of a text's characters beyond ASCII that are signs, in English and in other languages, and that are
// letters which its language does not have.
const (
	englishSigns = 0.9
	signShare    = 0.12
	foreignShare = 0.15
	strayShare   = 0.0003 // of a letter that no language has
)

// weights gives each character of a list its share, the first the greatest.
func weights(list string) map[rune]float64 {
	share, sum := map[rune]float64{}, 0.0
	for i, r := range []rune(list) {
		share[r] = 1 / float64(i+3)
		sum += share[r]
	}
	for r := range share {
		share[r] /= sum
	}
	return share
}

// script names the script of a letter, with those that stand together in one word as one.
func script(r rune) string {
	switch {
	case r < utf8.RuneSelf || unicode.Is(unicode.Latin, r):
		return "Latin"
	case r >= 0xff61 && r <= 0xff9f:
		return "half-width"
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r == 'ー':
		return "CJK"
	}
	for _, name := range [...]string{"Cyrillic", "Greek", "Hebrew", "Arabic", "Thai"} {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	return ""
}

// lower is a letter's small form.
func lower(r rune) rune {
	if r == 'İ' {
		return r // its small form is plain i
	}
	return unicode.ToLower(r)
}

// ordinal says whether r counts, as in 2ª and nº: Unicode takes these for letters.
func ordinal(r rune) bool { return r == 'º' || r == 'ª' }

// standing is how well a character stands among its neighbours: 1 as in text, near 0 as no text has it.
func standing(before, r, after rune) float64 {
	if ordinal(r) || !unicode.IsLetter(r) && !unicode.IsMark(r) {
		return signStanding(before, r, after)
	}
	alone, own, share := true, script(r), 1.0
	if own == "Latin" && before >= utf8.RuneSelf && script(before) == own {
		share = 0.2 // accents follow each other in few words
	}
	for _, next := range [...]rune{before, after} {
		switch {
		case unicode.IsLetter(next) && !ordinal(next):
			alone = false
			if script(next) != own {
				share *= 0.03
			}
		case unicode.IsDigit(next) && own != "CJK":
			share *= 0.1
		}
	}
	switch {
	case unicode.IsUpper(r) && unicode.IsLower(before):
		return share * 0.03
	case unicode.IsUpper(before) && unicode.IsUpper(r) && !unicode.IsLower(after):
		return share * 0.3
	case unicode.IsUpper(before) && unicode.IsUpper(r), unicode.IsLower(r) && unicode.IsUpper(after):
		return share * 0.2
	case alone && own == "Latin" && !strings.ContainsRune("àéèìóåöøúíáâÉÀÓÅÖØ", r):
		return share * 0.03
	case alone && own == "Latin":
		return share * 0.3
	case strings.ContainsRune("šžčřňćđłśźńťďľŕñçþðßğşţ", r) && consonant(before) &&
		(consonant(after) || !unicode.IsLetter(after)):
		return share * 0.2
	}
	return share
}

// consonant says whether r is one of ASCII.
func consonant(r rune) bool {
	return r < utf8.RuneSelf && unicode.IsLetter(r) && !strings.ContainsRune("aeiouyAEIOUY", r)
}

// fitting is how well two letters stand together that tell languages apart.
func fitting(before, r rune) float64 {
	switch {
	case r < utf8.RuneSelf && before < utf8.RuneSelf:
	case strings.Contains(typicalPairs, string([]rune{' ', before, r, ' '})):
		return 4
	case before == 'ă' && strings.ContainsRune("aeo", r):
		return 0.1
	}
	return 1
}

// typicalPairs are hallmarks of languages: of Portuguese, Spanish, French, Polish, Czech, Romanian and Turkish.
const typicalPairs = " ão ãe õe çã çõ ña ño ñe ès èr èl èn êt ço ça ść ów ął ęd ąb ří řa ší ňs ţi ţă ăi ăn şt ış ız " +
	"ığ ğı ğl şı "

// signStanding is standing for what is no letter.
func signStanding(before, r, after rune) float64 {
	letterBefore, letterAfter := unicode.IsLetter(before), unicode.IsLetter(after)
	digitBefore, digitAfter := unicode.IsDigit(before), unicode.IsDigit(after)
	good := true
	switch {
	case strings.ContainsRune("€£¥¢¤", r):
		good = digitBefore || digitAfter || !letterBefore && !letterAfter
	case r == '°' && strings.ContainsRune("CF", after):
		good = !letterBefore
	case ordinal(r) || r == '°':
		good = !letterAfter && (digitBefore || strings.ContainsRune("nNmMdDsS.", before))
	case r == '’':
		good = letterBefore || letterAfter || digitBefore || digitAfter
	case r == '–' || r == '—':
		good = letterBefore == letterAfter && digitBefore == digitAfter
	case strings.ContainsRune("“„«‹¿¡‘•§‚№", r):
		good = !letterBefore && !digitBefore
	case strings.ContainsRune("”»›…®©™", r):
		good = !letterAfter && !digitAfter
	case r == '\u00a0':
	case strings.ContainsRune("½¼¾²³×±µ", r):
		good = !letterBefore && !letterAfter
	default:
		good = !letterBefore || !letterAfter
	}
	if good {
		return 1
	}
	return 0.03
}
