package profile

import (
	"bytes"
	"strings"

	"muster/pipeline/source"
	"muster/pipeline/unseen"
)

// cell looks at one cell that is not empty.
func (c *seenColumn) cell(cell []byte, row *source.Row, foreign, fit bool) {
	if !c.varied {
		c.compare(cell)
	}
	if foreign && !unseen.IsASCII(cell) && mojibake(cell) {
		c.signs[signMojibake].add(row)
	}
	switch {
	case c.role < roleEmail || !fit || cell[0] == '[': // see list
	case c.role == roleEmail && placeholderEmail(cell), c.role == rolePhone && endsAlike(cell) && placeholderPhone(cell):
		c.signs[signPlaceholder].add(row)
	}
	switch ch := cell[0]; {
	case ch == '[' && c.role.identity():
		c.list(cell, row, fit)
	case ch >= 'A': // what follows begins before the letters
	case ch-'0' <= 9:
		c.number(cell, row)
	case ch == '#' && spreadsheetError(cell):
		c.signs[signError].add(row)
	case ch == '\'' && len(cell) > 1 && strings.IndexByte("0123456789+-=@", cell[1]) >= 0:
		c.signs[signApostrophe].add(row)
	}
}

// list looks at the texts of a JSON array, or of the objects in it, for what stands for none.
func (c *seenColumn) list(cell []byte, row *source.Row, fit bool) {
	for i, text := range bytes.Split(cell, []byte{'"'}) {
		if i%2 == 0 || len(text) == 0 || !fit {
			continue
		}
		if c.role == roleEmail && placeholderEmail(text) || c.role == rolePhone && placeholderPhone(text) {
			c.signs[signPlaceholder].add(row)
			return
		}
	}
}

// longestSample is how much of a cell is kept to see whether a column is constant; a longer one is taken for varied.
const longestSample = 256

func (c *seenColumn) compare(cell []byte) {
	switch {
	case !c.met && len(cell) <= longestSample:
		c.sample = bytes.Clone(cell)
	case !bytes.Equal(c.sample, cell):
		c.varied, c.easy, c.simple, c.sample = true, c.role != roleEmail, c.role < roleEmail && c.role != roleNone, nil
	}
	c.met = true
}

// number looks at a cell that begins as a number does.
func (c *seenColumn) number(cell []byte, row *source.Row) {
	n := 0
	for n < len(cell) && cell[n]-'0' <= 9 {
		n++
	}
	switch {
	case n == 0:
	case n == len(cell):
		c.digits(cell, row)
	case c.whole() && decimal(cell, n):
		c.signs[signDecimal].add(row)
	case cell[n] == '/' || cell[n] == '-' || cell[n] == '.' && n <= 2:
		if n <= 4 && n+1 < len(cell) && cell[n+1]-'0' <= 9 {
			c.dates++
		}
	}
	if n > 0 && n < len(cell) && n <= 2 && scientific(cell, n) {
		c.signs[signScientific].add(row)
	}
}

// whole says whether a number in the column has no decimals.
func (c *seenColumn) whole() bool { return c.role.identity() || c.role == roleZip }

// digits looks at a cell of nothing but digits.
func (c *seenColumn) digits(cell []byte, row *source.Row) {
	n := len(cell)
	switch {
	case n > 15:
		c.longNumber(cell, row)
	case n == 5 && (cell[0] > '1' || cell[1] >= '8') && cell[0] < '7':
		c.signs[signSerial].add(row) // 18000 is in 1949, 69999 in 2091
	}
	switch {
	case n > longestNumber:
	case cell[0] == '0' && n > 1:
		c.led[n]++
	default:
		c.plain[n].add(row)
	}
}

// scientific says whether the number whose first n bytes are digits goes on as 4.41E+11 does.
func scientific(cell []byte, n int) bool {
	if cell[n] == '.' || cell[n] == ',' {
		for n++; n < len(cell) && cell[n]-'0' <= 9; n++ {
		}
	}
	if n+2 >= len(cell) || cell[n]|0x20 != 'e' || cell[n+1] != '+' {
		return false
	}
	for _, ch := range cell[n+2:] {
		if ch-'0' > 9 {
			return false
		}
	}
	return true
}

