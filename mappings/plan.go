package mappings

import "github.com/expr-lang/expr/vm"

// A Plan is a mapping bound to the columns of one file. Immutable, safe for concurrent use.
type Plan struct {
	Slots []Slot // every place of the record that a value can take
	Uses  []Use  // what became of every column given to Bind, in their order

	OpenMarks []int // columns whose decimal mark nobody has chosen: it is taken for a point

	sieves []sieve
	open   []openDate
	writes map[string]string
	empty  []emptied    // lists that a blank cell empties; nil: none
	extras *extras      // nil: nothing is worked out
	rules  *constraints // nil: the mapping has none of its own
	places []place      // what the payload and the keys need to know of each slot
	says   []identity   // by slot: who the value there tells of; up to the last field that tells of anybody
	steps  []step       // what Map does, in the order of the payload
	fields fieldSet     // of the records' kind
	keys   []string     // match keys
	rank   [len(identityNames)]uint8
	// by column, the file's own and those worked out: a cell that cannot be used is left out of the record; nil: none is
	drops []bool
}

// A Slot is one place of the record that one column can fill. Two slots can have one path.
type Slot struct {
	// schema path, [] for lists: "emails[].email", "custom.avgSatScoreNum", "name", "tags[]"; "emails[]" for a JSON object
	// with members that emails do not have
	Path   string
	Column int    // index of the column it comes from, -1: a constant
	Fixed  *Value // the constant: kind and text of each value of the slot; nil for columns
}

// Why a column is left out: no rule says anything of it, or the mapping has not decided on it.
const (
	NotKnown = "nothing takes it"
	NotYet   = "the mapping leaves it undecided"
)

// A place is where a slot stands in the payload.
type place struct {
	field  *field
	open   string // what begins the field: "emails":[
	key    string // what stands before the value inside it: "email":
	column int    // that fills it, before derived columns are traced to those of the file
	member int    // index into the field's members, -1: the item or value itself
	name   string // last part of the path: "email", "avgSatScoreNum"
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

	Dropped bool // the record goes without the cell
	Warning bool // it is listed, and the record is sent all the same
}

// A Record is what Map makes of a row: its values in the order of the payload, and its problems.
// It is scratch space, owned by one goroutine and used again and again; the zero Record is ready.
type Record struct {
	Values   []Value
	Problems []Problem
	Skipped  bool // the mapping's filter leaves the row out

	row      [][]byte // the cells under way
	rowKinds []byte

	cells   [][]byte // of a row with what is worked out of it
	kinds   []byte
	env     map[string]any
	machine vm.VM

	buffer  []byte  // texts that are not as in the cell
	keys    []byte  // normalised keys
	spare   []Value // an item while it is compared
	items   int     // items of the list under way
	opening int     // index of the first value of the list under way
}

// Map turns one row into rec, forgetting what rec held. cells are the UTF-8 texts of the columns, in
// the order given to Bind; kinds is nil when all are text, else one byte for each cell: its JSON kind
// by first byte, 0 for a cell that the record does not have. Missing cells count as absent. Values
// with problems are left out. It does not allocate on clean rows once rec has warmed up, unless the
// phone library must be asked.
func (p *Plan) Map(cells [][]byte, kinds []byte, rec *Record) {
	rec.Values, rec.Problems, rec.Skipped = rec.Values[:0], rec.Problems[:0], false
	rec.buffer, rec.keys, rec.items, rec.opening = rec.buffer[:0], rec.keys[:0], 0, 0
	if p.sieves != nil && p.skips(cells, kinds) {
		rec.Skipped = true
		return
	}
	if p.extras != nil {
		if p.extras.skip(rec, cells, kinds) {
			return
		}
		cells, kinds = p.extras.work(rec, cells, kinds)
	}
	p.follow(cells, kinds, rec)
	p.dropCells(rec)
	if p.extras != nil {
		p.extras.trace(rec)
	}
	if p.rules != nil {
		p.hold(rec)
	}
}

// follow takes every step of the plan.
func (p *Plan) follow(cells [][]byte, kinds []byte, rec *Record) {
	rec.row, rec.rowKinds = cells, kinds
	for i := range p.steps {
		s := &p.steps[i]
		switch {
		case s.item != nil:
			if s.opens {
				rec.items, rec.opening = 0, len(rec.Values)
			}
			s.item.run(p, rec)
		case s.group:
			s.part.feed.hollow(rec)
		case s.part.more != nil:
			s.part.runAll(rec, -1)
		default:
			s.part.feed.run(rec, -1)
		}
	}
}

// Tells says whether a column or a constant can tell one customer from another.
func (p *Plan) Tells() bool { return len(p.says) > 0 }

// MatchKeys is the mapping's order of the identities by which customers can be looked up: a subset of
// externalId, email, phone. The slice belongs to the plan.
func (p *Plan) MatchKeys() []string { return p.keys }

func (r *Record) problem(column int, f *fault) {
	r.Problems = append(r.Problems, Problem{Column: column, Code: f.code, Detail: f.detail, Dropped: f == incomplete})
}
