package pipeline

import (
	"encoding/json"
	"strings"

	"muster/pipeline/kustomer"
	"muster/schema"
)

// A record may name its customer by Kustomer's own id. It is written to that customer and to no other, and makes none: where the org
// has no customer of the id, that is a problem of the row.

// asNamed takes the id of the customer out of a record that has one.
func (r *Record) asNamed() {
	var fields object
	if json.Unmarshal(r.Payload, &fields) != nil || fields[schema.OwnID] == nil {
		return // the checker made it: it is an object
	}
	_ = json.Unmarshal(fields[schema.OwnID], &r.CustomerID) // the schema holds it to be a text
	r.CustomerID = strings.ToLower(r.CustomerID)
	r.Named = r.CustomerID != ""
	delete(fields, schema.OwnID)
	r.Payload, _ = json.Marshal(fields) // what was JSON is JSON again
}

// isOther says whether the org answers with another customer for the id that a record names: the two may have been merged.
func (r *Record) isOther(c *kustomer.Customer) bool { return r.Named && c.ID != r.CustomerID }

// otherID is what to say of that.
func otherID(c *kustomer.Customer) string {
	return "the org answers with customer " + c.ID + ", into which it may have been merged"
}

// externalID is the external id by which a record knows its customer, "" none.
func (r *Record) externalID() string {
	for _, key := range r.Keys {
		if key.Kind == "externalId" {
			return key.Value
		}
		if key.Kind != "id" {
			break // they stand in the order of their weight
		}
	}
	return ""
}

// unnamed are those of idx that may be created; the others have a customer, which is read.
func (p *parcel) unnamed(idx []int) (unnamed []int) {
	for _, i := range idx {
		if r := p.batch.Records[i]; r.Named {
			p.ends[i].phase, p.ends[i].id = existing, r.CustomerID
			continue
		}
		unnamed = append(unnamed, i)
	}
	return unnamed
}
