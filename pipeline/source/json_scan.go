package source

import (
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep objects and arrays may stand in each other. No export comes near; it bounds recursion.
const maxDepth = 64

// scanner reads JSON strictly (RFC 8259) without building anything. Its methods stand on a character and go
// behind what they are named for; false means a fault: code and detail are set and i is on the first character
// that cannot be. Data ends in the pad, whose line feeds end everything.
type scanner struct {
	data  []byte
	i     int
	lines bool // line ends are white space; else they end the record
	lax   bool // only boundaries matter: UTF-8 and doubled keys are not looked at

	text   []byte   // unescaped strings, appended
	keys   [][]byte // keys of the objects under way inside arrays
	code   string
	detail string
}

func (s *scanner) fail(detail string) bool {
	s.code, s.detail = rowJSON, detail
	return false
}

func (s *scanner) peek() byte {
	if s.i < len(s.data) {
		return s.data[s.i]
	}
	return 0
}

func (s *scanner) space() {
	for s.i < len(s.data) {
		switch c := s.data[s.i]; {
		case c > ' ':
			return
		case c == ' ', c == '\t', s.lines && (c == '\n' || c == '\r'):
			s.i++
		default:
			return
		}
	}
}

// value goes behind any value that stands inside an array, depth levels deep.
func (s *scanner) value(depth int) bool {
	switch c := s.peek(); {
	case c == '"':
		keep := len(s.text)
		_, ok := s.str()
		s.text = s.text[:keep]
		return ok
	case c == '{':
		return s.object(depth)
	case c == '[':
		return s.array(depth)
	default:
		_, ok := s.scalar(c)
		return ok
	}
}

// scalar goes behind a number or literal that starts with c and gives its kind.
func (s *scanner) scalar(c byte) (kind byte, ok bool) {
	switch c {
	case 't':
		return 't', s.literal("true")
	case 'f':
		return 't', s.literal("false")
	case 'n':
		return 'n', s.literal("null")
	}
	if c == '-' || '0' <= c && c <= '9' {
		return '0', s.number()
	}
	return 0, s.fail("a value is missing")
}

func (s *scanner) literal(word string) bool {
	for j := range len(word) {
		if s.peek() != word[j] {
			return s.fail("a word that is not true, false or null")
		}
		s.i++
	}
	return true
}

func (s *scanner) number() bool {
	if s.data[s.i] == '-' {
		s.i++
	}
	if s.peek() == '0' {
		s.i++
	} else if !s.digits() {
		return false
	}
	if s.peek() == '.' {
		s.i++
		if !s.digits() {
			return false
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.i++
		if c = s.peek(); c == '+' || c == '-' {
			s.i++
		}
		return s.digits()
	}
	return true
}

// digits goes behind one digit or more.
func (s *scanner) digits() bool {
	start := s.i
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.i++
	}
	if s.i == start {
		return s.fail("a digit is missing in a number")
	}
	return true
}

func (s *scanner) array(depth int) bool {
	if depth >= maxDepth {
		return s.fail("nested too deep")
	}
	s.i++
	if s.space(); s.peek() == ']' {
		s.i++
		return true
	}
	for {
		if !s.value(depth + 1) {
			return false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.i++
			s.space()
		case ']':
			s.i++
			return true
		default:
			return s.fail("a comma or ] is missing")
		}
	}
}

// object goes behind an object inside an array, whose keys must differ.
func (s *scanner) object(depth int) bool {
	if depth >= maxDepth {
		return s.fail("nested too deep")
	}
	s.i++
	if s.space(); s.peek() == '}' {
		s.i++
		return true
	}
	first := len(s.keys)
	for {
		if !s.member(first, depth) {
			return false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.i++
			s.space()
		case '}':
			s.i++
			s.keys = s.keys[:first]
			return true
		default:
			return s.fail("a comma or } is missing")
		}
	}
}

// member goes behind one key and its value. The object's earlier keys are keys[first:].
func (s *scanner) member(first, depth int) bool {
	if s.peek() != '"' {
		return s.fail("a key in quotes is missing")
	}
	key, ok := s.str()
	if !ok {
		return false
	}
	if !s.lax {
		// Quadratic, so bounded: no list item has hundreds of keys.
		if len(s.keys)-first >= 256 {
			return s.fail("an object in a list with more than 256 keys")
		}
		for _, earlier := range s.keys[first:] {
			if string(earlier) == string(key) {
				return s.fail("a key that appears twice")
			}
		}
		s.keys = append(s.keys, key)
	}
	return s.colon() && s.value(depth+1)
}

func (s *scanner) colon() bool {
	s.space()
	if s.peek() != ':' {
		return s.fail("a colon is missing")
	}
	s.i++
	s.space()
	return true
}

// str goes behind a string and gives its text, which aliases data, or s.text where it holds escapes.
func (s *scanner) str() ([]byte, bool) {
	start := s.i + 1
	high, ok := s.plain(start)
	if !ok {
		return nil, false
	}
	text := s.data[start:s.i:s.i]
	if s.data[s.i] == '\\' {
		from := len(s.text)
		for s.data[s.i] == '\\' {
			s.text = append(s.text, s.data[start:s.i]...)
			if !s.escape() {
				return nil, false
			}
			start = s.i
			more, ok := s.plain(start)
			if !ok {
				return nil, false
			}
			high |= more
		}
		s.text = append(s.text, s.data[start:s.i]...)
		text = s.text[from:len(s.text):len(s.text)]
	}
	if high&highs != 0 && !s.lax && !utf8.Valid(text) {
		s.code, s.detail = rowEncoding, notUTF8
		return nil, false
	}
	s.i++
	return text, true
}

// plain goes from i to the next quote or backslash, and gives the bytes on the way or-ed by eights.
func (s *scanner) plain(i int) (high uint64, ok bool) {
	data := s.data
	for i+8 <= len(data) {
		w := load(data, i)
		low := w & lows
		m := ^(other(low, '"'*ones)&other(low, '\\'*ones)&(low+0x60*ones) | w) & highs
		if m == 0 {
			high |= w
			i += 8
			continue
		}
		n := firstByte(m)
		s.i = i + n
		high |= w & (1<<(8*n) - 1)
		if data[s.i] < ' ' {
			return high, s.fail("a string that is not closed, or a control character in it")
		}
		return high, true
	}
	s.i = len(data)
	return high, s.fail("a string that is not closed")
}

// escape appends what the escape at i stands for.
func (s *scanner) escape() bool {
	s.i++
	c := s.peek()
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.unicode()
	default:
		return s.fail("an escape that JSON does not have")
	}
	s.text = append(s.text, c)
	s.i++
	return true
}

// unicode appends the character of \uXXXX or of a pair of them; i is on the u.
func (s *scanner) unicode() bool {
	r, ok := s.hex()
	if !ok {
		return false
	}
	if utf16.IsSurrogate(r) {
		if s.peek() != '\\' || r >= 0xdc00 {
			return s.fail("half of a surrogate pair")
		}
		if s.i++; s.peek() != 'u' {
			return s.fail("half of a surrogate pair")
		}
		second, ok := s.hex()
		if !ok {
			return false
		}
		if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
			return s.fail("half of a surrogate pair")
		}
	}
	s.text = utf8.AppendRune(s.text, r)
	return true
}

// hex goes behind the u at i and four digits.
func (s *scanner) hex() (rune, bool) {
	r := rune(0)
	for range 4 {
		s.i++
		switch c := s.peek(); {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, s.fail("an escape without four hexadecimal digits")
		}
	}
	s.i++
	return r, true
}
