package mappings

import "errors"

// A Place is where a column goes in a record, as a mapping names it.
type Place struct {
	Path     string // without the types of items: "emails", "locations.cityName", "custom.vipBool"
	Type     string // of its values, as suffixes say it: At, Num, Bool; "" any other
	Many     bool   // several columns, or several values of one cell, go there
	Nameless bool   // custom without the attribute's name
}

// ParsePlace reads a place. The error says what could be meant.
func ParsePlace(text string) (Place, error) {
	t, err := fields.parseTarget(text)
	switch {
	case err != nil && err.fix != "":
		return Place{}, errors.New(err.message + " (" + err.fix + ")")
	case err != nil:
		return Place{}, err
	}
	p := Place{Path: t.path(), Many: (t.field.shape == list || t.field.shape == words) && t.member < 0,
		Nameless: t.field.shape == custom && t.name == ""}
	switch t.value {
	case asDate:
		p.Type = "At"
	case asNumber:
		p.Type = "Num"
	case asBool:
		p.Type = "Bool"
	}
	return p, nil
}
