package source

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
)

// odsRepeats is how often one row that is not blank may stand for several: programs write equal rows that follow each
// other as one. More come from files that are made to unfold.
const odsRepeats = 10_000

// odsRows parses the rows of a sheet's XML (OpenDocument 1.3 part 3, 9.1).
func (p *bookParser) odsRows() {
	open, repeat := false, int64(1)
	for {
		switch p.next() {
		case tokenEnd:
			if !p.damaged(open) {
				return
			}
			open = false
		case tokenOpen:
			switch name := string(p.name); {
			case open && (name == "table:table-cell" || name == "table:covered-table-cell"):
				p.odsCell()
			case name == "table:table-row":
				p.number++
				repeat = repeats(p.attr("table:number-rows-repeated"))
				open = !p.empty
				p.beginRow()
				p.odsHidden()
				if p.empty {
					p.number += repeat - 1
				}
			case open:
				p.skip()
			}
		case tokenClose:
			if open && string(p.name) == "table:table-row" {
				p.endRepeated(repeat)
				open = false
			}
		}
	}
}

func (p *bookParser) odsHidden() {
	v := p.attr("table:visibility")
	if v != nil && string(v) != "visible" && p.number >= p.sheet.first {
		p.hidden++
	}
}

// endRepeated adds a row as often as it stands there.
func (p *bookParser) endRepeated(repeat int64) {
	if p.used == 0 && p.code == "" {
		p.number += repeat - 1
		return
	}
	if repeat > odsRepeats {
		p.code, p.detail, p.fault = rowTooLong, fmt.Sprintf("one row that stands for %d rows", repeat), -1
		p.endRow()
		p.number += repeat - 1
		return
	}
	if past := p.sheet.first - p.number; p.width > 0 && past > 0 && past < repeat {
		p.number, repeat = p.sheet.first, repeat-past // the header is one of the rows that this one stands for
	}
	p.endRow()
	if n := len(p.block.Rows); n > 0 && p.block.Rows[n-1].Number == p.number {
		row := p.block.Rows[n-1]
		for ; repeat > 1; repeat-- {
			p.number++
			again := p.block.next()
			*again = row
			again.Line, again.EndLine, again.Number = p.number, p.number, p.number
		}
		return
	}
	p.number += repeat - 1
}

// odsCell parses the cell whose start tag came last.
func (p *bookParser) odsCell() {
	attrs, column := p.attrs, p.column
	again := int(repeats(p.spaces.attribute(attrs, "table:number-columns-repeated")))
	p.column += again
	if p.width == 0 {
		p.odsMerge(attrs, column)
	}
	text, ok := p.paragraphs()
	value, kind := p.odsValue(attrs, text)
	if !ok {
		p.refuseCell(column, rowSyntax, "a reference that XML does not know")
	}
	for i := range min(again, p.options.MaxColumns+1) {
		if len(value) == 0 {
			break
		}
		p.put(column+i, value, kind)
	}
	isFormula := p.spaces.attribute(attrs, "table:formula") != nil
	if isFormula && len(value) == 0 && len(text) == 0 &&
		string(p.spaces.attribute(attrs, "office:value-type")) != "string" {
		p.refuseCell(column, cellError, noFormulaValue)
	}
	if string(p.spaces.attribute(attrs, "calcext:value-type")) == "error" || isFormula &&
		bytes.HasPrefix(text, []byte("#")) && errorDetail(text) != errorDetail(nil) {
		p.refuseCell(column, cellError, errorDetail(text))
	}
}

// odsMerge notes a merged cell of the first rows.
func (p *bookParser) odsMerge(attrs []byte, column int) {
	across := int(repeats(p.spaces.attribute(attrs, "table:number-columns-spanned")))
	down := repeats(p.spaces.attribute(attrs, "table:number-rows-spanned"))
	if (across > 1 || down > 1) && column+across <= defaultMaxColumns && len(p.sheet.odsMerges) < defaultMaxColumns {
		p.sheet.odsMerges = append(p.sheet.odsMerges, merge{column, column + across - 1, p.number, p.number + down - 1})
	}
}

