package check

import (
	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/outcome"
)

// lookUp makes problems of values that a rule of the mapping looks up in a file which lacks them.
func (c *Checker) lookUp(w *block.Block) {
	if w.Table.Joined == nil {
		return
	}
	for _, rule := range c.room.Lacking {
		if p, asked := w.Table.Plan.Lacking(rule, &c.record); asked {
			w.Problems = append(w.Problems, outcome.Problem{Code: p.Code, Column: w.Table.OwnColumn(p.Column), Detail: p.Detail,
				Warning: p.Warning})
		}
	}
}

// differ notes what must differ from row to row by rules of the mapping: as hashes.
func (c *Checker) differ(w *block.Block, out *block.Row) {
	plan := w.Table.Plan
	out.Ruled.From = len(w.Ruled)
	for rule := range plan.Rules() {
		if key, asked := plan.AppendUnique(c.scratch[:0], rule, &c.record); asked {
			c.scratch = key
			w.Ruled = append(w.Ruled, c.Seeds.HashRule(plan.Unique(rule), key))
		}
	}
	out.Ruled.To = len(w.Ruled)
}

// warningRules has a bit for each rule that only warns of values that do not differ.
func warningRules(t *bind.Table) (bits uint8) {
	for rule := range t.Plan.Rules() {
		if n := t.Plan.Unique(rule); n >= 0 {
			if p, _ := t.Plan.UniqueRule(n); p.Warning {
				bits |= 1 << n
			}
		}
	}
	return bits
}
