package source

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// guessLimit is how sure an encoding must be, against all others that give another text.
	guessLimit = 0.97
	// guessBytes is how much of the lines with characters beyond ASCII is looked at.
	guessBytes = 48 << 10
)

// reading is a sample as one charset reads it.
type reading struct {
	charset
	text   string
	weight float64 // logarithm of how likely it is
	share  float64 // of all readings, 0 to 1
	sound  bool    // it is such as text is, likelier than others or not
}

// guessCharset decides on the charset of an input that is not UTF-8, or says between which it cannot decide.
func (in *input) guessCharset(sample []byte) *Error {
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
		case r.share >= 0.02 && len(rivals) < 3:
			rivals = append(rivals, fmt.Sprintf("%s (%.0f %%)", r.name, 100*r.share))
		}
	}
	say := fmt.Sprintf("%s (%.0f %%)", best.name, 100*best.share)
	switch {
	case best.share < guessLimit && len(rivals) > 0:
		err := in.encodingError("is not UTF-8, and can be read as " + say + " or as " + strings.Join(rivals, " or ") +
			", which give different texts; say which with --encoding NAME")
		if best.sound {
			err.Readings = differing(found)
		}
		return err
	case best.share < guessLimit || !best.sound:
		return in.encodingError("is not UTF-8; the likeliest is " + best.name +
			", which is not sure enough; say it with --encoding NAME")
	}
	say = fmt.Sprintf("%s (found out, %.0f %% sure", best.name, 100*math.Floor(100*best.share)/100)
	if n := len(same); n > 3 {
		same = append(same[:2], fmt.Sprintf("%d others", n-2))
	}
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
	var found []reading
	judge := newLetterJudge()
	for _, c := range charsets() {
		text, err := c.code.NewDecoder().String(string(sample))
		if err != nil || !plausible(text) {
			continue
		}
		r := reading{charset: c, text: text}
		r.weight, r.sound = judge.weigh(c, text)
		r.weight += math.Log(c.prior)
		found = append(found, r)
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].weight > found[j].weight })
	seen, sum := map[string]bool{}, 0.0
	for _, r := range found {
		if !seen[r.text] {
			seen[r.text] = true
			sum += math.Exp(r.weight - found[0].weight)
		}
	}
	for i := range found {
		found[i].share = math.Exp(found[i].weight-found[0].weight) / sum
	}
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
		if r == utf8.RuneError || r < 0xa0 || r >= 0xe000 && r < 0xf900 || r >= 0x2500 && r < 0x25a0 { // frames of tables
			wrong++
		}
	}
	return wrong*100 <= all
}

// words are the different words of a text that hold more than ASCII: what is said again proves no more.
func words(text string) []string {
	var found []string
	seen := map[string]bool{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool {
		return r <= ' ' ||
			strings.ContainsRune(",;|\"", r)
	}) {
		if !seen[word] && strings.ContainsFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) {
			seen[word] = true
			found = append(found, word)
		}
	}
	return found
}

// letterJudge knows how likely characters are.
type letterJudge struct {
	languages []map[rune]float64
	any       map[rune]float64 // over all languages
	signs     map[rune]float64
}

func newLetterJudge() *letterJudge {
	j := &letterJudge{any: map[rune]float64{}, signs: weights(signs)}
	for _, alphabet := range alphabets() {
		j.languages = append(j.languages, weights(alphabet))
	}
	for _, language := range j.languages {
		for r, share := range language {
			j.any[r] += share / float64(len(j.languages))
		}
	}
	return j
}

// weigh is the logarithm of how likely a text is that c gives, in the language that fits it best, and whether it is as
// likely as text is at all.
func (j *letterJudge) weigh(c charset, text string) (weight float64, sound bool) {
	letters := map[rune]int{}
	context, n := 0.0, 0
	for _, word := range words(text) {
		if c.multi {
			// as unlikely as a letter of ASCII is, which other readings have there
			context += asciiInside(c, word) * math.Log(30)
		}
		runes := []rune(" " + word + " ")
		for i, r := range runes {
			if i > 0 {
				context += math.Log(fitting(lower(runes[i-1]), lower(r)))
			}
			if r >= utf8.RuneSelf {
				letters[lower(r)]++
				context += math.Log(standing(runes[i-1], r, runes[i+1]))
				n++
			}
		}
	}
	order := slices.Sorted(maps.Keys(letters)) // in one order, or equals would change places from run to run
	best := math.Inf(-1)
	floor := math.Log(0.004)
	if c.multi {
		a := asian(c)
		best, floor = 0, math.Log(1e-5)
		for _, r := range order {
			best += float64(letters[r]) * math.Log(a.share(r))
		}
	} else {
		for i, language := range j.languages {
			sum, signs := 0.0, choose(i == 0, englishSigns, signShare)
			for _, r := range order {
				sum += float64(letters[r]) * math.Log(j.share(language, signs, r))
			}
			best = max(best, sum)
		}
	}
	sound = best+context > floor*float64(n) && context > -float64(n)
	return best + context, sound && (c.multi || n > 2 || script(order[0]) == "Latin" || !unicode.IsLetter(order[0]))
}

// asciiInside is how many bytes of a word in a charset of several bytes are of ASCII, and yet not characters by
// themselves.
func asciiInside(c charset, word string) float64 {
	raw, err := c.code.NewEncoder().String(word)
	if err != nil {
		return 0
	}
	n := 0
	for i := range len(raw) {
		if raw[i] < utf8.RuneSelf {
			n++
		}
	}
	for _, r := range word {
		if r < utf8.RuneSelf {
			n--
		}
	}
	return float64(n)
}

// share is how much of a text in a language one character beyond ASCII is.
func (j *letterJudge) share(language map[rune]float64, signs float64, r rune) float64 {
	if !unicode.IsLetter(r) || ordinal(r) {
		return max(strayShare/10, signs*j.signs[r])
	}
	return max(strayShare, (1-signs)*((1-foreignShare)*language[r]+foreignShare*j.any[r]))
}

// differing is one word of a sample as the likeliest reading has it, and as the next other one has.
func differing(found []reading) []Reading {
	best := found[0]
	for _, other := range found[1:] {
		if other.text == best.text {
			continue
		}
		mine, theirs := words(best.text), words(other.text)
		for i := range min(len(mine), len(theirs)) {
			if mine[i] != theirs[i] {
				return []Reading{{best.name, mine[i]}, {other.name, theirs[i]}}
			}
		}
	}
	return nil
}
