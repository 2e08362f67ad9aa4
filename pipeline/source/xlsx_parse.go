package source

import (
	"bytes"
	"math"
	"strconv"
)

// xlsxRows parses the rows of a sheet's XML (ECMA-376 part 1, 18.3.1.73).
func (p *bookParser) xlsxRows() {
	open := false
	for {
		for open && p.commonCell() {
		}
		switch p.next() {
		case tokenEnd:
			if !p.damaged(open) {
				return
			}
			open = false
		case tokenOpen:
			switch {
			case string(p.name) == "c" && open:
				p.xlsxCell()
			case string(p.name) == "row":
				p.openRow()
				open = !p.empty
			case open:
				p.skip()
			}
		case tokenClose:
			if open && string(p.name) == "row" {
				p.endRow()
				open = false
			}
		}
	}
}

func (p *bookParser) openRow() {
	p.number++
	if n, ok := atoi(p.attr("r")); ok {
		p.number = int64(n)
	}
	if len(p.attrs) > 12 && isTrue(p.attr("hidden")) && (p.width == 0 || p.number >= p.sheet.first) && !p.empty {
		p.hidden++
	}
	p.beginRow()
}

// xlsxCell parses the cell whose start tag came last.
func (p *bookParser) xlsxCell() {
	place, style, kind := p.cellAttributes()
	column := p.column
	if n, ok := columnIndex(place); ok {
		column = n
	}
	p.column = column + 1
	if p.empty {
		return
	}
	var value []byte
	literal, valued, formula, inline := false, false, false, false
	for depth := 1; depth > 0; {
		switch p.next() {
		case tokenEnd:
			return
		case tokenClose:
			depth--
		case tokenOpen:
			switch string(p.name) {
			case "v":
				valued = true
				if !p.empty {
					depth++
				}
			case "is":
				inline = true
				value = p.inline()
			case "f":
				formula = true
				p.skip()
			default:
				p.skip()
			}
		case tokenText:
			if depth == 2 {
				value, literal = p.join(value, p.text), p.literal
			}
		}
	}
	switch {
	case inline && len(value) > 0:
		p.put(column, value, '"')
	case inline:
	case formula && len(value) == 0 && (!valued || string(kind) != "str"):
		p.refuseCell(column, cellError, noFormulaValue)
	case len(value) > 0:
		p.xlsxValue(column, value, style, kind, literal)
	}
}

// inline is the text of the <is> element whose start tag came last.
func (p *bookParser) inline() []byte {
	text, room, ok := p.richText(p.block.text)
	p.block.text = room
	if !ok {
		p.refuseCell(p.column-1, rowSyntax, "a reference that XML does not know")
	}
	return text
}

// join puts together a value that CDATA or a comment cuts in two.
func (p *bookParser) join(value, more []byte) []byte {
	if value == nil {
		return more
	}
	from := len(p.block.text)
	p.block.text = append(append(p.block.text, value...), more...)
	return p.block.text[from:len(p.block.text):len(p.block.text)]
}

// cellAttributes reads the three attributes of a cell that matter: r, s and t.
func (p *bookParser) cellAttributes() (place []byte, style int, kind []byte) {
	a := p.attrs
	for i := 0; i+3 < len(a); i++ {
		if a[i] != '=' || a[i+1] != '"' && a[i+1] != '\'' {
			continue
		}
		end := i + 2
		for end < len(a) && a[end] != a[i+1] {
			end++
		}
		if i == 1 || i > 1 && a[i-2] <= ' ' {
			value := a[i+2 : end]
			switch a[i-1] {
			case 'r':
				place = value
			case 's':
				style, _ = atoi(value)
			case 't':
				kind = value
			}
		}
		i = end
	}
	return place, style, kind
}

// columnIndex is the 0-based column of a cell's address.
func columnIndex(place []byte) (int, bool) {
	n := 0
	for _, c := range place {
		if c < 'A' || c > 'Z' {
			break
		}
		if n = n*26 + int(c-'A') + 1; n > 1<<20 {
			return n, true
		}
	}
	return n - 1, n > 0
}

// xlsxValue takes over the value of a cell of the given kind: what <v> holds, as written.
func (p *bookParser) xlsxValue(column int, value []byte, style int, kind []byte, literal bool) {
	switch string(kind) {
	case "s":
		n, ok := atoi(value)
		p.sharedText(column, n, ok)
	case "", "n":
		p.amount(column, value, style)
	case "b":
		p.yesNo(column, value)
	case "e":
		p.put(column, value, '"')
		p.refuseCell(column, cellError, errorDetail(value))
	default: // str, the text of a formula; d, a date in ISO 8601
		p.putText(column, value, literal)
	}
}

