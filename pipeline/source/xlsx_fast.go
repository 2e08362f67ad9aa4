package source

import "bytes"

// commonCell parses the cell at p.i if it is written as nearly all programs write it: <c r="A1" s="1"
// t="s"><v>5</v></c> or <c r="A1" t="inlineStr"><is><t>text</t></is></c>. false: it is written otherwise, nothing has
// happened, and the tokens tell. What it gives is what they would.
func (p *bookParser) commonCell() bool {
	d := p.data
	i := p.i
	if i+8 > len(d) || string(d[i:i+6]) != `<c r="` {
		return false
	}
	i += 6
	column := 0
	for ; i < len(d) && d[i]-'A' < 26 && column < 1<<15; i++ {
		column = column*26 + int(d[i]-'A') + 1
	}
	for i < len(d) && d[i]-'0' < 10 {
		i++
	}
	if column == 0 || i+6 > len(d) || d[i] != '"' {
		return false
	}
	i++
	column--
	style := 0
	if d[i] == ' ' && d[i+1] == 's' && d[i+2] == '=' && d[i+3] == '"' {
		from := i + 4
		for i = from; i < len(d) && d[i]-'0' < 10; i++ {
			style = style*10 + int(d[i]-'0')
		}
		if i == from || i-from > 8 || i+6 > len(d) || d[i] != '"' {
			return false
		}
		i++
	}
	switch rest := d[i:]; {
	case len(rest) > len(sharedStart) && string(rest[:len(sharedStart)]) == sharedStart:
		return p.commonShared(i+len(sharedStart), column)
	case len(rest) > len(inlineStart) && string(rest[:len(inlineStart)]) == inlineStart:
		return p.commonInline(i+len(inlineStart), column)
	}
	var kind []byte
	if d[i] == ' ' && d[i+1] == 't' && d[i+2] == '=' && d[i+3] == '"' {
		n := bytes.IndexByte(d[i+4:], '"')
		if n < 0 || n > len("inlineStr") {
			return false
		}
		kind = d[i+4 : i+4+n]
		i += n + 5
	}
	if i < len(d) && d[i] == ' ' {
		i++
	}
	if i+1 < len(d) && d[i] == '/' && d[i+1] == '>' {
		p.i, p.column = i+2, column+1
		return true
	}
	if i+4 > len(d) || d[i] != '>' {
		return false
	}
	return p.commonValue(i+1, column, style, kind)
}

// What stands before and behind the number of a shared string, or the text of a cell, which is what most cells are.
const (
	sharedStart, sharedEnd = ` t="s"><v>`, "</v></c>"
	inlineStart, inlineEnd = ` t="inlineStr"><is><t>`, "</t></is></c>"
)

// commonShared is the rest of commonCell for a shared string, whose number starts at d[i].
func (p *bookParser) commonShared(i, column int) bool {
	n, from := 0, i
	for i < len(p.data) && p.data[i]-'0' < 10 {
		n = n*10 + int(p.data[i]-'0')
		i++
	}
	if i == from || i-from > 9 || i+len(sharedEnd) > len(p.data) || string(p.data[i:i+len(sharedEnd)]) != sharedEnd {
		return false
	}
	p.i, p.column = i+len(sharedEnd), column+1
	p.sharedText(column, n, true)
	return true
}

// commonInline is the rest of commonCell for a text that starts at d[i].
func (p *bookParser) commonInline(i, column int) bool {
	rest := p.data[i:]
	n := bytes.IndexByte(rest, '<')
	if n < 0 || len(rest) < n+len(inlineEnd) || string(rest[n:n+len(inlineEnd)]) != inlineEnd {
		return false
	}
	p.i, p.column = i+n+len(inlineEnd), column+1
	if n > 0 {
		p.putText(column, rest[:n], false)
	}
	return true
}

// commonValue is the rest of commonCell: the value that starts at d[i].
func (p *bookParser) commonValue(i, column, style int, kind []byte) bool {
	start, end := "<v>", "</v></c>"
	inline := string(kind) == "inlineStr"
	if inline {
		start, end = "<is><t>", "</t></is></c>"
		if bytes.HasPrefix(p.data[i:], []byte(`<is><t xml:space="preserve">`)) {
			start = `<is><t xml:space="preserve">`
		}
	}
	rest := p.data[i:]
	if len(rest) < len(start) || string(rest[:len(start)]) != start {
		return false
	}
	rest = rest[len(start):]
	n := bytes.IndexByte(rest, '<')
	if n < 0 || len(rest) < n+len(end) || string(rest[n:n+len(end)]) != end {
		return false
	}
	p.i, p.column = i+len(start)+n+len(end), column+1
	switch {
	case n == 0:
	case inline:
		p.putText(column, rest[:n], false)
	default:
		p.xlsxValue(column, rest[:n], style, kind, false)
	}
	return true
}
