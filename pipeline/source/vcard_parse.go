package source

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"
)

// property is one property of a card, its lines put together.
type property struct {
	group  string // lower case, "" none
	name   string // upper case
	params []string
	value  []byte
}

// parseProperty takes a line apart: group.NAME;PARAM=VALUE;BARE:value. A line without a colon has no name.
func parseProperty(line []byte) (p property) {
	quoted := false
	from := 0
	for i, ch := range line {
		switch {
		case ch == '"':
			quoted = !quoted
		case quoted || ch != ';' && ch != ':':
			continue
		}
		if ch == '"' {
			continue
		}
		part := string(line[from:i])
		from = i + 1
		if p.name == "" {
			p.name = part
		} else {
			p.params = append(p.params, strings.ToUpper(part))
		}
		if ch == ':' {
			p.value = line[i+1:]
			break
		}
	}
	if p.value == nil {
		return property{}
	}
	if group, name, ok := strings.Cut(p.name, "."); ok {
		p.group, p.name = strings.ToLower(group), name
	}
	p.name = strings.ToUpper(strings.TrimSpace(p.name))
	return p
}

// param is the value of a parameter in upper case, "" without it.
func (p *property) param(name string) string {
	for _, text := range p.params {
		if value, ok := strings.CutPrefix(text, name+"="); ok {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// is says whether the property is of a type: TYPE=HOME, TYPE="HOME,PREF", or version 2.1's plain HOME.
func (p *property) is(kind string) bool {
	for _, text := range p.params {
		text = strings.TrimPrefix(text, "TYPE=")
		for one := range strings.SplitSeq(strings.Trim(text, `"`), ",") {
			if strings.TrimSpace(one) == kind {
				return true
			}
		}
	}
	return false
}

func (p *property) quotedPrintable() bool {
	return p.param("ENCODING") == "QUOTED-PRINTABLE" || p.is("QUOTED-PRINTABLE")
}

func (p *property) base64() bool {
	e := p.param("ENCODING")
	return e == "B" || e == "BASE64" || p.is("BASE64")
}

// embedded says whether the property holds a picture, a sound or a key itself, not a link to it.
func (p *property) embedded() bool {
	switch p.name {
	case "PHOTO", "LOGO", "SOUND", "KEY":
		text := strings.ToLower(string(p.value[:min(len(p.value), 8)]))
		return !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://")
	}
	return false
}

const (
	cardNoColon = "a line that is no property: it has no colon"
	cardQuoted  = "quoted-printable text that is broken off or is none"
	cardBase64  = "base64 text that is broken off or is none"
	cardCharset = "a CHARSET that is not known, or text that is not in it"
	cardNothing = "a card without any property"
)

// decode takes encodings off the value. "" or what is wrong with it.
func (p *property) decode() string {
	raw := p.value
	switch {
	case p.quotedPrintable():
		text, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return cardQuoted
		}
		p.value = text
	case p.base64():
		text := make([]byte, base64.StdEncoding.DecodedLen(len(raw)))
		n, err := base64.StdEncoding.Decode(text, bytes.Join(bytes.Fields(raw), nil))
		if err != nil {
			return cardBase64
		}
		p.value = text[:n]
	default:
		return "" // its CHARSET is the file's, which is decoded
	}
	if name := p.param("CHARSET"); name != "" && name != "UTF-8" && name != "US-ASCII" {
		c, ok := charsetNamed(name)
		if !ok {
			return cardCharset
		}
		text, err := c.code.NewDecoder().Bytes(p.value)
		if err != nil || bytes.Contains(text, []byte("\uFFFD")) {
			return cardCharset
		}
		p.value = text
	}
	if !utf8.Valid(p.value) {
		return cardCharset
	}
	p.value = bytes.ReplaceAll(p.value, []byte("\r\n"), []byte("\n"))
	return ""
}

// properties takes a card's text apart. "" or what is wrong with it.
func properties(text []byte) (list []property, old bool, wrong string) {
	for len(text) > 0 {
		line, rest := unfold(text)
		text = rest
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		p := parseProperty(line)
		if p.name == "" {
			return nil, false, cardNoColon
		}
		if wrong := p.decode(); wrong != "" {
			return nil, false, wrong
		}
		if p.name == "VERSION" {
			old = strings.TrimSpace(string(p.value)) == "2.1"
			continue
		}
		list = append(list, p)
	}
	if len(list) == 0 {
		return nil, false, cardNothing
	}
	return list, old, ""
}

// unfold is the first property of text, on one line, and what follows it. A quoted-printable value keeps its line ends.
func unfold(text []byte) (line, rest []byte) {
	n := nextLine(text, 0)
	line, rest = bytes.TrimSuffix(text[:n], []byte{'\n'}), text[n:]
	p := parseProperty(line)
	if p.quotedPrintable() {
		for bytes.HasSuffix(line, []byte{'='}) && len(rest) > 0 {
			m := nextLine(rest, 0)
			line = text[:n+m]
			n, rest = n+m, rest[m:]
			line = bytes.TrimSuffix(line, []byte{'\n'})
		}
	}
	if len(rest) == 0 || rest[0] != ' ' && rest[0] != '\t' {
		return line, rest
	}
	line = bytes.Clone(line)
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		m := nextLine(rest, 0)
		line = append(line, bytes.TrimSuffix(rest[1:m], []byte{'\n'})...)
		rest = rest[m:]
	}
	return line, rest
}

// unescapeCard takes the backslashes off a text. Version 2.1 has them before semicolons only.
func unescapeCard(text []byte, old bool) string {
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text)
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		ch := text[i]
		if ch == '\\' && i+1 < len(text) {
			next := text[i+1]
			switch {
			case next == ';', !old && (next == ',' || next == '\\' || next == ':'):
				i++
				ch = next
			case !old && (next == 'n' || next == 'N'):
				i++
				ch = '\n'
			}
		}
		b.WriteByte(ch)
	}
	return b.String()
}

// splitCard splits a value where the separator is not escaped, and takes the backslashes off its parts.
func splitCard(value []byte, by byte, old bool) (parts []string) {
	from := 0
	for i := 0; i <= len(value); i++ {
		switch {
		case i == len(value) || value[i] == by:
			parts = append(parts, strings.TrimSpace(unescapeCard(value[from:i], old)))
			from = i + 1
		case value[i] == '\\':
			i++
		}
	}
	return parts
}