// yesNo takes over what is true or false.
func (p *bookParser) yesNo(column int, value []byte) {
	switch {
	case isTrue(value):
		p.put(column, trueText, 't')
	case string(value) == "0", bytes.EqualFold(value, falseText):
		p.put(column, falseText, 't')
	default:
		p.refuseCell(column, rowSyntax, "a cell of the kind true or false that holds neither")
	}
}

// sharedText takes over the shared string with this number.
func (p *bookParser) sharedText(column, n int, ok bool) {
	text, found := p.texts.at(n, p.block)
	if !found && ok && p.loadTexts(n) == nil {
		text, found = p.texts.at(n, p.block)
	}
	switch {
	case !ok || !found:
		p.refuseCell(column, rowSyntax, "the workbook lacks the text this cell points to")
	case len(text) > 0:
		p.put(column, text, '"')
	}
}

var (
	trueText  = []byte("true")
	falseText = []byte("false")
)

// putText takes over text as written in XML.
func (p *bookParser) putText(column int, text []byte, literal bool) {
	if !literal && !plain(text, true) {
		from := len(p.block.text)
		var ok bool
		if p.block.text, ok = appendUnescaped(p.block.text, text, true); !ok {
			p.refuseCell(column, rowSyntax, "a reference that XML does not know")
		}
		text = p.block.text[from:len(p.block.text):len(p.block.text)]
	}
	if len(text) > 0 {
		p.put(column, text, '"')
	}
}

// errorDetail names one of the errors that spreadsheets have (ECMA-376 part 1, 18.18.11 has most); nothing else of a
// cell is repeated.
func errorDetail(value []byte) string {
	switch s := string(value); s {
	case "#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!", "#CALC!",
		"#FIELD!", "#BLOCKED!", "#CONNECT!":
		return "the cell holds the error " + s
	}
	return "the cell holds an error"
}

// amount takes over a number: as its plain digits, or as the date its format makes of it.
func (p *bookParser) amount(column int, value []byte, style int) {
	var f numberFormat
	if style < len(p.formats) {
		f = p.formats[style]
	}
	if !f.timed() && f.zeros == 0 && isPlainNumber(value) {
		p.put(column, value, '0')
		return
	}
	from, kind := len(p.block.text), byte('0')
	text, ok := p.block.text, false
	if f.timed() {
		n, err := strconv.ParseFloat(string(value), 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			p.refuseCell(column, rowSyntax, notNumber)
			return
		}
		if text, ok = appendSerial(text, n, f, p.date1904); ok {
			kind = '"'
		}
	}
	if !ok {
		if text, kind, ok = appendAmount(text, value, f.zeros); !ok {
			p.refuseCell(column, rowSyntax, notNumber)
			return
		}
	}
	p.block.text = text
	p.put(column, text[from:len(text):len(text)], kind)
}

const (
	notNumber      = "a number that cannot be read"
	noFormulaValue = "a formula without its value; open the file in a spreadsheet program and save it"
)

// isPlainNumber says whether a number is written as it should be read: a whole one, or one of at most 15 digits, which
// is what spreadsheets keep; no exponent, no zeros to spare.
func isPlainNumber(b []byte) bool {
	if len(b) > 2 && b[0] == '-' || len(b) == 2 && b[0] == '-' && b[1] != '0' {
		b = b[1:]
	}
	if len(b) == 0 || b[0] == '0' && len(b) > 1 && b[1] != '.' {
		return false
	}
	point := -1
	for i, c := range b {
		if c == '.' && point < 0 {
			point = i
		} else if c < '0' || c > '9' {
			return false
		}
	}
	if point < 0 {
		return true
	}
	return len(b) <= keptDigits+1 && point > 0 && b[len(b)-1] != '0' && point < len(b)-1
}

// appendNumber writes a number in the shortest form that is exactly it, without an exponent as far as a person
// would write it so, and with leading zeros where its format has them.
func appendNumber(dst []byte, n float64, zeros int) ([]byte, byte) {
	switch size := math.Abs(n); {
	case n == 0:
		n = 0
	case size >= 1e21 || size < 1e-7:
		return strconv.AppendFloat(dst, n, 'E', -1, 64), '0'
	}
	if zeros > 0 && n >= 0 && n < 1e15 && n == math.Trunc(n) {
		if digits := int64(n); digits < int64(math.Pow10(zeros-1)) {
			return appendPadded(dst, digits, zeros), '"'
		}
	}
	return strconv.AppendFloat(dst, n, 'f', -1, 64), '0'
}
