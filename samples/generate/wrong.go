package main

import (
	"bytes"
	"slices"
)

// wrong is one way to be wrong.
type wrong struct {
	// whose cell csv and json append in place of the person's own; "": the whole row, they append what follows the last
	// cell
	column string
	csv    func(dst []byte, p *person) []byte
	json   func(dst []byte, p *person) []byte // nil, as csv: the format cannot be wrong in this way
	fewer  int                                // cells that the row has too few

	at int // index of the column in the file, -1 for the whole row
}

// wrongs lists the ways to be wrong. Each makes its row, and no other, unfit without any knowledge of an org.
func wrongs() []wrong {
	always := func(text string) func(dst []byte, p *person) []byte {
		return func(dst []byte, _ *person) []byte { return append(dst, text...) }
	}
	cell := func(column, text string) wrong {
		return wrong{column: column, csv: always(text), json: always(`"` + text + `"`)}
	}
	return []wrong{
		cell("E-mail", "nobody at example.com"),
		cell("E-mail", "info@"),
		cell("Phone", "see card"),
		cell("Mobile", "12"),
		cell("Country", "Atlantis"),
		cell("Birthday", "1987-02-30"),
		cell("Signed up", "last spring"),
		cell("Tags", "#sale"),
		cell("Avg Sat Score", "four"),
		cell("VIP", "maybe"),
		cell("Orders", "12 or 13"),
		cell("Last Order", "11/23/2024"),
		cell("Profile", "crm example com"),
		cell("Notes", string(bytes.Repeat([]byte("and then "), 120))),
		{column: "Customer ID", csv: always("4.41E+11"), json: always("4.41E+11")},
		{column: "Name", csv: appendLongName, json: func(dst []byte, p *person) []byte {
			return append(appendLongName(append(dst, '"'), p), '"')
		}}, {column: "Name", csv: func(dst []byte, p *person) []byte {
			return append(appendName(append(dst, '"'), p),
				`" Junior`...)
		}},
		{csv: always(",and one cell more")},
		{csv: always(""), fewer: 3},
		{json: always(`,"E-mail`)},
		{json: always(`,"Name":"again"`)},
	}
}

// fitting returns the ways to be wrong that a file of these columns can have.
func fitting(columns []column, format string) []wrong {
	var list []wrong
	for _, w := range wrongs() {
		w.at = slices.IndexFunc(columns, func(c column) bool { return c.name == w.column })
		impossible := format == "csv" && w.csv == nil || format == "ndjson" && w.json == nil
		if !impossible && (w.at >= 0 || w.column == "") && w.fewer < len(columns) {
			list = append(list, w)
		}
	}
	return list
}

func appendLongName(dst []byte, p *person) []byte {
	for range 60 {
		dst = append(appendName(dst, p), ' ')
	}
	return appendName(dst, p)
}