// spreadsheetError says whether a cell is an error that a spreadsheet left behind.
func spreadsheetError(cell []byte) bool {
	switch string(cell) {
	case "#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#ERROR!",
		"#BEZUG!", "#NV", "#WERT!", "#ZAHL!", "#REF", "#VALEUR!", "#NOM?", "#NOMBRE?", "#VALOR!", "#¡REF!", "#¡VALOR!",
		"#RIF!", "#VALORE!", "#VERW!", "#WAARDE!":
		return true
	}
	return len(cell) > 3 && len(bytes.Trim(cell, "#")) == 0 // a column too narrow when it was copied
}

// placeholderPhone says whether a number ends with one digit seven times or more, or is nothing but the digits in their
// order, a country's code before them or not: what people type who have none.
func placeholderPhone(cell []byte) bool {
	same, upward, digits := 0, 0, 0
	last, after := byte(0), byte(0)
	for i := len(cell) - 1; i >= 0; i-- {
		ch := cell[i]
		switch {
		case ch-'0' > 9:
			continue
		case digits == 0:
			last, same, upward = ch, 1, 1
		default:
			if same == digits && ch == last {
				same++
			}
			if upward == digits && (ch == after-1 || ch == '9' && after == '0') {
				upward++
			}
		}
		after = ch
		if digits++; same < digits && upward < digits {
			break
		}
	}
	return same >= 7 || upward >= 8
}

// endsAlike says whether a number may end as a placeholder does: most that do not are told by their last two digits.
func endsAlike(cell []byte) bool {
	n := len(cell)
	if n < 2 {
		return false
	}
	last, before := cell[n-1], cell[n-2]
	return last == before || last == before+1 || last == '0' && before == '9' || before-'0' > 9
}

// placeholderEmail says whether an address is one of those that people type who have none.
func placeholderEmail(cell []byte) bool {
	switch cell[0] | 0x20 {
	case 'n', 'd', 't', 'x', 'a', 'e', 'u', 'f':
	default:
		return false
	}
	local, domain, ok := bytes.Cut(cell, []byte{'@'})
	if !ok || len(local) > 12 {
		return false
	}
	switch strings.ToLower(string(local)) {
	case "noreply", "no-reply", "no.reply", "donotreply", "do-not-reply", "none", "noemail", "no-email", "nomail", "no",
		"na", "n.a", "test", "x", "xx", "xxx",
		"aaa", "asdf", "abc", "example", "email", "unknown", "fake", "dummy", "nobody", "anonymous":
		return true
	}
	switch strings.ToLower(string(domain)) {
	case "none.com", "noemail.com", "na.com", "test.com", "fake.com", "nomail.com", "email.invalid":
		return true
	}
	return false
}

// mojibake says whether a text holds UTF-8 that was taken for Windows-1252 and written as UTF-8 again (Ã©, Â£, â€™), or
// Windows-1252 that was taken for ISO-8859-1, which has controls for its dashes and quotes, or the sign for a character
// that was lost.
func mojibake(text []byte) bool {
	for rest := text; ; {
		n := bytes.IndexByte(rest, 0xc3)
		if n < 0 || n+3 > len(rest) {
			break
		}
		rest = rest[n+2:]
		switch text[len(text)-len(rest)-1] {
		case 0x82, 0x83: // Â Ã
			if continuesByte(rest) {
				return true
			}
		case 0xa2: // â
			if bytes.HasPrefix(rest, []byte("€")) {
				return true
			}
		}
	}
	return bytes.Contains(text, []byte("\ufffd")) || lateControl(text)
}

// lateControl says whether a text holds one of the controls U+0080 to U+009F, of which no text makes use.
func lateControl(text []byte) bool {
	for rest := text; ; {
		n := bytes.IndexByte(rest, 0xc2)
		if n < 0 || n+1 == len(rest) {
			return false
		}
		rest = rest[n+1:]
		if rest[0] >= 0x80 && rest[0] <= 0x9f {
			return true
		}
	}
}

// continuesByte says whether a text begins with a character that Windows-1252 has where UTF-8 has continuations.
func continuesByte(text []byte) bool {
	if len(text) >= 2 && text[0] == 0xc2 {
		return text[1] >= 0x80 && text[1] <= 0xbf && text[1] != 0xab && text[1] != 0xbb // « and » follow letters, too
	}
	for _, one := range [...]string{"€", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "Ž", "‘", "•", "˜", "™",
		"š", "›", "œ", "ž", "Ÿ"} {
		if bytes.HasPrefix(text, []byte(one)) {
			return true
		}
	}
	return false
}
