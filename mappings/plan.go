// Package mappings says what a column is called and what type it has: it reads mapping files, fits
// them to the columns of a file, and turns rows of text into typed records of Kustomer customers.
package mappings

// A Plan is a mapping bound to the columns of one file. Immutable, safe for concurrent use.
type Plan struct {
	Slots []Slot // every place of the record that a value can take
}

// A Slot is one place of the record that one column can fill.
type Slot struct {
	Path   string // schema path, [] for lists: "emails[].email", "custom.avgSatScoreNum", "name", "tags[]"; "emails[]" for an item that is not understood
	Column int    // index of the column it comes from, -1: a constant
}

// A Value is one typed value of a record.
type Value struct {
	Slot   int  // index into Plan.Slots
	Column int  // index of the column it came from, -1: a constant
	Kind   byte // JSON kind by first byte: '"' '0' 't' 'n' '[' '{'
	plain  bool // Text needs no escaping in JSON
	Item   int  // position in its list, counted from 0 without gaps; -1 outside lists
	// Text is plain UTF-8, not escaped, for '"'; the JSON literal for all others. It aliases the cells or the record's
	// buffer, so it is good until either is used again.
	Text []byte
}

// A Problem is why a cell cannot be used. It never holds the cell's value.
type Problem struct {
	Column int    // index of the column, -1 none
	Code   string // one of Codes
	Detail string // what was expected
}

// A Record is what Map makes of a row: its values in the order of the payload, and its problems.
// It is scratch space, owned by one goroutine and used again and again; the zero Record is ready.
type Record struct {
	Values   []Value
	Problems []Problem
	Skipped  bool // the mapping's filter leaves the row out

	buffer []byte // texts that are not as in the cell
	keys   []byte // normalised keys
}

// Map turns one row into rec, forgetting what rec held. cells are the UTF-8 texts of the columns, in
// the order given to Bind; kinds is nil when all are text, else one byte for each cell: its JSON kind
// by first byte, 0 for a cell that the record does not have. Missing cells count as absent. Values
// with problems are left out. It does not allocate on clean rows once rec has warmed up.
func (p *Plan) Map(cells [][]byte, kinds []byte, rec *Record) {}

// AppendJSON appends the payload of a create-customer request. Keys are in a fixed order, so equal
// records give equal bytes.
func (p *Plan) AppendJSON(dst []byte, rec *Record) []byte { return append(dst, "{}"...) }

// Locate finds the column behind a place of the record: "emails.0.email", "custom.vipBool", "name".
// For a place that has no value of its own (a missing member, a whole list) it is the first column
// that fills the item or list. -1: none, or a constant.
func (p *Plan) Locate(rec *Record, path string) (column int) { return -1 }

// A Key is one identity of a customer.
type Key struct {
	Kind  string // externalId email phone whatsapp social
	Value []byte // normalised: emails in lower case, phones in E.164, socials type:username
}

// Keys appends every identity of the record that is unique across an org: externalId first, then in
// the order of the match keys, then the others. None is blank, none stands twice. Values alias rec:
// good until rec or its cells are used again.
func (p *Plan) Keys(rec *Record, dst []Key) []Key { return dst }

// MatchKeys is the mapping's order of the identities by which customers can be looked up: a subset of
// externalId, email, phone. The slice belongs to the plan.
func (p *Plan) MatchKeys() []string { return nil }

// AppendKey appends the value of the first match key that the record has, normalised; nothing when it
// has none.
func (p *Plan) AppendKey(dst []byte, rec *Record) []byte { return dst }
