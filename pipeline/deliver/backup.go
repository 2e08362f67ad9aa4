package deliver

import "muster/pipeline/kustomer"

// keep has a backup hold the records of a request that changes them.
func (p *inFlight) keep(idx []int, changes bool) error {
	if p.Backup == nil || !changes {
		return nil
	}
	var before []*kustomer.Customer
	for _, i := range idx {
		before = append(before, p.states[i].before)
	}
	return p.Backup(p.batch.kind(), before)
}
