package deliver

// Verb says what an import may do to a customer.
type Verb string

// The verbs of an import.
const (
	Upsert Verb = "upsert" // create, and update who is there already
	Create Verb = "create" // create only: who is there already is rejected
	Update Verb = "update" // update only: who is not there is rejected
)
