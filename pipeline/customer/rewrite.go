package customer

import (
	"encoding/json"

	"muster/mappings"
	"muster/pipeline/kustomer"
)

// Due is what of a record an update may say of a customer that is there: writes has the fields that the mapping
// treats in another way than usual (see mappings.Plan.Writes). Fields that are only for new customers go, and
// those that are only for blanks where the customer has something. The rest is payload as it was, or payload itself.
func Due(payload []byte, c *kustomer.Customer, writes map[string]string) []byte {
	var row object
	if len(writes) == 0 || json.Unmarshal(payload, &row) != nil {
		return payload
	}
	left := false
	drop := func(path string, have json.RawMessage) bool {
		word := writes[path]
		gone := word == mappings.WriteNever || word == mappings.WriteIfEmpty && !IsNothing(have)
		left = left || gone
		return gone
	}
	for field := range row {
		have := c.Attributes[field]
		if field == "company" && c.Company != "" {
			have = json.RawMessage(`"there"`)
		}
		if drop(field, have) {
			delete(row, field)
		}
	}
	var own, theirs object
	if json.Unmarshal(row["custom"], &own) == nil {
		_ = json.Unmarshal(c.Attributes["custom"], &theirs) // a customer without attributes has nothing
		for name := range own {
			if drop("custom."+name, theirs[name]) {
				delete(own, name)
			}
		}
		row["custom"], _ = json.Marshal(own) // of what was decoded
		if len(own) == 0 {
			delete(row, "custom")
		}
	}
	if !left {
		return payload
	}
	kept, _ := json.Marshal(row) // of what was decoded
	return kept
}

// replaced says whether a list of the customer is exactly the row's, as write: overwrite wants it.
func replaced(field string, have, sent json.RawMessage) bool {
	var theirs, own []json.RawMessage
	_ = json.Unmarshal(have, &theirs)
	_ = json.Unmarshal(sent, &own)
	return len(theirs) == len(own) && Contains(have, sent)
}

// Covers says whether the customer has everything of a record that an update would write: the evidence for "unchanged",
// and for an update whose answer was lost. Lists may hold more than was sent.
func Covers(c *kustomer.Customer, payload []byte, writes map[string]string) bool {
	var row object
	if json.Unmarshal(Due(payload, c, writes), &row) != nil {
		return false
	}
	for field, value := range row {
		if overwrites(field, writes) && !opaqueTags(c.Attributes[field]) && !replaced(field, c.Attributes[field], value) || !Has(c, field, value) {
			return false
		}
	}
	return true
}

// overwrites is true for a list that takes the place of the customer's.
func overwrites(field string, writes map[string]string) bool {
	_, listed := listFields[field]
	return (listed || field == "tags") && writes[field] == mappings.WriteOver
}
