package mappings

import "slices"

// drops says whether a column's cell that cannot be used may go, as the column says, the run, or the mapping.
func (b *binder) drops(column string) bool {
	for _, word := range []string{column, b.options.BadCells, b.mapping.BadCells} {
		if word != "" {
			return word == onDrop
		}
	}
	return false
}

// letGo are the columns whose cells a record can do without, where the mapping lets them go: none of them tells who the
// customer is, or guards what is written. nil: there is none.
func (b *binder) letGo() []bool {
	kept, some := make([]bool, len(b.columns)), make([]bool, len(b.columns))
	for _, one := range b.bindings {
		if one.column < 0 {
			continue
		}
		if some[one.column] = true; !one.drop || one.target.tells() {
			kept[one.column] = true
		}
	}
	for i := range some {
		some[i] = some[i] && !kept[i]
	}
	if !slices.Contains(some, true) {
		return nil
	}
	return some
}

// tells says whether a place tells who the customer is, or which revision of it an update expects.
func (t target) tells() bool {
	if t.field.name == "rev" {
		return true
	}
	return t.field.key != noIdentity && (t.member < 0 || !t.field.members[t.member].flag)
}

// dropCells takes the cells of problems out of the record, where their columns let them go.
func (p *Plan) dropCells(rec *Record) {
	if p.drops == nil {
		return
	}
	for i := range rec.Problems {
		if one := &rec.Problems[i]; p.letsGo(one.Column) {
			one.Dropped = true
			p.Strip(rec, one.Column)
		}
	}
}

func (p *Plan) letsGo(column int) bool {
	return p.drops != nil && column >= 0 && column < len(p.drops) && p.drops[column]
}

// spoils says whether problems keep an item from being made: those of cells that the record cannot go without.
func (p *Plan) spoils(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(one Problem) bool { return !p.letsGo(one.Column) })
}

// Goes finds the cell that fills a place, as Locate finds it, and says whether the record can go without it. The cell
// is good for Strip alone.
func (p *Plan) Goes(rec *Record, path string) (cell int, goes bool) {
	if p.drops == nil {
		return -1, false
	}
	at := p.locate(rec, path)
	if at < 0 {
		return -1, false
	}
	cell = p.places[rec.Values[at].Slot].column
	return cell, p.letsGo(cell)
}

// Strip takes all values of a column out of the record, and the items that nothing but constants and flags is left of.
// Items are counted anew.
func (p *Plan) Strip(rec *Record, column int) {
	values := rec.Values
	kept := values[:0]
	var list *field
	items := 0
	for from, to := 0, 0; from < len(values); from = to {
		to = p.itemEnd(values, from)
		if f := p.places[values[from].Slot].field; f != list {
			list, items = f, 0
		}
		start, filled := len(kept), false
		for _, v := range values[from:to] {
			at := &p.places[v.Slot]
			if at.column == column {
				continue
			}
			filled = filled || at.column >= 0 && !(at.member >= 0 && at.field.members[at.member].flag)
			if v.Item >= 0 {
				v.Item = items
			}
			kept = append(kept, v)
		}
		if len(kept)-start < to-from && !filled {
			kept = kept[:start]
		}
		if len(kept) > start {
			items++
		}
	}
	rec.Values = kept
}

// itemEnd is the end of the item, or of the single value, that begins at from.
func (p *Plan) itemEnd(values []Value, from int) int {
	to := from + 1
	if values[from].Item < 0 {
		return to
	}
	same := func(v Value) bool {
		return v.Item == values[from].Item && p.places[v.Slot].field == p.places[values[from].Slot].field
	}
	for to < len(values) && same(values[to]) {
		to++
	}
	return to
}
