package workbook

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
)

// wrongFill is the colour of wrong cells.
const wrongFill = `<fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/><bgColor indexed="64"/></patternFill></fill>`

// colouredStyles adds to a workbook's styles a coloured twin of every cell format, behind them all: the twin of format
// 7 of 10 is 17.
func colouredStyles(styles []byte) (text []byte, formats int, err error) {
	odd := errors.New("its styles are not in the usual form")
	fills, count, ok := element(styles, "fills")
	if !ok {
		return nil, 0, odd
	}
	styles = fills.grown(styles, count+1, wrongFill)
	xfs, formats, ok := element(styles, "cellXfs")
	if !ok || formats < 1 || formats > 30_000 { // 65,490 is Excel's limit
		return nil, 0, odd
	}
	twins, n := coloured(styles[xfs.from:xfs.to], count)
	if n != formats {
		return nil, 0, odd
	}
	return xfs.grown(styles, 2*formats, twins), formats, nil
}

// stretchOf is the inside of an element, and its count attribute's place.
type stretchOf struct{ countFrom, countTo, from, to int }

// element finds an element that counts its children, such as <fills count="2">.
func element(text []byte, name string) (s stretchOf, count int, ok bool) {
	open := bytes.Index(text, []byte("<"+name+" "))
	if open < 0 {
		return s, 0, false
	}
	end := bytes.IndexByte(text[open:], '>')
	if end < 0 || text[open+end-1] == '/' {
		return s, 0, false
	}
	s.from = open + end + 1
	length := bytes.Index(text[s.from:], []byte("</"+name+">"))
	at := bytes.Index(text[open:s.from], []byte(` count="`))
	if length < 0 || at < 0 {
		return s, 0, false
	}
	s.to = s.from + length
	s.countFrom = open + at + len(` count="`)
	s.countTo = s.countFrom + bytes.IndexByte(text[s.countFrom:], '"')
	count, err := strconv.Atoi(string(text[s.countFrom:s.countTo]))
	return s, count, err == nil
}

// grown is text with another count and more behind the children.
func (s stretchOf) grown(text []byte, count int, more string) []byte {
	out := append([]byte(nil), text[:s.countFrom]...)
	out = strconv.AppendInt(out, int64(count), 10)
	out = append(out, text[s.countTo:s.to]...)
	out = append(out, more...)
	return append(out, text[s.to:]...)
}

// coloured copies the <xf> elements of a list with another fill, and counts them.
func coloured(list []byte, fill int) (twins string, n int) {
	var out strings.Builder
	for {
		open := bytes.Index(list, []byte("<xf"))
		if open < 0 {
			return out.String(), n
		}
		list = list[open:]
		end := bytes.IndexByte(list, '>')
		if end < 0 {
			return out.String(), -1
		}
		n++
		tag := string(list[:end+1])
		closed := strings.HasSuffix(tag, "/>")
		tag = withAttribute(withAttribute(tag, "fillId", strconv.Itoa(fill)), "applyFill", "1")
		out.WriteString(tag)
		list = list[end+1:]
		if !closed {
			to := bytes.Index(list, []byte("</xf>"))
			if to < 0 {
				return out.String(), -1
			}
			out.Write(list[:to+len("</xf>")])
			list = list[to+len("</xf>"):]
		}
	}
}

// withAttribute gives a tag an attribute, or another value of it.
func withAttribute(tag, name, value string) string {
	if at := strings.Index(tag, " "+name+`="`); at >= 0 {
		from := at + len(name) + 3
		return tag[:from] + value + tag[from+strings.IndexByte(tag[from:], '"'):]
	}
	end := len(tag) - 1
	if strings.HasSuffix(tag, "/>") {
		end--
	}
	return tag[:end] + " " + name + `="` + value + `"` + tag[end:]
}
