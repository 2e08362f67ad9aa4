package pipeline

import (
	"cmp"
	"fmt"
	"slices"

	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

const columnShared = "column.shared"

// sharedRows is how many rows with one address or number are no family any more.
const sharedRows = 20

// sharedDamage is what the shared values say of the columns that they stand in.
func (r *run) sharedDamage(s dedupe.Shared) []report.Damage {
	type where struct {
		table *Table
		kind  dedupe.Kind
	}
	found := map[where]*report.Damage{}
	values := map[where]int{}
	for _, value := range s.Values() {
		by := s[value]
		if by.Rows < sharedRows {
			continue
		}
		table, _ := tableAt(r.inputs, by.Table)
		at := where{table, value.Kind}
		d := found[at]
		if d == nil {
			code, _ := outcome.Explain(columnShared)
			column := map[dedupe.Kind]string{dedupe.Email: "emails", dedupe.Phone: "phones", dedupe.WhatsApp: "whatsapps"}[value.Kind]
			d = &report.Damage{Code: columnShared, Verdict: damageWarns, Column: table.Column(table.columnOf(column)), File: table.Header.File,
				Sheet: table.Header.Sheet, Of: r.read, Meaning: code.Meaning, Cause: code.Cause, Fix: code.Fix}
			found[at] = d
		}
		d.Count += by.Rows
		if values[at]++; values[at] <= damagePlaces {
			d.Places = append(d.Places, report.Sample{File: table.Header.File, Sheet: table.Header.Sheet, Line: by.Line})
		}
		d.Detail = fmt.Sprintf("values that %d rows or more share: %d, each named by its first row", sharedRows, values[at])
	}
	var list []report.Damage
	for _, d := range found {
		list = append(list, *d)
	}
	slices.SortFunc(list, func(a, b report.Damage) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Sheet, b.Sheet), cmp.Compare(a.Column, b.Column))
	})
	return list
}
