package mappings

import "bytes"

const (
	// longestNumber bounds the literal: what reads JSON downstream may turn it into a big number.
	longestNumber = 128
	// largestExponent is that of float64, which is what holds a number on Kustomer's side.
	largestExponent = 308
)

func expectedNumber(decimal byte) string {
	switch decimal {
	case ',':
		return "a number with a decimal comma, like 1.234,5"
	case '.':
		return "a number with a decimal point, like 1,234.5"
	}
	return `a number with a decimal point and no grouping marks, like 1234.5 (a column that has marks needs decimal: "." or decimal: ",")`
}

// readNumber keeps the digits as they are written, so that nothing is rounded, and makes them a JSON
// number: decimal point, no grouping marks, no plus, no leading zeros.
func readNumber(c *conversion, v *Value, rec *Record) *fault {
	if len(v.Text) > longestNumber || v.Kind != '"' && v.Kind != '0' {
		return c.fault
	}
	if n := jsonNumber(v.Text); n > 0 && n == len(v.Text) {
		if c.decimal != ',' || v.Kind == '0' || onlyDigits(v.Text) {
			v.Kind, v.plain = '0', true
			return c.inRange(v)
		}
	}
	if v.Kind == '0' {
		return c.fault
	}
	start := len(rec.buffer)
	buffer, ok := appendNumber(rec.buffer, v.Text, c.decimal)
	rec.buffer = buffer
	if !ok {
		return c.fault
	}
	v.Kind, v.plain, v.Text = '0', true, buffer[start:len(buffer):len(buffer)]
	return c.inRange(v)
}

// inRange refuses exponents that no float64 holds.
func (c *conversion) inRange(v *Value) *fault {
	at := bytes.IndexByte(v.Text, 'e')
	if at < 0 {
		at = bytes.IndexByte(v.Text, 'E')
	}
	if at < 0 {
		return nil
	}
	exponent := 0
	for _, b := range v.Text[at+1:] {
		if isDigit(b) && exponent <= largestExponent {
			exponent = exponent*10 + int(b-'0')
		}
	}
	if exponent > largestExponent {
		return c.fault
	}
	return nil
}

// isPlainNumber is true for a JSON number without an exponent.
func isPlainNumber(b []byte) bool {
	return len(b) <= longestNumber && len(b) > 0 && plainNumber(b) == len(b)
}

// jsonNumber is the length of the JSON number that b begins with, 0 when it begins with none.
func jsonNumber(b []byte) int {
	i := plainNumber(b)
	if i > 0 && i < len(b) && b[i]|0x20 == 'e' {
		n := exponentLength(b[i:])
		if n == 0 {
			return 0
		}
		i += n
	}
	return i
}

// plainNumber is jsonNumber up to the exponent.
func plainNumber(b []byte) int {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	switch {
	case i == len(b) || !isDigit(b[i]):
		return 0
	case b[i] == '0':
		i++
	default:
		i += digits(b[i:])
	}
	if i < len(b) && b[i] == '.' {
		n := digits(b[i+1:])
		if n == 0 {
			return 0
		}
		i += 1 + n
	}
	return i
}

// exponentLength is the length of the exponent that b begins with, its e included.
func exponentLength(b []byte) int {
	i := 1
	if i < len(b) && (b[i] == '+' || b[i] == '-') {
		i++
	}
	n := digits(b[min(i, len(b)):])
	if n == 0 {
		return 0
	}
	return i + n
}

// hasPrefix is bytes.HasPrefix for a string, which a conversion would copy.
func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// digits counts the digits that b begins with.
func digits(b []byte) int {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return n
}

// appendNumber appends text as a JSON number. decimal 0 means a point and no grouping marks.
func appendNumber(dst, text []byte, decimal byte) ([]byte, bool) {
	negative := false
	switch {
	case len(text) > 0 && text[0] == '+':
		text = text[1:]
	case len(text) > 0 && text[0] == '-':
		negative, text = true, text[1:]
	case hasPrefix(text, "−"): // the minus sign of typesetting
		negative, text = true, text[len("−"):]
	}
	if negative {
		dst = append(dst, '-')
	}
	start := len(dst)
	dst, text, ok := appendWhole(dst, text, decimal)
	if !ok {
		return dst, false
	}
	whole := len(dst) - start
	zeros := 0
	for zeros < whole-1 && dst[start+zeros] == '0' {
		zeros++
	}
	dst = append(dst[:start], dst[start+zeros:]...)
	if whole == 0 {
		dst = append(dst, '0')
	}
	mark := byte('.')
	if decimal == ',' {
		mark = ','
	}
	fraction := 0
	if len(text) > 0 && text[0] == mark {
		fraction = digits(text[1:])
		if fraction > 0 {
			dst = append(append(dst, '.'), text[1:1+fraction]...)
		}
		text = text[1+fraction:]
	}
	if whole+fraction == 0 {
		return dst, false
	}
	if len(text) > 0 && text[0]|0x20 == 'e' && exponentLength(text) == len(text) {
		return append(dst, text...), true
	}
	return dst, len(text) == 0
}

// appendWhole appends the digits before the decimal mark and returns what follows them. Grouping
// marks must stand before each three digits, and be the same throughout.
func appendWhole(dst, text []byte, decimal byte) (out, rest []byte, ok bool) {
	n := digits(text)
	dst, text = append(dst, text[:n]...), text[n:]
	mark := groupingMark(text, decimal)
	if mark == "" {
		return dst, text, true
	}
	if n == 0 || n > 3 {
		return dst, text, false
	}
	for hasPrefix(text, mark) {
		text = text[len(mark):]
		if digits(text) != 3 {
			return dst, text, false
		}
		dst, text = append(dst, text[:3]...), text[3:]
	}
	return dst, text, true
}

// groupingMark is the grouping mark that text begins with, "" when it begins with none that goes with
// this decimal mark.
func groupingMark(text []byte, decimal byte) string {
	if decimal == 0 || len(text) == 0 {
		return ""
	}
	switch {
	case text[0] == ',' && decimal == '.':
		return ","
	case text[0] == '.' && decimal == ',':
		return "."
	}
	for _, mark := range [...]string{" ", "'", "\u00a0", "\u202f", "\u2009", "’"} {
		if hasPrefix(text, mark) {
			return mark
		}
	}
	return ""
}
