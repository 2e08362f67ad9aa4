package verify

import (
	"strings"

	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// folded says whether the run folded the row into the record of an earlier one.
func folded(t *bind.Table, claim *report.OutcomeRow) bool {
	return t.Folds() && claim.Status == outcome.Duplicate.String() && strings.HasPrefix(claim.Detail, block.FoldedInto)
}

// grow adds a row that was folded into what was sent of the customer. Nothing is read back yet.
func (g *sentRow) grow(w *block.Block, i int) error {
	if g == nil {
		return nil // its customer was not chosen, or has not landed
	}
	grown, err := customer.Fold(g.payload, w.Payload(&w.Rows[i]))
	if err == nil {
		g.payload = grown
	}
	return err
}
