package mappings

import (
	"bytes"
	"strings"
	"time"
)

// A century is how far a birthday with two digits of its year is taken back where it would be in the future.
const century = 100

var (
	// the record goes without it, whatever becomes of other cells
	incomplete = &fault{code: codeBirthday, detail: "a whole date, with year, month and day"}
	unborn     = &fault{code: codeDate, detail: "a birthday that is not in the future"}
)

// readBirthday holds a date to what a birthday can be.
func (s *stamp) readBirthday(c *conversion) *fault {
	if noYear(s.year) {
		return incomplete
	}
	s.day0()
	switch {
	case !c.later(s):
	case !s.century:
		return unborn
	default:
		s.year -= century
	}
	return nil
}

// later says whether a date is behind the day on which the column was bound, wherever on earth that day is.
func (c *conversion) later(s *stamp) bool {
	return s.year*10000+s.month*100+s.day > c.today
}

// tomorrow is the last day that may be today somewhere, as a number like 20240131.
func tomorrow() int {
	year, month, day := time.Now().UTC().Add(14 * time.Hour).Date()
	return year*10000 + int(month)*100 + day
}

// noYear says whether a year stands for none: Apple's programs write 1604, others 0000.
func noYear(year int) bool { return year == 1604 || year == 0 }

// isPartial says whether a text is a date that lacks its year, its month or its day: --03-22, 1996, 1996-04, 22/03,
// March 22, circa 1800 (https://www.rfc-editor.org/rfc/rfc6350#section-4.3.1 has most).
func isPartial(text []byte) bool {
	if len(text) > 32 {
		return false
	}
	if rest, ok := bytes.CutPrefix(text, []byte("--")); ok {
		return digits(bytes.TrimLeft(rest, "-")) > 0 && len(bytes.Trim(rest, "0123456789-")) == 0
	}
	long, short, months := 0, 0, 0
	for _, part := range bytes.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" -/.,", r) }) {
		switch {
		case len(part) == 4 && onlyDigits(part):
			if string(part) != "1604" && string(part) != "0000" {
				long++
			}
		case len(part) <= 2 && onlyDigits(part):
			short++
		case isMonth(part):
			months++
		case !isAbout(string(part)):
			return false
		}
	}
	switch {
	case long == 1:
		return months+short <= 1
	case long == 0:
		return months == 0 && short == 2 || months == 1 && short <= 1
	}
	return false
}

// isAbout says whether a word tells that a year is not known exactly.
func isAbout(word string) bool {
	switch strings.ToLower(word) {
	case "circa", "ca", "c", "about", "approx":
		return true
	}
	return false
}

// isMonth says whether a word is a month's English name, or its first three letters.
func isMonth(word []byte) bool {
	for m := time.January; m <= time.December; m++ {
		if name := m.String(); strings.EqualFold(string(word), name) || strings.EqualFold(string(word), name[:3]) {
			return true
		}
	}
	return false
}
