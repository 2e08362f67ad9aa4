package source

import (
	"bytes"
	"strconv"
)

// keptDigits is how many significant digits of a number spreadsheets keep.
const keptDigits = 15

// decimalText is a number taken apart as it is written.
type decimalText struct {
	negative        bool
	whole, fraction []byte // digits; the fraction without the zeros at its end
	exponent        int
	scaled          bool // it has an exponent
}

// parseDecimal takes a number apart; false: it is none.
func parseDecimal(text []byte) (d decimalText, ok bool) {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		d.negative, text = text[0] == '-', text[1:]
	}
	d.whole, text = leadingDigits(text)
	if len(text) > 0 && text[0] == '.' {
		d.fraction, text = leadingDigits(text[1:])
	}
	if len(d.whole)+len(d.fraction) == 0 {
		return d, false
	}
	d.fraction = bytes.TrimRight(d.fraction, "0")
	if len(text) == 0 {
		return d, true
	}
	n, err := strconv.Atoi(string(text[1:]))
	d.exponent, d.scaled = n, true
	return d, text[0]|0x20 == 'e' && err == nil && n > -400 && n < 400
}

func leadingDigits(text []byte) (digits, rest []byte) {
	n := 0
	for n < len(text) && text[n]-'0' <= 9 {
		n++
	}
	return text[:n], text[n:]
}

// significant is how many digits the number has between the first and the last that are not 0.
func (d *decimalText) significant() int {
	all := append(append([]byte(nil), d.whole...), d.fraction...)
	return len(bytes.Trim(all, "0"))
}

// appendAmount writes the number of a cell as a person reads it, digit by digit: a whole number keeps all its digits,
// however many they are, and those its format puts before it. An exponent is resolved where the digits are as many as
// spreadsheets keep; else it stays, since what stands behind them was lost when the number was rounded. kind is '"' for
// digits that begin with 0, which are no number.
func appendAmount(dst, value []byte, zeros int) (out []byte, kind byte, ok bool) {
	d, ok := parseDecimal(value)
	switch {
	case !ok:
		return dst, '0', false
	case !d.scaled && len(d.fraction) == 0:
		out, kind = d.appendWhole(dst, zeros)
		return out, kind, true
	case !d.scaled && len(bytes.TrimLeft(d.whole, "0")) > keptDigits:
		return append(dst, value...), '0', true
	case d.scaled && d.significant() > 0 && d.wholeDigits() > keptDigits:
		return append(dst, bytes.ToUpper(value)...), '0', true
	}
	// at most 15 digits before the point: the shortest form is the one meant
	n, err := strconv.ParseFloat(string(value), 64)
	if err != nil {
		return dst, '0', false
	}
	out, kind = appendNumber(dst, n, zeros)
	return out, kind, true
}

// wholeDigits is how many digits stand before the point once the exponent is resolved.
func (d *decimalText) wholeDigits() int {
	if whole := bytes.TrimLeft(d.whole, "0"); len(whole) > 0 {
		return len(whole) + d.exponent
	}
	return d.exponent - (len(d.fraction) - len(bytes.TrimLeft(d.fraction, "0")))
}

// appendWhole writes a whole number, with as many digits as its format asks for.
func (d *decimalText) appendWhole(dst []byte, zeros int) ([]byte, byte) {
	kind := byte('0')
	digits := d.whole
	if len(bytes.TrimLeft(digits, "0")) == 0 {
		digits = digits[:1]
		d.negative = false
	}
	if d.negative {
		return append(append(dst, '-'), digits...), kind
	}
	for n := len(digits); n < zeros; n++ {
		dst, kind = append(dst, '0'), '"'
	}
	if len(digits) > 1 && digits[0] == '0' {
		kind = '"'
	}
	return append(dst, digits...), kind
}
