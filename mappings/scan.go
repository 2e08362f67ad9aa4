package mappings

import (
	"unicode/utf16"
	"unicode/utf8"
)

// deepest is how deep JSON in a cell may be nested; nothing a customer has is nearly as deep.
const deepest = 32

// A scanner walks over the JSON of one cell without building anything. Its methods leave broken set
// when the text is not JSON, and then go nowhere.
type scanner struct {
	text   []byte
	at     int
	broken bool
}

// next skips space and returns the byte that follows, 0 at the end or when broken.
func (s *scanner) next() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			if s.broken {
				return 0
			}
			return c
		}
	}
	return 0
}

// take consumes c when it comes next.
func (s *scanner) take(c byte) bool {
	if s.next() != c {
		return false
	}
	s.at++
	return true
}

// demand consumes c, which must come next.
func (s *scanner) demand(c byte) {
	if !s.take(c) {
		s.broken = true
	}
}

// value consumes one value and returns its JSON kind by first byte, 0 when broken, and its text as it
// stands there; of a string, what is between the quotes, not yet unescaped.
func (s *scanner) value(depth int) (kind byte, text []byte) {
	c := s.next()
	start := s.at
	switch {
	case c == '"':
		text = s.quoted()
		return s.kind('"'), text
	case c == '{' || c == '[':
		s.nested(c, depth)
		return s.kind(c), s.text[start:s.at]
	case c == '-' || isDigit(c):
		n := jsonNumber(s.text[s.at:])
		s.at += n
		s.broken = s.broken || n == 0
		return s.kind('0'), s.text[start:s.at]
	case c == 't' && s.word("true"), c == 'f' && s.word("false"):
		return 't', s.text[start:s.at]
	case c == 'n' && s.word("null"):
		return 'n', s.text[start:s.at]
	}
	s.broken = true
	return 0, nil
}

func (s *scanner) kind(k byte) byte {
	if s.broken {
		return 0
	}
	return k
}

func (s *scanner) word(w string) bool {
	if len(s.text)-s.at < len(w) || string(s.text[s.at:s.at+len(w)]) != w {
		return false
	}
	s.at += len(w)
	return true
}

// nested consumes an object or array.
func (s *scanner) nested(open byte, depth int) {
	s.at++
	if depth >= deepest {
		s.broken = true
		return
	}
	end := open + 2 // ']' and '}' stand two behind '[' and '{'
	if s.take(end) {
		return
	}
	for !s.broken {
		if open == '{' {
			s.member()
		}
		s.value(depth + 1)
		if !s.take(',') {
			s.demand(end)
			return
		}
	}
}

// member consumes the key of an object's member and the colon, and returns the key, not unescaped.
func (s *scanner) member() []byte {
	if s.next() != '"' {
		s.broken = true
		return nil
	}
	key := s.quoted()
	s.demand(':')
	return key
}

// quoted consumes a string and returns what is between its quotes.
func (s *scanner) quoted() []byte {
	s.at++
	start := s.at
	for {
		s.at += firstSpecial(s.text[s.at:])
		if s.at >= len(s.text) || s.text[s.at] < ' ' {
			s.broken = true
			return nil
		}
		switch s.text[s.at] {
		case '"':
			s.at++
			return s.text[start : s.at-1]
		case '\\':
			n := escapeLength(s.text[s.at:])
			if n == 0 {
				s.broken = true
				return nil
			}
			s.at += n
		default: // delete, which JSON allows
			s.at++
		}
	}
}

// escapeLength is the length of the escape that b begins with, 0 when it is not one.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b); ok {
			return 6
		}
	}
	return 0
}

// hex4 reads \uXXXX at the start of b.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	r := rune(0)
	for _, c := range b[2:6] {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// end is true when nothing but space follows and nothing was broken.
func (s *scanner) end() bool { return s.next() == 0 && s.at == len(s.text) && !s.broken }

// unescape gives the text of a JSON string of which the scanner has made sure. It is b itself when
// nothing is escaped, else it is in rec's buffer. Half surrogates become U+FFFD, as encoding/json does.
func unescape(b []byte, rec *Record) []byte {
	i := firstSpecial(b)
	if i == len(b) {
		return b
	}
	start := len(rec.buffer)
	dst := append(rec.buffer, b[:i]...)
	for i < len(b) {
		if b[i] != '\\' {
			dst = append(dst, b[i])
			i++
			continue
		}
		if b[i+1] != 'u' {
			dst = append(dst, plainEscape(b[i+1]))
			i += 2
			continue
		}
		r, _ := hex4(b[i:])
		i += 6
		if utf16.IsSurrogate(r) {
			low, ok := hex4(b[i:])
			if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
				i += 6
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	rec.buffer = dst
	return dst[start:len(dst):len(dst)]
}

func plainEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// compact gives the JSON in b without the space between its tokens, so that equal records give equal
// bytes; false when b is not one JSON value. The result is b itself or in rec's buffer.
func compact(b []byte, rec *Record) ([]byte, bool) {
	s := scanner{text: b}
	if s.value(0); !s.end() {
		return nil, false
	}
	start, quoted := len(rec.buffer), false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			rec.buffer = append(rec.buffer, c)
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		rec.buffer = append(rec.buffer, b[i])
	}
	return rec.buffer[start:len(rec.buffer):len(rec.buffer)], true
}
