package pipeline

import (
	"cmp"
	"fmt"
	"slices"

	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

const columnShared = "column.shared"

const (
	// sharedRows is how many rows with one address or number are no family any more.
	sharedRows = 20
	// sharedKept is how many values are counted at once: those of which most rows were seen stay.
	sharedKept = 4096
)

// sharedValues counts rows that share one address or number though nothing says that they are one customer. It holds no value.
type sharedValues map[sharedValue]*sharedBy

type sharedValue struct {
	first int64 // ordinal of the earliest row
	kind  uint8
}

type sharedBy struct {
	rows  int64
	table int // of the earliest row, see tableAt
	line  int64
}

// add takes one pair of rows.
func (s sharedValues) add(t *Twin) {
	switch identityKinds[t.Kind] {
	case "email", "phone", "whatsapp":
	default:
		return
	}
	if !t.loose {
		return
	}
	value := sharedValue{t.First, t.Kind}
	by := s[value]
	if by == nil {
		if len(s) == sharedKept {
			s.forget()
		}
		by = &sharedBy{rows: 1, table: t.Input, line: t.Line}
		s[value] = by
	}
	by.rows++
}

// forget makes room: values with fewer rows than most are dropped.
func (s sharedValues) forget() {
	var counts []int64
	for _, by := range s {
		counts = append(counts, by.rows)
	}
	slices.Sort(counts)
	limit := counts[len(counts)*3/4]
	for value, by := range s {
		if by.rows <= limit {
			delete(s, value)
		}
	}
}

// sharedDamage is what the shared values say of the columns that they stand in.
func (r *run) sharedDamage(s sharedValues) []report.Damage {
	type where struct {
		table *Table
		kind  uint8
	}
	found := map[where]*report.Damage{}
	values := map[where]int{}
	for _, value := range sortedShared(s) {
		by := s[value]
		if by.rows < sharedRows {
			continue
		}
		table, _ := tableAt(r.inputs, by.table)
		at := where{table, value.kind}
		d := found[at]
		if d == nil {
			code, _ := outcome.Explain(columnShared)
			column := map[string]string{"email": "emails", "phone": "phones", "whatsapp": "whatsapps"}[identityKinds[value.kind]]
			d = &report.Damage{Code: columnShared, Verdict: damageWarns, Column: table.Column(table.columnOf(column)), File: table.Header.File,
				Sheet: table.Header.Sheet, Of: r.read, Meaning: code.Meaning, Cause: code.Cause, Fix: code.Fix}
			found[at] = d
		}
		d.Count += by.rows
		if values[at]++; values[at] <= damagePlaces {
			d.Places = append(d.Places, report.Sample{File: table.Header.File, Sheet: table.Header.Sheet, Line: by.line})
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

func sortedShared(s sharedValues) []sharedValue {
	list := make([]sharedValue, 0, len(s))
	for value := range s {
		list = append(list, value)
	}
	slices.SortFunc(list, func(a, b sharedValue) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.kind, b.kind)) })
	return list
}
