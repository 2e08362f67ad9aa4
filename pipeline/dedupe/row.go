package dedupe

// Row is what must be known of a row to compare it with others: hashes alone.
type Row struct {
	Ordinal, Line int64
	Table         int // its number among all tables of the run
	Identities    []Identity
	Name          Name
	Values        []Value
	Folds         bool  // the mapping joins rows of one customer that stand together
	Warns         uint8 // a bit for each rule that only warns of values that do not differ
	Faulty        bool  // something is said of it already
}

// Identity is one identity of a row.
type Identity struct {
	Hash
	Network uint32 // of a social account: accounts of different networks contradict each other in nothing
	Column  int    // where it stands
}

// Value is one value of a row.
type Value struct {
	Path   uint16 // the place in the record that it goes to, as a hash
	Hash   uint64 // of 48 bits
	Column int    // where it stands
	Listed bool
	Signs  bool // it is the value behind it once more, sign by sign: other signs are another spelling of the same
}

// Relation is how a row stands to those before it.
type Relation uint8

// The relations.
const (
	Kept      Relation = iota // it is the first of its customer
	Duplicate                 // it is the customer of an earlier row, and nothing of it is sent
	Folded                    // it is part of the record of an earlier row
	Apart                     // it would be folded, had it followed the row that it belongs to, and it adds something
	Conflict                  // it shares an identity with an earlier row and contradicts it
	Repeated                  // it has what an earlier row has, where a rule of the mapping asks for another
)

// Against is what two rows contradict each other in.
type Against uint8

// What rows can contradict each other in; further ones are AgainstIdentity + Kind.
const (
	AgainstNothing   Against = iota
	AgainstName              // one has another name
	AgainstEachOther         // it shares identities with two customers
	AgainstIdentity
)

// Verdict is what is known of a row in the end.
type Verdict struct {
	Ordinal  int64
	Relation Relation
	First    At      // the row that stays
	Kind     Kind    // the identity they share
	Holder   At      // the first row that has it
	Column   int     // where the identity stands in this row, -1 nowhere
	Against  Against // of a Conflict
	Other    Kind    // of a Conflict AgainstEachOther: the identity shared with the other customer
	Rival    At      // and the first row that has it
	Differs  []int   // columns in which it says something else than the row that stays
	Adds     []int   // columns of which that row says nothing
	Spelled  []int   // columns in which it says the same in another spelling
	Repeats  []Repeat
}

// Repeat is what a row has in common with an earlier one where a rule of the mapping asks for values that differ.
type Repeat struct {
	Rule   int // its number among these rules
	Holder At  // the first row that has it, of those that stay
}

// At is where a row stands.
type At struct {
	Ordinal, Line int64
	Table         int
}

// Lost says whether a duplicate says what nobody will be told.
func (v *Verdict) Lost() bool { return len(v.Differs)+len(v.Adds) > 0 }
