package source

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wlynxg/chardet"
)

const (
	// guessLimit is the confidence below which no encoding is taken.
	guessLimit = 0.6
	// guessMargin is how far the best reading must be ahead of every other that gives another text.
	guessMargin = 0.12
	// guessBytes is how much of the lines with characters beyond ASCII is looked at.
	guessBytes = 48 << 10
)

// reading is a sample as one charset reads it.
type reading struct {
	charset
	text  string
	score float64 // 0 to 1
}

// guessCharset decides on the charset of an input that is not UTF-8, or says between which it cannot decide.
func (in *input) guessCharset(sample []byte) error {
	found := readings(accented(sample))
	if len(found) == 0 {
		return in.encodingError("is not UTF-8, and no other encoding makes text of it; save it as CSV UTF-8")
	}
	best := found[0]
	var rivals, same []string
	for _, r := range found[1:] {
		switch {
		case r.text == best.text:
			same = append(same, r.name)
		case best.score-r.score < guessMargin:
			rivals = append(rivals, fmt.Sprintf("%s (%.0f %%)", r.name, 100*r.score))
		}
	}
	say := fmt.Sprintf("%s (%.0f %%)", best.name, 100*best.score)
	if len(rivals) > 0 {
		return in.encodingError("is not UTF-8, and can be read as " + say + " or as " + strings.Join(rivals, " or ") +
			", which give different texts; say which with --encoding NAME")
	}
	if best.score < guessLimit {
		return in.encodingError("is not UTF-8; the likeliest is " + say + ", which is not sure enough; say it with --encoding NAME")
	}
	say = fmt.Sprintf("%s (found out, %.0f %% sure", best.name, 100*best.score)
	if len(same) > 0 {
		say += "; " + strings.Join(same, " and ") + " would read the same"
	}
	in.recode(best.charset, say+")")
	return nil
}

// accented is the lines of a sample that hold more than ASCII: they alone tell the encoding.
func accented(sample []byte) []byte {
	var text []byte
	for len(sample) > 0 && len(text) < guessBytes {
		n := nextLine(sample, 0)
		if n == len(sample) && len(text) > 0 && !bytes.HasSuffix(sample, []byte{'\n'}) {
			break // the sample may end inside a character
		}
		if line := sample[:n]; bytes.ContainsFunc(line, func(r rune) bool { return r >= utf8.RuneSelf }) {
			text = append(text, line[:min(n, guessBytes)]...)
		}
		sample = sample[n:]
	}
	return text
}

// readings are the charsets that make text of the sample, the likeliest first.
func readings(sample []byte) []reading {
	said := map[string]float64{}
	for _, r := range chardet.DetectAll(sample) {
		if c, ok := charsetNamed(r.Charset); ok {
			said[c.name] = max(said[c.name], r.Confidence)
		} else if c, ok := charsetNamed(r.Encoding); ok {
			said[c.name] = max(said[c.name], r.Confidence)
		}
	}
	var found []reading
	for _, c := range charsets() {
		text, err := c.code.NewDecoder().String(string(sample))
		if err != nil || !plausible(text) {
			continue
		}
		r := reading{c, text, wordScore(text)}
		if c.multi {
			r.score *= said[c.name]
		} else {
			r.score *= 0.3 + 0.7*letterScore(text)
		}
		if r.score > 0 {
			found = append(found, r)
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].score > found[j].score })
	return found
}

// plausible says whether a reading holds only what may stand in text.
func plausible(text string) bool {
	wrong, all := 0, 0
	for _, r := range text {
		if r < utf8.RuneSelf {
			continue
		}
		all++
		if r == utf8.RuneError || r < 0xa0 || r >= 0xe000 && r < 0xf900 {
			wrong++
		}
	}
	return wrong*100 <= all
}

// wordScore is the share of a text's characters beyond ASCII that stand as characters of words do: letters among letters
// of their own script, in the order of cases that words have.
func wordScore(text string) float64 {
	right, all := 0.0, 0.0
	before := ' '
	runes := []rune(text)
	for i, r := range runes {
		after := ' '
		if i+1 < len(runes) {
			after = runes[i+1]
		}
		if r >= utf8.RuneSelf {
			all++
			right += standing(before, r, after)
		}
		before = r
	}
	return max(0, right) / max(1, all)
}

// punctuation is what stands in names, addresses and notes beside letters and digits.
const punctuation = "’‘“”„–—…€©®™°«»·№\u00a0\u3000、。・「」（）！？：／～，；《》〈〉【】々×²"

// standing judges one character by its neighbours: 1 as in a word, 0 as no word has it.
func standing(before, r, after rune) float64 {
	if !unicode.IsLetter(r) && !unicode.IsMark(r) {
		if unicode.IsLetter(before) && unicode.IsLetter(after) && r != '’' && r != '·' {
			return -1
		}
		if !strings.ContainsRune(punctuation, r) {
			return -0.3
		}
		return 0.7
	}
	for _, next := range [...]rune{before, after} {
		if unicode.IsLetter(next) && script(next) != script(r) {
			return 0
		}
	}
	switch {
	case unicode.IsUpper(r) && unicode.IsLower(before):
		return 0
	case unicode.IsUpper(before) && unicode.IsUpper(r) && unicode.IsLower(after), unicode.IsLower(r) && unicode.IsUpper(after):
		return 0.3
	}
	return 1
}

// script names the script of a letter, with those that stand together in one word as one.
func script(r rune) string {
	switch {
	case r < utf8.RuneSelf || unicode.Is(unicode.Latin, r):
		return "Latin"
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r == 'ー':
		if r >= 0xff61 && r <= 0xff9f {
			return "half-width"
		}
		return "CJK"
	}
	for _, name := range [...]string{"Cyrillic", "Greek", "Hebrew", "Arabic", "Thai"} {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	return ""
}
