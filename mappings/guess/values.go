package guess

import (
	"regexp"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/unseen"
)

// A look is what the values of a column look like, counted over the whole sample.
type look struct {
	filled, distinct, longest       int
	lines                           bool // some value has several lines
	emails, urls, phones, plus      int
	numbers, commas, points, bools  int
	codes, arrays, objects, letters int
	thousands                       bool // some number has a comma
	grouped                         bool // some number has one mark, before three digits
	numeric                         bool // a number that is kept as it is: no zeros in front, no more than 15 digits
	salutations, languages, zones   int
	genders                         int
	split                           string   // what stands between several values of a cell
	list                            string   // the same, where all of them are e-mail addresses or phone numbers
	missed                          int      // dates that the layouts do not read
	layouts                         []string // in which every date is one; "" for ISO 8601
	words                           map[string]bool
	samples                         []string // the first values that differ
	serials                         int      // codes that count
	turnable                        int      // names with the last name in front
	separable                       int      // addresses that can be taken apart
}

var (
	emailShape = regexp.MustCompile(`^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]+$`)
	urlShape   = regexp.MustCompile(`^(?i)https?://[^\s]+$`)
	phoneShape = regexp.MustCompile(`^'?\+?[\d\s().\-/]{6,24}$`)
	pointShape = regexp.MustCompile(`^[+-]?(\d+|\d{1,3}([,' ]\d{3})+)(\.\d+)?$`)
	commaShape = regexp.MustCompile(`^[+-]?(\d+|\d{1,3}([.' ]\d{3})+)(,\d+)?$`)
	groupShape = regexp.MustCompile(`^[+-]?\d{1,3}[.,]\d{3}$`)
	countShape = regexp.MustCompile(`^[A-Za-z]{0,5}[-_ ]?\d{2,}$`)
	codeShape  = regexp.MustCompile(`^[A-Z]{2}$`)
	langShape  = regexp.MustCompile(`^[a-z]{2,3}([-_][A-Za-z]{2,4})?$`)
	zoneShape  = regexp.MustCompile(`^[A-Z][A-Za-z]+/[A-Za-z_/+\-0-9]+$|^UTC$`)
)

// yes and no in the languages that columns come in; those Kustomer's reader does not know need values:.
var boolWords = map[string]string{"true": "", "false": "", "yes": "", "no": "", "y": "", "n": "", "1": "", "0": "",
	"on": "", "off": "",
	"ja": "true", "nein": "false", "oui": "true", "non": "false", "si": "true", "sí": "true", "sì": "true", "sim": "true",
	"não": "false", "nao": "false",
	"nee": "false", "tak": "true", "nie": "false", "nej": "false", "nei": "false", "kyllä": "true", "ei": "false",
	"vrai": "true", "faux": "false", "wahr": "true", "falsch": "false",
	"verdadero": "true", "falso": "false", "vero": "true", "x": "true"}

var salutationWords = []string{"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "m.", "mme", "mlle", "sr",
	"sra", "sig", "dhr", "mevr", "pan", "pani", "hr", "fru", "mr.", "mrs.", "ms.", "dr.", "prof.", "herr dr."}

// lookAt looks at every value of a column. At most a thousand different ones are told apart.
func lookAt(values []string) *look {
	s := &look{words: map[string]bool{}, numeric: true}
	var filled []string
	for _, raw := range values {
		v := string(unseen.Trim([]byte(raw)))
		if v == "" || v == "null" || v == "[]" || v == "{}" {
			continue
		}
		filled = append(filled, v)
		s.add(v)
	}
	s.filled, s.distinct = len(filled), len(s.words)
	s.layouts, s.missed = mappings.LayoutsOf(filled)
	s.split, s.list = separatorOf(filled, nil), separatorOf(filled,
		func(piece string) bool { return emailShape.MatchString(piece) || phoneShape.MatchString(piece) })
	return s
}

