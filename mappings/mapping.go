package mappings

import (
	_ "embed"
	"regexp"
)

// A Mapping says what the columns of a file are. It is immutable once parsed: any number of
// goroutines may bind it.
type Mapping struct {
	Name     string   // what Parse was given, for messages; "standard" for the built-in one
	Kind     string   // kind of record: Customers, Conversations, or another that object.Called knows
	Unmapped string   // what becomes of columns no rule knows: "error", "ignore" or "custom"
	Missing  string   // what becomes of entries whose column the file lacks: "error" or "ignore"
	Keys     []string // match keys in order, a subset of id, externalId, email, phone
	Region   string   // default region of phones that are not in international form, "" none

	// what becomes of columns with the same name: "error" where they go to one place, or "first": only the first is read
	Doubles    string
	Attributes string // what becomes of columns whose attribute the org lacks: "error" or "ignore"
	Fold       bool   // rows that follow each other and are one customer are one record
	// what becomes of a row whose cell cannot be used: "refuse", or "drop" where the column can do without
	BadCells string
	Nulls    string // what a JSON null is: "clear" clears what Kustomer has, "ignore" is a blank cell
	// cells are as muster writes them: with an apostrophe before each that a spreadsheet would run as a formula, which
	// the caller takes off
	Defused bool
	Match   *Match // how a file of this kind is recognised, nil: not at all

	fields    fieldSet // what records of the kind have
	manners   manners
	write     string            // what an update does to fields of which nothing else is said, "" as usual
	writes    map[string]string // the same by field
	entries   []entry
	constants []constant
	filters   []filter
	skips     []skip

	derivations []derivation
	joins       []Join
	examples    []example
	constraints []constraint // the mapping's own rules
}

// StripsApostrophes says whether apostrophes before numbers are taken off.
func (m *Mapping) StripsApostrophes() bool { return m.manners.strip }

// An entry is one rule for one column; a column that goes to two places has two.
type entry struct {
	column   string
	ignore   bool
	open     string // why the column is left out though nobody said so: it is undecided; "" it is not
	bad      string // "refuse" or "drop": what becomes of a row whose cell cannot be used, "" not said
	target   target
	suffix   *Suffix // to: custom, as: …; nil when the target has its name
	manners  manners
	split    string // separates the values of a cell, "" none
	combine  combine
	glue     string // between joined texts
	write    string // what an update does to the field, "" not said
	optional bool

	pattern  *regexp.Regexp // of a column name with wildcards
	numbered bool           // the target's label is the pattern's number
	as       string         // suffix of attributes that are named by a pattern's text
	pick     string         // member that stands for an object in a JSON array
}

// combine is the rule for several columns that go to one place.
type combine uint8

const (
	combineNot combine = iota
	combineJoin
	combineFirst
)

// A constant is a value that every record gets.
type constant struct {
	target target
	value  Value // Slot and Item are set when it is bound
}

// Kinds of records.
const (
	Customers     = "customer"
	Conversations = "conversation"
)

const (
	onError  = "error"
	onCustom = "custom"
	onFirst  = "first"
	onClear  = "clear"
	onRefuse = "refuse"
	onDrop   = "drop"

	// Ignore is the target of a column that a mapping leaves out by name.
	Ignore = "ignore"

	// Choose stands for a layout or a decimal mark where the values of a column fit two, and nobody has chosen yet.
	Choose = "CHOOSE"
	// Undecided is the target of a column of which nobody has said yet what becomes of it.
	Undecided = "undecided"
)

// matchKeys are the identities by which Kustomer can look customers up.
var matchKeys = []string{"id", "externalId", "email", "phone"}

//go:embed standard.yaml
var standardFile []byte

// Standard is the built-in mapping: Kustomer's own names and the plain English ones that can mean one
// thing only. Columns that it names may all be missing.
func Standard() *Mapping {
	m, err := Parse("standard", standardFile)
	if err != nil {
		panic("standard.yaml: " + err.Error()) // held by a test
	}
	return m
}
