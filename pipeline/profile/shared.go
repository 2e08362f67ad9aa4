package profile

import (
	"fmt"
	"strconv"

	"muster/pipeline/bind"
	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

const columnShared = "column.shared"

// Shared is what the values that many rows have in common say of the columns that they stand in.
// rows is how many were read.
func Shared(common []dedupe.Common, inputs []*bind.Input, rows int64,
	accepts func(code string) bool) (list []report.Damage) {
	code, _ := outcome.Explain(columnShared)
	for i := range common {
		c := &common[i]
		table, _ := bind.TableAt(inputs, c.Table)
		attribute, shared := listsOf(c.Kind)
		column := table.Column(table.ColumnOf(attribute))
		d := report.Damage{Code: columnShared, Verdict: damageWarns, Column: column, File: table.Header.File,
			Sheet: table.Header.Sheet,
			Count: c.Rows, Of: rows, Meaning: code.Meaning, Cause: code.Cause, Fix: "clear the cells that hold the placeholder",
			Detail: fmt.Sprintf("values that %d rows or more share: %d, each named by its first row", dedupe.CommonRows,
				c.Values)}
		if c.Kind == dedupe.ExternalID { // rows that share it are one customer, though they name several
			d.Verdict = Stops
			if accepts(columnShared) {
				d.Verdict = damageAccepted
			}
		}
		if shared != "" {
			d.Fix += "; where customers do share it, write in the mapping, under columns:  " + strconv.Quote(column) + ": " +
				shared
		}
		for _, line := range c.Lines {
			d.Places = append(d.Places, report.Sample{File: table.Header.File, Sheet: table.Header.Sheet, Line: line})
		}
		list = append(list, d)
	}
	return list
}

// listsOf is where identities of a kind stand in a record, and the list for those that customers share; "" none.
func listsOf(k dedupe.Kind) (own, shared string) {
	switch k {
	case dedupe.Email:
		return "emails", "sharedEmails"
	case dedupe.Phone:
		return "phones", "sharedPhones"
	case dedupe.WhatsApp:
		return "whatsapps", ""
	}
	return k.String(), ""
}
