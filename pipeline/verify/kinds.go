package verify

import (
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
)

// readKinds reads those of some rows that are no customers, kind by kind, and finds out what they belong to.
func (v *Verifier) readKinds(g *page) error {
	done := map[string]bool{}
	for _, first := range g.rows {
		k := first.kind
		if k == nil || done[k.Name] {
			continue
		}
		done[k.Name] = true
		var at []int
		var ids []string
		var payloads [][]byte
		for i, one := range g.rows {
			if one.kind != nil && one.kind.Name == k.Name {
				at, ids, payloads = append(at, i), append(ids, one.claim.CustomerID), append(payloads, one.payload)
			}
		}
		found, err := v.kinds.ByIDs(v.ctx, k, ids)
		if err != nil {
			return err
		}
		if payloads, err = v.kinds.Resolved(v.ctx, k, payloads); err != nil {
			return err
		}
		if err := v.compared(g, at, found, payloads); err != nil {
			return err
		}
	}
	return nil
}

// compared puts records where they are held against what was sent. One whose parent is gone has nothing to be held
// against.
func (v *Verifier) compared(g *page, at []int, found []*kustomer.Record, payloads [][]byte) error {
	customers := make([]*kustomer.Customer, len(found))
	for n, r := range found {
		if r != nil && payloads[n] != nil {
			customers[n] = deliver.Comparable(r)
		}
	}
	customers, err := v.readings.Named(v.ctx, customers, func(n int) bool { return lookup.Tagged(payloads[n]) })
	if err != nil {
		return err
	}
	for n, i := range at {
		if g.customers[i] = customers[n]; payloads[n] != nil {
			g.rows[i].payload = payloads[n]
		}
	}
	return nil
}
