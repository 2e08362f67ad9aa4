package plan

import (
	"encoding/json"
	"slices"
	"strings"

	"muster/pipeline/customer"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/report"
)

// newCompany is the field of a company that would be made for a customer, nil none.
func newCompany(name string, c *kustomer.Customer) []report.PlanField {
	if name == "" {
		return nil
	}
	f := report.PlanField{Field: "company"}
	if c != nil && c.Company != "" {
		f.Before, _ = json.Marshal(c.Company) // a text always marshals
	}
	f.After, _ = json.Marshal(name)
	return []report.PlanField{f}
}

// changesOf lists the fields that an update changes, before and after.
func changesOf(update []byte, c *kustomer.Customer) []report.PlanField {
	var sent deliver.Object
	if json.Unmarshal(update, &sent) != nil {
		return nil
	}
	var list []report.PlanField
	add := func(field string, before, after json.RawMessage) {
		if !customer.SameValue(field, after, before) || len(before) > 0 && customer.IsNothing(after) {
			f := report.PlanField{Field: field, Before: before, After: after}
			if e, is := customer.EffectOf(field, before, after); is {
				f.Entries = &report.PlanEntries{Added: e.Added, Changed: e.Changed, Kept: e.Kept, Removed: e.Removed}
			}
			list = append(list, f)
		}
	}
	for field, after := range sent {
		if customer.IsMoved(field) {
			continue
		}
		before := c.Attributes[field]
		if field == "company" {
			before, _ = json.Marshal(c.Company)
		}
		var own, theirs deliver.Object
		if field != "custom" || json.Unmarshal(after, &own) != nil {
			add(field, customer.WritableValue(field, before), after)
			continue
		}
		_ = json.Unmarshal(c.Attributes["custom"], &theirs) // none: it has nothing
		for name, value := range own {
			add("custom."+name, theirs[name], value)
		}
	}
	slices.SortFunc(list, func(a, b report.PlanField) int { return strings.Compare(a.Field, b.Field) })
	return list
}
