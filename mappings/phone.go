package mappings

import (
	"bytes"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"muster/pipeline/unseen"
)

// The lengths of an international number without its plus. The most is ITU-T E.164's
// (https://www.itu.int/rec/T-REC-E.164); the least is the shortest numbers in use, as of Niue.
const (
	fewestDigits = 7
	mostDigits   = 15
	// longestPhone bounds what is given to the phone library.
	longestPhone = 64
)

func expectedPhone(region string) string {
	if region == "" {
		return "a phone number in international form, like +31612345678 (other forms need region:)"
	}
	return "a phone number that is possible in " + region +
		", or in international form, like +31612345678, without an extension"
}

// readPhone writes phone numbers as +E.164. Those that are so already, but for spaces and the like,
// pass without the library, which costs a hundred times as much.
func readPhone(c *conversion, v *Value, rec *Record) *fault {
	if v.Kind != '"' && v.Kind != '0' || len(v.Text) > longestPhone {
		return c.fault
	}
	if isScientific(v.Text, v.Kind == '0') {
		return scientific
	}
	if isDecimal(v.Text) {
		return decimal
	}
	v.Kind, v.plain = '"', true
	switch international(v.Text) {
	case phoneReady:
		return nil
	case phoneMarked:
		start := len(rec.buffer)
		for _, b := range v.Text {
			if b == '+' || isDigit(b) {
				rec.buffer = append(rec.buffer, b)
			}
		}
		v.Text = rec.buffer[start:len(rec.buffer):len(rec.buffer)]
		return nil
	}
	if bare, marked := bytes.CutPrefix(v.Text, whatsappMark); marked {
		v.Text = bare
		return readPhone(c, v, rec)
	}
	if unseen.In(v.Text) {
		v.Text = rec.compared(v.Text)
		return readPhone(c, v, rec)
	}
	if hopeless(v.Text, c.region) {
		return c.fault
	}
	number, err := phonenumbers.Parse(string(v.Text), c.region)
	if err != nil || number.GetExtension() != "" || !phonenumbers.IsPossibleNumber(number) {
		return c.fault
	}
	start := len(rec.buffer)
	rec.buffer = append(rec.buffer, phonenumbers.Format(number, phonenumbers.E164)...)
	v.Text = rec.buffer[start:len(rec.buffer):len(rec.buffer)]
	if trunkZero(v.Text) && !settled(string(v.Text)) {
		return c.fault
	}
	return nil
}

// settled says whether the library leaves an international number as it is: of two zeros it takes one off.
func settled(text string) bool {
	number, err := phonenumbers.Parse(text, "")
	return err == nil && phonenumbers.Format(number, phonenumbers.E164) == text
}

// whatsappMark is what Kustomer writes before the numbers of WhatsApp.
var whatsappMark = []byte("whatsapp:")

func isReadyPhone(b []byte) bool { return international(b) == phoneReady }

// hopeless spares the library what cannot be a number: fewer than the three digits
// that it asks for, or no country at all. What is
// not ASCII may hold other digits and other plus signs, so it is never hopeless.
func hopeless(b []byte, region string) bool {
	count, plus := 0, region != ""
	for _, c := range b {
		switch {
		case c >= utf8.RuneSelf:
			return false
		case isDigit(c):
			count++
		case c == '+':
			plus = true
		}
	}
	return !plus || count < 3
}

const (
	phoneDoubtful = iota // the library must look at it
	phoneReady           // +E.164 as it stands
	phoneMarked          // +E.164 once spaces, dots, hyphens and brackets are off
)

// international looks whether b is a well-formed international number. A zero in brackets, as in
// +44 (0)20, belongs to the national form, so it is not for us to keep or drop.
func international(b []byte) int {
	if len(b) < 2 || b[0] != '+' || b[1] < '1' || b[1] > '9' {
		return phoneDoubtful
	}
	if n := len(b) - 1; n >= 8 && n <= mostDigits && digitsOnly(load(b, 1)) && digitsOnly(load(b, n-7)) {
		if zeroBehindCode(b[1:]) {
			return phoneDoubtful
		}
		return phoneReady
	}
	count, verdict := 0, phoneReady
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case isDigit(c):
			count++
		case c == '(' && i+1 < len(b) && b[i+1] == '0':
			return phoneDoubtful
		case c == ' ' || c == '\t' || c == '.' || c == '-' || c == '(' || c == ')':
			verdict = phoneMarked
		default:
			return phoneDoubtful
		}
	}
	if count < fewestDigits || count > mostDigits || verdict == phoneMarked && trunkZero(b) || verdict == phoneReady &&
		zeroBehindCode(b[1:]) {
		return phoneDoubtful
	}
	return verdict
}

// trunkZero looks whether a zero follows the country code, as it does in +31 06 12345678: it belongs to calls within
// the country, and only the library knows the few countries where it belongs to the number, as in Italy.
func trunkZero(b []byte) bool {
	var first [4]byte
	n := 0
	for _, c := range b[1:] {
		if !isDigit(c) {
			continue
		}
		first[n] = c
		if n++; n == len(first) {
			break
		}
	}
	return n == len(first) && zeroBehindCode(first[:])
}

// zeroBehindCode says whether a zero follows the country code of a number, of which there are four digits or more.
func zeroBehindCode(digits []byte) bool { return digits[codeDigits(digits[0], digits[1])] == '0' }

// shortCodes has, by the first digit of a country code, which second digits end it
// (https://www.itu.int/pub/T-SP-E.164D): one bit for each.
var shortCodes = [10]uint16{
	2: 1<<0 | 1<<7,
	3: 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<6 | 1<<9,
	4: 1<<0 | 1<<1 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<7 | 1<<8 | 1<<9,
	5: 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<7 | 1<<8,
	6: 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6,
	8: 1<<1 | 1<<2 | 1<<4 | 1<<6,
	9: 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<8,
}

// codeDigits is how many digits the country code has that begins with these.
func codeDigits(first, second byte) int {
	switch {
	case first == '1' || first == '7':
		return 1
	case shortCodes[first-'0']>>(second-'0')&1 != 0:
		return 2
	}
	return 3
}

// isRegion is true for a country's two letters (upper case) where the phone library knows the numbers.
func isRegion(s string) bool { return len(s) == 2 && phonenumbers.GetCountryCodeForRegion(s) != 0 }
