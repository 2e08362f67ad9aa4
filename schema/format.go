package schema

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/xeipuuv/gojsonschema"
)

// formats are the ones muster gives a meaning of its own, in every document it compiles: Kustomer's private four, whose
// exact rules are not published, and two standard ones of which libraries differ. Each rule errs on the side of letting
// a value through to Kustomer, and each function's comment is the whole of it.
var formats = []struct {
	name     string
	holds    func(text []byte) bool
	expected string
}{
	{"email-relaxed", isEmail, "an e-mail address such as name@example.com"},
	{"phone-number", isPhone, "a phone number in international form such as +31201234567"},
	{"whatsapp-number", isWhatsapp, "a WhatsApp number in international form such as +31612345678"},
	{"url", isURL, "a web address that begins with http:// or https://"},
	{"uri", isURI, "an address that begins with its kind, such as https://example.com/page"},
	{"date-time", isDateTime, "a date and time such as 2024-05-31T09:30:00Z"},
}

// judged is the name under which the judge knows a format of ours. The judge's registry is one for the whole process,
// so names that another package may use too are left alone.
func judged(format string) string { return "muster:" + format }

// registerFormats tells the judge of formats.
var registerFormats = sync.OnceFunc(func() {
	for _, f := range formats {
		gojsonschema.FormatCheckers.Add(judged(f.name), checker{f.holds})
	}
})

// checker is a format as the judge calls it.
type checker struct{ holds func([]byte) bool }

// IsFormat lets everything pass that is not text, as a format should.
func (c checker) IsFormat(value any) bool {
	text, ok := value.(string)
	return !ok || c.holds([]byte(text))
}

// formatRule finds a format of ours, nil for any other.
func formatRule(name string) func([]byte) bool {
	for _, f := range formats {
		if f.name == name {
			return f.holds
		}
	}
	return nil
}

// byte classes of the formats below.
const (
	emailLocal   = 1 << iota // before the @
	hostPart                 // in a label of a host name
	uriPart                  // anywhere in a URI except %
	schemePart               // in a URI's scheme, after its first letter
	decimalDigit             // 0 to 9
	hexDigit                 // 0 to 9, a to f, A to F
	letter                   // a to z, A to Z
	authorityEnd             // / ? #
)

// classes gives the classes of each byte.
var classes = func() (table [256]uint8) {
	mark := func(bytes string, class uint8) {
		for i := range len(bytes) {
			table[bytes[i]] |= class
		}
	}
	const letters, digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	mark(letters, emailLocal|hostPart|uriPart|schemePart|letter)
	mark(digits, emailLocal|hostPart|uriPart|schemePart|decimalDigit|hexDigit)
	mark("abcdefABCDEF", hexDigit)
	mark("!#$%&'*+-/=?^_`{|}~.", emailLocal)
	mark("-_", hostPart)
	mark("-._~:/?#[]@!$&'()*+,;=", uriPart)
	mark("+-.", schemePart)
	mark("/?#", authorityEnd)
	for b := 0x80; b <= 0xff; b++ {
		table[b] |= emailLocal | hostPart // addresses in other scripts than Latin
	}
	return table
}()

// isEmail: one @; before it 1 or more of letters, digits, !#$%&'*+-/=?^_`{|}~. and characters beyond ASCII, dots
// anywhere; after it a host name of two or more labels joined by dots, each of 1 to 63 bytes: letters, digits, -, _ and
// characters beyond ASCII, not beginning or ending with -; 254 bytes in all (RFC 5321, 4.5.3.1.3).
func isEmail(text []byte) bool {
	if len(text) > 254 {
		return false
	}
	at := 0
	for at < len(text) && classes[text[at]]&emailLocal != 0 {
		at++
	}
	if at == 0 || at == len(text) || text[at] != '@' {
		return false
	}
	host := text[at+1:]
	dots, start := 0, 0
	for i, b := range host {
		if classes[b]&hostPart != 0 {
			continue
		}
		if b != '.' || !isLabel(host[start:i]) {
			return false
		}
		dots++
		start = i + 1
	}
	return dots > 0 && isLabel(host[start:])
}

func isLabel(label []byte) bool {
	return len(label) > 0 && len(label) <= 63 && label[0] != '-' && label[len(label)-1] != '-'
}

// isPhone: + or not, then 2 to 15 digits of which the first is not 0 (E.164; the pattern is that of Kustomer's phone
// search).
func isPhone(text []byte) bool { return isDialable(text, 2) }

// isWhatsapp: + or not, then 7 to 15 digits of which the first is not 0.
func isWhatsapp(text []byte) bool { return isDialable(text, 7) }

