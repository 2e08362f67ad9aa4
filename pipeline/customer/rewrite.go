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
		have := valueOf(c, field)
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

// Covers says whether the customer has everything of a record that an update would write: the evidence for "unchanged",
// and for an update whose answer was lost. Lists may hold more than was sent.
func Covers(c *kustomer.Customer, payload []byte, writes map[string]string) bool {
	d, err := Differ(payload, c, writes)
	return err == nil && d.Empty && len(d.Untold) == 0
}
