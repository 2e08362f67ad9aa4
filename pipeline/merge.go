package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"muster/pipeline/kustomer"
)

// listFields are the lists of a customer: the field that tells one item from another, and the
// fields that may be written back. What a read adds to items (an id) is refused by a write.
var listFields = map[string]struct {
	key      string
	writable string
}{
	"emails":            {"email", "email type verified"},
	"sharedEmails":      {"email", "email type verified"},
	"phones":            {"phone", "phone type verified"},
	"sharedPhones":      {"phone", "phone type verified"},
	"whatsapps":         {"phone", "phone type verified"},
	"externalIds":       {"externalId", "externalId verified"},
	"sharedExternalIds": {"externalId", "externalId verified"},
	"facebookIds":       {"userId", "pageId userId name"},
	"instagramIds":      {"instagramId", "pageId threadId username instagramId"},
	"socials":           {"username", "type username userid url verified"},
	"sharedSocials":     {"username", "type username userid url verified"},
	"urls":              {"url", "url type"},
	"locations": {"type", "type name address address2 address3 latitude longitude countryCode countryName " +
		"regionCode regionName cityName zipCode areaCode"},
}

// maxListItems is Kustomer's limit for the items of a list (its OpenAPI document, Core Resources 1.0).
const maxListItems = 10

type object = map[string]json.RawMessage

// writableFields are a customer's attributes that may be written back (Kustomer's OpenAPI document, Core
// Resources 1.0); those that only a new customer is given are not among them.
func writableFields() []string {
	fields := strings.Fields("name company externalId username signedUpAt lastActivityAt lastCustomerActivityAt lastSeenAt " +
		"birthdayAt avatarUrl locale timeZone defaultLang gender tags sentiment custom importedAt")
	return slices.AppendSeq(fields, maps.Keys(listFields))
}

// difference is what a row would change of a customer.
type difference struct {
	update []byte // the payload
	lists  bool   // it replaces a list
	note   string // what of the row is not written, "" nothing
}

// differ makes the update of a customer from a row: only what the customer has not. Lists are joined with
// what it has, since an update replaces them, and the company it is linked to is named again, since an
// update that omits it un-links it. Of custom attributes the row's are written together when one differs:
// it is not documented whether an update keeps those it does not name. writes are the fields that the mapping
// treats in another way. An error names the list that would grow too long.
func differ(payload []byte, c *kustomer.Customer, writes map[string]string) (d difference, err error) {
	var row object
	if err := json.Unmarshal(due(payload, c, writes), &row); err != nil {
		return d, errors.New("the record is not a JSON object")
	}
	for field, value := range row {
		if overwrites(field, writes) && !opaqueTags(c.Attributes[field]) {
			if d.lists = true; replaced(field, c.Attributes[field], value) {
				delete(row, field)
			}
			continue
		}
		if has(c, field, value) && !(field == "tags" && opaqueTags(c.Attributes[field])) {
			delete(row, field)
			continue
		}
		if _, isList := listFields[field]; isList {
			d.lists = true
			if isNull(c.Attributes[field]) {
				continue
			}
			if row[field], err = joinLists(field, c.Attributes[field], value); err != nil {
				return d, err
			}
		}
	}
	if !overwrites("tags", writes) || opaqueTags(c.Attributes["tags"]) {
		if d.note, err = mergeTags(row, c); err != nil {
			return d, err
		}
	}
	d.lists = d.lists || row["tags"] != nil
	if _, named := row["company"]; !named && c.Company != "" {
		row["company"], _ = json.Marshal(c.Company)
	}
	d.update, err = json.Marshal(row)
	return d, err
}

// tagsLeft tells of tags that could not be joined.
const tagsLeft = "the customer's tags are left as they are: the org answers with ids of tags, and a list of the row's own would take the others off"

// mergeTags joins tags by name. An org that answers with ids of tags gives no names to join: then
// the customer's tags are left as they are, since a list of the row's own would drop the others.
func mergeTags(row object, c *kustomer.Customer) (note string, err error) {
	var sent, have []string
	if row["tags"] == nil || json.Unmarshal(row["tags"], &sent) != nil ||
		json.Unmarshal(c.Attributes["tags"], &have) != nil || len(have) == 0 {
		return "", nil
	}
	if slices.ContainsFunc(have, isObjectID) {
		delete(row, "tags")
		return tagsLeft, nil
	}
	for _, t := range sent {
		if !containsFold(have, t) {
			have = append(have, t)
		}
	}
	// 20: the same document's limit for tags.
	if len(have) > 20 {
		return "", fmt.Errorf("tags would hold %d entries together with what the customer has; 20 are allowed", len(have))
	}
	row["tags"], err = json.Marshal(have)
	return "", err
}

