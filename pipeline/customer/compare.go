package customer

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/kustomer"
)

// A Gap is one field of a customer that is not as it was sent.
type Gap struct {
	Field   string          // as name, custom.scoreNum, emails or emails.type
	Missing bool            // the customer has nothing in its place
	Sent    json.RawMessage // what it should be
	Have    json.RawMessage // what it is; nil where Missing
}

// Comparison is a customer held against what was sent for it, field by field.
type Comparison struct {
	Gaps   []Gap    // in the order of their names
	Extra  []string // fields, and lists with entries, that the customer has and that were not sent
	Veiled []string // fields that cannot be compared: masked for this key, or tags shown as ids
}

// Comparer holds customers against payloads. It knows what an org does to values: e-mail addresses are
// folded, phone numbers lose their signs, moments come in UTC to the millisecond, lists may hold what
// others put there, the external id is mirrored among the external ids, tags may come as ids, and what
// the key may not see is masked. Safe for concurrent use.
type Comparer struct {
	writable []string // the attributes of a customer that a mapping can fill
}

// NewComparer knows the attributes of customers.
func NewComparer() *Comparer {
	r := &Comparer{}
	for _, t := range mappings.Targets() {
		name, _, _ := strings.Cut(t.Path, ".")
		name, _, _ = strings.Cut(name, "[")
		if !slices.Contains(r.writable, name) {
			r.writable = append(r.writable, name)
		}
	}
	return r
}

// Compare holds a customer against a payload.
func (r *Comparer) Compare(payload []byte, c *kustomer.Customer) (Comparison, error) {
	var row object
	if json.Unmarshal(payload, &row) != nil {
		return Comparison{}, errors.New("the record is not a JSON object")
	}
	var m matcher
	for _, field := range slices.Sorted(maps.Keys(row)) {
		have := c.Attributes[field]
		if field == "company" && c.Company != "" {
			have, _ = json.Marshal(c.Company)
		}
		m.field(field, row[field], have)
	}
	m.strangers(row, c, r.writable)
	slices.SortStableFunc(m.Gaps, func(a, b Gap) int { return strings.Compare(a.Field, b.Field) })
	return m.Comparison, nil
}

// matcher gathers a comparison.
type matcher struct{ Comparison }

func (m *matcher) field(name string, sent, have json.RawMessage) {
	_, isList := listFields[name]
	switch {
	case name == "tags":
		m.tags(sent, have)
	case isList && !IsNull(sent):
		m.list(name, sent, have)
	case name == "custom":
		var wanted, held object
		if json.Unmarshal(sent, &wanted) != nil {
			m.scalar(name, sent, have)
			return
		}
		_ = json.Unmarshal(have, &held) // none: nothing is held
		for _, at := range slices.Sorted(maps.Keys(wanted)) {
			m.scalar("custom."+at, wanted[at], held[at])
		}
	default:
		m.scalar(name, sent, have)
	}
}

// scalar compares one value, of whatever kind it is.
func (m *matcher) scalar(field string, sent, have json.RawMessage) {
	switch {
	case IsNothing(sent) && IsNothing(have), matches(field, sent, have):
	case isMasked(have) && !isMasked(sent):
		m.Veiled = append(m.Veiled, field)
	case IsNothing(have):
		m.Gaps = append(m.Gaps, Gap{Field: field, Missing: true, Sent: sent})
	default:
		m.Gaps = append(m.Gaps, Gap{Field: field, Sent: sent, Have: have})
	}
}

// list compares the entries of a list: each that was sent must be there, whatever else is.
func (m *matcher) list(field string, sent, have json.RawMessage) {
	var wanted, held []object
	if json.Unmarshal(sent, &wanted) != nil || (!IsNothing(have) && json.Unmarshal(have, &held) != nil) {
		m.scalar(field, sent, have)
		return
	}
	key, met := listFields[field].key, make([]bool, len(held))
	for _, item := range wanted {
		at := slices.IndexFunc(held, func(h object) bool { return sameEntry(field, key, item, h) })
		if at < 0 {
			whole, _ := json.Marshal(item)
			m.unmet(field, key, whole, held)
			continue
		}
		met[at] = true
		for _, name := range slices.Sorted(maps.Keys(item)) {
			m.scalar(field+"."+name, item[name], held[at][name])
		}
	}
	if slices.Contains(met, false) && !slices.Contains(m.Extra, field) {
		m.Extra = append(m.Extra, field)
	}
}

// unmet notes an entry that is not there; where an entry's key is masked it may be that one.
func (m *matcher) unmet(field, key string, item json.RawMessage, held []object) {
	if slices.ContainsFunc(held, func(h object) bool { return isMasked(h[key]) }) {
		m.Veiled = append(m.Veiled, field)
		return
	}
	m.Gaps = append(m.Gaps, Gap{Field: field, Missing: true, Sent: item})
}

// tags compares names of tags with names; ids say nothing of names.
func (m *matcher) tags(sent, have json.RawMessage) {
	var wanted, held []string
	if json.Unmarshal(sent, &wanted) != nil || len(wanted) == 0 {
		return
	}
	_ = json.Unmarshal(have, &held)
	if slices.ContainsFunc(held, IsObjectID) {
		m.Veiled = append(m.Veiled, "tags")
		return
	}
	for _, tag := range wanted {
		if !containsFold(held, tag) {
			name, _ := json.Marshal(tag)
			m.Gaps = append(m.Gaps, Gap{Field: "tags", Missing: true, Sent: name})
		}
	}
	if len(held) > len(wanted) {
		m.Extra = append(m.Extra, "tags")
	}
}

// strangers notes what the customer has beyond the record. What Kustomer itself keeps (names derived
// from others, moments, counts) is none of it.
func (m *matcher) strangers(row object, c *kustomer.Customer, writable []string) {
	var sent, held object
	_ = json.Unmarshal(row["custom"], &sent)
	_ = json.Unmarshal(c.Attributes["custom"], &held)
	for _, at := range slices.Sorted(maps.Keys(held)) {
		if _, known := sent[at]; !known && !IsNothing(held[at]) {
			m.Extra = append(m.Extra, "custom."+at)
		}
	}
	for _, field := range writable {
		_, named := row[field]
		have := c.Attributes[field]
		if field == "company" && c.Company != "" {
			have, _ = json.Marshal(c.Company)
		}
		if named || IsNothing(have) || field == "custom" || field == "importedAt" || field == "createdAt" || field == "rev" || isMirror(field, row, have) {
			continue
		}
		m.Extra = append(m.Extra, field)
	}
}

// isMirror says whether a customer's external ids are only the external id that was sent, which
// Kustomer puts among them (https://developer.kustomer.com/api/core-resources/create-customer).
func isMirror(field string, row object, have json.RawMessage) bool {
	var held []object
	return field == "externalIds" && json.Unmarshal(have, &held) == nil && len(held) == 1 &&
		matches("externalId", row["externalId"], held[0]["externalId"])
}
