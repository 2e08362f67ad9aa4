package object

import "strings"

// A Kind is one kind of record.
type Kind struct {
	Name   string // as mappings name it: "company", "kobject.order"
	Many   string // in words, several of them: "companies"
	Rank   int    // its place in the order of delivery
	Path   string // where single records are made and listed: "/v1/companies"
	Bulk   string // where lists of them are sent: "/v1/companies/bulk"
	Klass  string // whose attributes its custom object holds, as metadata names it; "" it has none
	Fields []Field

	// By says how a record is found by its external id.
	By Lookup
	// References are what a record may name others by; those of one field are alternatives.
	References []Reference
	Roles      Roles
	// ClientRef: results of bulk requests carry the reference that an item was sent with.
	ClientRef bool
	// PerMinute is how many records of one customer may be made in a minute by one key; 0 no limit is known.
	PerMinute int
	// Exempt: records that say when they were imported do not count for PerMinute.
	Exempt bool
	// Delete is how one is taken back.
	Delete Deletion
	// Listed is the member of a search's query that narrows to external ids, "" none.
	Searched string
}

// Roles are what a key needs, each with the older one that grants the same.
type Roles struct{ Create, Read, Update, Delete string }

// Lookup is how a record is found by its external id.
type Lookup uint8

// The ways of finding a record.
const (
	NoLookup  Lookup = iota // by a search alone
	BySegment               // PATH/externalId=VALUE
	ByQuery                 // PATH?externalId=VALUE, which lists
)

// Deletion is how a record is taken back.
type Deletion uint8

// The ways of taking a record back.
const (
	Never    Deletion = iota // there is no way
	ByDelete                 // DELETE PATH/ID
	ByUpdate                 // an update that says deleted: true
)

// Type is what a field holds.
type Type uint8

// The types.
const (
	Text    Type = iota // any text
	Line                // text of one line
	ID                  // text by which something is found
	Number              //
	Whole               // a number without a fraction
	Bool                //
	Moment              // a date and time
	URL                 // an address with its scheme
	OneOf               // one of Choices
	Words               // a list of texts
	List                // a list of objects, as customers have them: see mappings
	Members             // one object with members, which are texts
	Free                // one object of any members
	Custom              // the org's own attributes
)

// When says in which requests a field may stand.
type When uint8

// The requests.
const (
	Always  When = iota // in creates and updates
	OnMade              // in creates alone
	OnLater             // in updates alone
)

// A Field is one member of a record.
type Field struct {
	Name    string
	Type    Type
	When    When
	Must    bool     // a create must have it
	Null    bool     // null clears it
	Min     int      // fewest UTF-16 units of a text
	Max     int      // most UTF-16 units of a text; 0 no limit is known
	Items   int      // most items of a list
	Low     float64  // of a number, where Low < High
	High    float64  //
	Choices []string // of OneOf
	Of      []string // members, of Members
	Admin   bool     // without the role org.admin the org sets it itself, silently
	Meaning string
}

// A Reference is one way in which a record names another.
type Reference struct {
	Name  string // as mappings write it: "customer.externalId"
	Field string // the member that holds the id in the end: "customer"
	Kind  string // of the record that is named: "customer", "company", "conversation", "user", "team"
	By    string // the identity: "externalId", "email", "phone", "name"
	Max   int    // most UTF-16 units
	Many  bool   // Field is a list of ids
}

// Key is the name of a reference among the members of a record that is not resolved yet.
func (r Reference) Key() string {
	head, tail, _ := strings.Cut(r.Name, ".")
	return head + strings.ToUpper(tail[:1]) + tail[1:]
}

// Field finds a field by its name, nil none.
func (k *Kind) Field(name string) *Field {
	for i := range k.Fields {
		if k.Fields[i].Name == name {
			return &k.Fields[i]
		}
	}
	return nil
}

// Ends says whether a member of a conversation says that it has ended.
func (k *Kind) Ends(name, text string) bool {
	f := k.Field(name)
	return f != nil && (f.When == OnLater || k.Name == "conversation" && name == "status" && text == "done")
}

// Needs are the members of which every record has one way to say each: those that a create must have.
func (k *Kind) Needs() (names []string) {
	for _, f := range k.Fields {
		if f.Must {
			names = append(names, f.Name)
		}
	}
	return names
}

// Events are all kinds of records as the org's events name them, customers among them.
func Events() []string {
	return []string{"company", "customer", "kobject", "conversation", "message", "note"}
}

// KObject begins the name of a kind whose Klass follows it.
const KObject = "kobject."

// Called finds a kind by its name; nil where there is none of it.
func Called(name string) *Kind {
	if klass, is := strings.CutPrefix(name, KObject); is {
		if !IsKlass(klass) {
			return nil
		}
		return kobject(klass)
	}
	for _, k := range []func() *Kind{company, conversation, message, note} {
		if one := k(); one.Name == name {
			return one
		}
	}
	return nil
}

// Attachments is the field of messages and notes that holds files: a row names where they are.
const Attachments = "attachments"

// Names are the kinds as a mapping may name them, in the order of delivery.
func Names() []string {
	return []string{"company", KObject + "<klass>", "conversation", "message", "note"}
}

// RankOf is the place of a kind in the order of delivery, customers included.
func RankOf(name string) int {
	if k := Called(name); k != nil {
		return k.Rank
	}
	return customerRank
}

// customerRank is behind companies, which customers may be linked to.
const customerRank = 2

// IsKlass says whether a text can be the name of a Klass
// (https://developer.kustomer.com/kustomer-apps-platform/docs/klasses).
func IsKlass(name string) bool {
	return name != "" && len(name) <= 255 && strings.IndexFunc(name, func(r rune) bool {
		return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_' || r == '-')
	}) < 0
}