// odsValue is what a cell holds: its value where it has a type, else its text.
func (p *bookParser) odsValue(attrs, text []byte) ([]byte, byte) {
	switch string(p.spaces.attribute(attrs, "office:value-type")) {
	case "float", "percentage", "currency":
		return p.odsNumber(p.spaces.attribute(attrs, "office:value"), text)
	case "date":
		return p.spaces.attribute(attrs, "office:date-value"), '"'
	case "time":
		from := len(p.block.text)
		p.block.text = appendDuration(p.block.text, p.spaces.attribute(attrs, "office:time-value"))
		return p.block.text[from:len(p.block.text):len(p.block.text)], '"'
	case "boolean":
		if isTrue(p.spaces.attribute(attrs, "office:boolean-value")) {
			return trueText, 't'
		}
		return falseText, 't'
	}
	if whole := p.spaces.attribute(attrs, "office:string-value"); whole != nil {
		from := len(p.block.text)
		p.block.text, _ = appendUnescaped(p.block.text, whole, false)
		return p.block.text[from:len(p.block.text):len(p.block.text)], '"'
	}
	return text, '"'
}

// odsNumber is a number's plain digits, with the leading zeros that the cell shows.
func (p *bookParser) odsNumber(value, text []byte) ([]byte, byte) {
	if len(text) > 1 && text[0] == '0' && isDigits(text) && string(bytes.TrimLeft(text, "0")) == string(value) {
		return text, '"'
	}
	switch {
	case isPlainNumber(value):
		return value, '0'
	case value == nil && len(text) == 0:
		return nil, '"'
	}
	from := len(p.block.text)
	out, kind, ok := appendAmount(p.block.text, value, 0)
	if !ok {
		p.refuseCell(p.column-1, rowSyntax, notNumber)
		return nil, '"'
	}
	p.block.text = out
	return out[from:len(out):len(out)], kind
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// appendDuration writes PT14H05M00S as 14:05:00; what is no such stretch of time stays as it is.
func appendDuration(dst, value []byte) []byte {
	rest, ok := bytes.CutPrefix(value, []byte("PT"))
	millis, n := int64(0), int64(0)
	for i := 0; ok && i < len(rest); i++ {
		switch c := rest[i]; {
		case c >= '0' && c <= '9' && n < 1e9:
			n = n*10 + int64(c-'0')
			continue
		case c == 'H':
			millis += n * 3600_000
		case c == 'M':
			millis += n * 60_000
		case c == 'S', c == '.' || c == ',':
			millis += n * 1000
			if c != 'S' {
				fraction, err := strconv.ParseFloat("0."+string(bytes.TrimRight(rest[i+1:], "S")), 64)
				ok = err == nil
				millis += int64(math.Round(fraction * 1000))
				i = len(rest)
			}
		default:
			ok = false
		}
		n = 0
	}
	if !ok || len(rest) == 0 {
		return append(dst, value...)
	}
	return appendClock(dst, millis)
}

// paragraphs is the text of the cell whose start tag came last: its paragraphs, one a line. Notes are left out.
func (p *bookParser) paragraphs() (text []byte, ok bool) {
	ok = true
	if p.empty {
		return nil, true
	}
	out := p.block.text
	from, lines, inside := len(out), 0, 0
	for depth := 1; depth > 0; {
		switch p.next() {
		case tokenEnd:
			return nil, false
		case tokenClose:
			depth--
			inside = min(inside, depth)
		case tokenOpen:
			switch string(p.name) {
			case "office:annotation", "draw:frame", "draw:custom-shape", "table:table":
				p.skip()
				continue
			case "text:p", "text:h":
				if lines++; lines > 1 {
					out = append(out, '\n')
				}
				inside = depth
			case "text:s":
				out = append(out, bytes.Repeat([]byte{' '}, int(min(repeats(p.attr("text:c")), 1000)))...)
			case "text:tab":
				out = append(out, '\t')
			case "text:line-break":
				out = append(out, '\n')
			}
			if !p.empty {
				depth++
			}
		case tokenText:
			if inside == 0 {
				continue
			}
			if p.literal {
				out = append(out, p.text...)
				continue
			}
			var known bool
			out, known = appendUnescaped(out, p.text, false)
			ok = ok && known
		}
	}
	p.block.text = out
	return out[from:len(out):len(out)], ok
}
