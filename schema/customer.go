package schema

import _ "embed"

//go:embed customer.schema.json
var customerDocument string

// CustomerDocument is the embedded draft-07 schema of the create-customer body, without the org's own attributes. The copy
// belongs to the caller.
func CustomerDocument() []byte { return []byte(customerDocument) }
