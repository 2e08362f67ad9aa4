package kustomer

import "time"

// Token is what the org says of the API key in use.
type Token struct {
	OrgID, OrgName, UserID string // "" when unsaid
	Roles                  []string
	ExpiresAt              time.Time // zero: never, or unsaid
}

// Has reports whether the key holds a role (org.permission.customer.create …) by its own name, a wider one or a legacy one.
func (t Token) Has(role string) bool { return false }