func isDialable(text []byte, least int) bool {
	if len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	if len(text) < least || len(text) > 15 || text[0] == '0' {
		return false
	}
	for _, b := range text {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}

// isURL: http://, https:// or ftp:// in any case, then a host of at least one character before the first / ? or #, and
// nothing that a URI may not hold.
func isURL(text []byte) bool {
	var rest []byte
	for _, scheme := range [...]string{"https://", "http://", "ftp://"} {
		if len(text) > len(scheme) && equalFold(text[:len(scheme)], scheme) {
			rest = text[len(scheme):]
			break
		}
	}
	return len(rest) > 0 && classes[rest[0]]&authorityEnd == 0 && onlyURI(rest)
}

// isURI: RFC 3986 with a scheme: a letter, then letters, digits, + - or .; a colon; at least one more character. Only
// the characters RFC 3986 allows, % only before two hexadecimal digits.
func isURI(text []byte) bool {
	if len(text) == 0 || classes[text[0]]&letter == 0 {
		return false
	}
	i := 1
	for i < len(text) && classes[text[i]]&schemePart != 0 {
		i++
	}
	return i+1 < len(text) && text[i] == ':' && onlyURI(text[i+1:])
}

func onlyURI(text []byte) bool {
	for i, b := range text {
		if classes[b]&uriPart == 0 && (b != '%' || i+2 >= len(text) || classes[text[i+1]]&classes[text[i+2]]&hexDigit == 0) {
			return false
		}
	}
	return true
}

func equalFold(text []byte, lower string) bool {
	for i := range len(lower) {
		b := text[i]
		if b >= 'A' && b <= 'Z' {
			b |= 0x20
		}
		if b != lower[i] {
			return false
		}
	}
	return true
}

// isDateTime: RFC 3339 with capital T and Z: YYYY-MM-DDTHH:MM:SS, then . and 1 to 9 digits or nothing, then Z or
// ±HH:MM. The day must exist (leap years are known); hours 00 to 23, minutes and seconds 00 to 59.
func isDateTime(text []byte) bool {
	if len(text) < len("YYYY-MM-DDTHH:MM:SSZ") || !dateForm.matches(text[0:8]) || !timeForm.matches(text[8:16]) {
		return false
	}
	if millis := len(text) == len("YYYY-MM-DDTHH:MM:SS.000Z") && millisForm.matches(text[16:24]); !millis {
		if text[16] != ':' || text[17]-'0' > 9 || text[18]-'0' > 9 || !isZone(afterFraction(text[19:])) {
			return false
		}
	}
	if two(text[11:]) > 23 || two(text[14:]) > 59 || two(text[17:]) > 59 {
		return false
	}
	month, day := two(text[5:]), two(text[8:])
	return month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= daysIn(two(text[0:])*100+two(text[2:]), month))
}

// A form is 8 bytes of which some may be any digit. It compares them all at once: a moment costs a third of what a loop
// does.
type form struct{ digits, others uint64 } // 0xff where a digit stands; the byte itself elsewhere

var dateForm, timeForm, millisForm = newForm("0000-00-"), newForm("00T00:00"), newForm(":00.000Z")

func newForm(text string) (f form) {
	for i := range 8 {
		if text[i] == '0' {
			f.digits |= 0xff << (8 * i)
		} else {
			f.others |= uint64(text[i]) << (8 * i)
		}
	}
	return f
}

func (f form) matches(text []byte) bool {
	const threes, sixes, highs = 0x3030303030303030, 0x0606060606060606, 0xf0f0f0f0f0f0f0f0
	word := binary.LittleEndian.Uint64(text)
	// A digit is 0x30 to 0x39: its high half is 3, and still is with 6 added.
	digits := word & f.digits
	return word&^f.digits == f.others && digits&highs == threes&f.digits &&
		(digits+sixes&f.digits)&highs == threes&f.digits
}

// two reads two digits.
func two(text []byte) int { return int(text[0]-'0')*10 + int(text[1]-'0') }

// daysIn is how many days a month has.
func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// afterFraction goes past . and 1 to 9 digits; nil when what follows the . is not that.
func afterFraction(text []byte) []byte {
	if text[0] != '.' {
		return text
	}
	i := 1
	for i < len(text) && text[i]-'0' <= 9 {
		i++
	}
	if i == 1 || i > 10 {
		return nil
	}
	return text[i:]
}

// isZone: Z, or + or - and HH:MM up to 23:59.
func isZone(text []byte) bool {
	if len(text) == 1 {
		return text[0] == 'Z'
	}
	return len(text) == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' &&
		text[1]-'0' <= 9 && text[2]-'0' <= 9 && text[4]-'0' <= 9 && text[5]-'0' <= 9 &&
		two(text[1:]) <= 23 && two(text[4:]) <= 59
}
