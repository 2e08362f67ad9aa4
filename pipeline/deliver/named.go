package deliver

import (
	"muster/pipeline/kustomer"
)

// A record may name its customer by Kustomer's own id. It is written to that customer and to no other, and makes none:
// where the org has no customer of the id, that is a problem of the row.

// OtherID is what to say of that.
func OtherID(c *kustomer.Customer) string {
	return "the org answers with customer " + c.ID + ", into which it may have been merged"
}

// unnamed are those of idx that may be created; the others have a customer, which is read.
func (p *inFlight) unnamed(idx []int) (unnamed []int) {
	for _, i := range idx {
		if r := p.batch.Records[i]; r.Named {
			p.states[i].phase, p.states[i].id = existing, r.CustomerID
			continue
		}
		unnamed = append(unnamed, i)
	}
	return unnamed
}
