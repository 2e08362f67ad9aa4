package mappings

import "slices"

// Fills are the system names of the org's attributes that the mapping fills by name, sorted: those of its columns and
// of its constants. A column whose attribute is named by its own text (custom, custom with as) is not among them.
func (m *Mapping) Fills() []string {
	var names []string
	note := func(t target) {
		if t.field != nil && t.field.shape == custom && t.name != "" {
			names = append(names, t.name)
		}
	}
	for i := range m.entries {
		if e := &m.entries[i]; !e.ignore {
			note(e.target)
		}
	}
	for i := range m.constants {
		note(m.constants[i].target)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Fills gives the org's attributes that the plan fills by system name, each with the column it comes from; -1: a
// constant.
func (p *Plan) Fills() map[string]int {
	columns := map[string]int{}
	for i, at := range p.places {
		if at.field.shape == custom {
			columns[at.name] = p.Slots[i].Column
		}
	}
	return columns
}
