package kustomer

// LacksRole is the error of a key without roles, before anything is asked with it.
func LacksRole(purpose string, roles ...string) error {
	return &Error{Verdict: Forbidden, Act: "the key lacks " + InWords(roles...) + ", which it needs to " + purpose}
}
