package mappings

const hexDigits = "0123456789abcdef"

// AppendJSON appends the payload of a create-customer request. Keys are in a fixed order, so equal
// records give equal bytes.
func (p *Plan) AppendJSON(dst []byte, rec *Record) []byte {
	dst = append(dst, '{')
	values := rec.Values
	for i := 0; i < len(values); {
		if i > 0 {
			dst = append(dst, ',')
		}
		at := &p.places[values[i].Slot]
		dst = append(dst, at.open...)
		n := 1
		switch at.field.shape {
		case scalar:
			dst = appendValue(dst, &values[i])
		case list, words:
			dst, n = p.appendItems(dst, values[i:], at.field)
			dst = append(dst, ']')
		default:
			dst, n = p.appendMembers(dst, values[i:], at.field)
			dst = append(dst, '}')
		}
		i += n
	}
	if p.empty != nil {
		dst = p.appendEmpty(dst, rec)
	}
	return append(dst, '}')
}

// appendMembers appends the values of one object that values begin with, and says how many they are.
func (p *Plan) appendMembers(dst []byte, values []Value, f *field) ([]byte, int) {
	item := values[0].Item
	for i := range values {
		at := &p.places[values[i].Slot]
		if at.field != f || values[i].Item != item {
			return dst, i
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendValue(append(dst, at.key...), &values[i])
	}
	return dst, len(values)
}

// appendItems appends the items of one list that values begin with, and says how many values they are.
func (p *Plan) appendItems(dst []byte, values []Value, f *field) ([]byte, int) {
	i := 0
	for i < len(values) {
		at := &p.places[values[i].Slot]
		if at.field != f {
			break
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		n := 1
		if at.key == "" {
			dst = appendValue(dst, &values[i])
		} else {
			dst, n = p.appendMembers(append(dst, '{'), values[i:], f)
			dst = append(dst, '}')
		}
		i += n
	}
	return dst, i
}

func appendValue(dst []byte, v *Value) []byte {
	if v.Kind != '"' {
		return append(dst, v.Text...)
	}
	dst = append(dst, '"')
	if v.plain {
		dst = append(dst, v.Text...)
	} else {
		dst = appendEscaped(dst, v.Text)
	}
	return append(dst, '"')
}

// appendEscaped appends text as it stands in a JSON string.
func appendEscaped(dst, text []byte) []byte {
	for len(text) > 0 {
		n := firstSpecial(text)
		dst = append(dst, text[:n]...)
		if n == len(text) {
			break
		}
		switch c := text[n]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		text = text[n+1:]
	}
	return dst
}
