package customer

// Identity is one unique identity of a customer: a kind (externalId, email, phone, facebook, id …) and its value in the
// form in which Kustomer compares it.
type Identity struct{ Kind, Value string }
