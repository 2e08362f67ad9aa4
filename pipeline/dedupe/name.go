package dedupe

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Name is a customer's name as words, whose order, case, accents and punctuation make no difference: "Last, First" is
// "First Last". It holds no letter of it but the first of each word.
type Name []word

// word is one word of a name.
type word struct {
	hash    uint64
	initial rune // its first letter
	short   bool // it is nothing but an initial
	born    bool // it says which of a family: junior, senior, II
}

// wordsKept is how many words of a name are compared.
const wordsKept = 16

// NameOf takes a name apart.
func NameOf(seed maphash.Seed, text []byte) Name {
	var name Name
	for _, w := range bytes.FieldsFunc(plainName(text), func(c rune) bool { return c == ' ' }) {
		if len(name) == wordsKept {
			break
		}
		letters := bytes.Runes(w)
		name = append(name, word{hash: maphash.Bytes(seed, w), initial: letters[0],
			short: len(letters) == 1 && unicode.IsLower(letters[0]), born: generation(string(w))})
	}
	slices.SortFunc(name, func(a, b word) int { return cmp.Compare(a.hash, b.hash) })
	return name
}

// plainName is a name in small letters without accents, its words apart by spaces. Umlauts and their spelling with an e
// are one, since exports that know ASCII alone write them so.
func plainName(text []byte) []byte {
	var b strings.Builder
	for _, c := range string(norm.NFKD.Bytes(text)) {
		switch c = unicode.ToLower(c); {
		case unicode.Is(unicode.Mn, c), c == '\'', c == '’', c == 'ʼ', c == '`', c == '´', unicode.Is(unicode.Cf, c):
		case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana): // written without spaces, and with
			b.WriteString(" " + string(c) + " ")
		case unicode.IsLetter(c) || unicode.IsNumber(c) || unicode.Is(unicode.Mc, c):
			b.WriteString(asciiLetters(c))
		default:
			b.WriteByte(' ')
		}
	}
	return norm.NFC.Bytes([]byte(strings.NewReplacer("ae", "a", "oe", "o", "ue", "u").Replace(b.String())))
}

// asciiLetters are the letters that stand for one which no accent makes.
func asciiLetters(c rune) string {
	switch c {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	}
	return string(c)
}

// generation says whether a word tells a parent from a child of the same name.
func generation(w string) bool {
	return slices.Contains([]string{"jr", "sr", "junior", "senior", "ii", "iii", "iv"}, w)
}

// Contradicts says whether two names cannot be of one person: each has a word that the other has not. An initial is every
// word that begins so, as long as another word is the same. No name contradicts nothing.
func (n Name) Contradicts(other Name) bool {
	if len(n) == 0 || len(other) == 0 {
		return false
	}
	less, more := n, other
	if len(less) > len(more) {
		less, more = more, less
	}
	taken := make([]bool, len(more))
	whole := 0
	for _, w := range less { // words that are the same go before initials
		if at := slices.IndexFunc(more, func(o word) bool { return o.hash == w.hash }); at >= 0 && !taken[at] {
			taken[at] = true
			if !w.short {
				whole++
			}
		}
	}
	for _, w := range less {
		if slices.ContainsFunc(more, func(o word) bool { return o.hash == w.hash }) {
			continue
		}
		at := -1
		for i, o := range more {
			if !taken[i] && o.initial == w.initial && (o.short || w.short) && !o.born && !w.born {
				at = i
				break
			}
		}
		if at < 0 {
			return true
		}
		taken[at] = true
	}
	for i, o := range more {
		if !taken[i] && o.born {
			return true
		}
	}
	return whole == 0
}

// Hash is one number for the words of a name.
func (n Name) Hash() (sum uint64) {
	for _, w := range n {
		sum = sum*31 + w.hash
	}
	return sum
}
