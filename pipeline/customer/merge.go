package customer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"muster/pipeline/kustomer"
)

// A Difference is what a row would change of a customer.
type Difference struct {
	Update []byte // the payload
	Lists  bool   // it replaces a list
	Note   string // what of the row is not written, "" nothing
}

// Differ makes the update of a customer from a row: only what the customer has not. Lists are joined with
// what it has, since an update replaces them, and the company it is linked to is named again, since an
// update that omits it un-links it. Of custom attributes the row's are written together when one differs:
// it is not documented whether an update keeps those it does not name. writes are the fields that the mapping
// treats in another way. An error names the list that would grow too long.
func Differ(payload []byte, c *kustomer.Customer, writes map[string]string) (d Difference, err error) {
	var row object
	if err := json.Unmarshal(Due(payload, c, writes), &row); err != nil {
		return d, errors.New("the record is not a JSON object")
	}
	for field, value := range row {
		if overwrites(field, writes) && !opaqueTags(c.Attributes[field]) {
			if d.Lists = true; replaced(field, c.Attributes[field], value) {
				delete(row, field)
			}
			continue
		}
		if Has(c, field, value) && !(field == "tags" && opaqueTags(c.Attributes[field])) {
			delete(row, field)
			continue
		}
		if _, isList := listFields[field]; isList {
			d.Lists = true
			if IsNull(c.Attributes[field]) {
				continue
			}
			if row[field], err = joinLists(field, c.Attributes[field], value); err != nil {
				return d, err
			}
		}
	}
	if !overwrites("tags", writes) || opaqueTags(c.Attributes["tags"]) {
		if d.Note, err = mergeTags(row, c); err != nil {
			return d, err
		}
	}
	d.Lists = d.Lists || row["tags"] != nil
	if _, named := row["company"]; !named && c.Company != "" {
		row["company"], _ = json.Marshal(c.Company)
	}
	d.Update, err = json.Marshal(row)
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
	if slices.ContainsFunc(have, IsObjectID) {
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

// Has says whether the customer has everything the payload says of one field.
func Has(c *kustomer.Customer, field string, value json.RawMessage) bool {
	have := c.Attributes[field]
	if field == "tags" && opaqueTags(have) {
		return true // ids cannot be held against names
	}
	if field == "company" && have == nil {
		have, _ = json.Marshal(c.Company)
	}
	return Contains(have, value)
}

// opaqueTags says whether the org answers with ids where names were sent.
func opaqueTags(have json.RawMessage) bool {
	var tags []string
	return json.Unmarshal(have, &tags) == nil && slices.ContainsFunc(tags, IsObjectID)
}
