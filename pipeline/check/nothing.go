package check

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"muster/pipeline/block"
	"muster/pipeline/outcome"
)

// rowNothing is the code of a row that names nobody.
const rowNothing = "row.nothing"

// How many values make a customer of a row in which nothing tells who it is, and how many places its table must have
// before one value alone is no customer though no row of it has an identity.
const (
	fewValues  = 2
	manyPlaces = 3
	sentence   = 2
)

// nobody says whether the record is none of a customer: totals, footnotes, sub-headings and wrappers of records hold a
// value or two, and nothing that tells one customer from another. A table that has no column for identities is a list
// of people as it stands, unless it has other columns, and a row fills one of them alone. It is asked of records with
// one identity at most.
func (c *Checker) nobody(w *block.Block) bool {
	switch {
	case w.Table.Kind != nil || w.Table.IsConversation():
		return false
	case len(c.keys) == 1:
		id := c.keys[0].Value
		return c.keys[0].Kind == "externalId" && (totals(id) || bytes.Count(id, []byte(" ")) >= sentence && c.filled() == 1 &&
			len(w.Table.Plan.Slots) > 1)
	}
	for i := range c.record.Values {
		if c.record.Values[i].Column >= 0 && c.record.Values[i].Kind != 'n' && totals(c.record.Values[i].Text) {
			return true
		}
	}
	if plan := w.Table.Plan; !plan.Tells() {
		return c.filled() <= 1 && len(plan.Slots) >= manyPlaces
	}
	return c.filled() <= fewValues
}

// filled is how many values of the row the record has.
func (c *Checker) filled() (filled int) {
	for i := range c.record.Values {
		if c.record.Values[i].Column >= 0 && c.record.Values[i].Kind != 'n' {
			filled++
		}
	}
	return filled
}

// holdNobody makes a problem of a record that is none, of whatever kind it would be, or none of a customer; start is
// where its problems begin.
func (c *Checker) holdNobody(w *block.Block, start int) {
	switch {
	case len(c.keys) > 1 || outcome.Refused(w.Problems[start:]):
	case len(c.keys) == 0 && c.filled() == 0:
		w.Problems = append(w.Problems, outcome.Problem{Code: rowNothing, Column: -1,
			Detail: "none of the columns that it fills is imported"})
	case c.nobody(w):
		w.Problems = append(w.Problems, outcome.Problem{Code: rowNothing, Column: -1})
	}
}

// totals says whether a text is what programs write before sums, and nothing else. An identity has a digit nearly
// always, which ends the question.
func totals(text []byte) bool {
	const longest = 24
	if len(text) < 3 || len(text) > longest {
		return false
	}
	for _, c := range text {
		if '0' <= c && c <= '9' || c == '@' {
			return false
		}
	}
	word := strings.TrimFunc(string(text), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc([]string{"total", "totals", "grand total", "subtotal", "sub-total", "sub total", "sum",
		"summe",
		"gesamt", "gesamtsumme", "zwischensumme", "total général", "total general", "sous-total", "suma", "suma total",
		"totale",
		"totaal", "subtotaal", "totalt", "razem", "toplam", "итого", "合計", "总计", "總計", "합계"},
		func(known string) bool { return strings.EqualFold(word, known) })
}
