package mappings

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Key is one identity of a customer.
type Key struct {
	Kind  string // externalId email phone whatsapp social
	Value []byte // normalised: emails in lower case, phones in E.164, socials type:username in lower case without @
	says  identity
}

// Keys appends every identity of the record that is unique across an org: externalId first, then in
// the order of the match keys, then the others. None is blank, none stands twice. Values alias rec:
// good until rec or its cells are used again.
func (p *Plan) Keys(rec *Record, dst []Key) []Key {
	first, values := len(dst), rec.Values
	for i := range values {
		slot := values[i].Slot
		if slot >= len(p.says) {
			break
		}
		says := p.says[slot]
		if says == noIdentity || values[i].Kind != '"' {
			continue
		}
		value := p.normal(rec, i, says)
		if len(value) == 0 || holds(dst[first:], says, value) {
			continue
		}
		at := len(dst)
		dst = append(dst, Key{})
		for ; at > first && p.rank[says] < p.rank[dst[at-1].says]; at-- {
			dst[at] = dst[at-1]
		}
		key := &dst[at] // in place: a whole Key, written and copied at once, holds the processor up
		key.Kind, key.Value, key.says = identityNames[says], value, says
	}
	return dst
}

func holds(keys []Key, says identity, value []byte) bool {
	for i := range keys {
		if keys[i].says == says && bytes.Equal(keys[i].Value, value) {
			return true
		}
	}
	return false
}

// normal is the identity that value i gives, in the form in which equal ones are equal bytes; empty
// for a social without its network.
func (p *Plan) normal(rec *Record, i int, says identity) []byte {
	v := &rec.Values[i]
	switch says {
	case emailIdentity, ownIdentity:
		return rec.lower(nil, v.Text)
	case socialIdentity:
		network := p.sibling(rec, i, "type")
		if network == nil || network.Kind != '"' {
			return nil
		}
		return rec.lower(network.Text, bytes.TrimPrefix(v.Text, []byte("@")))
	}
	return v.Text
}

// sibling is a member of the item that value i belongs to, nil when it has none of this name.
func (p *Plan) sibling(rec *Record, i int, name string) *Value {
	values, own, item := rec.Values, p.places[rec.Values[i].Slot].field, rec.Values[i].Item
	belongs := func(i int) bool { return values[i].Item == item && p.places[values[i].Slot].field == own }
	for i > 0 && belongs(i-1) {
		i--
	}
	for ; i < len(values) && belongs(i); i++ {
		if p.places[values[i].Slot].name == name {
			return &values[i]
		}
	}
	return nil
}

// lower gives text in lower case behind a prefix and a colon; text itself when there is nothing to do.
func (r *Record) lower(prefix, text []byte) []byte {
	if prefix == nil && isLower(text) {
		return text
	}
	start := len(r.keys)
	if prefix != nil {
		r.keys = append(append(r.keys, prefix...), ':')
		if isLower(text) {
			r.keys = append(r.keys, text...)
			text = nil
		}
	}
	for len(text) > 0 {
		if c := text[0]; c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
			r.keys = append(r.keys, c)
			text = text[1:]
			continue
		}
		c, n := utf8.DecodeRune(text)
		if c == utf8.RuneError && n == 1 {
			r.keys = append(r.keys, text[0])
		} else {
			r.keys = utf8.AppendRune(r.keys, unicode.ToLower(c))
		}
		text = text[n:]
	}
	return r.keys[start:len(r.keys):len(r.keys)]
}

// isLower reports whether a text is ASCII without capitals. What it looks at twice, at the end, does no harm.
func isLower(text []byte) bool {
	n := len(text)
	if n < 8 {
		for _, c := range text {
			if c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf {
				return false
			}
		}
		return true
	}
	for i := 0; i < n-8; i += 8 {
		if capitals(load(text, i)) != 0 {
			return false
		}
	}
	return capitals(load(text, n-8)) == 0
}

// AppendKey appends the value of the first match key that the record has, normalised; nothing when it
// has none.
func (p *Plan) AppendKey(dst []byte, rec *Record) []byte {
	best, rank := -1, uint8(len(p.keys)) // those that are no match keys rank behind
	for i := range rec.Values {
		if rec.Values[i].Slot >= len(p.says) {
			break
		}
		says := p.says[rec.Values[i].Slot]
		if says == noIdentity || rec.Values[i].Kind != '"' {
			continue
		}
		for k, name := range p.keys {
			if name == identityNames[says] && uint8(k) < rank {
				best, rank = i, uint8(k)
			}
		}
	}
	if best < 0 {
		return dst
	}
	return append(dst, p.normal(rec, best, p.says[rec.Values[best].Slot])...)
}

// Locate finds the column behind a place of the record: "emails.0.email", "custom.vipBool", "name".
// For a place that has no value of its own (a missing member, a whole list) it is the first column
// that fills the item, the object or the list. -1: none, or a constant.
func (p *Plan) Locate(rec *Record, path string) (column int) {
	if at := p.locate(rec, path); at >= 0 {
		return rec.Values[at].Column
	}
	return -1
}

// locate is the value that Locate means, -1 none.
func (p *Plan) locate(rec *Record, path string) int {
	head, rest, _ := strings.Cut(path, ".")
	item, name := -1, rest
	if f := p.fields.named(head); f != nil && (f.shape == list || f.shape == words) {
		var number string
		number, name, _ = strings.Cut(rest, ".")
		if !isNumber(number) || !readInt([]byte(number), &item) {
			item = -1
		}
	}
	best, worth := -1, 0
	for i := range rec.Values {
		v := &rec.Values[i]
		at := &p.places[v.Slot]
		if at.field.name != head || item >= 0 && v.Item != item {
			continue
		}
		value := 1
		if v.Column >= 0 {
			value = 2
		}
		if at.name == name && name != "" || at.field.shape == scalar {
			value = 3
		}
		if value > worth {
			best, worth = i, value
		}
	}
	return best
}