// joinLists puts the row's items behind or over the customer's own. An item the row names again
// takes the row's fields and keeps those the row does not say.
func joinLists(field string, have, sent json.RawMessage) (json.RawMessage, error) {
	rule := listFields[field]
	var old, added []object
	if json.Unmarshal(have, &old) != nil || json.Unmarshal(sent, &added) != nil {
		return sent, nil
	}
	joined := make([]object, 0, len(old)+len(added))
	for _, item := range old {
		kept := writable(item, rule.writable)
		// An org may have an entry twice, told apart by what cannot be written; twice it refuses it.
		if !slices.ContainsFunc(joined, func(other object) bool { return sameItem(field, rule.key, other, kept) }) {
			joined = append(joined, kept)
		}
	}
	for _, item := range added {
		at := -1
		for k := range joined {
			if sameItem(field, rule.key, joined[k], item) {
				at = k
			}
		}
		if at < 0 {
			joined = append(joined, item)
			continue
		}
		for name, value := range item {
			joined[at][name] = value
		}
	}
	if len(joined) > maxListItems {
		return nil, fmt.Errorf("%s would hold %d items together with what the customer has; %d are allowed", field, len(joined), maxListItems)
	}
	return json.Marshal(joined)
}

func writable(item object, fields string) object {
	kept := object{}
	for _, name := range strings.Fields(fields) {
		if value, ok := item[name]; ok && !isNull(value) {
			kept[name] = value
		}
	}
	return kept
}

// sameItem compares items by what tells them apart; socials also by their network.
func sameItem(field, key string, a, b object) bool {
	if (field == "socials" || field == "sharedSocials") && !same(a["type"], b["type"]) {
		return false
	}
	return a[key] != nil && same(a[key], b[key])
}

// covers says whether the customer has everything the payload says: the evidence for "unchanged",
// and for an update whose answer was lost. Lists may hold more than was sent.
func covers(c *kustomer.Customer, payload []byte) bool {
	var row object
	if json.Unmarshal(payload, &row) != nil {
		return false
	}
	for field, value := range row {
		if !has(c, field, value) {
			return false
		}
	}
	return true
}

// has says whether the customer has everything the payload says of one field.
func has(c *kustomer.Customer, field string, value json.RawMessage) bool {
	have := c.Attributes[field]
	if field == "tags" && opaqueTags(have) {
		return true // ids cannot be held against names
	}
	if field == "company" && have == nil {
		have, _ = json.Marshal(c.Company)
	}
	return contains(have, value)
}

// contains says whether what is there holds everything that was sent: the same scalar, every item
// of a list, every field of an object. null is held by nothing being there.
func contains(have, sent json.RawMessage) bool {
	sent = bytes.TrimSpace(sent)
	switch {
	case isNull(sent):
		return isNull(have)
	case sent[0] == '{':
		var h, s object
		if json.Unmarshal(have, &h) != nil || json.Unmarshal(sent, &s) != nil {
			return false
		}
		for name, value := range s {
			if !contains(h[name], value) {
				return false
			}
		}
		return true
	case sent[0] == '[':
		return containsItems(have, sent)
	default:
		return same(have, sent)
	}
}

func containsItems(have, sent json.RawMessage) bool {
	var h, s []json.RawMessage
	if json.Unmarshal(have, &h) != nil || json.Unmarshal(sent, &s) != nil {
		return false
	}
	for _, item := range s {
		held := false
		for _, candidate := range h {
			held = held || contains(candidate, item)
		}
		if !held {
			return false
		}
	}
	return true
}

// same compares two scalars as the org would: letter case apart for strings (e-mail addresses come
// back folded), as moments where both are date-times, as numbers where both are numbers.
func same(a, b json.RawMessage) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	s, isString := x.(string)
	t, bothStrings := y.(string)
	if !isString || !bothStrings {
		return reflect.DeepEqual(x, y) // == panics on objects and lists
	}
	if s == t {
		return true
	}
	m, err := time.Parse(time.RFC3339, s)
	n, err2 := time.Parse(time.RFC3339, t)
	if err == nil && err2 == nil {
		return m.Equal(n)
	}
	return strings.Contains(s, "@") && strings.EqualFold(s, t)
}

func sameMoment(value json.RawMessage, stamp string) bool {
	quoted, _ := json.Marshal(stamp)
	return same(value, quoted)
}

// opaqueTags says whether the org answers with ids where names were sent.
func opaqueTags(have json.RawMessage) bool {
	var tags []string
	return json.Unmarshal(have, &tags) == nil && slices.ContainsFunc(tags, isObjectID)
}

func isNull(value json.RawMessage) bool {
	return len(value) == 0 || string(bytes.TrimSpace(value)) == "null"
}

func isObjectID(s string) bool {
	if len(s) != 24 {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}

func containsFold(list []string, s string) bool {
	for _, have := range list {
		if strings.EqualFold(have, s) {
			return true
		}
	}
	return false
}
