package sandbox

import (
	"bytes"
	"slices"
)

// member is a member of a stored document: its name and its value as JSON text. Both alias what they were read from.
type member struct {
	name  []byte
	value []byte
}

// document is what the org keeps of a customer: the written members that are not null, in the order of writing.
type document []member

// documentOf are the members of v that r keeps.
func documentOf(v value, r *rule) document {
	d := make(document, 0, v.len()+1)
	for name, m := range v.members() {
		mine := r.fields[string(name.bytes())]
		if mine == nil || mine.dropped || m.isNull() {
			continue
		}
		d = append(d, member{name.bytes(), withoutNulls(m)})
	}
	return d
}

// withoutNulls is the text of a group without the members that are null, and of anything else as it is.
func withoutNulls(v value) []byte {
	if v.isGroup() {
		for _, m := range v.members() {
			if m.isNull() {
				return mergeGroups(value{}, v)
			}
		}
	}
	return v.raw()
}

// mergeGroups lays the members of patch over those of old; null takes a member away. old may be no value.
func mergeGroups(old, patch value) []byte {
	text := []byte{'{'}
	add := func(name, m value) {
		text = append(append(append(comma(text), name.raw()...), ':'), m.raw()...)
	}
	if old.exists() {
		for name, m := range old.members() {
			if !patch.get(string(name.bytes())).exists() {
				add(name, m)
			}
		}
	}
	for name, m := range patch.members() {
		if !m.isNull() {
			add(name, m)
		}
	}
	return append(text, '}')
}

// unite is the list old with those items of more that are not in it.
func unite(old, more value) []byte {
	text := []byte{'['}
	for _, item := range old.items() {
		text = append(comma(text), item.raw()...)
	}
	for _, item := range more.items() {
		known := false
		for _, other := range old.items() {
			known = known || other.equal(item)
		}
		if !known {
			text = append(comma(text), item.raw()...)
		}
	}
	return append(text, ']')
}

// merge is the document old after an update without ?replace=true.
func (w Switches) merge(old, patch value, r *rule) document {
	var d document
	for name, m := range old.members() {
		field := string(name.bytes())
		kept := r.fields[field] != nil && patch.get(field).exists()
		if kept || field == "company" && !w.CompanyKept {
			continue
		}
		d = append(d, member{name.bytes(), m.raw()})
	}
	for name, m := range patch.members() {
		field := string(name.bytes())
		mine := r.fields[field]
		if mine == nil || mine.dropped || m.isNull() {
			continue
		}
		before := old.get(field)
		text := withoutNulls(m)
		switch {
		case field == "custom" && before.exists() && !w.CustomReplaced:
			text = mergeGroups(before, m)
		case m.isList() && before.exists() && w.ArraysUnited:
			text = unite(before, m)
		}
		d = append(d, member{name.bytes(), text})
	}
	return d
}

func (d document) find(name string) int {
	return slices.IndexFunc(d, func(m member) bool { return string(m.name) == name })
}

// get is the text of a member, nil for none.
func (d document) get(name string) []byte {
	if i := d.find(name); i >= 0 {
		return d[i].value
	}
	return nil
}

// set gives a member the text value, or takes it away when that is nil.
func (d document) set(name string, text []byte) document {
	i := d.find(name)
	switch {
	case i >= 0 && text == nil:
		return slices.Delete(d, i, i+1)
	case i >= 0:
		d[i].value = text
	case text != nil:
		return append(d, member{[]byte(name), text})
	}
	return d
}

// mirror keeps externalIds in step with externalId, which stands among them as verified. before is the text of the
// externalId that the customer had, nil for none.
func (d document) mirror(before []byte) document {
	now, list := d.get("externalId"), d.get("externalIds")
	if now == nil && before == nil {
		return d
	}
	text := []byte{'['}
	if now != nil {
		text = append(append(append(text, `{"externalId":`...), now...), `,"verified":true}`...)
	}
	if list != nil {
		old, err := parse(list)
		if err != nil {
			return d // cannot be: the list was parsed before
		}
		for _, item := range old.items() {
			id := item.get("externalId")
			if !sameText(id, now) && !sameText(id, before) {
				text = append(comma(text), item.raw()...)
			}
		}
	}
	if text = append(text, ']'); len(text) == 2 {
		text = nil
	}
	return d.set("externalIds", text)
}

// sameText reports whether v, a text, has the content of the JSON text other. A nil other is no text.
func sameText(v value, other []byte) bool {
	if bytes.Equal(v.raw(), other) {
		return true
	}
	if other == nil {
		return false
	}
	o, err := parse(other)
	return err == nil && v.equal(o)
}

// bytes is the document as JSON.
func (d document) bytes() []byte {
	size := 2
	for _, m := range d {
		size += len(m.name) + len(m.value) + 4
	}
	text := append(make([]byte, 0, size), '{')
	for _, m := range d {
		text = append(append(append(comma(text), '"'), m.name...), '"', ':')
		text = append(text, m.value...)
	}
	return append(text, '}')
}
