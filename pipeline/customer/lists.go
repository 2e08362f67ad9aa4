package customer

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"muster/mappings"
)

// lists are the lists of a customer, by their names.
var lists = listsByName()

func listsByName() map[string]*mappings.List {
	all := map[string]*mappings.List{}
	for _, l := range mappings.Lists() {
		all[l.Name] = &l
	}
	return all
}

// writableFields are a customer's attributes that may be written back (Kustomer's OpenAPI document, Core
// Resources 1.0); those that only a new customer is given are not among them.
func writableFields() []string {
	fields := strings.Fields("name company externalId username signedUpAt lastActivityAt lastCustomerActivityAt " +
		"lastSeenAt " +
		"birthdayAt avatarUrl locale timeZone defaultLang gender tags sentiment custom importedAt")
	return slices.AppendSeq(fields, maps.Keys(lists))
}

// writable is an entry as it may be written back: what a read adds to it (an id) is refused by a write, and numbers of
// WhatsApp are read with a prefix that they are not written with.
func writable(l *mappings.List, item object) object {
	kept := object{}
	for _, name := range l.Members {
		if value := item[name]; !IsNull(value) {
			kept[name] = value
		}
	}
	if bare, marked := strings.CutPrefix(text(kept["phone"]), "whatsapp:"); marked {
		kept["phone"], _ = json.Marshal(bare)
	}
	return kept
}

// entriesOf are the entries of a list; ok: it is one, or there is none.
func entriesOf(value json.RawMessage) (entries []object, ok bool) {
	return entries, IsNothing(value) || json.Unmarshal(value, &entries) == nil
}

// text is a value as a text, which ids may be without being sent as one.
func text(value json.RawMessage) string {
	var s string
	if IsNull(value) || json.Unmarshal(value, &s) == nil {
		return s
	}
	return string(value)
}

// keyOf is what tells an entry from the others; false where it says nothing of that.
func keyOf(l *mappings.List, entry object) (key string, ok bool) {
	for _, k := range l.Keys {
		value := text(entry[k.Member])
		key, ok = key+k.Form.Normal(value)+"\x00", ok || value != ""
	}
	return key, ok
}

// isSame says whether two entries of a list are the same one: by its keys, or, where the list or the entries have none,
// because each says all that the other says.
func isSame(l *mappings.List, a, b object) bool {
	x, known := keyOf(l, a)
	y, also := keyOf(l, b)
	if known || also {
		return known && also && x == y
	}
	return saysAll(l, a, b) && saysAll(l, b, a)
}

// saysAll says whether an entry has all that another says.
func saysAll(l *mappings.List, have, sent object) bool {
	for name, value := range sent {
		if !IsNothing(value) && !saysSo(l, name, value, have[name]) {
			return false
		}
	}
	return true
}

// saysSo compares one member of two entries.
func saysSo(l *mappings.List, name string, sent, have json.RawMessage) bool {
	for _, k := range l.Keys {
		if k.Member == name {
			return k.Form.Normal(text(sent)) == k.Form.Normal(text(have))
		}
	}
	if name == "verified" && IsNothing(have) {
		return string(sent) == "false" // which an org need not say
	}
	return matches(name, sent, have)
}

// held is where an entry stands among others, -1 nowhere. Of a list without keys it is the one that says all the entry
// says.
func held(l *mappings.List, entries []object, entry object) int {
	return slices.IndexFunc(entries, func(other object) bool {
		if len(l.Keys) == 0 {
			return saysAll(l, other, entry)
		}
		return isSame(l, other, entry)
	})
}

// grows is the entry of a list without keys that another only says more than, so that it can take its place and nothing
// is lost or mixed; -1 none. An address counts from a street and a town or code on: two that have less in common are
// two.
func grows(l *mappings.List, entries []object, entry object) int {
	if len(l.Keys) > 0 {
		return -1
	}
	return slices.IndexFunc(entries, func(other object) bool {
		whole := !IsNothing(other["address"]) && (!IsNothing(other["cityName"]) || !IsNothing(other["zipCode"]))
		return whole && saysAll(l, entry, other)
	})
}

// isMirror says whether an entry is the external id itself, which Kustomer puts among the external ids, as verified
// (https://developer.kustomer.com/api/core-resources/create-customer).
func isMirror(l *mappings.List, entry object, own json.RawMessage) bool {
	return l.Name == "externalIds" && !IsNothing(own) && text(entry["externalId"]) == text(own)
}

// isMaskedEntry says whether any part of an entry is hidden from this key.
func isMaskedEntry(entry object) bool {
	for _, value := range entry {
		if isMasked(value) {
			return true
		}
	}
	return false
}

// Normal is an identity of a kind in the form in which equal ones are equal texts.
func Normal(kind, value string) string {
	field := map[string]string{"externalId": "externalIds", "email": "emails", "phone": "phones",
		"whatsapp": "whatsapps"}[kind]
	if l := lists[field]; l != nil {
		return l.Keys[0].Form.Normal(value)
	}
	return value
}
