package check

import (
	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
)

// belongs makes a problem of a record that names none of what it must belong to: neither by an id of Kustomer's nor by
// a reference.
func (c *Checker) belongs(w *block.Block) {
	kind := w.Table.Kind
	if kind == nil {
		return
	}
	for i := range kind.Fields {
		if f := &kind.Fields[i]; f.Must && !c.names(w.Table, kind, f.Name) {
			w.Problems = append(w.Problems, outcome.Problem{Code: "schema.required", Column: -1, Detail: "its " + f.Name + ": " +
				waysTo(kind, f.Name)})
		}
	}
}

// names says whether a record names a field's record, or has the field where it names none: that one is the schema's to
// ask for.
func (c *Checker) names(t *bind.Table, kind *object.Kind, field string) bool {
	some := false
	for _, r := range kind.References {
		if r.Field != field {
			continue
		}
		if some = true; c.fills(t, r.Key()) {
			return true
		}
	}
	return !some || c.fills(t, field)
}

// fills says whether the record has a value at a place.
func (c *Checker) fills(t *bind.Table, path string) bool {
	for i := range c.record.Values {
		if v := &c.record.Values[i]; v.Kind != 'n' && t.Plan.Slots[v.Slot].Path == path {
			return true
		}
	}
	return false
}

// waysTo are the targets by which a record names a field's record.
func waysTo(kind *object.Kind, field string) string {
	words := "map a column to "
	for _, r := range kind.References {
		if r.Field == field {
			words += r.Name + ", "
		}
	}
	return words + "or " + field
}

// within is an identity's value as it is told from others where those of the realm have to be told apart.
func (c *Checker) within(realm string, value []byte) []byte {
	if realm == "" {
		return value
	}
	c.scratch = append(append(append(c.scratch[:0], realm...), 0), value...)
	return c.scratch
}
