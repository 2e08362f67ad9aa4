package sandbox

// parser fills a tree. Its methods take the position where something begins and give the one after its end.
type parser struct{ *tree }

func (p parser) space(at int) int {
	for at < len(p.text) {
		switch p.text[at] {
		case ' ', '\t', '\n', '\r':
			at++
		default:
			return at
		}
	}
	return at
}

func (p *parser) value(at, depth int) (int, bool) {
	if at >= len(p.text) || depth == 0 {
		return at, false
	}
	switch c := p.text[at]; c {
	case '"':
		return p.string(at)
	case '[', '{':
		return p.nested(at, depth, c)
	case 'n':
		return p.literal(at, "null")
	case 't':
		return p.literal(at, "true")
	case 'f':
		return p.literal(at, "false")
	default:
		return p.number(at)
	}
}

// add notes a value without parts that ends at end.
func (p *parser) add(kind byte, escaped bool, from, end int) (int, bool) {
	p.nodes = append(p.nodes, node{kind: kind, escaped: escaped, from: uint32(from), to: uint32(end),
		next: uint32(len(p.nodes) + 1)})
	return end, true
}

func (p *parser) literal(at int, word string) (int, bool) {
	end := at + len(word)
	if end > len(p.text) || string(p.text[at:end]) != word {
		return at, false
	}
	return p.add(word[0], false, at, end)
}

func (p *parser) nested(at, depth int, open byte) (int, bool) {
	self := len(p.nodes)
	p.nodes = append(p.nodes, node{kind: open, from: uint32(at)})
	end := open + 2 // ] and } stand two behind [ and {
	count, ok := uint32(0), true
	at = p.space(at + 1)
	for at < len(p.text) && p.text[at] != end {
		if count > 0 {
			if p.text[at] != ',' {
				return at, false
			}
			at = p.space(at + 1)
		}
		if at, ok = p.part(at, depth-1, open == '{'); !ok {
			return at, false
		}
		count++
	}
	if at >= len(p.text) {
		return at, false
	}
	n := &p.nodes[self]
	n.to, n.next, n.count = uint32(at+1), uint32(len(p.nodes)), count
	return at + 1, true
}

// part reads an item, or a name with its member, and the space behind it.
func (p *parser) part(at, depth int, named bool) (int, bool) {
	ok := true
	if named {
		if at >= len(p.text) || p.text[at] != '"' {
			return at, false
		}
		if at, ok = p.string(at); !ok {
			return at, false
		}
		if at = p.space(at); at >= len(p.text) || p.text[at] != ':' {
			return at, false
		}
		at = p.space(at + 1)
	}
	at, ok = p.value(at, depth)
	return p.space(at), ok
}

func (p *parser) string(from int) (int, bool) {
	escaped := false
	for at := from + 1; at < len(p.text); at++ {
		switch c := p.text[at]; {
		case c == '"':
			return p.add('"', escaped, from, at+1)
		case c < ' ':
			return at, false
		case c == '\\':
			escaped = true
			n := p.escape(at + 1)
			if n == 0 {
				return at, false
			}
			at += n
		}
	}
	return from, false
}

// escape is the length of the escape whose backslash stands before at, without it; 0 is a wrong one.
func (p *parser) escape(at int) int {
	if at >= len(p.text) {
		return 0
	}
	switch p.text[at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		if at+5 > len(p.text) {
			return 0
		}
		for _, c := range p.text[at+1 : at+5] {
			if !isHex(c) {
				return 0
			}
		}
		return 5
	}
	return 0
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (p *parser) number(from int) (int, bool) {
	at := from
	if at < len(p.text) && p.text[at] == '-' {
		at++
	}
	whole := p.digits(at)
	if whole == at || (p.text[at] == '0' && whole > at+1) {
		return at, false
	}
	at = whole
	if at < len(p.text) && p.text[at] == '.' {
		end := p.digits(at + 1)
		if end == at+1 {
			return at, false
		}
		at = end
	}
	if at < len(p.text) && (p.text[at] == 'e' || p.text[at] == 'E') {
		at++
		if at < len(p.text) && (p.text[at] == '+' || p.text[at] == '-') {
			at++
		}
		end := p.digits(at)
		if end == at {
			return at, false
		}
		at = end
	}
	return p.add('0', false, from, at)
}

func (p *parser) digits(at int) int {
	for at < len(p.text) && '0' <= p.text[at] && p.text[at] <= '9' {
		at++
	}
	return at
}
