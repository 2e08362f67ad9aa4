package customer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"muster/pipeline/kustomer"
)

// Writable is what of a customer can be written back, as a JSON object: what it takes to undo an update.
func Writable(c *kustomer.Customer) []byte {
	before := object{}
	for _, field := range writableFields() {
		if value := c.Attributes[field]; !IsNull(value) {
			before[field] = WritableValue(field, value)
		}
	}
	if c.Company != "" {
		before["company"], _ = json.Marshal(c.Company)
	}
	text, err := json.Marshal(before)
	if err != nil {
		return []byte("{}")
	}
	return text
}

// WritableValue is a list without what a read adds to its items, and any other value as it is.
func WritableValue(field string, value json.RawMessage) json.RawMessage {
	l := lists[field]
	var items []object
	if l == nil || json.Unmarshal(value, &items) != nil {
		return value
	}
	for k := range items {
		items[k] = writable(l, items[k])
	}
	written, _ := json.Marshal(items) // of what was decoded
	return written
}

// State is a customer's state as one short text: another one when anybody changed what could be written back. What
// Kustomer itself moves on when something happens with the customer is no part of it.
func State(c *kustomer.Customer) string {
	var all map[string]any
	if json.Unmarshal(Writable(c), &all) != nil {
		return ""
	}
	if c.TagIDs != nil { // whether their names could be had is no change of the customer
		all["tags"] = c.TagIDs
	}
	for _, moving := range []string{"lastActivityAt", "lastCustomerActivityAt", "lastSeenAt"} {
		delete(all, moving)
	}
	for name, value := range all {
		if list, is := value.([]any); is && len(list) == 0 {
			delete(all, name)
		}
	}
	text, err := json.Marshal(all) // sorted by name
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}
