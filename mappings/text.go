package mappings

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"

	"muster/pipeline/unseen"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// load is the 8 bytes at b[i:], the first one lowest.
func load(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

// firstSpecial is the index of the first byte that cannot stand in a JSON string as it is, or that is
// a control character: below space, quote, backslash, delete. It is len(b) when there is none. Eight
// bytes are looked at together, at the end of the text some of them twice.
func firstSpecial(b []byte) int {
	n := len(b)
	if n < 8 {
		if n >= 4 && specials(uint64(binary.LittleEndian.Uint32(b))|uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32) == 0 {
			return n
		}
		for i, c := range b {
			if c < ' ' || c == '"' || c == '\\' || c == 0x7F {
				return i
			}
		}
		return n
	}
	for i := 0; i < n-8; i += 8 {
		if found := specials(load(b, i)); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	if found := specials(load(b, n-8)); found != 0 {
		return n - 8 + bits.TrailingZeros64(found)/8
	}
	return n
}

// specials sets the high bit of each byte of w that is special. The lowest bit set is exact; those
// above it may be false alarms. Exchanging 0x20 with 0x22, and so on, puts the quote just above the
// control characters.
func specials(w uint64) uint64 {
	low, slash, del := w^ones*2, w^ones*'\\', w^ones*0x7F
	return ((low - ones*0x21) | (slash - ones) | (del - ones)) &^ w & highs
}

// capitals sets the high bit of each byte of w that is A to Z, or not ASCII.
func capitals(w uint64) uint64 {
	low := w &^ highs
	return ((low+ones*(0x80-'A'))&^(low+ones*(0x7F-'Z')) | w) & highs
}

// digitsOnly says whether each byte of w is a digit.
func digitsOnly(w uint64) bool {
	return w&(ones*0xF0) == ones*'0' && (w+ones*6)&(ones*0xF0) == ones*'0'
}

// isPlain is true for text without anything that JSON escapes, or that is a control character.
func isPlain(b []byte) bool { return firstSpecial(b) == len(b) }

// isPlainID is true for text that readID takes as it stands.
func isPlainID(b []byte) bool {
	return len(b) > 0 && (isPlainASCII(b) || isPlainHandle(b)) && !isScientific(b, false) &&
		(b[len(b)-1] != '0' || !isDecimal(b))
}

// readText takes any text. Tabs and line ends belong to text; other control characters are what is
// left of damage.
func readText(c *conversion, v *Value, _ *Record) *fault {
	switch v.Kind {
	case '"':
		at := firstSpecial(v.Text)
		if at == len(v.Text) {
			v.plain = true
			return nil
		}
		for _, b := range v.Text[at:] {
			if b < ' ' && b != '\n' && b != '\r' && b != '\t' || b == 0x7F {
				return control
			}
		}
		return nil
	case '0', 't':
		v.Kind, v.plain = '"', true
		return nil
	}
	return c.fault
}

// readLine takes text of one line.
func readLine(c *conversion, v *Value, rec *Record) *fault {
	if f := readText(c, v, rec); f != nil {
		return f
	}
	if !v.plain && bytes.ContainsAny(v.Text, "\n\r\t") {
		return manyLines
	}
	return nil
}

// readID takes text by which something is found: two that look the same are the same. 4.41E+11 was a number once and is
// so no more.
func readID(c *conversion, v *Value, rec *Record) *fault {
	number := v.Kind == '0'
	if v.Kind == '"' && unseen.In(v.Text) {
		v.Text = rec.compared(v.Text)
	}
	if f := readLine(c, v, rec); f != nil {
		return f
	}
	if isScientific(v.Text, number) {
		return scientific
	}
	if isDecimal(v.Text) {
		return decimal
	}
	return nil
}

// readHandle takes a name of one line that is an identity: what cannot be seen is not part of it.
func readHandle(c *conversion, v *Value, rec *Record) *fault {
	if v.Kind == '"' && unseen.In(v.Text) {
		v.Text = rec.compared(v.Text)
	}
	return readLine(c, v, rec)
}

// isPlainHandle is true for text that readHandle takes as it stands.
func isPlainHandle(b []byte) bool { return isPlainASCII(b) || isPlain(b) && !unseen.In(b) }

// isPlainASCII is true for plain text of ASCII alone: nearly all identities are told by one look at their bytes.
func isPlainASCII(b []byte) bool {
	n := len(b)
	if n < 8 {
		if n >= 4 {
			return odd(uint64(binary.LittleEndian.Uint32(b))|uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32) == 0
		}
		w := uint64(ones) * 'A' // in which nothing is special
		for _, c := range b {
			w = w<<8 | uint64(c)
		}
		return n > 0 && odd(w) == 0
	}
	for i := 0; i < n-8; i += 8 {
		if odd(load(b, i)) != 0 {
			return false
		}
	}
	return odd(load(b, n-8)) == 0
}

// odd sets the high bit of some bytes of w where one is special or is not ASCII, of none where none is.
func odd(w uint64) uint64 { return specials(w) | w&highs }

// isDecimal knows a whole number that a program wrote as a decimal one, as pandas does with a column that has blank
// cells: 12345.0.
func isDecimal(b []byte) bool {
	n := len(b)
	if n < 3 || b[n-1] != '0' {
		return false
	}
	whole := b[:n-2]
	if b[n-2] == '0' {
		whole = b[:n-3]
	}
	if b[len(whole)] != '.' {
		return false
	}
	if len(whole) > 1 && (whole[0] == '+' || whole[0] == '-') {
		whole = whole[1:]
	}
	return len(whole) > 0 && onlyDigits(whole)
}

// isScientific knows the form in which spreadsheets write long numbers: 4.41E+11, 4,41E+11. In text
// the exponent must have its sign, so that ids like 12E45 pass; in a JSON number any exponent counts.
func isScientific(b []byte, number bool) bool {
	if len(b) == 0 || b[0] > '9' {
		return false
	}
	i := 0
	if b[0] == '-' || b[0] == '+' {
		i++
	}
	start := i
	for i < len(b) && (isDigit(b[i]) || b[i] == '.' || b[i] == ',') {
		i++
	}
	if i == start || i+1 >= len(b) || b[i]|0x20 != 'e' {
		return false
	}
	i++
	if b[i] == '+' || b[i] == '-' {
		i++
	} else if !number {
		return false
	}
	return i < len(b) && onlyDigits(b[i:])
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func onlyDigits(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// readBool takes the spellings of yes and no that mean nothing else, in any case.
func readBool(c *conversion, v *Value, _ *Record) *fault {
	if v.Kind == '[' || v.Kind == '{' {
		return c.fault
	}
	var word [5]byte
	if len(v.Text) > len(word) {
		return c.fault
	}
	for i, b := range v.Text {
		if b >= 'A' && b <= 'Z' {
			b |= 0x20
		}
		word[i] = b
	}
	switch string(word[:len(v.Text)]) {
	case "true", "yes", "y", "1", "on":
		v.Text = trueText
	case "false", "no", "n", "0", "off":
		v.Text = falseText
	default:
		return c.fault
	}
	v.Kind, v.plain = 't', true
	return nil
}

var (
	trueText  = []byte("true")
	falseText = []byte("false")
	nullText  = []byte("null")
	male      = []byte("m")
	female    = []byte("f")
)

// readURL takes an absolute address; the schema has the last word on it.
func readURL(c *conversion, v *Value, rec *Record) *fault {
	if v.Kind != '"' || !isAddress(v.Text) {
		return c.fault
	}
	if unseen.In(v.Text) {
		v.Text = rec.compared(v.Text)
	}
	v.plain = true
	return nil
}

// isPlainURL is true for an address that stands as it is.
func isPlainURL(b []byte) bool { return address(b, highs) || isAddress(b) && !unseen.In(b) }

// isAddress is true for a scheme, a colon, and something behind it without what no address holds; https:// wants a
// host.
func isAddress(b []byte) bool { return address(b, 0) }

// address is isAddress for a text of which no eight bytes have a bit of also.
func address(b []byte, also uint64) bool {
	colon := 0
	for colon < len(b) && b[colon] != ':' {
		if c := b[colon]; !isLetter(c) && (colon == 0 || !isDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
		colon++
	}
	if colon == 0 || colon+1 >= len(b) {
		return false
	}
	rest := b[colon+1:]
	if len(rest) >= 2 && rest[0] == '/' && rest[1] == '/' && (len(rest) == 2 || rest[2] == '/') && colon > 1 &&
		b[0]|0x20 == 'h' {
		return false
	}
	n := len(b)
	if n < 8 {
		return !slices.ContainsFunc(b, func(c byte) bool { return unfit(ones*uint64(c))|ones*uint64(c)&also != 0 })
	}
	for i := 0; i < n-8; i += 8 {
		if w := load(b, i); unfit(w)|w&also != 0 {
			return false
		}
	}
	w := load(b, n-8)
	return unfit(w)|w&also == 0
}

// unfit is not 0 where one of the bytes of w is one that no address holds: space and below, quote, < or >, backslash,
// delete. A bit of difference makes one of < and >.
func unfit(w uint64) uint64 {
	quote, angle, slash, del := w^ones*'"', (w|ones*2)^ones*'>', w^ones*'\\', w^ones*0x7F
	return ((w - ones*0x21) | (quote - ones) | (angle - ones) | (slash - ones) | (del - ones)) &^ w & highs
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// readGender shortens the two words that Kustomer has letters for; the schema judges all others.
func readGender(c *conversion, v *Value, rec *Record) *fault {
	if f := readLine(c, v, rec); f != nil {
		return f
	}
	switch {
	case len(v.Text) == 1 && v.Text[0]|0x20 == 'm', bytes.EqualFold(v.Text, []byte("male")):
		v.Text = male
	case len(v.Text) == 1 && v.Text[0]|0x20 == 'f', bytes.EqualFold(v.Text, []byte("female")):
		v.Text = female
	}
	return nil
}

// readCode writes codes of two letters in upper case and leaves all else as it is.
func readCode(c *conversion, v *Value, rec *Record) *fault {
	if f := readLine(c, v, rec); f != nil {
		return f
	}
	if !isCode(v.Text) || v.Text[0] < 'a' && v.Text[1] < 'a' {
		return nil
	}
	v.Text = rec.keep(v.Text[0]&^0x20, v.Text[1]&^0x20)
	return nil
}

// isUpperCode is true for two letters that need nothing done. UK is not the code of a country.
func isUpperCode(b []byte) bool {
	return len(b) == 2 && b[0]-'A' < 26 && b[1]-'A' < 26 && (b[0] != 'U' || b[1] != 'K')
}

func isCode(b []byte) bool { return len(b) == 2 && isLetter(b[0]) && isLetter(b[1]) }

// readAsIs takes what the org's own type allows and muster does not know: JSON stays as it is.
func readAsIs(c *conversion, v *Value, rec *Record) *fault {
	switch v.Kind {
	case '"':
		return readText(c, v, rec)
	case '0':
		return readNumber(c, v, rec)
	case 't':
		return readBool(c, v, rec)
	}
	text, ok := compact(v.Text, rec)
	if !ok {
		return brokenJSON
	}
	v.Text = text
	return nil
}

// readObject takes a JSON object as it is, also from a cell that holds it as text.
func readObject(c *conversion, v *Value, rec *Record) *fault {
	if len(v.Text) == 0 || v.Text[0] != '{' || v.Kind != '"' && v.Kind != '{' {
		return c.fault
	}
	text, ok := compact(v.Text, rec)
	if !ok {
		return c.fault
	}
	v.Kind, v.Text = '{', text
	return nil
}

// keep holds a few bytes in the record's buffer.
func (r *Record) keep(b ...byte) []byte {
	start := len(r.buffer)
	r.buffer = append(r.buffer, b...)
	return r.buffer[start:len(r.buffer):len(r.buffer)]
}
