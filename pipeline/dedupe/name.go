package dedupe

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"
	"unicode"
	"unicode/utf8"

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
	name := make(Name, 0, 4)
	for w := range bytes.FieldsFuncSeq(plainName(text), func(c rune) bool { return c == ' ' }) {
		if len(name) == wordsKept {
			break
		}
		initial, size := utf8.DecodeRune(w)
		name = append(name, word{hash: maphash.Bytes(seed, w), initial: initial,
			short: size == len(w) && unicode.IsLower(initial), born: generation(string(w))})
	}
	slices.SortFunc(name, func(a, b word) int { return cmp.Compare(a.hash, b.hash) })
	return name
}

// plainName is a name in small letters without accents, its words apart by spaces. Umlauts and their spelling with an e
// are one, since exports that know ASCII alone write them so.
func plainName(text []byte) []byte {
	b := make([]byte, 0, 2*len(text))
	for _, c := range string(norm.NFKD.Bytes(text)) {
		switch c = unicode.ToLower(c); {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			b = append(b, byte(c))
		case unicode.Is(unicode.Mn, c), c == '\'', c == '’', c == 'ʼ', c == '`', c == '´', unicode.Is(unicode.Cf, c):
		case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana): // written without spaces, and with
			b = append(utf8.AppendRune(append(b, ' '), c), ' ')
		case unicode.IsLetter(c) || unicode.IsNumber(c) || unicode.Is(unicode.Mc, c):
			b = append(b, asciiLetters(c)...)
		default:
			b = append(b, ' ')
		}
	}
	return norm.NFC.Bytes(withoutUmlauts(b))
}

// withoutUmlauts writes ae, oe and ue as a, o and u.
func withoutUmlauts(b []byte) []byte {
	plain := b[:0]
	for i := 0; i < len(b); i++ {
		plain = append(plain, b[i])
		if (b[i] == 'a' || b[i] == 'o' || b[i] == 'u') && i+1 < len(b) && b[i+1] == 'e' {
			i++
		}
	}
	return plain
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

// Contradicts says whether two names cannot be of one person: each has a word that the other has not. An initial is
// every word that begins so, as long as another word is the same. No name contradicts nothing.
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
