package block

import (
	"fmt"
	"slices"

	"muster/pipeline/bind"
	"muster/pipeline/dedupe"
	"muster/pipeline/outcome"
)

// ConflictInFile is the code of rows that share an identity with another row and are not the same customer.
const ConflictInFile = "identity.conflict_in_file"

// FoldedInto begins the outcome of a row that was folded; the place of the first row follows.
const FoldedInto = "folded into the record of "

// Judge makes an outcome of what is known of a row that is not the first of its customer.
func (o *Outcome) Judge(v *dedupe.Verdict, inputs []*bind.Input) {
	o.Differs = append(append([]int(nil), v.Differs...), v.Adds...)
	refuse := func(code string, column int, detail string) {
		o.Status, o.Differs = outcome.Invalid, nil
		o.Problems = append([]outcome.Problem{{Code: code, Column: column, Detail: detail}}, o.Problems...)
	}
	shared := "the same " + v.Kind.Words() + " as " + placeOf(v.Holder, inputs)
	o.repeat(v, inputs)
	switch v.Relation {
	case dedupe.Kept:
		return
	case dedupe.Repeated:
		o.Status, o.Differs = outcome.Invalid, nil
		return
	case dedupe.Folded:
		o.Status, o.Detail = outcome.Duplicate, FoldedInto+placeOf(v.First, inputs)
	case dedupe.Apart:
		refuse("identity.apart", -1, "its customer is in "+placeOf(v.First, inputs)+"; it says more of it in "+
			o.Table.ColumnNames(o.Differs))
		return
	case dedupe.Conflict:
		refuse(ConflictInFile, v.Column, shared+", "+against(v, inputs))
		return
	default:
		if v.Holder.Ordinal != v.First.Ordinal {
			shared += ", which is the customer of " + placeOf(v.First, inputs)
		}
		o.Status, o.Detail = outcome.Duplicate, shared
	}
	if len(v.Spelled) > 0 {
		o.Detail += "; it spells " + o.Table.ColumnNames(v.Spelled) + " otherwise"
	}
	if len(v.Differs) > 0 {
		o.Detail += "; it says something else in " + o.Table.ColumnNames(v.Differs)
	}
	if len(v.Adds) > 0 {
		o.Detail += "; it says more in " + o.Table.ColumnNames(v.Adds)
	}
	if len(o.Differs) > 0 {
		o.Detail += ": not imported"
	}
}

// Repeats are the problems of a row that has what an earlier one has where rules of the mapping ask for values that
// differ.
func Repeats(v *dedupe.Verdict, t *bind.Table, inputs []*bind.Input) (problems []outcome.Problem) {
	for _, one := range v.Repeats {
		p, columns := t.Plan.UniqueRule(one.Rule)
		said := "the same " + t.ColumnNames(columns) + " as " + placeOf(one.Holder, inputs)
		if p.Detail != "" {
			said = p.Detail + "; " + said
		}
		problems = append(problems, outcome.Problem{Code: p.Code, Column: t.OwnColumn(p.Column), Detail: said,
			Warning: p.Warning})
	}
	return problems
}

// repeat adds these problems: those that refuse the row go before what is only said of it.
func (o *Outcome) repeat(v *dedupe.Verdict, inputs []*bind.Input) {
	if len(v.Repeats) == 0 {
		return
	}
	o.Problems = outcome.Ordered(append(slices.Clone(o.Problems), Repeats(v, o.Table, inputs)...))
}

// placeOf is where a row stands, in words.
func placeOf(at dedupe.At, inputs []*bind.Input) string {
	_, place := bind.TableAt(inputs, at.Table)
	return fmt.Sprintf("line %d of %s", at.Line, place)
}

// against says in what rows that share an identity contradict each other.
func against(v *dedupe.Verdict, inputs []*bind.Input) string {
	switch v.Against {
	case dedupe.AgainstName:
		return "under another name"
	case dedupe.AgainstEachOther:
		return "and the same " + v.Other.Words() + " as " + placeOf(v.Rival, inputs) + ", which is another customer"
	}
	return "under another " + dedupe.Kind(v.Against-dedupe.AgainstIdentity).Words()
}
