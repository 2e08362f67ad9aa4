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

// Compare holds a customer against a payload. writes are the fields that an update treats in another way than usual;
// nil for a customer that was made of the payload.
func (r *Comparer) Compare(payload []byte, c *kustomer.Customer, writes map[string]string) (Comparison, error) {
	var row object
	if json.Unmarshal(payload, &row) != nil {
		return Comparison{}, errors.New("the record is not a JSON object")
	}
	var m matcher
	for _, field := range slices.Sorted(maps.Keys(row)) {
		switch l := lists[field]; {
		case IsMoved(field):
		case field == "tags":
			m.tags(row[field], c, writes[field])
		default:
			if change, ok := changeOf(l, row[field], c, writes[field]); ok {
				m.list(change)
			} else {
				m.field(field, row[field], valueOf(c, field))
			}
		}
	}
	m.strangers(row, c, r.writable)
	slices.SortStableFunc(m.Gaps, func(a, b Gap) int { return strings.Compare(a.Field, b.Field) })
	return m.Comparison, nil
}

// Landed is Compare for a customer that a record has landed in; made: it was made of it, so that all of it was to be
// written.
func (r *Comparer) Landed(payload []byte, c *kustomer.Customer, writes map[string]string, made bool) (Comparison,
	error) {
	if made {
		writes = nil
	}
	return r.Compare(Due(payload, c, writes), c, writes)
}

// matcher gathers a comparison.
type matcher struct{ Comparison }

func (m *matcher) field(name string, sent, have json.RawMessage) {
	switch {
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

// list compares the entries of a list: each that was sent must be there, and none of those that it replaces.
func (m *matcher) list(change *listChange) {
	field := change.list.Name
	for _, item := range change.sent {
		at := held(change.list, change.have, item)
		if at < 0 {
			m.unmet(change, item)
			continue
		}
		plain := change.plain(item)
		for _, name := range slices.Sorted(maps.Keys(plain)) {
			if sent, have := plain[name], change.have[at][name]; !saysSo(change.list, name, sent, have) {
				m.scalar(field+"."+name, sent, have)
			}
		}
	}
	for _, item := range change.have {
		if change.named(item) {
			continue
		}
		if change.goes(item) {
			whole, _ := json.Marshal(item) // of what was decoded
			m.Gaps = append(m.Gaps, Gap{Field: field, Have: whole})
		} else if !slices.Contains(m.Extra, field) {
			m.Extra = append(m.Extra, field)
		}
	}
}

// unmet notes an entry that is not there; where the key of one that is there is masked it may be that one.
func (m *matcher) unmet(change *listChange, item object) {
	if slices.ContainsFunc(change.have, isMaskedEntry) {
		m.Veiled = append(m.Veiled, change.list.Name)
		return
	}
	whole, _ := json.Marshal(item) // of what was decoded
	m.Gaps = append(m.Gaps, Gap{Field: change.list.Name, Missing: true, Sent: whole})
}

// tags compares the names of tags; ids say nothing of names.
func (m *matcher) tags(sent json.RawMessage, c *kustomer.Customer, word string) {
	var wanted []string
	if json.Unmarshal(sent, &wanted) != nil || len(wanted) == 0 && word != mappings.WriteOver {
		return
	}
	have, known := tagsOf(c)
	if !known {
		m.Veiled = append(m.Veiled, "tags")
		return
	}
	for _, tag := range wanted {
		if !hasTag(c, have, tag) {
			name, _ := json.Marshal(tag)
			m.Gaps = append(m.Gaps, Gap{Field: "tags", Missing: true, Sent: name})
		}
	}
	for _, tag := range have {
		if hasTag(c, wanted, tag) {
			continue
		}
		if word == mappings.WriteOver {
			name, _ := json.Marshal(tag)
			m.Gaps = append(m.Gaps, Gap{Field: "tags", Have: name})
		} else if !slices.Contains(m.Extra, "tags") {
			m.Extra = append(m.Extra, "tags")
		}
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
		have := valueOf(c, field)
		if named || IsNothing(have) || field == "custom" || field == "importedAt" || field == "createdAt" || IsMoved(field) ||
			onlyMirror(field, row, have) {
			continue
		}
		m.Extra = append(m.Extra, field)
	}
}

// onlyMirror says whether a customer's external ids are only the external id that was sent.
func onlyMirror(field string, row object, have json.RawMessage) bool {
	entries, ok := entriesOf(have)
	return ok && len(entries) == 1 && lists[field] != nil && isMirror(lists[field], entries[0], row["externalId"])
}