func (s *look) add(v string) {
	bare := string(mappings.Unprotect([]byte(v)))
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	s.longest = max(s.longest, len(v))
	s.lines = s.lines || strings.ContainsAny(v, "\n\r")
	first := firstPiece(v)
	digits, dialled := digitsOf(bare), digitsOf(first)
	number := pointShape.MatchString(bare) || commaShape.MatchString(bare)
	count(&s.emails, emailShape.MatchString(first))
	count(&s.urls, urlShape.MatchString(v))
	count(&s.phones, phoneShape.MatchString(first) && len(dialled) >= 6 && len(dialled) <= 15)
	count(&s.plus, strings.HasPrefix(bare, "+"))
	count(&s.numbers, number)
	count(&s.points, pointShape.MatchString(bare) && !commaShape.MatchString(bare))
	count(&s.commas, commaShape.MatchString(bare) && !pointShape.MatchString(bare))
	s.thousands = s.thousands || number && strings.Contains(bare, ",")
	s.grouped = s.grouped || groupShape.MatchString(bare)
	_, is := boolWords[strings.ToLower(v)]
	count(&s.bools, is)
	count(&s.codes, codeShape.MatchString(v))
	count(&s.arrays, v[0] == '[')
	count(&s.objects, v[0] == '{')
	count(&s.letters, strings.IndexFunc(v, func(r rune) bool { return r >= 'A' }) >= 0)
	count(&s.salutations, slices.Contains(salutationWords, strings.ToLower(v)))
	count(&s.languages, langShape.MatchString(v) || mappings.IsLanguage(v))
	count(&s.zones, zoneShape.MatchString(v) || mappings.IsTimeZone(v))
	count(&s.genders, slices.Contains([]string{"m", "f", "w", "d", "male", "female", "mann", "frau", "unspecified",
		"unknown", "other", "homme", "femme", "h"}, strings.ToLower(v)))
	if number && (len(digits) > 15 || len(digits) > 1 && digits[0] == '0' && !strings.ContainsAny(bare, ".,")) {
		s.numeric = false
	}
	if len(s.samples) < mostShown && !slices.Contains(s.samples, v) {
		s.samples = append(s.samples, v)
	}
	count(&s.serials, countShape.MatchString(bare))
	_, turned := mappings.FirstNameFirst(bare)
	count(&s.turnable, turned && len(digits) == 0)
	if strings.ContainsAny(bare, ",\n") && len(digits) > 0 {
		_, parted := mappings.TakeApart(bare)
		count(&s.separable, parted)
	}
	if len(s.words) < 1000 {
		s.words[strings.ToLower(v)] = true
	}
}

// twoWords is true where the words for yes and no are of one pair.
func (l *look) twoWords() bool {
	n := 0
	for w := range l.words {
		if _, is := boolWords[w]; is {
			n++
		}
	}
	return n <= 2
}

// firstPiece is the first of several values of a cell.
func firstPiece(v string) string {
	if at := strings.IndexAny(strings.ReplaceAll(v, ":::", ";  "), ";,|\n"); at > 0 {
		v = v[:at]
	}
	return strings.TrimSpace(v)
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// all is true when n of the filled values are (nearly) all of them: one in fifty may be damaged.
func (s *look) all(n int) bool { return s.filled > 0 && n*50 >= s.filled*49 }

// most is true when at least four in five are.
func (s *look) most(n int) bool { return s.filled > 0 && n*5 >= s.filled*4 }

// separatorOf is what stands between several values in some of the cells: ":::" before ";" before "|"
// before ",". It is "" where none does, or where a piece is not what it should be.
func separatorOf(values []string, fits func(piece string) bool) string {
	for _, mark := range []string{":::", ";", "|", ","} {
		cells, bad := 0, 0
		for _, v := range values {
			if !strings.Contains(v, mark) || strings.ContainsAny(v, "\n\r") {
				continue
			}
			cells++
			for piece := range strings.SplitSeq(v, mark) {
				if piece = strings.TrimSpace(piece); piece != "" && fits != nil && !fits(piece) {
					bad++
				}
			}
		}
		if cells > 0 && bad == 0 {
			return mark
		}
	}
	return ""
}
