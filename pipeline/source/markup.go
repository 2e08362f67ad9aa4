package source

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// markup walks over XML in memory, token by token, without a copy. It knows as much of XML as spreadsheets
// use: names and their namespaces, attributes, text, CDATA. It expands no entities but the five of XML and
// character numbers, and follows nothing.
type markup struct {
	data    []byte
	i       int
	start   int    // where the last token starts
	name    []byte // of tokenOpen and tokenClose: "row" in a workbook's part, "table:table-row" in OpenDocument
	tag     []byte // the same as written
	attrs   []byte // of tokenOpen, as written
	empty   bool   // tokenOpen: the element closes itself, no tokenClose follows
	text    []byte // of tokenText, as written
	literal bool   // tokenText: CDATA, nothing in it is escaped
	bad     bool   // data ends inside a tag, or holds what is no XML
	doctype bool   // data holds a document type, where entities are declared

	spaces namespaces
	fixed  int // of spaces.list: those that stay
	depth  int // elements that are open
	room   []byte
}

type token uint8

const (
	tokenEnd token = iota // the end of data, or bad
	tokenOpen
	tokenClose
	tokenText
)

// next goes to the next token. Comments and instructions are passed over.
func (m *markup) next() token {
	for m.i < len(m.data) {
		m.start = m.i
		if m.data[m.i] != '<' {
			n := bytes.IndexByte(m.data[m.i:], '<')
			if n < 0 {
				n = len(m.data) - m.i
			}
			m.text, m.literal = m.data[m.i:m.i+n], false
			m.i += n
			return tokenText
		}
		if m.i+1 == len(m.data) {
			break
		}
		switch m.data[m.i+1] {
		case '/':
			return m.close()
		case '!', '?':
			if m.special() {
				return tokenText
			}
		default:
			return m.open()
		}
	}
	m.bad = m.bad || m.i < len(m.data)
	m.i = len(m.data)
	return tokenEnd
}

func (m *markup) fail() token {
	m.bad, m.i = true, len(m.data)
	return tokenEnd
}

func (m *markup) close() token {
	from := m.i + 2
	n := bytes.IndexByte(m.data[from:], '>')
	if n < 0 {
		return m.fail()
	}
	name := m.data[from : from+n]
	m.i = from + n + 1
	for len(name) > 0 && name[len(name)-1] <= ' ' {
		name = name[:len(name)-1]
	}
	if len(m.spaces.list) > m.fixed {
		m.leave()
	}
	m.name, m.tag = name, name
	if m.spaces.renamed {
		m.name = m.resolved(name)
	}
	m.depth--
	return tokenClose
}

func (m *markup) open() token {
	data := m.data
	i := m.i + 1
	from := i
	for i < len(data) && data[i] > ' ' && data[i] != '>' && data[i] != '/' {
		i++
	}
	m.name = data[from:i]
	from = i
	declares := !m.spaces.started
	for i < len(data) {
		switch data[i] {
		case '>':
			to := i
			if m.empty = data[i-1] == '/'; m.empty {
				to--
			}
			m.attrs = data[from:max(from, to)]
			m.i = i + 1
			m.opened(declares)
			return tokenOpen
		case '"', '\'':
			n := bytes.IndexByte(data[i+1:], data[i])
			if n < 0 || bytes.IndexByte(data[i+1:i+1+n], '<') >= 0 {
				return m.fail()
			}
			i += n + 2
		case '<':
			return m.fail()
		case 'x':
			declares = declares || data[i-1] <= ' ' && bytes.HasPrefix(data[i:], []byte("xmlns"))
			i++
		default:
			i++
		}
	}
	return m.fail()
}

// opened settles in which namespace the element is whose start tag was read.
func (m *markup) opened(declares bool) {
	if len(m.spaces.list) > m.fixed {
		m.leave()
	}
	m.tag = m.name
	if declares {
		m.declare(m.depth + 1)
	}
	if m.spaces.renamed {
		m.name = m.resolved(m.tag)
	}
	if !m.empty {
		m.depth++
	}
}

