package profile

import (
	"strings"

	"muster/pipeline/bind"
)

// role is what a column is for, as far as damage to it matters.
type role uint8

const (
	roleNone  role = iota // goes nowhere
	roleOther             // goes to a value
	roleDate
	roleZip
	roleID // from here on by which customers are told apart
	roleEmail
	rolePhone
)

// identity says whether customers are told apart by the column.
func (r role) identity() bool { return r >= roleID }

// rolesOf are what the table's columns are for.
func rolesOf(t *bind.Table) []role {
	roles := make([]role, t.Width)
	for _, slot := range t.Plan.Slots {
		if slot.Column >= 0 && slot.Column < len(roles) {
			roles[slot.Column] = max(roles[slot.Column], roleOf(slot.Path))
		}
	}
	return roles
}

// roleOf is what a place in a record is for.
func roleOf(path string) role {
	switch {
	case path == "externalId", strings.HasPrefix(path, "socials[]") &&
		(strings.HasSuffix(path, ".username") || strings.HasSuffix(path, ".userid")):
		return roleID
	case path == "emails[]" || path == "emails[].email":
		return roleEmail
	case path == "phones[]" || path == "phones[].phone" || path == "whatsapps[].phone":
		return rolePhone
	case strings.HasSuffix(path, ".zipCode"):
		return roleZip
	case strings.HasSuffix(path, "At"):
		return roleDate
	}
	return roleOther
}