// special passes over a comment, an instruction or a document type; true: it was CDATA, and m.text holds it.
func (m *markup) special() bool {
	rest := m.data[m.i:]
	start, end := "<?", "?>"
	switch {
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		start, end = "<![CDATA[", "]]>"
	case bytes.HasPrefix(rest, []byte("<!--")):
		start, end = "<!--", "-->"
	case rest[1] == '!':
		m.doctype = true
		m.fail()
		return false
	}
	n := -1
	if len(rest) >= len(start) {
		n = bytes.Index(rest[len(start):], []byte(end))
	}
	if n < 0 {
		m.fail()
		return false
	}
	m.i += len(start) + n + len(end)
	m.text, m.literal = rest[len(start):len(start)+n], true
	return start == "<![CDATA["
}

// skip goes behind the end of the element whose tokenOpen came last.
func (m *markup) skip() {
	if m.empty {
		return
	}
	for depth := 1; depth > 0; {
		switch m.next() {
		case tokenEnd:
			return
		case tokenOpen:
			if !m.empty {
				depth++
			}
		case tokenClose:
			depth--
		}
	}
}

// attribute is the value, as written, of the attribute that is spelled so, nil without it.
func attribute(attrs []byte, name string) []byte {
	for {
		key, value, rest, ok := nextAttribute(attrs)
		switch {
		case !ok:
			return nil
		case string(key) == name:
			return value
		}
		attrs = rest
	}
}

// nextAttribute takes the first attribute off; false: there is none.
func nextAttribute(attrs []byte) (key, value, rest []byte, ok bool) {
	for len(attrs) > 0 && attrs[0] <= ' ' {
		attrs = attrs[1:]
	}
	equal := bytes.IndexByte(attrs, '=')
	if equal < 0 {
		return nil, nil, nil, false
	}
	key = bytes.TrimRight(attrs[:equal], " \t\r\n")
	attrs = attrs[equal+1:]
	for len(attrs) > 0 && attrs[0] <= ' ' {
		attrs = attrs[1:]
	}
	if len(attrs) == 0 {
		return nil, nil, nil, false
	}
	end := bytes.IndexByte(attrs[1:], attrs[0])
	if end < 0 {
		return nil, nil, nil, false
	}
	return key, attrs[1 : 1+end : 1+end], attrs[end+2:], true
}

// plain says whether text stands for itself: no references, no line ends to be made one. Excel's own
// escapes (_x000D_) count where excel is set.
func plain(text []byte, excel bool) bool {
	return bytes.IndexByte(text, '&') < 0 && bytes.IndexByte(text, '\r') < 0 && !(excel && excelEscapes(text))
}

// excelEscapes says whether text may hold one of Excel's own escapes. The underscore is rare.
func excelEscapes(text []byte) bool {
	for {
		n := bytes.IndexByte(text, '_')
		if n < 0 || n+1 == len(text) {
			return false
		}
		if text[n+1] == 'x' {
			return true
		}
		text = text[n+1:]
	}
}

// appendUnescaped appends text with references resolved and line ends made LF, as XML asks; false when
// a reference is none that XML knows. Excel also writes characters as _x000D_ (ECMA-376, ST_Xstring).
func appendUnescaped(dst, text []byte, excel bool) ([]byte, bool) {
	ok := true
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '&':
			r, n := reference(text[i:])
			if n == 0 {
				ok = false
				dst = append(dst, c)
				continue
			}
			dst = utf8.AppendRune(dst, r)
			i += n - 1
		case c == '\r':
			if i+1 == len(text) || text[i+1] != '\n' {
				dst = append(dst, '\n')
			}
		case excel && c == '_' && i+7 <= len(text) && text[i+1] == 'x' && text[i+6] == '_':
			n, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16)
			if err != nil {
				dst = append(dst, c)
				continue
			}
			dst = utf8.AppendRune(dst, rune(n))
			i += 6
		default:
			dst = append(dst, c)
		}
	}
	return dst, ok
}

// reference reads the reference that text starts with, and gives its length, 0 when it is none.
func reference(text []byte) (rune, int) {
	end := bytes.IndexByte(text[:min(len(text), 12)], ';')
	if end < 0 {
		return 0, 0
	}
	switch name := string(text[1:end]); name {
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	default:
		base := 10
		if len(name) < 2 || name[0] != '#' {
			return 0, 0
		}
		if name = name[1:]; name[0] == 'x' || name[0] == 'X' {
			name, base = name[1:], 16
		}
		n, err := strconv.ParseUint(name, base, 32)
		if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return 0, 0
		}
		return rune(n), end + 1
	}
}
